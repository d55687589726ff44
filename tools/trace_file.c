/* SPDX-License-Identifier: Apache-2.0
 * Trace files. */
#include "tools/trace_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>
#include <zstd.h>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/pb/wire.h"

enum { CHUNK_SIZE = 256 * 1024, TRACE_VERSION = 1 };

struct trace_writer {
    FILE *file;
    ZSTD_CCtx *context;
    struct buffer body, record;
    uint8_t chunk[CHUNK_SIZE];
    uint64_t submissions, outcomes;
    bool failed;
};

static void compress(struct trace_writer *writer, struct span bytes, ZSTD_EndDirective directive)
{
    ZSTD_inBuffer in = {bytes.data, bytes.size, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {writer->chunk, CHUNK_SIZE, 0};
        left = ZSTD_compressStream2(writer->context, &out, &in, directive);
        writer->failed =
            writer->failed || ZSTD_isError(left) || fwrite(writer->chunk, 1, out.pos, writer->file) != out.pos;
    } while (!writer->failed && (directive == ZSTD_e_end ? left > 0 : in.pos < in.size));
}

/* The length goes before each record as protobuf writes it. */
static void write_record(struct trace_writer *writer, enum trace_kind kind)
{
    struct trace_record record = {.kind = kind, .checksum = XXH64(writer->body.data, writer->body.size, 0)};
    record.body.header = buffer_span(&writer->body); /* each member lies there, encoded */
    buffer_reset(&writer->record);
    trace_record_encode(&record, &writer->record);
    buffer_reset(&writer->body);
    wire_put_number(&writer->body, writer->record.size);
    compress(writer, buffer_span(&writer->body), ZSTD_e_continue);
    compress(writer, buffer_span(&writer->record), ZSTD_e_continue);
    buffer_reset(&writer->body);
}

struct trace_writer *trace_writer_open(const char *path, uint64_t first_position)
{
    struct trace_writer *writer = calloc(1, sizeof *writer);
    INVARIANT(writer != NULL);
    writer->file = fopen(path, "wb");
    if (writer->file == NULL) {
        free(writer);
        return NULL;
    }
    writer->context = ZSTD_createCCtx();
    INVARIANT(writer->context != NULL);
    trace_header_encode(&(struct trace_header){TRACE_VERSION, first_position, "hutong 0.1"}, &writer->body);
    write_record(writer, TRACE_HEADER);
    return writer;
}

void trace_write_submission(struct trace_writer *writer, uint64_t position, struct span sender,
                            const struct submission *submission)
{
    struct trace_submission written = {.position = position,
                                       .accepted_at = submission->accepted_at,
                                       .envelope = submission->envelope,
                                       .salt = submission->salt,
                                       .signature = submission->signature};
    (void)snprintf(written.sender, sizeof written.sender, "%.*s", (int)sender.size, (const char *)sender.data);
    trace_submission_encode(&written, &writer->body);
    write_record(writer, TRACE_SUBMISSION);
    writer->submissions++;
}

void trace_write_outcome(struct trace_writer *writer, uint64_t position, struct span outcome)
{
    trace_outcome_encode(&(struct trace_outcome){position, outcome}, &writer->body);
    write_record(writer, TRACE_OUTCOME);
    writer->outcomes++;
}

enum status trace_writer_close(struct trace_writer **out)
{
    struct trace_writer *writer = *out;
    trace_trailer_encode(&(struct trace_trailer){writer->submissions, writer->outcomes}, &writer->body);
    write_record(writer, TRACE_TRAILER);
    compress(writer, span_of(NULL, 0), ZSTD_e_end);
    bool failed = fclose(writer->file) != 0 || writer->failed;
    (void)ZSTD_freeCCtx(writer->context);
    buffer_fini(&writer->body);
    buffer_fini(&writer->record);
    free(writer);
    *out = NULL;
    return failed ? FATAL_IO : OK;
}

/* ---- reading ---- */

struct trace_reader {
    FILE *file;
    ZSTD_DCtx *context;
    uint8_t chunk[CHUNK_SIZE];
    ZSTD_inBuffer in;
    struct buffer plain; /* decompressed and not consumed */
    size_t consumed;
    uint64_t records[TRACE_TRAILER + 1]; /* read so far, by kind */
    bool ended;
};

struct trace_reader *trace_reader_open(const char *path)
{
    struct trace_reader *reader = calloc(1, sizeof *reader);
    INVARIANT(reader != NULL);
    reader->file = fopen(path, "rb");
    if (reader->file == NULL) {
        free(reader);
        return NULL;
    }
    reader->context = ZSTD_createDCtx();
    INVARIANT(reader->context != NULL);
    reader->in.src = reader->chunk;
    return reader;
}

void trace_reader_close(struct trace_reader **out)
{
    struct trace_reader *reader = *out;
    if (reader == NULL)
        return;
    (void)fclose(reader->file);
    (void)ZSTD_freeDCtx(reader->context);
    buffer_fini(&reader->plain);
    free(reader);
    *out = NULL;
}

/* At least `need` plain bytes beyond what was consumed. */
static enum status fill(struct trace_reader *reader, size_t need)
{
    if (reader->consumed > CHUNK_SIZE) {
        memmove(reader->plain.data, reader->plain.data + reader->consumed, reader->plain.size - reader->consumed);
        reader->plain.size -= reader->consumed;
        reader->consumed = 0;
    }
    while (reader->plain.size - reader->consumed < need) {
        if (reader->in.pos == reader->in.size) {
            reader->in.size = fread(reader->chunk, 1, CHUNK_SIZE, reader->file);
            reader->in.pos = 0;
            if (reader->in.size == 0)
                return REJECT_RANGE;
        }
        ZSTD_outBuffer out = {buffer_reserve(&reader->plain, CHUNK_SIZE), CHUNK_SIZE, 0};
        if (ZSTD_isError(ZSTD_decompressStream(reader->context, &out, &reader->in)))
            return REJECT_MALFORMED;
        reader->plain.size += out.pos;
    }
    return OK;
}

static enum status read_length(struct trace_reader *reader, size_t *length)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 4; i++) {
        TRY(fill(reader, 1));
        uint8_t byte = reader->plain.data[reader->consumed++];
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) == 0) {
            *length = value;
            return value <= 2 * FRAME_SIZE_MAX ? OK : REJECT_MALFORMED;
        }
    }
    return REJECT_MALFORMED;
}

static enum status body_read(struct span body, struct trace_entry *entry)
{
    union {
        struct trace_header header;
        struct trace_submission submission;
        struct trace_outcome outcome;
        struct trace_trailer trailer;
    } read;
    switch (entry->kind) {
    case TRACE_HEADER:
        TRY(trace_header_decode(body, NULL, &read.header));
        return read.header.version == TRACE_VERSION ? OK : REJECT_VERSION;
    case TRACE_SUBMISSION:
        TRY(trace_submission_decode(body, NULL, &read.submission));
        entry->position = read.submission.position;
        entry->accepted_at = read.submission.accepted_at;
        entry->salt = read.submission.salt;
        entry->signature = read.submission.signature;
        entry->bytes = read.submission.envelope;
        return OK;
    case TRACE_OUTCOME:
        TRY(trace_outcome_decode(body, NULL, &read.outcome));
        entry->position = read.outcome.position;
        entry->bytes = read.outcome.outcome;
        return OK;
    case TRACE_TRAILER:
        TRY(trace_trailer_decode(body, NULL, &read.trailer));
        entry->submissions = read.trailer.submissions;
        entry->outcomes = read.trailer.outcomes;
        return OK;
    case TRACE_NONE:
        break;
    }
    return REJECT_MALFORMED;
}

/* The checksum is the body's and does not cover its kind: so the header comes first and once, and the trailer's counts
 * hold. */
static enum status kind_check(struct trace_reader *reader, const struct trace_entry *record)
{
    bool first = reader->records[TRACE_HEADER] == 0;
    if ((record->kind == TRACE_HEADER) != first)
        return FATAL_CORRUPT;
    reader->records[record->kind]++;
    if (record->kind == TRACE_TRAILER && (record->submissions != reader->records[TRACE_SUBMISSION] ||
                                          record->outcomes != reader->records[TRACE_OUTCOME]))
        return FATAL_CORRUPT;
    return OK;
}

enum status trace_read(struct trace_reader *reader, struct trace_entry *record)
{
    struct trace_record read;
    size_t length;
    memset(record, 0, sizeof *record);
    if (reader->ended)
        return REJECT_NOT_FOUND;
    TRY(read_length(reader, &length));
    TRY(fill(reader, length));
    struct span bytes = span_of(reader->plain.data + reader->consumed, length);
    reader->consumed += length;
    TRY(wire_check(WIRE_TRACE_RECORD, bytes, NULL)); /* also: a submission's body under an outcome's tag is none */
    TRY(trace_record_decode(bytes, NULL, &read));
    struct span body = read.body.header; /* whichever it is */
    record->kind = read.kind;
    if (read.kind == TRACE_NONE)
        return REJECT_MALFORMED;
    if (XXH64(body.data, body.size, 0) != read.checksum)
        return FATAL_CORRUPT;
    TRY(body_read(body, record));
    TRY(kind_check(reader, record));
    reader->ended = record->kind == TRACE_TRAILER;
    return OK;
}
