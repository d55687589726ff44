/* SPDX-License-Identifier: Apache-2.0
 * What the sum tree asks the books. */
#ifndef HUTONG_SERVICES_BOOKS_ASK_TREE_ROWS_H
#define HUTONG_SERVICES_BOOKS_ASK_TREE_ROWS_H
#include "services/books/ask/question.h"

/* A region asks about its own side of the rows; the operator about any, or all. REJECT_MALFORMED: no TreeQuestion. */
MUST_USE enum status tree_rows_answer(struct books *books, const struct question *question, struct buffer *answer);
#endif
