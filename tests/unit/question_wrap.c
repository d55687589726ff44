/* SPDX-License-Identifier: Apache-2.0
 * A question's way to the books and its answer's way back: whose eyes it has, and what becomes of a refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/ingest/request.h"
#include "services/mailbox/question_wrap.h"

enum { BALANCES = 1, VIEWER = 15, CONTROL_QUERY = 6, CONTROL_ERROR = 7, ANSWER_REFUSED = 16 };

static struct span field_of(struct span message, uint32_t number)
{
    struct wire_field field;
    struct span found = {NULL, 0};
    for (struct wire_reader reader = wire_read(message); !wire_at_end(&reader);) {
        assert_int_equal(wire_next(&reader, &field), OK);
        if (field.number == number)
            found = field.bytes;
    }
    return found;
}

static void a_question_has_its_askers_eyes(void **state)
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
    buffer_init(&question);
    buffer_init(&out);
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct peer peer = {.role = table[i].role};
        memcpy(peer.party, table[i].party, strlen(table[i].party) + 1);
        buffer_reset(&question);
        wire_put_record(&question, BALANCES, span_of("\x0a\x01x", 3));
        wire_put_text(&question, VIEWER, table[i].asked);
        assert_true(question_wrap(&peer, buffer_span(&question), &out) == (table[i].sees != NULL));
        if (table[i].sees == NULL)
            continue;
        assert_int_equal(wire_check(WIRE_CONTROL_REQUEST, buffer_span(&out), NULL), OK);
        struct span query = field_of(buffer_span(&out), CONTROL_QUERY);
        assert_int_equal(wire_check(WIRE_BOOKS_QUERY, query, NULL), OK);
        assert_true(span_equal(field_of(query, VIEWER), span_text(table[i].sees)));
        assert_true(span_equal(field_of(query, BALANCES), span_of("\x0a\x01x", 3)));
    }
    buffer_fini(&question);
    buffer_fini(&out);
}

static void an_answer_comes_back_or_a_refusal_with_its_rule(void **state)
{
    struct buffer answer, control, reply;
    buffer_init(&answer);
    buffer_init(&control);
    buffer_init(&reply);
    for (unsigned kind = 0; kind < 3; kind++) {
        buffer_reset(&answer);
        buffer_reset(&control);
        wire_put_uint(&control, 1, 1);
        if (kind == 1)
            wire_put_uint(&answer, ANSWER_REFUSED, RULE_NOT_YOUR_BOOKS);
        if (kind < 2)
            wire_put_record(&control, CONTROL_QUERY, buffer_span(&answer));
        else
            wire_put_text(&control, CONTROL_ERROR, "the bytes are not what they claim to be");
        question_unwrap(7, buffer_span(&control), &reply);
        assert_int_equal(wire_check(WIRE_GATE_REPLY, buffer_span(&reply), NULL), OK);
        struct span refusal = field_of(buffer_span(&reply), REPLY_REFUSAL);
        static const char *const codes[] = {"", "AUT-0007", "BOK-0017"};
        assert_true(span_equal(field_of(refusal, 1), span_text(codes[kind])));
    }
    buffer_fini(&answer);
    buffer_fini(&control);
    buffer_fini(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_has_its_askers_eyes),
        cmocka_unit_test(an_answer_comes_back_or_a_refusal_with_its_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
