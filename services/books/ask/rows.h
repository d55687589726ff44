/* SPDX-License-Identifier: Apache-2.0
 * Rows of bills for who asks: of a clearing table, and of what is open. */
#ifndef HUTONG_SERVICES_BOOKS_ASK_ROWS_H
#define HUTONG_SERVICES_BOOKS_ASK_ROWS_H
#include "services/books/ask/question.h"

void rows_answer(struct books *books, const struct question *question, struct buffer *answer);
/* A bill as it stands; `other`: one that it speaks of. */
void rows_put(const struct book_bill *bill, uint64_t other, struct buffer *answer);
#endif
