/* SPDX-License-Identifier: Apache-2.0
 * Segments, checked. */
#include "broker/log_check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "broker/log_row.h"
#include "common/store/page_trees.h"
#include "common/store/page_walk.h"
#include "common/store/store_check.h"

enum { PATH_SIZE = 4096 + 64, DAMAGE_TOLD_MAX = 8, LIVE_TRIES = 5, LIVE_WAIT_MS = 20 };

struct checking {
    const struct log_check *check;
    struct segment_seen *seen;
    struct buffer *why;
    char file[32];
    uint64_t sum; /* of `meta` so far */
    struct meta_sum_value told;
    bool has_sum, strange; /* a row that is none */
    int stream;            /* whose batches are being gone through; -1: none */
    uint64_t next;
    bool lost; /* where the next batch begins is not known */
    bool met[LOG_STREAMS_COUNT_MAX];
};

static void take_meta(void *self, struct span table, uint64_t page, struct span key, struct span value, size_t size)
{
    struct checking *checking = self;
    struct meta_stream_key at;
    struct meta_stream_value stream;
    struct meta_reader_key reader;
    struct meta_reader_value cursor;
    struct row_bytes format = meta_format_key(), sum = meta_sum_key();
    (void)table;
    (void)page;
    checking->sum = log_sum(checking->sum, key, value);
    if (span_equal(key, row_span(&sum)) && meta_sum_value_read(value, &checking->told)) {
        checking->has_sum = true;
    } else if (value.size == size && meta_stream_key_read(key, &at) && at.stream < LOG_STREAMS_COUNT_MAX &&
               meta_stream_value_read(value, &stream) && stream.name.size <= STREAM_NAME_SIZE_MAX) {
        (void)snprintf(checking->seen->streams[at.stream].name, sizeof checking->seen->streams[0].name, "%.*s",
                       (int)stream.name.size, (const char *)stream.name.data);
        checking->seen->streams[at.stream].start = stream.start_here;
        checking->seen->streams[at.stream].end = stream.end;
        if (at.stream >= checking->seen->stream_count)
            checking->seen->stream_count = at.stream + 1u;
    } else if (!(meta_reader_key_read(key, &reader) && meta_reader_value_read(value, &cursor)) &&
               !span_equal(key, row_span(&format)) && !log_words_take(key, value, &checking->seen->words)) {
        checking->strange = true;
    }
}

static void damaged(struct checking *checking, uint64_t page, uint64_t first, uint64_t end, const char *what)
{
    if (checking->seen->damaged++ >= DAMAGE_TOLD_MAX)
        return;
    buffer_printf(checking->why, "%s%s: page %llu, stream %s, positions from %llu", checking->why->size > 0 ? "; " : "",
                  checking->file, (unsigned long long)page, checking->seen->streams[checking->stream].name,
                  (unsigned long long)first);
    if (end > first)
        buffer_printf(checking->why, " to %llu", (unsigned long long)(end - 1));
    buffer_printf(checking->why, ": %s", what);
}

static void end_stream(struct checking *checking)
{
    uint64_t end = checking->stream >= 0 ? checking->seen->streams[checking->stream].end : 0;
    if (checking->stream >= 0 && !checking->lost && checking->next != end)
        damaged(checking, 0, checking->next, end, "lacking at its end");
}

static void begin_stream(struct checking *checking, int stream)
{
    end_stream(checking);
    checking->stream = stream;
    checking->next = checking->seen->streams[stream].start;
    checking->lost = false;
    checking->met[stream] = true;
}

static void take_batch(void *self, struct span table, uint64_t page, struct span key, struct span value, size_t size)
{
    struct checking *checking = self;
    struct batches_key at;
    struct batches_value kept;
    if (!span_equal(table, span_text("batches")))
        return;
    checking->seen->batches++;
    if (!batches_key_read(key, &at) || at.stream >= checking->seen->stream_count) {
        checking->strange = true;
        return;
    }
    if (at.stream != checking->stream)
        begin_stream(checking, at.stream);
    if (!checking->lost && at.first_position != checking->next)
        damaged(checking, page, checking->next, at.first_position, "lacking");
    bool read = batches_value_read(value, &kept) && kept.size == size - BATCHES_VALUE_SIZE && kept.count > 0;
    if (!read || (value.size == size && kept.xxh3_64 != log_batch_checksum(value.data, kept.batch)))
        damaged(checking, page, at.first_position, read ? at.first_position + kept.count : 0, "fails its checksum");
    checking->lost = !read;
    checking->next = at.first_position + (read ? kept.count : 0);
}

static void tell_fault(struct checking *checking, const struct page_fault *fault)
{
    struct batches_key first, end;
    buffer_printf(checking->why, "%s: page %llu: %s", checking->file, (unsigned long long)fault->page, fault->what);
    if (fault->table[0] != 0)
        buffer_printf(checking->why, ", table `%s`", fault->table);
    if (strcmp(fault->table, "batches") != 0)
        return;
    if (batches_key_read(span_of(fault->first, fault->first_size), &first) &&
        first.stream < checking->seen->stream_count)
        buffer_printf(checking->why, ", from stream %s, position %llu on", checking->seen->streams[first.stream].name,
                      (unsigned long long)first.first_position);
    if (batches_key_read(span_of(fault->end, fault->end_size), &end) && end.stream < checking->seen->stream_count)
        buffer_printf(checking->why, ", before stream %s, position %llu", checking->seen->streams[end.stream].name,
                      (unsigned long long)end.first_position);
}

static enum status walk(struct checking *checking, int fd, const struct page_trees_watch *watch)
{
    struct page_fault fault;
    enum status status = page_trees_check(fd, watch, &fault);
    if (status == FATAL_DAMAGED)
        tell_fault(checking, &fault);
    return status;
}

/* A build from before the sums writes none: the one that stands there is then of an older transaction. */
static enum status check_sum(struct checking *checking, int fd)
{
    struct page_meta metas[PAGE_META_COUNT];
    size_t page_size = (size_t)sysconf(_SC_PAGESIZE);
    TRY(page_meta_read(fd, page_size, 0, &metas[0]));
    TRY(page_meta_read(fd, page_size, 1, &metas[1]));
    uint64_t newest = metas[metas[0].transaction < metas[1].transaction].transaction;
    checking->seen->transaction = newest;
    bool holds = !checking->has_sum || checking->told.transaction != newest || checking->told.xxh3_64 == checking->sum;
    if (holds && !checking->strange)
        return OK;
    buffer_printf(checking->why, "%s: table `meta`: its rows are not what was written", checking->file);
    return FATAL_DAMAGED;
}

static bool was_read(void *self, size_t bytes)
{
    const struct log_check *check = ((struct checking *)self)->check;
    return check->read == NULL || check->read(check->self, bytes);
}

static enum status check_batches(struct checking *checking, int fd)
{
    const struct segment_seen *seen = checking->seen;
    struct page_trees_watch watch = {checking, NULL, checking->check->look == LOOK_BATCHES, take_batch, was_read};
    TRY(walk(checking, fd, &watch));
    for (unsigned i = 0; i < seen->stream_count; i++)
        if (!checking->met[i]) /* none of its batches stands here */
            begin_stream(checking, (int)i);
    end_stream(checking);
    if (checking->strange)
        buffer_printf(checking->why, "%s: table `batches`: a row that is none", checking->file);
    return checking->strange ? FATAL_DAMAGED : seen->damaged > 0 ? FATAL_CORRUPT : OK;
}

static enum status check_file(struct checking *checking, int fd)
{
    struct page_trees_watch watch = {checking, "meta", true, take_meta, NULL};
    TRY(walk(checking, fd, &watch));
    TRY(check_sum(checking, fd));
    return checking->check->look == LOOK_META ? OK : check_batches(checking, fd);
}

enum status log_check_segment(const struct log_check *check, struct segment_seen *seen, struct buffer *why)
{
    char path[PATH_SIZE];
    struct checking checking = {.check = check, .seen = seen, .why = why, .stream = -1};
    memset(seen, 0, sizeof *seen);
    seen->words.oldest = OLDEST_UNKNOWN;
    (void)snprintf(checking.file, sizeof checking.file, "seg-%08u/data.mdb", check->segment);
    (void)snprintf(path, sizeof path, "%s/%s", check->directory, checking.file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno != ENOENT)
        buffer_printf(why, "cannot open %s: %s", path, strerror(errno));
    if (fd < 0)
        return errno == ENOENT ? REJECT_NOT_FOUND : FATAL_IO;
    enum status status = check_file(&checking, fd);
    (void)close(fd);
    return status;
}

/* What a reader's transaction can see stays as it is; the two meta pages may be read between two commits. */
enum status log_check_live(const struct log_check *check, struct segment_seen *seen, struct buffer *why)
{
    char path[PATH_SIZE];
    MDB_env *env = NULL;
    MDB_txn *txn = NULL;
    (void)snprintf(path, sizeof path, "%s/seg-%08u", check->directory, check->segment);
    TRY(store_check_file(path, why));
    int code = mdb_env_create(&env);
    code = code != 0 ? code : mdb_env_open(env, path, MDB_RDONLY | MDB_NOTLS, 0600);
    code = code != 0 ? code : mdb_txn_begin(env, NULL, MDB_RDONLY, &txn);
    enum status status = log_check_segment(check, seen, why);
    for (unsigned i = 1; i < LIVE_TRIES && status == FATAL_DAMAGED && code == 0; i++) {
        (void)nanosleep(&(struct timespec){0, LIVE_WAIT_MS * 1000000L}, NULL);
        buffer_reset(why);
        status = log_check_segment(check, seen, why);
    }
    mdb_txn_abort(txn);
    if (env != NULL)
        mdb_env_close(env);
    return status;
}

enum status log_check_follows(const struct segment_seen *before, const struct segment_seen *seen, uint32_t segment,
                              struct buffer *why)
{
    bool follows = true, known = before->words.identity != 0 && seen->words.identity != 0,
         same = !known || before->words.identity == seen->words.identity;
    for (unsigned i = 0; before->stream_count > 0 && i < seen->stream_count; i++)
        follows = follows && seen->streams[i].start == before->streams[i].end;
    if (follows && same)
        return OK;
    buffer_printf(why, "seg-%08u %s: another one, or an older copy", segment,
                  same ? "does not begin where the one before it ends" : "is of another log");
    return FATAL_CORRUPT;
}

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int log_segment_numbers(const char *directory, uint32_t *numbers)
{
    int count = 0;
    DIR *listed = opendir(directory);
    if (listed == NULL)
        return -1;
    for (struct dirent *entry; (entry = readdir(listed)) != NULL && count < LOG_SEGMENTS_COUNT_MAX;)
        if (strlen(entry->d_name) == 12 && strspn(entry->d_name + 4, "0123456789") == 8 &&
            sscanf(entry->d_name, "seg-%8u", &numbers[count]) == 1)
            count++;
    (void)closedir(listed);
    qsort(numbers, (size_t)count, sizeof numbers[0], compare_numbers);
    return count;
}
