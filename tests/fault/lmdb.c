/* SPDX-License-Identifier: Apache-2.0
 * What other processes do to an LMDB directory of ours (FAILURES L9, L10), what repetition does to its process (L13),
 * and the way out and back through LMDB's own tools (L16). The program runs itself again as a reader: --reader
 * DIRECTORY. */
#include <lmdb.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/bytes.h"
#include "common/store/store.h"
#include "tests/support/test.h"

enum { MAP_SIZE = 256 << 20, READERS = 150 /* twice what an environment of ours has room for */ };

/* ASan keeps what is freed for a while: nothing can be said of memory there. */
#ifndef __has_feature
#define __has_feature(feature) 0 /* of clang alone */
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
static const bool memory_is_measurable = false;
#else
static const bool memory_is_measurable = true;
#endif

static char directory[64];
static struct buffer why;
static const struct store_table tables[] = {{"one", false}};

static int set_up(void **state)
{
    (void)snprintf(directory, sizeof directory, "/tmp/hutong-lmdb-XXXXXX");
    assert_non_null(mkdtemp(directory));
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

static struct store *open_store(const char *where)
{
    struct store *store;
    struct store_options options = {where, MAP_SIZE, 8000, tables, 1, 0, false, 0, 0, NULL};
    assert_int_equal(store_open(&options, &store, &why), OK);
    return store;
}

/* As much as a tool of another maker does: opens, begins to read, and says so by stopping itself. */
static void read_and_stop(const char *where)
{
    MDB_env *env;
    MDB_txn *txn;
    if (mdb_env_create(&env) == 0 && mdb_env_open(env, where, MDB_RDONLY | MDB_NOTLS, 0600) == 0 &&
        mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) == 0)
        (void)raise(SIGSTOP);
    _exit(1); /* a reader that found no place; it closes nothing */
}

/* A reader that has begun and stands; 0: it could not begin. */
static pid_t standing_reader(void)
{
    int code = 0;
    pid_t reader = fork();
    if (reader == 0) {
        (void)execl("/proc/self/exe", "lmdb", "--reader", directory, (char *)NULL);
        _exit(1);
    }
    assert_int_equal(waitpid(reader, &code, WUNTRACED), reader);
    return WIFSTOPPED(code) ? reader : 0;
}

static void end_reader(pid_t reader)
{
    (void)kill(reader, SIGKILL);
    (void)waitpid(reader, NULL, 0);
}

static void overwrite(struct store *store, unsigned times)
{
    static uint8_t value[1000];
    struct store_txn *txn;
    for (unsigned t = 0; t < times; t++) {
        assert_int_equal(store_begin(store, true, &txn), OK);
        value[0]++;
        for (uint8_t i = 0; i < 100; i++)
            store_put(txn, 0, span_of(&i, 1), span_of(value, sizeof value));
        assert_int_equal(store_commit(&txn, t), OK);
    }
}

static uint64_t used_by(struct store *store)
{
    uint64_t used, limit;
    store_usage(store, &used, &limit);
    return used;
}

/* Its process lives, so nobody may clear its place; pages pile up behind it. It must be told, by how far it lies
 * behind. */
TEST(l9_a_suspended_reader_is_told_by_its_lag)
{
    uint64_t lag;
    struct store *store = open_store(directory);
    overwrite(store, 20);
    uint64_t before = used_by(store);
    overwrite(store, 20);
    assert_true(used_by(store) < before + before / 4); /* without it pages are used again */
    store_check_readers(store, &lag);
    assert_int_equal(lag, 0);
    pid_t reader = standing_reader();
    assert_true(reader > 0);
    before = used_by(store);
    overwrite(store, 40);
    store_check_readers(store, &lag);
    assert_in_range(lag, 40, 41);
    assert_true(used_by(store) > 3 * before);
    end_reader(reader);
    store_check_readers(store, &lag);
    assert_int_equal(lag, 0);
    before = used_by(store);
    overwrite(store, 40);
    assert_int_equal(used_by(store), before);
    store_close(&store);
}

TEST(l10_readers_that_were_killed_leave_room)
{
    struct store_txn *txn;
    char copy[96];
    struct store *store = open_store(directory);
    overwrite(store, 1);
    for (int i = 0; i < READERS; i++) { /* nobody looks after them in the meantime */
        pid_t reader = standing_reader();
        if (reader > 0)
            end_reader(reader);
        if (i < 32)
            assert_true(reader > 0);
    }
    assert_int_equal(store_begin(store, false, &txn), OK);
    store_abort(&txn);
    for (int i = 0; i < READERS; i++) {
        pid_t reader = standing_reader();
        if (reader > 0)
            end_reader(reader);
    }
    (void)snprintf(copy, sizeof copy, "%s/copy", directory);
    assert_int_equal(store_copy(store, copy), OK);
    store_close(&store);
}

static long resident_kib(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*d %ld", &pages), 1);
    (void)fclose(file);
    return pages * 4;
}

/* Commits as large as ours get, again and again: memory stays where it was after the first few. */
TEST(l13_large_commits_repeated_do_not_grow_the_process)
{
    enum { COMMITS = 60, SETTLED = 20, RECORDS = 8192, KEYS = 65536 };
    uint64_t number = 88172645463325252u;
    uint8_t key[8], value[60];
    struct store_txn *txn;
    long settled = 0;
    if (!memory_is_measurable)
        skip();
    struct store *store = open_store(directory);
    memset(value, 'v', sizeof value);
    for (uint64_t i = 0; i < COMMITS; i++) {
        assert_int_equal(store_begin(store, true, &txn), OK);
        for (int j = 0; j < RECORDS; j++) {
            number ^= number << 13;
            number ^= number >> 7;
            number ^= number << 17;
            bytes_put_be(key, number % KEYS, 8);
            store_put(txn, 0, span_of(key, sizeof key), span_of(value, sizeof value));
        }
        assert_int_equal(store_commit(&txn, i), OK);
        if (i == SETTLED)
            settled = resident_kib();
    }
    assert_true(resident_kib() < settled + 4096);
    store_close(&store);
}

static void digest_of(struct store *store, uint8_t digest[DIGEST_SIZE])
{
    struct store_txn *txn;
    struct digest *sha = digest_new();
    assert_int_equal(store_begin(store, true, &txn), OK);
    assert_int_equal(store_digest(txn, sha, digest), OK);
    store_abort(&txn);
    digest_destroy(&sha);
}

/* mdb_dump in hexadecimal; with -p it would lose backslashes in 0.9.24 (ITS#9068). */
TEST(l16_a_dump_and_a_load_say_the_same)
{
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE], key[3], value[600];
    char command[400], copy[96];
    struct store_txn *txn;
    if (system("command -v mdb_dump mdb_load >/dev/null") != 0)
        skip();
    struct store *store = open_store(directory);
    assert_int_equal(store_begin(store, true, &txn), OK);
    for (unsigned i = 0; i < 4096; i++) {
        bytes_put_be(key, i * 4099, 3);
        for (unsigned j = 0; j < sizeof value; j++)
            value[j] = j % 7 == 0 ? '\\' : (uint8_t)(i * j);
        store_put(txn, 0, span_of(key, 3), span_of(value, i % sizeof value));
    }
    assert_int_equal(store_commit(&txn, 4096), OK);
    digest_of(store, before);
    store_close(&store);
    (void)snprintf(copy, sizeof copy, "%s/copy", directory);
    (void)snprintf(command, sizeof command,
                   "mkdir %s && mdb_dump -a %s | sed 's/^mapsize=.*/mapsize=%d/' | mdb_load %s", copy, directory,
                   MAP_SIZE, copy);
    assert_int_equal(system(command), 0);
    store = open_store(copy);
    digest_of(store, after);
    store_close(&store);
    assert_memory_equal(before, after, DIGEST_SIZE);
}

AROUND_EACH(set_up, tear_down)

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--reader") == 0)
        read_and_stop(argv[2]);
    return tests_run();
}
