/* SPDX-License-Identifier: Apache-2.0
 * The gate's rulings and receipts (proto/hutong/v1/gate.proto). */
#include "services/ingest/gate_core.h"

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/pb/event.h"
#include "common/pb/wire.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

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

struct edge_refusal gate_refusal(enum rule rule, const char *path)
{
    const struct rule_text *text = rule_find((uint32_t)rule);
    PRE(text != NULL);
    return (struct edge_refusal){.code = text->code,
                                 .rule = text->number,
                                 .path = path,
                                 .zh = text->zh,
                                 .en = text->en,
                                 .retry_helps = text->retry_helps};
}

struct receipt gate_receipt_accepted(const struct gate_view *view, const struct id_entry *entry)
{
    return (struct receipt){.kind = RECEIPT_ACCEPTED,
                            .message_id = view->head.message_id,
                            .position = entry->position,
                            .accepted_at = entry->accepted_at,
                            .envelope_sha256 = span_of(view->sha256, DIGEST_SIZE)};
}

struct receipt gate_receipt_refused(enum rule rule, const char *path, struct span message_id)
{
    return (struct receipt){
        .kind = RECEIPT_REFUSED, .message_id = message_id, .has_refusal = true, .refusal = gate_refusal(rule, path)};
}

struct receipt gate_receipt(const struct gate_view *view, const struct gate_placing *placing, uint32_t retry_after_ms)
{
    enum rule rule = gate_placing_rule(placing->outcome);
    struct receipt receipt = gate_receipt_accepted(view, &placing->entry);
    if (placing->outcome == PLACED_OTHER) {
        receipt.kind = RECEIPT_CONFLICT;
        receipt.has_refusal = true;
        receipt.refusal = gate_refusal(rule, "message_id");
        receipt.accepted_sha256_prefix = span_of(placing->entry.hash, ID_HASH_SIZE);
    } else if (rule != RULE_NONE) {
        receipt = gate_receipt_refused(rule, "", view->head.message_id);
        receipt.kind = RECEIPT_BUSY;
        receipt.retry_after_ms = retry_after_ms;
    }
    return receipt;
}

uint32_t gate_tick_wait(const struct gate_ticks *ticks, instant_ms_t last, instant_ms_t now)
{
    instant_ms_t day = civil_date_start(civil_date_of_instant(now)),
                 rush_ends = day + (instant_ms_t)ticks->rush_minutes * 60000;
    bool rush = ticks->rush_interval_ms > 0 && now < rush_ends;
    instant_ms_t due = last + (rush ? ticks->rush_interval_ms : ticks->interval_ms), tomorrow = day + DAY_MS;
    if (ticks->rush_interval_ms > 0 && ticks->rush_minutes > 0 && due > tomorrow)
        due = tomorrow;
    return now < last || due <= now ? 0 : (uint32_t)(due - now); /* a clock set back ticks at once */
}

void gate_tick_make(instant_ms_t now, position_t position, struct digest *digest, struct buffer *envelope,
                    struct gate_view *view)
{
    char text[37];
    memset(view, 0, sizeof *view);
    bytes_put_be(view->id, (uint64_t)now, 6);
    view->id[6] = 0x70;
    bytes_put_be(view->id + 8, position, 8);
    view->id[8] = 0x80;
    message_id_describe(view->id, text);
    struct event event = {.version = 1,
                          .sender = "exchange",
                          .message_id = text,
                          .sent_at = now,
                          .person_id = "",
                          .traceparent = "",
                          .kind = EVENT_TICK,
                          .body.tick.number = position};
    envelope_encode(&event, envelope);
    INVARIANT(envelope_head_read(buffer_span(envelope), &view->head) == OK);
    digest_once(digest, buffer_span(envelope), view->sha256);
}
