/* SPDX-License-Identifier: Apache-2.0
 * Checks around an LMDB directory. The layout of the meta page is that of LMDB 0.9 (mdb.c: MDB_page, MDB_meta). */
#include "common/store/store_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "common/base/bytes.h"

enum {
    PATH_SIZE = 4096 + 64,
    PAGE_HEADER_SIZE = 16,
    META_MAGIC_OFFSET = 0,
    META_PSIZE_OFFSET = 24, /* mm_dbs[FREE_DBI].md_pad holds the page size */
    META_LAST_PAGE_OFFSET = 120,
    META_SIZE = 136,
    CHECKPOINT_SIZE = 24,
    LOCK_WAIT_MS = 5000,
    LOCK_LOOK_MS = 20
};
#define META_MAGIC 0xBEEFC0DEu

static uint64_t last_page_of(const uint8_t *page)
{
    const uint8_t *meta = page + PAGE_HEADER_SIZE;
    if (bytes_get_le(meta + META_MAGIC_OFFSET, 4) != META_MAGIC)
        return UINT64_MAX;
    return bytes_get_le(meta + META_LAST_PAGE_OFFSET, 8);
}

enum status store_check_file(const char *directory, struct buffer *why)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/data.mdb", directory);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return OK;
    struct stat file;
    uint8_t first[PAGE_HEADER_SIZE + META_SIZE], second[PAGE_HEADER_SIZE + META_SIZE];
    enum status status = FATAL_CORRUPT;
    if (fd < 0 || fstat(fd, &file) != 0) {
        buffer_printf(why, "%s cannot be read", path);
    } else if (file.st_size == 0) {
        status = OK; /* killed between create and the first write; LMDB initialises it */
    } else if (pread(fd, first, sizeof first, 0) != (ssize_t)sizeof first) {
        buffer_printf(why, "%s is truncated inside its first page", path);
    } else {
        uint64_t page_size = bytes_get_le(first + PAGE_HEADER_SIZE + META_PSIZE_OFFSET, 4);
        if (last_page_of(first) == UINT64_MAX || page_size < 512 || page_size > 65536 ||
            pread(fd, second, sizeof second, (off_t)page_size) != (ssize_t)sizeof second ||
            last_page_of(second) == UINT64_MAX) {
            buffer_printf(why, "%s has no readable meta pages", path);
        } else {
            uint64_t last = last_page_of(first) > last_page_of(second) ? last_page_of(first) : last_page_of(second);
            if (fstat(fd, &file) != 0 || (uint64_t)file.st_size < (last + 1) * page_size) /* it may have grown */
                buffer_printf(why, "%s has %lld bytes, its meta page speaks of %llu: truncated", path,
                              (long long)file.st_size, (unsigned long long)((last + 1) * page_size));
            else
                status = OK;
        }
    }
    if (fd >= 0)
        (void)close(fd);
    return status;
}

enum status store_sync_directory(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return FATAL_IO;
    int failed = fsync(fd);
    (void)close(fd);
    return failed ? FATAL_IO : OK;
}

enum status store_make_directory(const char *directory, struct buffer *why)
{
    char path[PATH_SIZE];
    size_t size = strlen(directory);
    if (size == 0 || size >= sizeof path) {
        buffer_append_text(why, "the directory's path is empty or too long");
        return FATAL_CONFIG;
    }
    for (size_t i = 1; i <= size; i++) {
        if (directory[i] != '/' && directory[i] != 0)
            continue;
        memcpy(path, directory, i);
        path[i] = 0;
        if (mkdir(path, 0700) != 0) {
            if (errno == EEXIST)
                continue;
            buffer_printf(why, "cannot create %s: %s", path, strerror(errno));
            return FATAL_CONFIG;
        }
        char *slash = strrchr(path, '/');
        if (slash != NULL && slash != path)
            *slash = 0;
        TRY(store_sync_directory(path));
    }
    return OK;
}

enum status store_lock_directory(const char *directory, int *fd, struct buffer *why)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/owner.lock", directory);
    int opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    bool held = opened < 0 || flock(opened, LOCK_EX | LOCK_NB) != 0;
    for (int waited_ms = 0; held && opened >= 0 && waited_ms < LOCK_WAIT_MS; waited_ms += LOCK_LOOK_MS) {
        (void)nanosleep(&(struct timespec){0, LOCK_LOOK_MS * 1000000}, NULL);
        held = flock(opened, LOCK_EX | LOCK_NB) != 0;
    }
    if (held) {
        buffer_printf(why, "%s is in use by another process", directory);
        if (opened >= 0)
            (void)close(opened);
        return FATAL_CONFIG;
    }
    *fd = opened;
    return OK;
}

enum status store_set_aside(const char *directory, struct buffer *where)
{
    int lock, failed;
    unsigned number = 0;
    TRY(store_lock_directory(directory, &lock, where));
    do {
        buffer_reset(where);
        buffer_printf(where, "%s.aside-%u", directory, ++number);
        failed = rename(directory, buffer_text(where));
    } while (failed != 0 && (errno == ENOTEMPTY || errno == EEXIST));
    (void)close(lock);
    return failed ? FATAL_IO : OK;
}

enum status store_checkpoint_open(const char *directory, int *fd, struct checkpoint *seen, struct buffer *why)
{
    char path[PATH_SIZE];
    uint8_t bytes[CHECKPOINT_SIZE];
    (void)snprintf(path, sizeof path, "%s/checkpoint", directory);
    int opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (opened < 0) {
        buffer_printf(why, "cannot open %s: %s", path, strerror(errno));
        return FATAL_IO;
    }
    *seen = (struct checkpoint){0, 0};
    /* A torn or missing checkpoint proves nothing; it was written without a sync. */
    if (pread(opened, bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes &&
        XXH64(bytes, 16, 0) == bytes_get_le(bytes + 16, 8)) {
        seen->transaction = bytes_get_le(bytes, 8);
        seen->cursor = bytes_get_le(bytes + 8, 8);
    }
    *fd = opened;
    return OK;
}

enum status store_checkpoint_write(int fd, const struct checkpoint *checkpoint)
{
    uint8_t bytes[CHECKPOINT_SIZE];
    bytes_put_le(bytes, checkpoint->transaction, 8);
    bytes_put_le(bytes + 8, checkpoint->cursor, 8);
    bytes_put_le(bytes + 16, XXH64(bytes, 16, 0), 8);
    return pwrite(fd, bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes ? OK : FATAL_IO;
}
