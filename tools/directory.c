/* SPDX-License-Identifier: Apache-2.0
 * Files and directories. */
#include "tools/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/net/loop.h"
#include "common/store/store_check.h"
#include "tools/cli.h"

enum { PIECE_SIZE = 1 << 18, SHOWN_EACH = 8 << 20 };

static enum status failed(struct buffer *why, const char *path)
{
    buffer_printf(why, "%s: %s", path, strerror(errno));
    return FATAL_IO;
}

void pace_moved(void *self, size_t bytes)
{
    struct pace *pace = self;
    int64_t now = loop_monotonic_us();
    if (pace->moved == 0)
        pace->started_us = now;
    if (pace->what != NULL && pace->moved / SHOWN_EACH != (pace->moved + bytes) / SHOWN_EACH)
        progress_show(pace->what, pace->moved >> 20, pace->total >> 20);
    pace->moved += bytes;
    if (pace->bytes_a_second == 0)
        return;
    int64_t due = pace->started_us + (int64_t)(pace->moved * 1000000 / pace->bytes_a_second);
    if (due > now)
        (void)nanosleep(&(struct timespec){(due - now) / 1000000, (due - now) % 1000000 * 1000}, NULL);
}

/* ---- one file ---- */

static bool put(int fd, const uint8_t *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t wrote = write(fd, bytes + at, size - at);
        if (wrote < 0 && errno != EINTR)
            return false;
        at += wrote > 0 ? (size_t)wrote : 0;
    }
    return true;
}

/* `to` -1: nowhere. */
static bool move(int from, int to, struct pace *pace, struct file_sum *sum)
{
    uint8_t *piece = malloc(PIECE_SIZE), digest[DIGEST_SIZE];
    struct digest *hash = digest_new();
    ssize_t size = 1;
    bool moved = true;
    INVARIANT(piece != NULL);
    *sum = (struct file_sum){0};
    digest_start(hash);
    while (moved && size != 0) {
        size = read(from, piece, PIECE_SIZE);
        if (size < 0 && errno == EINTR)
            continue;
        moved = size >= 0 && (to < 0 || put(to, piece, (size_t)size));
        if (!moved || size == 0)
            break;
        digest_add(hash, span_of(piece, (size_t)size));
        sum->size += (uint64_t)size;
        if (pace != NULL)
            pace_moved(pace, (size_t)size);
    }
    digest_finish(hash, digest);
    digest_hex(digest, DIGEST_SIZE, sum->sha256);
    digest_destroy(&hash);
    free(piece);
    return moved;
}

enum status file_sum(const char *path, struct pace *pace, struct file_sum *sum, struct buffer *why)
{
    int from = open(path, O_RDONLY | O_CLOEXEC);
    bool read = from >= 0 && move(from, -1, pace, sum);
    enum status status = read ? OK : failed(why, path);
    if (from >= 0)
        (void)close(from);
    return status;
}

enum status file_copy(const char *from, const char *to, mode_t mode, struct pace *pace, struct file_sum *sum,
                      struct buffer *why)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return failed(why, from);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool copied = out >= 0 && move(in, out, pace, sum) && fchmod(out, mode) == 0 && fsync(out) == 0;
    enum status status = copied ? OK : failed(why, to);
    if (out >= 0)
        (void)close(out);
    (void)close(in);
    return status;
}

static enum status sync_parent(const char *path)
{
    char parent[4096];
    const char *slash = strrchr(path, '/');
    (void)snprintf(parent, sizeof parent, "%.*s", slash == NULL ? 1 : (int)(slash - path), slash == NULL ? "." : path);
    return store_sync_directory(parent);
}

enum status file_write(const char *path, struct span bytes, mode_t mode, struct buffer *why)
{
    char fresh[4096 + 8];
    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    (void)unlink(fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool written = fd >= 0 && put(fd, bytes.data, bytes.size) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    enum status status = written && rename(fresh, path) == 0 && sync_parent(path) == OK ? OK : failed(why, path);
    if (fd >= 0)
        (void)close(fd);
    return status;
}

enum status file_read(const char *path, size_t most, struct buffer *bytes, struct buffer *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat stat;
    if (fd < 0 && errno == ENOENT) {
        buffer_printf(why, "%s: %s", path, strerror(errno));
        return REJECT_NOT_FOUND;
    }
    bool fits = fd >= 0 && fstat(fd, &stat) == 0 && (uint64_t)stat.st_size <= most;
    if (!fits && fd >= 0)
        errno = EFBIG;
    size_t size = fits ? (size_t)stat.st_size : 0, at = 0;
    uint8_t *to = fits ? buffer_reserve(bytes, size + 1) : NULL;
    for (ssize_t got = 1; fits && at < size && got > 0; at += got > 0 ? (size_t)got : 0)
        got = read(fd, to + at, size - at);
    enum status status = fits && at == size ? OK : failed(why, path);
    bytes->size += status == OK ? size : 0;
    if (fd >= 0)
        (void)close(fd);
    return status;
}

/* ---- directories ---- */

static int by_name(const FTSENT **left, const FTSENT **right)
{
    return strcmp((*left)->fts_name, (*right)->fts_name);
}

static FTS *walk_open(const char *path)
{
    char *const roots[] = {(char *)(uintptr_t)path, NULL};
    return fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
}

enum status directory_walk(const char *directory, directory_visit_fn *visit, void *self, struct buffer *why)
{
    FTS *walk = walk_open(directory);
    size_t skipped = strlen(directory) + 1;
    enum status status = walk == NULL ? failed(why, directory) : OK;
    for (FTSENT *entry; status == OK && (entry = fts_read(walk)) != NULL;) {
        errno = entry->fts_errno;
        if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS)
            status = failed(why, entry->fts_path);
        else if (entry->fts_info == FTS_F)
            status = visit(self, entry->fts_path + skipped, entry->fts_statp);
    }
    if (walk != NULL)
        (void)fts_close(walk);
    return status;
}

bool directory_remove(const char *path)
{
    if (access(path, F_OK) != 0)
        return true;
    FTS *walk = walk_open(path);
    bool removed = walk != NULL;
    for (FTSENT *entry; removed && (entry = fts_read(walk)) != NULL;)
        if (entry->fts_info != FTS_D)
            removed = remove(entry->fts_path) == 0;
    if (walk != NULL)
        (void)fts_close(walk);
    return removed;
}

bool directory_is_empty(const char *path)
{
    DIR *listed = opendir(path);
    bool empty = listed != NULL || errno == ENOENT;
    for (const struct dirent *entry; listed != NULL && (entry = readdir(listed)) != NULL;)
        empty = empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    if (listed != NULL)
        (void)closedir(listed);
    return empty;
}

enum status directory_sync(const char *path, struct buffer *why)
{
    FTS *walk = walk_open(path);
    enum status status = walk == NULL ? failed(why, path) : OK;
    for (FTSENT *entry; status == OK && (entry = fts_read(walk)) != NULL;)
        if (entry->fts_info == FTS_DP && store_sync_directory(entry->fts_path) != OK)
            status = failed(why, entry->fts_path);
    if (walk != NULL)
        (void)fts_close(walk);
    return status;
}
