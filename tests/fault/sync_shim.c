/* SPDX-License-Identifier: Apache-2.0
 * Loaded before libc: keeps, for every file below HUTONG_SHIM_ROOT, what was overwritten since its last sync, in
 * FILE.undo. After a power cut (SIGKILL to everybody) the test puts it back: the files as the disk would have them,
 * with every write that was not synced lost. Writes through O_DSYNC are durable when they return, and a sync empties
 * the file's undo. HUTONG_SHIM_SYNC_MS: how long one of the broker's takes, so that
 * much is under way when the power goes. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at);
ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at);

enum { FDS_MAX = 4096 };

struct record {
    int64_t at;
    int64_t size;      /* of the write */
    int64_t kept;      /* bytes that stood there before; they follow */
    int64_t file_size; /* before the write */
};

static int undo_of[FDS_MAX]; /* 0: not looked at; -1: none; else fd + 1 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static ssize_t plain_write(int fd, const void *bytes, size_t size)
{
    static ssize_t (*real)(int, const void *, size_t);
    if (real == NULL)
        real = (ssize_t(*)(int, const void *, size_t))(uintptr_t)next("write");
    return real(fd, bytes, size);
}

static int undo_fd(int fd)
{
    char link[64], path[PATH_MAX + 8];
    const char *root = getenv("HUTONG_SHIM_ROOT");
    if (fd < 0 || fd >= FDS_MAX || root == NULL)
        return -1;
    if (undo_of[fd] != 0)
        return undo_of[fd] - 1;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, PATH_MAX);
    struct stat status;
    int found = -2;
    if (size > 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
        path[size] = 0;
        bool ours = strncmp(path, root, strlen(root)) == 0 && strstr(path, "/log/") == NULL &&
                    strstr(path, ".lock") == NULL && strstr(path, "lock.mdb") == NULL &&
                    (fcntl(fd, F_GETFL) & O_DSYNC) == 0;
        (void)strcat(path, ".undo");
        if (ours)
            found = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    undo_of[fd] = found >= 0 ? found + 1 : -1;
    return found;
}

static void keep(int fd, off_t at, size_t size)
{
    struct stat status;
    int undo = undo_fd(fd);
    if (undo < 0 || fstat(fd, &status) != 0)
        return;
    struct record record = {at, (int64_t)size, 0, status.st_size};
    if (at < status.st_size)
        record.kept = status.st_size - at < (off_t)size ? status.st_size - at : (off_t)size;
    char *old = malloc(sizeof record + (size_t)record.kept);
    memcpy(old, &record, sizeof record);
    if (pread(fd, old + sizeof record, (size_t)record.kept, at) == record.kept)
        (void)!plain_write(undo, old, sizeof record + (size_t)record.kept);
    free(old);
}

static void forget(int fd)
{
    int undo = undo_fd(fd);
    if (undo >= 0)
        (void)!ftruncate(undo, 0);
}

#define REAL(type, name, ...)                                                                                          \
    static type (*real)(__VA_ARGS__);                                                                                  \
    if (real == NULL)                                                                                                  \
        real = (type(*)(__VA_ARGS__))(uintptr_t)next(#name);

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    REAL(ssize_t, pwrite, int, const void *, size_t, off_t)
    (void)pthread_mutex_lock(&lock);
    keep(fd, at, size);
    ssize_t written = real(fd, bytes, size, at);
    (void)pthread_mutex_unlock(&lock);
    return written;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
{
    return pwrite(fd, bytes, size, at);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    (void)pthread_mutex_lock(&lock);
    if (undo_fd(fd) >= 0)
        keep(fd, lseek(fd, 0, SEEK_CUR), size);
    ssize_t written = plain_write(fd, bytes, size);
    (void)pthread_mutex_unlock(&lock);
    return written;
}

static size_t total(const struct iovec *parts, int count)
{
    size_t size = 0;
    for (int i = 0; i < count; i++)
        size += parts[i].iov_len;
    return size;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    REAL(ssize_t, writev, int, const struct iovec *, int)
    (void)pthread_mutex_lock(&lock);
    if (undo_fd(fd) >= 0)
        keep(fd, lseek(fd, 0, SEEK_CUR), total(parts, count));
    ssize_t written = real(fd, parts, count);
    (void)pthread_mutex_unlock(&lock);
    return written;
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    REAL(ssize_t, pwritev, int, const struct iovec *, int, off_t)
    (void)pthread_mutex_lock(&lock);
    keep(fd, at, total(parts, count));
    ssize_t written = real(fd, parts, count, at);
    (void)pthread_mutex_unlock(&lock);
    return written;
}

int fdatasync(int fd)
{
    REAL(int, fdatasync, int)
    const char *takes_ms = getenv("HUTONG_SHIM_SYNC_MS");
    if (takes_ms != NULL && strcmp(program_invocation_short_name, "hutong-broker") == 0)
        (void)usleep((useconds_t)atoi(takes_ms) * 1000);
    int code = real(fd);
    (void)pthread_mutex_lock(&lock);
    if (code == 0)
        forget(fd);
    (void)pthread_mutex_unlock(&lock);
    return code;
}

int fsync(int fd)
{
    REAL(int, fsync, int)
    int code = real(fd);
    (void)pthread_mutex_lock(&lock);
    if (code == 0)
        forget(fd);
    (void)pthread_mutex_unlock(&lock);
    return code;
}

int close(int fd)
{
    REAL(int, close, int)
    (void)pthread_mutex_lock(&lock);
    if (fd >= 0 && fd < FDS_MAX && undo_of[fd] > 0)
        (void)real(undo_of[fd] - 1);
    if (fd >= 0 && fd < FDS_MAX)
        undo_of[fd] = 0;
    (void)pthread_mutex_unlock(&lock);
    return real(fd);
}
