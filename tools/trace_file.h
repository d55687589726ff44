/* SPDX-License-Identifier: Apache-2.0
 * Trace files (docs/TRACES.md): a zstd stream of length-delimited TraceRecords, each with the XXH64 of its body. */
#ifndef HUTONG_TOOLS_TRACE_FILE_H
#define HUTONG_TOOLS_TRACE_FILE_H
#include "common/base/buffer.h"
#include "common/base/instant.h"
#include "common/base/status.h"
#include "hutong/v1/messages.h"

struct trace_entry {
    enum trace_kind kind;
    uint64_t position;           /* SUBMISSION, OUTCOME */
    instant_ms_t accepted_at;    /* SUBMISSION */
    struct span salt, signature; /* SUBMISSION: as in its record */
    struct span bytes;           /* envelope, or outcome; borrowed until the next read */
    uint64_t submissions;        /* TRAILER */
    uint64_t outcomes;           /* TRAILER */
};

struct trace_writer;
struct trace_writer *trace_writer_open(const char *path, uint64_t first_position); /* NULL: errno says why */
void trace_write_submission(struct trace_writer *writer, uint64_t position, struct span sender,
                            const struct submission *submission);
void trace_write_outcome(struct trace_writer *writer, uint64_t position, struct span outcome);
/* Writes the trailer; FATAL_IO if anything could not be written. */
MUST_USE enum status trace_writer_close(struct trace_writer **writer);

struct trace_reader;
struct trace_reader *trace_reader_open(const char *path); /* NULL: errno says why */
void trace_reader_close(struct trace_reader **reader);
/* REJECT_NOT_FOUND after the trailer. REJECT_MALFORMED, FATAL_CORRUPT (a checksum), REJECT_RANGE (it breaks off),
 * REJECT_VERSION. */
MUST_USE enum status trace_read(struct trace_reader *reader, struct trace_entry *record);
#endif
