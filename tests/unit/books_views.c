/* SPDX-License-Identifier: Apache-2.0
 * What the books show as open, against the simple implementation's bills counted one by one. */
#include "tests/unit/books_views.h"

#include "services/books/keep/sums.h"
#include "tests/support/test.h"
#include "tests/support/tree_side.h"
#include "tests/unit/books_random.h"

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

bool waits_for_a_later_table(const struct rig *rig, const struct item *item)
{
    const struct books *books = rig->harness.self; /* the event of the model's day may have been none of theirs */
    return logic_has(books->published->logic, LOGIC_ROLLED_LISTED) && item->month > item->day / 100 &&
           !table_stands(item->month, books->today);
}

static void compare_aging(struct rig *rig, const struct model *model)
{
    static struct aged expected[PAIRS][OPEN_REASON_COUNT][AGES];
    memset(expected, 0, sizeof expected);
    for (int i = 0; i < model->count; i++) {
        const struct item *item = &model->items[i];
        bool waits = waits_for_a_later_table(rig, item);
        if (item->month != 0 && !waits)
            continue;
        enum open_reason reason = waits ? OPEN_ROLLED_OVER : reason_it_is_open(model, item);
        struct aged *aged = &expected[insured_of(item) * REGIONS + care_of(item)][reason][age_of(model, item->day)];
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

/* ---- the sum tree ---- */

enum { TREE_ROWS_MAX = 4096, TREES_EACH = 20 };

/* One region's side of the bills; REGIONS: all. */
static void read_bills(struct rig *rig, bool insured_side, unsigned region, struct tree_side *side)
{
    static struct tree_row rows[TREE_ROWS_MAX];
    static char facts[TREE_ROWS_MAX][11]; /* which the rows borrow */
    struct store_walk walk;
    struct book_bill bill;
    *side = (struct tree_side){.rows = rows};
    bool more = store_walk_start(&walk, rig->harness.txn, BILLS, span_of(NULL, 0));
    for (; more; more = store_walk_next(&walk)) {
        assert_true(side->count < TREE_ROWS_MAX);
        book_bill_read(walk.key, walk.value, &bill);
        unsigned pair = book_bill_pair(&bill), own = insured_side ? pair / REGIONS : pair % REGIONS;
        if (sums_row(&bill, &rows[side->count], facts[side->count]) && (region == REGIONS || region == own))
            side->count++;
    }
    store_walk_end(&walk);
}

static struct tree_key any_key(const struct tree_side *side)
{
    struct tree_key key = side->count == 0 ? (struct tree_key){.day = 20250301} : side->rows[any(side->count)].key;
    switch (any(4)) {
    case 0:
        return (struct tree_key){.day = key.day};
    case 1:
        key.number = 0;
        return key;
    case 2:
        key.number += 1;
        return key;
    default:
        return key;
    }
}

/* A cut of a random range of what another side has, which lacks some rows and differs in some. */
static void any_question(const struct tree_side *books, struct tree_exchange *question)
{
    static struct tree_row rows[TREE_ROWS_MAX];
    struct tree_side other = {.rows = rows};
    struct tree_range *range = &question->ranges[0];
    struct tree_source source = tree_side_source(&other);
    memset(question, 0, sizeof *question);
    for (size_t i = 0; i < books->count; i++) {
        if (any(40) == 0)
            continue;
        other.rows[other.count] = books->rows[i];
        other.rows[other.count++].fund += any(40) == 0;
    }
    question->range_count = 1;
    if (any(3) != 0)
        range->from = any_key(books);
    range->has_to = any(3) != 0;
    if (range->has_to)
        range->to = any_key(books);
    tree_split(&source, range);
}

static void compare_tree(struct rig *rig, bool insured_side, unsigned region)
{
    static struct tree_exchange question, expected;
    struct tree_side side;
    struct tree_source source = tree_side_source(&side);
    struct buffer body = {0}, bytes = {0};
    read_bills(rig, insured_side, region, &side);
    any_question(&side, &question);
    question.side = insured_side ? SIDE_INSURED : SIDE_CARE;
    (void)snprintf(question.region, sizeof question.region, "%s", region < REGIONS ? clearing_region(region) : "");
    tree_exchange_encode(&question, &body);
    memset(&expected, 0, sizeof expected);
    tree_answer(&source, &question, &expected);
    tree_exchange_encode(&expected, &bytes);
    struct span tree = rig_ask(rig, &(struct books_query){.kind = ASK_TREE, .body.tree = buffer_span(&body)})->tree;
    assert_true(span_equal(tree, buffer_span(&bytes)));
    buffer_fini(&body);
    buffer_fini(&bytes);
}

void compare_trees(struct rig *rig)
{
    uint64_t history = random_state; /* which goes on as if nobody had looked */
    for (unsigned i = 0; i < TREES_EACH; i++)
        compare_tree(rig, any(2) == 0, (unsigned)any(REGIONS + 1));
    random_state = history;
}

void forget_sums(struct rig *rig)
{
    static const unsigned counted[] = {SUMS, ROLLED};
    struct store_walk walk;
    harness_restart(&rig->harness); /* nothing is left to be flushed */
    for (unsigned i = 0; i < 2; i++)
        for (bool more = true; more;) {
            struct row_bytes key = {.size = 0};
            more = store_walk_start(&walk, rig->harness.txn, counted[i], span_of(NULL, 0));
            key = more ? row_copy(walk.key) : key;
            store_walk_end(&walk);
            if (more)
                store_delete(rig->harness.txn, counted[i], row_span(&key));
        }
    harness_restart(&rig->harness);
    rig_tick(rig); /* a restarted core learns what day it is */
}
