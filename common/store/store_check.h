/* SPDX-License-Identifier: Apache-2.0
 * What LMDB does not check for us: that the file is as long as its meta page says (FAILURES L5: it would open and then
 * die of SIGBUS), that it is not older than what we saw it be (L4), that nobody else has it open (L23), and that
 * files and directories themselves are durable (L15, L17). Used by the store and by the broker's segments. */
#ifndef HUTONG_COMMON_STORE_STORE_CHECK_H
#define HUTONG_COMMON_STORE_STORE_CHECK_H
#include "common/base/buffer.h"
#include "common/base/status.h"

/* DIRECTORY/data.mdb: absent is fine. FATAL_CORRUPT with a sentence in `why` otherwise. */
MUST_USE enum status store_check_file(const char *directory, struct buffer *why);
/* Creates the directory and its parents; syncs the parent. */
MUST_USE enum status store_make_directory(const char *directory, struct buffer *why);
MUST_USE enum status store_sync_directory(const char *directory);
/* Renames the directory, whole, to the first DIRECTORY.aside-N that is free; `where` says which. FATAL_CONFIG: another
 * process has it. */
MUST_USE enum status store_set_aside(const char *directory, struct buffer *where);
/* An exclusive lock on DIRECTORY/owner.lock for the life of *fd. FATAL_CONFIG: another process has it, and had it for
 * some seconds: one that was killed may take that long to let go. */
MUST_USE enum status store_lock_directory(const char *directory, int *fd, struct buffer *why);

/* DIRECTORY/checkpoint: two numbers seen after a durable commit. Written without a sync of its own: it may be behind
 * the environment, never ahead of it. */
struct checkpoint {
    uint64_t transaction;
    uint64_t cursor;
};
MUST_USE enum status store_checkpoint_open(const char *directory, int *fd, struct checkpoint *seen, struct buffer *why);
/* Of such a file; zeros: it is not there, or not whole. */
struct checkpoint store_checkpoint_look(const char *path);
/* The same in DIRECTORY.seen, beside the directory: an older copy of all of it does not bring an older one of this. */
MUST_USE enum status store_seen_open(const char *directory, int *fd, struct checkpoint *seen, struct buffer *why);
MUST_USE enum status store_checkpoint_write(int fd, const struct checkpoint *checkpoint);
#endif
