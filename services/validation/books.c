/* SPDX-License-Identifier: Apache-2.0
 * Events of the books: shape, and who may send them (DOMAIN 3). Whether they fit what the books hold is the books' to
 * say, in their own record. */
#include "services/validation/judging.h"

#include "common/codes/area.h"
#include "common/codes/insurance.h"
#include "common/engines/clearing_policy/clearing_policy_check.h"

static void judge_books_field(struct judging *judging, bool holds, const char *field)
{
    if (!holds)
        judge_add(judging, RULE_BOOKS_FIELD_INVALID, field);
}

static bool sender_is(const struct judging *judging, const char *region)
{
    return strcmp(judging->event->sender, region) == 0;
}

static bool within(fen_t amount, fen_t most)
{
    return amount >= -most && amount <= most;
}

/* The books keep the years 2000 to 2049. */
static bool day_is_kept(civil_date_t day)
{
    return civil_date_exists(day) && day / 10000 >= 2000 && day / 10000 < 2050;
}

static bool month_is_kept(uint32_t month)
{
    return month <= 204912 && day_is_kept(month * 100 + 1);
}

static bool rows_hold(const struct statement *statement)
{
    for (uint32_t i = 0; i < statement->row_count; i++) {
        const struct statement_row *row = &statement->rows[i];
        if (row->number == 0 || !within(row->total, BILL_TOTAL_MAX_FEN) || !within(row->fund, BILL_TOTAL_MAX_FEN) ||
            !within(row->account, BILL_TOTAL_MAX_FEN))
            return false;
    }
    return true;
}

static bool totals_hold(const struct statement *statement)
{
    for (uint32_t i = 0; i < statement->total_count; i++) {
        const struct statement_total *total = &statement->totals[i];
        if (strlen(total->insurance_type) != 3 || strlen(total->clearing_type) != 2 || !within(total->total, FEN_MAX) ||
            !within(total->fund, FEN_MAX) || !within(total->account, FEN_MAX))
            return false;
    }
    return true;
}

static void statement_field(struct judging *judging, bool holds, const char *field)
{
    if (!holds)
        judge_add(judging, RULE_STATEMENT_INVALID, field);
}

void judge_statement(struct judging *judging)
{
    const struct statement *statement = &judging->event->body.statement;
    bool shaped = institution_code_is_shaped(statement->institution);
    const char *care = shaped ? region_of(statement->institution + 1) : NULL;
    judge_nobody(judging);
    if (care == NULL)
        judge_add(judging, RULE_INSTITUTION_CODE_INVALID, "institution");
    statement_field(judging, statement->side == SIDE_CARE || statement->side == SIDE_INSURED, "side");
    bool own = statement->side == SIDE_CARE ? care != NULL && sender_is(judging, care)
                                            : region_is_known(judging->event->sender);
    if (!own)
        judge_add(judging, RULE_STATEMENT_SENDER, "sender");
    if (!day_is_kept(statement->day))
        judge_add(judging, RULE_STATEMENT_INVALID, "day");
    else if (statement->day >= civil_date_of_instant(judging->submission->accepted_at))
        judge_add(judging, RULE_STATEMENT_DAY_NOT_OVER, "day");
    statement_field(judging, statement->number_to == 0 || statement->number_from <= statement->number_to, "number_to");
    statement_field(judging, statement->detailed || statement->row_count == 0, "detailed");
    statement_field(judging, totals_hold(statement), "totals");
    statement_field(judging, rows_hold(statement), "rows");
}

/* Two known regions; the same one only where a region clears between its own areas. */
static bool judge_pair(struct judging *judging, const char *first, const char *first_field, const char *second,
                       const char *second_field)
{
    bool known = region_is_known(first), other_known = region_is_known(second);
    judge_books_field(judging, known, first_field);
    judge_books_field(judging, other_known, second_field);
    return known && other_known;
}

void judge_clearing_reply(struct judging *judging)
{
    const struct clearing_reply *reply = &judging->event->body.clearing_reply;
    bool ascending = true;
    judge_nobody(judging);
    judge_books_field(judging, month_is_kept(reply->month), "month");
    if (judge_pair(judging, reply->insured_region, "insured_region", reply->care_region, "care_region") &&
        !sender_is(judging, reply->insured_region) && !sender_is(judging, reply->care_region))
        judge_add(judging, RULE_CLEARING_NOT_PARTY, "sender");
    judge_books_field(judging, reply->action >= ACTION_CONFIRM && reply->action <= ACTION_ROLL_BACK, "action");
    for (uint32_t i = 1; i < reply->number_count; i++)
        ascending = ascending && reply->numbers[i - 1] < reply->numbers[i];
    judge_books_field(judging, ascending && (reply->action != ACTION_DISPUTE || reply->number_count > 0), "numbers");
    judge_books_field(judging, (reply->action == ACTION_ROLL_BACK) == (reply->reply != 0), "reply");
    judge_books_field(judging, strlen(reply->reason) <= BOOKS_TEXT_SIZE_MAX, "reason");
}

void judge_payment(struct judging *judging)
{
    const struct payment *payment = &judging->event->body.payment;
    judge_nobody(judging);
    judge_books_field(judging, month_is_kept(payment->month), "month");
    if (judge_pair(judging, payment->payer, "payer", payment->payee, "payee")) {
        judge_books_field(judging, strcmp(payment->payer, payment->payee) != 0, "payee");
        if (!sender_is(judging, payment->payer) && !sender_is(judging, payment->payee))
            judge_add(judging, RULE_PAYMENT_NOT_PARTY, "sender");
    }
    judge_books_field(judging, payment->amount > 0 && payment->amount <= FEN_MAX, "amount_fen");
    judge_books_field(judging, civil_date_exists(payment->paid_on), "paid_on");
}

void judge_advance_deposit(struct judging *judging)
{
    const struct advance_deposit *deposit = &judging->event->body.advance_deposit;
    judge_nobody(judging);
    if (judge_pair(judging, deposit->insured_region, "insured_region", deposit->care_region, "care_region")) {
        judge_books_field(judging, strcmp(deposit->insured_region, deposit->care_region) != 0, "care_region");
        if (!sender_is(judging, deposit->deposit == 0 ? deposit->insured_region : deposit->care_region))
            judge_add(judging, RULE_DEPOSIT_SENDER, "sender");
    }
    judge_books_field(judging, deposit->amount > 0 && deposit->amount <= FEN_MAX / 100, "amount_fen");
    judge_books_field(judging, civil_date_exists(deposit->paid_on), "paid_on");
}

void judge_investigation(struct judging *judging)
{
    const struct investigation *event = &judging->event->body.investigation;
    size_t size = strlen(event->text);
    judge_nobody(judging);
    if (!region_is_known(judging->event->sender))
        judge_add(judging, RULE_INVESTIGATION_NOT_PARTY, "sender");
    judge_books_field(judging, event->about != 0,
                      judging->event->kind == EVENT_INVESTIGATION_REQUEST ? "settlement" : "request");
    judge_books_field(judging, size > 0 && size <= BOOKS_TEXT_SIZE_MAX,
                      judging->event->kind == EVENT_INVESTIGATION_REQUEST  ? "question"
                      : judging->event->kind == EVENT_INVESTIGATION_ANSWER ? "answer"
                                                                           : "text");
    if (judging->event->kind != EVENT_INVESTIGATION_FINDING)
        return;
    judge_books_field(judging, event->verdict >= VERDICT_CONFIRMED && event->verdict <= VERDICT_WRONG_WHOLE, "verdict");
    judge_books_field(judging,
                      event->verdict == VERDICT_WRONG_PART ? event->amount > 0 && event->amount <= BILL_TOTAL_MAX_FEN
                                                           : event->amount == 0,
                      "amount_fen");
}

void judge_clearing_policy(struct judging *judging)
{
    judge_nobody(judging);
    if (!sender_is(judging, "operator"))
        judge_add(judging, RULE_ROLE_MAY_NOT, "sender");
    clearing_policy_check(judging->event->body.clearing_policy, judging->root, &judging->self->findings);
}
