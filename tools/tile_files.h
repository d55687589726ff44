/* SPDX-License-Identifier: Apache-2.0
 * The log as files that any web server can give out (C2SP tlog-tiles): checkpoint, tile/L/N[.p/W],
 * tile/entries/N[.p/W], as of one checkpoint. */
#ifndef HUTONG_TOOLS_TILE_FILES_H
#define HUTONG_TOOLS_TILE_FILES_H
#include "tools/audit_tiles.h"

struct tile_files {
    const char *directory;
    uint64_t size;     /* of the checkpoint */
    uint64_t from, to; /* positions whose entries are wanted; tiles are written in full */
};
/* The checkpoint last. How many files were written. */
MUST_USE enum status tile_files_write(const struct tile_files *files, struct audit_tiles *tiles, struct span note,
                                      uint64_t *count);
#endif
