/* SPDX-License-Identifier: Apache-2.0
 * Streams, read at the broker. */
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
    (void)snprintf(reader->stream, sizeof reader->stream, "%s", stream);
    config_broker_ipc(&cli->config, &endpoint);
    struct dealer_options options = {.endpoint = buffer_text(&endpoint)};
    bool opened = dealer_open(&options, &reader->dealer) == OK;
    buffer_fini(&endpoint);
    return opened;
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
    if (!waiting && reply.kind == BUS_REPLY_ERROR && reply.body.error.code == BUS_CODE_CORRUPT) {
        complain(said("日志此处已损坏（hutong doctor --scrub 写明应放回的文件）：%s",
                      "the log is damaged here (hutong doctor --scrub says which file to put back): %s"),
                 reply.body.error.detail);
        (void)fflush(NULL);
        _exit(CLI_FAILED); /* half an answer would look like a whole one; exit() waits for all that has a socket open */
    }
    return !waiting && reply.kind == BUS_REPLY_READ_ANSWER && take_delivery(reader, &reply.body.read_answer);
}

bool log_reader_at(struct log_reader *reader, position_t position, struct span *record)
{
    if ((position < reader->at || position >= reader->end) && !fetch(reader, position))
        return false;
    if (position >= reader->end)
        return false;
    for (; reader->at <= position; reader->at++)
        if (batch_next(&reader->walk, record) != OK)
            return false;
    return true;
}
