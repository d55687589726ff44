/* SPDX-License-Identifier: Apache-2.0
 * Lines and ages, counted. */
#include "services/books/keep/reconciliation.h"

static int64_t *line_of(struct books *books, civil_date_t day, const char *institution, unsigned insured)
{
    struct row_bytes key = standing_key(day, institution, insured);
    return tally_at(books->reconciliation, books->txn, row_span(&key));
}

void reconciliation_claimed(struct books *books, civil_date_t day, const char *institution, unsigned insured)
{
    (void)line_of(books, day, institution, insured); /* a line, if only of zeros */
}

static void count_open(struct books *books, const struct book_bill *bill, int64_t *line, int sign)
{
    struct row_bytes key = aging_key(book_bill_pair(bill), bill->reason, bill->row.day);
    if (bill->month != 0)
        return;
    line[LINE_OPEN] += sign;
    line[LINE_OPEN_FEN] += sign * book_bill_amount(bill);
    int64_t *aging = tally_at(books->aging, books->txn, row_span(&key));
    aging[AGING_COUNT] += sign;
    aging[AGING_AMOUNT] += sign * book_bill_amount(bill);
}

static void count(struct books *books, const struct book_bill *bill, int sign)
{
    int64_t *line = line_of(books, bill->row.day, bill->row.institution, book_bill_pair(bill) / REGIONS);
    if (bill->kind != BILL_ADJUSTMENT) { /* findings are nobody's to state */
        line[LINE_BILLS] += sign;
        line[LINE_CARE_MATCHED] += sign * (bill->side[0] == SIDE_MATCHED);
        line[LINE_CARE_DIFFERS] += sign * (bill->side[0] == SIDE_DIFFERS);
        line[LINE_INSURED_MATCHED] += sign * (bill->side[1] == SIDE_MATCHED);
        line[LINE_INSURED_DIFFERS] += sign * (bill->side[1] == SIDE_DIFFERS);
    }
    count_open(books, bill, line, sign);
}

void reconciliation_changed(struct books *books, const struct book_bill *before, const struct book_bill *after)
{
    if (before != NULL)
        count(books, before, -1);
    count(books, after, 1);
}
