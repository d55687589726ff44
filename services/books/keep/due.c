/* SPDX-License-Identifier: Apache-2.0
 * What falls due. */
#include "services/books/keep/due.h"

#include "common/base/check.h"
#include "services/books/keep/record.h"

enum { DUE_KEY_SIZE = 4 + 1 + 8 };

void due_open(struct books *books)
{
    struct store_walk walk;
    bool any = store_walk_start(&walk, books->txn, DUE, span_of(NULL, 0));
    books->first_due = any ? bytes_get_be(walk.key.data, 4) : UINT64_MAX;
    store_walk_end(&walk);
}

void due_add(struct books *books, civil_date_t day, enum due_kind kind, uint64_t subject)
{
    uint8_t key[DUE_KEY_SIZE];
    bytes_put_be(key, day, 4);
    key[4] = (uint8_t)kind;
    bytes_put_be(key + 5, subject, 8);
    store_put(books->txn, DUE, span_of(key, sizeof key), span_of(NULL, 0));
    if (day < books->first_due)
        books->first_due = day;
}

bool due_take(struct books *books, struct due *due)
{
    struct store_walk walk;
    uint8_t key[DUE_KEY_SIZE];
    if (books->first_due > books->today)
        return false;
    INVARIANT(store_walk_start(&walk, books->txn, DUE, span_of(NULL, 0)) && walk.key.size == sizeof key);
    memcpy(key, walk.key.data, sizeof key);
    store_walk_end(&walk);
    store_delete(books->txn, DUE, span_of(key, sizeof key));
    due_open(books);
    *due = (struct due){(civil_date_t)bytes_get_be(key, 4), (enum due_kind)key[4], bytes_get_be(key + 5, 8)};
    return true;
}

void due_limits(struct books *books, const uint32_t days[3], struct clearing_limits *limits)
{
    if (clearing_limits_of(&books->published->calendar, books->today, days, limits) == OK)
        return;
    *limits = (struct clearing_limits){0};
    record_find(books, RULE_CALENDAR_UNKNOWN, "", NULL);
}
