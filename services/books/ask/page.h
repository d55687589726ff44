/* SPDX-License-Identifier: Apache-2.0
 * A page of a table's rows: from a key on, or behind where the last page ended. It ends after so many rows, so many
 * bytes, or so many looked at.
 *
 *   for (bool more = page_start(...); more; more = page_next(&page)) { page.found += ...; or page_over(&page), break }
 *   page_end(&page) says where the next one begins, if there is more. */
#ifndef HUTONG_SERVICES_BOOKS_ASK_PAGE_H
#define HUTONG_SERVICES_BOOKS_ASK_PAGE_H
#include "services/books/ask/question.h"

enum { PAGE_KEY_SIZE = 64 };

struct page {
    const struct question *question;
    struct buffer *answer;
    struct store_walk walk;      /* at the row */
    uint64_t found, scanned;     /* rows put, and looked at */
    uint8_t last[PAGE_KEY_SIZE]; /* looked at last */
    size_t last_size;
    bool more;
};
bool page_start(struct page *page, struct books *books, unsigned table, const struct question *question,
                struct span from, struct buffer *answer);
bool page_next(struct page *page); /* false also when the page is full */
void page_over(struct page *page); /* nothing behind this row is asked for */
void page_end(struct page *page);
#endif
