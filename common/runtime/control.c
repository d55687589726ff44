/* SPDX-License-Identifier: Apache-2.0
 * Control requests: status, digest, dead letters, snapshot, the core's own queries. */
#include "common/runtime/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/observe/build.h"
#include "common/pb/wire.h"
#include "common/runtime/process.h"
#include "common/runtime/runtime_internal.h"
#include "common/store/store_check.h"

enum { WAITING_COUNT_MAX = 16, DEAD_LETTERS_A_PAGE = 100, REQUEST_TEXTS_SIZE = 8192 };

struct waiting {
    uint64_t session;
    position_t position;
    int64_t until_us;
};

struct control {
    struct loop *loop;
    struct runtime *runtime;
    struct server *server;
    struct waiting waiting[WAITING_COUNT_MAX];
    unsigned waiting_count;
    struct buffer reply;
    struct buffer scratch;
};

static void reply(struct control *control, uint64_t session, enum control_reply_kind kind,
                  union control_reply_body body)
{
    buffer_reset(&control->reply);
    control_reply_encode(&(struct control_reply){CONTROL_PROTOCOL, kind, body}, &control->reply);
    (void)server_reply(control->server, session, buffer_span(&control->reply));
}

static void reply_error(struct control *control, uint64_t session, const char *text)
{
    reply(control, session, CONTROL_REPLY_ERROR, (union control_reply_body){.error = text});
}

static void on_status(struct control *control, uint64_t session)
{
    struct runtime *runtime = control->runtime;
    const struct core *core = runtime->core;
    struct service_status status = {.service = core->name,
                                    .partition = runtime->options.partition.index,
                                    .partitions = runtime->options.partition.count,
                                    .position = runtime->position,
                                    .input_end = runtime->inputs[0].end,
                                    .committed = runtime->committed,
                                    .dead_letters = store_count(runtime->txn, runtime->dead_table),
                                    .started_at = runtime->started_at,
                                    .logic_version =
                                        core->logic_version != NULL ? core->logic_version(runtime->self) : 0};
    status.restarts = process_restarts();
    status.version = build_version();
    status.build = build_commit();
    struct table_end ends[SERVICE_STATUS_ENDS_MAX];
    status.ends = ends;
    status.end_count = ends_tell(core, runtime->self, loop_wall_ms(), ends);
    status.lag_known = runtime->connected && runtime->input_ends_known == runtime->options.input_count &&
                       input_waiting(&runtime->inputs[0], runtime->position, &status.oldest_waiting_at);
    status.log_at = runtime->inputs[0].heard_at;
    status.ready = runtime_is_ready(runtime, &status.not_ready_reason);
    if (runtime->options.tell != NULL)
        runtime->options.tell(runtime->options.tell_self, &status);
    store_usage(runtime->store, &status.state_bytes, &status.state_limit_bytes);
    reply(control, session, CONTROL_REPLY_STATUS, (union control_reply_body){.status = status});
}

static void answer_digest(struct control *control, uint64_t session)
{
    uint8_t digest[DIGEST_SIZE];
    if (runtime_digest(control->runtime, digest) != OK) {
        reply_error(control, session, "the state cannot be read");
        return;
    }
    reply(control, session, CONTROL_REPLY_DIGEST,
          (union control_reply_body){.digest = {control->runtime->core->name, control->runtime->options.partition.index,
                                                runtime_position(control->runtime), span_of(digest, sizeof digest)}});
}

static void set_wait_at(struct control *control)
{
    position_t wait_at = UINT64_MAX;
    for (unsigned i = 0; i < control->waiting_count; i++)
        if (control->waiting[i].position < wait_at)
            wait_at = control->waiting[i].position;
    control->runtime->wait_at = wait_at;
}

/* Digests whose position has come, or whose patience has ended. */
static void serve_waiting(void *self)
{
    struct control *control = self;
    bool changed = false;
    int64_t now = loop_monotonic_us(), first_us = INT64_MAX;
    for (unsigned i = 0; i < control->waiting_count;) {
        struct waiting waiting = control->waiting[i];
        bool reached = runtime_position(control->runtime) >= waiting.position;
        if (!reached && now < waiting.until_us) {
            first_us = waiting.until_us < first_us ? waiting.until_us : first_us;
            i++;
            continue;
        }
        if (reached)
            answer_digest(control, waiting.session);
        else
            reply_error(control, waiting.session, "the position has not been reached in time");
        control->waiting[i] = control->waiting[--control->waiting_count];
        changed = true;
    }
    if (control->waiting_count > 0)
        loop_once(control->loop, (uint32_t)((first_us - now) / 1000 + 1), serve_waiting, control);
    if (changed) {
        set_wait_at(control);
        loop_again(control->loop);
    }
}

static void on_digest(struct control *control, uint64_t session, const struct digest_request *request)
{
    struct waiting waiting = {.session = session, .position = request->position};
    if (request->wait_ms != 0)
        waiting.until_us = loop_monotonic_us() + (int64_t)(request->wait_ms % 3600000) * 1000;
    if (control->waiting_count == WAITING_COUNT_MAX) {
        reply_error(control, session, "too many wait for digests");
        return;
    }
    control->waiting[control->waiting_count++] = waiting;
    set_wait_at(control);
    serve_waiting(control);
}

static void on_dead_list(struct control *control, uint64_t session, const struct dead_list_request *request)
{
    struct runtime *runtime = control->runtime;
    struct span letters[DEAD_LETTERS_A_PAGE];
    struct dead_list list = {.letters = letters};
    struct store_walk walk;
    uint32_t most =
        request->count_max > 0 && request->count_max < DEAD_LETTERS_A_PAGE ? request->count_max : DEAD_LETTERS_A_PAGE;
    struct row_bytes from = runtime_dead_key(request->from);
    size_t size = 0;
    for (bool more = store_walk_start(&walk, runtime->txn, runtime->dead_table, row_span(&from));
         more && list.letter_count < most && size < FRAME_SIZE_MAX / 2; more = store_walk_next(&walk)) {
        letters[list.letter_count++] = walk.value;
        size += walk.value.size;
    }
    store_walk_end(&walk);
    reply(control, session, CONTROL_REPLY_DEAD_LIST, (union control_reply_body){.dead_list = list});
}

static enum status write_snapshot(struct control *control, const char *directory, uint8_t digest[DIGEST_SIZE],
                                  struct buffer *path)
{
    struct runtime *runtime = control->runtime;
    char temporary[4096 + 128], hex[2 * DIGEST_SIZE + 1], file[4096 + 160];
    enum status status = runtime_commit(runtime);
    for (int i = 0; status == RETRY_BUSY && i < 200; i++) {
        loop_turn(runtime->options.loop, 10);
        status = runtime_commit(runtime);
    }
    TRY(status);
    TRY(runtime_digest(runtime, digest));
    buffer_printf(path, "%s/%s-%u-%llu", directory, runtime->core->name, runtime->options.partition.index,
                  (unsigned long long)runtime->committed);
    (void)snprintf(temporary, sizeof temporary, "%s.part", buffer_text(path));
    TRY(store_copy(runtime->store, temporary));
    digest_hex(digest, DIGEST_SIZE, hex);
    (void)snprintf(file, sizeof file, "%s/digest", temporary);
    FILE *out = fopen(file, "w");
    bool written = out != NULL && fprintf(out, "%s\n", hex) > 0 && fflush(out) == 0 && fsync(fileno(out)) == 0;
    if (out != NULL)
        (void)fclose(out);
    if (!written || store_sync_directory(temporary) != OK || rename(temporary, buffer_text(path)) != 0)
        return FATAL_IO;
    return store_sync_directory(directory);
}

static void on_snapshot(struct control *control, uint64_t session, const struct snapshot_request *request)
{
    uint8_t digest[DIGEST_SIZE];
    struct buffer path;
    if (request->directory[0] != '/') {
        reply_error(control, session, "an absolute directory is wanted");
        return;
    }
    buffer_init(&path);
    enum status status = write_snapshot(control, request->directory, digest, &path);
    if (status != OK)
        reply_error(control, session, status_text(status));
    else
        reply(control, session, CONTROL_REPLY_SNAPSHOT,
              (union control_reply_body){
                  .snapshot = {control->runtime->committed, span_of(digest, sizeof digest), buffer_text(&path)}});
    buffer_fini(&path);
}

/* After a start nothing is said before all is known again that the process before may have told: answers only move on.
 */
static void on_query(struct control *control, uint64_t session, struct span body)
{
    struct runtime *runtime = control->runtime;
    if (!runtime_has_caught_up(runtime)) {
        reply(control, session, CONTROL_REPLY_NOT_READY,
              (union control_reply_body){.not_ready = {"catching up with its inputs"}});
        return;
    }
    buffer_reset(&control->scratch);
    if (runtime->core->flush != NULL)
        runtime->core->flush(runtime->self, runtime->txn);
    enum status status = runtime->core->query == NULL
                             ? REJECT_NOT_FOUND
                             : runtime->core->query(runtime->self, runtime->txn, body, &control->scratch);
    if (status != OK) {
        reply_error(control, session, status_text(status));
        return;
    }
    reply(control, session, CONTROL_REPLY_ANSWER, (union control_reply_body){.answer = buffer_span(&control->scratch)});
}

static void message(void *self, const struct peer *peer, struct span bytes)
{
    struct control *control = self;
    struct control_request request;
    uint8_t memory[REQUEST_TEXTS_SIZE];
    struct arena arena;
    arena_init(&arena, memory, sizeof memory);
    if (wire_check(WIRE_CONTROL_REQUEST, bytes, NULL) != OK || control_request_decode(bytes, &arena, &request) != OK) {
        reply_error(control, peer->session, "not a ControlRequest");
        return;
    }
    switch (request.kind) {
    case CONTROL_ASK_STATUS:
        on_status(control, peer->session);
        break;
    case CONTROL_ASK_DIGEST:
        on_digest(control, peer->session, &request.body.digest);
        break;
    case CONTROL_ASK_DEAD_LIST:
        on_dead_list(control, peer->session, &request.body.dead_list);
        break;
    case CONTROL_ASK_SNAPSHOT:
        on_snapshot(control, peer->session, &request.body.snapshot);
        break;
    case CONTROL_ASK_QUERY:
        on_query(control, peer->session, request.body.query);
        break;
    case CONTROL_ASK_NONE:
        reply_error(control, peer->session, "no such request");
        break;
    }
}

enum status control_open(struct loop *loop, struct runtime *runtime, const char *endpoint, struct control **out,
                         struct buffer *why)
{
    struct control *control = calloc(1, sizeof *control);
    INVARIANT(control != NULL);
    control->loop = loop;
    control->runtime = runtime;
    struct server_options options = {.endpoint = endpoint, .message = message, .self = control};
    enum status status = server_open(loop, &options, &control->server, why);
    if (status != OK) {
        free(control);
        return status;
    }
    loop_add_turn(loop, serve_waiting, control);
    *out = control;
    return OK;
}

void control_close(struct control **control)
{
    if (*control == NULL)
        return;
    loop_remove((*control)->loop, *control);
    server_close(&(*control)->server);
    buffer_fini(&(*control)->reply);
    buffer_fini(&(*control)->scratch);
    free(*control);
    *control = NULL;
}
