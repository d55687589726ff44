/* SPDX-License-Identifier: Apache-2.0
 * What is looked at while regions reconcile: lines and what either side claims beyond them, what is open by age,
 * co-investigations. */
#ifndef HUTONG_SERVICES_BOOKS_ASK_VIEWS_H
#define HUTONG_SERVICES_BOOKS_ASK_VIEWS_H
#include "services/books/ask/question.h"

void views_reconciliation(struct books *books, const struct question *question, struct buffer *answer);
void views_aging(struct books *books, const struct question *question, struct buffer *answer);
void views_investigations(struct books *books, const struct question *question, struct buffer *answer);
#endif
