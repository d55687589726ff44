/* SPDX-License-Identifier: Apache-2.0
 * LMDB's writes and syncs. */
#include "common/store/pages_hook.h"

#include <stdatomic.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FDS_COUNT_MAX = 4096 };

/* By descriptor: what LMDB hands us is no more than that. */
static _Atomic(struct pages_watch *) watches[FDS_COUNT_MAX];

ssize_t hutong_pages_pwrite(int fd, const void *bytes, size_t size, off_t at);
ssize_t hutong_pages_writev(int fd, const struct iovec *parts, int count);
int hutong_pages_fdatasync(int fd);
int hutong_pages_fsync(int fd);

bool pages_watch_set(int fd, struct pages_watch *watch)
{
    if (fd < 0 || fd >= FDS_COUNT_MAX)
        return false;
    atomic_store(&watches[fd], watch);
    return true;
}

static struct pages_watch *watch_of(int fd)
{
    return fd < 0 || fd >= FDS_COUNT_MAX ? NULL : atomic_load_explicit(&watches[fd], memory_order_acquire);
}

ssize_t hutong_pages_pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    struct pages_watch *watch = watch_of(fd);
    if (watch == NULL)
        return pwrite(fd, bytes, size, at);
    (void)pthread_mutex_lock(&watch->lock);
    ssize_t written = watch->writing(watch->self, (uint64_t)at, bytes, size) ? pwrite(fd, bytes, size, at) : -1;
    (void)pthread_mutex_unlock(&watch->lock);
    return written;
}

/* Where the file stands: LMDB has just sought there. */
ssize_t hutong_pages_writev(int fd, const struct iovec *parts, int count)
{
    struct pages_watch *watch = watch_of(fd);
    if (watch == NULL)
        return writev(fd, parts, count);
    off_t at = lseek(fd, 0, SEEK_CUR);
    bool told = at >= 0;
    (void)pthread_mutex_lock(&watch->lock);
    for (int i = 0; told && i < count; i++) {
        told = watch->writing(watch->self, (uint64_t)at, parts[i].iov_base, parts[i].iov_len);
        at += (off_t)parts[i].iov_len;
    }
    ssize_t written = told ? writev(fd, parts, count) : -1;
    (void)pthread_mutex_unlock(&watch->lock);
    return written;
}

static bool sync_first(int fd)
{
    struct pages_watch *watch = watch_of(fd);
    return watch == NULL || watch->syncing(watch->self);
}

int hutong_pages_fdatasync(int fd)
{
    return sync_first(fd) ? fdatasync(fd) : -1;
}

int hutong_pages_fsync(int fd)
{
    return sync_first(fd) ? fsync(fd) : -1;
}
