/* SPDX-License-Identifier: Apache-2.0
 * A log as it lies, and behind its beginning the archive: what was trimmed is read there, by the same question. Who
 * reads may be beside the broker; what became durable after the opening is not seen. */
#ifndef HUTONG_TOOLS_LOG_SOURCE_H
#define HUTONG_TOOLS_LOG_SOURCE_H
#include "broker/log.h"

struct log_source;

/* `directory` NULL: the archive alone. `archive` NULL or "", or no archive is there: the log alone. */
MUST_USE enum status log_source_open(const char *directory, const char *archive, struct log_source **source,
                                     struct buffer *why);
void log_source_close(struct log_source **source);
/* REJECT_NOT_FOUND: the stream ends before it. REJECT_RANGE: neither holds it. `batch` is valid until the next call. */
MUST_USE enum status log_source_read(struct log_source *source, const char *stream, uint64_t position,
                                     struct log_batch *batch, struct buffer *why);
uint64_t log_source_end(const struct log_source *source, const char *stream); /* 0: no such stream */
uint64_t log_source_identity(const struct log_source *source);                /* 0: of the archive alone */
#endif
