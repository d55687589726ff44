/* SPDX-License-Identifier: Apache-2.0
 * An overlaid store says what a plain one says, whatever is done to both and whenever: random changes, walks, counts,
 * commits, transactions given up, closing and opening, while overlays are frozen and written all the time. */
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bytes.h"
#include "common/store/store.h"
#include "tests/support/random.h"
#include "tests/support/test.h"

enum { MAP_SIZE = 1 << 28, TABLES = 3, OVERLAY_SIZE = 1 << 16 };

static const struct store_table tables[TABLES] = {{"random", DECIDED}, {"appended", DECIDED}, {"few", DECIDED}};

struct side {
    char directory[96];
    struct store *store;
    struct store_txn *txn;
};

static struct side plain, overlaid;
static struct digest *digest;
static uint64_t chance, appended, commits;
static size_t overlay_size;

static void open_side(struct side *side)
{
    struct buffer why;
    struct store_options options = {.directory = side->directory,
                                    .map_size = MAP_SIZE,
                                    .soft_limit_bp = 9000,
                                    .tables = tables,
                                    .table_count = TABLES,
                                    .format = 2,
                                    .overlay_size = side == &overlaid ? overlay_size : 0,
                                    .older_format = 1};
    buffer_init(&why);
    if (store_open(&options, &side->store, &why) != OK)
        fail_msg("%s", buffer_text(&why));
    buffer_fini(&why);
    assert_int_equal(store_begin(side->store, true, &side->txn), OK);
    assert_int_equal(store_cursor(side->txn), commits);
}

static void close_side(struct side *side)
{
    store_abort(&side->txn);
    store_close(&side->store);
}

static int set_up(void **state)
{
    struct side *sides[2] = {&plain, &overlaid};
    appended = commits = 0;
    overlay_size = OVERLAY_SIZE;
    for (unsigned i = 0; i < 2; i++) {
        (void)snprintf(sides[i]->directory, sizeof sides[i]->directory, "/tmp/hutong-overlaid-XXXXXX");
        assert_non_null(mkdtemp(sides[i]->directory));
        open_side(sides[i]);
    }
    digest = digest_new();
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    return remove(path);
}

static int tear_down(void **state)
{
    close_side(&plain);
    close_side(&overlaid);
    (void)nftw(plain.directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    (void)nftw(overlaid.directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    digest_destroy(&digest);
    return 0;
}

static uint64_t below(uint64_t bound)
{
    return random_next(&chance) % bound;
}

/* Many share long beginnings, some end inside of others. */
static struct span some_key(uint8_t bytes[64])
{
    size_t shared = below(4) * 9, size = shared + 1 + below(5);
    memset(bytes, 'k', 64);
    for (size_t i = shared; i < size; i++)
        bytes[i] = (uint8_t)("abc\0k\xff"[below(6)]);
    return span_of(bytes, size);
}

static struct span some_value(uint8_t *bytes)
{
    size_t size = below(50) == 0 ? below(5000) : below(120);
    memset(bytes, (int)below(256), size);
    return span_of(bytes, size);
}

static void change(void)
{
    uint8_t key[64], value[5000];
    unsigned what = (unsigned)below(10), table = below(20) == 0 ? 2 : 0;
    struct span at = some_key(key), to = some_value(value);
    if (what == 0) {
        appended += 1 + below(3);
        bytes_put_be(key, appended, 8);
        store_append(plain.txn, 1, span_of(key, 8), to);
        store_append(overlaid.txn, 1, span_of(key, 8), to);
    } else if (what < 4) {
        bytes_put_be(value, 1 + below(appended + 2), 8);
        if (what == 1)
            at = span_of(value, 8);
        store_delete(plain.txn, what == 1 ? 1 : table, at);
        store_delete(overlaid.txn, what == 1 ? 1 : table, at);
    } else {
        store_put(plain.txn, table, at, to);
        store_put(overlaid.txn, table, at, to);
    }
}

static void same_value(void)
{
    uint8_t key[64];
    struct span one, other, at = some_key(key);
    unsigned table = (unsigned)below(TABLES);
    bool found = store_get(plain.txn, table, at, &one);
    assert_int_equal(store_get(overlaid.txn, table, at, &other), found);
    if (found)
        assert_true(span_equal(one, other));
}

static void same_walk(void)
{
    uint8_t key[64];
    struct store_walk one, other;
    struct span from = below(8) == 0 ? span_of(NULL, 0) : some_key(key);
    unsigned table = (unsigned)below(TABLES), most = (unsigned)below(40);
    bool more = store_walk_start(&one, plain.txn, table, from);
    assert_int_equal(store_walk_start(&other, overlaid.txn, table, from), more);
    while (more && most-- > 0) {
        if (below(4) == 0)
            same_value(); /* from beside a walk, which stays where it is */
        assert_true(span_equal(one.key, other.key) && span_equal(one.value, other.value));
        more = store_walk_next(&one);
        assert_int_equal(store_walk_next(&other), more);
    }
    store_walk_end(&one);
    store_walk_end(&other);
}

static void same_counts(void)
{
    for (unsigned i = 0; i < TABLES; i++)
        assert_int_equal(store_count(plain.txn, i), store_count(overlaid.txn, i));
}

static void same_digest(void)
{
    uint8_t one[DIGEST_SIZE], other[DIGEST_SIZE];
    assert_int_equal(store_digest(plain.txn, digest, one), OK);
    assert_int_equal(store_digest(overlaid.txn, digest, other), OK);
    assert_memory_equal(one, other, DIGEST_SIZE);
}

static void again(struct side *side)
{
    assert_int_equal(store_begin(side->store, true, &side->txn), OK);
    assert_int_equal(store_cursor(side->txn), commits);
}

static void commit(void)
{
    commits++;
    assert_int_equal(store_commit(&plain.txn, commits), OK);
    assert_int_equal(store_commit(&overlaid.txn, commits), OK);
    again(&plain);
    again(&overlaid);
}

static void give_up(void)
{
    store_abort(&plain.txn);
    store_abort(&overlaid.txn);
    again(&plain);
    again(&overlaid);
}

static void open_again(void)
{
    close_side(&overlaid);
    close_side(&plain);
    open_side(&plain);
    open_side(&overlaid);
}

/* The copy is a plain store, and says the same of what was committed. */
static void same_copy(void)
{
    struct side copy;
    uint8_t one[DIGEST_SIZE], other[DIGEST_SIZE];
    commit();
    (void)snprintf(copy.directory, sizeof copy.directory, "%.64s/copy", overlaid.directory);
    assert_int_equal(store_copy(overlaid.store, copy.directory), OK);
    open_side(&copy);
    assert_int_equal(store_digest(plain.txn, digest, one), OK);
    assert_int_equal(store_digest(copy.txn, digest, other), OK);
    assert_memory_equal(one, other, DIGEST_SIZE);
    close_side(&copy);
    (void)nftw(copy.directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void act(void)
{
    unsigned what = (unsigned)below(4000);
    if (what < 2000)
        change();
    else if (what < 2900)
        same_value();
    else if (what < 3800)
        same_walk();
    else if (what < 3930)
        same_counts();
    else if (what < 3985)
        commit();
    else if (what < 3990)
        give_up();
    else if (what < 3996)
        same_digest();
    else if (what < 3999)
        open_again();
    else
        same_copy();
}

TEST(it_says_what_a_plain_one_says)
{
    const char *asked = getenv("HUTONG_SEED");
    uint64_t first = asked == NULL ? 1 : strtoull(asked, NULL, 10);
    for (uint64_t seed = first; seed < first + 4; seed++) {
        chance = seed;
        (void)printf("seed %llu\n", (unsigned long long)seed);
        for (unsigned i = 0; i < 25000; i++)
            act();
        same_digest();
    }
}

static void put_number(struct side *side, unsigned table, uint64_t number, uint64_t value)
{
    uint8_t key[8], bytes[8];
    bytes_put_be(key, number, 8);
    bytes_put_le(bytes, value, 8);
    store_put(side->txn, table, span_of(key, 8), span_of(bytes, 8));
}

TEST(a_key_that_is_not_above_every_other_is_not_appended)
{
    uint8_t key[8];
    put_number(&overlaid, 1, 7, 0);
    assert_int_equal(store_status(overlaid.txn), OK);
    bytes_put_be(key, 7, 8);
    store_append(overlaid.txn, 1, span_of(key, 8), span_of(NULL, 0));
    assert_int_equal(store_status(overlaid.txn), REJECT_CONFLICT);
    assert_int_equal(store_commit(&overlaid.txn, 1), REJECT_CONFLICT);
    again(&overlaid);
    assert_int_equal(store_count(overlaid.txn, 1), 0);
}

/* Keys are added while their table is walked: what stood there is seen, each row once, in order. */
TEST(a_walk_is_not_disturbed_by_what_is_added)
{
    struct store_walk walk;
    uint64_t seen = 0, old = 0, last = 0;
    for (uint64_t i = 1; i <= 2000; i++)
        put_number(&overlaid, 0, i * 1000, 1);
    for (bool more = store_walk_start(&walk, overlaid.txn, 0, span_of(NULL, 0)); more; more = store_walk_next(&walk)) {
        uint64_t number = bytes_get_be(walk.key.data, 8);
        assert_true(number > last);
        last = number;
        old += bytes_get_le(walk.value.data, 8);
        if (++seen % 3 == 0)
            put_number(&overlaid, 0, 1 + seen * 997 % 2000000, 0);
    }
    store_walk_end(&walk);
    assert_int_equal(old, 2000);
}

/* An older build's store is taken up in place, and is of the new format from then on. */
TEST(a_plain_store_is_taken_up)
{
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    for (uint64_t i = 0; i < 5000; i++)
        put_number(&plain, 0, i, i);
    commits = 3;
    assert_int_equal(store_commit(&plain.txn, commits), OK);
    again(&plain);
    assert_int_equal(store_digest(plain.txn, digest, before), OK);
    close_side(&plain);
    close_side(&overlaid);
    struct side kept = plain;
    (void)nftw(overlaid.directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    assert_int_equal(rename(plain.directory, overlaid.directory), 0);
    for (unsigned i = 0; i < 3; i++) {
        open_side(&overlaid);
        assert_int_equal(store_digest(overlaid.txn, digest, after), OK);
        assert_memory_equal(before, after, DIGEST_SIZE);
        close_side(&overlaid);
    }
    commits = 0;
    plain = kept;
    assert_int_equal(mkdir(plain.directory, 0700), 0);
    open_side(&plain);
    commits = 3;
    open_side(&overlaid);
}

AROUND_EACH(set_up, tear_down)
