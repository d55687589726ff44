/* SPDX-License-Identifier: Apache-2.0
 * The tree's tiles. */
#include "common/engines/tlog/tree.h"

#include <stdlib.h>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/text.h"

/* ---- entries ---- */

static void commit_to_outcome(struct digest *digest, const struct tlog_record *record, uint8_t out[DIGEST_SIZE])
{
    uint8_t salt[DIGEST_SIZE], size[4];
    digest_start(digest);
    digest_add(digest, span_text("outcome"));
    digest_add(digest, record->salt);
    digest_finish(digest, salt);
    digest_start(digest);
    digest_add(digest, span_of(salt, sizeof salt));
    for (unsigned i = 0; i < record->outcome_count; i++) {
        bytes_put_be(size, record->outcomes[i].size, sizeof size);
        if (i > 0)
            digest_add(digest, span_of(size, sizeof size));
        digest_add(digest, record->outcomes[i]);
    }
    digest_finish(digest, out);
}

void tlog_entry(struct digest *digest, const struct tlog_record *record, uint8_t entry[TLOG_ENTRY_SIZE])
{
    memcpy(entry, "HTL1", 4);
    bytes_put_be(entry + 4, record->position, 8);
    bytes_put_be(entry + 12, (uint64_t)record->accepted_at, 8);
    entry[20] = record->outcome_kind;
    if (record->submission_commitment != NULL) {
        memcpy(entry + 21, record->submission_commitment, DIGEST_SIZE);
        memcpy(entry + 53, record->outcome_commitment, DIGEST_SIZE);
        return;
    }
    digest_start(digest);
    digest_add(digest, record->salt);
    digest_add(digest, record->submission);
    digest_finish(digest, entry + 21);
    commit_to_outcome(digest, record, entry + 53);
}

/* ---- the writer ---- */

/* The root of 2^k hashes, folded in place. */
static void fold(struct digest *digest, struct merkle_hash *hashes, unsigned count)
{
    for (; count > 1; count /= 2)
        for (unsigned i = 0; i < count / 2; i++)
            merkle_node(digest, &hashes[2 * i], &hashes[2 * i + 1], &hashes[i]);
}

enum status tlog_writer_open(struct tlog_writer *writer, uint64_t size,
                             bool (*load)(void *self, unsigned level, uint64_t number, struct span *bytes),
                             void *load_self)
{
    struct span bytes;
    uint64_t at_level = size;
    writer->size = size;
    writer->dirty = false;
    for (unsigned level = 0; level < TLOG_LEVELS_MAX; level++, at_level /= TLOG_TILE_WIDTH) {
        struct tlog_open_tile *open = &writer->levels[level];
        open->width = (unsigned)(at_level % TLOG_TILE_WIDTH);
        size_t wanted = (size_t)open->width * DIGEST_SIZE;
        if (wanted == 0)
            continue;
        if (!load(load_self, level, at_level / TLOG_TILE_WIDTH, &bytes) || bytes.size != wanted)
            return REJECT_MALFORMED;
        memcpy(open->hashes, bytes.data, wanted);
    }
    writer->bundle_size = (size % TLOG_TILE_WIDTH) * (2 + TLOG_ENTRY_SIZE);
    if (writer->bundle_size == 0)
        return OK;
    if (!load(load_self, TLOG_LEVEL_ENTRIES, size / TLOG_TILE_WIDTH, &bytes) || bytes.size != writer->bundle_size)
        return REJECT_MALFORMED;
    memcpy(writer->bundle, bytes.data, bytes.size);
    return OK;
}

/* A tile that is full is kept, and its root is a hash of the level above. */
static void add_hash(struct tlog_writer *writer, struct digest *digest, struct merkle_hash hash)
{
    struct merkle_hash hashes[TLOG_TILE_WIDTH];
    uint64_t number = (writer->size - 1) / TLOG_TILE_WIDTH;
    for (unsigned level = 0; level < TLOG_LEVELS_MAX; level++, number /= TLOG_TILE_WIDTH) {
        struct tlog_open_tile *open = &writer->levels[level];
        memcpy(open->hashes + (size_t)open->width * DIGEST_SIZE, hash.bytes, DIGEST_SIZE);
        if (++open->width < TLOG_TILE_WIDTH)
            return;
        writer->keep(writer->self, level, number, span_of(open->hashes, TLOG_TILE_SIZE));
        memcpy(hashes, open->hashes, TLOG_TILE_SIZE);
        fold(digest, hashes, TLOG_TILE_WIDTH);
        hash = hashes[0];
        open->width = 0;
    }
}

void tlog_append(struct tlog_writer *writer, struct digest *digest, const uint8_t entry[TLOG_ENTRY_SIZE])
{
    struct merkle_hash leaf;
    merkle_leaf(digest, span_of(entry, TLOG_ENTRY_SIZE), &leaf);
    bytes_put_be(writer->bundle + writer->bundle_size, TLOG_ENTRY_SIZE, 2);
    memcpy(writer->bundle + writer->bundle_size + 2, entry, TLOG_ENTRY_SIZE);
    writer->bundle_size += 2 + TLOG_ENTRY_SIZE;
    if (writer->bundle_size == TLOG_BUNDLE_SIZE) {
        writer->keep(writer->self, TLOG_LEVEL_ENTRIES, writer->size / TLOG_TILE_WIDTH,
                     span_of(writer->bundle, TLOG_BUNDLE_SIZE));
        writer->bundle_size = 0;
    }
    writer->size++;
    writer->dirty = true;
    add_hash(writer, digest, leaf);
}

void tlog_flush(struct tlog_writer *writer)
{
    uint64_t at_level = writer->size;
    if (!writer->dirty)
        return;
    for (unsigned level = 0; level < TLOG_LEVELS_MAX; level++, at_level /= TLOG_TILE_WIDTH)
        if (writer->levels[level].width > 0)
            writer->keep(writer->self, level, at_level / TLOG_TILE_WIDTH,
                         span_of(writer->levels[level].hashes, (size_t)writer->levels[level].width * DIGEST_SIZE));
    if (writer->bundle_size > 0)
        writer->keep(writer->self, TLOG_LEVEL_ENTRIES, writer->size / TLOG_TILE_WIDTH,
                     span_of(writer->bundle, writer->bundle_size));
    writer->dirty = false;
}

/* ---- roots and proofs out of tiles ---- */

/* The root of the 2^k leaves from `from` on, which is a multiple of 2^k: hashes of one tile, folded. */
static enum status whole_range(const struct tlog_source *source, struct digest *digest, uint64_t from, unsigned k,
                               struct merkle_hash *root)
{
    struct merkle_hash hashes[TLOG_TILE_WIDTH];
    struct span tile;
    unsigned level = k / 8, count = 1u << (k % 8);
    uint64_t first = from >> (8 * level);
    unsigned at = (unsigned)(first % TLOG_TILE_WIDTH);
    INVARIANT(at + count <= TLOG_TILE_WIDTH);
    if (!source->tile(source->self, level, first / TLOG_TILE_WIDTH, at + count, &tile) ||
        tile.size < (size_t)(at + count) * DIGEST_SIZE)
        return REJECT_NOT_FOUND;
    memcpy(hashes, tile.data + (size_t)at * DIGEST_SIZE, (size_t)count * DIGEST_SIZE);
    fold(digest, hashes, count);
    *root = hashes[0];
    return OK;
}

static unsigned log2_below(uint64_t count) /* of the largest power of two that is at most this */
{
    return 63 - (unsigned)__builtin_clzll(count);
}

/* The root of [from, to): of its whole ranges, the shortest first, each beside what is to its right. PRE: from < to,
 * and `from` is a multiple of the largest power of two in to - from. */
static enum status range_root(const struct tlog_source *source, struct digest *digest, uint64_t from, uint64_t to,
                              struct merkle_hash *root)
{
    struct merkle_hash left;
    bool first = true;
    for (uint64_t left_over = to - from, at = to; left_over > 0; left_over &= left_over - 1, first = false) {
        unsigned k = (unsigned)__builtin_ctzll(left_over);
        at -= UINT64_C(1) << k;
        TRY(whole_range(source, digest, at, k, first ? root : &left));
        if (!first)
            merkle_node(digest, &left, root, root);
    }
    return OK;
}

enum status tlog_root(const struct tlog_source *source, struct digest *digest, uint64_t size, struct merkle_hash *root)
{
    if (size > 0)
        return range_root(source, digest, 0, size, root);
    merkle_empty(digest, root);
    return OK;
}

static void reverse(struct merkle_hash *path, unsigned count)
{
    for (unsigned i = 0; i < count / 2; i++) {
        struct merkle_hash kept = path[i];
        path[i] = path[count - 1 - i];
        path[count - 1 - i] = kept;
    }
}

/* Both proofs go down from the root: the half that does not hold what is looked for gives its root. */
static enum status descend(const struct tlog_source *source, struct digest *digest, uint64_t *from, uint64_t *to,
                           bool right, struct merkle_hash *sibling)
{
    uint64_t middle = *from + (UINT64_C(1) << log2_below(*to - *from - 1));
    if (right) {
        TRY(range_root(source, digest, *from, middle, sibling));
        *from = middle;
        return OK;
    }
    TRY(range_root(source, digest, middle, *to, sibling));
    *to = middle;
    return OK;
}

static bool is_right(uint64_t from, uint64_t to, uint64_t index)
{
    return index >= from + (UINT64_C(1) << log2_below(to - from - 1));
}

enum status tlog_inclusion(const struct tlog_source *source, struct digest *digest, uint64_t index, uint64_t size,
                           struct merkle_hash path[MERKLE_PATH_MAX], unsigned *count)
{
    uint64_t from = 0, to = size;
    PRE(index < size);
    for (*count = 0; to - from > 1; (*count)++)
        TRY(descend(source, digest, &from, &to, is_right(from, to, index), &path[*count]));
    reverse(path, *count);
    return OK;
}

enum status tlog_consistency(const struct tlog_source *source, struct digest *digest, uint64_t old, uint64_t size,
                             struct merkle_hash path[MERKLE_PATH_MAX], unsigned *count)
{
    uint64_t from = 0, to = size;
    PRE(old <= size);
    *count = 0;
    if (old == 0 || old == size)
        return OK;
    for (; to != old; (*count)++)
        TRY(descend(source, digest, &from, &to, is_right(from, to, old - 1), &path[*count]));
    if (from > 0) /* otherwise it is the old root, which whoever checks has */
        TRY(range_root(source, digest, from, to, &path[(*count)++]));
    reverse(path, *count);
    return OK;
}

bool tlog_is_consistent(struct digest *digest, uint64_t old, const struct merkle_hash *old_root, uint64_t size,
                        const struct merkle_hash *root, const struct merkle_hash *path, unsigned count)
{
    struct merkle_hash empty;
    if (old > size)
        return false;
    merkle_empty(digest, &empty);
    if (old == 0)
        return count == 0 && memcmp(old_root, &empty, sizeof empty) == 0;
    if (old == size)
        return count == 0 && memcmp(old_root, root, sizeof *root) == 0;
    bool power = (old & (old - 1)) == 0;
    if (!power && count == 0)
        return false;
    uint64_t fn = old - 1, sn = size - 1;
    for (; (fn & 1) != 0; fn >>= 1, sn >>= 1)
        ;
    struct merkle_hash fr = power ? *old_root : path[0], sr = fr;
    for (unsigned i = power ? 0 : 1; i < count; i++) {
        if (sn == 0)
            return false;
        if ((fn & 1) != 0 || fn == sn) {
            merkle_node(digest, &path[i], &fr, &fr);
            merkle_node(digest, &path[i], &sr, &sr);
            for (; (fn & 1) == 0 && fn != 0; fn >>= 1, sn >>= 1)
                ;
        } else {
            merkle_node(digest, &sr, &path[i], &sr);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && memcmp(&fr, old_root, sizeof fr) == 0 && memcmp(&sr, root, sizeof sr) == 0;
}

/* ---- names ---- */

void tlog_tile_path(unsigned level, uint64_t number, unsigned width, struct buffer *path)
{
    uint64_t unit = 1;
    if (level == TLOG_LEVEL_ENTRIES)
        buffer_append_text(path, "tile/entries/");
    else
        buffer_printf(path, "tile/%u/", level);
    while (number / unit >= 1000)
        unit *= 1000;
    for (; unit > 1; unit /= 1000)
        buffer_printf(path, "x%03u/", (unsigned)(number / unit % 1000));
    buffer_printf(path, "%03u", (unsigned)(number % 1000));
    if (width < TLOG_TILE_WIDTH)
        buffer_printf(path, ".p/%u", width);
}

/* What it might mean is read loosely, and written again: only the same text is right. */
enum status tlog_tile_parse(const char *path, unsigned *level, uint64_t *number, unsigned *width)
{
    struct buffer again = {0};
    const char *at = path;
    char *end;
    unsigned read_level = TLOG_LEVEL_ENTRIES, read_width = TLOG_TILE_WIDTH;
    uint64_t read = 0;
    if (strncmp(at, "tile/", 5) != 0 || strlen(path) > 64)
        return REJECT_MALFORMED;
    at += 5;
    if (strncmp(at, "entries/", 8) == 0)
        at += 8;
    else if (text_is_digit(*at) && *at < '0' + TLOG_LEVELS_MAX && at[1] == '/') {
        read_level = (unsigned)(*at - '0');
        at += 2;
    } else
        return REJECT_MALFORMED;
    for (unsigned groups = 0; *at != 0 && *at != '.'; groups++) {
        at += *at == 'x';
        if (text_digits(at) != 3 || groups > 5)
            return REJECT_MALFORMED;
        read = read * 1000 + strtoul(at, NULL, 10);
        at += 3;
        at += *at == '/';
    }
    if (strncmp(at, ".p/", 3) == 0 && text_is_digit(at[3])) {
        read_width = (unsigned)strtoul(at + 3, &end, 10);
        if (read_width == 0 || read_width >= TLOG_TILE_WIDTH)
            return REJECT_MALFORMED;
    }
    tlog_tile_path(read_level, read, read_width, &again);
    bool same = strcmp(buffer_text(&again), path) == 0;
    buffer_fini(&again);
    if (!same)
        return REJECT_MALFORMED;
    *level = read_level;
    *number = read;
    *width = read_width;
    return OK;
}

bool tlog_bundle_entry(struct span bundle, unsigned index, struct span *entry)
{
    size_t at = 0;
    for (unsigned i = 0; bundle.size - at >= 2; i++) {
        size_t size = (size_t)bytes_get_be(bundle.data + at, 2);
        if (bundle.size - at - 2 < size)
            return false;
        *entry = span_of(bundle.data + at + 2, size);
        if (i == index)
            return true;
        at += 2 + size;
    }
    return false;
}

bool tlog_bundle_cut(struct span bundle, unsigned width, size_t *size)
{
    struct span last;
    if (width == 0 || !tlog_bundle_entry(bundle, width - 1, &last))
        return false;
    *size = (size_t)(last.data + last.size - bundle.data);
    return true;
}
