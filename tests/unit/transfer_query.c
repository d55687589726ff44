/* SPDX-License-Identifier: Apache-2.0
 * Questions about transfers: one with its history, lists by region, scheme and day, pages, certificates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/settlement/settlement_core.h"
#include "services/settlement/transfer_query.h"
#include "tests/support/transfer_rig.h"

enum { TODAY = 20250310, VIEWS_MAX = 64, ARENA_SIZE = 1 << 20 };

struct question {
    const char *transfer_id;
    uint32_t overdue_on;
    const char *region;
    uint32_t scheme;
    uint32_t count_max;
    const char *certificate_of;
};

struct answer {
    struct buffer bytes, next;
    struct arena arena;
    struct transfer_view transfers[VIEWS_MAX];
    struct certification_view certificates[VIEWS_MAX];
    unsigned transfer_count, certificate_count;
    uint64_t running, overdue;
};

static struct answer answer;

static enum status ask(struct transfer_rig *rig, const struct question *question)
{
    struct buffer request;
    struct wire_field field;
    buffer_init(&request);
    size_t mark = wire_begin(&request, TRANSFER_QUERY_NUMBER);
    wire_put_text(&request, 1, question->transfer_id == NULL ? "" : question->transfer_id);
    wire_put_uint(&request, 2, question->overdue_on);
    wire_put_text(&request, 3, question->region == NULL ? "" : question->region);
    wire_put_uint(&request, 4, question->scheme);
    wire_put_bytes(&request, 5, buffer_span(&answer.next));
    wire_put_uint(&request, 6, question->count_max);
    wire_put_text(&request, 7, question->certificate_of == NULL ? "" : question->certificate_of);
    wire_end(&request, mark);
    buffer_reset(&answer.bytes);
    buffer_reset(&answer.next);
    arena_reset(&answer.arena);
    answer.transfer_count = answer.certificate_count = 0;
    answer.running = answer.overdue = 0;
    enum status status =
        settlement_core.query(rig->settlement.self, rig->settlement.txn, buffer_span(&request), &answer.bytes);
    buffer_fini(&request);
    if (status != OK)
        return status;
    assert_int_equal(wire_check(WIRE_TRANSFER_ANSWER, buffer_span(&answer.bytes), NULL), OK);
    for (struct wire_reader reader = wire_read(buffer_span(&answer.bytes)); !wire_at_end(&reader);) {
        assert_int_equal(wire_next(&reader, &field), OK);
        if (field.number == 1)
            assert_int_equal(
                transfer_view_decode(field.bytes, &answer.arena, &answer.transfers[answer.transfer_count++]), OK);
        else if (field.number == 2)
            assert_int_equal(
                certification_view_decode(field.bytes, &answer.arena, &answer.certificates[answer.certificate_count++]),
                OK);
        else if (field.number == 3)
            buffer_append(&answer.next, field.bytes.data, field.bytes.size);
        else
            *(field.number == 4 ? &answer.running : &answer.overdue) = field.value;
    }
    return OK;
}

static int prepare(void **state)
{
    memset(&answer, 0, sizeof answer);
    arena_init(&answer.arena, malloc(ARENA_SIZE), ARENA_SIZE);
    return answer.arena.memory == NULL;
}

static int finish(void **state)
{
    buffer_fini(&answer.bytes);
    buffer_fini(&answer.next);
    free(answer.arena.memory);
    return 0;
}

static void apply_for(struct transfer_rig *rig, unsigned index, uint32_t scheme)
{
    struct transfer_letter letter = letter_of(scheme, LETTER_APPLICATION);
    char id[16];
    const char *person = somebody(19850615, true, index);
    if (scheme == SCHEME_PENSION)
        enrol_at(rig, TIANJIN, person, "110", "1101", 20250201, 0);
    (void)snprintf(id, sizeof id, "T-%u", index);
    letter.transfer_id = id;
    send_letter(rig, TIANJIN, person, &letter);
    assert_int_equal(rig->outcome.kind, OUTCOME_MOVED);
}

static void shows_one_with_its_history(void **state)
{
    struct transfer_rig rig;
    transfer_rig_start(&rig, TODAY, 0, 1);
    apply_for(&rig, 1, SCHEME_PENSION);
    position_t applied = rig.outcome.position;
    apply_for(&rig, 2, SCHEME_UNEMPLOYMENT);
    struct transfer_letter contact = letter_of(SCHEME_PENSION, LETTER_CONTACT);
    rig.today = 20250312;
    send_letter(&rig, TIANJIN, somebody(19850615, true, 1), &contact);
    assert_int_equal(ask(&rig, &(struct question){.transfer_id = "T-1"}), OK);
    assert_int_equal(answer.transfer_count, 1);
    const struct transfer_view *view = &answer.transfers[0];
    assert_string_equal(view->person_id, somebody(19850615, true, 1));
    assert_int_equal(view->state, TRANSFER_ACCEPTED);
    assert_int_equal(view->history_count, 2);
    assert_int_equal(view->history[0].position, applied);
    assert_int_equal(view->history[0].letter, LETTER_APPLICATION);
    assert_int_equal(view->history[0].due_date, 20250331);
    assert_string_equal(view->history[0].step_region, TIANJIN);
    assert_int_equal(view->history[1].due_date, 20250402);
    assert_string_equal(view->history[1].step_region, BEIJING);
    assert_int_equal(ask(&rig, &(struct question){.transfer_id = "T-3"}), OK);
    assert_int_equal(answer.transfer_count, 0);
    assert_int_equal(ask(&rig, &(struct question){.transfer_id = "T-1", .scheme = SCHEME_MEDICAL}), OK);
    assert_int_equal(answer.transfer_count, 0);
    transfer_rig_stop(&rig);
}

static void lists_by_region_scheme_and_day(void **state)
{
    struct transfer_rig rig;
    transfer_rig_start(&rig, TODAY, 0, 1);
    apply_for(&rig, 1, SCHEME_PENSION);      /* due 2025-03-31 */
    apply_for(&rig, 2, SCHEME_UNEMPLOYMENT); /* due 2025-03-17 */
    apply_for(&rig, 3, SCHEME_UNEMPLOYMENT);
    struct transfer_letter contact = letter_of(SCHEME_UNEMPLOYMENT, LETTER_CONTACT);
    contact.transfer_id = "T-3";
    send_letter(&rig, TIANJIN, somebody(19850615, true, 3), &contact);
    static const struct {
        struct question question;
        unsigned count;
        const char *first;
    } cases[] = {
        {{.scheme = 0}, 3, NULL},
        {{.region = BEIJING}, 1, "T-3"},
        {{.region = TIANJIN}, 2, NULL},
        {{.region = HEBEI}, 0, NULL},
        {{.scheme = SCHEME_PENSION}, 1, "T-1"},
        {{.scheme = SCHEME_UNEMPLOYMENT, .region = TIANJIN}, 1, "T-2"},
        {{.scheme = SCHEME_CERTIFICATION}, 0, NULL},
        {{.overdue_on = 20250317}, 0, NULL}, /* the last day is in time */
        {{.overdue_on = 20250318}, 2, NULL},
        {{.overdue_on = 20250401}, 3, NULL},
    };
    for (int told = 0; told < 2; told++) {
        for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            assert_int_equal(ask(&rig, &cases[i].question), OK);
            assert_int_equal(answer.transfer_count, cases[i].count);
            assert_int_equal(answer.running, 3);
            assert_int_equal(answer.overdue, told ? 2 : 0);
            if (cases[i].first != NULL)
                assert_string_equal(answer.transfers[0].transfer_id, cases[i].first);
        }
        rig.today = 20250318; /* what has been told is listed all the same */
        for (int i = 0; i < 6; i++)
            send_tick(&rig);
    }
    struct transfer_letter withdrawal = letter_of(SCHEME_UNEMPLOYMENT, LETTER_WITHDRAWAL);
    withdrawal.transfer_id = "T-2";
    send_letter(&rig, TIANJIN, somebody(19850615, true, 2), &withdrawal);
    harness_restart(&rig.settlement);
    assert_int_equal(ask(&rig, &(struct question){.scheme = 0}), OK);
    assert_int_equal(answer.running, 2);
    assert_int_equal(answer.overdue, 1);
    transfer_rig_stop(&rig);
}

static void pages_follow_each_other(void **state)
{
    struct transfer_rig rig;
    bool seen[10] = {false};
    unsigned pages = 0;
    transfer_rig_start(&rig, TODAY, 0, 1);
    for (unsigned i = 0; i < 10; i++)
        apply_for(&rig, i, SCHEME_UNEMPLOYMENT);
    do {
        assert_int_equal(ask(&rig, &(struct question){.count_max = 3}), OK);
        assert_true(answer.transfer_count <= 3);
        for (unsigned i = 0; i < answer.transfer_count; i++) {
            unsigned index = (unsigned)strtoul(answer.transfers[i].transfer_id + 2, NULL, 10);
            assert_true(index < 10 && !seen[index]);
            seen[index] = true;
        }
        pages++;
    } while (answer.next.size > 0);
    for (unsigned i = 0; i < 10; i++)
        assert_true(seen[i]);
    assert_int_equal(pages, 4);
    transfer_rig_stop(&rig);
}

static void certificates_of_one_person(void **state)
{
    struct transfer_rig rig;
    transfer_rig_start(&rig, TODAY, 0, 1);
    struct certification_letter letter = {.certification_id = "C-1",
                                          .paying_area = BEIJING,
                                          .residence_area = LANGFANG,
                                          .kind = CERTIFICATION_REQUEST,
                                          .due_date = 20250331,
                                          .method = ""};
    send_certification(&rig, BEIJING, somebody(19490101, true, 1), &letter);
    send_certification(&rig, BEIJING, somebody(19490101, true, 2), &letter);
    letter.certification_id = "C-2";
    send_certification(&rig, BEIJING, somebody(19490101, true, 1), &letter);
    assert_int_equal(ask(&rig, &(struct question){.certificate_of = somebody(19490101, true, 1)}), OK);
    assert_int_equal(answer.certificate_count, 2);
    assert_string_equal(answer.certificates[1].certification_id, "C-2");
    assert_int_equal(answer.certificates[0].certified_until, 20250331);
    assert_int_equal(ask(&rig, &(struct question){.certificate_of = "1"}), OK);
    assert_int_equal(answer.certificate_count, 0);
    assert_int_equal(ask(&rig, &(struct question){.scheme = SCHEME_CERTIFICATION}), OK);
    assert_int_equal(answer.certificate_count, 3);
    transfer_rig_stop(&rig);
}

static void what_is_no_question_is_refused(void **state)
{
    struct transfer_rig rig;
    static const uint8_t odd[] = {0x82, 0x03, 0x02, 0x10, 0x00}; /* a default that is written */
    transfer_rig_start(&rig, TODAY, 0, 1);
    assert_int_equal(
        settlement_core.query(rig.settlement.self, rig.settlement.txn, span_of(odd, sizeof odd), &answer.bytes),
        REJECT_MALFORMED);
    transfer_rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_one_with_its_history),     cmocka_unit_test(lists_by_region_scheme_and_day),
        cmocka_unit_test(pages_follow_each_other),        cmocka_unit_test(certificates_of_one_person),
        cmocka_unit_test(what_is_no_question_is_refused),
    };
    return cmocka_run_group_tests(tests, prepare, finish);
}
