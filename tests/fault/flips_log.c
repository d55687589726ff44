/* SPDX-License-Identifier: Apache-2.0
 * One bit flips somewhere in the files of a log of several segments, or a segment goes, comes or is another: it is
 * found when the log is opened or when the batch is read, and what is right is still read. */
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "broker/log.h"
#include "broker/log_check.h"
#include "broker/log_scrub.h"
#include "tests/support/flips.h"
#include "tests/support/random.h"
#include "tests/support/test.h"

enum { FLIPS = 1200, SEGMENT_SIZE = 192 << 10, BATCHES = 260 };

static char directory[64], other[64];
static struct buffer why;
static struct flip_files files;
static struct log_answers answers;

static enum status open_log(const char *where, struct log **log)
{
    struct log_options options = {.directory = where, .segment_size = SEGMENT_SIZE, .size_limit = UINT64_MAX};
    buffer_reset(&why);
    return log_open(&options, log, &why);
}

/* Small batches, that lie in the tree, and some on pages of their own; readers that go on. */
static void fill(const char *where, uint64_t seed, unsigned batches)
{
    static uint8_t bytes[64 << 10];
    static const char *const names[] = {"submissions", "verdicts.0", "outcomes.0"};
    struct log *log;
    uint64_t random = seed;
    assert_int_equal(open_log(where, &log), OK);
    for (unsigned i = 0; i < batches; i++) {
        uint64_t number = random_next(&random);
        int stream = log_stream(log, names[number % 3]);
        size_t size = number % 13 == 0 ? 1 + number % (sizeof bytes - 1) : 40 + number % 1500;
        memset(bytes, (int)number, size);
        memcpy(bytes, &number, sizeof number);
        assert_int_equal(log_begin(log), OK);
        assert_int_equal(log_append(log, stream, 1 + (uint32_t)number % 7, (instant_ms_t)i, span_of(bytes, size)), OK);
        log_state(log, stream)->epoch = i;
        log_reader_set(log, stream, "settlement.0", log_state(log, stream)->end / 2);
        assert_int_equal(log_commit(log), OK);
    }
    log_close(&log);
}

static unsigned segments_of(const char *where)
{
    struct log *log;
    struct log_usage usage;
    assert_int_equal(open_log(where, &log), OK);
    log_usage(log, &usage);
    log_close(&log);
    return usage.segments;
}

TEST(l6_a_bit_that_flips_in_a_log_is_found)
{
    unsigned ends[3] = {0}, found[FLIP_FILES_MAX] = {0}, tried[FLIP_FILES_MAX] = {0};
    uint64_t random = 20250310;
    fill(directory, 1, BATCHES);
    assert_in_range(segments_of(directory), 4, 40);
    log_answers_keep(&answers, directory, SEGMENT_SIZE);
    flip_files_keep(&files, directory);
    for (unsigned i = 0; i < FLIPS; i++) {
        unsigned file = (unsigned)(random_next(&random) % files.count);
        uint64_t bit = random_next(&random) % (files.files[file].size * 8);
        flip_bit(files.files[file].path, bit);
        enum flip_end end = log_answers_again(&answers, directory, SEGMENT_SIZE, &why);
        if (end == FLIP_WRONG)
            fail_msg("flip %u, bit %llu of %s: another answer", i, (unsigned long long)bit, files.files[file].path);
        ends[end]++;
        tried[file]++;
        found[file] += end == FLIP_FOUND;
        flip_files_put_back(&files);
    }
    print_message("a log: %u found, %u changed nothing\n", ends[FLIP_FOUND], ends[FLIP_SAME]);
    for (unsigned i = 0; i < files.count; i++)
        print_message("  %s, %zu bytes: %u of %u\n", files.files[i].path + strlen(directory) + 1, files.files[i].size,
                      found[i], tried[i]);
    assert_in_range(ends[FLIP_FOUND], FLIPS / 3, FLIPS);
    flip_files_free(&files);
}

/* Every bit of what leads: both meta pages, and the first pages behind them, of the newest segment. */
TEST(l6_every_bit_of_a_meta_page_is_found_or_means_nothing)
{
    char path[128];
    fill(directory, 2, 30);
    log_answers_keep(&answers, directory, SEGMENT_SIZE);
    flip_files_keep(&files, directory);
    (void)snprintf(path, sizeof path, "%s/seg-%08u/data.mdb", directory, segments_of(directory) - 1);
    unsigned found = 0;
    for (uint64_t bit = 0; bit < 152 * 8; bit++)
        for (unsigned page = 0; page < 2; page++) {
            flip_bit(path, (uint64_t)page * 4096 * 8 + bit);
            enum flip_end end = log_answers_again(&answers, directory, SEGMENT_SIZE, &why);
            if (end == FLIP_WRONG)
                fail_msg("bit %llu of meta page %u: another answer", (unsigned long long)bit, page);
            found += end == FLIP_FOUND;
            flip_files_put_back(&files);
        }
    print_message("meta pages: %u of %u found\n", found, 152 * 8 * 2);
    flip_files_free(&files);
}

static enum status opened(void)
{
    struct log *log = NULL;
    enum status status = open_log(directory, &log);
    log_close(&log);
    return status;
}

static void shell(const char *format, ...)
{
    char command[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    assert_int_equal(system(command), 0);
}

/* Each is put back after it was refused, and the log opens again. */
static void refused(const char *what)
{
    assert_int_equal(opened(), FATAL_CORRUPT);
    if (strstr(buffer_text(&why), what) == NULL)
        fail_msg("'%s' is not in '%s'", what, buffer_text(&why));
    flip_files_put_back(&files);
    assert_int_equal(opened(), OK);
}

TEST(a_segment_that_goes_comes_or_is_another_is_found)
{
    fill(directory, 3, 40);
    unsigned early = segments_of(directory);
    shell("cp -r %s %s/early", directory, other); /* an older copy of the newest segment of then */
    fill(directory, 4, BATCHES);
    fill(other, 5, BATCHES);
    unsigned last = segments_of(directory) - 1;
    assert_in_range(last, 4, 40);
    flip_files_keep(&files, directory);
    shell("rm -r %s/seg-00000000", directory);
    refused("seg-00000000 of");
    shell("rm %s/seg-00000000/data.mdb", directory);
    refused("is gone");
    shell("rm -r %s/seg-00000002", directory);
    refused("seg-00000002 of");
    shell("rm %s/seg-00000002/data.mdb", directory);
    refused("is gone");
    shell("rm -r %s/seg-%08u", directory, last);
    refused("has been seen");
    shell("cd %s && mv seg-00000001 x && mv seg-00000002 seg-00000001 && mv x seg-00000002", directory);
    refused("does not begin where the one before it ends");
    shell("cp %s/early/seg-%08u/data.mdb %s/seg-%08u/data.mdb", other, early - 1, directory, early - 1);
    refused("does not begin where the one before it ends");
    shell("cp -r %s/seg-00000001 %s/seg-%08u", directory, directory, last + 1);
    refused("does not begin where the one before it ends");
    shell("cp -r %s/seg-00000001 %s/seg-%08u", directory, directory, last + 3);
    refused("is gone");
    shell("cp %s/seg-00000001/data.mdb %s/seg-00000001/data.mdb", other, directory);
    assert_int_equal(opened(), FATAL_CORRUPT);
    flip_files_put_back(&files);
    shell("cp -r %s/seg-00000001 %s/seg-00000001.old", directory, directory); /* not ours */
    assert_int_equal(opened(), OK);
    flip_files_free(&files);
}

static int64_t value_of(struct metrics *metrics, const char *name)
{
    struct buffer text;
    buffer_init(&text);
    metrics_render(metrics, &text);
    const char *line = buffer_text(&text);
    while (line != NULL && (strncmp(line, name, strlen(name)) != 0 || line[strlen(name)] != ' '))
        line = (line = strchr(line, '\n')) != NULL ? line + 1 : NULL;
    int64_t value = line == NULL ? -1 : atoll(line + strlen(name));
    buffer_fini(&text);
    return value;
}

/* The bit flips before the first round, of which each then tells again. */
TEST(l6_a_bit_that_flips_in_a_sealed_segment_is_found_by_the_round)
{
    char path[128];
    struct log *log;
    struct stat status;
    fill(directory, 6, BATCHES);
    (void)snprintf(path, sizeof path, "%s/seg-00000001/data.mdb", directory);
    assert_int_equal(stat(path, &status), 0);
    for (unsigned damaged = 0; damaged < 2; damaged++) {
        if (damaged) {
            struct log_check check = {.directory = directory, .segment = 1, .look = LOOK_BATCHES};
            struct segment_seen seen;
            uint64_t random = 8;
            do /* a free page may be struck */
                flip_bit(path, random_next(&random) % ((uint64_t)status.st_size * 8));
            while (log_check_segment(&check, &seen, &why) == OK);
        }
        struct metrics *metrics = metrics_new();
        assert_int_equal(open_log(directory, &log), OK);
        struct log_scrub *scrub = log_scrub_start(log, metrics);
        for (unsigned i = 0; i < 1000 && value_of(metrics, "hutong_broker_scrubs_total") < 1; i++)
            (void)nanosleep(&(struct timespec){0, 10000000}, NULL);
        assert_int_equal(value_of(metrics, "hutong_broker_scrubs_total"), 1);
        assert_int_equal(value_of(metrics, "hutong_broker_damaged_segments"), damaged);
        log_scrub_stop(&scrub);
        log_close(&log);
        metrics_destroy(&metrics);
    }
}

static int set_up(void **state)
{
    const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(directory, sizeof directory, "%s/hutong-flips-XXXXXX", memory);
    (void)snprintf(other, sizeof other, "%s/hutong-flips-XXXXXX", memory);
    assert_non_null(mkdtemp(directory));
    assert_non_null(mkdtemp(other));
    buffer_init(&why);
    return 0;
}

static int tear_down(void **state)
{
    shell("rm -rf %s %s", directory, other);
    buffer_fini(&why);
    return 0;
}

AROUND_EACH(set_up, tear_down)
