/* SPDX-License-Identifier: Apache-2.0
 * A live store, copied. */
#include "common/store/copy_live.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/store/recent.h"
#include "common/store/store_check.h"

enum { PATH_SIZE = 4096 + 64, PIECE_SIZE = 1 << 16, FILES_MAX = 2 * RECENT_GENERATIONS_MAX };

struct recent_file {
    uint64_t generation, size;
    int fd;
};

struct copying {
    const char *directory, *to;
    const struct copy_pace *pace;
    struct buffer *why;
    struct recent_file files[FILES_MAX];
    unsigned file_count;
    MDB_env *env;
    int pipe_to, code; /* of the thread: where it writes, what LMDB said */
    uint8_t piece[PIECE_SIZE];
};

static enum status failed(const struct copying *copying, const char *what)
{
    buffer_printf(copying->why, "%s: %s: %s", copying->directory, what, strerror(errno));
    return FATAL_IO;
}

/* Those that are not held yet; one that went away meanwhile is in the trees. */
static enum status hold_recent(struct copying *copying)
{
    struct recent_files there;
    TRY(recent_list(copying->directory, &there, copying->why));
    for (unsigned i = 0; i < there.count; i++) {
        char path[PATH_SIZE];
        bool held = false;
        for (unsigned k = 0; k < copying->file_count; k++)
            held = held || copying->files[k].generation == there.generations[i];
        (void)snprintf(path, sizeof path, "%s/recent-%010llu", copying->directory,
                       (unsigned long long)there.generations[i]);
        int fd = held || copying->file_count == FILES_MAX ? -1 : open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0)
            copying->files[copying->file_count++] = (struct recent_file){.generation = there.generations[i], .fd = fd};
    }
    return OK;
}

/* Their sizes now; what is appended later is not of this copy. */
static enum status measure_recent(struct copying *copying)
{
    struct stat stat;
    TRY(hold_recent(copying));
    for (unsigned i = 0; i < copying->file_count; i++) {
        if (fstat(copying->files[i].fd, &stat) != 0)
            return failed(copying, "recent-N");
        copying->files[i].size = (uint64_t)stat.st_size;
    }
    return OK;
}

static void *copy_trees(void *self)
{
    struct copying *copying = self;
    copying->code = mdb_env_copyfd2(copying->env, copying->pipe_to, MDB_CP_COMPACT);
    (void)close(copying->pipe_to);
    return NULL;
}

static int create(const struct copying *copying, const char *name)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/%s", copying->to, name);
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static bool put(const struct copying *copying, int fd, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t wrote = write(fd, copying->piece + at, size - at);
        if (wrote < 0 && errno != EINTR)
            return false;
        at += wrote > 0 ? (size_t)wrote : 0;
    }
    if (copying->pace->moved != NULL)
        copying->pace->moved(copying->pace->self, size);
    return true;
}

/* Reads the pipe to its end in any case: LMDB's thread must come to its own. */
static enum status take_trees(struct copying *copying, int from, int to)
{
    enum status status = OK;
    bool begun = false;
    for (;;) {
        ssize_t size = read(from, copying->piece, sizeof copying->piece);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            break;
        if (!begun)
            status = measure_recent(copying);
        begun = true;
        if (status == OK && !put(copying, to, (size_t)size))
            status = failed(copying, "data.mdb");
    }
    if (status == OK && (fsync(to) != 0 || !begun))
        status = failed(copying, "data.mdb");
    return status;
}

static enum status copy_through_pipe(struct copying *copying)
{
    int ends[2], to = create(copying, "data.mdb");
    pthread_t thread;
    if (to < 0)
        return failed(copying, copying->to);
    if (pipe2(ends, O_CLOEXEC) != 0) {
        (void)close(to);
        return failed(copying, "pipe");
    }
    copying->pipe_to = ends[1];
    INVARIANT(pthread_create(&thread, NULL, copy_trees, copying) == 0);
    enum status status = take_trees(copying, ends[0], to);
    INVARIANT(pthread_join(thread, NULL) == 0);
    (void)close(ends[0]);
    (void)close(to);
    if (copying->code != 0) {
        buffer_printf(copying->why, "%s: %s", copying->directory, mdb_strerror(copying->code));
        return FATAL_IO;
    }
    return status;
}

static enum status copy_recent(struct copying *copying, const struct recent_file *file)
{
    char name[32];
    (void)snprintf(name, sizeof name, "recent-%010llu", (unsigned long long)file->generation);
    int to = create(copying, name);
    bool copied = to >= 0;
    for (uint64_t at = 0; copied && at < file->size;) {
        size_t wanted = file->size - at < PIECE_SIZE ? (size_t)(file->size - at) : PIECE_SIZE;
        ssize_t size = pread(file->fd, copying->piece, wanted, (off_t)at);
        copied = size > 0 && put(copying, to, (size_t)size);
        at += size > 0 ? (uint64_t)size : 0;
    }
    copied = copied && fsync(to) == 0;
    enum status status = copied ? OK : failed(copying, name);
    if (to >= 0)
        (void)close(to);
    return status;
}

static enum status copy_all(struct copying *copying)
{
    int dead = 0;
    TRY(store_check_file(copying->directory, copying->why));
    TRY(hold_recent(copying));
    int code = mdb_env_create(&copying->env);
    code = code != 0 ? code : mdb_env_open(copying->env, copying->directory, MDB_RDONLY | MDB_NOTLS, 0600);
    code = code != 0 ? code : mdb_reader_check(copying->env, &dead);
    if (code != 0) {
        buffer_printf(copying->why, "%s: %s", copying->directory, mdb_strerror(code));
        return code == ENOENT ? REJECT_NOT_FOUND : FATAL_IO;
    }
    TRY(store_make_directory(copying->to, copying->why));
    TRY(copy_through_pipe(copying));
    for (unsigned i = 0; i < copying->file_count; i++)
        TRY(copy_recent(copying, &copying->files[i]));
    return store_sync_directory(copying->to);
}

enum status copy_live(const char *directory, const char *to, const struct copy_pace *pace, struct buffer *why)
{
    struct copying *copying = calloc(1, sizeof *copying);
    INVARIANT(copying != NULL);
    copying->directory = directory;
    copying->to = to;
    copying->pace = pace;
    copying->why = why;
    enum status status = copy_all(copying);
    if (copying->env != NULL)
        mdb_env_close(copying->env);
    for (unsigned i = 0; i < copying->file_count; i++)
        (void)close(copying->files[i].fd);
    free(copying);
    return status;
}
