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

static bool is_act(uint8_t kind)
{
    return kind == DUE_GENERATE || kind == DUE_ISSUE || kind == DUE_INVESTIGATION || kind == DUE_PAYMENT ||
           kind == DUE_TOP_UP_ASKED || kind == DUE_TOP_UP_PAID;
}

static void key_of(civil_date_t day, enum due_kind kind, uint64_t subject, uint8_t key[DUE_KEY_SIZE])
{
    bytes_put_be(key, day, 4);
    key[4] = (uint8_t)kind;
    bytes_put_be(key + 5, subject, 8);
}

void due_add(struct books *books, civil_date_t day, enum due_kind kind, uint64_t subject)
{
    uint8_t key[DUE_KEY_SIZE];
    key_of(day, kind, subject, key);
    if (day <= books->today && is_act((uint8_t)kind))
        books->acted_on = 0;
    store_put(books->txn, DUE, span_of(key, sizeof key), span_of(NULL, 0));
    if (day < books->first_due)
        books->first_due = day;
}

static void take(struct books *books, const uint8_t key[DUE_KEY_SIZE], struct due *due)
{
    store_delete(books->txn, DUE, span_of(key, DUE_KEY_SIZE));
    due_open(books);
    *due = (struct due){(civil_date_t)bytes_get_be(key, 4), (enum due_kind)key[4], bytes_get_be(key + 5, 8)};
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
    take(books, key, due);
    return true;
}

bool due_take_act(struct books *books, struct due *due)
{
    struct store_walk walk;
    uint8_t key[DUE_KEY_SIZE];
    bool found = false, more = store_walk_start(&walk, books->txn, DUE, span_of(NULL, 0));
    for (; more && !found && bytes_get_be(walk.key.data, 4) <= books->today; more = store_walk_next(&walk)) {
        found = is_act(walk.key.data[4]);
        memcpy(key, walk.key.data, sizeof key);
    }
    store_walk_end(&walk);
    if (found)
        take(books, key, due);
    return found;
}

void due_move(struct books *books, civil_date_t from, civil_date_t to, enum due_kind kind, uint64_t subject)
{
    uint8_t key[DUE_KEY_SIZE];
    struct span value;
    key_of(from, kind, subject, key);
    bool waits = store_get(books->txn, DUE, span_of(key, sizeof key), &value);
    store_delete(books->txn, DUE, span_of(key, sizeof key));
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
