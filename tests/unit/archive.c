/* SPDX-License-Identifier: Apache-2.0
 * Segments in an archive: read as they were, damage named, a gap and another log refused, a rewritten one taken. */
#include "tools/archive.h"

#include <unistd.h>

#include "common/pb/batch.h"
#include "tests/support/test.h"
#include "tools/archiving.h"
#include "tools/cli.h"
#include "tools/log_source.h"

enum { RECORDS = 600, RECORD_SIZE = 3000 };

static char directory[64], broker[80], place[80];

void progress_show(const char *what, uint64_t done, uint64_t total)
{
    (void)what;
    (void)done;
    (void)total;
}

static void shell(const char *format, ...)
{
    char command[512];
    va_list words;
    va_start(words, format);
    (void)vsnprintf(command, sizeof command, format, words);
    va_end(words);
    assert_int_equal(system(command), 0);
}

static void make_log(const char *path)
{
    struct log_options options = {.directory = path, .segment_size = 512 << 10, .size_limit = 1 << 28, .partitions = 1};
    struct log *log = NULL;
    struct buffer why = {0}, batch = {0};
    uint8_t record[RECORD_SIZE];
    assert_int_equal(log_open(&options, &log, &why), OK);
    for (uint64_t position = 0; position < RECORDS; position++) {
        memset(record, (int)(position % 251), sizeof record);
        buffer_reset(&batch);
        batch_put_records(&batch, span_of(record, sizeof record));
        assert_int_equal(log_begin(log), OK);
        assert_int_equal(
            log_append(log, log_stream(log, "submissions"), 1, (instant_ms_t)(1000 + position), buffer_span(&batch)),
            OK);
        assert_int_equal(log_commit(log), OK);
    }
    log_close(&log);
    buffer_fini(&why);
    buffer_fini(&batch);
}

static enum status run(struct archiving *archiving, struct buffer *why)
{
    *archiving = (struct archiving){.log = broker, .directory = place, .below = UINT64_MAX};
    return archiving_run(archiving, why);
}

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof directory, "/tmp/hutong-archive-test-XXXXXX");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(broker, sizeof broker, "%s/broker", directory);
    (void)snprintf(place, sizeof place, "%s/archive", directory);
    make_log(broker);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    shell("rm -rf %s", directory);
    return 0;
}

AROUND_EACH(set_up, tear_down)

TEST(what_was_trimmed_is_read_by_the_same_question)
{
    struct archiving archiving;
    struct log_source *source = NULL;
    struct log_batch batch;
    struct buffer why = {0};
    (void)state;
    assert_int_equal(run(&archiving, &why), OK);
    assert_true(archiving.added >= 3 && archiving.there == 0 && archiving.packed < archiving.plain);
    unsigned added = archiving.added;
    assert_int_equal(run(&archiving, &why), OK);
    assert_true(archiving.added == 0 && archiving.there == added && archiving.rewritten == 0);
    struct log_options options = {
        .directory = broker, .segment_size = 512 << 10, .size_limit = 1 << 28, .partitions = 1};
    struct log *log = NULL;
    assert_int_equal(log_open(&options, &log, &why), OK);
    assert_int_equal(log_trim(log, added - 1), OK);
    uint64_t first = log_first(log, 0);
    log_close(&log);
    assert_true(first > 0);
    assert_int_equal(log_source_open(broker, "", &source, &why), OK);
    assert_int_equal(log_source_read(source, "submissions", 0, &batch, &why), REJECT_RANGE);
    log_source_close(&source);
    assert_int_equal(log_source_open(broker, place, &source, &why), OK);
    for (uint64_t position = 0; position < RECORDS; position++) {
        assert_int_equal(log_source_read(source, "submissions", position, &batch, &why), OK);
        assert_true(batch.position == position && batch.stored_at == (instant_ms_t)(1000 + position));
        struct batch_reader reader = batch_read(batch.bytes);
        struct span record;
        assert_int_equal(batch_next(&reader, &record), OK);
        assert_true(record.size == RECORD_SIZE && record.data[RECORD_SIZE - 1] == position % 251);
    }
    assert_int_equal(log_source_read(source, "submissions", RECORDS, &batch, &why), REJECT_NOT_FOUND);
    assert_int_equal(log_source_read(source, "books", 0, &batch, &why), REJECT_NOT_FOUND);
    log_source_close(&source);
    buffer_fini(&why);
}

/* Bits all over a packed segment: each is found, and its file named. */
TEST(no_bit_flips_unseen)
{
    struct archiving archiving;
    struct archive *archive = NULL;
    struct buffer why = {0};
    char path[128];
    (void)state;
    assert_int_equal(run(&archiving, &why), OK);
    assert_int_equal(archive_open(place, &archive, &why), OK);
    (void)snprintf(path, sizeof path, "%s/seg-00000001.mdb.zst", place);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    const struct kept_segment *segment = kept_segments_find(archive_segments(archive), 1);
    for (long at = 0; at < (long)segment->packed_size; at += 1 + (long)segment->packed_size / 40) {
        for (int turn = 0; turn < 2; turn++) {
            assert_int_equal(fseek(file, at, SEEK_SET), 0);
            int byte = fgetc(file);
            assert_int_equal(fseek(file, at, SEEK_SET), 0);
            assert_true(fputc(byte ^ 0x10, file) != EOF && fflush(file) == 0);
            buffer_reset(&why);
            assert_int_equal(archive_check(archive, segment, NULL, &why), turn == 0 ? FATAL_CORRUPT : OK);
            assert_true(turn == 1 || strstr(buffer_text(&why), "seg-00000001.mdb.zst") != NULL);
        }
    }
    (void)fclose(file);
    assert_int_equal(truncate(path, (off_t)segment->packed_size / 2), 0);
    assert_int_equal(archive_check(archive, segment, NULL, &why), FATAL_CORRUPT);
    archive_close(&archive);
    buffer_fini(&why);
}

TEST(another_log_and_a_gap_are_refused)
{
    struct archiving archiving;
    struct archive *archive = NULL;
    struct kept_segment far = {.number = 99};
    struct buffer why = {0};
    char data[128];
    (void)state;
    assert_int_equal(run(&archiving, &why), OK);
    assert_int_equal(archive_open(place, &archive, &why), OK);
    assert_true(archive_holds(archive, "submissions", 0, 200));
    assert_false(archive_holds(archive, "submissions", 0, RECORDS));
    assert_false(archive_holds(archive, "verdicts.0", 0, 1));
    (void)snprintf(data, sizeof data, "%s/seg-00000001/data.mdb", broker);
    assert_int_equal(archive_put(archive, data, &far, NULL, &why), REJECT_RANGE);
    archive_close(&archive);
    shell("rm -r %s", broker);
    make_log(broker);
    assert_int_equal(run(&archiving, &why), REJECT_CONFLICT);
    buffer_fini(&why);
}

TEST(a_segment_that_is_another_now_takes_its_place)
{
    struct archiving archiving;
    struct buffer why = {0};
    (void)state;
    assert_int_equal(run(&archiving, &why), OK);
    shell("touch %s/seg-00000001/data.mdb", broker); /* the same bytes: nothing is done */
    assert_int_equal(run(&archiving, &why), OK);
    assert_int_equal(archiving.rewritten, 0);
    shell("sed -i '0,/\"sha256\": \"......../s//\"sha256\": \"00000000/; 0,/\"changedNs\": \"./s//\"changedNs\": \"9/'"
          " %s/archive.json",
          place);
    assert_int_equal(run(&archiving, &why), OK);
    assert_int_equal(archiving.rewritten, 1);
    buffer_fini(&why);
}

/* A sealed segment that is damaged is not put over a sound one. */
TEST(damage_is_not_archived)
{
    struct archiving archiving;
    struct buffer why = {0};
    char path[128];
    (void)state;
    (void)snprintf(path, sizeof path, "%s/seg-00000001/data.mdb", broker);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 50 * 4096, SEEK_SET), 0);
    for (int i = 0; i < 4096; i++)
        assert_int_equal(fputc(0xA5, file), 0xA5);
    assert_int_equal(fclose(file), 0);
    enum status status = run(&archiving, &why);
    assert_true(status == FATAL_CORRUPT || status == FATAL_DAMAGED);
    assert_non_null(strstr(buffer_text(&why), "seg-00000001"));
    buffer_fini(&why);
}
