/* SPDX-License-Identifier: Apache-2.0
 * A question's way to the books and its answer's way back: whose eyes it has, and what becomes of a refusal. */
#include "services/mailbox/question_wrap.h"
#include "services/ingest/request.h"
#include "tests/support/test.h"

TEST(a_question_has_its_askers_eyes)
{
    static const struct {
        enum party_role role;
        const char *party, *asked, *sees; /* NULL: refused */
    } table[] = {
        {PARTY_REGION, "110000", "", "110000"},   {PARTY_REGION, "110000", "110000", "110000"},
        {PARTY_REGION, "110000", "120000", NULL}, {PARTY_REGION, "110000", "operator", NULL},
        {PARTY_OPERATOR, "operator", "", ""},     {PARTY_OPERATOR, "operator", "120000", "120000"},
        {PARTY_LOCAL, "", "130000", "130000"},    {PARTY_LOCAL, "", "", ""},
    };
    struct buffer question, out;
    uint8_t memory[4096];
    struct arena arena;
    struct control_request request;
    struct books_query query;
    buffer_init(&question);
    buffer_init(&out);
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct peer peer = {.role = table[i].role};
        memcpy(peer.party, table[i].party, strlen(table[i].party) + 1);
        buffer_reset(&question);
        const struct books_query asked = {
            .kind = ASK_BALANCES, .body.balances.count_max = 7, .viewer = span_text(table[i].asked)};
        books_query_encode(&asked, &question);
        enum rule rule = question_wrap(&peer, buffer_span(&question), &out);
        assert_int_equal(rule, table[i].sees != NULL ? RULE_NONE : RULE_NOT_YOUR_BOOKS);
        if (table[i].sees == NULL)
            continue;
        assert_int_equal(wire_check(WIRE_CONTROL_REQUEST, buffer_span(&out), NULL), OK);
        arena_init(&arena, memory, sizeof memory);
        assert_int_equal(control_request_decode(buffer_span(&out), &arena, &request), OK);
        assert_int_equal(request.kind, CONTROL_ASK_QUERY);
        assert_int_equal(wire_check(WIRE_BOOKS_QUERY, request.body.query, NULL), OK);
        assert_int_equal(books_query_decode(request.body.query, NULL, &query), OK);
        assert_true(span_equal(query.viewer, span_text(table[i].sees)));
        assert_int_equal(query.kind, ASK_BALANCES);
        assert_int_equal(query.body.balances.count_max, 7);
    }
    buffer_fini(&question);
    buffer_fini(&out);
}

/* Only the books know which text is too long for what it names. */
TEST(a_long_text_goes_on_unless_it_names_anothers_eyes)
{
    char text[100001];
    struct peer peer = {.role = PARTY_REGION, .party = "110000"};
    struct buffer question, out;
    memset(text, '1', sizeof text);
    buffer_init(&question);
    buffer_init(&out);
    struct books_query asked = {
        .kind = ASK_SUPERVISION,
        .body.supervision = {.month = 202503, .after = span_of((const uint8_t *)text, sizeof text)}};
    books_query_encode(&asked, &question);
    assert_int_equal(question_wrap(&peer, buffer_span(&question), &out), RULE_NONE);
    assert_true(out.size > sizeof text);
    asked.viewer = asked.body.supervision.after;
    buffer_reset(&question);
    books_query_encode(&asked, &question);
    assert_int_equal(question_wrap(&peer, buffer_span(&question), &out), RULE_NOT_YOUR_BOOKS);
    buffer_fini(&question);
    buffer_fini(&out);
}

TEST(an_answer_comes_back_or_a_refusal_with_its_rule)
{
    static const struct {
        enum control_reply_kind kind;
        uint32_t refused;
        const char *code; /* NULL: the answer */
    } table[] = {{CONTROL_REPLY_ANSWER, RULE_NONE, NULL},
                 {CONTROL_REPLY_ANSWER, RULE_NOT_YOUR_BOOKS, "AUT-0007"},
                 {CONTROL_REPLY_ERROR, RULE_NONE, "BOK-0017"},
                 {CONTROL_REPLY_NOT_READY, RULE_NONE, "SYS-0001"}};
    struct buffer answer, control, out;
    buffer_init(&answer);
    buffer_init(&control);
    buffer_init(&out);
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        uint8_t memory[4096];
        struct arena arena;
        struct gate_reply reply;
        buffer_reset(&answer);
        buffer_reset(&control);
        arena_init(&arena, memory, sizeof memory);
        books_answer_encode(&(struct books_reply){.refused = table[i].refused}, &answer);
        struct control_reply said = {1, CONTROL_REPLY_ANSWER, {.answer = buffer_span(&answer)}};
        if (table[i].kind == CONTROL_REPLY_ERROR)
            said = (struct control_reply){1, CONTROL_REPLY_ERROR, {.error = "the bytes are not what they claim to be"}};
        if (table[i].kind == CONTROL_REPLY_NOT_READY)
            said = (struct control_reply){1, CONTROL_REPLY_NOT_READY, {.not_ready = {"catching up"}}};
        control_reply_encode(&said, &control);
        question_unwrap(7, buffer_span(&control), &out);
        assert_int_equal(wire_check(WIRE_GATE_REPLY, buffer_span(&out), NULL), OK);
        assert_int_equal(gate_reply_decode(buffer_span(&out), &arena, &reply), OK);
        assert_int_equal(reply.request, 7);
        assert_int_equal(reply.kind, table[i].code == NULL ? GATE_REPLY_BOOKS_ANSWER : GATE_REPLY_REFUSAL);
        if (table[i].code != NULL)
            assert_string_equal(reply.body.refusal.code, table[i].code);
    }
    buffer_fini(&answer);
    buffer_fini(&control);
    buffer_fini(&out);
}
