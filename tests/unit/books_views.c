/* SPDX-License-Identifier: Apache-2.0
 * What the books show as open, against the simple implementation's bills counted one by one. */
#include "tests/unit/books_views.h"

#include "tests/support/test.h"

enum { ASK_OF_DAYS = 7, ASK_AGE = 10, LINES = 11, AGING_LINES = 13, NEXT = 15, AGES = 5 };

static const uint32_t ages_from[AGES] = {0, 8, 31, 61, 91};

static unsigned age_of(const struct model *model, civil_date_t day)
{
    int32_t days = civil_date_to_day(model->today) - civil_date_to_day(day);
    unsigned age = AGES - 1;
    while (age > 0 && days < (int32_t)ages_from[age])
        age--;
    return age;
}

/* One pair, reason and age. */
struct aged {
    uint64_t count;
    fen_t amount;
    civil_date_t oldest;
};

static void compare_aging(struct rig *rig, const struct model *model)
{
    static struct aged expected[PAIRS][OPEN_REASON_COUNT][AGES];
    struct buffer question;
    memset(expected, 0, sizeof expected);
    for (int i = 0; i < model->count; i++) {
        const struct item *item = &model->items[i];
        if (item->month != 0)
            continue;
        struct aged *aged = &expected[insured_of(item) * REGIONS + care_of(item)][reason_it_is_open(model, item)]
                                     [age_of(model, item->day)];
        aged->count++;
        aged->amount += item->amount;
        aged->oldest = aged->oldest == 0 || item->day < aged->oldest ? item->day : aged->oldest;
    }
    buffer_init(&question);
    wire_put_uint(&question, 1, model->today);
    struct span answer = rig_ask(rig, ASK_AGE, buffer_span(&question));
    unsigned lines = 0;
    for (unsigned pair = 0; pair < PAIRS; pair++)
        for (unsigned reason = 0; reason < OPEN_REASON_COUNT; reason++)
            for (unsigned age = 0; age < AGES; age++) {
                const struct aged *aged = &expected[pair][reason][age];
                if (aged->count == 0)
                    continue;
                struct span line = message_bytes(answer, AGING_LINES, lines++);
                assert_memory_equal(message_bytes(line, 1, 0).data, clearing_region(pair / REGIONS), 6);
                assert_memory_equal(message_bytes(line, 2, 0).data, clearing_region(pair % REGIONS), 6);
                assert_int_equal(message_number(line, 3), reason);
                assert_int_equal(message_number(line, 5), ages_from[age]);
                assert_int_equal(message_number(line, 7), aged->count);
                assert_int_equal((fen_t)message_number(line, 8), aged->amount);
                assert_int_equal(message_number(line, 9), aged->oldest);
            }
    assert_int_equal(message_count(answer, AGING_LINES), lines);
    buffer_fini(&question);
}

/* A line's numbers, in the order of ReconciliationDay's fields 4 to 10. */
enum { BILLS_HERE, CARE_MATCHED, CARE_DIFFERS, INSURED_MATCHED, INSURED_DIFFERS, OPEN_HERE, OPEN_AMOUNT, COUNTS };

static void compare_line(struct span line, const struct model *model)
{
    fen_t expected[COUNTS] = {0};
    struct span institution = message_bytes(line, 2, 0), insured = message_bytes(line, 3, 0);
    civil_date_t day = (civil_date_t)message_number(line, 1);
    for (int i = 0; i < model->count; i++) {
        const struct item *item = &model->items[i];
        if (item->day != day || !span_equal(institution, span_text(item->bill.institution)) ||
            !span_equal(insured, span_text(clearing_region(insured_of(item)))))
            continue;
        if (!item->adjustment) {
            expected[BILLS_HERE]++;
            expected[CARE_MATCHED] += item->word[0] == 1;
            expected[CARE_DIFFERS] += item->word[0] == 2;
            expected[INSURED_MATCHED] += item->word[1] == 1;
            expected[INSURED_DIFFERS] += item->word[1] == 2;
        }
        expected[OPEN_HERE] += item->month == 0;
        expected[OPEN_AMOUNT] += item->month == 0 ? item->amount : 0;
    }
    for (uint32_t i = 0; i < COUNTS; i++)
        if ((fen_t)message_number(line, 4 + i) != expected[i])
            fail_msg("%u %.*s %.*s, field %u: %lld, not %lld", day, (int)institution.size, institution.data,
                     (int)insured.size, insured.data, 4 + i, (long long)message_number(line, 4 + i),
                     (long long)expected[i]);
}

/* Every line of the last months, page by page; together they have every bill of those days once. */
static void compare_days(struct rig *rig, const struct model *model)
{
    struct buffer question, after;
    civil_date_t from = civil_date_add_days(model->today, -100);
    uint64_t bills = 0, expected = 0;
    buffer_init(&question);
    buffer_init(&after);
    do {
        buffer_reset(&question);
        wire_put_uint(&question, 1, from);
        wire_put_uint(&question, 2, model->today);
        wire_put_bytes(&question, 3, buffer_span(&after));
        wire_put_uint(&question, 4, 50);
        struct span answer = rig_ask(rig, ASK_OF_DAYS, buffer_span(&question));
        for (unsigned i = 0; i < message_count(answer, LINES); i++) {
            struct span line = message_bytes(answer, LINES, i);
            compare_line(line, model);
            bills += message_number(line, 4);
        }
        struct span next = message_bytes(answer, NEXT, 0);
        buffer_reset(&after);
        buffer_append(&after, next.data, next.size);
    } while (after.size > 0);
    for (int i = 0; i < model->count; i++)
        expected += !model->items[i].adjustment && model->items[i].day >= from;
    assert_int_equal(bills, expected);
    buffer_fini(&question);
    buffer_fini(&after);
}

void compare_views(struct rig *rig, const struct model *model)
{
    compare_aging(rig, model);
    compare_days(rig, model);
}
