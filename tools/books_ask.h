/* SPDX-License-Identifier: Apache-2.0
 * Questions to the books' daemon, for the commands that read the books. */
#ifndef HUTONG_TOOLS_BOOKS_ASK_H
#define HUTONG_TOOLS_BOOKS_ASK_H
#include "tools/cli.h"

/* Fields of BooksQuery.body. */
enum books_question {
    ASK_BALANCES = 1,
    ASK_ENTRIES,
    ASK_CLEARING,
    ASK_ROWS,
    ASK_TREE,
    ASK_SUPERVISION,
    ASK_INSTITUTIONS = 9
};

/* A BooksAnswer's bytes in `answer`. False: said why. */
bool books_ask(struct cli *cli, enum books_question question, struct span body, struct buffer *answer);
/* Where the next page begins; empty: there is none. Borrowed from `answer`. */
struct span books_next(const struct buffer *answer);
/* "202503" or "2025-03"; 0: said that it is none. */
uint32_t books_month(const char *text);
/* Fen as yuan, in one of four buffers in turn. */
const char *books_yuan(int64_t fen);
#endif
