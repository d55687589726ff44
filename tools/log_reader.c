/* SPDX-License-Identifier: Apache-2.0
 * Streams, read at the broker, and where they lie. */
#include "tools/log_reader.h"

#include <stdio.h>
#include <unistd.h>

#include "common/bus/bus_protocol.h"
#include "common/net/server.h"

enum { WAIT_MS = 10000 };

bool log_reader_open(struct cli *cli, const char *stream, struct log_reader *reader)
{
    struct buffer endpoint = {0};
    memset(reader, 0, sizeof *reader);
    reader->cli = cli;
    (void)snprintf(reader->stream, sizeof reader->stream, "%s", stream);
    config_broker_ipc(&cli->config, &endpoint);
    struct dealer_options options = {.endpoint = buffer_text(&endpoint)};
    bool opened = dealer_open(&options, &reader->dealer) == OK;
    buffer_fini(&endpoint);
    return opened;
}

void log_reader_open_in(struct log_source *source, const char *stream, struct log_reader *reader)
{
    memset(reader, 0, sizeof *reader);
    reader->source = source;
    (void)snprintf(reader->stream, sizeof reader->stream, "%s", stream);
}

void log_reader_close(struct log_reader *reader)
{
    dealer_close(&reader->dealer);
    buffer_fini(&reader->reply);
}

static bool take_delivery(struct log_reader *reader, const struct batch_delivery *delivery)
{
    reader->at = delivery->position;
    reader->end = delivery->position + delivery->count;
    reader->stored_at = delivery->stored_at;
    reader->walk = batch_read(delivery->batch); /* walked where it lies */
    return delivery->count > 0;
}

/* Half an answer would look like a whole one; exit() waits for all that has a socket open. */
static void end_damaged(const char *detail)
{
    complain(said("日志此处已损坏（hutong doctor --scrub 写明应放回的文件）：%s",
                  "the log is damaged here (hutong doctor --scrub says which file to put back): %s"),
             detail);
    (void)fflush(NULL);
    _exit(CLI_FAILED);
}

/* One for all readers of this process: a segment is unpacked once. NULL: there is no archive. */
static struct log_source *archive_of(const struct cli *cli)
{
    static struct log_source *archive;
    struct buffer why = {0};
    if (archive == NULL && cli->config.archive_directory[0] != 0 &&
        log_source_open(NULL, cli->config.archive_directory, &archive, &why) != OK)
        complain("%s", buffer_text(&why));
    buffer_fini(&why);
    return archive;
}

static bool fetch_there(struct log_reader *reader, struct log_source *source, position_t position)
{
    struct log_batch batch;
    struct buffer why = {0};
    enum status status =
        source == NULL ? REJECT_RANGE : log_source_read(source, reader->stream, position, &batch, &why);
    if (status_is_fatal(status))
        end_damaged(buffer_text(&why));
    buffer_fini(&why);
    if (status != OK)
        return false;
    buffer_reset(&reader->reply); /* what is lent ends with the next question to the source, another reader's maybe */
    buffer_append(&reader->reply, batch.bytes.data, batch.bytes.size);
    return take_delivery(reader, &(struct batch_delivery){.position = batch.position,
                                                          .count = batch.count,
                                                          .stored_at = batch.stored_at,
                                                          .batch = buffer_span(&reader->reply)});
}

/* Heartbeats of the broker come in between and are passed over. */
static bool fetch(struct log_reader *reader, position_t position)
{
    struct buffer question = {0};
    struct bus_request request = {
        BUS_PROTOCOL, ++reader->request, BUS_READ_ONCE, {.read_once = {reader->stream, position}}};
    struct bus_reply reply = {.kind = BUS_REPLY_NONE};
    uint8_t memory[1024];
    bus_request_encode(&request, &question);
    bool waiting = dealer_send(reader->dealer, buffer_span(&question)) == OK;
    while (waiting && dealer_receive(reader->dealer, WAIT_MS, &reader->reply) == OK) {
        struct arena arena;
        arena_init(&arena, memory, sizeof memory);
        waiting = bus_reply_decode(buffer_span(&reader->reply), &arena, &reply) != OK ||
                  reply.request != reader->request || reply.kind == BUS_REPLY_HEARTBEAT;
    }
    buffer_fini(&question);
    if (!waiting && reply.kind == BUS_REPLY_ERROR && reply.body.error.code == BUS_CODE_CORRUPT)
        end_damaged(reply.body.error.detail);
    if (!waiting && reply.kind == BUS_REPLY_ERROR && reply.body.error.code == BUS_CODE_TRIMMED)
        return fetch_there(reader, archive_of(reader->cli), position);
    return !waiting && reply.kind == BUS_REPLY_READ_ANSWER && take_delivery(reader, &reply.body.read_answer);
}

static bool fetch_either(struct log_reader *reader, position_t position)
{
    return reader->dealer == NULL ? fetch_there(reader, reader->source, position) : fetch(reader, position);
}

bool log_reader_at(struct log_reader *reader, position_t position, struct span *record)
{
    if ((position < reader->at || position >= reader->end) && !fetch_either(reader, position))
        return false;
    if (position >= reader->end)
        return false;
    for (; reader->at <= position; reader->at++)
        if (batch_next(&reader->walk, record) != OK)
            return false;
    return true;
}
