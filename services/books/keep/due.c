/* SPDX-License-Identifier: Apache-2.0
 * What falls due. */
#include "services/books/keep/due.h"

#include "common/base/check.h"
#include "services/books/keep/record.h"

void due_open(struct books *books)
{
    struct store_walk walk;
    struct due_key first;
    bool any = store_walk_start(&walk, books->txn, DUE, span_of(NULL, 0)) && due_key_read(walk.key, &first);
    books->first_due = any ? first.day : UINT64_MAX;
    store_walk_end(&walk);
}

static bool is_act(uint8_t kind)
{
    return kind == DUE_GENERATE || kind == DUE_ISSUE || kind == DUE_INVESTIGATION || kind == DUE_PAYMENT ||
           kind == DUE_TOP_UP_ASKED || kind == DUE_TOP_UP_PAID;
}

void due_add(struct books *books, civil_date_t day, enum due_kind kind, uint64_t subject)
{
    struct row_bytes key = due_key(day, kind, subject);
    if (day <= books->today && is_act((uint8_t)kind))
        books->acted_on = 0;
    store_put(books->txn, DUE, row_span(&key), span_of(NULL, 0));
    if (day < books->first_due)
        books->first_due = day;
}

static void take(struct books *books, const struct due_key *found, struct due *due)
{
    struct row_bytes key = due_key(found->day, found->what, found->subject);
    store_delete(books->txn, DUE, row_span(&key));
    due_open(books);
    *due = (struct due){found->day, (enum due_kind)found->what, found->subject};
}

bool due_take(struct books *books, struct due *due)
{
    struct store_walk walk;
    struct due_key first;
    if (books->first_due > books->today)
        return false;
    INVARIANT(store_walk_start(&walk, books->txn, DUE, span_of(NULL, 0)) && due_key_read(walk.key, &first));
    store_walk_end(&walk);
    take(books, &first, due);
    return true;
}

bool due_take_act(struct books *books, struct due *due)
{
    struct store_walk walk;
    struct due_key key;
    bool found = false, more = store_walk_start(&walk, books->txn, DUE, span_of(NULL, 0));
    for (; more && !found && due_key_read(walk.key, &key) && key.day <= books->today; more = store_walk_next(&walk))
        found = is_act(key.what);
    store_walk_end(&walk);
    if (found)
        take(books, &key, due);
    return found;
}

void due_move(struct books *books, civil_date_t from, civil_date_t to, enum due_kind kind, uint64_t subject)
{
    struct row_bytes key = due_key(from, kind, subject);
    struct span value;
    bool waits = store_get(books->txn, DUE, row_span(&key), &value);
    store_delete(books->txn, DUE, row_span(&key));
    due_open(books);
    if (waits || to > books->today)
        due_add(books, to, kind, subject);
}

void due_limits(struct books *books, const uint32_t days[3], const char *path, struct clearing_limits *limits)
{
    const struct calendar *calendar = &books->published->calendar;
    if (clearing_limits_of(calendar, books->today, days, limits) == OK) {
        if (calendar_lacks(calendar, books->today, limits->confirm_by) != 0)
            record_find(books, RULE_BOOKS_LIMIT_PROVISIONAL, path, NULL);
        return;
    }
    *limits = (struct clearing_limits){0};
    record_find(books, RULE_CALENDAR_UNKNOWN, path, NULL);
}
