/* SPDX-License-Identifier: Apache-2.0
 * What the books show as open, against the simple implementation's bills counted one by one. */
#include "tests/unit/books_views.h"

#include "tests/support/test.h"

enum { AGES = 5 };

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
    const struct books_reply *answer =
        rig_ask(rig, &(struct books_query){.kind = ASK_AGING, .body.aging.on_day = model->today});
    const struct aging_line *line = answer->aging;
    for (unsigned pair = 0; pair < PAIRS; pair++)
        for (unsigned reason = 0; reason < OPEN_REASON_COUNT; reason++)
            for (unsigned age = 0; age < AGES; age++) {
                const struct aged *aged = &expected[pair][reason][age];
                if (aged->count == 0)
                    continue;
                assert_true(line < answer->aging + answer->aging_count);
                assert_string_equal(line->insured_region, clearing_region(pair / REGIONS));
                assert_string_equal(line->care_region, clearing_region(pair % REGIONS));
                assert_int_equal(line->open_reason, reason);
                assert_int_equal(line->age_from, ages_from[age]);
                assert_int_equal(line->count, aged->count);
                assert_int_equal(line->amount, aged->amount);
                assert_int_equal(line->oldest, aged->oldest);
                line++;
            }
    assert_ptr_equal(line, answer->aging + answer->aging_count);
}

static void compare_line(const struct reconciliation_day *line, const struct model *model)
{
    struct reconciliation_day expected = {0};
    for (int i = 0; i < model->count; i++) {
        const struct item *item = &model->items[i];
        if (item->day != line->day || strcmp(line->institution, item->bill.institution) != 0 ||
            strcmp(line->insured_region, clearing_region(insured_of(item))) != 0)
            continue;
        if (!item->adjustment) {
            expected.bills++;
            expected.care_matched += item->word[0] == 1;
            expected.care_differs += item->word[0] == 2;
            expected.insured_matched += item->word[1] == 1;
            expected.insured_differs += item->word[1] == 2;
        }
        expected.open += item->month == 0;
        expected.open_amount += item->month == 0 ? item->amount : 0;
    }
    assert_int_equal(line->bills, expected.bills);
    assert_int_equal(line->care_matched, expected.care_matched);
    assert_int_equal(line->care_differs, expected.care_differs);
    assert_int_equal(line->insured_matched, expected.insured_matched);
    assert_int_equal(line->insured_differs, expected.insured_differs);
    assert_int_equal(line->open, expected.open);
    assert_int_equal(line->open_amount, expected.open_amount);
}

/* Every line of the last months, page by page; together they have every bill of those days once. */
static void compare_days(struct rig *rig, const struct model *model)
{
    struct buffer after;
    civil_date_t from = civil_date_add_days(model->today, -100);
    uint64_t bills = 0, expected = 0;
    buffer_init(&after);
    do {
        struct books_query query = {
            .kind = ASK_RECONCILIATION,
            .body.reconciliation = {
                .from_day = from, .to_day = model->today, .after = buffer_span(&after), .count_max = 50}};
        const struct books_reply *answer = rig_ask(rig, &query);
        for (uint32_t i = 0; i < answer->reconciliation_count; i++) {
            compare_line(&answer->reconciliation[i], model);
            bills += answer->reconciliation[i].bills;
        }
        buffer_reset(&after);
        buffer_append(&after, answer->next.data, answer->next.size);
    } while (after.size > 0);
    for (int i = 0; i < model->count; i++)
        expected += !model->items[i].adjustment && model->items[i].day >= from;
    assert_int_equal(bills, expected);
    buffer_fini(&after);
}

void compare_views(struct rig *rig, const struct model *model)
{
    compare_aging(rig, model);
    compare_days(rig, model);
}
