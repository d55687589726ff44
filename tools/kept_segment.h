/* SPDX-License-Identifier: Apache-2.0
 * A segment of the log as a backup's manifest and an archive's list name it, in JSON. */
#ifndef HUTONG_TOOLS_KEPT_SEGMENT_H
#define HUTONG_TOOLS_KEPT_SEGMENT_H
#include <jansson.h>
#include <stdint.h>

#include "common/base/digest.h"
#include "common/base/limits.h"

enum { KEPT_STREAMS_COUNT_MAX = 128, KEPT_SEGMENTS_COUNT_MAX = 1 << 16, SHA256_TEXT_SIZE = 2 * DIGEST_SIZE + 1 };

struct kept_segment {
    uint32_t number;
    uint64_t size;                 /* of its data.mdb, as the broker has it */
    char sha256[SHA256_TEXT_SIZE]; /* of that */
    uint64_t changed_ns;           /* when that was last changed: while it was not since, it need not be read again */
    uint64_t stored_at_ms;         /* of its newest batch; 0: not asked */
    uint64_t packed_size;          /* of an archive: of the file that holds it, compressed; else 0 */
    char packed_sha256[SHA256_TEXT_SIZE];
    unsigned stream_count;
    struct {
        char name[STREAM_NAME_SIZE_MAX + 1];
        uint64_t start, end;
    } streams[KEPT_STREAMS_COUNT_MAX];
};

/* A list that grows; zero: empty. */
struct kept_segments {
    struct kept_segment *list;
    unsigned count, room;
};
struct kept_segment *kept_segments_add(struct kept_segments *segments); /* zeroed, the last */
const struct kept_segment *kept_segments_find(const struct kept_segments *segments, uint32_t number);
void kept_segments_fini(struct kept_segments *segments);

json_t *kept_segments_json(const struct kept_segments *segments);
/* False: it is no such list, numbers do not follow each other, or a stream does not go on where it ended. */
bool kept_segments_read(const json_t *json, struct kept_segments *segments);

/* 64 lower-case digits; what a manifest says of sums must be so. */
bool sha256_text(const json_t *value, char out[SHA256_TEXT_SIZE]);
/* Beyond 2^53 as well: in text. */
json_t *kept_number_json(uint64_t number);
bool kept_number(const json_t *value, uint64_t *number);
#endif
