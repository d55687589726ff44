/* SPDX-License-Identifier: Apache-2.0
 * Limits that were provisional, stated anew when their calendar comes: of payments, top-ups, investigations. */
#ifndef HUTONG_SERVICES_BOOKS_DECIDE_RESTATING_H
#define HUTONG_SERVICES_BOOKS_DECIDE_RESTATING_H
#include "services/books/keep/due.h"

/* Keeps the table. A calendar moves the limits that it was lacking for; each that changes is told once, from today
 * on. */
void restating_take(struct books *books, const struct gazette *gazette);
/* Says a limit that was stated anew. */
void restating_say(struct books *books, const struct due *due);
#endif
