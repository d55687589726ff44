/* SPDX-License-Identifier: Apache-2.0
 * What the broker says, and the batches that it reads for it. */
#include "broker/broker.h"

#include <stdatomic.h>

#include "broker/broker_internal.h"
#include "common/bus/log_full.h"

enum status broker_reply(struct broker *broker, int origin, uint64_t session, const struct bus_reply *reply)
{
    buffer_reset(&broker->out);
    bus_reply_encode(reply, &broker->out);
    if (reply->kind == BUS_REPLY_DELIVERY)
        return server_give(broker->fronts[origin].server, session, &broker->out);
    return server_reply(broker->fronts[origin].server, session, buffer_span(&broker->out));
}

void broker_answer(struct broker *broker, const struct pending *from, enum bus_reply_kind kind,
                   union bus_reply_body body)
{
    (void)broker_reply(broker, from->origin, from->session,
                       &(struct bus_reply){BUS_PROTOCOL, from->request, kind, body});
}

void broker_refuse(struct broker *broker, const struct pending *from, enum bus_code code, int stream,
                   const char *detail)
{
    struct bus_error error = {.code = code, .detail = detail};
    metric_count(broker->refusals[code], 1);
    if (stream >= 0) {
        error.stream = tail_name(broker->tail, stream);
        error.end = tail_state(broker->tail, stream)->end;
        error.epoch = tail_state(broker->tail, stream)->epoch;
    }
    broker_answer(broker, from, BUS_REPLY_ERROR, (union bus_reply_body){.error = error});
}

enum status broker_read(struct broker *broker, int stream, uint64_t position, struct log_batch *batch,
                        struct buffer *why)
{
    const struct tail_batch *found = tail_find_batch(broker->tail, stream, position);
    if (found == NULL)
        return log_read(broker->log, stream, position, batch, why);
    *batch = (struct log_batch){found->position, found->count, found->stored_at, span_of(found->bytes, found->size)};
    return OK;
}

struct batch_delivery broker_delivery(const struct broker *broker, int stream, const struct log_batch *batch,
                                      uint32_t reader)
{
    return (struct batch_delivery){
        reader,           tail_name(broker->tail, stream),       batch->position, batch->count,
        batch->stored_at, tail_state(broker->tail, stream)->end, batch->bytes};
}

void broker_answer_read(struct broker *broker, const struct pending *from)
{
    struct log_batch batch;
    struct buffer why;
    buffer_init(&why);
    enum status status =
        from->stream < 0 ? REJECT_NOT_FOUND : broker_read(broker, from->stream, from->position, &batch, &why);
    if (status == OK) {
        broker_answer(broker, from, BUS_REPLY_READ_ANSWER,
                      (union bus_reply_body){.read_answer = broker_delivery(broker, from->stream, &batch, 0)});
    } else {
        enum bus_code code = status == REJECT_RANGE    ? BUS_CODE_TRIMMED
                             : status == FATAL_CORRUPT ? BUS_CODE_CORRUPT
                                                       : BUS_CODE_UNKNOWN_STREAM;
        broker_refuse(broker, from, code, from->stream,
                      why.size > 0 ? buffer_text(&why) : "no such stream, or not written yet");
    }
    log_read_end(broker->log);
    buffer_fini(&why);
}

const char *broker_why_not_ready(const struct broker *broker)
{
    const char *full = log_full_text(atomic_load(&broker->full));
    if (syncer_busy_us(broker->syncer) > DISK_SILENCE_US)
        return "磁盘已 5 秒没有应答; the disk has not answered for 5 s";
    return full != NULL ? full : "";
}

enum status broker_status(const struct broker *broker)
{
    return broker->status;
}
