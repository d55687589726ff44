/* SPDX-License-Identifier: Apache-2.0
 * States over the log. */
#include "tools/state_replay.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "common/net/loop.h"
#include "common/runtime/replay.h"
#include "tools/cli.h"
#include "tools/log_reader.h"
#include "tools/store_view.h"

enum { LOOK_EACH = 1 << 12, TOLD_EACH_US = 1000000, WAIT_TRIES = 300, WAIT_MS = 100 };

struct running {
    const struct state_replay *job;
    struct replay *replay;
    struct log_reader inputs[CORE_INPUTS_COUNT_MAX], output;
    uint64_t output_end;
    int64_t began_us, told_us;
};

static void open_streams(struct running *running)
{
    const struct service_streams *streams = &running->job->row->streams;
    for (unsigned i = 0; i < streams->input_count; i++)
        log_reader_open_in(running->job->source, streams->inputs[i], &running->inputs[i]);
    log_reader_open_in(running->job->source, streams->output, &running->output);
    running->output_end = streams->output[0] == 0 ? 0 : log_source_end(running->job->source, streams->output);
}

static void close_streams(struct running *running)
{
    for (unsigned i = 0; i < running->job->row->streams.input_count; i++)
        log_reader_close(&running->inputs[i]);
    log_reader_close(&running->output);
}

static enum status apply_one(struct running *running, uint64_t position)
{
    struct span records[CORE_INPUTS_COUNT_MAX], recorded, said;
    unsigned count = running->job->row->streams.input_count;
    bool decided = position < running->output_end;
    for (unsigned i = 0; i < count; i++)
        if (!log_reader_at(&running->inputs[i], position, &records[i]))
            return REJECT_NOT_FOUND;
    if (decided && !log_reader_at(&running->output, position, &recorded))
        return REJECT_NOT_FOUND;
    TRY(replay_apply(running->replay, records, count, decided ? &recorded : NULL, &said));
    return !decided || span_equal(said, recorded) ? OK : FATAL_DIVERGED;
}

static void tell(struct running *running, uint64_t from)
{
    char line[160];
    int64_t now = loop_monotonic_us();
    uint64_t position = replay_position(running->replay), to = running->job->to;
    if (!running->job->progress || now - running->told_us < TOLD_EACH_US)
        return;
    running->told_us = now;
    uint64_t a_second = (position - from) * 1000000 / (uint64_t)(now - running->began_us + 1);
    (void)snprintf(line, sizeof line,
                   said("%s：%llu / %llu，每秒 %llu 条，还剩 %llu 条、约 %llu 秒",
                        "%s: %llu of %llu, %llu records a second, %llu to go, %llu s left"),
                   running->job->row->name, (unsigned long long)position, (unsigned long long)to,
                   (unsigned long long)a_second, (unsigned long long)(to - position),
                   (unsigned long long)(a_second == 0 ? 0 : (to - position) / a_second));
    progress_line(line, true);
}

static enum status run(struct running *running, struct state_reached *reached, struct buffer *why)
{
    uint8_t digest[DIGEST_SIZE];
    enum status status = OK;
    running->began_us = running->told_us = loop_monotonic_us();
    reached->from = reached->position = replay_position(running->replay);
    if (reached->from > running->job->to)
        return REJECT_RANGE;
    for (; status == OK && reached->position < running->job->to; reached->position += status == OK) {
        if (reached->position % LOOK_EACH == 0)
            tell(running, reached->from);
        status = apply_one(running, reached->position);
    }
    if (running->job->progress)
        progress_end();
    if (status == OK)
        status = replay_digest(running->replay, digest);
    if (status == OK)
        status = replay_commit(running->replay);
    if (status == OK)
        digest_hex(digest, DIGEST_SIZE, reached->digest);
    else
        buffer_printf(why, "%s @%llu: %s", running->job->row->name, (unsigned long long)reached->position,
                      status == REJECT_NOT_FOUND ? "the log does not hold it" : status_text(status));
    return status;
}

enum status state_replay(const struct state_replay *job, struct state_reached *reached, struct buffer *why)
{
    struct running running = {.job = job};
    *reached = (struct state_reached){0};
    TRY(replay_open_kept(job->row->core, job->row->partition, job->map_size, job->directory, &running.replay, why));
    open_streams(&running);
    enum status status = run(&running, reached, why);
    close_streams(&running);
    replay_close(&running.replay);
    return status;
}

enum status state_look(const char *directory, uint64_t *position, char digest[2 * DIGEST_SIZE + 1], struct buffer *why)
{
    struct store_view view = {0};
    struct store_txn *txn;
    uint8_t bytes[DIGEST_SIZE];
    TRY(store_view_open(directory, &view, why));
    enum status status = store_begin(view.store, false, &txn);
    if (status == OK) {
        struct digest *hash = digest_new();
        *position = store_cursor(txn);
        if (digest != NULL && (status = store_digest(txn, hash, bytes)) == OK)
            digest_hex(bytes, DIGEST_SIZE, digest);
        digest_destroy(&hash);
        store_abort(&txn);
    }
    store_view_close(&view);
    return status;
}

uint64_t state_inputs_end(const struct kept_state *row, const struct log_source *source)
{
    uint64_t end = UINT64_MAX;
    for (unsigned i = 0; i < row->streams.input_count; i++) {
        uint64_t here = log_source_end(source, row->streams.inputs[i]);
        end = here < end ? here : end;
    }
    return end;
}

enum status states_source(const char *log, const struct config *config, uint64_t position, struct log_source **source,
                          uint64_t *reached, struct buffer *why)
{
    for (unsigned i = 0; i < WAIT_TRIES; i++) {
        struct kept_state row;
        *reached = UINT64_MAX;
        log_source_close(source);
        TRY(log_source_open(log, config->archive_directory, source, why));
        for (unsigned k = 0; kept_state_at(config->partitions, k, &row); k++) {
            uint64_t here = state_inputs_end(&row, *source);
            *reached = here < *reached ? here : *reached;
        }
        if (*reached >= position)
            return OK;
        (void)nanosleep(&(struct timespec){0, WAIT_MS * 1000000}, NULL);
    }
    return OK;
}

void state_tidy(const char *directory)
{
    static const char *const leftovers[] = {"lock.mdb",   "owner.lock",     "checkpoint",
                                            "pages.sums", "pages.sums.new", "attempts"};
    for (unsigned i = 0; i < sizeof leftovers / sizeof *leftovers; i++) {
        char path[4096 + 32];
        (void)snprintf(path, sizeof path, "%s/%s", directory, leftovers[i]);
        (void)unlink(path);
    }
}
