/* SPDX-License-Identifier: Apache-2.0
 * An overlaid store dies at each of its writes and syncs, one after the other, in four ways (calls.h); opened again it
 * is what one of its commits made it, no older than what it had said was durable, and goes on from there. */
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/bytes.h"
#include "common/store/store.h"
#include "tests/fault/calls.h"
#include "tests/support/random.h"
#include "tests/support/test.h"

enum { COMMITS = 14, MORE_COMMITS = 400, CHANGES = 40, OVERLAY_SIZE = 12 << 10, MAP_SIZE = 16 << 20 };

static const struct store_table tables[] = {{"one", DECIDED}, {"two", DECIDED}};
static char directory[64];
static size_t overlay_size = OVERLAY_SIZE;
static uint8_t digests[MORE_COMMITS + 1][DIGEST_SIZE];

/* Of the process that is to die, shared with its parent. */
static struct shared {
    uint64_t told; /* the last commit that returned OK */
    bool ended;
} * shared;

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    return remove(path);
}

static void start_afresh(void)
{
    (void)nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    assert_int_equal(mkdir(directory, 0700), 0);
}

static enum status open_as(struct store **store, bool read_only, struct buffer *why)
{
    struct store_options options = {.directory = directory,
                                    .map_size = MAP_SIZE,
                                    .soft_limit_bp = 9000,
                                    .tables = tables,
                                    .table_count = 2,
                                    .format = 2,
                                    .read_only = read_only,
                                    .overlay_size = overlay_size};
    return store_open(&options, store, why);
}

static enum status open_store(struct store **store, struct buffer *why)
{
    return open_as(store, false, why);
}

/* What commit `number` changes is a function of the number. */
static void change(struct store_txn *txn, uint64_t number)
{
    uint64_t chance = number;
    uint8_t key[8], value[200];
    for (unsigned i = 0; i < CHANGES; i++) {
        uint64_t drawn = random_next(&chance);
        bytes_put_be(key, drawn % 300, 8);
        memset(value, (int)number, sizeof value);
        if (drawn >> 60 < 4)
            store_delete(txn, 0, span_of(key, sizeof key));
        else
            store_put(txn, 0, span_of(key, sizeof key), span_of(value, (drawn >> 32) % sizeof value));
    }
    bytes_put_be(key, number, 8);
    store_append(txn, 1, span_of(key, sizeof key), span_of(value, 8));
}

static enum status go_on(struct store *store, uint64_t until)
{
    struct store_txn *txn;
    TRY(store_begin(store, true, &txn));
    uint64_t number = store_cursor(txn);
    while (number < until) {
        change(txn, ++number);
        TRY(store_commit(&txn, number));
        shared->told = number;
        TRY(store_begin(store, true, &txn));
    }
    store_abort(&txn);
    return OK;
}

/* All of it; dies at the `call`th call. An error of the thread that writes the trees may come too late for a commit. */
static void live(unsigned call)
{
    struct store *store;
    struct buffer why;
    buffer_init(&why);
    calls_begin(call);
    enum status status = open_store(&store, &why);
    if (status == OK)
        status = go_on(store, COMMITS);
    if (status == OK)
        store_close(&store);
    _exit(calls_left() > 0 ? 0 : status == OK ? 2 : status == FATAL_IO ? 1 : 3);
}

static uint64_t check_state(struct store *store, bool write, struct digest *digest)
{
    struct store_txn *txn;
    uint8_t found[DIGEST_SIZE];
    assert_int_equal(store_begin(store, write, &txn), OK);
    uint64_t number = store_cursor(txn);
    assert_in_range(number, 0, MORE_COMMITS);
    assert_int_equal(store_digest(txn, digest, found), OK);
    assert_memory_equal(found, digests[number], DIGEST_SIZE);
    store_abort(&txn);
    return number;
}

static void check_after(unsigned call, int ended, struct digest *digest)
{
    struct store *store;
    struct buffer why;
    uint64_t told = shared->told;
    buffer_init(&why);
    if (open_store(&store, &why) != OK)
        fail_msg("way %d, call %u, ended %x: %s", calls_now(), call, (unsigned)ended, buffer_text(&why));
    uint64_t number = check_state(store, true, digest);
    assert_in_range(number, told, COMMITS);
    assert_int_equal(go_on(store, COMMITS), OK);
    assert_int_equal(check_state(store, true, digest), COMMITS);
    store_close(&store);
    buffer_fini(&why);
}

static void each_call(enum way how)
{
    struct digest *digest = digest_new();
    int ended = 1;
    unsigned call = how == TORN ? 1 : 0; /* the first is LMDB's own, of the two meta pages of a new file */
    calls_way(how);
    while (ended != 0) {
        start_afresh();
        *shared = (struct shared){0};
        call++;
        pid_t child = fork();
        if (child == 0)
            live(call);
        assert_int_equal(waitpid(child, &ended, 0), child);
        assert_true(ended == 0 || WIFSIGNALED(ended) || how == FAILED);
        if (how == FAILED && ended != 0)
            assert_true(WEXITSTATUS(ended) == 1 || WEXITSTATUS(ended) == 2);
        check_after(call, ended, digest);
    }
    (void)printf("%u calls\n", call - 1);
    assert_true(call > 60);
    digest_destroy(&digest);
}

TEST(l3_it_may_die_at_each_call)
{
    each_call(DIED);
}

TEST(l3_each_write_may_be_torn)
{
    each_call(TORN);
}

TEST(l18_power_may_go_at_each_call)
{
    each_call(POWER);
}

TEST(l1_each_call_may_fail)
{
    each_call(FAILED);
}

/* Files that are written, frozen, applied and removed under its eyes: it sees a commit, whole, and no older one than
 * was told when it opened. */
static void read_beside(void)
{
    struct digest *digest = digest_new();
    struct store *store;
    struct buffer why;
    buffer_init(&why);
    while (!shared->ended) {
        uint64_t told = shared->told;
        buffer_reset(&why);
        if (open_as(&store, true, &why) != OK)
            fail_msg("%s", buffer_text(&why));
        assert_in_range(check_state(store, false, digest), told, MORE_COMMITS);
        store_close(&store);
    }
    digest_destroy(&digest);
    buffer_fini(&why);
}

TEST(it_is_read_beside_its_owner)
{
    struct store *store;
    struct buffer why;
    int ended;
    start_afresh();
    *shared = (struct shared){0};
    buffer_init(&why);
    assert_int_equal(open_store(&store, &why), OK);
    pid_t child = fork(); /* LMDB may be opened once a process; what it inherits it leaves alone */
    if (child == 0) {
        read_beside();
        _exit(0);
    }
    assert_int_equal(go_on(store, MORE_COMMITS), OK);
    shared->ended = true;
    store_close(&store);
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(ended, 0);
    buffer_fini(&why);
}

static void newest_recent(char path[128])
{
    char command[160];
    (void)snprintf(command, sizeof command, "ls -d %s/recent-*", directory);
    FILE *listed = popen(command, "r");
    path[0] = 0;
    while (fgets(path, 128, listed) != NULL)
        path[strcspn(path, "\n")] = 0;
    (void)pclose(listed);
    assert_true(path[0] != 0);
}

/* After `commits`, none of them in the trees. */
static void leave_store(uint64_t commits)
{
    struct store *store;
    struct buffer why;
    start_afresh();
    buffer_init(&why);
    overlay_size = 1 << 20;
    assert_int_equal(open_store(&store, &why), OK);
    assert_int_equal(go_on(store, commits), OK);
    store_close(&store);
    buffer_fini(&why);
}

static void expect_corrupt(const char *what)
{
    struct store *store;
    struct buffer why;
    buffer_init(&why);
    assert_int_equal(open_store(&store, &why), FATAL_CORRUPT);
    if (strstr(buffer_text(&why), what) == NULL)
        fail_msg("%s", buffer_text(&why));
    buffer_fini(&why);
}

TEST(l6_a_damaged_record_is_refused)
{
    char path[128];
    leave_store(2);
    newest_recent(path);
    for (unsigned at = 5; at < 700; at += 50) { /* of the first record's header, and of its changes */
        uint8_t byte;
        int file = open(path, O_RDWR);
        assert_int_equal(pread(file, &byte, 1, at), 1);
        byte ^= 4;
        assert_int_equal(calls_write(file, &byte, 1, at), 1);
        expect_corrupt("is damaged");
        byte ^= 4;
        assert_int_equal(calls_write(file, &byte, 1, at), 1);
        (void)close(file);
    }
    struct store *store;
    struct buffer why;
    buffer_init(&why);
    assert_int_equal(open_store(&store, &why), OK);
    store_close(&store);
    buffer_fini(&why);
}

TEST(l4_a_record_that_was_told_of_and_is_gone_is_missed)
{
    char path[128];
    struct stat file;
    leave_store(2);
    newest_recent(path);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(truncate(path, file.st_size - 1), 0);
    expect_corrupt("older than it was");
    assert_int_equal(unlink(path), 0);
    expect_corrupt("older than it was");
}

/* Of two files the older one: the newer one does not go on from what the trees hold. */
TEST(l4_commits_that_are_missing_in_between_are_missed)
{
    char path[128], copy[128], command[700];
    leave_store(2);
    newest_recent(path);
    (void)snprintf(copy, sizeof copy, "%.64s/kept", directory);
    (void)snprintf(command, sizeof command, "cp %s %s", path, copy);
    assert_int_equal(system(command), 0);
    struct store *store;
    struct buffer why;
    struct stat file;
    buffer_init(&why);
    assert_int_equal(open_store(&store, &why), OK);
    assert_int_equal(go_on(store, 4), OK);
    store_close(&store);
    assert_int_equal(stat(copy, &file), 0);
    (void)snprintf(command, sizeof command, "tail -c +%lld %s > %s && mv %s %s", (long long)file.st_size + 1, path,
                   copy, copy, path);
    assert_int_equal(system(command), 0);
    expect_corrupt("some are missing");
    buffer_fini(&why);
}

static unsigned count_files(void)
{
    char pattern[80];
    glob_t found;
    (void)snprintf(pattern, sizeof pattern, "%s/recent-*", directory);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    unsigned count = (unsigned)found.gl_pathc;
    globfree(&found);
    return count;
}

/* Each start ends before the trees have anything. What was frozen is frozen again, and the newest file goes on. */
TEST(starts_that_end_too_soon_do_not_fill_the_directory)
{
    enum { STARTS = 12 };
    struct digest *digest = digest_new();
    struct store *store;
    struct buffer why;
    buffer_init(&why);
    start_afresh();
    overlay_size = 32 << 10;
    for (uint64_t start = 1; start <= STARTS; start++) {
        int ended;
        pid_t child = fork();
        if (child == 0) {
            calls_wait_elsewhere();
            enum status status = open_store(&store, &why);
            _exit(status == OK ? (int)go_on(store, start) : 100);
        }
        assert_int_equal(waitpid(child, &ended, 0), child);
        if (ended != 0)
            fail_msg("start %u ended %x", (unsigned)start, (unsigned)ended);
        assert_in_range(count_files(), 1, 2);
    }
    assert_int_equal(count_files(), 2);
    assert_int_equal(open_store(&store, &why), OK);
    assert_int_equal(check_state(store, true, digest), STARTS);
    store_close(&store);
    overlay_size = OVERLAY_SIZE;
    buffer_fini(&why);
    digest_destroy(&digest);
}

static int set_up(void **state)
{
    struct digest *digest = digest_new();
    struct store *store;
    struct store_txn *txn;
    struct buffer why;
    struct store_options options = {.map_size = MAP_SIZE, .soft_limit_bp = 9000, .tables = tables, .table_count = 2};
    (void)snprintf(directory, sizeof directory, "/tmp/hutong-overlaid-XXXXXX");
    assert_non_null(mkdtemp(directory));
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    options.directory = directory;
    buffer_init(&why);
    assert_int_equal(store_open(&options, &store, &why), OK);
    assert_int_equal(store_begin(store, true, &txn), OK);
    for (uint64_t i = 0; i <= MORE_COMMITS; i++) {
        if (i > 0)
            change(txn, i);
        assert_int_equal(store_digest(txn, digest, digests[i]), OK);
    }
    store_abort(&txn);
    store_close(&store);
    digest_destroy(&digest);
    return 0;
}

static int tear_down(void **state)
{
    (void)nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}

AROUND_ALL(set_up, tear_down)
