/* SPDX-License-Identifier: Apache-2.0
 * Rows of bills for who asks: of a clearing table, of what is open, and of the sum tree. */
#ifndef HUTONG_SERVICES_BOOKS_ASK_ROWS_H
#define HUTONG_SERVICES_BOOKS_ASK_ROWS_H
#include "services/books/ask/question.h"

void rows_answer(struct books *books, const struct question *question, struct buffer *answer);
/* A region asks about its own side of the rows; the operator about any, or all. REJECT_MALFORMED: no TreeQuestion. */
MUST_USE enum status rows_tree_answer(struct books *books, const struct question *question, struct buffer *answer);
#endif
