/* SPDX-License-Identifier: Apache-2.0
 * Limits that run. */
#include "services/settlement/deadlines.h"

#include "common/base/check.h"
#include "common/base/instant.h"
#include "common/engines/gazette/published.h"
#include "common/store/rows/settlement.h"
#include "services/settlement/settled.h"

static struct row_bytes key_of(const struct deadline *deadline, enum deadline_stage stage, civil_date_t day)
{
    return deadlines_key((char)stage, day, deadline->region, deadline->scheme, deadline->person,
                         span_text(deadline->id));
}

static void put(struct store_txn *txn, const struct row_bytes *key, uint32_t state, civil_date_t due)
{
    struct row_bytes value = deadlines_value(state, due);
    store_put(txn, DEADLINES, row_span(key), row_span(&value));
}

/* DUE and OVERDUE. */
static struct row_bytes key_after(const struct deadline *deadline, enum deadline_stage stage)
{
    return key_of(deadline, stage, stage == STAGE_DUE ? civil_date_add_days(deadline->due, 1) : deadline->due);
}

static struct row_bytes key_soon(const struct deadline *deadline, int32_t days)
{
    return key_of(deadline, STAGE_SOON, civil_date_add_days(deadline->due, -days));
}

static bool stands(struct store_txn *txn, const struct row_bytes *key)
{
    struct span value;
    return store_get(txn, DEADLINES, row_span(key), &value);
}

/* Where it stands; false: nowhere. How long ahead a region is reminded may have been published anew since it was
 * put. */
static bool find(const struct published *published, struct store_txn *txn, const struct deadline *deadline,
                 struct row_bytes *key)
{
    *key = key_soon(deadline, parameter_value(published, PARAMETER_REMIND_DAYS, deadline->due));
    if (stands(txn, key))
        return true;
    *key = key_after(deadline, STAGE_DUE);
    if (stands(txn, key))
        return true;
    *key = key_after(deadline, STAGE_OVERDUE);
    if (stands(txn, key))
        return true;
    for (int32_t days = 0; days <= REMIND_DAYS_MAX; days++) {
        *key = key_soon(deadline, days);
        if (stands(txn, key))
            return true;
    }
    return false;
}

void deadline_put(const struct published *published, struct store_txn *txn, const struct deadline *deadline)
{
    struct row_bytes key = key_soon(deadline, parameter_value(published, PARAMETER_REMIND_DAYS, deadline->due));
    put(txn, &key, deadline->state, deadline->due);
}

void deadline_keep(const struct published *published, struct store_txn *txn, const struct deadline *deadline)
{
    struct row_bytes key;
    if (find(published, txn, deadline, &key))
        put(txn, &key, deadline->state, deadline->due);
}

uint64_t deadlines_overdue(struct store_txn *txn)
{
    struct row_bytes key = meta_overdue_key();
    struct meta_overdue_value kept;
    struct span value;
    return store_get(txn, META, row_span(&key), &value) && meta_overdue_value_read(value, &kept) ? kept.overdue : 0;
}

void deadlines_overdue_by(struct store_txn *txn, uint64_t most, const char *const regions[], unsigned count,
                          uint64_t overdue[])
{
    struct store_walk walk;
    uint8_t from = STAGE_OVERDUE;
    memset(overdue, 0, (count + 1) * sizeof *overdue);
    for (bool more = store_walk_start(&walk, txn, DEADLINES, span_of(&from, 1));
         more && most-- > 0 && walk.key.data[0] == STAGE_OVERDUE; more = store_walk_next(&walk)) {
        unsigned at = 0;
        while (at < count && memcmp(walk.key.data + DEADLINES_REGION_AT, regions[at], strlen(regions[at])) != 0)
            at++;
        overdue[at]++;
    }
    store_walk_end(&walk);
}

static void count_overdue(struct store_txn *txn, uint64_t more, uint64_t less)
{
    uint64_t count = deadlines_overdue(txn);
    struct row_bytes key = meta_overdue_key(), value = meta_overdue_value(count + more - less);
    INVARIANT(count + more >= less);
    store_put(txn, META, row_span(&key), row_span(&value));
}

void deadline_delete(const struct published *published, struct store_txn *txn, const struct deadline *deadline)
{
    struct row_bytes key;
    if (!find(published, txn, deadline, &key))
        return;
    store_delete(txn, DEADLINES, row_span(&key));
    if (key.bytes[0] == STAGE_OVERDUE)
        count_overdue(txn, 0, 1);
}

void deadline_move(const struct published *published, struct store_txn *txn, const struct deadline *deadline,
                   civil_date_t due, civil_date_t today)
{
    struct deadline moved = *deadline;
    struct row_bytes key, next;
    if (!find(published, txn, deadline, &key))
        return;
    enum deadline_stage stage = (enum deadline_stage)key.bytes[0];
    moved.due = due;
    next = key_soon(&moved, parameter_value(published, PARAMETER_REMIND_DAYS, due));
    if (due < today)
        next = key_after(&moved, stage == STAGE_OVERDUE ? STAGE_OVERDUE : STAGE_DUE);
    else if (stage == STAGE_DUE && bytes_get_be(next.bytes + DEADLINES_DAY_AT, 4) <= today)
        next = key_after(&moved, STAGE_DUE);
    deadline_delete(published, txn, deadline);
    put(txn, &next, deadline->state, due);
    if (next.bytes[0] == STAGE_OVERDUE)
        count_overdue(txn, 1, 0);
}

/* Where texts of lines stand. */
struct texts {
    struct deadlines_key key;
    char id[TRANSFER_ID_SIZE_MAX + 1];
};

static bool read(const struct store_walk *walk, struct arena *arena, struct deadline *deadline)
{
    struct deadlines_value value;
    struct texts *texts = arena_take(arena, sizeof *texts);
    INVARIANT(texts != NULL); /* DUE_ITEMS_MAX lines fit the runtime's arena many times */
    struct deadlines_key *key = &texts->key;
    if (!deadlines_key_read(walk->key, key) || key->number.size > TRANSFER_ID_SIZE_MAX ||
        !deadlines_value_read(walk->value, &value))
        return false;
    memset(texts->id, 0, sizeof texts->id);
    memcpy(texts->id, key->number.data, key->number.size);
    *deadline = (struct deadline){.stage = (enum deadline_stage)key->stage,
                                  .on = key->day,
                                  .due = value.due,
                                  .region = key->region,
                                  .scheme = key->scheme,
                                  .person = key->person,
                                  .id = texts->id,
                                  .state = value.state};
    return true;
}

bool deadline_walk_start(struct deadline_walk *walk, struct store_txn *txn, struct span key, struct arena *arena)
{
    return store_walk_start(&walk->walk, txn, DEADLINES, key) && read(&walk->walk, arena, &walk->deadline);
}

bool deadline_walk_next(struct deadline_walk *walk, struct arena *arena)
{
    return store_walk_next(&walk->walk) && read(&walk->walk, arena, &walk->deadline);
}

void deadline_walk_end(struct deadline_walk *walk)
{
    store_walk_end(&walk->walk);
}

/* The stretch of one region and day at the head of a stage, if its day has come. */
static uint32_t take_stretch(struct store_txn *txn, enum deadline_stage stage, civil_date_t today, struct arena *arena,
                             struct deadline *taken)
{
    struct store_walk walk;
    uint8_t from = (uint8_t)stage;
    uint32_t count = 0;
    for (bool more = store_walk_start(&walk, txn, DEADLINES, span_of(&from, 1)); more && count < DUE_ITEMS_MAX;
         more = store_walk_next(&walk)) {
        struct deadline *next = &taken[count];
        INVARIANT(read(&walk, arena, next));
        if (next->stage != stage || next->on > today || next->on != taken[0].on ||
            strcmp(next->region, taken[0].region) != 0)
            break;
        count++;
    }
    store_walk_end(&walk);
    for (uint32_t i = 0; i < count; i++) {
        struct row_bytes key = key_of(&taken[i], stage, taken[i].on);
        store_delete(txn, DEADLINES, row_span(&key));
    }
    return count;
}

uint32_t deadlines_tell(struct store_txn *txn, civil_date_t today, struct arena *arena, char region[7],
                        const struct due_item **lines)
{
    struct deadline *taken = arena_take(arena, DUE_ITEMS_MAX * sizeof *taken);
    struct due_item *told = arena_take(arena, DUE_ITEMS_MAX * sizeof *told);
    INVARIANT(taken != NULL && told != NULL);
    enum deadline_stage stage = STAGE_DUE;
    uint32_t count = take_stretch(txn, stage, today, arena, taken);
    if (count == 0) {
        stage = STAGE_SOON;
        count = take_stretch(txn, stage, today, arena, taken);
    }
    for (uint32_t i = 0; i < count; i++) {
        bool overdue = stage == STAGE_DUE;
        struct row_bytes next = key_after(&taken[i], overdue ? STAGE_OVERDUE : STAGE_DUE);
        put(txn, &next, taken[i].state, taken[i].due);
        told[i] = (struct due_item){.transfer_id = taken[i].id,
                                    .scheme = taken[i].scheme,
                                    .state = taken[i].state,
                                    .due_date = taken[i].due,
                                    .overdue = overdue,
                                    .person_id = taken[i].person};
    }
    if (count > 0 && stage == STAGE_DUE)
        count_overdue(txn, count, 0);
    if (count > 0)
        memcpy(region, taken[0].region, 7);
    *lines = told;
    return count;
}
