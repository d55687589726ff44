/* SPDX-License-Identifier: Apache-2.0
 * Trace files: what was written is read; what is damaged is reported, at every byte, and never read as something else.
 */
#include <sys/mman.h>
#include <unistd.h>

#include <xxhash.h>
#include <zstd.h>

#include "common/base/limits.h"
#include "common/pb/wire.h"
#include "tests/support/test.h"
#include "tools/trace_file.h"

enum { SMALL = 12, FIRST = 7, STAMP = 1764000000 };

struct fixture {
    int fd; /* memory with a path: thousands of damaged copies would keep a disk busy, and stay on it after a crash */
    char path[32];
    struct buffer file;  /* the bytes of a small trace */
    struct buffer plain; /* the same, decompressed */
};

/* Bytes that say which record they are of: sizes differ, contents differ. */
static struct span content_of(uint64_t position, bool outcome, struct buffer *buffer)
{
    buffer_reset(buffer);
    buffer_printf(buffer, "%s %llu ", outcome ? "outcome" : "envelope", (unsigned long long)position);
    for (uint64_t i = 0; i < position % 5; i++)
        buffer_append(buffer, "\0\xff", 2);
    return buffer_span(buffer);
}

static void write_trace(const char *path, uint64_t count)
{
    struct buffer content = {0};
    struct trace_writer *writer = trace_writer_open(path, FIRST);
    assert_non_null(writer);
    for (uint64_t i = FIRST; i < FIRST + count; i++) {
        struct submission submission = {.accepted_at = (instant_ms_t)(STAMP + i * 3),
                                        .salt = span_of(&i, i % 2 == 0 ? sizeof i : 0),
                                        .signature = span_of(&i, i % 3 == 0 ? sizeof i : 0),
                                        .envelope = content_of(i, false, &content)};
        trace_write_submission(writer, i, span_text("110000"), &submission);
        trace_write_outcome(writer, i, content_of(i, true, &content));
    }
    assert_int_equal(trace_writer_close(&writer), OK);
    assert_null(writer);
    buffer_fini(&content);
}

/* Reads to the first thing that is not OK. Whatever is read must be what write_trace wrote, in its order; `kinds`
 * counts. */
static enum status read_trace(const char *path, uint64_t kinds[TRACE_TRAILER + 1])
{
    struct trace_reader *reader = trace_reader_open(path);
    struct trace_entry record;
    struct buffer content = {0};
    enum status status;
    assert_non_null(reader);
    memset(kinds, 0, sizeof(uint64_t) * (TRACE_TRAILER + 1));
    while ((status = trace_read(reader, &record)) == OK) {
        uint64_t submissions = kinds[TRACE_SUBMISSION], outcomes = kinds[TRACE_OUTCOME];
        if (record.kind == TRACE_SUBMISSION) {
            assert_int_equal(record.position, FIRST + submissions);
            assert_int_equal(record.accepted_at, STAMP + record.position * 3);
            uint64_t i = record.position;
            assert_true(span_equal(record.salt, span_of(&i, i % 2 == 0 ? sizeof i : 0)));
            assert_true(span_equal(record.signature, span_of(&i, i % 3 == 0 ? sizeof i : 0)));
            assert_true(span_equal(record.bytes, content_of(record.position, false, &content)));
        } else if (record.kind == TRACE_OUTCOME) {
            assert_int_equal(record.position, FIRST + outcomes);
            assert_true(span_equal(record.bytes, content_of(record.position, true, &content)));
        } else if (record.kind == TRACE_TRAILER) {
            assert_int_equal(record.submissions, submissions);
            assert_int_equal(record.outcomes, outcomes);
        }
        kinds[record.kind]++;
    }
    trace_reader_close(&reader);
    assert_null(reader);
    buffer_fini(&content);
    return status;
}

static void slurp(const char *path, struct buffer *bytes)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    buffer_reset(bytes);
    for (size_t size = 1; size > 0; bytes->size += size)
        size = fread(buffer_reserve(bytes, 65536), 1, 65536, file);
    (void)fclose(file);
}

static void spill(const char *path, struct span bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.data, 1, bytes.size, file), bytes.size);
    assert_int_equal(fclose(file), 0);
}

/* As another tool may compress: level, and a block boundary every `portion` bytes. */
static void compress_to(const char *path, struct span plain, int level, size_t portion)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    size_t room = ZSTD_compressBound(plain.size) + plain.size / portion * 16 + 1024;
    uint8_t *memory = malloc(room);
    ZSTD_outBuffer out = {memory, room, 0};
    assert_true(context != NULL && memory != NULL);
    assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)));
    for (size_t at = 0; at < plain.size; at += portion) {
        ZSTD_inBuffer in = {plain.data + at, plain.size - at < portion ? plain.size - at : portion, 0};
        bool last = at + portion >= plain.size;
        assert_int_equal(ZSTD_compressStream2(context, &out, &in, last ? ZSTD_e_end : ZSTD_e_flush), 0);
    }
    spill(path, span_of(memory, out.pos));
    free(memory);
    (void)ZSTD_freeCCtx(context);
}

static void decompress(struct span file, struct buffer *plain)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    ZSTD_inBuffer in = {file.data, file.size, 0};
    assert_non_null(context);
    buffer_reset(plain);
    for (size_t left = 1; left > 0;) {
        ZSTD_outBuffer out = {buffer_reserve(plain, 65536), 65536, 0};
        left = ZSTD_decompressStream(context, &out, &in);
        assert_false(ZSTD_isError(left));
        assert_true(left == 0 || in.pos < in.size || out.pos == out.size); /* a frame that was ended */
        plain->size += out.pos;
    }
    (void)ZSTD_freeDCtx(context);
}

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fixture->fd = memfd_create("day.trace", MFD_CLOEXEC);
    assert_true(fixture->fd >= 0);
    (void)snprintf(fixture->path, sizeof fixture->path, "/proc/self/fd/%d", fixture->fd);
    write_trace(fixture->path, SMALL);
    slurp(fixture->path, &fixture->file);
    decompress(buffer_span(&fixture->file), &fixture->plain);
    *state = fixture;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;
    (void)close(fixture->fd);
    buffer_fini(&fixture->file);
    buffer_fini(&fixture->plain);
    free(fixture);
    return 0;
}

/* ---- whole files ---- */

TEST(what_was_written_is_read)
{
    struct fixture *fixture = *state;
    uint64_t kinds[TRACE_TRAILER + 1];
    assert_int_equal(read_trace(fixture->path, kinds), REJECT_NOT_FOUND);
    assert_int_equal(kinds[TRACE_HEADER], 1);
    assert_int_equal(kinds[TRACE_SUBMISSION], SMALL);
    assert_int_equal(kinds[TRACE_OUTCOME], SMALL);
    assert_int_equal(kinds[TRACE_TRAILER], 1);
}

TEST(an_empty_trace_is_whole)
{
    struct fixture *fixture = *state;
    uint64_t kinds[TRACE_TRAILER + 1];
    write_trace(fixture->path, 0);
    assert_int_equal(read_trace(fixture->path, kinds), REJECT_NOT_FOUND);
    assert_int_equal(kinds[TRACE_HEADER] + kinds[TRACE_TRAILER], 2);
}

TEST(many_records_pass_every_chunk)
{
    struct fixture *fixture = *state;
    uint64_t kinds[TRACE_TRAILER + 1];
    write_trace(fixture->path, 60000);
    assert_int_equal(read_trace(fixture->path, kinds), REJECT_NOT_FOUND);
    assert_int_equal(kinds[TRACE_SUBMISSION], 60000);
    assert_int_equal(kinds[TRACE_OUTCOME], 60000);
}

TEST(the_largest_envelope_passes)
{
    struct fixture *fixture = *state;
    struct trace_entry record;
    uint8_t *large = malloc(ENVELOPE_SIZE_MAX);
    uint64_t seed = 1;
    assert_non_null(large);
    for (size_t i = 0; i < ENVELOPE_SIZE_MAX; i++) { /* does not compress */
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        large[i] = (uint8_t)(seed >> 56);
    }
    struct trace_writer *writer = trace_writer_open(fixture->path, 0);
    assert_non_null(writer);
    for (uint64_t i = 0; i < 4; i++)
        trace_write_submission(writer, i, span_text("operator"),
                               &(struct submission){.envelope = span_of(large, ENVELOPE_SIZE_MAX - (size_t)i)});
    assert_int_equal(trace_writer_close(&writer), OK);
    struct trace_reader *reader = trace_reader_open(fixture->path);
    assert_non_null(reader);
    assert_int_equal(trace_read(reader, &record), OK);
    for (uint64_t i = 0; i < 4; i++) {
        assert_int_equal(trace_read(reader, &record), OK);
        assert_true(span_equal(record.bytes, span_of(large, ENVELOPE_SIZE_MAX - (size_t)i)));
    }
    trace_reader_close(&reader);
    free(large);
}

/* Another implementation writes by docs/TRACES.md; where its compressor cuts blocks is its own affair. */
TEST(any_zstd_stream_is_read)
{
    static const size_t portions[] = {7, 1000, 100000, 131071, 262143, 1 << 20};
    struct fixture *fixture = *state;
    uint64_t kinds[TRACE_TRAILER + 1];
    write_trace(fixture->path, 20000);
    slurp(fixture->path, &fixture->file);
    decompress(buffer_span(&fixture->file), &fixture->plain);
    for (unsigned i = 0; i < sizeof portions / sizeof portions[0]; i++)
        for (int level = 1; level <= 7; level += 3) {
            compress_to(fixture->path, buffer_span(&fixture->plain), level, portions[i]);
            assert_int_equal(read_trace(fixture->path, kinds), REJECT_NOT_FOUND);
            assert_int_equal(kinds[TRACE_OUTCOME], 20000);
        }
}

/* The decompressor still holds output when the file has been given to it: the last block straddles the reader's chunk.
 */
TEST(output_held_back_at_the_end_is_read)
{
    enum { CHUNK = 256 * 1024, COUNT = 3600 };
    struct fixture *fixture = *state;
    uint64_t kinds[TRACE_TRAILER + 1];
    write_trace(fixture->path, COUNT);
    slurp(fixture->path, &fixture->file);
    decompress(buffer_span(&fixture->file), &fixture->plain);
    assert_in_range(fixture->plain.size, CHUNK + 1000, CHUNK + 100000);
    compress_to(fixture->path, buffer_span(&fixture->plain), 3, CHUNK - 5000);
    assert_int_equal(read_trace(fixture->path, kinds), REJECT_NOT_FOUND);
    assert_int_equal(kinds[TRACE_OUTCOME], COUNT);
}

TEST(the_end_stays_the_end)
{
    struct fixture *fixture = *state;
    struct trace_entry record;
    struct trace_reader *reader = trace_reader_open(fixture->path);
    assert_non_null(reader);
    while (trace_read(reader, &record) == OK)
        continue;
    for (int i = 0; i < 3; i++)
        assert_int_equal(trace_read(reader, &record), REJECT_NOT_FOUND);
    trace_reader_close(&reader);
}

/* ---- files that break off ---- */

TEST(l5_truncated_file_is_refused)
{
    struct fixture *fixture = *state;
    uint64_t kinds[TRACE_TRAILER + 1];
    for (size_t size = 0; size < fixture->file.size; size++) {
        spill(fixture->path, span_of(fixture->file.data, size));
        assert_int_equal(read_trace(fixture->path, kinds), REJECT_RANGE);
        assert_int_equal(kinds[TRACE_TRAILER], 0);
    }
}

/* The stream is whole, the trace in it is not: its writer died between two records, or inside one. */
TEST(a_trace_without_its_trailer_is_refused)
{
    struct fixture *fixture = *state;
    uint64_t kinds[TRACE_TRAILER + 1];
    for (size_t size = 0; size < fixture->plain.size; size++) {
        compress_to(fixture->path, span_of(fixture->plain.data, size), 3, 1 << 20);
        assert_int_equal(read_trace(fixture->path, kinds), REJECT_RANGE);
        assert_int_equal(kinds[TRACE_TRAILER], 0);
    }
}

/* ---- files that were altered ---- */

static bool is_damage(enum status status)
{
    return status == REJECT_MALFORMED || status == FATAL_CORRUPT || status == REJECT_RANGE || status == REJECT_VERSION;
}

/* Each bit of the plain records: lengths, tags, bodies, checksums. read_trace asserts that what came before is right.
 */
TEST(a_flipped_bit_is_reported)
{
    struct fixture *fixture = *state;
    uint64_t kinds[TRACE_TRAILER + 1];
    for (size_t at = 0; at < fixture->plain.size; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            fixture->plain.data[at] ^= (uint8_t)(1u << bit);
            compress_to(fixture->path, buffer_span(&fixture->plain), 1, 1 << 20);
            if (!is_damage(read_trace(fixture->path, kinds)))
                fail_msg("byte %zu, bit %u", at, bit);
            fixture->plain.data[at] ^= (uint8_t)(1u << bit);
        }
}

/* Each bit of the file as it lies on disk: reported, or without any consequence. */
TEST(a_flipped_bit_on_disk_never_changes_a_record)
{
    struct fixture *fixture = *state;
    uint64_t kinds[TRACE_TRAILER + 1];
    for (size_t at = 0; at < fixture->file.size; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            fixture->file.data[at] ^= (uint8_t)(1u << bit);
            spill(fixture->path, buffer_span(&fixture->file));
            enum status status = read_trace(fixture->path, kinds);
            assert_true(is_damage(status) || (status == REJECT_NOT_FOUND && kinds[TRACE_OUTCOME] == SMALL));
            fixture->file.data[at] ^= (uint8_t)(1u << bit);
        }
}

/* A record as the format has it; checksum of the body unless given. */
static void put_record(struct buffer *plain, enum trace_kind kind, struct span body, uint64_t checksum)
{
    struct trace_record record = {.kind = kind, .checksum = checksum != 0 ? checksum : XXH64(body.data, body.size, 0)};
    struct buffer bytes = {0};
    record.body.header = body; /* each member lies there, encoded */
    trace_record_encode(&record, &bytes);
    assert_true(bytes.size < 128);
    buffer_append(plain, &(uint8_t){(uint8_t)bytes.size}, 1);
    buffer_append(plain, bytes.data, bytes.size);
    buffer_fini(&bytes);
}

static enum status read_plain(struct fixture *fixture, struct buffer *plain)
{
    uint64_t kinds[TRACE_TRAILER + 1];
    compress_to(fixture->path, buffer_span(plain), 3, 1 << 20);
    return read_trace(fixture->path, kinds);
}

TEST(an_unknown_version_is_refused)
{
    struct fixture *fixture = *state;
    struct buffer plain = {0}, body = {0};
    for (uint32_t version = 0; version < 4; version++) {
        buffer_reset(&plain);
        buffer_reset(&body);
        trace_header_encode(&(struct trace_header){.version = version}, &body);
        put_record(&plain, TRACE_HEADER, buffer_span(&body), 0);
        put_record(&plain, TRACE_TRAILER, span_of(NULL, 0), 0);
        assert_int_equal(read_plain(fixture, &plain), version == 1 ? REJECT_NOT_FOUND : REJECT_VERSION);
    }
    buffer_fini(&plain);
    buffer_fini(&body);
}

TEST(a_wrong_checksum_is_corrupt)
{
    struct fixture *fixture = *state;
    struct buffer plain = {0}, body = {0};
    trace_header_encode(&(struct trace_header){.version = 1}, &body);
    put_record(&plain, TRACE_HEADER, buffer_span(&body), 1);
    assert_int_equal(read_plain(fixture, &plain), FATAL_CORRUPT);
    buffer_fini(&plain);
    buffer_fini(&body);
}

TEST(a_record_without_a_body_is_malformed)
{
    struct fixture *fixture = *state;
    struct buffer plain = {0};
    uint8_t nothing = 0;
    put_record(&plain, TRACE_NONE, span_of(NULL, 0), 0);
    assert_int_equal(read_plain(fixture, &plain), REJECT_MALFORMED);
    assert_int_equal(read_plain(fixture, &(struct buffer){&nothing, 1, 1}),
                     REJECT_MALFORMED); /* a record of length 0 */
    buffer_fini(&plain);
}

/* A length that no writer writes must not make the reader ask for gigabytes. */
TEST(an_enormous_length_is_malformed)
{
    static const uint8_t lengths[][5] = {
        {0xff, 0xff, 0xff, 0xff, 0x0f}, {0xff, 0xff, 0xff, 0x7f, 0}, {0x81, 0x80, 0x80, 0x04, 0}};
    struct fixture *fixture = *state;
    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct buffer plain = {0};
        buffer_append(&plain, lengths[i], sizeof lengths[i]);
        assert_int_equal(read_plain(fixture, &plain), REJECT_MALFORMED);
        buffer_fini(&plain);
    }
}

TEST(what_is_no_trace_is_refused)
{
    struct fixture *fixture = *state;
    uint64_t kinds[TRACE_TRAILER + 1];
    spill(fixture->path, span_text("position,amount\n1,2\n"));
    assert_int_equal(read_trace(fixture->path, kinds), REJECT_MALFORMED);
    spill(fixture->path, buffer_span(&fixture->plain)); /* records that were never compressed */
    assert_int_equal(read_trace(fixture->path, kinds), REJECT_MALFORMED);
}

/* ---- the machine ---- */

TEST(a_path_that_cannot_be_opened_is_no_file)
{
    assert_null(trace_reader_open("/nonexistent/day.trace"));
    assert_null(trace_writer_open("/nonexistent/day.trace", 0));
}

TEST(a_full_disk_is_reported_at_the_end)
{
    struct trace_writer *writer = access("/dev/full", W_OK) == 0 ? trace_writer_open("/dev/full", 0) : NULL;
    if (writer == NULL)
        skip();
    trace_write_submission(writer, 0, span_text("110000"), &(struct submission){.envelope = span_text("anything")});
    assert_int_equal(trace_writer_close(&writer), FATAL_IO);
}

AROUND_EACH(open_fixture, close_fixture)
