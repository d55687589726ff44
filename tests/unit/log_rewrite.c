/* SPDX-License-Identifier: Apache-2.0
 * A log rewritten: what changes, what stays, and a kill after each of its steps. */
#include "broker/log_rewrite.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/log.h"
#include "common/pb/batch.h"
#include "tests/support/test.h"

enum { RECORDS = 400, RECORD_SIZE = 3000 };

static char directory[64], broker[80], kept[80];

static void shell(const char *format, ...)
{
    char command[512];
    va_list words;
    va_start(words, format);
    (void)vsnprintf(command, sizeof command, format, words);
    va_end(words);
    assert_int_equal(system(command), 0);
}

/* Every seventh record of "submissions" is secret; "outcomes.0" has none. */
static void record_of(uint64_t position, bool secret, uint8_t record[RECORD_SIZE])
{
    memset(record, (int)('a' + position % 26), RECORD_SIZE);
    if (secret)
        memcpy(record, "secret", 6);
}

static struct log *open_log(void)
{
    struct log_options options = {
        .directory = broker, .segment_size = 512 << 10, .size_limit = 1 << 28, .partitions = 1};
    struct log *log = NULL;
    struct buffer why = {0};
    if (log_open(&options, &log, &why) != OK)
        print_message("%s\n", buffer_text(&why));
    buffer_fini(&why);
    return log;
}

static void append(struct log *log, const char *name, uint64_t position, bool secret)
{
    uint8_t record[RECORD_SIZE];
    struct buffer batch = {0};
    record_of(position, secret, record);
    batch_put_records(&batch, span_of(record, sizeof record));
    assert_int_equal(log_append(log, log_stream(log, name), 1, 7, buffer_span(&batch)), OK);
    buffer_fini(&batch);
}

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof directory, "/tmp/hutong-rewrite-XXXXXX");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(broker, sizeof broker, "%s/broker", directory);
    (void)snprintf(kept, sizeof kept, "%s/kept", directory);
    struct log *log = open_log();
    for (uint64_t position = 0; position < RECORDS; position++) {
        assert_int_equal(log_begin(log), OK);
        append(log, "submissions", position, position < 100 && position % 7 == 0);
        append(log, "outcomes.0", position, false);
        assert_int_equal(log_commit(log), OK);
    }
    log_reader_set(log, 0, "settlement-0", 33);
    assert_int_equal(log_begin(log), OK);
    assert_int_equal(log_commit(log), OK);
    log_close(&log);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    shell("rm -rf %s", directory);
    return 0;
}

static bool reword(void *self, const char *stream, uint64_t position, struct span record, struct buffer *out)
{
    (void)self;
    (void)position;
    if (strcmp(stream, "submissions") != 0 || record.size < 6 || memcmp(record.data, "secret", 6) != 0)
        return false;
    buffer_append_text(out, "gone");
    return true;
}

struct seen {
    uint64_t records, secret, gone;
};

static enum status see(void *self, const char *stream, uint64_t position, struct span record)
{
    struct seen *seen = self;
    uint8_t wanted[RECORD_SIZE];
    bool secret = record.size >= 6 && memcmp(record.data, "secret", 6) == 0, gone = record.size == 4;
    seen->records++;
    seen->secret += secret;
    seen->gone += gone;
    record_of(position, secret, wanted);
    if (!gone)
        assert_true(span_equal(record, span_of(wanted, sizeof wanted)));
    return stream != NULL ? OK : FATAL_CORRUPT;
}

static struct seen look(void)
{
    struct seen seen = {0};
    struct buffer why = {0};
    assert_int_equal(log_visit(broker, see, &seen, &why), OK);
    buffer_fini(&why);
    return seen;
}

static unsigned rewrite(void)
{
    unsigned segments = 0;
    struct buffer why = {0};
    if (log_rewrite(broker, kept, reword, NULL, &segments, &why) != OK)
        fail_msg("%s", buffer_text(&why));
    buffer_fini(&why);
    return segments;
}

static bool stands_in_a_file(const char *place)
{
    char command[160];
    (void)snprintf(command, sizeof command, "grep -rqa secret %s", place);
    return system(command) == 0;
}

/* And goes on: the broker opens it, and writes. */
static void assert_rewritten(void)
{
    struct seen seen = look();
    assert_int_equal(seen.records, 2 * RECORDS);
    assert_int_equal(seen.secret, 0);
    assert_int_equal(seen.gone, 15);
    assert_false(stands_in_a_file(broker));
    struct log *log = open_log();
    uint64_t cursor = 0;
    assert_non_null(log);
    assert_true(log_reader_lowest(log, 0, &cursor));
    assert_int_equal(cursor, 33);
    assert_int_equal(log_begin(log), OK);
    append(log, "submissions", RECORDS, false);
    assert_int_equal(log_commit(log), OK);
    log_close(&log);
    assert_int_equal(look().records, 2 * RECORDS + 1);
}

TEST(words_go_and_all_else_stays)
{
    (void)state;
    assert_int_equal(look().secret, 15);
    assert_true(rewrite() >= 1);
    assert_true(stands_in_a_file(kept));
    assert_rewritten();
    struct buffer why = {0};
    assert_int_equal(log_forget(kept, &why), OK);
    assert_int_equal(access(kept, F_OK), -1);
    buffer_fini(&why);
}

TEST(what_is_put_back_is_as_it_was)
{
    (void)state;
    struct buffer why = {0};
    (void)rewrite();
    assert_int_equal(log_unwrite(broker, kept, &why), OK);
    assert_int_equal(look().secret, 15);
    struct log *log = open_log();
    assert_non_null(log);
    log_close(&log);
    assert_int_equal(access(kept, F_OK), -1);
    buffer_fini(&why);
}

/* Where a kill may leave it, after all is prepared: `first` of the segments are in place, of the next one the old has
 * gone. */
static void stop_after(unsigned first, bool old_gone)
{
    (void)rewrite();
    shell("touch %s/rewriting", broker);
    unsigned number = 0;
    for (;; number++) {
        char path[160];
        (void)snprintf(path, sizeof path, "%s/seg-%08u", kept, number);
        if (access(path, F_OK) != 0)
            break;
        if (number < first)
            continue;
        shell("mv %s/seg-%08u %s/new-seg-%08u", broker, number, broker, number);
        if (number > first || !old_gone)
            shell("mv %s/seg-%08u %s/seg-%08u", kept, number, broker, number);
    }
}

TEST(a_kill_on_the_way_is_gone_on_from)
{
    for (unsigned first = 0; first < 2; first++)
        for (int old_gone = 0; old_gone < 2; old_gone++) {
            stop_after(first, old_gone);
            assert_true(log_is_half_rewritten(broker));
            assert_null(open_log()); /* for nobody */
            (void)rewrite();
            assert_false(log_is_half_rewritten(broker));
            assert_rewritten();
            (void)tear_down(state);
            (void)set_up(state);
        }
}

TEST(a_kill_before_all_is_prepared_changes_nothing)
{
    (void)state;
    shell("mkdir %s/new-seg-00000000 && echo half >%s/new-seg-00000000/data.mdb", broker, broker);
    struct log *log = open_log();
    assert_non_null(log);
    log_close(&log);
    assert_int_equal(look().secret, 15);
    (void)rewrite();
    assert_rewritten();
}

TEST(a_log_that_somebody_writes_is_let_be)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct log *log = open_log();
        (void)sleep(30);
        log_close(&log);
        _exit(0);
    }
    (void)usleep(300000);
    unsigned segments;
    struct buffer why = {0};
    assert_int_equal(log_rewrite(broker, kept, reword, NULL, &segments, &why), FATAL_CONFIG);
    buffer_fini(&why);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    assert_int_equal(look().secret, 15);
}

AROUND_EACH(set_up, tear_down)
