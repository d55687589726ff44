/* SPDX-License-Identifier: Apache-2.0
 * Random years of bills, reversals, statements, disputes, investigations and clearings, through the books and through a
 * second implementation that is deliberately simple: flags in an array, looked at whole after each event. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/books_model.h"

enum { MONTHS_LIVED = 27, EVENTS_SHORT = 900 };

static uint64_t random_state, events_each = EVENTS_SHORT;
static uint64_t any(uint64_t below)
{
    uint64_t z = random_state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (z ^ (z >> 31)) % below;
}

static const char *const hospitals[] = {TIANJIN_HOSPITAL, BEIJING_HOSPITAL, HEBEI_HOSPITAL, "H13108200003"};
static const char *const hospital_areas[] = {"120000", "110000", "130100", "131000"};
static const char *const areas[] = {"110000", "120000", "130100", "131000"};

/* ---- one random event, to both ---- */

static struct item *add_item(struct model *model, position_t number, const struct rig_bill *bill, int original,
                             fen_t amount)
{
    assert_true(model->count < ITEMS_MAX);
    struct item *item = &model->items[model->count++];
    *item = (struct item){.number = number, .bill = *bill, .original = original, .amount = amount, .day = model->today};
    return item;
}

static void bill(struct rig *rig, struct model *model)
{
    static char ids[ITEMS_MAX][12];
    unsigned hospital = (unsigned)any(4), area = (unsigned)any(4);
    while (strcmp(areas[area], hospital_areas[hospital]) == 0)
        area = (unsigned)any(4);
    (void)snprintf(ids[model->count], sizeof ids[0], "B%d", model->count);
    struct rig_bill made = {.insured_area = areas[area],
                            .institution = hospitals[hospital],
                            .bill_id = ids[model->count],
                            .care_kind = any(2) == 0 ? "11" : "21",
                            .admission = model->today,
                            .discharge = model->today,
                            .total = 100 + (fen_t)any(4000000)};
    made.fund = (fen_t)any((uint64_t)made.total + 1) / 100 * 100;
    made.account = any(3) == 0 ? (fen_t)any((uint64_t)(made.total - made.fund) + 1) : 0;
    add_item(model, rig_settle(rig, &made), &made, -1, made.fund + made.account);
}

static void reverse(struct rig *rig, struct model *model)
{
    int at = model->count == 0 ? -1 : (int)any((uint64_t)model->count);
    if (at < 0 || model->items[at].original >= 0 || model->items[at].reversed)
        return;
    struct rig_bill made = model->items[at].bill;
    model->items[at].reversed = true;
    position_t number = rig_reverse(rig, model->items[at].number, &made);
    add_item(model, number, &made, at, -model->items[at].amount + model->items[at].taken_off);
}

/* Adds a row to its class's totals; how many classes there are now. */
static uint32_t add_total(struct statement_total *totals, uint32_t count, const struct statement_row *row, int sign)
{
    uint32_t at = 0;
    while (at < count && strcmp(totals[at].clearing_type, row->clearing_type) != 0)
        at++;
    if (at == count)
        totals[count++] = (struct statement_total){.insurance_type = "310", .clearing_type = row->clearing_type};
    totals[at].count_positive += sign > 0;
    totals[at].count_negative += sign < 0;
    totals[at].total += row->total;
    totals[at].fund += row->fund;
    totals[at].account += row->account;
    return count;
}

static void state_day(struct rig *rig, struct model *model)
{
    static struct statement_row rows[ITEMS_MAX];
    struct statement_total totals[8] = {{0}};
    uint32_t row_count = 0, total_count = 0;
    const struct item *about = model->count == 0 ? NULL : &model->items[any((uint64_t)model->count)];
    if (about == NULL || about->adjustment || about->day >= model->today)
        return;
    bool detailed = any(3) != 0, sloppy = any(5) == 0, care = any(2) == 0;
    unsigned side = care ? 0 : 1, region = care ? care_of(about) : insured_of(about);
    civil_date_t day = about->day;
    const char *institution = about->bill.institution;
    int words[ITEMS_MAX] = {0};
    for (int i = 0; i < model->count; i++) {
        const struct item *item = &model->items[i];
        if (item->adjustment || item->day != day || strcmp(item->bill.institution, institution) != 0 ||
            (!care && insured_of(item) != region))
            continue;
        int sign = item->original >= 0 ? -1 : 1;
        fen_t off = sloppy && any(3) == 0 ? 1 + (fen_t)any(3) : 0;
        const char *clearing = item->bill.care_kind;
        words[i] = 1;
        if (detailed && sloppy && any(4) == 0) {
            words[i] = 2;
            continue; /* left out */
        }
        rows[row_count] = (struct statement_row){item->number,
                                                 item->bill.bill_id,
                                                 item->original >= 0 ? model->items[item->original].number : 0,
                                                 item->bill.insured_area,
                                                 "310",
                                                 clearing,
                                                 sign * item->bill.total,
                                                 sign * item->bill.fund + off,
                                                 sign * item->bill.account};
        total_count = add_total(totals, total_count, &rows[row_count], sign);
        words[i] = off != 0 ? 2 : 1;
        row_count++;
    }
    for (int i = 0; !detailed && i < model->count; i++) /* one wrong bill, and its whole class waits */
        for (int j = 0; words[i] == 2 && j < model->count; j++)
            if (words[j] == 1 && strcmp(model->items[i].bill.care_kind, model->items[j].bill.care_kind) == 0)
                words[j] = 2;
    struct statement statement = {.day = day,
                                  .institution = institution,
                                  .side = side + 1,
                                  .detailed = detailed,
                                  .totals = totals,
                                  .total_count = total_count,
                                  .rows = rows,
                                  .row_count = detailed ? row_count : 0};
    rig_send(rig, clearing_region(region), EVENT_STATEMENT, (union books_body){.statement = statement});
    for (int i = 0; i < model->count; i++) {
        struct item *item = &model->items[i];
        if (words[i] == 0)
            continue;
        item->word[side] = words[i];
        if (words[i] != 1 || item->dispute == 0 || item->dispute_side != (int)side)
            continue;
        for (int j = 0; j < model->count; j++)
            if (model->items[j].original == i && model->items[j].dispute == item->dispute)
                model->items[j].dispute = 0;
        item->dispute = 0;
    }
}

static void dispute(struct rig *rig, struct model *model)
{
    int at = model->count == 0 ? -1 : (int)any((uint64_t)model->count);
    for (int tries = 0; at >= 0 && tries < model->count && model->items[at].month == 0; tries++)
        at = (at + 1) % model->count;
    const struct told *last = model->reply_count == 0 ? NULL : &model->replies[model->reply_count - 1];
    if (last != NULL && any(2) == 0 && model->items[last->item].original >= 0)
        at = model->items[last->item].original; /* what takes it back is disputed already */
    if (at < 0)
        return;
    struct item *item = &model->items[at];
    int side = (int)any(2);
    if (insured_of(item) == care_of(item))
        side = 0; /* both are one party, which replies as the region of care */
    uint64_t number = item->number;
    uint32_t month = item->month == 0 ? 202501 : item->month;
    struct clearing_reply reply = {.month = month,
                                   .insured_region = clearing_region(insured_of(item)),
                                   .care_region = clearing_region(care_of(item)),
                                   .action = ACTION_DISPUTE,
                                   .numbers = &number,
                                   .number_count = 1,
                                   .reason = ""};
    position_t position = rig_send(rig, side == 0 ? reply.care_region : reply.insured_region, EVENT_CLEARING_REPLY,
                                   (union books_body){.clearing_reply = reply});
    bool in_time =
        item->month != 0 && table_stands(month, model->today) && model->today <= next_month(month) * 100 + 25;
    if (rig_rule(rig) == RULE_CLEARING_NOT_STANDING && in_time)
        return; /* the table's entry in the calendar is not done yet */
    assert_int_equal(rig_rule(rig) == 0, in_time);
    if (!in_time)
        return;
    assert_true(model->reply_count < REPLIES_MAX);
    model->replies[model->reply_count++] = (struct told){position, at, side, month};
    for (int i = 0; i < model->count; i++)
        if (i == at || (model->items[i].original == at && model->items[i].month == month)) {
            model->items[i].dispute = position;
            model->items[i].dispute_side = side;
            model->items[i].month = 0;
        }
}

/* Any reply, not only the last: what another dispute still holds out stays out. */
static void roll_back(struct rig *rig, struct model *model)
{
    if (model->reply_count == 0)
        return;
    int at = any(2) == 0 ? model->reply_count - 1 : (int)any((uint64_t)model->reply_count);
    struct told told = model->replies[at];
    struct item *item = &model->items[told.item];
    struct clearing_reply reply = {.month = told.month,
                                   .insured_region = clearing_region(insured_of(item)),
                                   .care_region = clearing_region(care_of(item)),
                                   .action = ACTION_ROLL_BACK,
                                   .reply = told.number,
                                   .reason = ""};
    rig_send(rig, told.side == 0 ? reply.care_region : reply.insured_region, EVENT_CLEARING_REPLY,
             (union books_body){.clearing_reply = reply});
    bool in_time = model->today <= next_month(told.month) * 100 + 25;
    assert_int_equal(rig_rule(rig) == 0, in_time);
    model->replies[at] = model->replies[--model->reply_count];
    if (!in_time || item->dispute != told.number)
        return;
    const struct item *original = item->original < 0 ? NULL : &model->items[item->original];
    if (original != NULL && (original->month == 0 || original->month > told.month)) {
        item->dispute = original->dispute;
        item->dispute_side = original->dispute_side;
        return;
    }
    for (int i = 0; i < model->count; i++)
        if (model->items[i].dispute == told.number) {
            model->items[i].dispute = 0;
            model->items[i].month = told.month;
        }
}

static void ask(struct rig *rig, struct model *model)
{
    int at = model->count == 0 ? -1 : (int)any((uint64_t)model->count);
    if (at < 0 || model->items[at].original >= 0 || model->items[at].asked || model->request_count == REQUESTS_MAX)
        return;
    struct item *item = &model->items[at];
    unsigned asker = any(2) == 0 ? insured_of(item) : care_of(item);
    struct investigation request = {.about = item->number, .text = "?"};
    position_t number = rig_send(rig, clearing_region(asker), EVENT_INVESTIGATION_REQUEST,
                                 (union books_body){.investigation = request});
    uint32_t rule = rig_rule(rig);
    assert_true(rule == 0 || rule == RULE_CALENDAR_UNKNOWN);
    model->requests[model->request_count].number = number;
    model->requests[model->request_count].item = at;
    model->requests[model->request_count].asker = asker;
    model->requests[model->request_count].answered = model->requests[model->request_count].closed = false;
    model->request_count++;
    item->asked = item->held = true;
}

static void go_on(struct rig *rig, struct model *model)
{
    int at = model->request_count == 0 ? -1 : (int)any((uint64_t)model->request_count);
    if (at < 0 || model->requests[at].closed)
        return;
    struct item *item = &model->items[model->requests[at].item];
    unsigned care = care_of(item), other = model->requests[at].asker == care ? insured_of(item) : care;
    struct investigation say = {.about = model->requests[at].number, .text = "!"};
    if (!model->requests[at].answered) {
        rig_send(rig, clearing_region(other), EVENT_INVESTIGATION_ANSWER, (union books_body){.investigation = say});
        assert_int_equal(rig_rule(rig), 0);
        model->requests[at].answered = true;
        return;
    }
    fen_t left = item->reversed ? 0 : item->amount - item->taken_off;
    say.verdict = VERDICT_CONFIRMED + (uint32_t)any(3);
    say.amount = say.verdict == VERDICT_WRONG_PART ? 1 + (fen_t)any((uint64_t)left + 2) : 0;
    fen_t off = say.verdict == VERDICT_WRONG_WHOLE ? left : say.amount;
    position_t number =
        rig_send(rig, clearing_region(care), EVENT_INVESTIGATION_FINDING, (union books_body){.investigation = say});
    bool holds = say.verdict == VERDICT_CONFIRMED || (off > 0 && off <= left);
    assert_int_equal(rig_rule(rig) == 0, holds);
    if (!holds)
        return;
    model->requests[at].closed = true;
    item->held = item->asked = false;
    if (off == 0)
        return;
    item->taken_off += off;
    struct rig_bill nothing = item->bill;
    add_item(model, number, &nothing, model->requests[at].item, -off)->adjustment = true;
}

/* ---- money between the regions ---- */

struct advance_model {
    fen_t deposited[PAIRS], on_its_way[PAIRS];
    position_t waiting; /* a deposit on its way; 0: none */
    struct advance_deposit deposit;
};
static struct advance_model advances;

static unsigned pair_of_deposit(const struct advance_deposit *deposit)
{
    return clearing_region_index(deposit->insured_region) * REGIONS + clearing_region_index(deposit->care_region);
}

/* One is sent, and arrives later, perhaps said twice; the second time is refused. */
static void move_deposit(struct rig *rig, const struct model *model)
{
    unsigned insured = (unsigned)any(REGIONS), care = (insured + 1 + (unsigned)any(REGIONS - 1)) % REGIONS;
    struct advance_deposit *deposit = &advances.deposit;
    if (advances.waiting == 0) {
        *deposit = (struct advance_deposit){
            clearing_region(insured), clearing_region(care), 1 + (fen_t)any(90000000), model->today, any(2) == 0, 0};
        advances.waiting = rig_send(rig, deposit->insured_region, EVENT_ADVANCE_DEPOSIT,
                                    (union books_body){.advance_deposit = *deposit});
        assert_int_equal(rig_rule(rig), 0);
        advances.deposited[pair_of_deposit(deposit)] += deposit->amount;
        advances.on_its_way[pair_of_deposit(deposit)] += deposit->amount;
        return;
    }
    deposit->deposit = advances.waiting;
    for (uint32_t i = 0, times = 1 + (uint32_t)any(2); i < times; i++) {
        rig_send(rig, deposit->care_region, EVENT_ADVANCE_DEPOSIT, (union books_body){.advance_deposit = *deposit});
        assert_int_equal(rig_rule(rig), i == 0 ? 0 : RULE_DEPOSIT_UNKNOWN);
    }
    advances.on_its_way[pair_of_deposit(deposit)] -= deposit->amount;
    advances.waiting = 0;
}

static struct span ask_clearing(struct rig *rig, uint32_t month)
{
    struct buffer question;
    buffer_init(&question);
    wire_put_uint(&question, 1, month);
    struct span answer = rig_ask(rig, 3, buffer_span(&question));
    buffer_fini(&question);
    return answer;
}

enum { NOTICES = 9, NOTICED = 1, CONFIRMED = 3 };

/* The next step of some month's first payment that is not done. */
static void pay(struct rig *rig, const struct model *model)
{
    char payer[7] = "", payee[7] = "";
    uint32_t month = 202501;
    for (uint64_t i = any(MONTHS_LIVED); i > 0; i--)
        month = next_month(month);
    struct span answer = ask_clearing(rig, month);
    for (unsigned i = 0; i < message_count(answer, NOTICES); i++) {
        struct span notice = message_bytes(answer, NOTICES, i);
        uint64_t state = message_number(notice, 5);
        if (state == CONFIRMED)
            continue;
        memcpy(payer, message_bytes(notice, 2, 0).data, 6);
        memcpy(payee, message_bytes(notice, 3, 0).data, 6);
        struct payment payment = {month, payer, payee, (fen_t)message_number(notice, 4), model->today};
        rig_send(rig, state == NOTICED ? payer : payee, EVENT_PAYMENT, (union books_body){.payment = payment});
        assert_int_equal(rig_rule(rig), 0);
        return;
    }
}

static void one_event(struct rig *rig, struct model *model)
{
    switch (any(22)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
        bill(rig, model);
        break;
    case 5:
        reverse(rig, model);
        break;
    case 6:
        ask(rig, model);
        break;
    case 7:
    case 8:
        go_on(rig, model);
        break;
    case 9:
        dispute(rig, model);
        break;
    case 10:
        roll_back(rig, model);
        break;
    case 11:
        rig_tick(rig);
        break;
    case 12:
        move_deposit(rig, model);
        break;
    case 13:
        pay(rig, model);
        break;
    default:
        state_day(rig, model);
        break;
    }
}

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

static void rows_of(struct rig *rig, uint32_t month, unsigned pair, bool open, int *seen, struct model *model,
                    fen_t *sum)
{
    struct buffer question;
    uint8_t after[64];
    size_t after_size = 0;
    buffer_init(&question);
    do {
        buffer_reset(&question);
        wire_put_uint(&question, 1, month);
        wire_put_text(&question, 2, clearing_region(pair / REGIONS));
        wire_put_text(&question, 3, clearing_region(pair % REGIONS));
        wire_put_bytes(&question, 4, span_of(after, after_size));
        wire_put_uint(&question, 5, 7);
        wire_put_uint(&question, 6, open);
        struct span answer = rig_ask(rig, 4, buffer_span(&question));
        for (unsigned i = 0; i < message_count(answer, 5); i++) {
            struct span row = message_bytes(answer, 5, i);
            int at = item_at(model, message_number(row, 1));
            assert_int_equal(message_number(row, 12) != 0, open); /* open with a reason */
            uint32_t expected = model->items[at].month;
            if (expected != (open ? 0 : month))
                fail_msg("bill %llu of %u: %u, not %u (%.*s)", (unsigned long long)model->items[at].number,
                         model->items[at].day, open ? 0 : month, expected, (int)message_bytes(row, 13, 0).size,
                         (const char *)message_bytes(row, 13, 0).data);
            *sum += (fen_t)message_number(row, 10) + (fen_t)message_number(row, 11);
            seen[at]++;
        }
        struct span next = message_bytes(answer, 15, 0);
        after_size = next.size;
        if (next.size > 0)
            memcpy(after, next.data, next.size);
    } while (after_size > 0);
    buffer_fini(&question);
}

/* Every bill is in one table or open with a reason, as the simple implementation says; the tables' sums are those of
 * their rows; what is owed is what was posted less what was issued. */
static void compare(struct rig *rig, struct model *model)
{
    static int seen[ITEMS_MAX];
    struct books *books = rig->harness.self;
    memset(seen, 0, sizeof seen);
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
        struct span answer = ask_clearing(rig, month);
        bool paid = true;
        for (unsigned j = 0; j < message_count(answer, NOTICES); j++)
            paid = paid && message_number(message_bytes(answer, NOTICES, j), 5) == CONFIRMED;
        for (unsigned pair = 0; pair < PAIRS; pair++)
            if (books->months[month_of_number(month)].state == CLEARING_ISSUED && !paid)
                bound[pair] += books->pairs[month_of_number(month)][pair].amount;
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
        struct buffer question;
        for (int j = 0; j < model->count; j++)
            if (model->items[j].month == month) {
                net[care_of(&model->items[j])] += model->items[j].amount;
                net[insured_of(&model->items[j])] -= model->items[j].amount;
            }
        buffer_init(&question);
        wire_put_uint(&question, 1, month);
        struct span nets = message_bytes(rig_ask(rig, 3, buffer_span(&question)), 4, 0);
        fen_t sum = 0;
        for (unsigned region = 0; region < REGIONS; region++) {
            struct span row = message_bytes(nets, 2, region);
            assert_int_equal((fen_t)message_number(row, 4), net[region]);
            sum += (fen_t)message_number(row, 4);
        }
        assert_int_equal(sum, 0);
        buffer_fini(&question);
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

static void random_years_agree_with_a_simple_implementation(void **state)
{
    uint64_t seeds = wish("HUTONG_BOOKS_SEEDS", 40), first = wish("HUTONG_BOOKS_FIRST_SEED", 1);
    events_each = wish("HUTONG_BOOKS_EVENTS", EVENTS_SHORT);
    int cleared = 0, open = 0, disputed = 0;
    (void)state;
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        struct run run;
        print_message("seed %llu\n", (unsigned long long)seed);
        live(seed, 400, true, &run);
        cleared += run.cleared;
        open += run.open;
        disputed += run.disputed;
    }
    print_message("%d cleared, %d open, %d disputed\n", cleared, open, disputed);
    assert_true((uint64_t)cleared > 10 * seeds && (uint64_t)open > 10 * seeds &&
                (uint64_t)disputed > seeds); /* it did happen */
}

/* ---- the close at every possible moment ---- */

enum { CLOSE_EVENTS = 18, CLOSE_MONTH = 202503 };

/* NetPositions of the month as anybody writes them who has the bills: proto/hutong/v1/books.proto. */
static void write_nets(uint32_t month, struct buffer *out)
{
    fen_t owed[REGIONS][REGIONS] = {{0}};
    for (int i = 0; i < model.count; i++)
        if (model.items[i].month == month)
            owed[insured_of(&model.items[i])][care_of(&model.items[i])] += model.items[i].amount;
    buffer_reset(out);
    wire_put_uint(out, 1, month);
    for (unsigned region = 0; region < REGIONS; region++) {
        fen_t receivable = owed[0][region] + owed[1][region] + owed[2][region],
              payable = owed[region][0] + owed[region][1] + owed[region][2];
        size_t row = wire_begin(out, 2);
        wire_put_text(out, 1, clearing_region(region));
        wire_put_int(out, 2, receivable);
        wire_put_int(out, 3, payable);
        wire_put_int(out, 4, receivable - payable);
        wire_end(out, row);
    }
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
    model.today = day;
    rig_at(rig, day);
    look_at_all(&model);
    write_nets(CLOSE_MONTH, expected);
    do {
        rig_tick(rig);
        if (rig_number(rig, 0, 5) != BOOKS_NETS)
            continue;
        said++;
        if (!span_equal(rig_bytes(rig, 0, 18), buffer_span(expected)))
            fail_msg("the nets of %u differ", day);
    } while (books->first_due <= books->today);
    return said;
}

/* The same events each time; after `close` of them it is the 21st. Whether anything cleared. */
static bool close_after(struct rig *rig, uint64_t seed, int close, struct buffer *expected)
{
    int32_t day = civil_date_to_day(20250310);
    bool cleared = false;
    random_state = seed;
    memset(&model, 0, sizeof model);
    memset(&advances, 0, sizeof advances);
    rig->now = 0;
    rig_at(rig, 20250101);
    rig_policy(rig, "data/clearing/2025.yaml");
    for (int i = 0; i <= CLOSE_EVENTS; i++) {
        if (i == close) {
            unsigned said = close_and_compare(rig, 20250421, expected);
            for (int j = 0; j < model.count; j++)
                cleared = cleared || model.items[j].month == CLOSE_MONTH;
            assert_true(said == 1 || !cleared); /* a month that nothing is in has no table */
            day = civil_date_to_day(20250421);
        }
        if (i == CLOSE_EVENTS)
            break;
        day += i < close ? (int32_t)any(3) : (int32_t)any(2);
        model.today =
            civil_date_from_day(i >= close && day > civil_date_to_day(20250425) ? civil_date_to_day(20250425) : day);
        rig_at(rig, model.today);
        look_at_all(&model);
        one_event(rig, &model);
        look_at_all(&model);
    }
    (void)close_and_compare(rig, 20250426, expected); /* as issued */
    compare_nets(rig, &model);
    return cleared;
}

/* HUTONG_BOOKS_CLOSES: how many histories; 10,000 are the full bar. */
static void nets_are_the_same_bytes_wherever_the_month_is_closed(void **state)
{
    struct rig rig;
    struct buffer expected;
    uint64_t histories = wish("HUTONG_BOOKS_CLOSES", 60), closed = 0;
    (void)state;
    buffer_init(&expected);
    rig_start(&rig);
    for (uint64_t seed = 1; seed <= histories; seed++)
        for (int close = 0; close <= CLOSE_EVENTS; close++) {
            rewind_core(&rig.harness);
            print_message(close == 0 ? "history %llu\n" : "", (unsigned long long)seed);
            closed += close_after(&rig, seed, close, &expected);
        }
    print_message("%llu closes with something in them\n", (unsigned long long)closed);
    assert_true(closed > histories / 4);
    rig_stop(&rig);
    buffer_fini(&expected);
}

static void replay_gives_the_same_bytes(void **state)
{
    struct run once, again;
    (void)state;
    events_each = EVENTS_SHORT;
    live(77, 100000, false, &once);
    live(77, 13, false, &again);
    assert_memory_equal(once.outputs, again.outputs, DIGEST_SIZE);
    assert_memory_equal(once.state, again.state, DIGEST_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_years_agree_with_a_simple_implementation),
        cmocka_unit_test(nets_are_the_same_bytes_wherever_the_month_is_closed),
        cmocka_unit_test(replay_gives_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
