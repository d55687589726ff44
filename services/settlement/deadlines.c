/* SPDX-License-Identifier: Apache-2.0
 * Limits that run. */
#include "services/settlement/deadlines.h"

#include "common/base/check.h"
#include "common/base/instant.h"
#include "common/engines/gazette/published.h"
#include "services/settlement/settled.h"

enum {
    DAY_AT = 1,
    REGION_AT = 5,
    SCHEME_AT = 11,
    PERSON_AT = 12,
    ID_AT = 30,
    KEY_SIZE_MAX = ID_AT + TRANSFER_ID_SIZE_MAX,
    VALUE_SIZE = 5
};

struct key {
    uint8_t bytes[KEY_SIZE_MAX];
    size_t size;
};

static struct key key_of(const struct deadline *deadline, enum deadline_stage stage, civil_date_t day)
{
    struct key key = {.size = ID_AT + strlen(deadline->id)};
    PRE(strlen(deadline->region) == SCHEME_AT - REGION_AT && strlen(deadline->person) == ID_AT - PERSON_AT &&
        key.size <= sizeof key.bytes);
    key.bytes[0] = (uint8_t)stage;
    bytes_put_be(key.bytes + DAY_AT, day, 4);
    memcpy(key.bytes + REGION_AT, deadline->region, SCHEME_AT - REGION_AT);
    key.bytes[SCHEME_AT] = (uint8_t)deadline->scheme;
    memcpy(key.bytes + PERSON_AT, deadline->person, ID_AT - PERSON_AT);
    memcpy(key.bytes + ID_AT, deadline->id, key.size - ID_AT);
    return key;
}

static void put(struct store_txn *txn, const struct key *key, uint32_t state, civil_date_t due)
{
    uint8_t value[VALUE_SIZE] = {(uint8_t)state};
    bytes_put_le(value + 1, due, 4);
    store_put(txn, DEADLINES, span_of(key->bytes, key->size), span_of(value, sizeof value));
}

/* DUE and OVERDUE. */
static struct key key_after(const struct deadline *deadline, enum deadline_stage stage)
{
    return key_of(deadline, stage, stage == STAGE_DUE ? civil_date_add_days(deadline->due, 1) : deadline->due);
}

static struct key key_soon(const struct deadline *deadline, int32_t days)
{
    return key_of(deadline, STAGE_SOON, civil_date_add_days(deadline->due, -days));
}

static bool stands(struct store_txn *txn, const struct key *key)
{
    struct span value;
    return store_get(txn, DEADLINES, span_of(key->bytes, key->size), &value);
}

/* Where it stands; false: nowhere. How long ahead a region is reminded may have been published anew since it was
 * put. */
static bool find(const struct published *published, struct store_txn *txn, const struct deadline *deadline,
                 struct key *key)
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
    struct key key = key_soon(deadline, parameter_value(published, PARAMETER_REMIND_DAYS, deadline->due));
    put(txn, &key, deadline->state, deadline->due);
}

void deadline_keep(const struct published *published, struct store_txn *txn, const struct deadline *deadline)
{
    struct key key;
    if (find(published, txn, deadline, &key))
        put(txn, &key, deadline->state, deadline->due);
}

uint64_t deadlines_overdue(struct store_txn *txn)
{
    struct span value;
    return store_get(txn, META, span_text("overdue"), &value) && value.size == 8 ? bytes_get_le(value.data, 8) : 0;
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
        while (at < count && memcmp(walk.key.data + REGION_AT, regions[at], SCHEME_AT - REGION_AT) != 0)
            at++;
        overdue[at]++;
    }
    store_walk_end(&walk);
}

static void count_overdue(struct store_txn *txn, uint64_t more, uint64_t less)
{
    uint8_t value[8];
    uint64_t count = deadlines_overdue(txn);
    INVARIANT(count + more >= less);
    bytes_put_le(value, count + more - less, sizeof value);
    store_put(txn, META, span_text("overdue"), span_of(value, sizeof value));
}

void deadline_delete(const struct published *published, struct store_txn *txn, const struct deadline *deadline)
{
    struct key key;
    if (!find(published, txn, deadline, &key))
        return;
    store_delete(txn, DEADLINES, span_of(key.bytes, key.size));
    if (key.bytes[0] == STAGE_OVERDUE)
        count_overdue(txn, 0, 1);
}

void deadline_move(const struct published *published, struct store_txn *txn, const struct deadline *deadline,
                   civil_date_t due, civil_date_t today)
{
    struct deadline moved = *deadline;
    struct key key, next;
    if (!find(published, txn, deadline, &key))
        return;
    enum deadline_stage stage = (enum deadline_stage)key.bytes[0];
    moved.due = due;
    next = key_soon(&moved, parameter_value(published, PARAMETER_REMIND_DAYS, due));
    if (due < today)
        next = key_after(&moved, stage == STAGE_OVERDUE ? STAGE_OVERDUE : STAGE_DUE);
    else if (stage == STAGE_DUE && bytes_get_be(next.bytes + DAY_AT, 4) <= today)
        next = key_after(&moved, STAGE_DUE);
    deadline_delete(published, txn, deadline);
    put(txn, &next, deadline->state, due);
    if (next.bytes[0] == STAGE_OVERDUE)
        count_overdue(txn, 1, 0);
}

static const char *text_of(struct arena *arena, const uint8_t *from, size_t size)
{
    char *text = arena_take(arena, size + 1);
    INVARIANT(text != NULL); /* DUE_ITEMS_MAX lines fit the runtime's arena many times */
    memcpy(text, from, size);
    text[size] = 0;
    return text;
}

static bool read(const struct store_walk *walk, struct arena *arena, struct deadline *deadline)
{
    const uint8_t *key = walk->key.data;
    if (walk->key.size <= ID_AT || walk->key.size > KEY_SIZE_MAX || walk->value.size != VALUE_SIZE)
        return false;
    *deadline = (struct deadline){.stage = (enum deadline_stage)key[0],
                                  .on = (civil_date_t)bytes_get_be(key + DAY_AT, 4),
                                  .due = (civil_date_t)bytes_get_le(walk->value.data + 1, 4),
                                  .region = text_of(arena, key + REGION_AT, SCHEME_AT - REGION_AT),
                                  .scheme = key[SCHEME_AT],
                                  .person = text_of(arena, key + PERSON_AT, ID_AT - PERSON_AT),
                                  .id = text_of(arena, key + ID_AT, walk->key.size - ID_AT),
                                  .state = walk->value.data[0]};
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
    uint8_t from = (uint8_t)stage, head[SCHEME_AT];
    uint32_t count = 0;
    for (bool more = store_walk_start(&walk, txn, DEADLINES, span_of(&from, 1)); more && count < DUE_ITEMS_MAX;
         more = store_walk_next(&walk)) {
        if (walk.key.data[0] != stage || bytes_get_be(walk.key.data + DAY_AT, 4) > today)
            break;
        if (count == 0)
            memcpy(head, walk.key.data, sizeof head);
        if (memcmp(head, walk.key.data, sizeof head) != 0)
            break;
        INVARIANT(read(&walk, arena, &taken[count++]));
    }
    store_walk_end(&walk);
    for (uint32_t i = 0; i < count; i++) {
        struct key key = key_of(&taken[i], stage, taken[i].on);
        store_delete(txn, DEADLINES, span_of(key.bytes, key.size));
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
        struct key next = key_after(&taken[i], overdue ? STAGE_OVERDUE : STAGE_DUE);
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
        memcpy(region, taken[0].region, SCHEME_AT - REGION_AT + 1);
    *lines = told;
    return count;
}
