/* SPDX-License-Identifier: Apache-2.0
 * Checks around an LMDB directory. */
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
#include "common/store/page_walk.h"

enum {
    PATH_SIZE = 4096 + 64,
    PAGE_SIZE_OFFSET = 40, /* of a meta page: mm_dbs[FREE_DBI].md_pad */
    PAGE_SIZE_SIZE = 4,
    CHECKPOINT_SIZE = 24,
    LOCK_WAIT_MS = 5000,
    LOCK_LOOK_MS = 20
};

enum status store_check_file(const char *directory, struct buffer *why)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/data.mdb", directory);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return OK;
    struct stat file;
    struct page_meta first, second;
    uint8_t bytes[PAGE_SIZE_SIZE];
    enum status status = FATAL_CORRUPT;
    if (fd < 0 || fstat(fd, &file) != 0) {
        buffer_printf(why, "%s cannot be read", path);
    } else if (file.st_size == 0) {
        status = OK; /* killed between create and the first write; LMDB initialises it */
    } else if (file.st_size < PAGE_META_SIZE || pread(fd, bytes, sizeof bytes, PAGE_SIZE_OFFSET) != sizeof bytes) {
        buffer_printf(why, "%s is truncated inside its first page", path);
    } else {
        uint64_t page_size = bytes_get_le(bytes, sizeof bytes);
        if (page_size < 512 || page_size > 65536 || page_meta_read(fd, page_size, 0, &first) != OK ||
            page_meta_read(fd, page_size, 1, &second) != OK) {
            buffer_printf(why, "%s has no readable meta pages", path);
        } else {
            uint64_t last = first.last_page > second.last_page ? first.last_page : second.last_page;
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

/* A torn or missing checkpoint proves nothing; it was written without a sync. */
static struct checkpoint read_checkpoint(int fd)
{
    uint8_t bytes[CHECKPOINT_SIZE];
    if (pread(fd, bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes ||
        XXH64(bytes, 16, 0) != bytes_get_le(bytes + 16, 8))
        return (struct checkpoint){0, 0};
    return (struct checkpoint){bytes_get_le(bytes, 8), bytes_get_le(bytes + 8, 8)};
}

static enum status open_checkpoint(const char *path, int *fd, struct checkpoint *seen, struct buffer *why)
{
    int opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (opened < 0) {
        buffer_printf(why, "cannot open %s: %s", path, strerror(errno));
        return FATAL_IO;
    }
    *seen = read_checkpoint(opened);
    *fd = opened;
    return OK;
}

struct checkpoint store_checkpoint_look(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct checkpoint seen = fd < 0 ? (struct checkpoint){0, 0} : read_checkpoint(fd);
    if (fd >= 0)
        (void)close(fd);
    return seen;
}

enum status store_checkpoint_open(const char *directory, int *fd, struct checkpoint *seen, struct buffer *why)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/checkpoint", directory);
    return open_checkpoint(path, fd, seen, why);
}

enum status store_seen_open(const char *directory, int *fd, struct checkpoint *seen, struct buffer *why)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s.seen", directory);
    return open_checkpoint(path, fd, seen, why);
}

enum status store_checkpoint_write(int fd, const struct checkpoint *checkpoint)
{
    uint8_t bytes[CHECKPOINT_SIZE];
    bytes_put_le(bytes, checkpoint->transaction, 8);
    bytes_put_le(bytes + 8, checkpoint->cursor, 8);
    bytes_put_le(bytes + 16, XXH64(bytes, 16, 0), 8);
    return pwrite(fd, bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes ? OK : FATAL_IO;
}
