/* SPDX-License-Identifier: Apache-2.0
 * Catalogues in the store and in memory.
 *
 *   key    region (2, its digits) | code (27, padded with NUL) | effective date (4, BE)
 *   value  level (1) | first own share (2, LE) | price limits (3 x 8, LE) | last day (4, LE) */
#include "services/validation/catalogue.h"

#include <stdlib.h>
#include <uthash.h>

#include "common/base/check.h"

enum { REGION_DIGITS = 2, CODE_SIZE = 27, ID_SIZE = REGION_DIGITS + CODE_SIZE };
enum { KEY_SIZE = ID_SIZE + 4, VALUE_SIZE = 1 + 2 + 8 * HOSPITAL_LEVELS + 4 };
enum { REGIONS_MAX = 100 };

/* One version of one item; versions of an item hang on the newest, by falling date. */
struct version {
    char id[ID_SIZE];
    civil_date_t effective_date;
    struct catalogue_state state;
    struct version *older;
    UT_hash_handle hh;
};

struct catalogue {
    unsigned table;
    struct version *newest;
    civil_date_t speaks_from[REGIONS_MAX][ITEM_KINDS]; /* 0: not yet */
};

static void id_of(char id[ID_SIZE], const char *region, const char *code)
{
    size_t size = strlen(code);
    PRE(strlen(region) >= REGION_DIGITS && size <= CODE_SIZE);
    memset(id, 0, ID_SIZE);
    memcpy(id, region, REGION_DIGITS);
    memcpy(id + REGION_DIGITS, code, size);
}

static unsigned region_index(const char *region)
{
    unsigned index = (unsigned)(region[0] - '0') * 10 + (unsigned)(region[1] - '0');
    PRE(index < REGIONS_MAX);
    return index;
}

static struct version *newest_of(const struct catalogue *catalogue, const char id[ID_SIZE])
{
    struct version *version;
    HASH_FIND(hh, catalogue->newest, id, ID_SIZE, version);
    return version;
}

static struct version *version_new(const char id[ID_SIZE], civil_date_t date, const struct catalogue_state *state)
{
    struct version *version = calloc(1, sizeof *version);
    INVARIANT(version != NULL);
    memcpy(version->id, id, ID_SIZE);
    version->effective_date = date;
    version->state = *state;
    return version;
}

static void put(struct catalogue *catalogue, const char id[ID_SIZE], civil_date_t date,
                const struct catalogue_state *state)
{
    civil_date_t *from = &catalogue->speaks_from[region_index(id)][item_kind_of(id + REGION_DIGITS)];
    struct version *newest = newest_of(catalogue, id);
    if (*from == 0 || date < *from)
        *from = date;
    if (newest == NULL || date > newest->effective_date) {
        struct version *version = version_new(id, date, state);
        if (newest != NULL)
            HASH_DEL(catalogue->newest, newest);
        version->older = newest;
        HASH_ADD(hh, catalogue->newest, id, ID_SIZE, version);
        return;
    }
    while (newest->older != NULL && newest->older->effective_date >= date)
        newest = newest->older;
    if (newest->effective_date == date) {
        newest->state = *state;
        return;
    }
    struct version *between = version_new(id, date, state);
    between->older = newest->older;
    newest->older = between;
}

static void state_encode(const struct catalogue_state *state, uint8_t value[VALUE_SIZE])
{
    value[0] = state->level;
    bytes_put_le(value + 1, state->first_own_share_bp, 2);
    for (unsigned i = 0; i < HOSPITAL_LEVELS; i++)
        bytes_put_le(value + 3 + 8 * i, (uint64_t)state->price_limit_micro[i], 8);
    bytes_put_le(value + 3 + 8 * HOSPITAL_LEVELS, state->end_date, 4);
}

static struct catalogue_state state_decode(const uint8_t *value)
{
    struct catalogue_state state = {.level = value[0], .first_own_share_bp = (uint32_t)bytes_get_le(value + 1, 2)};
    for (unsigned i = 0; i < HOSPITAL_LEVELS; i++)
        state.price_limit_micro[i] = (int64_t)bytes_get_le(value + 3 + 8 * i, 8);
    state.end_date = (civil_date_t)bytes_get_le(value + 3 + 8 * HOSPITAL_LEVELS, 4);
    return state;
}

struct catalogue *catalogue_new(struct store_txn *txn, unsigned table)
{
    struct catalogue *catalogue = calloc(1, sizeof *catalogue);
    struct store_walk walk;
    INVARIANT(catalogue != NULL);
    catalogue->table = table;
    for (bool more = store_walk_start(&walk, txn, table, span_of(NULL, 0)); more; more = store_walk_next(&walk)) {
        if (walk.key.size != KEY_SIZE || walk.value.size != VALUE_SIZE)
            continue;
        char id[ID_SIZE];
        memcpy(id, walk.key.data, ID_SIZE);
        struct catalogue_state state = state_decode(walk.value.data);
        put(catalogue, id, (civil_date_t)bytes_get_be(walk.key.data + ID_SIZE, 4), &state);
    }
    store_walk_end(&walk);
    return catalogue;
}

void catalogue_destroy(struct catalogue **catalogue)
{
    struct version *version, *next;
    if (*catalogue == NULL)
        return;
    HASH_ITER(hh, (*catalogue)->newest, version, next)
    {
        HASH_DEL((*catalogue)->newest, version);
        while (version != NULL) {
            struct version *older = version->older;
            free(version);
            version = older;
        }
    }
    free(*catalogue);
    *catalogue = NULL;
}

void catalogue_keep(struct catalogue *catalogue, struct store_txn *txn, const struct catalogue_item *item)
{
    char id[ID_SIZE];
    uint8_t key[KEY_SIZE], value[VALUE_SIZE];
    struct catalogue_state state = {
        .level = item->level, .first_own_share_bp = item->first_own_share_bp, .end_date = item->end_date};
    memcpy(state.price_limit_micro, item->price_limit_micro, sizeof state.price_limit_micro);
    id_of(id, item->region, item->code);
    memcpy(key, id, ID_SIZE);
    bytes_put_be(key + ID_SIZE, item->effective_date, 4);
    state_encode(&state, value);
    store_put(txn, catalogue->table, span_of(key, sizeof key), span_of(value, sizeof value));
    put(catalogue, id, item->effective_date, &state);
}

bool catalogue_speaks(const struct catalogue *catalogue, const char *region, enum item_kind kind, civil_date_t day)
{
    civil_date_t from = catalogue->speaks_from[region_index(region)][kind];
    return from != 0 && from <= day;
}

const struct catalogue_state *catalogue_find(const struct catalogue *catalogue, const char *region, const char *code,
                                             civil_date_t day)
{
    char id[ID_SIZE];
    id_of(id, region, code);
    for (const struct version *version = newest_of(catalogue, id); version != NULL; version = version->older)
        if (version->effective_date <= day)
            return version->state.end_date == 0 || day <= version->state.end_date ? &version->state : NULL;
    return NULL;
}
