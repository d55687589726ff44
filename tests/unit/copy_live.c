/* SPDX-License-Identifier: Apache-2.0
 * A copy of a store that is written all the while is as it stood at one commit: overlaid or plain. */
#include "common/store/copy_live.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/bytes.h"
#include "common/store/store.h"
#include "tests/support/test.h"

enum { KEYS = 400, COPIES = 12, VALUE_SIZE = 64 };

static const struct store_table tables[] = {{"rows", DECIDED}};
static char directory[64], live[80], copy[96];
static size_t overlay_size;
static _Atomic bool ended;

static struct store *open_store(const char *path)
{
    struct store *store = NULL;
    struct buffer why = {0};
    struct store_options options = {.directory = path,
                                    .map_size = 256 << 20,
                                    .soft_limit_bp = 9000,
                                    .tables = tables,
                                    .table_count = 1,
                                    .format = 2,
                                    .overlay_size = overlay_size};
    if (store_open(&options, &store, &why) != OK)
        print_message("%s\n", buffer_text(&why));
    buffer_fini(&why);
    return store;
}

/* Every commit writes every key, with its own number. At a pace: what a reader still looks at is not used
 * again, so a store that is written as fast as it can be grows faster than a slow copy of it. */
static void *write_on(void *self)
{
    uint8_t key[8], value[VALUE_SIZE] = {0};
    for (uint64_t number = 1; !atomic_load(&ended); number++) {
        struct store_txn *txn;
        if (store_begin(self, true, &txn) != OK)
            return NULL;
        bytes_put_le(value, number, 8);
        for (uint64_t k = 0; k < KEYS; k++) {
            bytes_put_be(key, k * 7919 % KEYS, 8);
            store_put(txn, 0, span_of(key, 8), span_of(value, sizeof value));
        }
        if (store_commit(&txn, number) != OK)
            return NULL;
        (void)usleep(4000);
    }
    return self;
}

static void slowly(void *self, size_t bytes)
{
    (void)self;
    (void)bytes;
    (void)usleep(2000);
}

/* All rows of one number, which is the cursor's. */
static uint64_t number_of_copy(void)
{
    struct store *store = open_store(copy);
    struct store_txn *txn;
    struct store_walk walk;
    uint64_t rows = 0;
    assert_non_null(store);
    assert_int_equal(store_begin(store, false, &txn), OK);
    uint64_t number = store_cursor(txn);
    for (bool more = store_walk_start(&walk, txn, 0, span_of(NULL, 0)); more; more = store_walk_next(&walk), rows++)
        assert_true(bytes_get_le(walk.value.data, 8) == number);
    store_walk_end(&walk);
    assert_int_equal(rows, number == 0 ? 0 : KEYS);
    store_abort(&txn);
    store_close(&store);
    return number;
}

/* In a process of its own, as the tool is: LMDB's locks are a process's. */
static void copy_in_a_child(void)
{
    struct copy_pace pace = {slowly, NULL};
    struct buffer why = {0};
    pid_t child = fork();
    if (child == 0) {
        enum status status = copy_live(live, copy, &pace, &why);
        if (status != OK)
            (void)fprintf(stderr, "%s\n", buffer_text(&why));
        _exit(status == OK ? 0 : 1);
    }
    int end;
    assert_true(waitpid(child, &end, 0) == child && WIFEXITED(end) && WEXITSTATUS(end) == 0);
}

static void copies_of_a_live_store(void)
{
    char command[128];
    pthread_t writer;
    void *wrote;
    uint64_t last = 0;
    (void)snprintf(directory, sizeof directory, "/tmp/hutong-copy-XXXXXX");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(live, sizeof live, "%s/live", directory);
    struct store *store = open_store(live);
    assert_non_null(store);
    atomic_store(&ended, false);
    assert_int_equal(pthread_create(&writer, NULL, write_on, store), 0);
    for (int i = 0; i < COPIES; i++) {
        (void)snprintf(copy, sizeof copy, "%s/copy-%d", directory, i);
        copy_in_a_child();
        uint64_t number = number_of_copy();
        assert_true(number >= last);
        last = number;
    }
    atomic_store(&ended, true);
    assert_int_equal(pthread_join(writer, &wrote), 0);
    assert_non_null(wrote);
    assert_true(last > 0);
    store_close(&store);
    (void)snprintf(command, sizeof command, "rm -rf %s", directory);
    assert_int_equal(system(command), 0);
}

TEST(a_plain_store_is_copied_as_of_one_commit)
{
    (void)state;
    overlay_size = 0;
    copies_of_a_live_store();
}

TEST(an_overlaid_store_is_copied_with_its_latest_commits)
{
    (void)state;
    overlay_size = 256 << 10; /* frozen, written and forgotten again and again meanwhile */
    copies_of_a_live_store();
}

TEST(there_is_nothing_to_copy)
{
    struct copy_pace pace = {0};
    struct buffer why = {0};
    (void)state;
    assert_int_equal(copy_live("/tmp/hutong-nowhere", "/tmp/hutong-nowhere-copy", &pace, &why), FATAL_IO);
    assert_true(why.size > 0);
    buffer_fini(&why);
}
