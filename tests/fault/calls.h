/* SPDX-License-Identifier: Apache-2.0
 * What a store and LMDB call to write and to sync, defined anew: the linker takes these before libc's. One of the calls
 * ends the process, or fails:
 *
 *   died    before the call                         torn    half of the write is done
 *   power   what was not synced is gone from disk   error   the call answers EIO, and nothing is written any more */
#ifndef HUTONG_TESTS_FAULT_CALLS_H
#define HUTONG_TESTS_FAULT_CALLS_H
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum way { DIED, TORN, POWER, FAILED, WAYS };

void calls_way(enum way how);
enum way calls_now(void);
/* From now on each call counts, and the `call`th is the one. */
void calls_begin(unsigned call);
unsigned calls_left(void); /* 0: the one has come */
/* No thread but the caller's writes anything from now on. */
void calls_wait_elsewhere(void);
/* libc's pwrite. */
ssize_t calls_write(int fd, const void *bytes, size_t size, off_t at);
#endif
