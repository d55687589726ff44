/* SPDX-License-Identifier: Apache-2.0
 * Advance funds of each pair: deposits in two steps, what an issued month binds, warnings and top-ups. Fen. A region
 * keeps no advance with itself. */
#ifndef HUTONG_SERVICES_BOOKS_DECIDE_ADVANCES_H
#define HUTONG_SERVICES_BOOKS_DECIDE_ADVANCES_H
#include "services/books/keep/books.h"

void advances_deposit(struct books *books, const struct advance_deposit *deposit);
/* Lines in the journal that bind what the pair's month clears, or free it again; a month of reversals alone binds
 * nothing. */
void advances_bind(struct books *books, month_t month, unsigned pair);
void advances_free(struct books *books, month_t month, unsigned pair);
/* At issue: a red month opens a top-up, whose limits begin today. */
void advances_say(struct books *books, month_t month, unsigned pair);
/* A top-up of the month was not announced, or has not arrived, in full. */
bool advances_lack(struct books *books, month_t month, unsigned pair, bool arrived);
void advances_say_overdue(struct books *books, month_t month, unsigned pair);
/* The limits of a top-up are others; and are told. */
void advances_move(struct books *books, month_t month, unsigned pair, const struct clearing_limits *was,
                   const struct clearing_limits *limits);
void advances_say_limits(struct books *books, month_t month, unsigned pair, const struct clearing_limits *limits);
/* As it stands today, against what that month clears; 0: no month. */
struct advance_state advances_state(struct books *books, month_t month, unsigned pair);
#endif
