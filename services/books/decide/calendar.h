/* SPDX-License-Identifier: Apache-2.0
 * What falls due is done, one entry a position, so that each says what it says in a record of its own. */
#ifndef HUTONG_SERVICES_BOOKS_DECIDE_CALENDAR_H
#define HUTONG_SERVICES_BOOKS_DECIDE_CALENDAR_H
#include "services/books/keep/books.h"

/* Before the position's own event, at the first position of a day: what is due and changes the books. What there is to
 * say of it is said at positions that say nothing else. Does nothing before LOGIC_DUE_BEFORE_EVENT. */
void calendar_act(struct books *books);
/* The first entries of today or before, until one of them says something. */
void calendar_do_due(struct books *books);
#endif
