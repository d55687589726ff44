/* SPDX-License-Identifier: Apache-2.0
 * How a bill stands towards clearing, decided here and nowhere else: it is in exactly one month's table, or open with a
 * reason. What is decided is stored, and what depends on the bill follows. */
#ifndef HUTONG_SERVICES_BOOKS_DECIDE_INTAKE_H
#define HUTONG_SERVICES_BOOKS_DECIDE_INTAKE_H
#include "services/books/keep/books.h"

/* Into a month that still takes bills in, or out, as it says itself; stores it. */
void intake_decide(struct books *books, struct book_bill *bill);
/* Out of a table that stands, and back. PRE: in that table; out of it by that reply. */
void intake_dispute(struct books *books, struct book_bill *bill, uint64_t reply);
void intake_undispute(struct books *books, struct book_bill *bill, month_t month);
/* The side that disputed states it as we have it; to be decided next. */
void intake_settle_dispute(struct books *books, struct book_bill *bill);
#endif
