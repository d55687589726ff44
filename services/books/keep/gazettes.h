/* SPDX-License-Identifier: Apache-2.0
 * What has been published, and the version of logic in force (beside it under "version": 4, LE; absent: the first). */
#ifndef HUTONG_SERVICES_BOOKS_KEEP_GAZETTES_H
#define HUTONG_SERVICES_BOOKS_KEEP_GAZETTES_H
#include "common/engines/gazette/gazette_book.h"
#include "services/books/keep/books.h"

MUST_USE enum status gazettes_open(struct books *books);
void gazettes_take(struct books *books, const struct gazette *gazette);
/* FATAL_LOGIC_VERSION: this build lacks it. */
MUST_USE enum status gazettes_switch(struct books *books, uint32_t version);
#endif
