/* SPDX-License-Identifier: Apache-2.0
 * Records appended, read again, and removed a file at a time. */
#include "common/store/recent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/store/store.h"
#include "common/store/store_check.h"

enum { RECORD_HEADER_SIZE = 40, CHANGE_HEADER_SIZE = 8, PATH_SIZE = 4096 + 64 };
#define DELETED UINT32_MAX
static const char magic[4] = {'H', 'T', 'R', 'C'};

struct header {
    uint32_t size;
    uint64_t number;
    uint64_t cursor;
    uint64_t hash;
};

static void path_of(char path[PATH_SIZE], const char *directory, uint64_t generation)
{
    (void)snprintf(path, PATH_SIZE, "%s/recent-%010llu", directory, (unsigned long long)generation);
}

static bool header_read(const uint8_t *bytes, struct header *header)
{
    if (memcmp(bytes, magic, sizeof magic) != 0 || XXH3_64bits(bytes, 32) != bytes_get_le(bytes + 32, 8))
        return false;
    *header = (struct header){(uint32_t)bytes_get_le(bytes + 4, 4), bytes_get_le(bytes + 8, 8),
                              bytes_get_le(bytes + 16, 8), bytes_get_le(bytes + 24, 8)};
    return true;
}

static int older_first(const void *a, const void *b)
{
    const uint64_t *one = a, *other = b;
    return (*one > *other) - (*one < *other);
}

enum status recent_list(const char *directory, struct recent_files *files, struct buffer *why)
{
    DIR *opened = opendir(directory);
    unsigned long long generation;
    char end;
    files->count = 0;
    if (opened == NULL) {
        buffer_printf(why, "cannot list %s: %s", directory, strerror(errno));
        return FATAL_IO;
    }
    for (struct dirent *each; (each = readdir(opened)) != NULL;)
        if (sscanf(each->d_name, "recent-%10llu%c", &generation, &end) == 1) {
            if (files->count < RECENT_GENERATIONS_MAX)
                files->generations[files->count] = generation;
            files->count++;
        }
    (void)closedir(opened);
    if (files->count > RECENT_GENERATIONS_MAX) {
        buffer_printf(why, "%s holds %u files recent-N", directory, files->count);
        return FATAL_CORRUPT;
    }
    qsort(files->generations, files->count, sizeof *files->generations, older_first);
    return OK;
}

struct reading {
    const struct recent_wanted *wanted;
    const char *path;
    int fd;
    uint64_t size;
    bool newest; /* of the files */
    recent_taker *take;
    void *self;
    struct buffer changes;
    struct recent_found *found;
    struct buffer *why;
};

static bool take_changes(const struct reading *reading, uint64_t number)
{
    const uint8_t *at = reading->changes.data;
    size_t left = reading->changes.size;
    while (left > 0) {
        if (left < CHANGE_HEADER_SIZE)
            return false;
        uint32_t key_size = (uint32_t)bytes_get_le(at + 2, 2), value_size = (uint32_t)bytes_get_le(at + 4, 4);
        struct recent_change change = {.table = at[0], .deleted = value_size == DELETED};
        size_t rest = key_size + (size_t)(change.deleted ? 0 : value_size);
        if (change.table >= reading->wanted->table_count || key_size == 0 || key_size > STORE_KEY_SIZE_MAX ||
            left - CHANGE_HEADER_SIZE < rest)
            return false;
        change.key = span_of(at + CHANGE_HEADER_SIZE, key_size);
        change.value = span_of(at + CHANGE_HEADER_SIZE + key_size, rest - key_size);
        reading->take(reading->self, number, &change);
        at += CHANGE_HEADER_SIZE + rest;
        left -= CHANGE_HEADER_SIZE + rest;
    }
    return true;
}

/* Is there, behind what is not whole, a record of a later commit? Then it is no end, but damage. */
static bool goes_on(const struct reading *reading, uint64_t from)
{
    struct buffer rest;
    struct header header;
    bool found = false;
    buffer_init(&rest);
    uint8_t *bytes = buffer_reserve(&rest, reading->size - from);
    ssize_t size = pread(reading->fd, bytes, reading->size - from, (off_t)from);
    for (ssize_t i = 1; i + RECORD_HEADER_SIZE <= size && !found; i++)
        found = bytes[i] == magic[0] && header_read(bytes + i, &header) && header.number > reading->found->number;
    buffer_fini(&rest);
    return found;
}

static enum status damaged(const struct reading *reading, uint64_t at, const char *what)
{
    buffer_printf(reading->why, "%s: the record at byte %llu %s", reading->path, (unsigned long long)at, what);
    return FATAL_CORRUPT;
}

/* `*at` moves behind the record. REJECT_NOT_FOUND: no whole record stands there. */
static enum status read_record(struct reading *reading, uint64_t *at)
{
    uint8_t bytes[RECORD_HEADER_SIZE];
    struct header header;
    struct recent_found *found = reading->found;
    if (reading->size - *at < sizeof bytes ||
        pread(reading->fd, bytes, sizeof bytes, (off_t)*at) != (ssize_t)sizeof bytes || !header_read(bytes, &header) ||
        reading->size - *at - sizeof bytes < header.size)
        return REJECT_NOT_FOUND;
    buffer_reset(&reading->changes);
    uint8_t *changes = buffer_reserve(&reading->changes, header.size);
    if (header.size > 0 &&
        pread(reading->fd, changes, header.size, (off_t)(*at + sizeof bytes)) != (ssize_t)header.size)
        return REJECT_NOT_FOUND;
    if (XXH3_64bits(changes, header.size) != header.hash)
        return REJECT_NOT_FOUND;
    reading->changes.size = header.size;
    if (header.number > reading->wanted->above) {
        if (found->first != 0 && header.number != found->number + 1)
            return damaged(reading, *at, "is not the next commit: some are missing");
        if (!take_changes(reading, header.number))
            return damaged(reading, *at, "holds no changes of this store");
        found->first = found->first == 0 ? header.number : found->first;
        found->number = header.number;
        found->cursor = header.cursor;
    }
    *at += sizeof bytes + header.size;
    return OK;
}

static enum status read_file(struct reading *reading)
{
    struct stat file;
    uint64_t at = 0;
    reading->fd = open(reading->path, O_RDONLY | O_CLOEXEC);
    if (reading->fd < 0 || fstat(reading->fd, &file) != 0) {
        buffer_printf(reading->why, "cannot read %s: %s", reading->path, strerror(errno));
        return errno == ENOENT ? RETRY_BUSY : FATAL_IO;
    }
    reading->size = (uint64_t)file.st_size;
    enum status status = OK;
    while (status == OK && at < reading->size)
        status = read_record(reading, &at);
    if (status == REJECT_NOT_FOUND && (!reading->newest || goes_on(reading, at)))
        status = damaged(reading, at, "is damaged");
    reading->found->torn = status == REJECT_NOT_FOUND;
    reading->found->end = reading->newest ? at : 0;
    (void)close(reading->fd);
    return status == REJECT_NOT_FOUND ? OK : status;
}

enum status recent_read(const struct recent_wanted *wanted, const struct recent_files *files, unsigned from,
                        unsigned to, recent_taker *take, void *self, struct recent_found *found, struct buffer *why)
{
    char path[PATH_SIZE];
    struct reading reading = {.wanted = wanted, .path = path, .take = take, .self = self, .found = found, .why = why};
    enum status status = OK;
    *found = (struct recent_found){.number = wanted->above, .live = from};
    buffer_init(&reading.changes);
    for (unsigned i = from; i < to && status == OK; i++) {
        path_of(path, wanted->directory, files->generations[i]);
        reading.newest = i + 1 == files->count;
        status = read_file(&reading);
        if (found->first == 0)
            found->live = i + 1;
    }
    buffer_fini(&reading.changes);
    return status;
}

static enum status open_file(struct recent *recent, int flags)
{
    char path[PATH_SIZE];
    path_of(path, recent->directory, recent->generation);
    recent->fd = open(path, O_RDWR | O_CLOEXEC | flags, 0600);
    return recent->fd >= 0 ? store_sync_directory(recent->directory) : FATAL_IO;
}

/* Where nothing that was found is needed any more, a new file is begun: the records of the last one stand below those
 * that are to come, and they would go on being read. */
enum status recent_open(struct recent *recent, const char *directory, const struct recent_files *files,
                        const struct recent_found *found)
{
    INVARIANT(strlen(directory) < sizeof recent->directory);
    memcpy(recent->directory, directory, strlen(directory) + 1);
    unsigned count = files->count;
    recent->oldest = count == 0 ? 1 : files->generations[0];
    recent->generation = count == 0 ? 1 : files->generations[count - 1];
    recent->end = 0;
    if (count == 0 || found->live == count) {
        recent->generation += count > 0;
        TRY(open_file(recent, O_CREAT | O_EXCL));
        return recent_forget(recent, recent->generation);
    }
    TRY(open_file(recent, 0));
    recent->end = found->end;
    if (found->torn && (ftruncate(recent->fd, (off_t)found->end) != 0 || fsync(recent->fd) != 0))
        return FATAL_IO;
    return recent_forget(recent, files->generations[found->live]);
}

void recent_close(struct recent *recent)
{
    if (recent->fd >= 0)
        (void)close(recent->fd);
    recent->fd = -1;
}

void recent_begin(struct buffer *record)
{
    buffer_reset(record);
    (void)buffer_reserve(record, RECORD_HEADER_SIZE);
    record->size = RECORD_HEADER_SIZE;
}

void recent_add(struct buffer *record, const struct recent_change *change)
{
    size_t value_size = change->deleted ? 0 : change->value.size;
    PRE(change->table <= UINT8_MAX && change->key.size <= STORE_KEY_SIZE_MAX && value_size < DELETED);
    uint8_t *at = buffer_reserve(record, CHANGE_HEADER_SIZE + change->key.size + value_size);
    at[0] = (uint8_t)change->table;
    at[1] = 0;
    bytes_put_le(at + 2, change->key.size, 2);
    bytes_put_le(at + 4, change->deleted ? DELETED : value_size, 4);
    memcpy(at + CHANGE_HEADER_SIZE, change->key.data, change->key.size);
    if (value_size > 0)
        memcpy(at + CHANGE_HEADER_SIZE + change->key.size, change->value.data, value_size);
    record->size += CHANGE_HEADER_SIZE + change->key.size + value_size;
}

enum status recent_append(struct recent *recent, struct buffer *record, uint64_t number, uint64_t cursor)
{
    size_t size = record->size - RECORD_HEADER_SIZE, written = 0;
    PRE(record->size >= RECORD_HEADER_SIZE && size < UINT32_MAX);
    uint8_t *header = record->data;
    memcpy(header, magic, sizeof magic);
    bytes_put_le(header + 4, size, 4);
    bytes_put_le(header + 8, number, 8);
    bytes_put_le(header + 16, cursor, 8);
    bytes_put_le(header + 24, XXH3_64bits(header + RECORD_HEADER_SIZE, size), 8);
    bytes_put_le(header + 32, XXH3_64bits(header, 32), 8);
    while (written < record->size) {
        ssize_t more =
            pwrite(recent->fd, record->data + written, record->size - written, (off_t)(recent->end + written));
        if (more <= 0 && errno != EINTR)
            return FATAL_IO;
        written += more > 0 ? (size_t)more : 0;
    }
    if (fdatasync(recent->fd) != 0)
        return FATAL_IO;
    recent->end += written;
    return OK;
}

enum status recent_roll(struct recent *recent)
{
    recent_close(recent);
    recent->generation++;
    recent->end = 0;
    return open_file(recent, O_CREAT | O_EXCL);
}

enum status recent_forget(struct recent *recent, uint64_t below_generation)
{
    char path[PATH_SIZE];
    for (; recent->oldest < below_generation; recent->oldest++) {
        path_of(path, recent->directory, recent->oldest);
        if (unlink(path) != 0 && errno != ENOENT)
            return FATAL_IO;
    }
    return OK;
}
