/* SPDX-License-Identifier: Apache-2.0
 * Rows of bills for who asks. */
#include "services/books/ask/rows.h"

#include "services/books/ask/page.h"
#include "services/books/keep/months.h"
#include "services/books/keep/policies.h"
#include "services/books/keep/sums.h"

/* In a later month's table, which does not stand yet: so it has not cleared. */
static bool is_rolled_over(const struct books *books, const struct book_bill *bill)
{
    return sums_is_rolled(bill) && !months_stands(books, bill->month) &&
           logic_has(books->published->logic, LOGIC_ROLLED_LISTED);
}

static void put_row(const struct book_bill *bill, enum open_reason reason, uint64_t other, struct buffer *answer)
{
    uint32_t difference = bill->difference[0] != DIFFERENCE_NONE ? bill->difference[0] : bill->difference[1];
    books_answer_put_rows(
        answer, &(struct clearing_row){.number = bill->row.number,
                                       .day = bill->row.day,
                                       .institution = bill->row.institution,
                                       .bill_id = bill->row.bill_id,
                                       .original = bill->row.original,
                                       .insured_area = bill->row.insured_area,
                                       .insurance_type = bill->row.insurance_type,
                                       .clearing_type = bill->row.clearing_type,
                                       .total = bill->row.total,
                                       .fund = bill->row.fund + bill->adjust,
                                       .account = bill->row.account,
                                       .open_reason = reason,
                                       .open_reason_name = reason == OPEN_NONE ? "" : open_reason_name(reason),
                                       .difference = difference,
                                       .month = bill->month == 0 ? 0 : month_number(bill->month),
                                       .adjustment = bill->kind == BILL_ADJUSTMENT,
                                       .other = other});
}

void rows_put(const struct book_bill *bill, uint64_t other, struct buffer *answer)
{
    put_row(bill, bill->reason, other, answer);
}

/* No bill of an earlier day can be in this month's table. */
static civil_date_t first_day_of(const struct books *books, const struct question *question)
{
    const struct clearing_policy *policy = policies_on(books, month_day(question->month, 31));
    uint32_t number = month_number(question->month);
    if (question->open)
        return number * 100 + 1;
    if (policy == NULL || number % 100 + 1 == policy->year_close_month)
        return (number / 100 - 1) * 10000 + 101;
    month_t before = question->month > policy->roll_over_max ? (month_t)(question->month - policy->roll_over_max) : 1;
    return month_number(before) * 100 + 1;
}

/* Of one pair, or, where a side is left out, of every pair that the viewer sees. */
static bool is_asked(const struct question *question, unsigned pair)
{
    return (question->insured == REGIONS || question->insured == pair / REGIONS) &&
           (question->care == REGIONS || question->care == pair % REGIONS) && question_sees(question, pair);
}

static bool sees_any(const struct question *question)
{
    for (unsigned pair = 0; pair < PAIRS; pair++)
        if (is_asked(question, pair))
            return true;
    return false;
}

/* Of a table, or of the month's own bills one that no table holds yet. */
static bool is_in(const struct books *books, const struct question *question, const struct book_bill *bill)
{
    if (!question->open)
        return bill->month == question->month;
    return month_of(bill->row.day) == question->month && (bill->month == 0 || is_rolled_over(books, bill));
}

void rows_answer(struct books *books, const struct question *question, struct buffer *answer)
{
    struct page page;
    struct book_bill bill;
    if (!sees_any(question)) {
        question_refuse(RULE_NOT_YOUR_BOOKS, answer);
        return;
    }
    struct row_bytes from = bills_key(first_day_of(books, question), "", 0);
    bool more = page_start(&page, books, BILLS, question, row_span(&from), answer);
    for (; more; more = page_next(&page)) {
        book_bill_read(page.walk.key, page.walk.value, &bill);
        if (month_of(bill.row.day) > question->month) {
            page_over(&page);
            break;
        }
        if (!is_in(books, question, &bill) || !is_asked(question, book_bill_pair(&bill)))
            continue;
        put_row(&bill, question->open && bill.month != 0 ? OPEN_ROLLED_OVER : bill.reason, 0, answer);
        page.found++;
    }
    page_end(&page);
}
