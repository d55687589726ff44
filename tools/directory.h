/* SPDX-License-Identifier: Apache-2.0
 * Files and directories, whole: walked, copied with their sum, removed, made durable. */
#ifndef HUTONG_TOOLS_DIRECTORY_H
#define HUTONG_TOOLS_DIRECTORY_H
#include <sys/stat.h>

#include "common/base/buffer.h"
#include "common/base/digest.h"
#include "common/base/status.h"

/* How fast a copy may go, and what is said of it. */
struct pace {
    uint64_t bytes_a_second; /* 0: as fast as it goes */
    const char *what;        /* on a progress line; NULL: none */
    uint64_t total;          /* of bytes, as far as known */
    uint64_t moved;
    int64_t started_us;
};
void pace_moved(void *pace, size_t bytes); /* of copy_live.h: waits */

struct file_sum {
    uint64_t size;
    char sha256[2 * DIGEST_SIZE + 1];
};

/* Of a file as it lies. */
MUST_USE enum status file_sum(const char *path, struct pace *pace, struct file_sum *sum, struct buffer *why);
/* To a file that is not there, synced; `sum` is of what was read. */
MUST_USE enum status file_copy(const char *from, const char *to, mode_t mode, struct pace *pace, struct file_sum *sum,
                               struct buffer *why);
/* Through PATH.new: it is there whole, or as it was. */
MUST_USE enum status file_write(const char *path, struct span bytes, mode_t mode, struct buffer *why);
/* All of a file of at most `most` bytes. REJECT_NOT_FOUND: it is not there. */
MUST_USE enum status file_read(const char *path, size_t most, struct buffer *bytes, struct buffer *why);

/* Each regular file below, in order of names; `path` without the directory. Other than OK ends it. */
typedef enum status directory_visit_fn(void *self, const char *path, const struct stat *stat);
MUST_USE enum status directory_walk(const char *directory, directory_visit_fn *visit, void *self, struct buffer *why);
bool directory_remove(const char *path); /* also where nothing is */
/* True: it is not there, or holds nothing. */
bool directory_is_empty(const char *path);
/* Each directory below and itself, so that what is in them is durable. */
MUST_USE enum status directory_sync(const char *path, struct buffer *why);
#endif
