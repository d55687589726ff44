/* SPDX-License-Identifier: Apache-2.0
 * The one loop around every core: runtime.h says what, this file says when.
 *
 *   CONNECTING -- writer opened, ends of all inputs known --> CATCHING UP -- position reaches output_end --> SERVING
 *
 *   CATCHING UP  outputs are recomputed and compared with what the stream holds; nothing is appended
 *   SERVING      outputs are appended as they are made; the state is committed behind them
 *
 * A commit waits until all that it is made of is durable; a cursor past a record whose output the stream lacks, or past
 * the log's own end, could never be mended:
 *
 *   with an output ...... when it was `appended`: the inputs were written before it, so they are durable as well
 *   without, ahead ...... the inputs' ends are asked for (asked.h)
 *   without, not ahead .. what comes in is durable
 *
 * While a commit is due, nothing new is applied; that is the round trip of one append at most. */
#include "common/runtime/runtime_internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/observe/diary.h"
#include "common/runtime/bury.h"
#include "common/runtime/figures.h"
#include "common/store/store_check.h"

enum status runtime_fail(struct runtime *runtime, enum status status, const char *what)
{
    if (runtime->status == OK) {
        runtime->status = status;
        (void)snprintf(runtime->why, sizeof runtime->why, "%s", what);
        diary_event(DIARY_FATAL, "runtime_failed", "core=%s position=%llu status=%s detail=%s", runtime->core->name,
                    (unsigned long long)runtime->position, status_name(status), what);
        loop_stop(runtime->options.loop);
    }
    return status;
}

void runtime_tell_letters(struct runtime *runtime)
{
    metric_set(runtime->dead, (int64_t)store_count(runtime->txn, runtime->dead_table));
}

static void bury(struct runtime *runtime, const struct core_input *input, const char *reason, struct buffer *output)
{
    bury_record(&runtime->bury, runtime->core, runtime->self, runtime->txn, input, reason, output);
    runtime_tell_letters(runtime);
    diary_event(DIARY_ERROR, "dead_letter", "core=%s position=%llu reason=%s", runtime->core->name,
                (unsigned long long)input->position, reason);
}

/* One record through the core; its output record in `output`. `quarantine`: it was buried for what it did to this
 * process, which the log does not tell. */
static enum status decide(struct runtime *runtime, const struct core_input *input, const struct span *recorded,
                          struct buffer *output, bool *quarantine)
{
    *quarantine = false;
    if (!runtime->core->takes_all)
        TRY(attempts_before(&runtime->attempts, input->position, quarantine));
    if (*quarantine ||
        (recorded != NULL && bury_is_quarantine(runtime->core, runtime->self, input, *recorded, output))) {
        bury(runtime, input, bury_quarantine, output);
        return OK;
    }
    enum status status = runtime->core->apply(runtime->self, runtime->txn, input, output);
    if (status == REJECT_UNDECODABLE) {
        bury(runtime, input, bury_undecodable, output);
        status = OK;
    }
    TRY(status);
    return attempts_after(&runtime->attempts, input->position);
}

static bool appends(const struct runtime *runtime)
{
    return runtime->options.output != NULL && runtime->position >= runtime->output_end;
}

static void keep_output(struct runtime *runtime, bool alone)
{
    struct span record = buffer_span(&runtime->output);
    struct outbox_batch *batch = alone ? outbox_add_alone(&runtime->outbox, runtime->position, record)
                                       : outbox_add(&runtime->outbox, runtime->position, record);
    batch->since = runtime->inputs[0].first->stored_at;
}

static enum status apply_one(struct runtime *runtime)
{
    struct span records[CORE_INPUTS_COUNT_MAX], recorded;
    bool catching_up = runtime->options.output != NULL && runtime->position < runtime->output_end;
    for (unsigned i = 0; i < runtime->options.input_count; i++)
        TRY(input_peek(&runtime->inputs[i], runtime->position, &records[i]));
    if (catching_up)
        TRY(input_peek(&runtime->verify, runtime->position, &recorded));
    struct buffer *output = &runtime->output;
    struct core_input input = {runtime->position, records, runtime->options.input_count, &runtime->arena,
                               &runtime->bury.kept};
    buffer_reset(output);
    arena_reset(&runtime->arena);
    bool quarantine;
    TRY(decide(runtime, &input, catching_up ? &recorded : NULL, output, &quarantine));
    if (catching_up && !span_equal(buffer_span(output), recorded))
        return FATAL_DIVERGED;
    if (catching_up)
        input_advance(&runtime->verify);
    if (appends(runtime))
        keep_output(runtime, quarantine);
    for (unsigned i = 0; i < runtime->options.input_count; i++)
        input_advance(&runtime->inputs[i]);
    runtime->position++;
    if (catching_up || (runtime->options.output == NULL && !runtime->options.ahead))
        runtime->acked = runtime->position;
    if (catching_up && runtime->position == runtime->output_end)
        bus_close_reader(runtime->options.bus, &runtime->verify.reader);
    return OK;
}

static void give_credit_back(struct runtime *runtime, bool all)
{
    for (unsigned i = 0; i < runtime->options.input_count; i++) {
        struct input *input = &runtime->inputs[i];
        input_release(input);
        if (input->reader == NULL)
            continue;
        if (input->returned > INPUT_CREDIT / 8 || (all && input->returned > 0)) {
            bus_credit(runtime->options.bus, input->reader, input->returned, runtime->committed);
            input->returned = 0;
        }
    }
    input_release(&runtime->verify);
    if (runtime->verify.returned > 0 && runtime->verify.reader != NULL) {
        bus_credit(runtime->options.bus, runtime->verify.reader, runtime->verify.returned, 0);
        runtime->verify.returned = 0;
    }
}

/* For what nobody waits for, small batches are worth a sync only when time has passed (tick) or a commit needs them. */
static bool worth_sending(const struct runtime *runtime)
{
    if (!runtime->options.unhurried || runtime->commit_due || runtime->position >= runtime->wait_at)
        return true;
    return runtime->outbox.unsent > 1;
}

static bool may_apply(const struct runtime *runtime)
{
    bool writable = runtime->options.output == NULL || runtime->writer_ready;
    return runtime->status == OK && writable && !runtime->commit_due && runtime->position < runtime->wait_at &&
           runtime->input_ends_known == runtime->options.input_count &&
           runtime->position - runtime->committed < COMMIT_RECORDS_MAX;
}

static int64_t commit_interval_us(const struct runtime *runtime)
{
    return (runtime->options.unhurried ? UNHURRIED_COMMIT_INTERVAL_MS : COMMIT_INTERVAL_MS) * INT64_C(1000);
}

/* A turn follows it, in which a state is committed that has waited long enough. */
static void tick(void *self)
{
    struct runtime *runtime = self;
    if (runtime->status == OK && runtime->writer_ready)
        outbox_send(&runtime->outbox);
}

/* Only while something waits: outputs to be sent, or a state to be committed. */
static void tick_when_due(struct runtime *runtime)
{
    if (runtime->outbox.unsent > 0)
        loop_once(runtime->options.loop, runtime->options.unhurried ? UNHURRIED_SEND_MS : RESEND_MS, tick, runtime);
    if (runtime->oldest_uncommitted_us == 0 || runtime->commit_due)
        return;
    int64_t left_us = runtime->oldest_uncommitted_us + commit_interval_us(runtime) - loop_monotonic_us();
    loop_once(runtime->options.loop, left_us > 0 ? (uint32_t)(left_us / 1000 + 1) : 1, tick, runtime);
}

/* `dry`: nothing more has come. */
static unsigned apply_some(struct runtime *runtime, bool *dry)
{
    unsigned applied = 0;
    int64_t until_us = loop_monotonic_us() + APPLY_US_A_TURN;
    while (applied < APPLY_RECORDS_A_TURN && may_apply(runtime) && loop_monotonic_us() < until_us) {
        if (appends(runtime) && !outbox_has_room(&runtime->outbox))
            break;
        enum status status = apply_one(runtime);
        *dry = status == REJECT_NOT_FOUND;
        if (*dry)
            break;
        if (status != OK) {
            (void)runtime_fail(runtime, status_is_fatal(status) ? status : FATAL_CORRUPT,
                               status == FATAL_DIVERGED ? "recomputed output differs from the stream" : "apply failed");
            break;
        }
        if (runtime->oldest_uncommitted_us == 0)
            runtime->oldest_uncommitted_us = loop_monotonic_us();
        applied++;
    }
    return applied;
}

enum status runtime_commit(struct runtime *runtime)
{
    TRY(runtime->status);
    if (runtime->position == runtime->committed)
        return OK;
    if (runtime->acked < runtime->position) {
        if (runtime->options.output == NULL && runtime->input_ends_known == runtime->options.input_count)
            asked_ask(&runtime->asked, runtime->options.bus, runtime->options.inputs, runtime->options.input_count,
                      runtime->position);
        return RETRY_BUSY;
    }
    int64_t before = loop_monotonic_us();
    if (runtime->core->flush != NULL)
        runtime->core->flush(runtime->self, runtime->txn);
    enum status status = store_commit(&runtime->txn, runtime->position);
    if (status == OK)
        status = store_begin(runtime->store, true, &runtime->txn);
    if (status == OK)
        status = attempts_committed(&runtime->attempts, runtime->position);
    if (status != OK)
        return runtime_fail(runtime, status_is_fatal(status) ? status : FATAL_IO, "commit failed");
    runtime->committed = runtime->position;
    runtime->oldest_uncommitted_us = 0;
    runtime->commit_due = false;
    metric_count(runtime->commits, 1);
    metric_observe_us(runtime->commit_us, (uint64_t)(loop_monotonic_us() - before));
    return OK;
}

static void commit_if_due(struct runtime *runtime)
{
    if (runtime->oldest_uncommitted_us == 0 || runtime->status != OK)
        return;
    bool old = loop_monotonic_us() - runtime->oldest_uncommitted_us >= commit_interval_us(runtime);
    bool many = runtime->position - runtime->committed >= COMMIT_RECORDS_MAX;
    runtime->commit_due = runtime->commit_due || old || many;
    if (runtime->commit_due && runtime_commit(runtime) == OK && runtime->options.advanced != NULL)
        runtime->options.advanced(runtime->options.advanced_self, runtime);
}

static void turn(void *self)
{
    struct runtime *runtime = self;
    if (runtime->status != OK)
        return;
    commit_if_due(runtime);
    int64_t before = loop_monotonic_us();
    bool room = runtime->core->takes_all || !store_is_full(runtime->store); /* L7: readyz says so */
    bool dry = false;
    unsigned applied = room ? apply_some(runtime, &dry) : 0;
    if (runtime->status != OK)
        return;
    if (runtime->writer_ready && worth_sending(runtime))
        outbox_send(&runtime->outbox);
    tick_when_due(runtime);
    give_credit_back(runtime, false);
    if (applied == 0)
        return;
    metric_observe_us(runtime->apply_us, (uint64_t)(loop_monotonic_us() - before));
    metric_count(runtime->applied, applied);
    metric_set(runtime->at, (int64_t)runtime->position);
    if (runtime->options.advanced != NULL)
        runtime->options.advanced(runtime->options.advanced_self, runtime);
    if (!dry)
        loop_again(runtime->options.loop);
}

static void on_writer_opened(void *self, struct bus_writer *writer, enum status status, position_t end)
{
    struct runtime *runtime = self;
    (void)writer;
    if (status != OK || end < runtime->committed) {
        /* D10: the state is ahead of the log that it came from. */
        (void)runtime_fail(runtime, FATAL_CORRUPT, "the output stream ends before the committed position");
        return;
    }
    runtime->output_end = end;
    runtime->acked = runtime->position;
    runtime->writer_ready = true;
    if (end > runtime->position) {
        runtime->verify.stream = runtime->options.output;
        runtime->verify.reader =
            bus_open_reader(runtime->options.bus, runtime->options.output, "", runtime->position, INPUT_CREDIT, false);
    }
    loop_again(runtime->options.loop);
}

static void on_appended(void *self, struct bus_writer *writer, position_t position, uint32_t count, bool already,
                        enum status status)
{
    struct runtime *runtime = self;
    (void)writer;
    (void)already;
    if (runtime->status != OK)
        return;
    if (status == RETRY_FULL) {
        outbox_refused(&runtime->outbox, position);
        return; /* the timer tries again; meanwhile nothing is committed and the inputs' credit runs out */
    }
    if (status != OK) {
        (void)runtime_fail(runtime, status == REJECT_CONFLICT ? FATAL_FENCED : status, "append refused");
        return;
    }
    const struct outbox_batch *batch = outbox_appended(&runtime->outbox, position, count);
    int64_t took_ms = loop_wall_ms() - batch->since; /* below 0 where the clock was set back (T1) */
    metric_observe_us(runtime->stage_us, took_ms > 0 ? (uint64_t)took_ms * 1000 : 0);
    runtime->acked = position + count;
    loop_again(runtime->options.loop);
}

static void on_batch(void *self, struct bus_reader *reader, const struct bus_batch *batch)
{
    struct runtime *runtime = self;
    if (reader == runtime->verify.reader) {
        input_take(&runtime->verify, batch);
        return;
    }
    for (unsigned i = 0; i < runtime->options.input_count; i++)
        if (runtime->inputs[i].reader == reader)
            input_take(&runtime->inputs[i], batch);
}

static void on_reader_failed(void *self, struct bus_reader *reader, enum status status)
{
    struct runtime *runtime = self;
    (void)reader;
    (void)runtime_fail(runtime, status_is_fatal(status) ? status : FATAL_CORRUPT,
                       status == FATAL_CORRUPT ? "a batch of an input is damaged in the log: the broker's diary names "
                                                 "it, `hutong doctor --scrub` the file to restore"
                                               : "an input cannot be read from here");
}

/* The ends of the inputs, asked for once: a position beyond the log means that the log lost its tail (D10). */
static void on_answer(void *self, uint64_t token, enum status status, position_t began, position_t end,
                      const struct bus_batch *batch)
{
    struct runtime *runtime = self;
    (void)began;
    (void)batch;
    if (token >= runtime->options.input_count)
        return;
    if (runtime->input_ends_known == runtime->options.input_count) {
        if (asked_answered(&runtime->asked, status == OK ? end : 0) && runtime->asked.durable > runtime->acked)
            runtime->acked = runtime->asked.durable;
        loop_again(runtime->options.loop);
        return;
    }
    if (status == OK && end < runtime->position) {
        (void)runtime_fail(runtime, FATAL_CORRUPT, "an input ends before the committed position");
        return;
    }
    if (runtime->input_ends_known == 0 && runtime->options.bus->log != 0 &&
        store_of_log(runtime->txn, runtime->options.bus->log) != OK) {
        (void)runtime_fail(runtime, FATAL_CORRUPT,
                           "the state was made of another log than the broker's: put the right one into its place, or "
                           "move it away, and it is made again");
        return;
    }
    struct input *input = &runtime->inputs[token];
    input->end = end;
    if (runtime->input_ends_known == 0 || end < runtime->input_end)
        runtime->input_end = end;
    char name[STREAM_NAME_SIZE_MAX + 1] = ""; /* who writes a stream needs no cursor that holds its trimming */
    if (!runtime->options.writes_input)
        (void)snprintf(name, sizeof name, "%s.%u", runtime->core->name, runtime->options.partition.index);
    input->reader = bus_open_reader(runtime->options.bus, input->stream, name, runtime->position, INPUT_CREDIT,
                                    runtime->options.ahead);
    runtime->input_ends_known++;
}

static void on_connected(void *self)
{
    ((struct runtime *)self)->connected = true;
}

static void on_disconnected(void *self)
{
    ((struct runtime *)self)->connected = false;
    diary_event(DIARY_WARN, "bus_disconnected", "core=%s", ((struct runtime *)self)->core->name);
}

static void scrub(struct runtime *runtime)
{
    struct store_scrub done;
    struct buffer why;
    buffer_init(&why);
    enum status status = store_scrub(runtime->store, SCRUB_BYTES_A_SECOND, &done, &why);
    if (status == OK)
        metric_set(runtime->scrubs, (int64_t)done.rounds);
    else if (runtime->status == OK)
        (void)runtime_fail(runtime, status, buffer_text(&why));
    buffer_fini(&why);
}

/* -1: not known. */
static int64_t lag_seconds(const struct runtime *runtime)
{
    instant_ms_t oldest, now = loop_wall_ms();
    if (!runtime->connected || runtime->input_ends_known != runtime->options.input_count ||
        !input_waiting(&runtime->inputs[0], runtime->position, &oldest))
        return -1;
    return oldest == 0 || oldest > now ? 0 : (now - oldest) / 1000;
}

static void watch(void *self)
{
    struct runtime *runtime = self;
    uint64_t used, limit, lag;
    scrub(runtime);
    store_check_readers(runtime->store, &lag);
    metric_set(runtime->reader_lag, (int64_t)lag);
    store_usage(runtime->store, &used, &limit);
    metric_set(runtime->map_used, (int64_t)used);
    metric_set(runtime->map_limit, (int64_t)limit);
    ends_watch(&runtime->ends, runtime->core, runtime->self, runtime->options.metrics, loop_wall_ms());
    figures_watch(runtime->core, runtime->self, runtime->txn, runtime->options.partition.index,
                  runtime->options.metrics);
    runtime_tell_letters(runtime);
    position_t end = runtime->inputs[0].end;
    metric_set(runtime->lag, end > runtime->position ? (int64_t)(end - runtime->position) : 0);
    metric_set(runtime->lag_seconds, lag_seconds(runtime));
    if (runtime->position < runtime->input_end)
        diary_event(DIARY_INFO, "catching_up", "core=%s position=%llu of=%llu", runtime->core->name,
                    (unsigned long long)runtime->position, (unsigned long long)runtime->input_end);
    if (runtime->status == OK && runtime->input_ends_known == runtime->options.input_count)
        give_credit_back(runtime, true);
}

void runtime_open_streams(struct runtime *runtime)
{
    struct bus *bus = runtime->options.bus;
    bus->handlers = (struct bus_handlers){runtime,          on_writer_opened, on_appended,  on_batch,
                                          on_reader_failed, on_answer,        on_connected, on_disconnected};
    for (unsigned i = 0; i < runtime->options.input_count; i++) {
        runtime->inputs[i].stream = runtime->options.inputs[i];
        bus_last(bus, runtime->options.inputs[i], i);
    }
    if (runtime->options.output != NULL)
        runtime->outbox = (struct outbox){
            .bus = bus,
            .writer = bus_open_writer(bus, runtime->options.output, runtime->core->name, runtime->options.inputs[0])};
    loop_add_turn(runtime->options.loop, turn, runtime);
    loop_add_timer(runtime->options.loop, 5000, watch, runtime);
}

void runtime_close(struct runtime **out)
{
    struct runtime *runtime = *out;
    if (runtime == NULL)
        return;
    bool clean = runtime->status == OK;
    if (clean) /* outputs on their way are waited for, two seconds at most: what is not committed is derived again */
        for (int i = 0; i < 200 && runtime_commit(runtime) == RETRY_BUSY; i++)
            loop_turn(runtime->options.loop, 10);
    loop_remove(runtime->options.loop, runtime);
    if (runtime->core->close != NULL && runtime->self != NULL)
        runtime->core->close(runtime->self);
    store_abort(&runtime->txn);
    store_close(&runtime->store);
    attempts_close(&runtime->attempts, clean || runtime->status == FATAL_TAIL_LOST);
    for (unsigned i = 0; i < CORE_INPUTS_COUNT_MAX; i++)
        input_fini(&runtime->inputs[i]);
    input_fini(&runtime->verify);
    outbox_fini(&runtime->outbox);
    digest_destroy(&runtime->digest);
    bury_close(&runtime->bury);
    buffer_fini(&runtime->output);
    free(runtime->arena.memory);
    free(runtime->self);
    free(runtime);
    *out = NULL;
}

void runtime_take_over(struct runtime *runtime)
{
    PRE(runtime->options.writes_input);
    if (runtime->inputs[0].reader != NULL)
        bus_close_reader(runtime->options.bus, &runtime->inputs[0].reader);
    runtime->input_ends_known = 1;
}

void runtime_feed(struct runtime *runtime, const struct bus_batch *batch)
{
    PRE(runtime->options.writes_input && runtime->inputs[0].reader == NULL);
    input_take(&runtime->inputs[0], batch);
    loop_again(runtime->options.loop);
}
