/* SPDX-License-Identifier: Apache-2.0
 * Tiles over audit's control endpoint. */
#include "tools/audit_tiles.h"

#include "common/pb/wire.h"

enum { ANSWER_MS = 5000 };

bool audit_tiles_get(struct audit_tiles *tiles, unsigned level, uint64_t number, struct span *bytes)
{
    struct buffer question = {0};
    struct audit_answer answer;
    audit_query_encode(&(struct audit_query){AUDIT_ASK_TILE, {.tile = {level, number}}}, &question);
    bool answered = cli_query(tiles->cli, "audit", 0, buffer_span(&question), ANSWER_MS, &tiles->answer) &&
                    audit_answer_decode(buffer_span(&tiles->answer), NULL, &answer) == OK && answer.kind == AUDIT_TILE;
    buffer_fini(&question);
    if (!answered) {
        tiles->unanswered = true;
        return false;
    }
    *bytes = answer.body.tile.bytes;
    return bytes->size > 0;
}

static bool tile_of(void *self, unsigned level, uint64_t number, unsigned width, struct span *hashes)
{
    (void)width;
    return audit_tiles_get(self, level, number, hashes);
}

struct tlog_source audit_tiles_source(struct audit_tiles *tiles)
{
    return (struct tlog_source){tiles, tile_of};
}

void audit_tiles_fini(struct audit_tiles *tiles)
{
    buffer_fini(&tiles->answer);
}
