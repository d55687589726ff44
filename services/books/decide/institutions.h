/* SPDX-License-Identifier: Apache-2.0
 * Designated institutions by effective date: who is suspended since when and why, told to all three regions (五(一)2).
 * Dates are stored falling, so the first row of a code is what was stated last, and the first at or after a day's key
 * is what is in force on that day. */
#ifndef HUTONG_SERVICES_BOOKS_DECIDE_INSTITUTIONS_H
#define HUTONG_SERVICES_BOOKS_DECIDE_INSTITUTIONS_H
#include "services/books/keep/books.h"

#define INSTITUTION_LAST UINT32_MAX /* after any effective date */

/* What was stated of one; empty: nothing. Spans are lent by the store. */
struct stated {
    unsigned level;  /* 0: none */
    uint32_t status; /* INSTITUTION_NONE: none */
    struct span reason;
    struct span state; /* InstitutionState, without what was before */
};

void institutions_take(struct books *books, const struct institution *institution);

/* What is in force of the code on this day: its row or that of the next earlier date. */
struct stated institutions_at(struct books *books, const char *code, civil_date_t day);
struct stated institutions_read(struct span value);
/* All of it, its texts in `books->memory`. */
struct institution_change institutions_state(struct books *books, const struct stated *stated);
#endif
