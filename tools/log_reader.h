/* SPDX-License-Identifier: Apache-2.0
 * Reads streams batch by batch: at the broker, without registering, and what was trimmed away there in the archive of
 * the configuration (archive_directory); or from a log as it lies, and its archive. For tools on the exchange's own
 * machine. */
#ifndef HUTONG_TOOLS_LOG_READER_H
#define HUTONG_TOOLS_LOG_READER_H
#include "common/base/limits.h"
#include "common/bus/bus.h"
#include "common/pb/batch.h"
#include "tools/cli.h"
#include "tools/log_source.h"

struct log_reader {
    struct cli *cli;
    struct dealer *dealer;     /* NULL: `source` is all there is */
    struct log_source *source; /* lent */
    uint64_t request;
    char stream[STREAM_NAME_SIZE_MAX + 1];
    struct buffer reply; /* holds the batch */
    struct batch_reader walk;
    position_t at;  /* position of the walk's next record */
    position_t end; /* of the batch */
    instant_ms_t stored_at;
};

bool log_reader_open(struct cli *cli, const char *stream, struct log_reader *reader);
/* Of what `source` has, which lives longer. */
void log_reader_open_in(struct log_source *source, const char *stream, struct log_reader *reader);
void log_reader_close(struct log_reader *reader);
/* The record at a position; valid until the next call. False: the stream ends before it, or the broker does not answer.
 */
bool log_reader_at(struct log_reader *reader, position_t position, struct span *record);
#endif
