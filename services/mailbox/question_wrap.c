/* SPDX-License-Identifier: Apache-2.0
 * A question's way in and its answer's way out. */
#include "services/mailbox/question_wrap.h"

#include "services/ingest/request.h"

enum { CONTROL_QUERY = 6, QUERY_VIEWER = 15, ANSWER_REFUSED = 16 };

bool question_wrap(const struct peer *peer, struct span question, struct buffer *out)
{
    struct wire_field field;
    struct span viewer = {NULL, 0};
    for (struct wire_reader reader = wire_read(question); !wire_at_end(&reader) && wire_next(&reader, &field) == OK;)
        if (field.number == QUERY_VIEWER)
            viewer = field.bytes;
    bool region = peer->role == PARTY_REGION;
    if (region && viewer.size > 0 && !span_equal(viewer, span_text(peer->party)))
        return false;
    buffer_reset(out);
    wire_put_uint(out, 1, 1);
    size_t mark = wire_begin(out, CONTROL_QUERY);
    for (struct wire_reader reader = wire_read(question); !wire_at_end(&reader) && wire_next(&reader, &field) == OK;)
        if (field.number < QUERY_VIEWER && field.type == WIRE_BYTES)
            wire_put_record(out, field.number, field.bytes);
    if (region)
        wire_put_text(out, QUERY_VIEWER, peer->party);
    else
        wire_put_bytes(out, QUERY_VIEWER, viewer);
    wire_end(out, mark);
    return true;
}

static uint32_t refused_by(struct span answer)
{
    struct wire_field field;
    for (struct wire_reader reader = wire_read(answer); !wire_at_end(&reader) && wire_next(&reader, &field) == OK;)
        if (field.number == ANSWER_REFUSED)
            return (uint32_t)field.value;
    return RULE_NONE;
}

void question_unwrap(uint64_t number, struct span control_reply, struct buffer *reply)
{
    struct wire_field field;
    struct span answer = {NULL, 0};
    uint32_t rule = RULE_QUESTION_MALFORMED; /* the books found no question in it that they know */
    for (struct wire_reader reader = wire_read(control_reply);
         !wire_at_end(&reader) && wire_next(&reader, &field) == OK;)
        if (field.number == CONTROL_QUERY) {
            answer = field.bytes;
            rule = refused_by(answer);
        }
    buffer_reset(reply);
    if (rule != RULE_NONE) {
        reply_refusal(reply, number, (enum rule)rule, "books_query");
        return;
    }
    size_t mark = reply_begin(reply, number, REPLY_BOOKS);
    buffer_append(reply, answer.data, answer.size);
    wire_end(reply, mark);
}
