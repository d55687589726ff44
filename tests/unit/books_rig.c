/* SPDX-License-Identifier: Apache-2.0
 * The books driven by hand. */
#include "tests/unit/books_rig.h"

#include "common/codes/area.h"
#include "common/engines/clearing_policy/clearing_policy_file.h"
#include "services/books/keep/bills.h"
#include "tests/support/test.h"

#define SOMEBODY "110101199003070011"
enum { ANSWER_SIZE = 8 << 20 };

void rig_start(struct rig *rig)
{
    memset(rig, 0, sizeof *rig);
    harness_start(&rig->harness, &books_core, 0, 1, 1);
    rig->outputs = digest_new();
    arena_init(&rig->answered, malloc(ANSWER_SIZE), ANSWER_SIZE);
    assert_non_null(rig->answered.memory);
    digest_start(rig->outputs);
    rig_at(rig, 20250101);
}

void rig_stop(struct rig *rig)
{
    harness_stop(&rig->harness);
    digest_destroy(&rig->outputs);
    free(rig->answered.memory);
}

void rig_at(struct rig *rig, civil_date_t day)
{
    enum { NOON_MS = 12 * 60 * 60 * 1000 };
    instant_ms_t noon = civil_date_start(day) + NOON_MS;
    rig->now = noon > rig->now ? noon : rig->now;
}

void rig_at_instant(struct rig *rig, instant_ms_t instant)
{
    assert_true(instant >= rig->now);
    rig->now = instant;
}

/* A record answers this message, or is the calendar's. */
static void assert_head(const struct rig *rig, const struct event *event)
{
    bool calendars = strcmp(rig->said.sender, "exchange") == 0;
    assert_true(calendars || strcmp(rig->said.sender, event->sender) == 0);
    assert_string_equal(rig->said.message_id, calendars ? "" : event->message_id);
    assert_int_equal(rig->said.accepted_at, rig->now);
}

/* Submission and outcome at the next position; the outcome comes from either of two partitions. */
static position_t apply(struct rig *rig, struct event *event, struct outcome *outcome)
{
    struct harness *harness = &rig->harness;
    position_t position = harness->position;
    uint8_t size[4];
    struct span envelope = harness_envelope(harness, event);
    assert_canonical(WIRE_ENVELOPE, envelope);
    harness_submission(harness, rig->now, envelope);
    outcome->position = position;
    outcome->sender = event->sender;
    outcome->message_id = event->message_id;
    outcome->accepted_at = rig->now;
    outcome->dead_reason = "";
    outcome->event = event_kind_name(event->kind);
    buffer_reset(&harness->outcome);
    outcome_encode(outcome, &harness->outcome);
    assert_int_equal(harness_apply_decided(harness, position % 2), OK);
    books_record_blank(&rig->said);
    if (harness->output.size > 0) {
        assert_int_equal(books_record_decode(buffer_span(&harness->output), &harness->arena, &rig->said), OK);
        assert_canonical(WIRE_BOOKS_RECORD, buffer_span(&harness->output));
        assert_head(rig, event);
    }
    bytes_put_be(size, harness->output.size, sizeof size);
    digest_add(rig->outputs, span_of(size, sizeof size));
    digest_add(rig->outputs, buffer_span(&harness->output));
    if (rig->after_each != NULL)
        rig->after_each(rig);
    return position;
}

static void post(struct outcome *outcome, const struct rig_bill *bill, int sign,
                 struct posting postings[POSTINGS_COUNT_MAX])
{
    outcome->has_amounts = true;
    outcome->amounts.total = sign * bill->total;
    outcome->amounts.pool_pay = outcome->amounts.fund_pay_total = sign * bill->fund;
    outcome->amounts.account_pay = sign * bill->account;
    outcome->amounts.person_pay_total = sign * (bill->total - bill->fund);
    struct ledger_parties parties = {bill->insured_area, "310", region_of(bill->insured_area),
                                     region_of(bill->institution + 1), bill->institution};
    outcome->posting_count = ledger_postings(&outcome->amounts, &parties, postings);
    outcome->postings = postings;
}

static struct event settle_event(const struct rig_bill *bill)
{
    return (struct event){.sender = region_of(bill->institution + 1),
                          .person_id = bill->person == NULL ? SOMEBODY : bill->person,
                          .kind = EVENT_BILL_SETTLE,
                          .body.bill = {.bill_id = bill->bill_id,
                                        .institution = bill->institution,
                                        .insured_area = bill->insured_area,
                                        .insurance_type = "310",
                                        .care_kind = bill->care_kind == NULL ? "21" : bill->care_kind,
                                        .admission_date = bill->admission,
                                        .discharge_date = bill->discharge,
                                        .diagnosis = "J18.900",
                                        .credential = "01",
                                        .total = bill->total}};
}

position_t rig_settle(struct rig *rig, const struct rig_bill *bill)
{
    struct posting postings[POSTINGS_COUNT_MAX];
    struct outcome outcome = {.kind = OUTCOME_SETTLED, .bill_id = bill->bill_id, .institution = bill->institution};
    struct event event = settle_event(bill);
    post(&outcome, bill, 1, postings);
    return apply(rig, &event, &outcome);
}

position_t rig_replace(struct rig *rig, position_t original, const struct rig_bill *earlier,
                       const struct rig_bill *bill)
{
    struct posting postings[2 * POSTINGS_COUNT_MAX];
    struct outcome back = {.kind = OUTCOME_REVERSED};
    struct outcome outcome = {.kind = OUTCOME_SETTLED,
                              .bill_id = bill->bill_id,
                              .institution = bill->institution,
                              .original_position = original,
                              .has_reversed = true};
    struct event event = settle_event(bill);
    event.body.bill.replaces_settlement = original;
    post(&back, earlier, -1, postings);
    post(&outcome, bill, 1, postings + back.posting_count);
    outcome.reversed = back.amounts;
    outcome.postings = postings;
    outcome.posting_count += back.posting_count;
    return apply(rig, &event, &outcome);
}

position_t rig_reverse(struct rig *rig, position_t original, const struct rig_bill *bill)
{
    struct posting postings[POSTINGS_COUNT_MAX];
    struct outcome outcome = {
        .kind = OUTCOME_REVERSED, .bill_id = "", .institution = "", .original_position = original};
    struct event event = {.sender = region_of(bill->institution + 1),
                          .person_id = bill->person == NULL ? SOMEBODY : bill->person,
                          .kind = EVENT_BILL_REVERSAL,
                          .body.reversal = {original, "returned"}};
    post(&outcome, bill, -1, postings);
    return apply(rig, &event, &outcome);
}

position_t rig_refuse(struct rig *rig, const char *institution, enum rule rule)
{
    struct findings findings = {.count = 0};
    struct outcome outcome = {
        .kind = OUTCOME_REFUSED, .bill_id = "R", .institution = institution, .findings = &findings};
    findings_add(&findings, rule, "bill_settle", "");
    struct event event = {.sender = region_of(institution + 1),
                          .person_id = SOMEBODY,
                          .kind = EVENT_BILL_SETTLE,
                          .body.bill = {.bill_id = "R",
                                        .institution = institution,
                                        .insured_area = "",
                                        .insurance_type = "",
                                        .care_kind = "",
                                        .diagnosis = "",
                                        .credential = ""}};
    return apply(rig, &event, &outcome);
}

position_t rig_certify_death(struct rig *rig, const struct other_settlement *others, uint32_t count)
{
    struct certification_view view;
    certification_view_blank(&view);
    struct outcome outcome = {.kind = OUTCOME_MOVED,
                              .bill_id = "",
                              .institution = "",
                              .certification = &view,
                              .others = others,
                              .other_count = count};
    struct event event = {
        .sender = TIANJIN,
        .person_id = SOMEBODY,
        .kind = EVENT_CERTIFICATION,
        .body.certification = {
            .certification_id = "C", .paying_area = BEIJING, .residence_area = TIANJIN, .method = ""}};
    return apply(rig, &event, &outcome);
}

position_t rig_send(struct rig *rig, const char *sender, enum event_kind kind, union event_body body)
{
    struct outcome outcome = {.kind = OUTCOME_APPLIED, .bill_id = "", .institution = ""};
    struct event event = {.sender = sender, .kind = kind, .body = body};
    return apply(rig, &event, &outcome);
}

position_t rig_tick(struct rig *rig)
{
    struct outcome outcome = {.kind = OUTCOME_APPLIED, .bill_id = "", .institution = ""};
    struct event event = {.sender = "exchange", .kind = EVENT_TICK, .body.tick.number = rig->harness.position};
    return apply(rig, &event, &outcome);
}

void rig_policy(struct rig *rig, const char *path)
{
    struct clearing_policy policy;
    struct buffer why;
    buffer_init(&why);
    if (clearing_policy_file_load(path, &policy, &why) != OK)
        fail_msg("%s", buffer_text(&why));
    buffer_fini(&why);
    rig_send(rig, "operator", EVENT_CLEARING_POLICY, (union event_body){.clearing_policy = &policy});
    assert_int_equal(rig->said.kind, BOOKS_POLICY);
}

position_t rig_institution_status(struct rig *rig, const char *code, uint32_t level, enum institution_status status,
                                  civil_date_t day, const char *reason)
{
    struct outcome outcome = {.kind = OUTCOME_APPLIED, .bill_id = "", .institution = ""};
    struct event event = {.sender = region_of(code + 1),
                          .kind = EVENT_INSTITUTION,
                          .body.institution = {.code = code,
                                               .name = "医院",
                                               .area = region_of(code + 1),
                                               .level = level,
                                               .status = (uint32_t)status,
                                               .effective_date = day,
                                               .reason = reason}};
    return apply(rig, &event, &outcome);
}

position_t rig_institution(struct rig *rig, const char *code, uint32_t level)
{
    return rig_institution_status(rig, code, level, INSTITUTION_ACTIVE, 20200101, "");
}

/* ---- what was said ---- */

bool rig_said(const struct rig *rig)
{
    return rig->harness.output.size > 0;
}

bool rig_delivered_to(const struct rig *rig, const char *party)
{
    for (uint32_t i = 0; i < rig->said.deliver_count; i++)
        if (strcmp(rig->said.deliver_to[i], party) == 0)
            return true;
    return false;
}

uint32_t rig_rule(const struct rig *rig)
{
    const struct findings *findings = rig->said.findings;
    return findings == NULL || findings->count == 0 ? 0 : findings->items[0].rule;
}

const struct books_reply *rig_ask(struct rig *rig, const struct books_query *query)
{
    struct buffer question;
    buffer_init(&question);
    books_query_encode(query, &question);
    struct span answer = harness_ask(&rig->harness, buffer_span(&question), WIRE_BOOKS_ANSWER);
    arena_reset(&rig->answered);
    assert_int_equal(books_answer_decode(answer, &rig->answered, &rig->answer), OK);
    buffer_fini(&question);
    return &rig->answer;
}

fen_t rig_balance(struct rig *rig, const char *account)
{
    return harness_balance(&rig->harness, BALANCES, account);
}

void assert_books_sum_to_zero(struct rig *rig)
{
    harness_assert_balanced(&rig->harness, BALANCES);
}

/* ---- what the tests of the books share ---- */

const struct rig_bill beijinger_in_tianjin = {.insured_area = BEIJING,
                                              .institution = TIANJIN_HOSPITAL,
                                              .bill_id = "B-1",
                                              .admission = 20250301,
                                              .discharge = 20250309,
                                              .total = 100000,
                                              .fund = 70000,
                                              .account = 5000};

void rig_start_with_policy(struct rig *rig)
{
    rig_start(rig);
    rig_policy(rig, "data/clearing/2025.yaml");
}

void rig_start_with_two(struct rig *rig, position_t numbers[2])
{
    rig_start_with_policy(rig);
    rig_at(rig, 20250310);
    numbers[0] = rig_settle(rig, &beijinger_in_tianjin);
    numbers[1] = rig_settle(rig, &beijinger_in_tianjin);
}

void rig_state_row(struct rig *rig, const char *sender, uint32_t side, civil_date_t day, uint64_t number,
                   const struct rig_bill *bill, uint64_t original, fen_t off)
{
    int sign = original != 0 ? -1 : 1;
    struct statement_row row = {number,
                                bill->bill_id,
                                original,
                                bill->insured_area,
                                "310",
                                "21",
                                sign * bill->total,
                                sign * bill->fund + off,
                                sign * bill->account};
    struct statement statement = {.day = day,
                                  .institution = bill->institution,
                                  .side = side,
                                  .detailed = true,
                                  .number_from = number,
                                  .number_to = number,
                                  .rows = &row,
                                  .row_count = 1};
    rig_send(rig, sender, EVENT_STATEMENT, (union event_body){.statement = statement});
    assert_int_equal(rig->said.kind, BOOKS_STATEMENT);
}

void rig_both_state(struct rig *rig, civil_date_t day, uint64_t number, const struct rig_bill *bill, uint64_t original)
{
    rig_state_row(rig, TIANJIN, SIDE_CARE, day, number, bill, original, 0);
    assert_int_equal(rig->said.statement->matched, 1);
    rig_state_row(rig, BEIJING, SIDE_INSURED, day, number, bill, original, 0);
    assert_int_equal(rig->said.statement->matched, 1);
}

struct book_bill rig_load(struct rig *rig, uint64_t number)
{
    struct book_bill bill;
    struct books *books = rig->harness.self;
    books->txn = rig->harness.txn;
    assert_true(bills_load(books, number, &bill));
    return bill;
}

uint32_t rig_clears_in(struct rig *rig, uint64_t number)
{
    struct book_bill bill = rig_load(rig, number);
    assert_true((bill.month == 0) == (bill.reason != OPEN_NONE));
    return bill.month == 0 ? 0 : month_number(bill.month);
}

unsigned rig_do_due(struct rig *rig, enum books_kind kind)
{
    unsigned count = 0;
    struct books *books = rig->harness.self;
    do {
        rig_tick(rig);
        count += rig_said(rig) && rig->said.kind == (uint32_t)kind;
    } while (books->first_due <= books->today);
    return count;
}

bool rig_do_until(struct rig *rig, enum books_kind kind)
{
    const struct books *books = rig->harness.self;
    do {
        rig_tick(rig);
        if (rig_said(rig) && rig->said.kind == (uint32_t)kind)
            return true;
    } while (books->first_due <= books->today);
    return false;
}

void rig_reply(struct rig *rig, const char *sender, enum clearing_action action, uint64_t number, uint64_t earlier)
{
    struct clearing_reply answer = {.month = 202503,
                                    .insured_region = BEIJING,
                                    .care_region = TIANJIN,
                                    .action = action,
                                    .numbers = &number,
                                    .number_count = number != 0,
                                    .reply = earlier,
                                    .reason = ""};
    rig_send(rig, sender, EVENT_CLEARING_REPLY, (union event_body){.clearing_reply = answer});
    assert_int_equal(rig->said.kind, BOOKS_CLEARING_REPLY);
}

void rig_at_start_of(struct rig *rig, civil_date_t day)
{
    rig_at_instant(rig, civil_date_start(day));
}

/* A bill of this amount, which both sides state on the last day before its month's cut. */
position_t rig_reconcile_one(struct rig *rig, civil_date_t day, civil_date_t cut_on, fen_t fund)
{
    struct rig_bill bill = beijinger_in_tianjin;
    bill.total = bill.fund = fund;
    bill.account = 0;
    rig_at(rig, day);
    position_t number = rig_settle(rig, &bill);
    rig_at(rig, cut_on);
    rig_both_state(rig, day, number, &bill, 0);
    return number;
}

void rig_generate_and_wait(struct rig *rig, civil_date_t generate_on, civil_date_t issue_on)
{
    rig_at(rig, generate_on);
    (void)rig_do_due(rig, BOOKS_CLEARING_TABLE);
    rig_at(rig, issue_on);
}

void rig_deposit(struct rig *rig, fen_t amount, bool arrives)
{
    struct advance_deposit money = {BEIJING, TIANJIN, amount, 20250310, false, 0};
    if (amount == 0)
        return;
    money.deposit = rig_send(rig, BEIJING, EVENT_ADVANCE_DEPOSIT, (union event_body){.advance_deposit = money});
    if (arrives)
        rig_send(rig, TIANJIN, EVENT_ADVANCE_DEPOSIT, (union event_body){.advance_deposit = money});
    assert_int_equal(rig_rule(rig), 0);
}
