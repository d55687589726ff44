/* SPDX-License-Identifier: Apache-2.0
 * What LMDB does not check for us (FAILURES 6.1), in the store and under a broker's log. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <lmdb.h>

#include "broker/log.h"
#include "common/base/bytes.h"
#include "common/pb/batch.h"
#include "common/store/store.h"
#include "tests/support/test.h"

static char directory[64], path[128];
static struct buffer why;

static const struct store_table tables[] = {{"one", false}, {"seen", true}};

static int set_up(void **state)
{
    (void)snprintf(directory, sizeof directory, "/tmp/hutong-store-XXXXXX");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/data.mdb", directory);
    buffer_init(&why);
    return 0;
}

static int tear_down(void **state)
{
    char command[96];
    (void)snprintf(command, sizeof command, "rm -rf %s", directory);
    (void)!system(command);
    buffer_fini(&why);
    return 0;
}

static enum status open_store(struct store **store, size_t map_size)
{
    struct store_options options = {directory, map_size, 8000, tables, 2, 0, false, 0, 0, NULL};
    buffer_reset(&why);
    return store_open(&options, store, &why);
}

static void put_number(struct store_txn *txn, unsigned table, uint64_t number, size_t size)
{
    uint8_t key[8], *value = calloc(1, size);
    bytes_put_be(key, number, 8);
    memset(value, (int)number, size);
    store_put(txn, table, span_of(key, sizeof key), span_of(value, size));
    free(value);
}

static void fill(struct store *store, uint64_t from, uint64_t to, size_t size)
{
    struct store_txn *txn;
    assert_int_equal(store_begin(store, true, &txn), OK);
    for (uint64_t i = from; i < to; i++)
        put_number(txn, 0, i, size);
    assert_int_equal(store_commit(&txn, to), OK);
}

static void forget_sums(const char *where)
{
    char sums[160];
    (void)snprintf(sums, sizeof sums, "%s/pages.sums", where);
    (void)remove(sums);
}

TEST(l5_truncated_file_is_refused)
{
    struct store *store;
    assert_int_equal(open_store(&store, 64 << 20), OK);
    fill(store, 0, 5000, 100);
    store_close(&store);
    assert_int_equal(truncate(path, 3 * 4096), 0);
    assert_int_equal(open_store(&store, 64 << 20), FATAL_CORRUPT);
    assert_true(why.size > 0);
}

/* The older meta page raised, so that it wins: an older tree, served as if nothing were wrong. */
TEST(l4_an_older_tree_is_not_served)
{
    struct store *store;
    char copy[160], command[512];
    assert_int_equal(open_store(&store, 64 << 20), OK);
    fill(store, 0, 100, 100);
    store_close(&store);
    (void)snprintf(copy, sizeof copy, "%s/older", directory);
    (void)snprintf(command, sizeof command, "cp %s %s", path, copy);
    assert_int_equal(system(command), 0);
    assert_int_equal(open_store(&store, 64 << 20), OK);
    for (uint64_t i = 1; i < 6; i++)
        fill(store, i * 100, i * 100 + 100, 100);
    store_close(&store);
    (void)snprintf(command, sizeof command, "cp %s %s", copy, path);
    assert_int_equal(system(command), 0);
    assert_int_equal(open_store(&store, 64 << 20), FATAL_DAMAGED);
    forget_sums(directory); /* and without the sums, the checkpoint says so */
    assert_int_equal(open_store(&store, 64 << 20), FATAL_CORRUPT);
}

TEST(l7_the_soft_limit_comes_before_the_map_is_full)
{
    struct store *store;
    assert_int_equal(open_store(&store, 4 << 20), OK);
    assert_false(store_is_full(store));
    for (uint64_t i = 0; i < 40 && !store_is_full(store); i++)
        fill(store, i * 100, i * 100 + 100, 1000);
    assert_true(store_is_full(store));
    fill(store, 100000, 100010, 100); /* there is still room for what must be written */
    store_close(&store);
}

TEST(l23_a_second_process_is_refused)
{
    struct store *store;
    assert_int_equal(open_store(&store, 16 << 20), OK);
    pid_t child = fork();
    if (child == 0) {
        struct store *second;
        _exit(open_store(&second, 16 << 20) == FATAL_CONFIG ? 0 : 1);
    }
    int code = -1;
    (void)waitpid(child, &code, 0);
    assert_int_equal(code, 0);
    store_close(&store);
}

TEST(l8_no_reader_holds_pages_back)
{
    struct store *store;
    uint64_t lag;
    assert_int_equal(open_store(&store, 16 << 20), OK);
    for (uint64_t i = 0; i < 20; i++)
        fill(store, i * 10, i * 10 + 10, 100);
    store_check_readers(store, &lag);
    assert_in_range(lag, 0, 1);
    store_close(&store);
}

TEST(l15_a_copy_opens_and_says_the_same)
{
    struct store *store;
    struct store_txn *txn;
    struct digest *digest = digest_new();
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    char copy[128];
    assert_int_equal(open_store(&store, 16 << 20), OK);
    fill(store, 0, 500, 100);
    assert_int_equal(store_begin(store, true, &txn), OK);
    assert_int_equal(store_digest(txn, digest, before), OK);
    store_abort(&txn);
    (void)snprintf(copy, sizeof copy, "%s/copy", directory);
    assert_int_equal(store_copy(store, copy), OK);
    store_close(&store);
    (void)snprintf(directory + strlen(directory), 8, "/copy");
    enum status status = open_store(&store, 16 << 20);
    directory[strlen(directory) - 5] = 0;
    assert_int_equal(status, OK);
    assert_int_equal(store_begin(store, true, &txn), OK);
    assert_int_equal(store_digest(txn, digest, after), OK);
    store_abort(&txn);
    store_close(&store);
    assert_memory_equal(before, after, DIGEST_SIZE);
    digest_destroy(&digest);
}

TEST(the_digest_sees_decisions_and_not_observations)
{
    struct store *store;
    struct store_txn *txn;
    struct digest *digest = digest_new();
    uint8_t first[DIGEST_SIZE], second[DIGEST_SIZE];
    assert_int_equal(open_store(&store, 16 << 20), OK);
    assert_int_equal(store_begin(store, true, &txn), OK);
    put_number(txn, 0, 1, 10);
    assert_int_equal(store_digest(txn, digest, first), OK);
    put_number(txn, 1, 1, 10);
    assert_int_equal(store_digest(txn, digest, second), OK);
    assert_memory_equal(first, second, DIGEST_SIZE);
    put_number(txn, 0, 2, 10);
    assert_int_equal(store_digest(txn, digest, second), OK);
    assert_memory_not_equal(first, second, DIGEST_SIZE);
    store_abort(&txn);
    store_close(&store);
    digest_destroy(&digest);
}

/* ---- the broker's log ---- */

static enum status open_log(struct log **log, uint64_t segment_size, uint64_t limit)
{
    struct log_options options = {.directory = directory, .segment_size = segment_size, .size_limit = limit};
    buffer_reset(&why);
    return log_open(&options, log, &why);
}

static void append_batch(struct log *log, int stream, size_t size)
{
    struct buffer batch;
    uint8_t *record = calloc(1, size);
    buffer_init(&batch);
    memset(record, 'r', size);
    batch_put_records(&batch, span_of(record, size));
    assert_int_equal(log_begin(log), OK);
    assert_int_equal(log_append(log, stream, 1, 1, buffer_span(&batch)), OK);
    assert_int_equal(log_commit(log), OK);
    buffer_fini(&batch);
    free(record);
}

static struct log *new_log(uint64_t segment_size, int *stream)
{
    struct log *log;
    assert_int_equal(open_log(&log, segment_size, 1 << 28), OK);
    assert_int_equal(log_begin(log), OK);
    *stream = log_stream(log, "s");
    assert_int_equal(*stream, 0);
    log_state(log, *stream)->epoch = 1;
    log_touch(log, *stream);
    assert_int_equal(log_commit(log), OK);
    return log;
}

TEST(d9_positions_and_epochs_survive_a_restart)
{
    int stream;
    struct log *log = new_log(1 << 20, &stream);
    for (int i = 0; i < 300; i++)
        append_batch(log, stream, 20000);
    struct log_usage usage;
    log_usage(log, &usage);
    assert_true(usage.segments > 2);
    log_close(&log);
    assert_int_equal(open_log(&log, 1 << 20, 1 << 28), OK);
    stream = log_find(log, "s");
    assert_int_equal(log_state(log, stream)->end, 300);
    assert_int_equal(log_state(log, stream)->epoch, 1);
    log_close(&log);
}

static enum status open_with(uint32_t partitions, struct log **log)
{
    struct log_options options = {
        .directory = directory, .segment_size = 1 << 20, .size_limit = 1 << 28, .partitions = partitions};
    buffer_reset(&why);
    return log_open(&options, log, &why);
}

/* D4; `asked`: 0 writes a log as builds did that kept no number. */
static void begin_log(uint32_t asked, const char *name)
{
    struct log *log;
    assert_int_equal(open_with(asked, &log), OK);
    assert_int_equal(log_begin(log), OK);
    int stream = log_stream(log, name);
    log_touch(log, stream);
    assert_int_equal(log_commit(log), OK);
    for (int i = 0; i < 100; i++)
        append_batch(log, stream, 20000); /* more than one segment: the number goes along */
    log_close(&log);
}

/* LMDB gives such a transaction's number again, so that the checkpoint must not speak of it. */
TEST(l4_a_commit_that_changes_nothing_makes_the_log_no_older)
{
    int stream;
    struct log *log = new_log(1 << 24, &stream);
    append_batch(log, stream, 100);
    log_reader_set(log, stream, "r", 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(log_begin(log), OK);
        log_reader_set(log, stream, "r", 1);
        assert_int_equal(log_commit(log), OK);
    }
    log_close(&log);
    assert_int_equal(open_log(&log, 1 << 24, 1 << 28), OK);
    log_close(&log);
}

TEST(D4_a_log_keeps_its_number_of_partitions)
{
    struct log *log;
    begin_log(2, "submissions");
    assert_int_equal(open_with(1, &log), FATAL_CONFIG);
    assert_non_null(strstr(buffer_text(&why), "partitions is 1"));
    assert_non_null(strstr(buffer_text(&why), "begun with 2"));
    assert_int_equal(open_with(2, &log), OK);
    log_close(&log);
}

TEST(D4_an_old_log_shows_its_number_of_partitions)
{
    struct log *log;
    begin_log(0, "outcomes.1");
    assert_int_equal(open_with(1, &log), FATAL_CONFIG);
    assert_int_equal(open_with(2, &log), OK);
    log_close(&log);
}

TEST(l12_trimming_takes_whole_segments_below_every_reader)
{
    int stream;
    uint32_t removed;
    struct log_batch batch;
    uint64_t below[LOG_STREAMS_COUNT_MAX] = {300};
    struct log *log = new_log(1 << 20, &stream);
    assert_int_equal(log_begin(log), OK);
    log_reader_set(log, stream, "slow", 100);
    assert_int_equal(log_commit(log), OK);
    for (int i = 0; i < 300; i++)
        append_batch(log, stream, 20000);
    removed = log_trim_reach(log, below);
    assert_true(removed > 0);
    assert_int_equal(log_trim(log, removed), OK);
    assert_true(log_first(log, stream) <= 100);
    assert_int_equal(log_read(log, stream, 100, &batch, &why), OK);
    log_read_end(log);
    assert_int_equal(log_read(log, stream, 0, &batch, &why), REJECT_RANGE);
    log_read_end(log);
    log_close(&log);
}

/* D1: one stream lags behind the other: the word for the one does not let the other's records go. */
TEST(d1_no_record_at_or_above_any_streams_bound_goes)
{
    int ahead, behind;
    struct log_batch batch;
    struct log *log = new_log(1 << 20, &ahead);
    assert_int_equal(log_begin(log), OK);
    behind = log_stream(log, "t");
    log_touch(log, behind);
    assert_int_equal(log_commit(log), OK);
    for (int i = 0; i < 300; i++) {
        append_batch(log, ahead, 20000);
        if (i % 3 == 0)
            append_batch(log, behind, 200);
    }
    for (uint64_t bound = 0; bound <= 300; bound += 20) {
        uint64_t below[LOG_STREAMS_COUNT_MAX] = {0};
        below[behind] = bound;
        assert_int_equal(log_trim_reach(log, below), 0); /* no word for what else is in it */
        below[ahead] = bound;
        uint32_t reach = log_trim_reach(log, below);
        assert_true(log_first_without(log, ahead, reach) <= bound && log_first_without(log, behind, reach) <= bound);
        assert_int_equal(log_trim(log, reach), OK);
        if (bound < 300)
            assert_int_equal(log_read(log, ahead, bound, &batch, &why), OK);
        log_read_end(log);
    }
    assert_true(log_first(log, ahead) > 200);
    uint64_t first = log_first(log, behind);
    log_close(&log);
    assert_int_equal(open_log(&log, 1 << 20, 1 << 28), OK);
    assert_int_equal(log_first(log, behind), first);
    assert_int_equal(log_state(log, behind)->end, 100);
    log_close(&log);
}

/* One bit of a stored batch: named, never handed out. */
TEST(l6_a_flipped_bit_is_detected_on_read)
{
    int stream;
    struct log_batch batch;
    char segment[160];
    struct log *log = new_log(1 << 24, &stream);
    for (int i = 0; i < 20; i++)
        append_batch(log, stream, 6000);
    log_close(&log);
    (void)snprintf(segment, sizeof segment, "%s/seg-00000000/data.mdb", directory);
    FILE *file = fopen(segment, "r+b");
    assert_non_null(file);
    char page[4096];
    long at = -1;
    for (long i = 0; fread(page, 1, sizeof page, file) == sizeof page; i++)
        if (page[2000] == 'r' && page[3000] == 'r' && at < 0)
            at = i * 4096 + 2500;
    assert_true(at > 0);
    (void)fseek(file, at, SEEK_SET);
    (void)fputc('r' ^ 1, file);
    (void)fclose(file);
    assert_int_equal(open_log(&log, 1 << 24, 1 << 28), OK);
    unsigned corrupt = 0;
    for (uint64_t i = 0; i < 20; i++) {
        enum status status = log_read(log, log_find(log, "s"), i, &batch, &why);
        corrupt += status == FATAL_CORRUPT;
        assert_true(status == OK || status == FATAL_CORRUPT);
        log_read_end(log);
    }
    assert_int_equal(corrupt, 1);
    assert_true(why.size > 0);
    log_close(&log);
}

/* `number` as the format in `table` of an environment. */
static void renumber(const char *where, const char *table, uint64_t number, unsigned width)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    uint8_t bytes[8];
    bytes_put_le(bytes, number, width);
    MDB_val key = {6, (void *)(uintptr_t) "format"}, value = {width, bytes};
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_maxdbs(env, 4), 0);
    assert_int_equal(mdb_env_open(env, where, 0, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, table, 0, &dbi), 0);
    assert_int_equal(number > 0 ? mdb_put(txn, dbi, &key, &value, 0) : mdb_del(txn, dbi, &key, NULL), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    forget_sums(where);
}

static enum status open_format(struct store **store, uint32_t format, bool read_only)
{
    struct store_options options = {directory, 64 << 20, 8000, tables, 2, format, read_only, 0, 0, NULL};
    buffer_reset(&why);
    return store_open(&options, store, &why);
}

TEST(a_store_of_another_format_is_refused)
{
    struct store *store;
    assert_int_equal(open_format(&store, 2, false), OK);
    fill(store, 0, 10, 10);
    store_close(&store);
    assert_int_equal(open_format(&store, 1, false), FATAL_FORMAT);
    assert_non_null(strstr(buffer_text(&why), "is of format 2, this build reads format 1"));
    assert_int_equal(open_format(&store, 1, true), FATAL_FORMAT);
    renumber(directory, "store.system", 0, 8); /* as before there were numbers */
    assert_int_equal(open_format(&store, 2, false), FATAL_FORMAT);
    assert_int_equal(open_format(&store, 1, false), OK);
    store_close(&store);
}

TEST(a_store_is_read_beside_its_owner)
{
    struct store *store, *beside;
    struct store_txn *txn;
    assert_int_equal(open_store(&store, 64 << 20), OK);
    fill(store, 0, 10, 10);
    pid_t child = fork(); /* LMDB may be opened once a process */
    if (child == 0) {
        bool same =
            open_format(&beside, 0, true) == OK && store_begin(beside, false, &txn) == OK && store_count(txn, 0) == 10;
        _exit(same ? 0 : 1);
    }
    int ended;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(ended, 0);
    fill(store, 10, 20, 10);
    store_close(&store);
}

TEST(a_log_of_another_format_is_refused)
{
    int stream;
    char segment[160];
    struct log *log = new_log(1 << 24, &stream);
    append_batch(log, stream, 100);
    log_close(&log);
    (void)snprintf(segment, sizeof segment, "%s/seg-00000000", directory);
    renumber(segment, "meta", 2, 4);
    buffer_reset(&why);
    assert_int_equal(open_log(&log, 1 << 24, 1 << 28), FATAL_FORMAT);
    assert_non_null(strstr(buffer_text(&why), "is of format 2, this build reads format 1"));
    renumber(segment, "meta", 0, 4); /* as before there were numbers */
    assert_int_equal(open_log(&log, 1 << 24, 1 << 28), OK);
    log_close(&log);
}

AROUND_EACH(set_up, tear_down)
