/* SPDX-License-Identifier: Apache-2.0
 * Random years of bills, reversals, statements, disputes, investigations and clearings, through the books and through a
 * second implementation that is deliberately simple: flags in an array, looked at whole after each event. */
#include "tests/support/test.h"
#include "tests/unit/books_random.h"
#include "tests/unit/books_views.h"

enum { EVENTS_SHORT = 900, SEEDS_THAT_SHOW = 20 /* so many must show that things did happen */ };

static uint64_t events_each = EVENTS_SHORT;

/* ---- what must hold ---- */

/* Numbers rise, so the longest histories can be searched. */
static int item_at(const struct model *model, uint64_t number)
{
    int low = 0, high = model->count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (model->items[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    assert_true(low < model->count && model->items[low].number == number);
    return low;
}

/* How often the list of what is open has shown it as waiting for a later month's table. */
static int waiting[ITEMS_MAX];

static void rows_of(struct rig *rig, uint32_t month, unsigned pair, bool open, int *seen, struct model *model,
                    fen_t *sum)
{
    uint8_t after[64];
    struct books_query query = {.kind = ASK_ROWS,
                                .body.rows = {.month = month,
                                              .insured_region = span_text(clearing_region(pair / REGIONS)),
                                              .care_region = span_text(clearing_region(pair % REGIONS)),
                                              .count_max = 7,
                                              .open = open}};
    do {
        const struct books_reply *answer = rig_ask(rig, &query);
        for (uint32_t i = 0; i < answer->row_count; i++) {
            const struct clearing_row *row = &answer->rows[i];
            int at = item_at(model, row->number);
            assert_int_equal(row->open_reason != 0, open); /* open with a reason */
            uint32_t expected = model->items[at].month;
            if (open && waits_for_a_later_table(rig, &model->items[at])) {
                assert_int_equal(row->open_reason, OPEN_ROLLED_OVER);
                assert_int_equal(row->month, expected);
                waiting[at]++;
                continue;
            }
            enum open_reason reason = open ? reason_it_is_open(model, &model->items[at]) : OPEN_NONE;
            if (row->open_reason != (uint32_t)reason && expected == 0)
                fail_msg("bill %llu: reason %u, not %u", (unsigned long long)row->number, row->open_reason, reason);
            if (expected != (open ? 0 : month))
                fail_msg("bill %llu of %u: %u, not %u (%s)", (unsigned long long)row->number, model->items[at].day,
                         open ? 0 : month, expected, row->open_reason_name);
            *sum += row->fund + row->account;
            seen[at]++;
        }
        assert_true(answer->next.size <= sizeof after);
        if (answer->next.size > 0)
            memcpy(after, answer->next.data, answer->next.size);
        query.body.rows.after = span_of(after, answer->next.size);
    } while (query.body.rows.after.size > 0);
}

/* Every bill is in one table or open with a reason, as the simple implementation says; the tables' sums are those of
 * their rows; what is owed is what was posted less what was issued. */
static void compare(struct rig *rig, struct model *model)
{
    static int seen[ITEMS_MAX];
    struct books *books = rig->harness.self;
    memset(seen, 0, sizeof seen);
    memset(waiting, 0, sizeof waiting);
    assert_books_sum_to_zero(rig);
    for (unsigned pair = 0; pair < PAIRS; pair++) {
        fen_t issued = 0, posted = 0;
        uint32_t month = 202501;
        char account[48];
        for (int i = 0; i < MONTHS_LIVED; i++, month = next_month(month)) {
            fen_t in = 0, open = 0;
            month_t index = month_of_number(month);
            rows_of(rig, month, pair, false, seen, model, &in);
            rows_of(rig, month, pair, true, seen, model, &open);
            assert_int_equal(in, books->pairs[index][pair].amount);
            if (books->months[index].state == CLEARING_ISSUED)
                issued += in;
            posted += books->months[index].posted[pair];
        }
        fen_t expected = 0;
        for (int i = 0; i < model->count; i++)
            if (insured_of(&model->items[i]) * REGIONS + care_of(&model->items[i]) == pair)
                expected += model->items[i].amount;
        assert_int_equal(posted, expected);
        (void)snprintf(account, sizeof account, "payable:%s:%s", clearing_region(pair / REGIONS),
                       clearing_region(pair % REGIONS));
        fen_t owed = -rig_balance(rig, account);
        if (books->first_due > books->today)
            assert_int_equal(owed, posted - issued);
    }
    for (int i = 0; i < model->count; i++)
        if (seen[i] != 1)
            fail_msg("bill %llu is seen %d times", (unsigned long long)model->items[i].number, seen[i]);
        else if (waiting[i] != waits_for_a_later_table(rig, &model->items[i]))
            fail_msg("bill %llu waits, and is seen %d times", (unsigned long long)model->items[i].number, waiting[i]);
}

static fen_t balance_of(struct rig *rig, const char *kind, unsigned pair)
{
    char account[48];
    (void)snprintf(account, sizeof account, "%s:%s:%s", kind, clearing_region(pair / REGIONS),
                   clearing_region(pair % REGIONS));
    return rig_balance(rig, account);
}

/* Advance + use + what is on its way = deposits; what is bound is what issued months have not paid. */
static void compare_advances(struct rig *rig)
{
    const struct books *books = rig->harness.self;
    fen_t bound[PAIRS] = {0};
    uint32_t month = 202501;
    for (int i = 0; i < MONTHS_LIVED; i++, month = next_month(month)) {
        const struct books_reply *answer = ask_clearing(rig, month);
        bool paid = true;
        for (uint32_t j = 0; j < answer->payment_count; j++)
            paid = paid && answer->payments[j].state == PAYMENT_CONFIRMED;
        for (unsigned pair = 0; pair < PAIRS; pair++) {
            fen_t clears = books->pairs[month_of_number(month)][pair].amount;
            if (books->months[month_of_number(month)].state == CLEARING_ISSUED && !paid && clears > 0)
                bound[pair] += clears;
        }
    }
    for (unsigned pair = 0; pair < PAIRS; pair++) {
        if (pair / REGIONS == pair % REGIONS)
            continue;
        fen_t deposits = -balance_of(rig, "advance_deposit", pair), at_hand = balance_of(rig, "advance", pair),
              used = balance_of(rig, "advance_used", pair), transit = balance_of(rig, "advance_transit", pair);
        assert_int_equal(deposits, advances.deposited[pair]);
        assert_int_equal(transit, advances.on_its_way[pair]);
        assert_int_equal(at_hand + used + transit, deposits);
        if (books->first_due > books->today)
            assert_int_equal(used, bound[pair]);
    }
}

/* The nets of each month, recomputed from the simple implementation's bills. */
static void compare_nets(struct rig *rig, const struct model *model)
{
    uint32_t month = 202501;
    for (int i = 0; i < MONTHS_LIVED; i++, month = next_month(month)) {
        fen_t net[REGIONS] = {0};
        for (int j = 0; j < model->count; j++)
            if (model->items[j].month == month) {
                net[care_of(&model->items[j])] += model->items[j].amount;
                net[insured_of(&model->items[j])] -= model->items[j].amount;
            }
        const struct net_positions *nets = ask_clearing(rig, month)->nets;
        fen_t sum = 0;
        for (unsigned region = 0; region < REGIONS; region++) {
            assert_int_equal(nets->nets[region].net, net[region]);
            sum += nets->nets[region].net;
        }
        assert_int_equal(sum, 0);
    }
}

struct run {
    uint8_t state[DIGEST_SIZE], outputs[DIGEST_SIZE];
    int cleared, open, disputed;
};

static struct model model;

static void live(uint64_t seed, int restart_each, bool checked, struct run *run)
{
    struct rig rig;
    random_state = seed;
    memset(&model, 0, sizeof model);
    memset(&advances, 0, sizeof advances);
    memset(run, 0, sizeof *run);
    rig_start(&rig);
    rig_policy(&rig, "data/clearing/2025.yaml");
    int32_t day = civil_date_to_day(20250103);
    for (uint64_t i = 1; i <= events_each; i++) {
        if (any(3 * events_each / EVENTS_SHORT) == 0) /* the years are as long, the days fuller */
            day += 1 + (any(40) == 0 ? (int32_t)any(25) : 0);
        model.today = civil_date_from_day(day);
        rig_at(&rig, model.today);
        look_at_all(&model); /* what stands from this day on */
        one_event(&rig, &model);
        run->disputed += model.reply_count > 0;
        look_at_all(&model);
        for (struct books *books = rig.harness.self; checked && any(4) == 0 && books->first_due <= books->today;)
            rig_tick(&rig);
        if (checked)
            assert_books_sum_to_zero(&rig); /* as after a commit */
        if (checked && i % (events_each / 6) == 0) {
            compare(&rig, &model);
            compare_views(&rig, &model);
            compare_trees(&rig);
            compare_advances(&rig);
        }
        if (i % (uint64_t)restart_each == 0)
            harness_restart(&rig.harness);
    }
    const struct books *books = rig.harness.self;
    do
        rig_tick(&rig); /* the first tells a restarted core what day it is */
    while (books->first_due <= books->today);
    if (checked) {
        compare(&rig, &model);
        compare_views(&rig, &model);
        rig_send(&rig, "operator", EVENT_LOGIC_VERSION, (union event_body){.logic = {.version = 2, .reason = ""}});
        compare_views(&rig, &model); /* as counted, bill by bill */
        forget_sums(&rig);
        compare_views(&rig, &model);
        compare_trees(&rig);
        compare_advances(&rig);
        compare_nets(&rig, &model);
    }
    for (int i = 0; i < model.count; i++) {
        run->cleared += model.items[i].month != 0 && table_stands(model.items[i].month, model.today);
        run->open += model.items[i].month == 0;
    }
    harness_digest(&rig.harness, run->state);
    digest_finish(rig.outputs, run->outputs);
    rig_stop(&rig);
}

/* HUTONG_BOOKS_SEEDS, _FIRST_SEED and _EVENTS make it longer: 1,000 seeds of 10,000 events are the full bar. */
static uint64_t wish(const char *name, uint64_t otherwise)
{
    const char *wanted = getenv(name);
    return wanted != NULL ? strtoull(wanted, NULL, 10) : otherwise;
}

TEST(random_years_agree_with_a_simple_implementation)
{
    uint64_t seeds = wish("HUTONG_BOOKS_SEEDS", 40), first = wish("HUTONG_BOOKS_FIRST_SEED", 1);
    events_each = wish("HUTONG_BOOKS_EVENTS", EVENTS_SHORT);
    int cleared = 0, open = 0, disputed = 0;
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        struct run run;
        print_message("seed %llu\n", (unsigned long long)seed);
        live(seed, 400, true, &run);
        cleared += run.cleared;
        open += run.open;
        disputed += run.disputed;
    }
    print_message("%d cleared, %d open, %d disputed\n", cleared, open, disputed);
    if (seeds >= SEEDS_THAT_SHOW) /* one history may well have no dispute at all */
        assert_true((uint64_t)cleared > 10 * seeds && (uint64_t)open > 10 * seeds && (uint64_t)disputed > seeds);
}

/* ---- the close at every possible moment ---- */

enum { CLOSE_EVENTS = 30, REPLY_EVENTS = 15, CLOSE_MONTH = 202503, CLOSES_THAT_SHOW = 20 };

/* NetPositions of the month as anybody writes them who has the bills: proto/hutong/v1/books.proto. */
static void write_nets(uint32_t month, struct buffer *out)
{
    fen_t owed[REGIONS][REGIONS] = {{0}};
    for (int i = 0; i < model.count; i++)
        if (model.items[i].month == month)
            owed[insured_of(&model.items[i])][care_of(&model.items[i])] += model.items[i].amount;
    struct net_position rows[REGIONS];
    for (unsigned region = 0; region < REGIONS; region++) {
        fen_t receivable = owed[0][region] + owed[1][region] + owed[2][region],
              payable = owed[region][0] + owed[region][1] + owed[region][2];
        rows[region] = (struct net_position){clearing_region(region), receivable, payable, receivable - payable};
    }
    buffer_reset(out);
    net_positions_encode(&(struct net_positions){month, rows, REGIONS}, out);
}

static void rewind_core(struct harness *harness)
{
    harness->core->close(harness->self);
    memset(harness->self, 0, harness->core->self_size);
    store_abort(&harness->txn);
    assert_int_equal(store_begin(harness->store, true, &harness->txn), OK);
    assert_int_equal(harness->core->open(harness->self, harness->txn, harness->partition), OK);
    harness->position = 1;
}

/* The nets that the books sent on this day, against those of the simple implementation. */
static unsigned close_and_compare(struct rig *rig, civil_date_t day, struct buffer *expected)
{
    const struct books *books = rig->harness.self;
    unsigned said = 0;
    struct buffer nets; /* a record that is canonical has these bytes */
    buffer_init(&nets);
    model.today = day;
    rig_at(rig, day);
    look_at_all(&model);
    write_nets(CLOSE_MONTH, expected);
    do {
        rig_tick(rig);
        if (rig->said.kind != BOOKS_NET_POSITIONS)
            continue;
        said++;
        buffer_reset(&nets);
        net_positions_encode(rig->said.net_positions, &nets);
        if (!span_equal(buffer_span(&nets), buffer_span(expected)))
            fail_msg("the nets of %u differ", day);
    } while (books->first_due <= books->today);
    buffer_fini(&nets);
    return said;
}

static void one_busy_position(struct rig *rig, int32_t day)
{
    model.today = civil_date_from_day(day);
    rig_at(rig, model.today);
    look_at_all(&model);
    one_busy_event(rig, &model);
    look_at_all(&model);
}

/* The same events each time; after `close` of them it is the 21st. In every other history an event comes before the
 * calendar's on that day: it is too late all the same. Whether anything cleared. */
static bool close_after(struct rig *rig, uint64_t seed, int close, struct buffer *expected)
{
    const int32_t stands = civil_date_to_day(20250421), last = civil_date_to_day(20250425);
    int32_t day = civil_date_to_day(20250310);
    bool cleared = false;
    random_state = seed;
    memset(&model, 0, sizeof model);
    memset(&advances, 0, sizeof advances);
    rig->now = 0;
    rig_at(rig, 20250101);
    rig_policy(rig, "data/clearing/2025.yaml");
    for (int i = 0; i < close; i++) {
        day += (int32_t)any(3);
        day = day < stands ? day : stands - 1;
        one_busy_position(rig, day);
    }
    if (seed % 2 == 0)
        one_busy_position(rig, stands);
    unsigned said = close_and_compare(rig, 20250421, expected);
    for (int i = 0; i < model.count; i++)
        cleared = cleared || model.items[i].month == CLOSE_MONTH;
    assert_true(said == 1 || !cleared); /* a month that nothing is in has no table */
    day = stands;
    for (int i = 0; i < REPLY_EVENTS; i++) {
        day += day < last && any(4) == 0;
        one_busy_position(rig, day);
    }
    (void)close_and_compare(rig, 20250426, expected); /* as issued */
    compare_nets(rig, &model);
    return cleared;
}

/* HUTONG_BOOKS_CLOSES: how many histories; 10,000 are the full bar. */
TEST(nets_are_the_same_bytes_wherever_the_month_is_closed)
{
    struct rig rig;
    struct buffer expected;
    uint64_t histories = wish("HUTONG_BOOKS_CLOSES", 60), closed = 0;
    buffer_init(&expected);
    rig_start(&rig);
    for (uint64_t seed = 1; seed <= histories; seed++)
        for (int close = 0; close <= CLOSE_EVENTS; close++) {
            rewind_core(&rig.harness);
            if (close == 0)
                print_message("history %llu\n", (unsigned long long)seed);
            closed += close_after(&rig, seed, close, &expected);
        }
    print_message("%llu closes with something in them\n", (unsigned long long)closed);
    assert_true(histories < CLOSES_THAT_SHOW || closed > histories * CLOSE_EVENTS / 4);
    rig_stop(&rig);
    buffer_fini(&expected);
}

TEST(replay_gives_the_same_bytes)
{
    struct run once, again;
    events_each = EVENTS_SHORT;
    live(77, 100000, false, &once);
    live(77, 13, false, &again);
    assert_memory_equal(once.outputs, again.outputs, DIGEST_SIZE);
    assert_memory_equal(once.state, again.state, DIGEST_SIZE);
}
