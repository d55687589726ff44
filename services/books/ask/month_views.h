/* SPDX-License-Identifier: Apache-2.0
 * Months of clearing as those see them who close them: where each stands, whose word is awaited until when, and what
 * was replied. Turns are read off what decides (open bills, confirmations, payments); nothing here decides. */
#ifndef HUTONG_SERVICES_BOOKS_ASK_MONTH_VIEWS_H
#define HUTONG_SERVICES_BOOKS_ASK_MONTH_VIEWS_H
#include "services/books/ask/question.h"

void month_views_months(struct books *books, const struct question *question, struct buffer *answer);
/* The oldest month in which a step is past its date, and the step that is longest so; month 0: none is. */
struct month_late {
    uint32_t month;
    enum clearing_task task;
    civil_date_t until;
};
struct month_late month_views_late(struct books *books);
void month_views_replies(struct books *books, const struct question *question, struct buffer *answer);
#endif
