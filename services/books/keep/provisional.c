/* SPDX-License-Identifier: Apache-2.0
 * Provisional limits of the books. */
#include "services/books/keep/provisional.h"

#include "common/base/check.h"

enum { KEY_SIZE = 1 + 8, VALUE_SIZE = 1 + 7 * 4 };

static void key_of(enum provisional_kind kind, uint64_t subject, uint8_t key[KEY_SIZE])
{
    key[0] = (uint8_t)kind;
    bytes_put_be(key + 1, subject, 8);
}

static void read(struct span key, struct span value, struct provisional_limit *limit)
{
    INVARIANT(key.size == KEY_SIZE && value.size == VALUE_SIZE);
    uint32_t words[7];
    for (size_t i = 0; i < 7; i++)
        words[i] = (uint32_t)bytes_get_le(value.data + 1 + 4 * i, 4);
    *limit = (struct provisional_limit){.kind = (enum provisional_kind)key.data[0],
                                        .subject = bytes_get_be(key.data + 1, 8),
                                        .provisional = value.data[0] != 0,
                                        .from = words[0],
                                        .days = {words[1], words[2], words[3]},
                                        .limits = {words[4], words[5], words[6]}};
}

void provisional_store(struct books *books, const struct provisional_limit *limit)
{
    uint8_t key[KEY_SIZE], value[VALUE_SIZE] = {limit->provisional};
    const uint32_t words[7] = {limit->from,          limit->days[0],       limit->days[1],          limit->days[2],
                               limit->limits.ask_by, limit->limits.pay_by, limit->limits.confirm_by};
    for (size_t i = 0; i < 7; i++)
        bytes_put_le(value + 1 + 4 * i, words[i], 4);
    key_of(limit->kind, limit->subject, key);
    store_put(books->txn, PROVISIONAL, span_of(key, sizeof key), span_of(value, sizeof value));
}

void provisional_keep(struct books *books, enum provisional_kind kind, uint64_t subject, const uint32_t days[3],
                      const struct clearing_limits *limits)
{
    struct provisional_limit limit = {.kind = kind,
                                      .subject = subject,
                                      .provisional = true,
                                      .from = books->today,
                                      .days = {days[0], days[1], days[2]},
                                      .limits = *limits};
    if (calendar_lacks(&books->published->calendar, limit.from, limits->confirm_by) != 0)
        provisional_store(books, &limit);
}

bool provisional_find(struct books *books, enum provisional_kind kind, uint64_t subject,
                      struct provisional_limit *limit)
{
    uint8_t key[KEY_SIZE];
    struct span value;
    key_of(kind, subject, key);
    bool found = store_get(books->txn, PROVISIONAL, span_of(key, sizeof key), &value);
    if (found)
        read(span_of(key, sizeof key), value, limit);
    return found;
}

bool provisional_is(struct books *books, enum provisional_kind kind, uint64_t subject)
{
    struct provisional_limit limit;
    return provisional_find(books, kind, subject, &limit) && limit.provisional;
}

void provisional_delete(struct books *books, const struct provisional_limit *limit)
{
    uint8_t key[KEY_SIZE];
    key_of(limit->kind, limit->subject, key);
    store_delete(books->txn, PROVISIONAL, span_of(key, sizeof key));
}

bool provisional_next(struct books *books, struct provisional_limit *limit)
{
    struct store_walk walk;
    uint8_t key[KEY_SIZE];
    key_of(limit->kind, limit->kind == 0 ? 0 : limit->subject + 1, key);
    bool found = store_walk_start(&walk, books->txn, PROVISIONAL, span_of(key, sizeof key));
    if (found)
        read(walk.key, walk.value, limit);
    store_walk_end(&walk);
    return found;
}
