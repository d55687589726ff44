/* SPDX-License-Identifier: Apache-2.0
 * The simulator's reference run over the simulator's load: what the cores make of it is mostly settlements and rows
 * that are applied, it is the same a second time and in any number of partitions, and a log in which a record was
 * changed is told from it. */
#include "tests/sim/history.h"

#include <stdarg.h>

#include "common/pb/outcome.h"
#include "services/audit/audit_core.h"
#include "services/books/books_core.h"
#include "services/settlement/settlement_core.h"
#include "services/validation/validation_core.h"
#include "tests/sim/load.h"
#include "tests/support/test.h"

enum { EVENTS = 600, SEED = 3, KINDS = OUTCOME_NOTICE + 1 };

static char failed[512];

void world_fail(struct world *world, const char *format, ...)
{
    va_list arguments;
    if (failed[0] != 0)
        return;
    va_start(arguments, format);
    (void)vsnprintf(failed, sizeof failed, format, arguments);
    va_end(arguments);
}

const char *world_failed(const struct world *world)
{
    return failed[0] == 0 ? NULL : failed;
}

struct digests {
    uint8_t validation[2][DIGEST_SIZE], settlement[2][DIGEST_SIZE], books[DIGEST_SIZE], audit[DIGEST_SIZE];
};

static struct load load;

static int start(void **state)
{
    failed[0] = 0;
    load_make(&load, SEED, EVENTS);
    return 0;
}

static int stop(void **state)
{
    load_fini(&load);
    return 0;
}
AROUND_EACH(start, stop)

static struct history *submitted(unsigned partitions)
{
    struct history *history = history_new(partitions);
    struct buffer record = {0};
    instant_ms_t at = civil_date_start(LOAD_TODAY) + INT64_C(9) * 3600 * 1000;
    for (size_t i = 0; i < load.count; i++) {
        struct envelope_head head;
        load_stands(&load, i, i);
        assert_int_equal(envelope_head_read(load.messages[i].envelope, &head), OK);
        struct submission submission = {.accepted_at = at + (instant_ms_t)i,
                                        .person_hash = person_hash(head.person_id),
                                        .envelope = load.messages[i].envelope};
        buffer_reset(&record);
        submission_encode(&submission, &record);
        history_add(history, HISTORY_SUBMISSIONS, 0, buffer_span(&record));
    }
    buffer_fini(&record);
    return history;
}

static void run_all(struct history *history, struct digests *digests)
{
    unsigned partitions = history_partitions(history, HISTORY_OUTCOMES);
    for (unsigned p = 0; p < partitions; p++)
        history_run(history, NULL, &validation_core, p, digests->validation[p]);
    for (unsigned p = 0; p < partitions; p++)
        history_run(history, NULL, &settlement_core, p, digests->settlement[p]);
    history_run(history, NULL, &books_core, 0, digests->books);
    history_run(history, NULL, &audit_core, 0, digests->audit);
}

static struct history *decided(unsigned partitions, struct digests *digests)
{
    struct history *history = submitted(partitions);
    memset(digests, 0, sizeof *digests);
    run_all(history, digests);
    assert_string_equal(failed, "");
    return history;
}

static enum outcome_kind kind_at(const struct history *history, uint64_t position)
{
    struct outcome_head head;
    for (unsigned p = 0; p < history_partitions(history, HISTORY_OUTCOMES); p++) {
        struct span outcome = history_at(history, HISTORY_OUTCOMES, p, position);
        if (outcome.size > 0 && outcome_head_read(outcome, &head) == OK && head.kind != OUTCOME_NOTICE)
            return head.kind;
    }
    return OUTCOME_NONE;
}

/* The first rule that it broke. */
static uint32_t rule_at(const struct history *history, uint64_t position)
{
    struct outcome_findings_peek peek = {.finding_count = 0};
    struct finding_rule rule = {0};
    for (unsigned p = 0; p < history_partitions(history, HISTORY_OUTCOMES); p++) {
        struct span outcome = history_at(history, HISTORY_OUTCOMES, p, position);
        if (outcome.size > 0 && outcome_findings_peek_read(outcome, &peek) == OK && peek.finding_count > 0 &&
            finding_rule_read(peek.findings[0], &rule) == OK)
            return rule.rule;
    }
    return 0;
}

/* A load of which most is refused would test refusals. */
TEST(most_of_the_load_is_settled_applied_or_moves_on)
{
    struct digests digests;
    struct history *history = decided(2, &digests);
    size_t kinds[KINDS] = {0}, bills = 0;
    for (size_t i = 0; i < load.count; i++) {
        struct envelope_head head;
        enum outcome_kind kind = kind_at(history, i);
        assert_int_equal(envelope_head_read(load.messages[i].envelope, &head), OK);
        bills += head.body_number == EVENT_BILL_SETTLE;
        if (kind == OUTCOME_REFUSED && load.messages[i].phase < 3)
            fail_msg("%s, of the reference data, is refused by %u", load.messages[i].id, rule_at(history, i));
        kinds[kind]++;
    }
    (void)printf("%zu messages, %zu bills: settled %zu, applied %zu, moved %zu, refused %zu, dead %zu\n", load.count,
                 bills, kinds[OUTCOME_SETTLED], kinds[OUTCOME_APPLIED], kinds[OUTCOME_MOVED], kinds[OUTCOME_REFUSED],
                 kinds[OUTCOME_DEAD_LETTER]);
    assert_int_equal(kinds[OUTCOME_NONE], 0);
    assert_true(kinds[OUTCOME_SETTLED] * 4 >= bills * 3); /* the tables published name few kinds of care */
    assert_true(kinds[OUTCOME_REVERSED] > 0 && kinds[OUTCOME_COMPUTED] > 0 && kinds[OUTCOME_DEAD_LETTER] > 0);
    assert_true(kinds[OUTCOME_MOVED] > 0 && kinds[OUTCOME_APPLIED] > 0);
    history_free(&history);
}

TEST(the_same_log_is_decided_alike_again)
{
    struct digests first, second;
    struct history *history = decided(2, &first);
    memset(&second, 0, sizeof second);
    run_all(history, &second); /* holds each record against what stands there */
    assert_string_equal(failed, "");
    assert_memory_equal(&first, &second, sizeof first);
    history_free(&history);
}

TEST(partitions_change_no_decision)
{
    struct digests digests;
    struct history *one = decided(1, &digests), *two = decided(2, &digests);
    for (size_t i = 0; i < load.count; i++)
        assert_int_equal(kind_at(one, i), kind_at(two, i));
    history_free(&one);
    history_free(&two);
}

TEST(its_log_passes_the_checks)
{
    struct digests digests;
    struct history *history = decided(2, &digests);
    struct checks *checks = checks_new(NULL);
    history_check(history, checks);
    assert_string_equal(failed, "");
    checks_free(&checks);
    history_free(&history);
}

/* The last outcome is of another record: as a process that skipped one would leave it. */
TEST(another_record_in_the_log_is_caught)
{
    struct digests digests;
    struct history *whole = decided(1, &digests), *wrong = submitted(1);
    uint8_t digest[DIGEST_SIZE];
    uint64_t last = load.count - 1;
    for (uint64_t i = 0; i <= last; i++) {
        history_add(wrong, HISTORY_VERDICTS, 0, history_at(whole, HISTORY_VERDICTS, 0, i));
        history_add(wrong, HISTORY_OUTCOMES, 0, history_at(whole, HISTORY_OUTCOMES, 0, i < last ? i : last - 1));
    }
    history_run(wrong, NULL, &validation_core, 0, digest);
    assert_string_equal(failed, "");
    history_run(wrong, NULL, &settlement_core, 0, digest);
    assert_non_null(strstr(failed, "the log holds another record"));
    history_free(&whole);
    history_free(&wrong);
}

TEST(the_same_seed_makes_the_same_load)
{
    struct load again, other;
    load_make(&again, SEED, EVENTS);
    load_make(&other, SEED + 1, EVENTS);
    assert_true(span_equal(buffer_span(&load.bytes), buffer_span(&again.bytes)));
    assert_false(span_equal(buffer_span(&load.bytes), buffer_span(&other.bytes)));
    load_fini(&again);
    load_fini(&other);
}
