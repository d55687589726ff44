/* SPDX-License-Identifier: Apache-2.0
 * From a flag of an institution's month to the bills that it counts. */
#ifndef HUTONG_SERVICES_BOOKS_ASK_FLAGGED_H
#define HUTONG_SERVICES_BOOKS_ASK_FLAGGED_H
#include "services/books/ask/question.h"

void flagged_answer(struct books *books, const struct question *question, struct buffer *answer);
#endif
