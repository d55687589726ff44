/* SPDX-License-Identifier: Apache-2.0
 * Months of clearing, in memory whole, and their tables' sums; the store follows at each flush. */
#ifndef HUTONG_SERVICES_BOOKS_KEEP_MONTHS_H
#define HUTONG_SERVICES_BOOKS_KEEP_MONTHS_H
#include "services/books/keep/books.h"

void months_open(struct books *books);
void months_flush(struct books *books);
/* Its tables are fixed, but for disputes. */
bool months_stands(const struct books *books, month_t month);
/* What the pair cleared of October to December of the year before. */
void months_quarter_of_last_year(const struct books *books, unsigned pair, civil_date_t day, fen_t quarter[3]);
#endif
