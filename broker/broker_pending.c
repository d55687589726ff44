/* SPDX-License-Identifier: Apache-2.0
 * Answers, in their turn: an append is answered when it is durable. */
#include "broker/broker_internal.h"
#include "common/observe/diary.h"

static void answer_pending(struct broker *broker, const struct pending *pending)
{
    const char *stream = pending->stream >= 0 ? tail_name(broker->tail, pending->stream) : "";
    switch (pending->kind) {
    case PENDING_APPENDED:
    case PENDING_ALREADY:
        broker_answer(broker, pending, BUS_REPLY_APPENDED,
                      (union bus_reply_body){
                          .appended = {stream, pending->position, pending->count, pending->kind == PENDING_ALREADY}});
        break;
    case PENDING_WRITER:
        broker_answer(broker, pending, BUS_REPLY_WRITER_OPENED,
                      (union bus_reply_body){.writer_opened = {stream, pending->epoch, pending->end}});
        break;
    case PENDING_LAST:
        broker_answer(
            broker, pending, BUS_REPLY_LAST_POSITION,
            (union bus_reply_body){.last_position = {stream, log_first(broker->log, pending->stream), pending->end,
                                                     pending->epoch, tail_began(broker->tail, pending->stream)}});
        break;
    case PENDING_READ:
        broker_answer_read(broker, pending);
        break;
    case PENDING_REFUSAL:
        broker_refuse(broker, pending, pending->code, pending->stream, pending->detail);
        break;
    }
}

/* Everybody whose group is on disk, in the order in which they came. */
static void answer_settled(struct broker *broker)
{
    uint64_t settled = tail_settled(broker->tail);
    while (broker->pending_count > 0 && broker->pending[broker->pending_first].group <= settled) {
        struct pending pending = broker->pending[broker->pending_first];
        broker->pending_first = (broker->pending_first + 1) % PENDING_COUNT_MAX;
        broker->pending_count--;
        answer_pending(broker, &pending);
    }
}

static void settle(struct broker *broker, enum status status, uint64_t group)
{
    tail_settle(broker->tail, group);
    answer_settled(broker);
    if (status != OK)
        broker_stop(broker, status);
}

void broker_on_settled(void *self)
{
    struct broker *broker = self;
    uint64_t group;
    enum status status = syncer_settled(broker->syncer, &group);
    if (broker->status == OK)
        settle(broker, status, group);
}

void broker_stop(struct broker *broker, enum status status)
{
    diary_event(DIARY_FATAL, "commit_failed", "status=%s detail=%s", status_name(status), status_text(status));
    for (; broker->pending_count > 0; broker->pending_count--) {
        const struct pending *pending = &broker->pending[broker->pending_first];
        broker_refuse(broker, pending, BUS_CODE_UNKNOWN_OUTCOME, pending->stream,
                      "the storage failed; ask again after the restart");
        broker->pending_first = (broker->pending_first + 1) % PENDING_COUNT_MAX;
    }
    broker->status = status;
    loop_stop(broker->options.loop);
}

void broker_hand_over(void *self)
{
    struct broker *broker = self;
    struct change_group group;
    broker->awaited = false;
    if (tail_has_news(broker->tail) && tail_take_group(broker->tail, &group))
        syncer_hand_over(broker->syncer, group);
}

void broker_hand_over_in_time(struct broker *broker)
{
    if (broker->awaited)
        broker_hand_over(broker);
    else if (tail_has_news(broker->tail))
        loop_once(broker->options.loop, HAND_OVER_MS, broker_hand_over, broker);
}

static bool is_awaited(const struct broker *broker, const struct pending *pending)
{
    return pending->kind != PENDING_APPENDED || pending->durable_first ||
           tail_bound(broker->tail, pending->stream) == UINT64_MAX;
}

/* For the next group, at the least. PRE: something was taken in that is not on disk. */
static void wait_for_disk(struct broker *broker)
{
    uint64_t group;
    broker_hand_over(broker);
    enum status status = syncer_wait(broker->syncer, tail_settled(broker->tail) + 1, &group);
    settle(broker, status, group);
}

void broker_drain(struct broker *broker)
{
    struct change_group group;
    if (broker->status == OK && tail_take_group(broker->tail, &group)) /* cursors too */
        syncer_hand_over(broker->syncer, group);
    while (broker->status == OK && tail_settled(broker->tail) < tail_group(broker->tail))
        wait_for_disk(broker);
}

void broker_answer_later(struct broker *broker, const struct pending *pending)
{
    while (broker->status == OK &&
           (broker->pending_count == PENDING_COUNT_MAX || tail_unsettled_size(broker->tail) > UNSETTLED_SIZE_MAX))
        wait_for_disk(broker);
    if (broker->status != OK) {
        broker_refuse(broker, pending, BUS_CODE_UNKNOWN_OUTCOME, pending->stream,
                      "the storage failed; ask again after the restart");
        return;
    }
    struct pending *last = &broker->pending[(broker->pending_first + broker->pending_count++) % PENDING_COUNT_MAX];
    *last = *pending;
    last->group = tail_group(broker->tail);
    broker->awaited = broker->awaited || is_awaited(broker, pending);
    answer_settled(broker);
}
