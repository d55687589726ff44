/* SPDX-License-Identifier: Apache-2.0
 * Catalogues in memory against a plain list of what was stated: by region, code and day, replaced, ended, between,
 * growing past every doubling, read back from the store. */
#include "services/validation/catalogue.h"
#include "tests/support/core_harness.h"
#include "tests/support/random.h"
#include "tests/support/test.h"

enum { STATED = 20000, CODES = 6000, DAYS = 6, ASKED = 40000 };

static const char *const regions[] = {"110000", "120000", "130000"};
static const civil_date_t days[DAYS] = {20240101, 20240615, 20250101, 20250301, 20250302, 20260101};

static uint64_t random_state;

static uint32_t any(uint32_t below)
{
    return (uint32_t)(random_next(&random_state) % below);
}

/* What was stated last of a region, code and first day; a price limit of 0: nothing. */
static struct catalogue_state stated[3][CODES][DAYS];

static void code_of(uint32_t number, char code[28])
{
    if (number % 2 == 0)
        (void)snprintf(code, 28, "XA%020uA", number);
    else
        (void)snprintf(code, 28, "C%026u", number); /* fills its field */
}

static const struct catalogue_state *plainly(uint32_t region, uint32_t code, civil_date_t day)
{
    for (unsigned i = DAYS; i > 0; i--) {
        const struct catalogue_state *state = &stated[region][code][i - 1];
        if (state->price_limit_micro[0] != 0 && days[i - 1] <= day)
            return state->end_date == 0 || day <= state->end_date ? state : NULL;
    }
    return NULL;
}

static void state_one(struct catalogue *catalogue, struct store_txn *txn, uint32_t turn)
{
    uint32_t region = any(3), number = any(CODES), day = any(DAYS);
    char code[28];
    code_of(number, code);
    struct catalogue_item item = {.region = regions[region],
                                  .code = code,
                                  .name = "",
                                  .level = (uint8_t)(1 + any(3)),
                                  .first_own_share_bp = any(10001),
                                  .price_limit_micro = {turn + 1, any(1000), INT64_C(100000000000000)},
                                  .effective_date = days[day],
                                  .end_date = any(3) == 0 ? days[day] + any(3) : 0};
    struct catalogue_state *state = &stated[region][number][day];
    *state = (struct catalogue_state){
        .level = item.level, .first_own_share_bp = (uint16_t)item.first_own_share_bp, .end_date = item.end_date};
    memcpy(state->price_limit_micro, item.price_limit_micro, sizeof item.price_limit_micro);
    catalogue_keep(catalogue, txn, &item);
}

static void ask(const struct catalogue *catalogue)
{
    char texts[CATALOGUE_FIND_MAX][28];
    const char *codes[CATALOGUE_FIND_MAX];
    const struct catalogue_state *found[CATALOGUE_FIND_MAX], *wanted[CATALOGUE_FIND_MAX];
    for (unsigned turn = 0; turn < ASKED / CATALOGUE_FIND_MAX; turn++) {
        uint32_t region = any(3), count = any(CATALOGUE_FIND_MAX + 1);
        civil_date_t day = any(2) == 0 ? days[any(DAYS)] : days[any(DAYS)] + any(3);
        for (unsigned i = 0; i < count; i++) {
            uint32_t number = any(CODES);
            code_of(number, texts[i]);
            codes[i] = texts[i];
            wanted[i] = plainly(region, number, day);
        }
        catalogue_find_each(catalogue, regions[region], codes, count, day, found);
        for (unsigned i = 0; i < count; i++) {
            if ((found[i] == NULL) != (wanted[i] == NULL) ||
                found[i] != catalogue_find(catalogue, regions[region], codes[i], day))
                fail_msg("%s in %s on %u", codes[i], regions[region], day);
            if (found[i] == NULL)
                continue;
            assert_int_equal(found[i]->level, wanted[i]->level);
            assert_int_equal(found[i]->first_own_share_bp, wanted[i]->first_own_share_bp);
            assert_int_equal(found[i]->end_date, wanted[i]->end_date);
            assert_memory_equal(found[i]->price_limit_micro, wanted[i]->price_limit_micro,
                                sizeof found[i]->price_limit_micro);
        }
    }
}

TEST(finds_what_was_stated_last_for_the_day)
{
    struct harness harness;
    harness_start(&harness, &core_of_one_table, 0, 1, 1);
    struct catalogue *catalogue = catalogue_new(harness.txn, 0, published_first());
    assert_null(catalogue_find(catalogue, regions[0], "X", days[0])); /* nothing yet */
    random_state = 20250310;
    for (uint32_t i = 0; i < STATED; i++) {
        state_one(catalogue, harness.txn, i);
        if (i == 100 || i == STATED / 2)
            ask(catalogue);
    }
    ask(catalogue);
    struct catalogue *again = catalogue_new(harness.txn, 0, published_first());
    ask(again);
    catalogue_destroy(&again);
    catalogue_destroy(&catalogue);
    harness_stop(&harness);
}

/* Whether anything of the kind that was stated holds on this day. */
static bool plainly_speaks(uint32_t region, uint32_t kind, civil_date_t day)
{
    for (uint32_t code = kind; code < CODES; code += 2)
        for (unsigned i = 0; i < DAYS; i++) {
            const struct catalogue_state *state = &stated[region][code][i];
            if (state->price_limit_micro[0] != 0 && days[i] <= day && (state->end_date == 0 || day <= state->end_date))
                return true;
        }
    return false;
}

static void ask_who_speaks(struct catalogue *catalogue)
{
    static const enum item_kind kinds[2] = {ITEM_DRUG, ITEM_CONSUMABLE};
    for (uint32_t region = 0; region < 3; region++)
        for (uint32_t kind = 0; kind < 2; kind++)
            for (unsigned i = 0; i < DAYS; i++)
                for (int off = -1; off < 4; off++) {
                    civil_date_t day = civil_date_add_days(days[i], off);
                    assert_int_equal(catalogue_speaks(catalogue, regions[region], kinds[kind], day),
                                     plainly_speaks(region, kind, day));
                }
}

/* Few items, so that there are days without any: stated, ended, stated again, taken out. */
TEST(speaks_on_the_days_on_which_an_item_holds)
{
    struct harness harness;
    harness_start(&harness, &core_of_one_table, 0, 1, 1);
    struct catalogue *catalogue = catalogue_new(harness.txn, 0, published_first());
    catalogue_ended_yields(catalogue, true);
    memset(stated, 0, sizeof stated);
    random_state = 20250311;
    for (uint32_t turn = 0; turn < 600; turn++) {
        uint32_t region = any(3), number = any(4), day = any(DAYS);
        char code[28];
        code_of(number, code);
        struct catalogue_item item = {.region = regions[region],
                                      .code = code,
                                      .name = "",
                                      .level = 1,
                                      .price_limit_micro = {1, 1, 1},
                                      .effective_date = days[day],
                                      .end_date = any(6) == 0 ? 0 : civil_date_add_days(days[day], (int32_t)any(200))};
        bool taken_out = any(3) == 0;
        if (taken_out)
            (void)catalogue_withdraw(catalogue, harness.txn, &item);
        else
            catalogue_keep(catalogue, harness.txn, &item);
        stated[region][number][day] =
            (struct catalogue_state){.price_limit_micro = {taken_out ? 0 : 1}, .end_date = item.end_date};
        ask_who_speaks(catalogue);
    }
    catalogue_destroy(&catalogue);
    harness_stop(&harness);
}
