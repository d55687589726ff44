/* SPDX-License-Identifier: Apache-2.0
 * Joint supervision (五(一)2): institutions' figures of a month, and their status. Both page by institution: `after` is
 * the last one's code. */
#ifndef HUTONG_SERVICES_BOOKS_ASK_SUPERVISION_H
#define HUTONG_SERVICES_BOOKS_ASK_SUPERVISION_H
#include "services/books/ask/question.h"

void supervision_figures(struct books *books, const struct question *question, struct buffer *answer);
void supervision_institutions(struct books *books, const struct question *question, struct buffer *answer);
#endif
