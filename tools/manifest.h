/* SPDX-License-Identifier: Apache-2.0
 * What a backup's generation says of itself, in JSON; nothing is trusted that was not read by it.
 *
 * DIR/segments/SHA256/seg-N/data.mdb              sealed segments, shared by all generations that name them
 * DIR/generations/POSITION-TIME/manifest.json     this; beside it manifest.sha256, as sha256sum writes it
 *                              /broker/seg-N/     the newest segment, as far as it was durable
 *                              /states/NAME-POSITION/   each service's state at that one position, as of a snapshot
 *                              /confirmed-0/  /data/  /keys/  /secret/  /config/
 *
 * A generation is made as POSITION-TIME.part and renamed when all of it is on disk: one that was cut short is none. */
#ifndef HUTONG_TOOLS_MANIFEST_H
#define HUTONG_TOOLS_MANIFEST_H
#include <sys/types.h>

#include "common/base/buffer.h"
#include "common/base/status.h"
#include "tools/kept_segment.h"

enum { MANIFEST_SIZE_MAX = 64 << 20, MANIFEST_PATH_SIZE = 512, MANIFEST_TEXT_SIZE = 256, MANIFEST_STATES_MAX = 256 };

struct manifest_state {
    char name[64]; /* "settlement-0" */
    char digest[SHA256_TEXT_SIZE];
};

struct manifest_file {
    char path[MANIFEST_PATH_SIZE]; /* below the generation */
    uint64_t size;
    mode_t mode;
    char sha256[SHA256_TEXT_SIZE];
};

struct manifest {
    uint64_t position, log; /* of every state; the log's own number */
    int64_t at_ms;
    uint32_t partitions;
    bool keys; /* whether the secret ones are in it */
    char version[MANIFEST_TEXT_SIZE], build[MANIFEST_TEXT_SIZE];
    struct kept_segments segments; /* the last: the newest, which is the generation's own */
    struct manifest_state states[MANIFEST_STATES_MAX];
    unsigned state_count;
    struct manifest_file *files;
    unsigned file_count, file_room;
};

void manifest_add_file(struct manifest *manifest, const struct manifest_file *file);
void manifest_write(const struct manifest *manifest, struct buffer *out);
/* REJECT_MALFORMED: `why` says what is wrong. Paths lead nowhere but below the generation. */
MUST_USE enum status manifest_read(struct span text, struct manifest *manifest, struct buffer *why);
void manifest_fini(struct manifest *manifest);
/* Where a stream ends in it; 0: it is not there. */
uint64_t manifest_end(const struct manifest *manifest, const char *stream);
#endif
