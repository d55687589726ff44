/* SPDX-License-Identifier: Apache-2.0
 * Questions to the books: proto/hutong/v1/books.proto, BooksQuery. */
#ifndef HUTONG_SERVICES_BOOKS_ASK_BOOKS_QUERY_H
#define HUTONG_SERVICES_BOOKS_ASK_BOOKS_QUERY_H
#include "services/books/keep/books.h"

/* REJECT_MALFORMED, REJECT_NOT_FOUND: no such question. Changes nothing. */
MUST_USE enum status books_query(struct books *books, struct span request, struct buffer *answer);
#endif
