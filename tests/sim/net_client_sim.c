/* SPDX-License-Identifier: Apache-2.0
 * The other side of server.h, dealers and the regions' lines; and zap.h, which lets in everybody whom the world
 * made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/net/zap.h"
#include "tests/sim/net_internal.h"

enum { CLIENT_QUEUE_MAX = 100000 };

static enum status send_from(struct conn *conn, struct span bytes)
{
    if (conn->unsent.count >= CLIENT_QUEUE_MAX)
        return RETRY_BUSY;
    if (conn->state == DEAF)
        return OK; /* lost */
    struct frame *frame = frame_of(conn, bytes);
    if (conn->state == UP)
        conn_send(conn, frame);
    else
        frames_put(&conn->unsent, frame);
    return OK;
}

enum status dealer_open(const struct dealer_options *options, struct dealer **out)
{
    struct dealer *dealer = calloc(1, sizeof *dealer);
    INVARIANT(dealer != NULL);
    dealer->conn = conn_new(world_of(), options->endpoint, world_current());
    dealer->conn->dealer = dealer;
    conn_retry(dealer->conn, 0);
    *out = dealer;
    return OK;
}

void dealer_close(struct dealer **out)
{
    struct dealer *dealer = *out;
    if (dealer == NULL)
        return;
    if (dealer->loop != NULL)
        loop_remove(dealer->loop, dealer);
    conn_close(dealer->conn);
    free(dealer->taken);
    free(dealer);
    *out = NULL;
}

void dealer_abandon(struct dealer **dealer)
{
    dealer_close(dealer);
}

enum status dealer_send(struct dealer *dealer, struct span bytes)
{
    world_point("send");
    return world_dead() ? OK : send_from(dealer->conn, bytes);
}

enum status dealer_take(struct dealer *dealer, struct span *bytes)
{
    struct frame *frame = frames_take(&dealer->conn->inbox);
    if (frame == NULL)
        return RETRY_TIMEOUT;
    free(dealer->taken);
    dealer->taken = frame;
    dealer->conn->under_way--;
    dealer->conn->under_way_size -= frame->size;
    *bytes = span_of(frame->bytes, frame->size);
    return OK;
}

enum status dealer_receive(struct dealer *dealer, uint32_t wait_ms, struct buffer *message)
{
    struct span bytes;
    INVARIANT(wait_ms == 0); /* nobody of the exchange waits so */
    TRY(dealer_take(dealer, &bytes));
    buffer_reset(message);
    buffer_append(message, bytes.data, bytes.size);
    return OK;
}

bool dealer_is_refused(struct dealer *dealer)
{
    (void)dealer;
    return false;
}

bool dealer_lost_its_peer(struct dealer *dealer)
{
    bool lost = dealer->lost;
    dealer->lost = false;
    return lost;
}

bool dealer_has_connected(struct dealer *dealer)
{
    bool connected = dealer->connected;
    dealer->connected = false;
    return connected;
}

/* Called while there is something to receive. */
static void dealer_readable(void *self)
{
    struct dealer *dealer = self;
    struct loop *loop = dealer->loop;
    const struct conn *conn = dealer->conn;
    dealer->ready(dealer->watcher); /* which may close it: the connection's memory is the world's */
    if (!conn->closed && conn->inbox.first != NULL)
        loop_sim_readable(loop, dealer);
}

void dealer_watch(struct dealer *dealer, struct loop *loop, loop_ready_fn *ready, void *self)
{
    dealer->loop = loop;
    dealer->ready = ready;
    dealer->watcher = self;
    loop_sim_add(loop, dealer_readable, dealer);
}

struct line *line_open(struct world *world, const struct line_options *options)
{
    struct line *line = world_keep(world, sizeof *line);
    line->options = *options;
    line->conn = conn_new(world, options->endpoint, NULL);
    line->conn->line = line;
    line->conn->role = options->role;
    (void)snprintf(line->conn->party, sizeof line->conn->party, "%s", options->party);
    conn_retry(line->conn, 0);
    return line;
}

void line_send(struct line *line, struct span bytes)
{
    (void)send_from(line->conn, bytes);
}

void line_hear(struct line *line, bool hear)
{
    struct conn *conn = line->conn;
    struct frame *frame;
    conn->client_hears = hear;
    while (conn->client_hears && !conn->closed && (frame = frames_take(&conn->inbox)) != NULL) {
        conn->under_way--;
        conn->under_way_size -= frame->size;
        line->options.message(line->options.self, span_of(frame->bytes, frame->size));
        free(frame);
    }
}

void line_close(struct line **line)
{
    if (*line == NULL)
        return;
    conn_close((*line)->conn);
    *line = NULL;
}

/* ---- who may speak: everybody whom the world made ---- */

struct zap {
    int nothing;
};

enum status zap_open(const char *certificate_directory, const char *server_certificate, struct zap **zap,
                     struct buffer *why)
{
    (void)certificate_directory, (void)server_certificate, (void)why;
    *zap = calloc(1, sizeof **zap);
    INVARIANT(*zap != NULL);
    return OK;
}

void zap_close(struct zap **zap)
{
    free(*zap);
    *zap = NULL;
}

void zap_counts(const struct zap *zap, struct zap_counts *counts)
{
    (void)zap;
    *counts = (struct zap_counts){0};
}

bool zap_lookup(struct zap *zap, const char *public_key_z85, enum party_role *role, char party[PARTY_SIZE_MAX + 1])
{
    (void)zap, (void)public_key_z85;
    *role = PARTY_NONE;
    party[0] = 0;
    return false;
}

bool zap_has_keys(struct zap *zap, const char **why_not)
{
    (void)zap;
    *why_not = "";
    return true;
}

enum status zap_self_test(struct zap *zap)
{
    (void)zap;
    return OK;
}
