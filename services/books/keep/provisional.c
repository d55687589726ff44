/* SPDX-License-Identifier: Apache-2.0
 * Provisional limits of the books. */
#include "services/books/keep/provisional.h"

#include "common/base/check.h"

static void read(struct span key, struct span value, struct provisional_limit *limit)
{
    struct provisional_key of;
    struct provisional_value kept;
    INVARIANT(provisional_key_read(key, &of) && provisional_value_read(value, &kept));
    *limit = (struct provisional_limit){.kind = (enum provisional_kind)of.kind,
                                        .subject = of.subject,
                                        .provisional = kept.provisional_still != 0,
                                        .from = kept.counted_from,
                                        .days = {kept.days_to_ask, kept.days_to_pay, kept.days_to_confirm},
                                        .limits = {kept.ask_by, kept.pay_by, kept.confirm_by}};
}

void provisional_store(struct books *books, const struct provisional_limit *limit)
{
    struct row_bytes key = provisional_key(limit->kind, limit->subject),
                     value = provisional_value(limit->provisional, limit->from, limit->days[0], limit->days[1],
                                               limit->days[2], limit->limits.ask_by, limit->limits.pay_by,
                                               limit->limits.confirm_by);
    store_put(books->txn, PROVISIONAL, row_span(&key), row_span(&value));
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
    struct row_bytes key = provisional_key(kind, subject);
    struct span value;
    bool found = store_get(books->txn, PROVISIONAL, row_span(&key), &value);
    if (found)
        read(row_span(&key), value, limit);
    return found;
}

bool provisional_is(struct books *books, enum provisional_kind kind, uint64_t subject)
{
    struct provisional_limit limit;
    return provisional_find(books, kind, subject, &limit) && limit.provisional;
}

void provisional_delete(struct books *books, const struct provisional_limit *limit)
{
    struct row_bytes key = provisional_key(limit->kind, limit->subject);
    store_delete(books->txn, PROVISIONAL, row_span(&key));
}

bool provisional_next(struct books *books, struct provisional_limit *limit)
{
    struct store_walk walk;
    struct row_bytes key = provisional_key(limit->kind, limit->kind == 0 ? 0 : limit->subject + 1);
    bool found = store_walk_start(&walk, books->txn, PROVISIONAL, row_span(&key));
    if (found)
        read(walk.key, walk.value, limit);
    store_walk_end(&walk);
    return found;
}
