/* SPDX-License-Identifier: Apache-2.0
 * Replies to a clearing table that stands: a side confirms the whole or rows, disputes rows, or rolls an earlier reply
 * back by its number; until the last day for replies. A reply with one wrong row changes nothing. */
#ifndef HUTONG_SERVICES_BOOKS_DECIDE_REPLIES_H
#define HUTONG_SERVICES_BOOKS_DECIDE_REPLIES_H
#include "services/books/keep/books.h"

void replies_take(struct books *books, const struct clearing_reply *reply);
unsigned replies_side(struct books *books, uint64_t reply); /* of SIDES; PRE: it was not rolled back */
#endif
