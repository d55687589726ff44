/* SPDX-License-Identifier: Apache-2.0
 * What is added up from the bills for questions that would read them all: the sum tree's rows, and the bills that
 * clear later than their own month. Not decided, so not in the digest: a state of an earlier build lacks them, and they
 * are made again from the bills at open. */
#ifndef HUTONG_SERVICES_BOOKS_KEEP_SUMS_H
#define HUTONG_SERVICES_BOOKS_KEEP_SUMS_H
#include "common/engines/tree/sum_tree.h"
#include "services/books/keep/books.h"

enum { SUM_COUNT, SUM_TOTAL, SUM_FUND, SUM_ACCOUNT, SUM_DIGEST, SUM_VALUES };
enum { ROLLED_COUNT, ROLLED_AMOUNT, ROLLED_VALUES };

/* Reads all bills where the sums do not hold all of them. */
void sums_open(struct books *books);
/* NULL: it is new. */
void sums_changed(struct books *books, const struct book_bill *before, const struct book_bill *after);
void sums_flush(struct books *books);

/* A bill as a row of the tree; false: a finding's, which nobody states. `facts` holds 11 characters, for the row. */
bool sums_row(const struct book_bill *bill, struct tree_row *row, char facts[11]);
/* Adds the rows of an institution's day, or, with "", of a day. After a flush. */
void sums_add(struct books *books, civil_date_t day, unsigned pair, const char *institution, struct tree_sum *sum);
/* It clears in a later month than its own. */
bool sums_is_rolled(const struct book_bill *bill);
#endif
