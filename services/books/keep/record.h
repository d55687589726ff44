/* SPDX-License-Identifier: Apache-2.0
 * What the books say of the position at hand: one BooksRecord at most, for those whom it concerns. What was said is
 * kept in `books->answer` until the record is made; names of parties and texts are borrowed until then. */
#ifndef HUTONG_SERVICES_BOOKS_KEEP_RECORD_H
#define HUTONG_SERVICES_BOOKS_KEEP_RECORD_H
#include "services/books/keep/books.h"

/* The record is of this kind, and is delivered to this party too; to nobody for "" and "exchange". */
void record_say(struct books *books, enum books_kind kind, const char *party);
void record_say_pair(struct books *books, enum books_kind kind, unsigned pair); /* to both regions of a pair */
void record_find(struct books *books, enum rule rule, const char *path, const char *detail);
/* Room for a part of `books->answer`, zeroed, until the position is done. */
void *record_part(struct books *books, size_t size);
/* Appends nothing where nothing was said. */
void record_encode(struct books *books, struct buffer *output);
#endif
