/* SPDX-License-Identifier: Apache-2.0
 * Requests and their refusals. */
#include "services/ingest/request.h"

#include "services/ingest/gate_core.h"
#include "services/ingest/salts.h"

enum { PIECES_MAX = 4 * SUBMIT_ENVELOPES_MAX /* envelopes, salts, signatures, and a few */ };

/* It stands in front, also of a request that is not canonical: whoever waits for it hears. */
uint64_t request_number(struct span bytes)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field = {0};
    while (!wire_at_end(&reader) && wire_next(&reader, &field) == OK && field.type == WIRE_VARINT && field.number == 1)
        ;
    return field.number == 2 && field.type == WIRE_VARINT ? field.value : 0;
}

/* A Submit of many more pieces than it may have is not looked through: that would cost more than it says. */
static bool is_heap_of_pieces(struct span bytes, struct gate_request *head)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field = {0};
    while (field.number < GATE_REQUEST_SUBMIT && !wire_at_end(&reader))
        if (wire_next(&reader, &field) != OK)
            return false;
        else if (field.number == 1)
            head->version = (uint32_t)field.value;
        else if (field.number == 2)
            head->request = field.value;
    if (field.number != GATE_REQUEST_SUBMIT || field.type != WIRE_BYTES)
        return false;
    reader = wire_read(field.bytes);
    for (unsigned i = 0; i < PIECES_MAX; i++)
        if (wire_at_end(&reader) || wire_next(&reader, &field) != OK)
            return false;
    return true;
}

static enum rule read_head(const struct peer *peer, struct span bytes, struct arena *arena,
                           struct gate_request *request, enum status *status)
{
    gate_request_blank(request);
    if (is_heap_of_pieces(bytes, request)) {
        request->kind = GATE_REQUEST_SUBMIT;
        *status = REJECT_TOO_LARGE;
    } else if (wire_check(WIRE_GATE_REQUEST, bytes, NULL) != OK) {
        request->request = request_number(bytes);
        return RULE_ENVELOPE_MALFORMED;
    } else {
        *status = gate_request_decode(bytes, arena, request);
    }
    if (request->version != GATE_VERSION)
        return RULE_ENVELOPE_VERSION;
    if (peer->revoked)
        return RULE_KEY_REVOKED;
    if (peer->role != PARTY_REGION && peer->role != PARTY_OPERATOR && peer->role != PARTY_LOCAL)
        return RULE_ROLE_MAY_NOT;
    if (request->kind == GATE_REQUEST_NONE)
        return RULE_BODY_MISSING;
    return *status == OK || request->kind == GATE_REQUEST_SUBMIT ? RULE_NONE : RULE_ENVELOPE_MALFORMED;
}

uint32_t request_box(uint32_t asked)
{
    return asked == BOX_BOOKS ? BOX_BOOKS : BOX_OUTCOMES;
}

/* A Submit comes as it could be read: it is refused as another endpoint's. */
enum rule request_read_at_mailbox(const struct peer *peer, const struct mailbox_ready *ready, struct span bytes,
                                  struct arena *arena, struct gate_request *request)
{
    enum status status;
    enum rule rule = read_head(peer, bytes, arena, request, &status);
    bool answers = true;
    if (rule != RULE_NONE)
        return rule;
    if (request->kind == GATE_REQUEST_FETCH)
        answers = ready->boxes[request_box(request->body.fetch.box)];
    else if (request->kind == GATE_REQUEST_CONFIRM)
        answers = ready->boxes[request_box(request->body.confirm.box)];
    else if (request->kind == GATE_REQUEST_QUERY || request->kind == GATE_REQUEST_PING)
        answers = ready->boxes[BOX_OUTCOMES] && ready->submissions;
    return answers ? RULE_NONE : RULE_BUSY;
}

/* What a trace's records had, as far as they had it. */
static bool trusts_are_shaped(const struct submit *submit)
{
    for (uint32_t i = 0; i < submit->salt_count; i++)
        if (submit->salts[i].size != 0 && submit->salts[i].size != SALT_SIZE)
            return false;
    for (uint32_t i = 0; i < submit->signature_count; i++)
        if (submit->signatures[i].size != 0 && wire_check(WIRE_ENVELOPE_SIGNATURE, submit->signatures[i], NULL) != OK)
            return false;
    return true;
}

/* One an envelope, beside the times alone. */
static bool is_whole_list(const struct submit *submit, uint32_t count)
{
    return count == 0 || (submit->accepted_at_count > 0 && count == submit->envelope_count);
}

/* `status`: what became of reading it. A list that found no room is empty. */
static enum rule examine_submit(const struct submit *submit, enum status status, bool replaying)
{
    bool cut = status == REJECT_TOO_LARGE;
    if (submit->envelope_count > SUBMIT_ENVELOPES_MAX || (cut && submit->envelope_count == 0))
        return RULE_ENVELOPE_TOO_LARGE;
    if (status != OK || submit->accepted_at_count > SUBMIT_ENVELOPES_MAX)
        return RULE_ENVELOPE_MALFORMED;
    for (uint32_t i = 0; i < submit->accepted_at_count; i++)
        if (submit->accepted_at[i] < 0 || submit->accepted_at[i] > ID_ACCEPTED_AT_MAX)
            return RULE_ENVELOPE_MALFORMED;
    if (!trusts_are_shaped(submit))
        return RULE_ENVELOPE_MALFORMED;
    if (submit->envelope_count == 0)
        return RULE_BODY_MISSING;
    bool may = submit->accepted_at_count == 0 || (replaying && submit->accepted_at_count == submit->envelope_count);
    may = may && is_whole_list(submit, submit->salt_count) && is_whole_list(submit, submit->signature_count);
    return may ? RULE_NONE : RULE_CLOCK_NOT_TRACE;
}

enum rule request_read_at_gate(const struct peer *peer, bool ready, bool replaying, struct span bytes,
                               struct arena *arena, struct gate_request *request)
{
    enum status status;
    enum rule rule = read_head(peer, bytes, arena, request, &status);
    if (rule != RULE_NONE)
        return rule;
    if (request->kind != GATE_REQUEST_SUBMIT && request->kind != GATE_REQUEST_QUERY &&
        request->kind != GATE_REQUEST_PING)
        return RULE_ROLE_MAY_NOT; /* the mailbox is the other endpoint */
    if (!ready)
        return RULE_BUSY;
    return request->kind == GATE_REQUEST_SUBMIT ? examine_submit(&request->body.submit, status, replaying) : RULE_NONE;
}

void reply_refusal(struct buffer *out, uint64_t request, enum rule rule, const char *path)
{
    const struct gate_reply reply = {GATE_VERSION, request, GATE_REPLY_REFUSAL, {.refusal = gate_refusal(rule, path)}};
    gate_reply_encode(&reply, out);
}

void reply_not_taken(struct buffer *out, uint64_t request, enum rule rule, struct span bytes)
{
    struct buffer path = {0};
    if (rule == RULE_ENVELOPE_MALFORMED && wire_check(WIRE_GATE_REQUEST, bytes, &path) == OK)
        buffer_reset(&path); /* a time that cannot be */
    buffer_reset(out);
    reply_refusal(out, request, rule, buffer_text(&path));
    buffer_fini(&path);
}

void reply_parted(struct buffer *out)
{
    reply_refusal(out, 0, RULE_ENVELOPE_MALFORMED, "a message of one part is wanted: DEALER, no empty delimiter");
}
