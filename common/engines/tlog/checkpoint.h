/* SPDX-License-Identifier: Apache-2.0
 * What is signed of a log (C2SP tlog-checkpoint v1.0.0): origin, size, base64 of the root, a line each; further lines
 * are let pass. And what a reader keeps of it: an inclusion proof in a file (C2SP tlog-proof@v1). */
#ifndef HUTONG_COMMON_ENGINES_TLOG_CHECKPOINT_H
#define HUTONG_COMMON_ENGINES_TLOG_CHECKPOINT_H
#include "common/base/merkle.h"
#include "common/engines/tlog/note.h"

struct checkpoint {
    char origin[NOTE_NAME_SIZE_MAX + 1];
    uint64_t size;
    struct merkle_hash root;
};
void checkpoint_write(const struct checkpoint *checkpoint, struct buffer *text);
MUST_USE enum status checkpoint_parse(struct span text, struct checkpoint *checkpoint);
/* A note that is a checkpoint of this log, signed by its key. REJECT_MALFORMED; REJECT_NOT_FOUND: of another origin;
 * REJECT_UNAUTHORIZED: without the key's signature, or with one that fails. */
MUST_USE enum status checkpoint_open(struct span bytes, const struct note_key *key, struct note *note,
                                     struct checkpoint *checkpoint);

struct proof_file {
    struct buffer extra; /* owned */
    uint64_t index;
    struct merkle_hash path[MERKLE_PATH_MAX];
    unsigned path_count;
    struct span checkpoint; /* a note */
};
void proof_file_write(const struct proof_file *proof, struct buffer *out);
/* Borrows the bytes, but for `extra`. */
MUST_USE enum status proof_file_parse(struct span bytes, struct proof_file *proof);
void proof_file_fini(struct proof_file *proof);
#endif
