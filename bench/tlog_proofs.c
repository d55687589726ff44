/* SPDX-License-Identifier: Apache-2.0
 * hutong-tlog-proofs [LEAVES]: the transparency log's proofs, all of them that are few, and many of a large log.
 *
 *   1. every position in every size from 1 to 1,025, and every two sizes: made out of tiles, verified, and refused
 *      once a hash of it is another
 *   2. LEAVES (10,000,000) in a store as audit has it: what a leaf costs, and 20,000 proofs of positions and sizes
 *      drawn at random, each made from the store alone, and verified. Exit code 1 where one does not hold, or the
 *      slowest of 999 in 1,000 takes a millisecond. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/check.h"
#include "common/engines/tlog/tree.h"
#include "common/net/loop.h"
#include "common/store/rows/audit.h"
#include "common/store/store.h"

enum { SMALL = 1025, SAMPLES = 20000, COMMIT = 200000, RECORD_SIZE = 900, OUTCOME_SIZE = 600 };

static struct digest *digest;
static uint64_t checked, failed;

/* ---- every one that is small ---- */

static struct merkle_hash leaves[SMALL], small_tiles[5][TLOG_TILE_WIDTH], tops[8], roots[SMALL + 1];

static bool small_tile(void *self, unsigned level, uint64_t number, unsigned width, struct span *hashes)
{
    (void)self;
    (void)width;
    *hashes = level == 0 ? span_of(small_tiles[number], TLOG_TILE_SIZE) : span_of(tops, sizeof tops);
    return level < 2;
}

static void keep_small(void *self, unsigned level, uint64_t number, struct span bytes)
{
    (void)self;
    if (level == 0)
        memcpy(small_tiles[number], bytes.data, bytes.size);
    else if (level == 1)
        memcpy(tops, bytes.data, bytes.size);
}

static void inclusion(const struct tlog_source *source, const struct merkle_hash *leaf, uint64_t index, uint64_t size,
                      const struct merkle_hash *root)
{
    struct merkle_hash path[MERKLE_PATH_MAX], folded;
    unsigned count;
    INVARIANT(tlog_inclusion(source, digest, index, size, path, &count) == OK);
    failed +=
        !merkle_fold(digest, leaf, index, size, path, count, &folded) || memcmp(&folded, root, sizeof folded) != 0;
    checked++;
    if (count == 0)
        return;
    path[index % count].bytes[index % DIGEST_SIZE] ^= 1;
    failed += merkle_fold(digest, leaf, index, size, path, count, &folded) && memcmp(&folded, root, sizeof folded) == 0;
}

static void consistency(const struct tlog_source *source, uint64_t old, uint64_t size, const struct merkle_hash *before,
                        const struct merkle_hash *after)
{
    struct merkle_hash path[MERKLE_PATH_MAX];
    unsigned count;
    INVARIANT(tlog_consistency(source, digest, old, size, path, &count) == OK);
    failed += !tlog_is_consistent(digest, old, before, size, after, path, count);
    checked++;
    if (count == 0)
        return;
    path[old % count].bytes[size % DIGEST_SIZE] ^= 1;
    failed += tlog_is_consistent(digest, old, before, size, after, path, count);
}

static void every_small(void)
{
    static struct tlog_writer writer = {.keep = keep_small};
    struct tlog_source source = {NULL, small_tile};
    uint8_t entry[TLOG_ENTRY_SIZE] = "HTL1";
    for (uint64_t i = 0; i < SMALL; i++) {
        entry[10] = (uint8_t)(i >> 8);
        entry[11] = (uint8_t)i;
        merkle_leaf(digest, span_of(entry, sizeof entry), &leaves[i]);
        tlog_append(&writer, digest, entry);
    }
    tlog_flush(&writer);
    for (uint64_t size = 0; size <= SMALL; size++)
        INVARIANT(tlog_root(&source, digest, size, &roots[size]) == OK);
    for (uint64_t size = 1; size <= SMALL; size++) {
        for (uint64_t index = 0; index < size; index++)
            inclusion(&source, &leaves[index], index, size, &roots[size]);
        for (uint64_t old = 0; old <= size; old++)
            consistency(&source, old, size, &roots[old], &roots[size]);
    }
    (void)printf("sizes 1 to %d: %" PRIu64 " proofs of inclusion and consistency, %" PRIu64 " do not hold\n", SMALL,
                 checked, failed);
}

/* ---- a large log ---- */

enum {
#define AUDIT(place, ...) place,
#include "common/store/store.def"
    TABLES_COUNT
};
static const struct store_table tables[TABLES_COUNT] = {
#define AUDIT(place, name, seen, ...) {name, seen},
#include "common/store/store.def"
};

static struct store *store;
static struct store_txn *txn;

static struct row_bytes key_of(unsigned level, uint64_t number)
{
    return level == TLOG_LEVEL_ENTRIES ? entries_key(number) : tiles_tile_key(level, number);
}

static void keep_large(void *self, unsigned level, uint64_t number, struct span bytes)
{
    (void)self;
    struct row_bytes key = key_of(level, number);
    store_put(txn, level == TLOG_LEVEL_ENTRIES ? ENTRIES : TILES, row_span(&key), bytes);
}

static bool large_tile(void *self, unsigned level, uint64_t number, unsigned width, struct span *hashes)
{
    (void)self;
    (void)width;
    struct row_bytes key = key_of(level, number);
    return store_get(txn, TILES, row_span(&key), hashes);
}

static void entry_of(uint64_t index, uint8_t entry[TLOG_ENTRY_SIZE])
{
    static const uint8_t submission[RECORD_SIZE], outcome[OUTCOME_SIZE], salt[16];
    struct span outcomes = span_of(outcome, sizeof outcome);
    struct tlog_record record = {.position = index,
                                 .accepted_at = (int64_t)index,
                                 .outcome_kind = 1,
                                 .salt = span_of(salt, sizeof salt),
                                 .submission = span_of(submission, sizeof submission),
                                 .outcomes = &outcomes,
                                 .outcome_count = 1};
    tlog_entry(digest, &record, entry);
}

static void fill(uint64_t count)
{
    static struct tlog_writer writer = {.keep = keep_large};
    uint8_t entry[TLOG_ENTRY_SIZE];
    int64_t spent_us = 0, hashed_us = 0;
    for (uint64_t i = 0; i < count;) {
        int64_t before = loop_monotonic_us();
        INVARIANT(store_begin(store, true, &txn) == OK);
        uint64_t until = i + COMMIT < count ? i + COMMIT : count;
        for (; i < until; i++) {
            entry_of(i, entry);
            tlog_append(&writer, digest, entry);
        }
        hashed_us += loop_monotonic_us() - before;
        tlog_flush(&writer);
        INVARIANT(store_commit(&txn, i) == OK);
        spent_us += loop_monotonic_us() - before;
    }
    (void)printf("%" PRIu64 " leaves of records of %d and %d bytes: %.2f us each, %.2f us with commits of %d\n", count,
                 RECORD_SIZE, OUTCOME_SIZE, (double)hashed_us / (double)count, (double)spent_us / (double)count,
                 COMMIT);
}

static int by_size(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return left < right ? -1 : left > right;
}

/* Of the processor: what else the machine does is not the proof's. */
static int64_t processor_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static bool sample(uint64_t count)
{
    static int64_t took_us[SAMPLES];
    struct tlog_source source = {NULL, large_tile};
    struct merkle_hash path[MERKLE_PATH_MAX], leaf, root, whole;
    uint8_t entry[TLOG_ENTRY_SIZE];
    unsigned length;
    INVARIANT(store_begin(store, false, &txn) == OK && tlog_root(&source, digest, count, &whole) == OK);
    checked = failed = 0;
    srandom(1);
    for (unsigned i = 0; i < SAMPLES; i++) {
        uint64_t size = (uint64_t)random() % count + 1, index = (uint64_t)random() % size;
        int64_t before = processor_us();
        INVARIANT(tlog_inclusion(&source, digest, index, size, path, &length) == OK);
        took_us[i] = processor_us() - before;
        INVARIANT(tlog_root(&source, digest, size, &root) == OK);
        entry_of(index, entry);
        merkle_leaf(digest, span_of(entry, sizeof entry), &leaf);
        inclusion(&source, &leaf, index, size, &root);
        consistency(&source, size, count, &root, &whole);
    }
    store_abort(&txn);
    qsort(took_us, SAMPLES, sizeof took_us[0], by_size);
    (void)printf("of %" PRIu64 " leaves, %" PRIu64 " proofs, %" PRIu64 " do not hold; a proof is made in %" PRId64
                 " us (median), %" PRId64 " us (999 of 1,000)\n",
                 count, checked, failed, took_us[SAMPLES / 2], took_us[SAMPLES - SAMPLES / 1000]);
    return failed == 0 && took_us[SAMPLES - SAMPLES / 1000] < 1000;
}

int main(int argc, char **argv)
{
    char directory[64] = "/tmp/hutong-tlog-XXXXXX", command[96];
    struct buffer why = {0};
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
    digest = digest_new();
    every_small();
    bool good = failed == 0;
    INVARIANT(count > 0 && mkdtemp(directory) != NULL);
    struct store_options options = {.directory = directory,
                                    .map_size = (size_t)8 << 30,
                                    .soft_limit_bp = 9900,
                                    .tables = tables,
                                    .table_count = TABLES_COUNT,
                                    .format = FORMAT_AUDIT};
    INVARIANT(store_open(&options, &store, &why) == OK);
    fill(count);
    good = sample(count) && good;
    store_close(&store);
    (void)snprintf(command, sizeof command, "rm -r %s", directory);
    digest_destroy(&digest);
    return system(command) == 0 && good ? 0 : 1;
}
