/* SPDX-License-Identifier: Apache-2.0
 * One random event of the books at a time, told to the core and to the simple implementation. */
#include "tests/unit/books_random.h"
#include "tests/support/random.h"
#include "tests/support/test.h"

uint64_t random_state;
uint64_t any(uint64_t below)
{
    return random_next(&random_state) % below;
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

/* The day and institution of this item, by one side of it: as we have it, unless it is sloppy. */
static void state_day_of(struct rig *rig, struct model *model, const struct item *about, bool care, bool detailed,
                         bool sloppy)
{
    static struct statement_row rows[ITEMS_MAX];
    struct statement_total totals[8] = {{0}};
    uint32_t row_count = 0, total_count = 0;
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
    rig_send(rig, clearing_region(region), EVENT_STATEMENT, (union event_body){.statement = statement});
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

static void state_day(struct rig *rig, struct model *model)
{
    const struct item *about = model->count == 0 ? NULL : &model->items[any((uint64_t)model->count)];
    if (about == NULL || about->adjustment || about->day >= model->today)
        return;
    bool detailed = any(3) != 0, sloppy = any(5) == 0, care = any(2) == 0;
    state_day_of(rig, model, about, care, detailed, sloppy);
}

/* Both sides agree, about what it takes back too. */
static void reconcile(struct rig *rig, struct model *model)
{
    for (int at = model->count == 0 ? -1 : (int)any((uint64_t)model->count); at >= 0; at = model->items[at].original)
        for (int care = 0; care < 2 && !model->items[at].adjustment && model->items[at].day < model->today; care++) {
            state_day_of(rig, model, &model->items[at], care, any(2) == 0, false);
            look_at_all(model); /* each statement is a position */
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
                                   (union event_body){.clearing_reply = reply});
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
             (union event_body){.clearing_reply = reply});
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
                                 (union event_body){.investigation = request});
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
        rig_send(rig, clearing_region(other), EVENT_INVESTIGATION_ANSWER, (union event_body){.investigation = say});
        assert_int_equal(rig_rule(rig), 0);
        model->requests[at].answered = true;
        return;
    }
    fen_t left = item->reversed ? 0 : item->amount - item->taken_off;
    say.verdict = VERDICT_CONFIRMED + (uint32_t)any(3);
    say.amount = say.verdict == VERDICT_WRONG_PART ? 1 + (fen_t)any((uint64_t)left + 2) : 0;
    fen_t off = say.verdict == VERDICT_WRONG_WHOLE ? left : say.amount;
    position_t number =
        rig_send(rig, clearing_region(care), EVENT_INVESTIGATION_FINDING, (union event_body){.investigation = say});
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

struct advance_model advances;

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
                                    (union event_body){.advance_deposit = *deposit});
        assert_int_equal(rig_rule(rig), 0);
        advances.deposited[pair_of_deposit(deposit)] += deposit->amount;
        advances.on_its_way[pair_of_deposit(deposit)] += deposit->amount;
        return;
    }
    deposit->deposit = advances.waiting;
    for (uint32_t i = 0, times = 1 + (uint32_t)any(2); i < times; i++) {
        rig_send(rig, deposit->care_region, EVENT_ADVANCE_DEPOSIT, (union event_body){.advance_deposit = *deposit});
        assert_int_equal(rig_rule(rig), i == 0 ? 0 : RULE_DEPOSIT_UNKNOWN);
    }
    advances.on_its_way[pair_of_deposit(deposit)] -= deposit->amount;
    advances.waiting = 0;
}

const struct books_reply *ask_clearing(struct rig *rig, uint32_t month)
{
    return rig_ask(rig, &(struct books_query){.kind = ASK_CLEARING, .body.clearing.month = month});
}

/* The next step of some month's first payment that is not done. */
static void pay(struct rig *rig, const struct model *model)
{
    uint32_t month = 202501;
    for (uint64_t i = any(MONTHS_LIVED); i > 0; i--)
        month = next_month(month);
    const struct books_reply *answer = ask_clearing(rig, month);
    for (uint32_t i = 0; i < answer->payment_count; i++) {
        const struct payment_notice *notice = &answer->payments[i];
        if (notice->state == PAYMENT_CONFIRMED)
            continue;
        struct payment payment = {month, notice->payer, notice->payee, notice->amount, model->today, ""};
        rig_send(rig, notice->state == PAYMENT_NOTIFIED ? notice->payer : notice->payee, EVENT_PAYMENT,
                 (union event_body){.payment = payment});
        assert_int_equal(rig_rule(rig), 0);
        return;
    }
}

void one_event(struct rig *rig, struct model *model)
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

/* Much is reconciled, taken back, disputed: for short histories. */
void one_busy_event(struct rig *rig, struct model *model)
{
    uint64_t kind = any(24);
    if (kind < 4)
        bill(rig, model);
    else if (kind < 8)
        reverse(rig, model);
    else if (kind < 14)
        reconcile(rig, model);
    else if (kind < 18)
        dispute(rig, model);
    else if (kind < 20)
        roll_back(rig, model);
    else if (kind < 21)
        ask(rig, model);
    else if (kind < 22)
        go_on(rig, model);
    else
        state_day(rig, model);
}
