/* SPDX-License-Identifier: Apache-2.0
 * Writes and syncs that fail. */
#include "tests/fault/calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at);
ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at);

enum { KEPT_MAX = 4096 };

static enum way way;
static bool counting;
static unsigned left;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* What stood where something was written since its file was last synced. */
static struct kept {
    int fd;
    ino_t file;
    off_t at, file_size;
    ssize_t size;
    uint8_t *old;
} kept[KEPT_MAX];
static unsigned kept_count;

ssize_t calls_write(int fd, const void *bytes, size_t size, off_t at)
{
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (real == NULL)
        real = (ssize_t(*)(int, const void *, size_t, off_t))(uintptr_t)dlsym(RTLD_NEXT, "pwrite");
    return real(fd, bytes, size, at);
}

static void lose_unsynced(void)
{
    for (unsigned i = kept_count; i > 0; i--) {
        const struct kept *each = &kept[i - 1];
        (void)!calls_write(each->fd, each->old, (size_t)each->size, each->at);
        (void)!ftruncate(each->fd, each->file_size);
    }
}

/* With the lock held. True: the call fails. */
static bool counted(void)
{
    if (left == 0 || --left > 0)
        return false;
    if (way == POWER)
        lose_unsynced();
    if (way != FAILED && way != TORN)
        (void)kill(getpid(), SIGKILL);
    return true;
}

static void keep(int fd, size_t size, off_t at)
{
    struct stat file;
    if (way != POWER || (fcntl(fd, F_GETFL) & O_DSYNC) != 0 || fstat(fd, &file) != 0 || kept_count == KEPT_MAX)
        return;
    struct kept each = {dup(fd), file.st_ino, at, file.st_size, 0, malloc(size)};
    each.size = pread(fd, each.old, size, at);
    kept[kept_count++] = each;
}

/* Of the thread that writes the trees: it gets nowhere. */
static bool trees_wait;
static pthread_t owner;

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    while (trees_wait && !pthread_equal(pthread_self(), owner))
        (void)pause();
    if (!counting)
        return calls_write(fd, bytes, size, at);
    (void)pthread_mutex_lock(&lock);
    bool fails = counted();
    if (fails && way == TORN) {
        (void)!calls_write(fd, bytes, size / 2, at);
        (void)kill(getpid(), SIGKILL);
    }
    keep(fd, size, at);
    ssize_t written = fails ? -1 : calls_write(fd, bytes, size, at);
    (void)pthread_mutex_unlock(&lock);
    if (fails)
        errno = EIO;
    return written;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
{
    return pwrite(fd, bytes, size, at);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    ssize_t all = 0;
    for (int i = 0; i < count; i++) {
        ssize_t written = pwrite(fd, parts[i].iov_base, parts[i].iov_len, at + all);
        if (written < 0)
            return -1;
        all += written;
    }
    return all;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    ssize_t all = pwritev(fd, parts, count, lseek(fd, 0, SEEK_CUR));
    if (all > 0)
        (void)lseek(fd, all, SEEK_CUR);
    return all;
}

int fdatasync(int fd)
{
    static int (*real)(int);
    struct stat file;
    unsigned others = 0;
    if (real == NULL)
        real = (int (*)(int))(uintptr_t)dlsym(RTLD_NEXT, "fdatasync");
    if (!counting)
        return real(fd);
    (void)pthread_mutex_lock(&lock);
    bool fails = counted();
    if (fails && way == TORN)
        (void)kill(getpid(), SIGKILL);
    (void)fstat(fd, &file);
    for (unsigned i = 0; i < kept_count && !fails; i++) {
        if (kept[i].file != file.st_ino) {
            kept[others++] = kept[i];
        } else {
            (void)close(kept[i].fd);
            free(kept[i].old);
        }
    }
    kept_count = fails ? kept_count : others;
    (void)pthread_mutex_unlock(&lock);
    errno = EIO;
    return fails ? -1 : 0; /* nobody pulls the plug of this machine: no need to wait for its disk */
}

void calls_way(enum way how)
{
    way = how;
}

enum way calls_now(void)
{
    return way;
}

void calls_begin(unsigned call)
{
    counting = true;
    left = call;
}

unsigned calls_left(void)
{
    return left;
}

void calls_wait_elsewhere(void)
{
    owner = pthread_self();
    trees_wait = true;
}
