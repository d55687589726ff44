/* SPDX-License-Identifier: Apache-2.0
 * Any text as the name of a tile, any bytes as a bundle of entries, any tiles as a tree: nothing is read beyond
 * them. */
#include <stdint.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/engines/tlog/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool tile(void *self, unsigned level, uint64_t number, unsigned width, struct span *hashes)
{
    (void)width;
    const struct span *bytes = self;
    *hashes = span_of(bytes->data, (bytes->size + level + number) % (bytes->size + 1));
    return true;
}

static void name(const uint8_t *data, size_t size)
{
    unsigned level, width;
    uint64_t number;
    struct buffer path = {0};
    char *text = malloc(size + 1);
    INVARIANT(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = 0;
    if (tlog_tile_parse(text, &level, &number, &width) == OK) {
        tlog_tile_path(level, number, width, &path);
        INVARIANT(strcmp(buffer_text(&path), text) == 0);
    }
    buffer_fini(&path);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span entry, bytes = span_of(data, size);
    struct merkle_hash path[MERKLE_PATH_MAX], root;
    unsigned count;
    size_t cut;
    name(data, size);
    for (unsigned i = 0; i < 4; i++)
        if (tlog_bundle_entry(bytes, i, &entry))
            INVARIANT(entry.data >= data && entry.data + entry.size <= data + size);
    if (tlog_bundle_cut(bytes, 3, &cut))
        INVARIANT(cut <= size);
    if (size >= 8) {
        struct digest *digest = digest_new();
        struct tlog_source source = {&bytes, tile};
        uint64_t leaves = 0;
        memcpy(&leaves, data, 7);
        (void)!tlog_root(&source, digest, leaves, &root);
        if (leaves > 0)
            (void)!tlog_inclusion(&source, digest, leaves / 3, leaves, path, &count);
        (void)!tlog_consistency(&source, digest, leaves / 5, leaves, path, &count);
        digest_destroy(&digest);
    }
    return 0;
}
