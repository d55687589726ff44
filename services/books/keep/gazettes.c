/* SPDX-License-Identifier: Apache-2.0
 * Published tables of the books. */
#include "services/books/keep/gazettes.h"

#include "common/base/check.h"

enum status gazettes_open(struct books *books)
{
    struct span value;
    uint32_t logic = LOGIC_VERSION_FIRST;
    if (store_get(books->txn, GAZETTES, span_text("version"), &value) && value.size == 4)
        logic = (uint32_t)bytes_get_le(value.data, 4);
    if (logic > LOGIC_VERSION_KNOWN)
        return FATAL_LOGIC_VERSION;
    books->gazettes = gazette_book_new(books->txn, GAZETTES, logic);
    if (books->gazettes == NULL)
        return FATAL_CORRUPT;
    books->published = gazette_book_published(books->gazettes);
    return OK;
}

void gazettes_take(struct books *books, const struct gazette *gazette)
{
    enum status status = gazette_book_keep(books->gazettes, books->txn, gazette);
    INVARIANT(status == OK); /* validation had room for it */
}

enum status gazettes_switch(struct books *books, uint32_t version)
{
    uint8_t value[4];
    if (version > LOGIC_VERSION_KNOWN)
        return FATAL_LOGIC_VERSION;
    if (version == books->published->logic)
        return OK; /* a log of the first version leaves no trace of it */
    bytes_put_le(value, version, sizeof value);
    store_put(books->txn, GAZETTES, span_text("version"), span_of(value, sizeof value));
    gazette_book_switch(books->gazettes, version);
    return OK;
}
