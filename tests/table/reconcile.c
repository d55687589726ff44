/* SPDX-License-Identifier: Apache-2.0
 * Reconciliation, one difference a line; then a thousand random days against a comparison that is deliberately simple.
 */
#include "common/engines/reconcile/reconcile.h"
#include "tests/support/test.h"

enum { DAY = 20250310, ROWS_MAX = 64 };

/* What the exchange has: of this day and institution 10 to 14; 20 of another day, 21 of another hospital, 22 of
 * another insuring region (which a statement of the insured side does not see). */
static struct reconcile_row row(uint64_t number, const char *bill, fen_t total, fen_t fund, fen_t account)
{
    struct reconcile_row made = {.number = number, .day = DAY, .total = total, .fund = fund, .account = account};
    (void)snprintf(made.institution, sizeof made.institution, "H12010100001");
    (void)snprintf(made.bill_id, sizeof made.bill_id, "%s", bill);
    (void)snprintf(made.insured_area, sizeof made.insured_area, "110000");
    (void)snprintf(made.insurance_type, sizeof made.insurance_type, "310");
    (void)snprintf(made.clearing_type, sizeof made.clearing_type, "21");
    return made;
}

static bool find_elsewhere(void *self, uint64_t number, struct reconcile_row *found)
{
    if (number < 20 || number > 22)
        return false;
    *found = row(number, "E", 100, 50, 0);
    found->day = number == 20 ? DAY + 1 : DAY;
    found->institution[11] = number == 21 ? '2' : '1';
    return true;
}

static const struct reconcile_result *result_of(const struct reconcile_result *results, uint32_t count, uint64_t number,
                                                bool only_theirs)
{
    const struct reconcile_result *found = NULL;
    for (uint32_t i = 0; i < count; i++)
        if (only_theirs ? results[i].ours == NULL && results[i].theirs->number == number
                        : results[i].ours != NULL && results[i].ours->number == number)
            found = &results[i];
    return found;
}

static uint8_t memory[1 << 20];

static uint32_t reconcile(const struct reconcile_row *ours, uint32_t ours_count, const struct reconcile_row *theirs,
                          uint32_t theirs_count, struct reconcile_result *results)
{
    struct arena arena;
    uint32_t count = 0;
    arena_init(&arena, memory, sizeof memory);
    struct reconcile_input input = {ours, ours_count, theirs, theirs_count, find_elsewhere, NULL};
    assert_int_equal(reconcile_rows(&input, &arena, results, &count), OK);
    return count;
}

/* Each line: one change to a statement that matched, and the name of the one difference that it makes. */
static const struct {
    const char *what;
    enum difference difference;
    uint64_t number; /* of the row that shows it */
    bool only_theirs;
    struct {
        int at; /* their row that is changed; -1: one is added; -2: removed is the row of `number` */
        uint64_t number, original;
        const char *bill, *area, *type, *clearing;
        fen_t total, fund, account;
    } change;
} table[] = {
    {"a settlement is missing", DIFFERENCE_MISSING, 11, false, {.at = -2}},
    {"a reversal is missing", DIFFERENCE_REVERSAL_MISSING, 14, false, {.at = -2}},
    {"a settlement that we lack", DIFFERENCE_EXTRA, 30, true, {-1, 30, 0, "Z", NULL, NULL, NULL, 100, 50, 0}},
    {"the fund is one fen off", DIFFERENCE_ONE_FEN, 11, false, {1, 11, 0, "B", NULL, NULL, NULL, 20000, 15001, 1000}},
    {"all three are one fen off", DIFFERENCE_ONE_FEN, 11, false, {1, 11, 0, "B", NULL, NULL, NULL, 19999, 14999, 999}},
    {"two fen off", DIFFERENCE_AMOUNT, 11, false, {1, 11, 0, "B", NULL, NULL, NULL, 20002, 15000, 1000}},
    {"another split", DIFFERENCE_SPLIT, 11, false, {1, 11, 0, "B", NULL, NULL, NULL, 20000, 15100, 900}},
    {"the sign is turned", DIFFERENCE_SIGN, 11, false, {1, 11, 0, "B", NULL, NULL, NULL, -20000, -15000, -1000}},
    {"one number twice", DIFFERENCE_REPEATED, 11, true, {-1, 11, 0, "B", NULL, NULL, NULL, 20000, 15000, 1000}},
    {"a bill again, new number",
     DIFFERENCE_DUPLICATE_NEW_ID,
     31,
     true,
     {-1, 31, 0, "B", NULL, NULL, NULL, 20000, 15000, 1000}},
    {"the same bill's number, another amount",
     DIFFERENCE_EXTRA,
     31,
     true,
     {-1, 31, 0, "B", NULL, NULL, NULL, 20000, 15000, 999}},
    {"reversed twice",
     DIFFERENCE_REVERSED_TWICE,
     32,
     true,
     {-1, 32, 12, "C", NULL, NULL, NULL, -30000, -20000, -10000}},
    {"a reversal that we lack",
     DIFFERENCE_REVERSAL_UNKNOWN,
     33,
     true,
     {-1, 33, 11, "B", NULL, NULL, NULL, -20000, -15000, -1000}},
    {"of another day", DIFFERENCE_WRONG_DAY, 20, true, {-1, 20, 0, "E", NULL, NULL, NULL, 100, 50, 0}},
    {"of another hospital", DIFFERENCE_WRONG_INSTITUTION, 21, true, {-1, 21, 0, "E", NULL, NULL, NULL, 100, 50, 0}},
    {"of another insuring region", DIFFERENCE_WRONG_REGION, 22, true, {-1, 22, 0, "E", NULL, NULL, NULL, 100, 50, 0}},
    {"another insuring area",
     DIFFERENCE_WRONG_REGION,
     11,
     false,
     {1, 11, 0, "B", "130100", NULL, NULL, 20000, 15000, 1000}},
    {"another insurance type",
     DIFFERENCE_WRONG_TYPE,
     11,
     false,
     {1, 11, 0, "B", NULL, "390", NULL, 20000, 15000, 1000}},
    {"another clearing type", DIFFERENCE_WRONG_TYPE, 11, false, {1, 11, 0, "B", NULL, NULL, "11", 20000, 15000, 1000}},
};

enum { OURS = 5, DIFFERENCES = sizeof table / sizeof table[0] };

static void what_we_have(struct reconcile_row ours[OURS])
{
    ours[0] = row(10, "A", 10000, 8000, 0);
    ours[1] = row(11, "B", 20000, 15000, 1000);
    ours[2] = row(12, "C", 30000, 20000, 10000);
    ours[3] = row(13, "D", 500, 0, 0);
    ours[4] = row(14, "C", -30000, -20000, -10000);
    ours[4].original = 12;
}

/* Makes line `i` of the table true of their statement; how many rows it has now. */
static uint32_t spoil(size_t i, struct reconcile_row *theirs, uint32_t count)
{
    uint32_t at = 0;
    if (table[i].change.at == -2) {
        for (uint32_t j = 0; j < count; j++)
            if (theirs[j].number != table[i].number)
                theirs[at++] = theirs[j];
        return at;
    }
    struct reconcile_row *changed = &theirs[table[i].change.at < 0 ? count++ : (uint32_t)table[i].change.at];
    *changed = row(table[i].change.number, table[i].change.bill, table[i].change.total, table[i].change.fund,
                   table[i].change.account);
    changed->original = table[i].change.original;
    if (table[i].change.area != NULL)
        memcpy(changed->insured_area, table[i].change.area, 7);
    if (table[i].change.type != NULL)
        memcpy(changed->insurance_type, table[i].change.type, 4);
    if (table[i].change.clearing != NULL)
        memcpy(changed->clearing_type, table[i].change.clearing, 3);
    return count;
}

static void assert_named(size_t i, const struct reconcile_result *results, uint32_t count)
{
    const struct reconcile_result *shown = result_of(results, count, table[i].number, table[i].only_theirs);
    if (shown == NULL || shown->difference != table[i].difference)
        fail_msg("%s: %s", table[i].what, shown == NULL ? "not shown" : difference_find(shown->difference)->name);
    assert_int_equal(difference_find(shown->difference)->match == MATCH_ONLY_OURS, shown->theirs == NULL);
}

static uint32_t differences_in(const struct reconcile_result *results, uint32_t count)
{
    uint32_t different = 0;
    for (uint32_t i = 0; i < count; i++)
        different += results[i].difference != DIFFERENCE_NONE;
    return different;
}

TEST(each_difference_has_its_name)
{
    struct reconcile_row ours[OURS];
    struct reconcile_result results[16];
    what_we_have(ours);
    for (size_t i = 0; i < DIFFERENCES; i++) {
        struct reconcile_row theirs[OURS + 1];
        memcpy(theirs, ours, sizeof ours);
        uint32_t count = reconcile(ours, OURS, theirs, spoil(i, theirs, OURS), results);
        assert_named(i, results, count);
        assert_int_equal(differences_in(results, count), 1);
    }
}

/* Two lines speak of the same row of ours or the same number, or one needs what the other takes away: bill 11 for the
 * repeated number, reversal 14 for the second reversal. */
static bool exclude_each_other(size_t i, size_t j)
{
    bool same = table[i].number == table[j].number;
    bool second = table[i].difference == DIFFERENCE_REVERSED_TWICE || table[j].difference == DIFFERENCE_REVERSED_TWICE;
    bool missing =
        table[i].difference == DIFFERENCE_REVERSAL_MISSING || table[j].difference == DIFFERENCE_REVERSAL_MISSING;
    return same || (second && missing);
}

/* Any three at once: each keeps its name, and nothing else is called different. */
TEST(differences_at_once_keep_their_names)
{
    struct reconcile_row ours[OURS];
    struct reconcile_result results[24];
    unsigned tried = 0;
    what_we_have(ours);
    for (size_t i = 0; i < DIFFERENCES; i++)
        for (size_t j = 0; j < DIFFERENCES; j++)
            for (size_t k = 0; k < DIFFERENCES; k++) {
                struct reconcile_row theirs[OURS + 3];
                const size_t lines[3] = {i, j, k};
                uint32_t count = OURS;
                if (exclude_each_other(i, j) || exclude_each_other(j, k) || exclude_each_other(i, k))
                    continue;
                memcpy(theirs, ours, sizeof ours);
                for (int pass = 0; pass < 2; pass++) /* rows change in place before any is taken out */
                    for (int line = 0; line < 3; line++)
                        if ((table[lines[line]].change.at == -2) == (pass == 1))
                            count = spoil(lines[line], theirs, count);
                count = reconcile(ours, OURS, theirs, count, results);
                for (int line = 0; line < 3; line++)
                    assert_named(lines[line], results, count);
                assert_int_equal(differences_in(results, count), 3);
                tried++;
            }
    assert_true(tried > 500);
}

TEST(the_order_of_a_statement_says_nothing)
{
    struct reconcile_row ours[3] = {row(1, "A", 100, 50, 0), row(2, "B", 100, 50, 0), row(3, "C", 100, 50, 0)};
    struct reconcile_row theirs[3] = {ours[2], ours[0], ours[1]};
    struct reconcile_result results[6];
    assert_int_equal(reconcile(ours, 3, theirs, 3, results), 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(results[i].difference, DIFFERENCE_NONE);
    assert_int_equal(reconcile(ours, 0, theirs, 0, results), 0);
}

TEST(totals_count_reversals_apart)
{
    struct statement_total a = {.count_positive = 1, .count_negative = 1}, b = {.total = 0};
    assert_false(reconcile_totals_equal(&a, &b)); /* the sums are equal, the counts are not */
    b = a;
    assert_true(reconcile_totals_equal(&a, &b));
}

TEST(a_full_arena_is_said)
{
    struct arena arena;
    struct reconcile_row ours[3] = {row(1, "A", 100, 50, 0), row(2, "B", 100, 50, 0), row(3, "C", 100, 50, 0)};
    struct reconcile_result results[6];
    struct reconcile_input input = {ours, 3, ours, 3, find_elsewhere, NULL};
    uint32_t count = 77;
    arena_init(&arena, memory, 64);
    assert_int_equal(reconcile_rows(&input, &arena, results, &count), REJECT_TOO_LARGE);
    assert_int_equal(count, 77);
}

/* Whoever is where: by hand, row against row. */
TEST(random_statements_agree_with_a_simple_comparison)
{
    uint32_t seed = 20250310;
    for (int round = 0; round < 2000; round++) {
        struct reconcile_row ours[ROWS_MAX], theirs[ROWS_MAX];
        static struct reconcile_result results[2 * ROWS_MAX];
        uint32_t ours_count = 0, theirs_count = 0, matched = 0, only_ours = 0, only_theirs = 0, differing = 0;
        for (uint64_t number = 1; number <= 20; number++) {
            seed = seed * 1664525u + 1013904223u;
            struct reconcile_row made = row(number, "A", (seed >> 8) % 3, (seed >> 12) % 3, 0);
            unsigned where = seed >> 24;
            bool here = where % 4 != 0, there = where % 5 != 0;
            if (here)
                ours[ours_count++] = made;
            if (there) {
                made.fund += where % 7 == 0 ? 5 : 0;
                theirs[theirs_count++] = made;
            }
            matched += here && there && where % 7 != 0;
            differing += here && there && where % 7 == 0;
            only_ours += here && !there;
            only_theirs += !here && there;
        }
        uint32_t count = reconcile(ours, ours_count, theirs, theirs_count, results);
        for (uint32_t i = 0; i < count; i++)
            switch (difference_find(results[i].difference)->match) {
            case MATCH_MATCHED:
                matched--;
                break;
            case MATCH_AMOUNT_DIFFERS:
                differing--;
                break;
            case MATCH_ONLY_OURS:
                only_ours--;
                break;
            case MATCH_ONLY_THEIRS:
                only_theirs--;
                break;
            }
        if (matched != 0 || differing != 0 || only_ours != 0 || only_theirs != 0)
            fail_msg("round %d", round);
    }
}
