/* SPDX-License-Identifier: Apache-2.0
 * Catalogues in the store and in memory. */
#include "services/validation/catalogue.h"

#include <stdlib.h>
#include <xxhash.h>

#include "common/base/check.h"
#include "common/store/rows/validation.h"

enum { REGION_DIGITS = 2, CODE_SIZE = 27 };
static const civil_date_t NEVER = UINT32_MAX; /* first day of a version that was taken out; last of one without end */
enum { REGIONS_MAX = 100, SLOTS_COUNT_MIN = 1024, BLOCK_COUNT = 4096, LINE_SIZE = 64 };

/* In memory: slots by hash (linear probing, at most half full), each the tag of an item's hash and the number of its
 * newest version; versions in blocks that never move, one line of the cache each. A line of a bill so costs two misses,
 * and those of its neighbours run beside them. uthash's chains took five, one after the other: 8 microseconds a bill of
 * ten lines with 100,000 items a region. */
struct version {
    uint8_t region;
    char code[CODE_SIZE]; /* padded with NUL */
    civil_date_t effective_date;
    struct catalogue_state state;
};
_Static_assert(sizeof(struct version) == LINE_SIZE, "one line of the cache");

struct slot {
    uint32_t tag;
    uint32_t newest; /* number of a version, from 1; 0: free */
};

struct block {
    struct version versions[BLOCK_COUNT];
    uint32_t older[BLOCK_COUNT]; /* the number of the version before in time; 0: none */
};

/* Days on which at least one item holds. */
struct stretch {
    civil_date_t from, to;
};

/* What a region has stated of a kind. */
struct spoken {
    civil_date_t from;         /* first day of all; 0: nothing yet */
    struct stretch *stretches; /* in order, none touches another's days */
    uint32_t count, capacity;
    bool stale; /* a version has gone or ends sooner: reckoned again when it is asked for */
};

struct catalogue {
    unsigned table;
    const struct published *published;
    struct slot *slots;
    uint32_t slot_count; /* a power of two */
    uint32_t item_count;
    struct block **blocks;
    uint32_t version_count;
    struct spoken spoken[REGIONS_MAX][ITEM_KINDS];
    bool ended_yields;
};

static unsigned region_index(const char *region)
{
    unsigned index = (unsigned)(region[0] - '0') * 10 + (unsigned)(region[1] - '0');
    PRE(index < REGIONS_MAX);
    return index;
}

/* ---- versions, by number ---- */

static struct version *version_at(const struct catalogue *catalogue, uint32_t number)
{
    return &catalogue->blocks[(number - 1) / BLOCK_COUNT]->versions[(number - 1) % BLOCK_COUNT];
}

static uint32_t *older_at(const struct catalogue *catalogue, uint32_t number)
{
    return &catalogue->blocks[(number - 1) / BLOCK_COUNT]->older[(number - 1) % BLOCK_COUNT];
}

static uint32_t version_add(struct catalogue *catalogue, const struct version *version, uint32_t older)
{
    uint32_t block = catalogue->version_count / BLOCK_COUNT;
    if (catalogue->version_count % BLOCK_COUNT == 0) {
        catalogue->blocks = realloc(catalogue->blocks, (block + 1) * sizeof *catalogue->blocks);
        INVARIANT(catalogue->blocks != NULL);
        catalogue->blocks[block] = aligned_alloc(LINE_SIZE, sizeof *catalogue->blocks[block]);
        INVARIANT(catalogue->blocks[block] != NULL);
    }
    uint32_t number = ++catalogue->version_count;
    *version_at(catalogue, number) = *version;
    *older_at(catalogue, number) = older;
    return number;
}

/* ---- items, by hash ---- */

/* Region and code; the rest is left alone. */
static void name_version(struct version *version, const char *region, const char *code)
{
    size_t size = strlen(code);
    PRE(strlen(region) >= REGION_DIGITS && size <= CODE_SIZE);
    memset(version->code, 0, CODE_SIZE);
    version->region = (uint8_t)region_index(region);
    memcpy(version->code, code, size);
}

static bool same_item(const struct version *a, const struct version *b)
{
    return a->region == b->region && memcmp(a->code, b->code, CODE_SIZE) == 0;
}

static uint32_t tag_of(const struct version *version)
{
    return (uint32_t)(XXH64(version->code, CODE_SIZE, version->region) >> 32);
}

/* The item's slot, or the free one where it would stand. */
static struct slot *slot_of(const struct catalogue *catalogue, const struct version *version, uint32_t tag)
{
    uint32_t mask = catalogue->slot_count - 1;
    for (uint32_t at = tag & mask;; at = (at + 1) & mask) {
        struct slot *slot = &catalogue->slots[at];
        if (slot->newest == 0 || (slot->tag == tag && same_item(version_at(catalogue, slot->newest), version)))
            return slot;
    }
}

static void slots_double(struct catalogue *catalogue)
{
    uint32_t count = catalogue->slot_count * 2;
    struct slot *slots = calloc(count, sizeof *slots);
    INVARIANT(slots != NULL);
    for (uint32_t i = 0; i < catalogue->slot_count; i++) {
        if (catalogue->slots[i].newest == 0)
            continue;
        uint32_t at = catalogue->slots[i].tag & (count - 1);
        while (slots[at].newest != 0)
            at = (at + 1) & (count - 1);
        slots[at] = catalogue->slots[i];
    }
    free(catalogue->slots);
    catalogue->slots = slots;
    catalogue->slot_count = count;
}

static struct spoken *spoken_of(struct catalogue *catalogue, const struct version *version)
{
    char code[CODE_SIZE + 1] = "";
    memcpy(code, version->code, CODE_SIZE);
    return &catalogue->spoken[version->region][item_kind_of(catalogue->published, code)];
}

static civil_date_t last_day(const struct version *version)
{
    return version->state.end_date == 0 ? NEVER : version->state.end_date;
}

static void add_stretch(struct spoken *spoken, struct stretch added)
{
    uint32_t first = 0, behind;
    while (first < spoken->count && spoken->stretches[first].to < added.from)
        first++;
    for (behind = first; behind < spoken->count && spoken->stretches[behind].from <= added.to; behind++) {
        const struct stretch *met = &spoken->stretches[behind];
        added.from = met->from < added.from ? met->from : added.from;
        added.to = met->to > added.to ? met->to : added.to;
    }
    if (first == behind && spoken->count == spoken->capacity) {
        spoken->capacity = spoken->capacity == 0 ? 4 : spoken->capacity * 2;
        spoken->stretches = realloc(spoken->stretches, spoken->capacity * sizeof *spoken->stretches);
        INVARIANT(spoken->stretches != NULL);
    }
    memmove(&spoken->stretches[first + 1], &spoken->stretches[behind],
            (spoken->count - behind) * sizeof *spoken->stretches);
    spoken->count = spoken->count - (behind - first) + 1;
    spoken->stretches[first] = added;
}

static void speak(struct spoken *spoken, const struct version *version)
{
    if (spoken->from == 0 || version->effective_date < spoken->from)
        spoken->from = version->effective_date;
    if (version->effective_date <= last_day(version))
        add_stretch(spoken, (struct stretch){version->effective_date, last_day(version)});
}

static void be_silent(struct spoken *spoken)
{
    spoken->from = 0;
    spoken->count = 0;
    spoken->stale = false;
}

static void speak_anew(struct catalogue *catalogue, struct spoken *spoken)
{
    be_silent(spoken);
    for (uint32_t number = 1; number <= catalogue->version_count; number++) {
        const struct version *version = version_at(catalogue, number);
        if (version->effective_date != NEVER && spoken_of(catalogue, version) == spoken)
            speak(spoken, version);
    }
}

/* Of the same item and day: what stood there is replaced. */
static void restate(struct catalogue *catalogue, struct version *at, const struct version *version)
{
    struct spoken *spoken = spoken_of(catalogue, version);
    spoken->stale |= last_day(version) < last_day(at);
    *at = *version;
    speak(spoken, version);
}

static void put(struct catalogue *catalogue, const struct version *version)
{
    if ((catalogue->item_count + 1) * 2 > catalogue->slot_count)
        slots_double(catalogue);
    uint32_t tag = tag_of(version);
    struct slot *slot = slot_of(catalogue, version, tag);
    if (slot->newest == 0) {
        speak(spoken_of(catalogue, version), version);
        *slot = (struct slot){tag, version_add(catalogue, version, 0)};
        catalogue->item_count++;
        return;
    }
    /* The first that is not younger; `younger` is the one before it. */
    uint32_t at = slot->newest, younger = 0;
    while (at != 0 && version_at(catalogue, at)->effective_date > version->effective_date) {
        younger = at;
        at = *older_at(catalogue, at);
    }
    if (at != 0 && version_at(catalogue, at)->effective_date == version->effective_date) {
        restate(catalogue, version_at(catalogue, at), version);
        return;
    }
    speak(spoken_of(catalogue, version), version);
    uint32_t number = version_add(catalogue, version, at);
    if (younger == 0)
        slot->newest = number;
    else
        *older_at(catalogue, younger) = number;
}

static struct row_bytes key_of(const struct catalogue_item *item)
{
    return catalogue_key(item->region, item->code, item->effective_date);
}

static void version_read(struct catalogue *catalogue, struct span key, struct span value)
{
    struct catalogue_key at;
    struct catalogue_value kept;
    if (!catalogue_key_read(key, &at) || !catalogue_value_read(value, &kept))
        return;
    struct version version = {.effective_date = at.effective_date,
                              .state = {.price_limit_micro = {kept.price_limits_micro, kept.second, kept.third},
                                        .end_date = kept.end_date,
                                        .first_own_share_bp = kept.first_own_share_bp,
                                        .level = kept.level}};
    name_version(&version, at.region, at.code);
    put(catalogue, &version);
}

struct catalogue *catalogue_new(struct store_txn *txn, unsigned table, const struct published *published)
{
    struct catalogue *catalogue = calloc(1, sizeof *catalogue);
    struct store_walk walk;
    INVARIANT(catalogue != NULL);
    catalogue->table = table;
    catalogue->published = published;
    catalogue->slot_count = SLOTS_COUNT_MIN;
    catalogue->slots = calloc(SLOTS_COUNT_MIN, sizeof *catalogue->slots);
    INVARIANT(catalogue->slots != NULL);
    for (bool more = store_walk_start(&walk, txn, table, span_of(NULL, 0)); more; more = store_walk_next(&walk))
        version_read(catalogue, walk.key, walk.value);
    store_walk_end(&walk);
    return catalogue;
}

void catalogue_destroy(struct catalogue **catalogue)
{
    if (*catalogue == NULL)
        return;
    for (uint32_t first = 0; first < (*catalogue)->version_count; first += BLOCK_COUNT)
        free((*catalogue)->blocks[first / BLOCK_COUNT]);
    for (unsigned region = 0; region < REGIONS_MAX; region++)
        for (unsigned kind = 0; kind < ITEM_KINDS; kind++)
            free((*catalogue)->spoken[region][kind].stretches);
    free((*catalogue)->blocks);
    free((*catalogue)->slots);
    free(*catalogue);
    *catalogue = NULL;
}

void catalogue_keep(struct catalogue *catalogue, struct store_txn *txn, const struct catalogue_item *item)
{
    const int64_t *limits = item->price_limit_micro;
    struct row_bytes key = key_of(item), value = catalogue_value(item->level, item->first_own_share_bp, limits[0],
                                                                 limits[1], limits[2], item->end_date);
    PRE(item->first_own_share_bp <= BASIS_POINTS_ONE);
    store_put(txn, catalogue->table, row_span(&key), row_span(&value));
    version_read(catalogue, row_span(&key), row_span(&value));
}

void catalogue_sort(struct catalogue *catalogue)
{
    for (unsigned region = 0; region < REGIONS_MAX; region++)
        for (unsigned kind = 0; kind < ITEM_KINDS; kind++)
            be_silent(&catalogue->spoken[region][kind]);
    for (uint32_t number = 1; number <= catalogue->version_count; number++)
        if (version_at(catalogue, number)->effective_date != NEVER)
            speak(spoken_of(catalogue, version_at(catalogue, number)), version_at(catalogue, number));
}

/* What was taken out stays in its chain, of a day that never comes: slots are never free again. */
bool catalogue_withdraw(struct catalogue *catalogue, struct store_txn *txn, const struct catalogue_item *item)
{
    struct row_bytes key = key_of(item);
    struct version wanted = {.effective_date = item->effective_date};
    name_version(&wanted, item->region, item->code);
    uint32_t at = slot_of(catalogue, &wanted, tag_of(&wanted))->newest;
    while (at != 0 && version_at(catalogue, at)->effective_date != item->effective_date)
        at = *older_at(catalogue, at);
    if (at == 0)
        return false;
    version_at(catalogue, at)->effective_date = NEVER;
    spoken_of(catalogue, &wanted)->stale = true;
    store_delete(txn, catalogue->table, row_span(&key));
    return true;
}

bool catalogue_speaks(struct catalogue *catalogue, const char *region, enum item_kind kind, civil_date_t day)
{
    struct spoken *spoken = &catalogue->spoken[region_index(region)][kind];
    if (spoken->stale)
        speak_anew(catalogue, spoken);
    if (!catalogue->ended_yields)
        return spoken->from != 0 && spoken->from <= day;
    for (uint32_t i = spoken->count; i > 0 && spoken->stretches[i - 1].to >= day; i--) /* the newest are asked for */
        if (spoken->stretches[i - 1].from <= day)
            return true;
    return false;
}

void catalogue_ended_yields(struct catalogue *catalogue, bool yields)
{
    catalogue->ended_yields = yields;
}

/* The newest version that took effect by the day, if that day lies in it; else an older one that goes on. */
static const struct catalogue_state *state_on(const struct catalogue *catalogue, uint32_t newest, civil_date_t day)
{
    for (uint32_t at = newest; at != 0; at = *older_at(catalogue, at)) {
        const struct version *version = version_at(catalogue, at);
        if (version->effective_date <= day && (version->state.end_date == 0 || day <= version->state.end_date))
            return &version->state;
        if (version->effective_date <= day && !catalogue->ended_yields)
            return NULL;
    }
    return NULL;
}

/* Three passes, so that the misses of all lines run beside each other: slots, versions, comparison. */
void catalogue_find_each(const struct catalogue *catalogue, const char *region, const char *const *codes,
                         unsigned count, civil_date_t day, const struct catalogue_state **states)
{
    struct version wanted[CATALOGUE_FIND_MAX];
    uint32_t tags[CATALOGUE_FIND_MAX], mask = catalogue->slot_count - 1;
    PRE(count <= CATALOGUE_FIND_MAX);
    for (unsigned i = 0; i < count; i++) {
        name_version(&wanted[i], region, codes[i]);
        tags[i] = tag_of(&wanted[i]);
        __builtin_prefetch(&catalogue->slots[tags[i] & mask]);
    }
    for (unsigned i = 0; i < count; i++) {
        uint32_t newest = catalogue->slots[tags[i] & mask].newest; /* most stand where their hash says */
        if (newest != 0)
            __builtin_prefetch(version_at(catalogue, newest));
    }
    for (unsigned i = 0; i < count; i++)
        states[i] = state_on(catalogue, slot_of(catalogue, &wanted[i], tags[i])->newest, day);
}

const struct catalogue_state *catalogue_find(const struct catalogue *catalogue, const char *region, const char *code,
                                             civil_date_t day)
{
    const struct catalogue_state *state;
    catalogue_find_each(catalogue, region, &code, 1, day, &state);
    return state;
}
