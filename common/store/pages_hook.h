/* SPDX-License-Identifier: Apache-2.0
 * Where LMDB writes and syncs. LMDB has no hook of its own, so the copy of it that we link calls these four functions
 * in place of libc's (CMakeLists.txt renames the symbols of liblmdb.a). Writes to a file that is watched are told
 * before they are done, in the watch's lock; all others go straight on. */
#ifndef HUTONG_COMMON_STORE_PAGES_HOOK_H
#define HUTONG_COMMON_STORE_PAGES_HOOK_H
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pages_watch {
    pthread_mutex_t lock; /* held while pages are told of and written */
    void *self;
    bool (*writing)(void *self, uint64_t at, const uint8_t *bytes, size_t size); /* false: errno says why not */
    bool (*syncing)(void *self);                                                 /* in front of the file's own sync */
};

/* NULL: no longer. False: descriptors as high as this are not watched. */
bool pages_watch_set(int fd, struct pages_watch *watch);
#endif
