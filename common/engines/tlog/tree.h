/* SPDX-License-Identifier: Apache-2.0
 * The transparency log's tree as tiles (C2SP tlog-tiles): tile N of level L holds up to 256 hashes; hash i of it is
 * the root of the leaves [(N * 256 + i) * 256^L, (N * 256 + i + 1) * 256^L). A level has as many hashes as there are
 * such whole ranges, so that its last tile may be partial; an empty one is not there. Entries lie in bundles of 256,
 * each behind its size (2, BE). Nothing that is whole ever changes.
 *
 * Two sides: the writer keeps the open tile of each level in memory; readers get tiles from a source, and make roots
 * and proofs of any earlier size out of them: a proof reads one tile a level, or two. */
#ifndef HUTONG_COMMON_ENGINES_TLOG_TREE_H
#define HUTONG_COMMON_ENGINES_TLOG_TREE_H
#include "common/base/buffer.h"
#include "common/base/merkle.h"
#include "common/base/status.h"

enum {
    TLOG_TILE_WIDTH = 256,
    TLOG_TILE_SIZE = TLOG_TILE_WIDTH * DIGEST_SIZE,
    TLOG_LEVELS_MAX = 8,      /* 2^64 leaves */
    TLOG_LEVEL_ENTRIES = 255, /* where a tile is named: the bundle of entries */
    TLOG_ENTRY_SIZE = 85,
    TLOG_BUNDLE_SIZE = TLOG_TILE_WIDTH * (2 + TLOG_ENTRY_SIZE)
};

/* What a leaf commits to. One a position, of fixed size: the records themselves may be larger than a bundle takes, and
 * nobody who reads tiles shall see them.
 *
 *   "HTL1" | position (8, BE) | accepted at, ms (8, BE) | outcome kind (1)
 *   | SHA-256(salt | submission) | SHA-256(SHA-256("outcome" | salt) | outcome)
 *
 * The salt is the submission's; empty where it has none. */
struct tlog_record {
    uint64_t position;
    int64_t accepted_at;
    uint8_t outcome_kind;
    struct span salt;
    struct span submission; /* as it stands on the log */
    const struct span
        *outcomes; /* the first is the outcome; at a tick NOTICEs may follow, each behind its size (4, BE) */
    unsigned outcome_count;
    /* Of a record that was rewritten since: what its leaf committed to; NULL: it is as it was. */
    const uint8_t *submission_commitment, *outcome_commitment;
};
void tlog_entry(struct digest *digest, const struct tlog_record *record, uint8_t entry[TLOG_ENTRY_SIZE]);

struct tlog_open_tile {
    uint8_t hashes[TLOG_TILE_SIZE];
    unsigned width;
};
struct tlog_writer {
    uint64_t size;
    struct tlog_open_tile levels[TLOG_LEVELS_MAX];
    uint8_t bundle[TLOG_BUNDLE_SIZE];
    size_t bundle_size;
    bool dirty;
    /* Keeps a tile, or a bundle (TLOG_LEVEL_ENTRIES), under its number; a partial one is written over. */
    void *self;
    void (*keep)(void *self, unsigned level, uint64_t number, struct span bytes);
};
/* What is open goes on in the tiles that `load` has. REJECT_MALFORMED: they are not those of a tree of this size. */
MUST_USE enum status tlog_writer_open(struct tlog_writer *writer, uint64_t size,
                                      bool (*load)(void *self, unsigned level, uint64_t number, struct span *bytes),
                                      void *load_self);
void tlog_append(struct tlog_writer *writer, struct digest *digest, const uint8_t entry[TLOG_ENTRY_SIZE]);
void tlog_flush(struct tlog_writer *writer); /* keeps what is open */

/* Where tiles come from. The hashes that a tile has, as many as it is asked for or more: a wider tile begins with the
 * narrower one. Borrowed until the next call. False: there is no such tile. */
struct tlog_source {
    void *self;
    bool (*tile)(void *self, unsigned level, uint64_t number, unsigned width, struct span *hashes);
};
/* RFC 6962, 2.1. REJECT_NOT_FOUND: a tile that is needed is not there. */
MUST_USE enum status tlog_root(const struct tlog_source *source, struct digest *digest, uint64_t size,
                               struct merkle_hash *root);
/* PRE: index < size. */
MUST_USE enum status tlog_inclusion(const struct tlog_source *source, struct digest *digest, uint64_t index,
                                    uint64_t size, struct merkle_hash path[MERKLE_PATH_MAX], unsigned *count);
/* PRE: old <= size. Of an empty or an equal tree: no hashes. */
MUST_USE enum status tlog_consistency(const struct tlog_source *source, struct digest *digest, uint64_t old,
                                      uint64_t size, struct merkle_hash path[MERKLE_PATH_MAX], unsigned *count);
/* RFC 9162, 2.1.4.2: that the tree of `old` leaves is the beginning of the other. */
bool tlog_is_consistent(struct digest *digest, uint64_t old, const struct merkle_hash *old_root, uint64_t size,
                        const struct merkle_hash *root, const struct merkle_hash *path, unsigned count);

/* "tile/0/x001/x234/067", "tile/entries/000.p/17"; width 256: the whole tile. */
void tlog_tile_path(unsigned level, uint64_t number, unsigned width, struct buffer *path);
/* Strict: as it is written, or REJECT_MALFORMED. */
MUST_USE enum status tlog_tile_parse(const char *path, unsigned *level, uint64_t *number, unsigned *width);
/* Entry i of a bundle. False: the bundle does not hold it. */
bool tlog_bundle_entry(struct span bundle, unsigned index, struct span *entry);
/* The bytes of the first `width` entries. False: there are fewer. */
bool tlog_bundle_cut(struct span bundle, unsigned width, size_t *size);
#endif
