/* SPDX-License-Identifier: Apache-2.0
 * Streams, read at the broker. */
#include "tools/log_reader.h"

#include <stdio.h>

#include "common/net/server.h"

enum { WAIT_MS = 10000 };

bool log_reader_open(struct cli *cli, const char *stream, struct log_reader *reader)
{
    struct buffer endpoint;
    memset(reader, 0, sizeof *reader);
    (void)snprintf(reader->stream, sizeof reader->stream, "%s", stream);
    buffer_init(&endpoint);
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

static bool take_delivery(struct log_reader *reader, struct span body)
{
    struct wire_field field;
    uint64_t position = 0, count = 0;
    struct span batch = {NULL, 0};
    for (struct wire_reader fields = wire_read(body); !wire_at_end(&fields);) {
        if (wire_next(&fields, &field) != OK)
            return false;
        if (field.number == 3)
            position = field.value;
        else if (field.number == 4)
            count = field.value;
        else if (field.number == 5)
            reader->stored_at = (instant_ms_t)field.value;
        else if (field.number == 15)
            batch = field.bytes;
    }
    reader->at = position;
    reader->end = position + count;
    reader->walk = batch_read(batch);
    return count > 0;
}

/* Heartbeats of the broker come in between and are passed over. */
static bool fetch(struct log_reader *reader, position_t position)
{
    struct buffer question;
    bool taken = false, answered = false;
    buffer_init(&question);
    wire_put_uint(&question, 1, 1);
    wire_put_uint(&question, 2, ++reader->request);
    size_t mark = wire_begin(&question, 9);
    wire_put_text(&question, 1, reader->stream);
    wire_put_uint(&question, 2, position);
    wire_end(&question, mark);
    if (dealer_send(reader->dealer, buffer_span(&question)) != OK)
        answered = true;
    while (!answered && dealer_receive(reader->dealer, WAIT_MS, &reader->reply) == OK) {
        struct wire_field field;
        uint64_t request = 0;
        for (struct wire_reader fields = wire_read(buffer_span(&reader->reply)); !wire_at_end(&fields);) {
            if (wire_next(&fields, &field) != OK)
                break;
            if (field.number == 2)
                request = field.value;
            else if (field.number >= 3 && field.number != 9 && request == reader->request) { /* 9: the greeting */
                answered = true;
                taken = field.number == 8 && take_delivery(reader, field.bytes);
                break; /* the batch is walked where it lies */
            }
        }
    }
    buffer_fini(&question);
    return taken;
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
