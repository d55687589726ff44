/* SPDX-License-Identifier: Apache-2.0
 * Questions to the books' daemon, for the commands that read the books. */
#ifndef HUTONG_TOOLS_BOOKS_ASK_H
#define HUTONG_TOOLS_BOOKS_ASK_H
#include "common/pb/books.h"
#include "tools/cli.h"

/* A BooksAnswer's bytes in `answer`: over --as PARTY's connection, or as the operator on this machine. False: said why.
 */
bool books_ask(struct cli *cli, const struct books_query *question, struct buffer *answer);
/* The exit code after a question without an answer: CLI_DIFFERENT where it was refused, else CLI_UNREACHABLE. */
int books_failure(const struct cli *cli);
/* Where the next page begins; empty: there is none. Borrowed from `answer`. */
struct span books_next(const struct buffer *answer);
typedef void books_page_fn(void *self, struct span answer); /* a BooksAnswer */
/* Every page. False: said why. */
bool books_each_page(struct cli *cli, const struct books_query *question, books_page_fn *each, void *self);
typedef void books_row_fn(void *self, json_t *row);
/* Every row of `list` (a field of BooksAnswer, in JSON) of every page. */
bool books_pages(struct cli *cli, const struct books_query *question, const char *list, books_row_fn *each, void *self);
/* "202503" or "2025-03"; 0: said that it is none. */
uint32_t books_month(const char *text);
/* Fen as yuan, in one of four buffers in turn. */
const char *books_yuan(int64_t fen);
#endif
