/* SPDX-License-Identifier: Apache-2.0
 * Payment of net positions: notified, said by the payer, confirmed by the payee. What is said is pending (transit),
 * what is confirmed is final. Fen. */
#ifndef HUTONG_SERVICES_BOOKS_DECIDE_PAYMENTS_H
#define HUTONG_SERVICES_BOOKS_DECIDE_PAYMENTS_H
#include "services/books/keep/books.h"

void payments_take(struct books *books, const struct payment *payment);
/* The payments that settle an issued month, and their notices on `day`. */
void payments_notices(struct books *books, month_t month, civil_date_t day);
/* pair: payer, payee; in a record of this kind. */
void payments_say(struct books *books, month_t month, unsigned pair, enum books_kind kind);
/* All of the month's are confirmed. */
bool payments_are_done(struct books *books, month_t month);
/* It is not confirmed. */
bool payments_wait(struct books *books, month_t month, unsigned pair);
/* Its limits are others. */
void payments_move(struct books *books, month_t month, unsigned pair, const struct clearing_limits *limits);
/* A row of the table. */
struct payment_notice payments_notice(struct books *books, struct span key, struct span value);
#endif
