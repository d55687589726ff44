/* SPDX-License-Identifier: Apache-2.0
 * What operators and regions look at while they reconcile, counted as bills change, so that looking costs the days
 * asked for and not the bills: each line's three-way state (a day, an institution, an insured region), and what is open
 * by age. */
#ifndef HUTONG_SERVICES_BOOKS_KEEP_RECONCILIATION_H
#define HUTONG_SERVICES_BOOKS_KEEP_RECONCILIATION_H
#include "services/books/keep/books.h"

/* What of `reconciliation` is counted, in this order; fen in the last. */
enum {
    LINE_BILLS,
    LINE_CARE_MATCHED,
    LINE_CARE_DIFFERS,
    LINE_INSURED_MATCHED,
    LINE_INSURED_DIFFERS,
    LINE_OPEN,
    LINE_OPEN_FEN,
    LINE_VALUES
};
enum { AGING_COUNT, AGING_AMOUNT, AGING_VALUES };

/* NULL: it is new. */
void reconciliation_changed(struct books *books, const struct book_bill *before, const struct book_bill *after);
/* That day has a line, though the exchange may have no bill of it. */
void reconciliation_claimed(struct books *books, civil_date_t day, const char *institution, unsigned insured);
#endif
