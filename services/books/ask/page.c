/* SPDX-License-Identifier: Apache-2.0
 * Pages. */
#include "services/books/ask/page.h"

#include "common/base/check.h"

bool page_start(struct page *page, struct books *books, unsigned table, const struct question *question,
                struct span from, struct buffer *answer)
{
    bool resumed = question->after.size > 0;
    *page = (struct page){.question = question, .answer = answer};
    page->more = store_walk_start(&page->walk, books->txn, table, resumed ? question->after : from);
    if (page->more && resumed && span_equal(page->walk.key, question->after))
        page->more = store_walk_next(&page->walk);
    return page->more;
}

bool page_next(struct page *page)
{
    INVARIANT(page->walk.key.size <= sizeof page->last);
    memcpy(page->last, page->walk.key.data, page->walk.key.size);
    page->last_size = page->walk.key.size;
    page->scanned++;
    page->more = store_walk_next(&page->walk);
    return page->more && page->found < page->question->count_max && page->answer->size < BOOKS_PAGE_SIZE_MAX &&
           page->scanned < BOOKS_PAGE_SCAN_MAX;
}

void page_over(struct page *page)
{
    page->more = false;
}

void page_end(struct page *page)
{
    store_walk_end(&page->walk);
    if (page->more)
        books_answer_encode(&(struct books_reply){.next = span_of(page->last, page->last_size)}, page->answer);
}
