/* SPDX-License-Identifier: Apache-2.0
 * The gate's rulings and receipts (proto/hutong/v1/gate.proto). */
#include "services/ingest/gate_core.h"

#include "common/base/check.h"
#include "common/pb/wire.h"

enum { RECEIPT_ACCEPTED = 1, RECEIPT_REFUSED = 2, RECEIPT_CONFLICT = 3, RECEIPT_BUSY = 4 };

/* A kind that this build does not know may come from any party: it becomes a dead letter. */
static bool body_is_for_role(uint32_t body, enum party_role role, bool replaying)
{
    const bool PARTY = true, OPERATOR = role == PARTY_OPERATOR || role == PARTY_LOCAL, EXCHANGE = replaying;
    switch (body) {
#define EVENT(kind, whom, who, judge, settles, books)                                                                  \
    case EVENT_##kind:                                                                                                 \
        return who;
#include "common/codes/event.def"
#undef EVENT
    default:
        return true;
    }
}

/* On this machine's own endpoint the peer is the operator. */
static bool speaks_for_itself(const struct peer *peer, struct span sender)
{
    const char *party = peer->role == PARTY_LOCAL ? "operator" : peer->party;
    return span_equal(sender, span_text(party));
}

enum rule gate_examine(const struct peer *peer, bool replaying, struct span envelope, struct digest *digest,
                       struct gate_view *view, struct buffer *path)
{
    memset(view, 0, sizeof *view);
    if (envelope.size > ENVELOPE_SIZE_MAX)
        return RULE_ENVELOPE_TOO_LARGE;
    if (wire_check(WIRE_ENVELOPE, envelope, path) != OK || envelope_head_read(envelope, &view->head) != OK)
        return RULE_ENVELOPE_MALFORMED;
    if (view->head.version != 1)
        return RULE_ENVELOPE_VERSION;
    if (view->head.sender.size == 0 || view->head.sender.size > PARTY_SIZE_MAX)
        return RULE_SENDER_NOT_KEY;
    if (!replaying && !speaks_for_itself(peer, view->head.sender))
        return RULE_SENDER_NOT_KEY;
    if (message_id_parse(view->head.message_id, view->id) != OK)
        return RULE_MESSAGE_ID_MALFORMED;
    if (view->head.body_number == 0)
        return RULE_BODY_MISSING;
    if (!body_is_for_role(view->head.body_number, peer->role, replaying))
        return RULE_ROLE_MAY_NOT;
    digest_once(digest, envelope, view->sha256);
    return RULE_NONE;
}

struct gate_placing gate_place(const struct gate_facts *facts)
{
    const struct id_entry *found = facts->found;
    struct gate_placing placing = {0};
    if (found != NULL) {
        bool same = memcmp(found->hash, facts->sha256, ID_HASH_SIZE) == 0;
        placing.outcome = same ? PLACED_BEFORE : PLACED_OTHER;
        placing.entry = *found;
    } else if (!facts->id_room || !facts->log_room) {
        placing.outcome = facts->id_room ? PLACING_BUSY : PLACING_FULL;
        return placing;
    } else {
        placing.outcome = PLACED;
        placing.entry.position = facts->end;
        placing.entry.accepted_at = facts->stamp > facts->last_stamp ? facts->stamp : facts->last_stamp;
        memcpy(placing.entry.hash, facts->sha256, ID_HASH_SIZE);
    }
    placing.needs = placing.entry.position + 1;
    return placing;
}

enum rule gate_placing_rule(enum gate_outcome outcome)
{
    static const enum rule rules[] = {[PLACED] = RULE_NONE,
                                      [PLACED_BEFORE] = RULE_NONE,
                                      [PLACED_OTHER] = RULE_MESSAGE_ID_CONFLICT,
                                      [PLACING_BUSY] = RULE_BUSY,
                                      [PLACING_FULL] = RULE_STORAGE_FULL};
    return rules[outcome];
}

void gate_refusal(enum rule rule, const char *path, const char *detail, struct buffer *out)
{
    const struct rule_text *text = rule_find((uint32_t)rule);
    PRE(text != NULL);
    wire_put_text(out, 1, text->code);
    wire_put_uint(out, 2, text->number);
    wire_put_text(out, 3, path);
    wire_put_text(out, 4, detail);
    wire_put_text(out, 5, text->zh);
    wire_put_text(out, 6, text->en);
    wire_put_uint(out, 7, text->retry_helps);
}

static void put_refusal(enum rule rule, const char *path, struct buffer *out)
{
    size_t mark = wire_begin(out, 6);
    gate_refusal(rule, path, "", out);
    wire_end(out, mark);
}

/* What stands in the log: the bytes of ACCEPTED, and the beginning of CONFLICT. */
static void put_place(uint32_t kind, const struct gate_view *view, const struct id_entry *entry, struct buffer *out)
{
    wire_put_uint(out, 1, kind);
    wire_put_bytes(out, 2, view->head.message_id);
    wire_put_uint(out, 3, entry->position);
    wire_put_int(out, 4, entry->accepted_at);
    wire_put_bytes(out, 5, span_of(view->sha256, DIGEST_SIZE));
}

void gate_receipt_accepted(const struct gate_view *view, const struct id_entry *entry, struct buffer *out)
{
    put_place(RECEIPT_ACCEPTED, view, entry, out);
}

static void put_refused(uint32_t kind, enum rule rule, const char *path, struct span message_id, struct buffer *out)
{
    wire_put_uint(out, 1, kind);
    wire_put_bytes(out, 2, message_id);
    put_refusal(rule, path, out);
}

void gate_receipt_refused(enum rule rule, const char *path, struct span message_id, struct buffer *out)
{
    put_refused(RECEIPT_REFUSED, rule, path, message_id, out);
}

void gate_receipt(const struct gate_view *view, const struct gate_placing *placing, uint32_t retry_after_ms,
                  struct buffer *out)
{
    enum rule rule = gate_placing_rule(placing->outcome);
    if (rule == RULE_NONE) {
        gate_receipt_accepted(view, &placing->entry, out);
    } else if (placing->outcome == PLACED_OTHER) {
        put_place(RECEIPT_CONFLICT, view, &placing->entry, out);
        put_refusal(rule, "message_id", out);
        wire_put_bytes(out, 7, span_of(placing->entry.hash, ID_HASH_SIZE));
    } else {
        put_refused(RECEIPT_BUSY, rule, "", view->head.message_id, out);
        wire_put_uint(out, 8, retry_after_ms);
    }
}

uint32_t gate_tick_timer(const struct gate_ticks *ticks)
{
    bool rush = ticks->rush_interval_ms > 0 && ticks->rush_interval_ms < ticks->interval_ms;
    return rush ? ticks->rush_interval_ms : ticks->interval_ms;
}

bool gate_tick_is_due(const struct gate_ticks *ticks, instant_ms_t last, instant_ms_t now)
{
    instant_ms_t into_day = now - civil_date_start(civil_date_of_instant(now));
    bool rush = into_day < (instant_ms_t)ticks->rush_minutes * 60000 && ticks->rush_interval_ms > 0;
    instant_ms_t interval = rush ? ticks->rush_interval_ms : ticks->interval_ms;
    return now < last || now - last + gate_tick_timer(ticks) / 2 >= interval; /* a clock set back ticks at once */
}
