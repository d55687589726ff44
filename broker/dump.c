/* SPDX-License-Identifier: Apache-2.0
 * hutong-broker --dump DIRECTORY */
#include "broker/dump.h"

#include "broker/log.h"

static int dump_stream(struct log *log, int stream, FILE *out)
{
    struct buffer why;
    struct log_batch batch;
    uint64_t position = log_first(log, stream), batches = 0, bytes = 0;
    int code = 0;
    buffer_init(&why);
    while (position < log_state(log, stream)->end) {
        enum status status = log_read(log, stream, position, &batch, &why);
        if (status != OK) {
            fprintf(out, "  CORRUPT %s: %s\n", status_name(status), buffer_text(&why));
            code = 6;
            break;
        }
        position = batch.position + batch.count;
        batches++;
        bytes += batch.bytes.size;
    }
    log_read_end(log);
    fprintf(out, "%-24s first %llu end %llu epoch %llu batches %llu bytes %llu\n", log_name(log, stream),
            (unsigned long long)log_first(log, stream), (unsigned long long)log_state(log, stream)->end,
            (unsigned long long)log_state(log, stream)->epoch, (unsigned long long)batches, (unsigned long long)bytes);
    const char *reader;
    uint64_t cursor;
    for (unsigned i = 0; log_cursor_at(log, stream, i, &reader, &cursor); i++)
        fprintf(out, "  reader %-20s cursor %llu\n", reader, (unsigned long long)cursor);
    buffer_fini(&why);
    return code;
}

int dump_log(const char *directory, FILE *out)
{
    struct log_options options = {.directory = directory, .segment_size = UINT64_C(1) << 30, .read_only = true};
    struct log *log;
    struct buffer why;
    int code = 0;
    buffer_init(&why);
    if (log_open(&options, &log, &why) != OK) {
        fprintf(out, "%s\n", buffer_text(&why));
        buffer_fini(&why);
        return 2;
    }
    for (unsigned i = 0; i < log_stream_count(log); i++) {
        int found = dump_stream(log, (int)i, out);
        code = found != 0 ? found : code;
    }
    log_close(&log);
    buffer_fini(&why);
    return code;
}
