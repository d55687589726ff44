/* SPDX-License-Identifier: Apache-2.0
 * Single bits of files, and what is read after one of them has flipped. */
#ifndef HUTONG_TESTS_SUPPORT_FLIPS_H
#define HUTONG_TESTS_SUPPORT_FLIPS_H
#include "common/base/buffer.h"
#include "common/base/digest.h"

enum { FLIP_FILES_MAX = 256, FLIP_BATCHES_MAX = 65536 };

/* Every file below a directory but the locks, which hold nothing. */
struct flip_files {
    const char *directory;
    unsigned count;
    struct flip_file {
        char path[512];
        uint8_t *bytes;
        size_t size;
    } files[FLIP_FILES_MAX];
};
void flip_files_keep(struct flip_files *files, const char *directory);
void flip_files_put_back(const struct flip_files *files); /* and what came since goes */
void flip_files_free(struct flip_files *files);
void flip_bit(const char *path, uint64_t bit);

/* FLIP_FOUND: it was refused, and said why. FLIP_WRONG: something else than before was answered. */
enum flip_end { FLIP_SAME, FLIP_FOUND, FLIP_WRONG };

/* What a log answers: of each batch, where it stands and its sum; of each stream its end, epoch and readers. */
struct log_answers {
    unsigned count;
    struct {
        int stream;
        uint64_t position, sum;
    } batches[FLIP_BATCHES_MAX];
    uint64_t rest; /* sum of all else */
};
void log_answers_keep(struct log_answers *answers, const char *directory, uint64_t segment_size);
enum flip_end log_answers_again(const struct log_answers *answers, const char *directory, uint64_t segment_size,
                                struct buffer *why);

/* A state that store.def knows: its digest and cursor. `expected` NULL: into `found`. */
enum flip_end state_again(const char *directory, const uint8_t expected[DIGEST_SIZE], uint8_t found[DIGEST_SIZE],
                          struct buffer *why);
#endif
