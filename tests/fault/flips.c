/* SPDX-License-Identifier: Apache-2.0
 * One bit flips somewhere in the files of a store: it is found when the store is opened, or it changes nothing that can
 * be read; and it is found while the store serves, and beside its owner, with the place where it is. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bytes.h"
#include "common/store/page_sums.h"
#include "tests/support/random.h"
#include "tests/support/test.h"

enum { FLIPS = 1000, COMMITS = 24, ROWS = 60, FILES_MAX = 16, LARGE = 9000 };

static const struct store_table tables[] = {{"one", DECIDED}, {"two", DECIDED}};
static char directory[64];
static struct buffer why;
static bool overlaid;

static struct file {
    char path[512];
    uint8_t *bytes;
    size_t size;
} files[FILES_MAX];
static unsigned file_count;

static enum status open_store(struct store **store)
{
    struct store_options options = {.directory = directory,
                                    .map_size = 16 << 20,
                                    .soft_limit_bp = 9000,
                                    .tables = tables,
                                    .table_count = 2,
                                    .format = 2,
                                    .overlay_size = overlaid ? 12 << 10 : 0};
    buffer_reset(&why);
    return store_open(&options, store, &why);
}

/* Rows that come, change and go, so that pages are free; some as large as pages of their own. */
static void fill(struct store *store, uint64_t *random, unsigned commits)
{
    static uint8_t value[LARGE];
    for (unsigned i = 0; i < commits; i++) {
        struct store_txn *txn;
        assert_int_equal(store_begin(store, true, &txn), OK);
        for (unsigned row = 0; row < ROWS; row++) {
            uint8_t key[4];
            uint64_t number = random_next(random);
            bytes_put_be(key, number % 900, sizeof key);
            memset(value, (int)number, sizeof value);
            if (number % 5 == 0)
                store_delete(txn, number / 5 % 2, span_of(key, sizeof key));
            else
                store_put(txn, number / 5 % 2, span_of(key, sizeof key),
                          span_of(value, number % 97 == 0 ? LARGE : 20 + number % 50));
        }
        assert_int_equal(store_commit(&txn, i + 1), OK);
    }
}

static void digest_of(struct store *store, uint8_t found[DIGEST_SIZE])
{
    struct digest *digest = digest_new();
    struct store_txn *txn;
    assert_int_equal(store_begin(store, false, &txn), OK);
    assert_int_equal(store_digest(txn, digest, found), OK);
    assert_int_equal(store_cursor(txn), COMMITS);
    store_abort(&txn);
    digest_destroy(&digest);
}

/* Every file of the directory but the locks, which hold nothing. */
static void keep_files(void)
{
    DIR *listed = opendir(directory);
    assert_non_null(listed);
    file_count = 0;
    for (struct dirent *entry = readdir(listed); entry != NULL; entry = readdir(listed)) {
        struct stat status;
        struct file *file = &files[file_count];
        (void)snprintf(file->path, sizeof file->path, "%s/%s", directory, entry->d_name);
        if (entry->d_name[0] == '.' || strstr(entry->d_name, "lock") != NULL || stat(file->path, &status) != 0)
            continue;
        int fd = open(file->path, O_RDONLY);
        file->size = (size_t)status.st_size;
        file->bytes = malloc(file->size + 1);
        assert_int_equal(read(fd, file->bytes, file->size), file->size);
        (void)close(fd);
        assert_in_range(++file_count, 1, FILES_MAX - 1);
    }
    (void)closedir(listed);
}

static void put_files_back(void)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -f %s/*", directory);
    assert_int_equal(system(command), 0);
    for (unsigned i = 0; i < file_count; i++) {
        int fd = open(files[i].path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        assert_int_equal(write(fd, files[i].bytes, files[i].size), files[i].size);
        (void)close(fd);
    }
}

static void flip(const char *path, uint64_t bit)
{
    uint8_t byte;
    int fd = open(path, O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, (off_t)(bit / 8)), 1);
    byte ^= (uint8_t)(1u << bit % 8);
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)(bit / 8)), 1);
    (void)close(fd);
}

static void build(uint64_t *random)
{
    struct store *store;
    assert_int_equal(open_store(&store), OK);
    fill(store, random, COMMITS);
    store_close(&store);
    assert_int_equal(open_store(&store), OK); /* what is free, and not what was written, is told by now */
    store_close(&store);
}

static void flip_one_by_one(void)
{
    struct store *store;
    uint64_t random = 20250310;
    uint8_t expected[DIGEST_SIZE], found[DIGEST_SIZE];
    unsigned named = 0, harmless = 0, by_file[FILES_MAX] = {0};
    build(&random);
    assert_int_equal(open_store(&store), OK);
    digest_of(store, expected);
    store_close(&store);
    keep_files();
    for (unsigned i = 0; i < FLIPS; i++) {
        unsigned file = (unsigned)(random_next(&random) % file_count);
        if (files[file].size < 1000) /* the larger ones more often */
            file = (unsigned)(random_next(&random) % file_count);
        if (files[file].size == 0)
            continue;
        put_files_back();
        uint64_t bit = random_next(&random) % (files[file].size * 8);
        flip(files[file].path, bit);
        enum status status = open_store(&store);
        if (status == OK) {
            digest_of(store, found);
            if (memcmp(found, expected, DIGEST_SIZE) != 0)
                fail_msg("flip %u of %s: other rows", i, files[file].path);
            store_close(&store);
            harmless++;
        } else {
            assert_true(status == FATAL_DAMAGED || status == FATAL_CORRUPT || status == FATAL_FORMAT);
            assert_true(why.size > 0);
            named++;
            by_file[file]++;
        }
    }
    print_message("%s: %u found, %u changed nothing\n", overlaid ? "overlaid" : "plain", named, harmless);
    for (unsigned i = 0; i < file_count; i++) {
        print_message("  %s, %zu bytes: %u found\n", strrchr(files[i].path, '/') + 1, files[i].size, by_file[i]);
        free(files[i].bytes);
    }
    assert_in_range(named, FLIPS / 10, FLIPS);
}

TEST(l6_a_bit_that_flips_is_found_at_open)
{
    overlaid = false;
    flip_one_by_one();
}

TEST(l6_a_bit_that_flips_is_found_at_open_of_an_overlaid_store)
{
    overlaid = true;
    flip_one_by_one();
}

/* Somewhere in the value of a row. */
static uint64_t bit_of_a_row(void)
{
    char path[128];
    uint8_t page[4096];
    (void)snprintf(path, sizeof path, "%s/data.mdb", directory);
    int fd = open(path, O_RDONLY);
    uint64_t bit = 0;
    for (off_t at = 2 * 4096; bit == 0 && pread(fd, page, sizeof page, at) == sizeof page; at += 4096)
        if (bytes_get_le(page + 10, 2) == 2 && bytes_get_le(page, 8) == (uint64_t)at / 4096 && page[4095] > 0 &&
            page[4094] == page[4095] && page[4093] == page[4095])
            bit = ((uint64_t)at + 4094) * 8;
    (void)close(fd);
    assert_true(bit > 0);
    return bit;
}

TEST(l6_a_bit_that_flips_is_found_while_the_store_serves)
{
    struct store *store;
    struct store_scrub done = {0};
    char path[128];
    uint64_t random = 7, pages;
    overlaid = false;
    build(&random);
    assert_int_equal(open_store(&store), OK);
    while (done.rounds < 2) {
        fill(store, &random, 1);
        assert_int_equal(store_scrub(store, 64 << 10, &done, &why), OK);
        assert_int_equal(page_sums_check(directory, &pages, &why), OK);
    }
    (void)snprintf(path, sizeof path, "%s/data.mdb", directory);
    enum status status = OK, beside = OK;
    for (unsigned i = 0; i < 64 && status == OK; i++) { /* the page may be a free one: then the next */
        flip(path, bit_of_a_row() + i % 8);
        beside = page_sums_check(directory, &pages, &why);
        for (uint64_t end = done.rounds + 2; done.rounds < end && status == OK;)
            status = store_scrub(store, 64 << 10, &done, &why);
        if (status == OK)
            fill(store, &random, 1);
    }
    assert_int_equal(status, FATAL_DAMAGED);
    assert_int_equal(beside, FATAL_DAMAGED);
    assert_non_null(strstr(buffer_text(&why), "is not what was written: table `"));
    store_close(&store);
    assert_int_equal(open_store(&store), FATAL_DAMAGED);
}

TEST(a_copy_has_sums_of_its_own)
{
    struct store *store;
    struct store_scrub done = {0};
    char copy[128];
    uint64_t random = 11, pages;
    overlaid = true;
    assert_int_equal(open_store(&store), OK);
    fill(store, &random, COMMITS);
    (void)snprintf(copy, sizeof copy, "%s/copy", directory);
    assert_int_equal(store_copy(store, copy), OK);
    assert_int_equal(page_sums_check(copy, &pages, &why), OK);
    fill(store, &random, COMMITS);
    while (done.rounds < 2)
        assert_int_equal(store_scrub(store, 64 << 10, &done, &why), OK);
    store_close(&store);
    assert_int_equal(page_sums_check(copy, &pages, &why), OK);
    assert_int_equal(page_sums_check(directory, &pages, &why), OK);
}

static int set_up(void **state)
{
    (void)snprintf(directory, sizeof directory, "/tmp/hutong-flips-XXXXXX");
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

AROUND_EACH(set_up, tear_down)
