/* SPDX-License-Identifier: Apache-2.0
 * Questions about transfers: one with its history, lists by region, scheme and day, pages, certificates. */
#include "services/settlement/settlement_core.h"
#include "tests/support/test.h"
#include "tests/support/transfer_rig.h"

enum { TODAY = 20250310, ARENA_SIZE = 1 << 20 };

static struct buffer bytes, next;
static struct arena arena;
static struct transfer_answer answer;

/* Goes on where the last answer stopped. */
static enum status ask(struct transfer_rig *rig, struct transfer_query question)
{
    struct buffer body, request;
    buffer_init(&body);
    buffer_init(&request);
    question.from = buffer_span(&next);
    transfer_query_encode(&question, &body);
    settlement_query_encode(&(struct settlement_query){SETTLEMENT_QUERY_TRANSFER, {buffer_span(&body)}}, &request);
    buffer_reset(&bytes);
    buffer_reset(&next);
    arena_reset(&arena);
    transfer_answer_blank(&answer);
    enum status status =
        settlement_core.query(rig->settlement.self, rig->settlement.txn, buffer_span(&request), &bytes);
    buffer_fini(&body);
    buffer_fini(&request);
    TRY(status);
    assert_int_equal(wire_check(WIRE_TRANSFER_ANSWER, buffer_span(&bytes), NULL), OK);
    assert_int_equal(transfer_answer_decode(buffer_span(&bytes), &arena, &answer), OK);
    buffer_append(&next, answer.next.data, answer.next.size);
    return OK;
}

static int prepare(void **state)
{
    arena_init(&arena, malloc(ARENA_SIZE), ARENA_SIZE);
    return arena.memory == NULL;
}

static int finish(void **state)
{
    buffer_fini(&bytes);
    buffer_fini(&next);
    free(arena.memory);
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

TEST(shows_one_with_its_history)
{
    struct transfer_rig rig;
    transfer_rig_start(&rig, TODAY, 0, 1);
    apply_for(&rig, 1, SCHEME_PENSION);
    position_t applied = rig.outcome.position;
    apply_for(&rig, 2, SCHEME_UNEMPLOYMENT);
    struct transfer_letter contact = letter_of(SCHEME_PENSION, LETTER_CONTACT);
    rig.today = 20250312;
    send_letter(&rig, TIANJIN, somebody(19850615, true, 1), &contact);
    assert_int_equal(ask(&rig, (struct transfer_query){.transfer_id = "T-1"}), OK);
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
    assert_int_equal(ask(&rig, (struct transfer_query){.transfer_id = "T-3"}), OK);
    assert_int_equal(answer.transfer_count, 0);
    assert_int_equal(ask(&rig, (struct transfer_query){.transfer_id = "T-1", .scheme = SCHEME_MEDICAL}), OK);
    assert_int_equal(answer.transfer_count, 0);
    transfer_rig_stop(&rig);
}

TEST(lists_by_region_scheme_and_day)
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
        struct transfer_query question;
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
            assert_int_equal(ask(&rig, cases[i].question), OK);
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
    assert_int_equal(ask(&rig, (struct transfer_query){.scheme = 0}), OK);
    assert_int_equal(answer.running, 2);
    assert_int_equal(answer.overdue, 1);
    transfer_rig_stop(&rig);
}

/* 2025-03-10 is a Monday; 04-04 (Friday) a holiday, 03-31 the fifteenth working day. */
TEST(working_days_state_and_counts_by_step)
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
        struct transfer_query question;
        unsigned count;
        const char *first;
        int64_t workdays;
    } cases[] = {
        {{.today = TODAY, .scheme = SCHEME_PENSION}, 1, "T-1", 15},
        {{.today = 20250317, .region = TIANJIN, .scheme = SCHEME_UNEMPLOYMENT}, 1, "T-2", 0},
        {{.today = 20250319, .region = TIANJIN, .scheme = SCHEME_UNEMPLOYMENT}, 1, "T-2", -2},
        {{.today = 20250407, .scheme = SCHEME_PENSION}, 1, "T-1", -4}, /* over the holiday */
        {{.today = TODAY, .within_workdays = 14}, 2, NULL, 0},
        {{.today = TODAY, .within_workdays = 15}, 3, NULL, 0},
        {{.today = TODAY, .within_workdays = 4}, 0, NULL, 0},
        {{.state = TRANSFER_ACCEPTED}, 1, "T-3", 0},
        {{.state = TRANSFER_APPLIED}, 2, NULL, 0},
        {{.state = TRANSFER_APPLIED, .skip = 1}, 1, NULL, 0},
        {{.skip = 5}, 0, NULL, 0},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(ask(&rig, cases[i].question), OK);
        assert_int_equal(answer.transfer_count, cases[i].count);
        assert_int_equal(answer.skipped, cases[i].question.skip < 3 ? cases[i].question.skip : 3);
        if (cases[i].first == NULL)
            continue;
        assert_string_equal(answer.transfers[0].transfer_id, cases[i].first);
        assert_int_equal(answer.transfers[0].workdays_left, cases[i].workdays);
        assert_int_equal(answer.transfers[0].workdays_known, cases[i].question.today != 0);
    }
    assert_int_equal(ask(&rig, (struct transfer_query){.count_only = true, .today = 20250401}), OK);
    assert_int_equal(answer.count_count, 3);
    assert_int_equal(answer.transfer_count, 0);
    for (unsigned i = 0; i < 3; i++) {
        const struct transfer_count *count = &answer.counts[i];
        bool accepted = count->state == TRANSFER_ACCEPTED;
        assert_int_equal(count->running, 1);
        assert_int_equal(count->overdue, 1);
        assert_string_equal(count->region, accepted ? BEIJING : TIANJIN);
    }
    assert_int_equal(ask(&rig, (struct transfer_query){.within_workdays = 3}), REJECT_MALFORMED);
    assert_int_equal(ask(&rig, (struct transfer_query){.today = 20250230}), REJECT_MALFORMED);
    transfer_rig_stop(&rig);
}

TEST(pages_follow_each_other)
{
    struct transfer_rig rig;
    bool seen[10] = {false};
    unsigned pages = 0;
    transfer_rig_start(&rig, TODAY, 0, 1);
    for (unsigned i = 0; i < 10; i++)
        apply_for(&rig, i, SCHEME_UNEMPLOYMENT);
    do {
        assert_int_equal(ask(&rig, (struct transfer_query){.count_max = 3}), OK);
        assert_true(answer.transfer_count <= 3);
        for (unsigned i = 0; i < answer.transfer_count; i++) {
            unsigned index = (unsigned)strtoul(answer.transfers[i].transfer_id + 2, NULL, 10);
            assert_true(index < 10 && !seen[index]);
            seen[index] = true;
        }
        pages++;
    } while (next.size > 0);
    for (unsigned i = 0; i < 10; i++)
        assert_true(seen[i]);
    assert_int_equal(pages, 4);
    transfer_rig_stop(&rig);
}

TEST(certificates_of_one_person)
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
    assert_int_equal(ask(&rig, (struct transfer_query){.certificate_of = somebody(19490101, true, 1)}), OK);
    assert_int_equal(answer.certificate_count, 2);
    assert_string_equal(answer.certificates[1].certification_id, "C-2");
    assert_int_equal(answer.certificates[0].certified_until, 20250331);
    assert_int_equal(ask(&rig, (struct transfer_query){.certificate_of = "1"}), OK);
    assert_int_equal(answer.certificate_count, 0);
    assert_int_equal(ask(&rig, (struct transfer_query){.scheme = SCHEME_CERTIFICATION}), OK);
    assert_int_equal(answer.certificate_count, 3);
    transfer_rig_stop(&rig);
}

TEST(what_is_no_question_is_refused)
{
    struct transfer_rig rig;
    static const uint8_t odd[] = {0x82, 0x03, 0x02, 0x10, 0x00}; /* a default that is written */
    transfer_rig_start(&rig, TODAY, 0, 1);
    assert_int_equal(settlement_core.query(rig.settlement.self, rig.settlement.txn, span_of(odd, sizeof odd), &bytes),
                     REJECT_MALFORMED);
    transfer_rig_stop(&rig);
}

AROUND_ALL(prepare, finish)
