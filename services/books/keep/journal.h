/* SPDX-License-Identifier: Apache-2.0
 * The books' own entries, each of lines that sum to zero: what comes after the bills. Amounts in fen, debit positive.
 * One entry a position at most; journal.c lists the accounts. */
#ifndef HUTONG_SERVICES_BOOKS_KEEP_JOURNAL_H
#define HUTONG_SERVICES_BOOKS_KEEP_JOURNAL_H
#include "services/books/keep/books.h"

/* A line of the entry at hand, on the account kind:first[:second]; nothing for 0. */
void journal_add(struct books *books, fen_t amount, const char *kind, const char *first, const char *second);
/* Lines that take so much off what a settlement posted; negative: that put it back. */
void journal_adjust(struct books *books, const struct book_bill *bill, fen_t amount);
/* Posts what was added as one entry; nothing for no lines. PRE: they sum to zero. */
void journal_post(struct books *books, const char *text);
/* Of any account that the books hold, settlement's too. */
fen_t journal_balance(struct books *books, const char *kind, const char *first, const char *second);
#endif
