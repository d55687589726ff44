/* SPDX-License-Identifier: Apache-2.0
 * A question's way in and its answer's way out. */
#include "services/mailbox/question_wrap.h"

#include "common/runtime/control.h"
#include "services/ingest/request.h"

enum { ERROR_TEXT_SIZE = 4096 };

enum rule question_wrap(const struct peer *peer, struct span question, struct buffer *out)
{
    struct books_query query;
    struct buffer bytes;
    if (books_query_decode(question, NULL, &query) != OK)
        return RULE_QUESTION_MALFORMED;
    if (peer->role == PARTY_REGION) {
        if (query.viewer.size > 0 && !span_equal(query.viewer, span_text(peer->party)))
            return RULE_NOT_YOUR_BOOKS;
        query.viewer = span_text(peer->party);
    }
    buffer_init(&bytes);
    books_query_encode(&query, &bytes);
    const struct control_request request = {CONTROL_PROTOCOL, CONTROL_ASK_QUERY, {.query = buffer_span(&bytes)}};
    buffer_reset(out);
    control_request_encode(&request, out);
    buffer_fini(&bytes);
    return RULE_NONE;
}

void question_unwrap(uint64_t number, struct span control_reply, struct buffer *out)
{
    uint8_t memory[ERROR_TEXT_SIZE];
    struct arena arena;
    struct control_reply control;
    struct books_answer_refusal answer = {RULE_QUESTION_MALFORMED}; /* the books found no question that they know */
    arena_init(&arena, memory, sizeof memory);
    if (control_reply_decode(control_reply, &arena, &control) != OK)
        control.kind = CONTROL_REPLY_NONE;
    if (control.kind == CONTROL_REPLY_NOT_READY)
        answer.refused = RULE_BUSY;
    else if (control.kind == CONTROL_REPLY_ANSWER && books_answer_refusal_read(control.body.answer, &answer) != OK)
        answer.refused = RULE_QUESTION_MALFORMED;
    buffer_reset(out);
    if (answer.refused != RULE_NONE) {
        reply_refusal(out, number, (enum rule)answer.refused, "books_query");
        return;
    }
    const struct gate_reply reply = {
        GATE_VERSION, number, GATE_REPLY_BOOKS_ANSWER, {.books_answer = control.body.answer}};
    gate_reply_encode(&reply, out);
}
