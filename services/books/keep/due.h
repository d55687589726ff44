/* SPDX-License-Identifier: Apache-2.0
 * What falls due on which day, kept in the order in which it is done: by day, then as listed here. */
#ifndef HUTONG_SERVICES_BOOKS_KEEP_DUE_H
#define HUTONG_SERVICES_BOOKS_KEEP_DUE_H
#include "services/books/keep/books.h"

enum due_kind {
    DUE_GENERATE = 1,
    DUE_TABLE,
    DUE_NETS,
    DUE_ISSUE,
    DUE_ISSUED_TABLE,
    DUE_ISSUED_NETS,
    DUE_NOTICE,
    DUE_ADVANCE,
    DUE_INVESTIGATION,
    DUE_PAYMENT,
    DUE_TOP_UP_ASKED,
    DUE_TOP_UP_PAID,
    /* said of what was done at the first position of its day (LOGIC_DUE_BEFORE_EVENT) */
    DUE_SAY_INVESTIGATION_OVERDUE,
    DUE_SAY_PAYMENT_OVERDUE,
    DUE_SAY_TOP_UP_OVERDUE,
    /* a limit was stated anew */
    DUE_SAY_INVESTIGATION,
    DUE_SAY_PAYMENT,
    DUE_SAY_TOP_UP
};
struct due {
    civil_date_t day;
    enum due_kind kind;
    uint64_t subject; /* a month, a pair of a month, an investigation */
};

void due_open(struct books *books);
void due_add(struct books *books, civil_date_t day, enum due_kind kind, uint64_t subject);
/* Takes the first of today or before out; false: there is none. */
bool due_take(struct books *books, struct due *due);

/* As due_take, of those alone that change the books: the rest only says what was done. */
bool due_take_act(struct books *books, struct due *due);
/* From one day to another: told once, unless it fell due before and is in time now. */
void due_move(struct books *books, civil_date_t from, civil_date_t to, enum due_kind kind, uint64_t subject);

/* Limits from today; in version 1 of logic, beyond the loaded calendar there are none (0). Either is said. `path`:
 * of the finding. */
void due_limits(struct books *books, const uint32_t days[3], const char *path, struct clearing_limits *limits);

/* `pair` of `month` as a subject. */
static inline uint64_t due_pair(month_t month, unsigned pair)
{
    return (uint64_t)month << 8 | pair;
}
#endif
