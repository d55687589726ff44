/* SPDX-License-Identifier: Apache-2.0
 * Control requests: status, digest, dead letters, snapshot, the core's own queries. */
#include "common/runtime/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/pb/wire.h"
#include "common/runtime/runtime_internal.h"
#include "common/store/store_check.h"

enum { WAITING_COUNT_MAX = 16, DEAD_LETTERS_A_PAGE = 100, REQUEST_BODY_QUERY = 6 };

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

static size_t reply_begin(struct control *control, uint32_t body)
{
    buffer_reset(&control->reply);
    wire_put_uint(&control->reply, 1, 1);
    return wire_begin(&control->reply, body);
}

static void reply_end(struct control *control, uint64_t session, size_t mark)
{
    wire_end(&control->reply, mark);
    (void)server_reply(control->server, session, buffer_span(&control->reply));
}

static void reply_error(struct control *control, uint64_t session, const char *text)
{
    buffer_reset(&control->reply);
    wire_put_uint(&control->reply, 1, 1);
    wire_put_text(&control->reply, 7, text);
    (void)server_reply(control->server, session, buffer_span(&control->reply));
}

static void on_status(struct control *control, uint64_t session)
{
    struct runtime *runtime = control->runtime;
    const char *why_not;
    uint64_t used, limit;
    bool ready = runtime_is_ready(runtime, &why_not);
    store_usage(runtime->store, &used, &limit);
    size_t mark = reply_begin(control, 2);
    struct buffer *out = &control->reply;
    wire_put_text(out, 1, runtime->core->name);
    wire_put_uint(out, 2, runtime->options.partition.index);
    wire_put_uint(out, 3, runtime->options.partition.count);
    wire_put_uint(out, 4, runtime->position);
    wire_put_uint(out, 5, runtime->inputs[0].end);
    wire_put_uint(out, 6, runtime->committed);
    wire_put_uint(out, 7, runtime->dead_letters);
    wire_put_uint(out, 8, ready);
    wire_put_text(out, 9, why_not);
    wire_put_uint(out, 10, used);
    wire_put_uint(out, 11, limit);
    wire_put_int(out, 12, runtime->started_at);
    wire_put_uint(out, 13, runtime->core->logic_version != NULL ? runtime->core->logic_version(runtime->self) : 0);
    reply_end(control, session, mark);
}

static void answer_digest(struct control *control, uint64_t session)
{
    uint8_t digest[DIGEST_SIZE];
    if (runtime_digest(control->runtime, digest) != OK) {
        reply_error(control, session, "the state cannot be read");
        return;
    }
    size_t mark = reply_begin(control, 3);
    wire_put_text(&control->reply, 1, control->runtime->core->name);
    wire_put_uint(&control->reply, 2, control->runtime->options.partition.index);
    wire_put_uint(&control->reply, 3, runtime_position(control->runtime));
    wire_put_bytes(&control->reply, 4, span_of(digest, sizeof digest));
    reply_end(control, session, mark);
}

static void set_hold(struct control *control)
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
    for (unsigned i = 0; i < control->waiting_count;) {
        struct waiting waiting = control->waiting[i];
        bool reached = runtime_position(control->runtime) >= waiting.position;
        if (!reached && loop_monotonic_us() < waiting.until_us) {
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
    if (changed) {
        set_hold(control);
        loop_again(control->loop);
    }
}

static void on_digest(struct control *control, uint64_t session, struct span body)
{
    struct wire_reader reader = wire_read(body);
    struct wire_field field;
    struct waiting waiting = {.session = session};
    while (!wire_at_end(&reader) && wire_next(&reader, &field) == OK) {
        if (field.number == 1)
            waiting.position = field.value;
        else if (field.number == 2)
            waiting.until_us = loop_monotonic_us() + (int64_t)(field.value % 3600000) * 1000;
    }
    if (control->waiting_count == WAITING_COUNT_MAX) {
        reply_error(control, session, "too many wait for digests");
        return;
    }
    control->waiting[control->waiting_count++] = waiting;
    set_hold(control);
    serve_waiting(control);
}

static void on_dead_list(struct control *control, uint64_t session, struct span body)
{
    struct wire_reader reader = wire_read(body);
    struct wire_field field;
    uint64_t from = 0, count_max = DEAD_LETTERS_A_PAGE;
    uint8_t key[8];
    while (!wire_at_end(&reader) && wire_next(&reader, &field) == OK) {
        if (field.number == 1)
            from = field.value;
        else if (field.number == 2 && field.value > 0 && field.value < count_max)
            count_max = field.value;
    }
    for (unsigned i = 0; i < 8; i++)
        key[i] = (uint8_t)(from >> (8 * (7 - i)));
    size_t mark = reply_begin(control, 4);
    struct store_walk walk;
    struct runtime *runtime = control->runtime;
    uint64_t count = 0;
    for (bool more = store_walk_start(&walk, runtime->txn, runtime->dead_table, span_of(key, sizeof key));
         more && count < count_max && control->reply.size < FRAME_SIZE_MAX / 2; more = store_walk_next(&walk), count++)
        wire_put_record(&control->reply, 1, walk.value);
    store_walk_end(&walk);
    reply_end(control, session, mark);
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

static void on_snapshot(struct control *control, uint64_t session, struct span body)
{
    struct wire_reader reader = wire_read(body);
    struct wire_field field = {0};
    char directory[4096] = "";
    uint8_t digest[DIGEST_SIZE];
    struct buffer path;
    if (!wire_at_end(&reader) && wire_next(&reader, &field) == OK && field.bytes.size < sizeof directory)
        memcpy(directory, field.bytes.data, field.bytes.size);
    if (directory[0] != '/') {
        reply_error(control, session, "an absolute directory is wanted");
        return;
    }
    buffer_init(&path);
    enum status status = write_snapshot(control, directory, digest, &path);
    if (status != OK) {
        reply_error(control, session, status_text(status));
    } else {
        size_t mark = reply_begin(control, 5);
        wire_put_uint(&control->reply, 1, control->runtime->committed);
        wire_put_bytes(&control->reply, 2, span_of(digest, sizeof digest));
        wire_put_text(&control->reply, 3, buffer_text(&path));
        reply_end(control, session, mark);
    }
    buffer_fini(&path);
}

static void on_query(struct control *control, uint64_t session, struct span body)
{
    struct runtime *runtime = control->runtime;
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
    buffer_reset(&control->reply);
    wire_put_uint(&control->reply, 1, 1);
    wire_put_record(&control->reply, REQUEST_BODY_QUERY, buffer_span(&control->scratch));
    (void)server_reply(control->server, session, buffer_span(&control->reply));
}

static void message(void *self, const struct peer *peer, struct span bytes)
{
    struct control *control = self;
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    uint32_t body = 0;
    struct span content = {NULL, 0};
    if (wire_check(WIRE_CONTROL_REQUEST, bytes, NULL) != OK) {
        reply_error(control, peer->session, "not a ControlRequest");
        return;
    }
    while (!wire_at_end(&reader) && wire_next(&reader, &field) == OK)
        if (field.number > 1) {
            body = field.number;
            content = field.bytes;
        }
    if (body == 2)
        on_status(control, peer->session);
    else if (body == 3)
        on_digest(control, peer->session, content);
    else if (body == 4)
        on_dead_list(control, peer->session, content);
    else if (body == 5)
        on_snapshot(control, peer->session, content);
    else if (body == REQUEST_BODY_QUERY)
        on_query(control, peer->session, content);
    else
        reply_error(control, peer->session, "no such request");
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
