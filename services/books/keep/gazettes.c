/* SPDX-License-Identifier: Apache-2.0
 * Published tables of the books. */
#include "services/books/keep/gazettes.h"

#include "common/base/check.h"

enum status gazettes_open(struct books *books)
{
    struct row_bytes key = gazettes_version_key();
    struct gazettes_version_value kept = {LOGIC_VERSION_FIRST};
    struct span value;
    if (store_get(books->txn, GAZETTES, row_span(&key), &value))
        (void)gazettes_version_value_read(value, &kept);
    uint32_t logic = kept.version;
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
    struct row_bytes key = gazettes_version_key(), value = gazettes_version_value(version);
    if (version > LOGIC_VERSION_KNOWN)
        return FATAL_LOGIC_VERSION;
    if (version == books->published->logic)
        return OK; /* a log of the first version leaves no trace of it */
    store_put(books->txn, GAZETTES, row_span(&key), row_span(&value));
    gazette_book_switch(books->gazettes, version);
    return OK;
}
