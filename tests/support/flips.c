/* SPDX-License-Identifier: Apache-2.0
 * Flips. */
#include "tests/support/flips.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "broker/log.h"
#include "common/store/described.h"
#include "tests/support/test.h"

enum { STATE_MAP_SIZE = 256 << 20 };

static bool is_lock(const char *name)
{
    return strcmp(name, "lock.mdb") == 0 || strcmp(name, "owner.lock") == 0;
}

static int kept(const struct flip_files *files, const char *path)
{
    for (unsigned i = 0; i < files->count; i++)
        if (strcmp(files->files[i].path, path) == 0)
            return (int)i;
    return -1;
}

static void take_file(struct flip_files *files, const char *path, size_t size)
{
    struct flip_file *file = &files->files[files->count++];
    assert_in_range(files->count, 1, FLIP_FILES_MAX - 1);
    int fd = open(path, O_RDONLY);
    (void)snprintf(file->path, sizeof file->path, "%s", path);
    file->size = size;
    file->bytes = malloc(size + 1);
    assert_int_equal(read(fd, file->bytes, size), size);
    (void)close(fd);
}

/* `keeping`: takes what is there; else removes what was not kept. */
static void go_through(struct flip_files *files, const char *directory, bool keeping)
{
    DIR *listed = opendir(directory);
    char path[512];
    assert_non_null(listed);
    for (struct dirent *entry = readdir(listed); entry != NULL; entry = readdir(listed)) {
        struct stat status;
        int size = snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (entry->d_name[0] == '.' || (keeping && is_lock(entry->d_name)) || size >= (int)sizeof path ||
            stat(path, &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode)) {
            go_through(files, path, keeping);
            if (!keeping)
                (void)rmdir(path); /* where nothing is left in it */
        } else if (keeping) {
            take_file(files, path, (size_t)status.st_size);
        } else if (kept(files, path) < 0) {
            (void)unlink(path);
        }
    }
    (void)closedir(listed);
}

void flip_files_keep(struct flip_files *files, const char *directory)
{
    files->directory = directory;
    files->count = 0;
    go_through(files, directory, true);
}

void flip_files_put_back(const struct flip_files *files)
{
    go_through((struct flip_files *)(uintptr_t)files, files->directory, false);
    for (unsigned i = 0; i < files->count; i++) {
        const struct flip_file *file = &files->files[i];
        char parent[512];
        (void)snprintf(parent, sizeof parent, "%.*s", (int)(strrchr(file->path, '/') - file->path), file->path);
        (void)mkdir(parent, 0700);
        int fd = open(file->path, O_WRONLY | O_CREAT, 0600);
        assert_true(fd >= 0);
        assert_int_equal(pwrite(fd, file->bytes, file->size, 0), file->size);
        assert_int_equal(ftruncate(fd, (off_t)file->size), 0);
        (void)close(fd);
    }
}

void flip_files_free(struct flip_files *files)
{
    for (unsigned i = 0; i < files->count; i++)
        free(files->files[i].bytes);
    files->count = 0;
}

void flip_bit(const char *path, uint64_t bit)
{
    uint8_t byte;
    int fd = open(path, O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, (off_t)(bit / 8)), 1);
    byte ^= (uint8_t)(1u << bit % 8);
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)(bit / 8)), 1);
    (void)close(fd);
}

/* ---- the log ---- */

static enum status open_log(const char *directory, uint64_t segment_size, struct log **log, struct buffer *why)
{
    struct log_options options = {.directory = directory, .segment_size = segment_size, .size_limit = UINT64_MAX};
    buffer_reset(why);
    return log_open(&options, log, why);
}

/* But for what a lot is drawn for. */
static uint64_t rest_of(struct log *log)
{
    uint64_t sum = log_identity(log);
    for (int i = 0; i < (int)log_stream_count(log); i++) {
        const char *reader;
        uint64_t numbers[3] = {log_first(log, i), log_state(log, i)->end, log_state(log, i)->epoch}, cursor;
        sum = XXH3_64bits_withSeed(numbers, sizeof numbers, sum);
        sum = XXH3_64bits_withSeed(log_name(log, i), strlen(log_name(log, i)), sum);
        for (unsigned k = 0; log_cursor_at(log, i, k, &reader, &cursor); k++) {
            sum = XXH3_64bits_withSeed(reader, strlen(reader), sum);
            sum = XXH3_64bits_withSeed(&cursor, sizeof cursor, sum);
        }
    }
    return sum;
}

static uint64_t batch_sum(const struct log_batch *batch)
{
    uint64_t numbers[3] = {batch->position, batch->count, (uint64_t)batch->stored_at};
    return XXH3_64bits_withSeed(batch->bytes.data, batch->bytes.size, XXH3_64bits(numbers, sizeof numbers));
}

void log_answers_keep(struct log_answers *answers, const char *directory, uint64_t segment_size)
{
    struct log *log;
    struct log_batch batch;
    struct buffer why = {0};
    answers->count = 0;
    if (open_log(directory, segment_size, &log, &why) != OK)
        fail_msg("%s", buffer_text(&why));
    answers->rest = rest_of(log);
    for (int i = 0; i < (int)log_stream_count(log); i++)
        for (uint64_t at = log_first(log, i); at < log_state(log, i)->end; at = batch.position + batch.count) {
            if (log_read(log, i, at, &batch, &why) != OK)
                fail_msg("%s", buffer_text(&why));
            answers->batches[answers->count].stream = i;
            answers->batches[answers->count].position = at;
            answers->batches[answers->count].sum = batch_sum(&batch);
            assert_in_range(++answers->count, 1, FLIP_BATCHES_MAX - 1);
        }
    log_close(&log);
    buffer_fini(&why);
}

enum flip_end log_answers_again(const struct log_answers *answers, const char *directory, uint64_t segment_size,
                                struct buffer *why)
{
    struct log *log;
    struct log_batch batch;
    enum flip_end end = FLIP_SAME;
    if (open_log(directory, segment_size, &log, why) != OK)
        return why->size > 0 ? FLIP_FOUND : FLIP_WRONG;
    if (log_damage(log)[0] != 0)
        end = FLIP_FOUND;
    if (rest_of(log) != answers->rest)
        end = FLIP_WRONG;
    for (unsigned i = 0; i < answers->count && end != FLIP_WRONG; i++) {
        enum status status = log_read(log, answers->batches[i].stream, answers->batches[i].position, &batch, why);
        if (status == FATAL_CORRUPT && why->size > 0)
            end = FLIP_FOUND;
        else if (status != OK || batch_sum(&batch) != answers->batches[i].sum)
            end = FLIP_WRONG;
    }
    log_close(&log);
    return end;
}

/* ---- states ---- */

static enum status digest_of(struct store *store, uint8_t found[DIGEST_SIZE])
{
    struct digest *digest = digest_new();
    struct store_txn *txn;
    enum status status = store_begin(store, false, &txn);
    assert_int_equal(status, OK);
    uint64_t cursor = store_cursor(txn);
    status = store_digest(txn, digest, found);
    store_abort(&txn);
    digest_destroy(&digest);
    for (unsigned i = 0; i < 8; i++)
        found[i] ^= (uint8_t)(cursor >> 8 * i);
    return status;
}

enum flip_end state_again(const char *directory, const uint8_t expected[DIGEST_SIZE], uint8_t found[DIGEST_SIZE],
                          struct buffer *why)
{
    struct store *store;
    struct store_described described;
    char belongs[64];
    assert_true(store_described(directory, &described));
    (void)snprintf(belongs, sizeof belongs, "%s%s", described.name, strrchr(directory, '-'));
    struct store_options options = {.directory = directory,
                                    .map_size = STATE_MAP_SIZE,
                                    .soft_limit_bp = 9000,
                                    .tables = described.tables,
                                    .table_count = described.table_count,
                                    .format = described.format,
                                    .overlay_size = described.format == 2 ? store_overlay_size(STATE_MAP_SIZE) : 0,
                                    .belongs = belongs};
    buffer_reset(why);
    enum status status = store_open(&options, &store, why);
    if (status != OK)
        return why->size > 0 && status_is_fatal(status) ? FLIP_FOUND : FLIP_WRONG;
    status = digest_of(store, found);
    store_close(&store);
    return status == OK && (expected == NULL || memcmp(found, expected, DIGEST_SIZE) == 0) ? FLIP_SAME : FLIP_WRONG;
}
