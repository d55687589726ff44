/* SPDX-License-Identifier: Apache-2.0
 * What settlement decided of bills, booked; and what it posted for transfers, since the books hold every account. */
#ifndef HUTONG_SERVICES_BOOKS_DECIDE_BOOKING_H
#define HUTONG_SERVICES_BOOKS_DECIDE_BOOKING_H
#include "services/books/keep/books.h"

/* `event`: what was settled; NULL with the other kinds. */
void booking_settled(struct books *books, const struct outcome *outcome, const struct event *event);
void booking_reversed(struct books *books, const struct outcome *outcome);
#endif
