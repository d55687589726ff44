/* SPDX-License-Identifier: Apache-2.0
 * Group commit and answers: an append is answered when it is durable. */
#include "broker/broker.h"

#include <stdatomic.h>

#include "broker/broker_internal.h"
#include "common/bus/log_full.h"
#include "common/observe/diary.h"

enum status broker_reply(struct broker *broker, int origin, uint64_t session, const struct bus_reply *reply)
{
    buffer_reset(&broker->out);
    bus_reply_encode(reply, &broker->out);
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
        error.stream = log_name(broker->log, stream);
        error.end = log_state(broker->log, stream)->end;
        error.epoch = log_state(broker->log, stream)->epoch;
    }
    broker_answer(broker, from, BUS_REPLY_ERROR, (union bus_reply_body){.error = error});
}

void broker_answer_appended(struct broker *broker, const struct pending *append, bool already)
{
    const char *stream = log_name(broker->log, append->stream);
    if (append->opens_writer)
        broker_answer(broker, append, BUS_REPLY_WRITER_OPENED,
                      (union bus_reply_body){
                          .writer_opened = {stream, append->position, log_state(broker->log, append->stream)->end}});
    else
        broker_answer(broker, append, BUS_REPLY_APPENDED,
                      (union bus_reply_body){.appended = {stream, append->position, append->count, already}});
}

void broker_stop(struct broker *broker, enum status status)
{
    diary_event(DIARY_FATAL, "commit_failed", "status=%s detail=%s", status_name(status), status_text(status));
    for (unsigned i = 0; i < broker->pending_count; i++)
        broker_refuse(broker, &broker->pending[i], BUS_CODE_UNKNOWN_OUTCOME, broker->pending[i].stream,
                      "the storage failed; ask again after the restart");
    broker->pending_count = 0;
    broker->status = status;
    loop_stop(broker->options.loop);
}

bool broker_ensure_open(struct broker *broker)
{
    if (log_is_open_for_writing(broker->log))
        return true;
    enum status status = log_begin(broker->log);
    if (status != OK)
        broker_stop(broker, status);
    return status == OK;
}

void broker_commit_group(struct broker *broker)
{
    if (!log_is_open_for_writing(broker->log))
        return;
    int64_t before = loop_monotonic_us();
    enum status status = log_commit(broker->log);
    if (status != OK) {
        broker_stop(broker, status);
        return;
    }
    metric_observe_us(broker->commit_us, (uint64_t)(loop_monotonic_us() - before));
    metric_count(broker->commits, 1);
    for (unsigned i = 0; i < broker->pending_count; i++)
        broker_answer_appended(broker, &broker->pending[i], false);
    broker->pending_count = 0;
    broker->pending_bytes = 0;
}

bool broker_wait_for_commit(struct broker *broker, const struct pending *pending)
{
    broker->pending[broker->pending_count++] = *pending;
    if (broker->pending_count == PENDING_COUNT_MAX || broker->pending_bytes > (size_t)32 * 1024 * 1024)
        broker_commit_group(broker);
    return broker->status == OK;
}

const char *broker_why_full(const struct broker *broker)
{
    return log_full_text(atomic_load(&broker->full));
}

enum status broker_status(const struct broker *broker)
{
    return broker->status;
}
