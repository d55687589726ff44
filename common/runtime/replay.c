/* SPDX-License-Identifier: Apache-2.0
 * A core replayed. */
#include "common/runtime/replay.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/runtime/bury.h"

enum { COMMIT_RECORDS = 1 << 16 /* a transaction that spills is slow */ };

struct replay {
    const struct core *core;
    void *self;
    struct store *store;
    struct store_txn *txn;
    struct digest *digest;
    struct arena arena;
    struct bury bury;
    struct buffer output;
    position_t position;
    bool opened; /* the core: to be closed */
    bool kept;   /* the directory is somebody's, and stays */
    char directory[4096];
};

static enum status copy_file(int from, int to)
{
    ssize_t copied;
    do
        copied = sendfile(to, from, NULL, (size_t)1 << 30);
    while (copied > 0 || (copied < 0 && errno == EINTR));
    return copied == 0 ? OK : FATAL_IO;
}

static enum status copy_one(const char *from_directory, const char *to_directory, const char *name, struct buffer *why)
{
    char from[4096 + 300], to[4096 + 300];
    (void)snprintf(from, sizeof from, "%s/%s", from_directory, name);
    (void)snprintf(to, sizeof to, "%s/%s", to_directory, name);
    int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum status status = in >= 0 && out >= 0 ? copy_file(in, out) : FATAL_IO;
    if (status != OK)
        buffer_printf(why, "%s cannot be copied to %s: %s", from, to, strerror(errno));
    if (in >= 0)
        (void)close(in);
    if (out >= 0)
        (void)close(out);
    return status;
}

/* A snapshot is data.mdb alone, a state of a backup has its latest commits beside it. */
static enum status copy_state(const struct replay *replay, const char *snapshot, struct buffer *why)
{
    enum status status = copy_one(snapshot, replay->directory, "data.mdb", why);
    DIR *listed = opendir(snapshot);
    for (struct dirent *entry; status == OK && listed != NULL && (entry = readdir(listed)) != NULL;)
        if (strncmp(entry->d_name, "recent-", 7) == 0)
            status = copy_one(snapshot, replay->directory, entry->d_name, why);
    if (listed != NULL)
        (void)closedir(listed);
    return status;
}

/* As `hutong snapshot` wrote it beside the state. */
static enum status check_snapshot(struct replay *replay, const char *snapshot, struct buffer *why)
{
    char path[4096 + 16], said[2 * DIGEST_SIZE + 1] = "", is[2 * DIGEST_SIZE + 1];
    uint8_t digest[DIGEST_SIZE];
    (void)snprintf(path, sizeof path, "%s/digest", snapshot);
    FILE *file = fopen(path, "r");
    bool read = file != NULL && fread(said, 1, sizeof said - 1, file) == sizeof said - 1;
    if (file != NULL)
        (void)fclose(file);
    TRY(store_digest(replay->txn, replay->digest, digest));
    digest_hex(digest, sizeof digest, is);
    if (read && strcmp(said, is) == 0)
        return OK;
    buffer_printf(why, "%s is no snapshot of %s: its digest is %s, and its file says %s", snapshot, replay->core->name,
                  is, read ? said : "nothing");
    return FATAL_CORRUPT;
}

static enum status open_state(struct replay *replay, struct core_partition partition, size_t map_size,
                              const char *snapshot, struct buffer *why)
{
    struct store_table tables[STORE_TABLES_COUNT_MAX];
    unsigned count = bury_tables(replay->core, tables);
    struct store_options options = {replay->directory,
                                    map_size,
                                    9000,
                                    tables,
                                    count,
                                    replay->core->format,
                                    false,
                                    replay->core->overlaid ? store_overlay_size(map_size) : 0,
                                    replay->core->overlaid ? FORMAT_BEFORE_OVERLAYS : 0,
                                    NULL};
    if (snapshot != NULL)
        TRY(copy_state(replay, snapshot, why));
    TRY(store_open(&options, &replay->store, why));
    TRY(store_begin(replay->store, true, &replay->txn));
    if (snapshot != NULL)
        TRY(check_snapshot(replay, snapshot, why));
    replay->position = store_cursor(replay->txn);
    bury_open(&replay->bury, replay->core, replay->txn);
    replay->opened = true;
    return replay->core->open(replay->self, replay->txn, partition);
}

static struct replay *replay_new(const struct core *core)
{
    struct replay *replay = calloc(1, sizeof *replay);
    INVARIANT(replay != NULL);
    replay->core = core;
    replay->self = calloc(1, core->self_size);
    replay->digest = digest_new();
    arena_init(&replay->arena, malloc(APPLY_ARENA_SIZE), APPLY_ARENA_SIZE);
    INVARIANT(replay->self != NULL && replay->arena.memory != NULL);
    return replay;
}

enum status replay_open(const struct core *core, struct core_partition partition, size_t map_size, const char *snapshot,
                        struct replay **out, struct buffer *why)
{
    struct replay *replay = replay_new(core);
    const char *temporary = getenv("TMPDIR");
    (void)snprintf(replay->directory, sizeof replay->directory, "%s/hutong-replay-XXXXXX",
                   temporary == NULL ? "/tmp" : temporary);
    *out = replay;
    if (mkdtemp(replay->directory) == NULL) {
        buffer_append_text(why, "no place for a temporary directory");
        replay->directory[0] = 0;
        replay_close(out);
        return FATAL_IO;
    }
    enum status status = open_state(replay, partition, map_size, snapshot, why);
    if (status != OK)
        replay_close(out);
    return status;
}

enum status replay_open_kept(const struct core *core, struct core_partition partition, size_t map_size,
                             const char *directory, struct replay **out, struct buffer *why)
{
    struct replay *replay = replay_new(core);
    replay->kept = true;
    (void)snprintf(replay->directory, sizeof replay->directory, "%s", directory);
    *out = replay;
    enum status status = open_state(replay, partition, map_size, NULL, why);
    if (status != OK)
        replay_close(out);
    return status;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

void replay_close(struct replay **out)
{
    struct replay *replay = *out;
    if (replay == NULL)
        return;
    if (replay->opened && replay->core->close != NULL)
        replay->core->close(replay->self);
    store_abort(&replay->txn);
    store_close(&replay->store);
    digest_destroy(&replay->digest);
    bury_close(&replay->bury);
    buffer_fini(&replay->output);
    free(replay->arena.memory);
    free(replay->self);
    if (replay->directory[0] != 0 && !replay->kept)
        (void)nftw(replay->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(replay);
    *out = NULL;
}

static void flush(struct replay *replay)
{
    if (replay->core->flush != NULL)
        replay->core->flush(replay->self, replay->txn);
}

static enum status decide(struct replay *replay, const struct core_input *input, const struct span *recorded)
{
    const struct core *core = replay->core;
    const char *reason = bury_quarantine;
    if (recorded == NULL || !bury_is_quarantine(core, replay->self, input, *recorded, &replay->output)) {
        enum status status = core->apply(replay->self, replay->txn, input, &replay->output);
        if (status != REJECT_UNDECODABLE)
            return status;
        reason = bury_undecodable;
    }
    bury_record(&replay->bury, core, replay->self, replay->txn, input, reason, &replay->output);
    return OK;
}

enum status replay_apply(struct replay *replay, const struct span *records, unsigned count, const struct span *recorded,
                         struct span *output)
{
    struct core_input input = {replay->position, records, count, &replay->arena, &replay->bury.kept};
    arena_reset(&replay->arena);
    buffer_reset(&replay->output);
    TRY(decide(replay, &input, recorded));
    *output = buffer_span(&replay->output);
    return ++replay->position % COMMIT_RECORDS != 0 ? OK : replay_commit(replay);
}

enum status replay_commit(struct replay *replay)
{
    flush(replay);
    TRY(store_commit(&replay->txn, replay->position));
    return store_begin(replay->store, true, &replay->txn);
}

position_t replay_position(const struct replay *replay)
{
    return replay->position;
}

struct arena *replay_arena(struct replay *replay)
{
    return &replay->arena;
}

enum status replay_digest(struct replay *replay, uint8_t out[DIGEST_SIZE])
{
    flush(replay);
    return store_digest(replay->txn, replay->digest, out);
}

enum status replay_query(struct replay *replay, struct span request, struct buffer *answer)
{
    flush(replay);
    return replay->core->query(replay->self, replay->txn, request, answer);
}
