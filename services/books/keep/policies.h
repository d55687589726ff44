/* SPDX-License-Identifier: Apache-2.0
 * Clearing policies by their first day; all of them in memory. */
#ifndef HUTONG_SERVICES_BOOKS_KEEP_POLICIES_H
#define HUTONG_SERVICES_BOOKS_KEEP_POLICIES_H
#include "services/books/keep/books.h"

/* FATAL_CORRUPT: one that was stored cannot be read. */
MUST_USE enum status policies_open(struct books *books);
/* A policy with the same start replaces; months that are open keep their dates. */
void policies_take(struct books *books, const struct clearing_policy *policy);
/* NULL: none is in force. Borrowed until the next is taken. */
const struct clearing_policy *policies_on(const struct books *books, civil_date_t day);
#endif
