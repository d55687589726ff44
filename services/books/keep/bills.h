/* SPDX-License-Identifier: Apache-2.0
 * The bills: stored, found by number, read by institution and day. A bill is changed in the caller's copy and stored;
 * what is counted of bills follows in `bills_store`, and can never miss a change. */
#ifndef HUTONG_SERVICES_BOOKS_KEEP_BILLS_H
#define HUTONG_SERVICES_BOOKS_KEEP_BILLS_H
#include "services/books/keep/books.h"

/* What of `cells` is summed, in this order. */
enum { CELL_POSITIVE, CELL_NEGATIVE, CELL_TOTAL, CELL_FUND, CELL_ACCOUNT, CELL_VALUES };

/* False: there is none. */
bool bills_load(struct books *books, uint64_t number, struct book_bill *bill);
void bills_store(struct books *books, const struct book_bill *bill);
/* A new one, with what depends on it. PRE: its original is there, if it has one. */
void bills_add(struct books *books, const struct book_bill *bill);
/* The next up to CHUNK_BILLS bills of a day and institution above `after`, into books->chunk. */
unsigned bills_chunk(struct books *books, civil_date_t day, const char *institution, uint64_t after);
#endif
