/* SPDX-License-Identifier: Apache-2.0
 * The transparency log's tiles, asked of audit. */
#ifndef HUTONG_TOOLS_AUDIT_TILES_H
#define HUTONG_TOOLS_AUDIT_TILES_H
#include "common/engines/tlog/tree.h"
#include "tools/cli.h"

struct audit_tiles {
    struct cli *cli;
    struct buffer answer;
    bool unanswered; /* audit did not answer: nothing that failed since says that a tile is not there */
};
/* A tile or (level 255) a bundle, as far as it is there; borrowed until the next call. */
bool audit_tiles_get(struct audit_tiles *tiles, unsigned level, uint64_t number, struct span *bytes);
struct tlog_source audit_tiles_source(struct audit_tiles *tiles);
void audit_tiles_fini(struct audit_tiles *tiles);
#endif
