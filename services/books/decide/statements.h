/* SPDX-License-Identifier: Apache-2.0
 * Statements: one institution's day as a region has it, against ours. The last word of a side counts, until the bill
 * stands in a table. */
#ifndef HUTONG_SERVICES_BOOKS_DECIDE_STATEMENTS_H
#define HUTONG_SERVICES_BOOKS_DECIDE_STATEMENTS_H
#include "services/books/keep/books.h"

void statements_take(struct books *books, const struct statement *statement);
#endif
