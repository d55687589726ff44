/* SPDX-License-Identifier: Apache-2.0
 * hutong-flood: a hostile peer, and an honest one beside it. tests/e2e/hostile.py starts both, each on a processor of
 * its own.
 *
 *   hutong-flood KIND ENDPOINT SERVER_KEY PUBLIC SECRET BILLS SECONDS CONNECTIONS [SOURCE]
 *
 * Keys in Z85; BILLS: a file of length-delimited envelopes of this party. KIND `honest` sends one bill each 20 ms and
 * never twice, and prints as JSON how long receipts took; every other kind floods for so long and prints what it was
 * answered. SOURCE: the address to come from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zmq.h>

#include "bench/half.h"
#include "common/base/check.h"
#include "common/net/loop.h"
#include "common/pb/outcome.h"

enum {
    CONNECTIONS_MAX = 5000,
    BILL_EACH_US = 20 * 1000,
    PATIENCE_US = 5 * 1000 * 1000, /* what has no receipt by then is unanswered */
    SAMPLES_MAX = 100000,
    BILLS_A_FRAME = 512,
    HEAD_SIZE = 38 /* tag, length, and the id itself */
};

struct flood {
    const char *endpoint, *server_key, *public_key, *secret_key, *source;
    void *context;
    unsigned connections;
    int64_t until_us;
    struct buffer bills; /* concatenated, without lengths */
    struct span *bill;
    uint64_t bill_count, next, request;
    struct buffer frame, body;
    uint64_t answers, sent, refused_whole[1000]; /* by rule */
};

/* ---- bills ---- */

static void read_bills(struct flood *flood, const char *path)
{
    FILE *file = fopen(path, "rb");
    INVARIANT(file != NULL);
    for (size_t size = 1; size > 0;) {
        (void)buffer_reserve(&flood->bills, 1 << 20);
        size = fread(flood->bills.data + flood->bills.size, 1, 1 << 20, file);
        flood->bills.size += size;
    }
    (void)fclose(file);
    struct wire_reader reader = wire_read(buffer_span(&flood->bills));
    flood->bill = calloc(flood->bills.size / 64 + 1, sizeof *flood->bill);
    INVARIANT(flood->bill != NULL);
    for (uint64_t size; !wire_at_end(&reader);) {
        INVARIANT(wire_next_number(&reader, &size) == OK);
        flood->bill[flood->bill_count++] = span_of(reader.at, size);
        reader.at += size;
    }
}

/* The next bill under an id that nobody has used. */
static struct span fresh_bill(struct flood *flood, bool same)
{
    struct span bill = flood->bill[flood->next % flood->bill_count];
    uint8_t *id = memmem(bill.data, bill.size, "\x1a\x24", 2);
    static uint64_t base;
    char text[37];
    if (base == 0)
        INVARIANT(getrandom(&base, sizeof base, 0) == sizeof base);
    if (!same)
        flood->next++;
    INVARIANT(id != NULL);
    uint64_t low = base + flood->next;
    (void)snprintf(text, sizeof text, "0197f1a2-%04x-7%03x-8%03x-%012llx", (unsigned)(low >> 48) & 0xffff,
                   (unsigned)(base >> 12) & 0xfff, (unsigned)base & 0xfff, (unsigned long long)low & 0xffffffffffffull);
    memcpy(id + 2, text, 36);
    return bill;
}

/* ---- frames ---- */

static void frame_begin(struct flood *flood)
{
    buffer_reset(&flood->body);
}

static void frame_add(struct flood *flood, struct span envelope)
{
    wire_put_record(&flood->body, 1, envelope);
}

static void frame_end(struct flood *flood, uint32_t field)
{
    buffer_reset(&flood->frame);
    wire_put_varint(&flood->frame, 1, 1);
    wire_put_varint(&flood->frame, 2, ++flood->request);
    wire_put_record(&flood->frame, field, buffer_span(&flood->body));
}

static void make_bills(struct flood *flood)
{
    frame_begin(flood);
    for (int i = 0; i < BILLS_A_FRAME; i++)
        frame_add(flood, fresh_bill(flood, false));
    frame_end(flood, 3);
}

/* The same bill over and over: 4 MiB of it. */
static void make_duplicates(struct flood *flood)
{
    frame_begin(flood);
    while (flood->body.size < 4000000 && flood->body.size / 1000 < 4096)
        frame_add(flood, fresh_bill(flood, true));
    frame_end(flood, 3);
}

/* Envelopes as large as they may be, of a bill with as many items as it may have, each of tiny fields. */
static void make_tiny(struct flood *flood)
{
    static const uint8_t item[] = {0x82, 0x01, 19,   0x0a, 1,    '1', 0x12, 1, '1',  0x18, 1,
                                   0x20, 1,    0x28, 1,    0x30, 1,   0x38, 1, 0x42, 1,    '1'};
    static struct buffer body, envelope;
    struct span bill = fresh_bill(flood, true);
    buffer_reset(&body);
    buffer_reset(&envelope);
    for (int i = 0; i < 16384; i++)
        buffer_append(&body, item, sizeof item);
    uint8_t *id = memmem(bill.data, bill.size, "\x1a\x24", 2);
    buffer_append(&envelope, bill.data, (size_t)(id + HEAD_SIZE - bill.data));
    wire_put_record(&envelope, 17, buffer_span(&body));
    frame_begin(flood);
    for (int i = 0; i < 9; i++)
        frame_add(flood, buffer_span(&envelope));
    frame_end(flood, 3);
}

static void make_specks(struct flood *flood)
{
    frame_begin(flood);
    for (int i = 0; i < 2000000; i++)
        buffer_append(&flood->body, "\x0a", 2); /* an empty envelope */
    frame_end(flood, 3);
}

static void make_refusals(struct flood *flood)
{
    frame_begin(flood);
    for (int i = 0; i < 4096; i++)
        buffer_append(&flood->body, "\x0a\x02\x08\x07", 4); /* an envelope of version 7 */
    frame_end(flood, 3);
}

static void make_garbage(struct flood *flood)
{
    buffer_reset(&flood->frame);
    INVARIANT(getrandom(buffer_reserve(&flood->frame, 4096), 4096, 0) == 4096);
    flood->frame.size = 4096;
}

static void make_fetch(struct flood *flood)
{
    frame_begin(flood);
    wire_put_uint(&flood->body, 3, 4096);
    frame_end(flood, 5);
}

static void make_question(struct flood *flood)
{
    frame_begin(flood);
    wire_put_record(&flood->body, 2, span_of(NULL, 0)); /* the journal, from its beginning */
    frame_end(flood, 8);
}

static void make_ping(struct flood *flood)
{
    frame_begin(flood);
    frame_end(flood, 7);
}

/* ---- connections ---- */

static void *open_socket(struct flood *flood, int connects)
{
    void *socket = zmq_socket(flood->context, ZMQ_DEALER);
    int none = 0, one = 1;
    char endpoint[256];
    INVARIANT(socket != NULL);
    (void)zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none);
    (void)zmq_setsockopt(socket, ZMQ_RCVHWM, &one, sizeof one);
    INVARIANT(zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, flood->server_key, 41) == 0);
    INVARIANT(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, flood->public_key, 41) == 0);
    INVARIANT(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, flood->secret_key, 41) == 0);
    (void)snprintf(endpoint, sizeof endpoint, "tcp://%s:0;%s", flood->source, flood->endpoint + 6);
    for (int i = 0; i < connects; i++)
        INVARIANT(zmq_connect(socket, endpoint) == 0);
    return socket;
}

static void take(struct flood *flood, struct span bytes)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    flood->answers++;
    while (!wire_at_end(&reader) && wire_next(&reader, &field) == OK)
        if (field.number == 8 && field.type == WIRE_BYTES) {
            struct wire_reader inner = wire_read(field.bytes);
            while (!wire_at_end(&inner) && wire_next(&inner, &field) == OK)
                if (field.number == 2 && field.type == WIRE_VARINT && field.value < 1000)
                    flood->refused_whole[field.value]++;
            return;
        }
}

static bool receive(struct flood *flood, void *socket)
{
    zmq_msg_t message;
    (void)zmq_msg_init(&message);
    bool some = zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) >= 0;
    if (some)
        take(flood, span_of(zmq_msg_data(&message), zmq_msg_size(&message)));
    (void)zmq_msg_close(&message);
    return some;
}

/* `window` frames under way on each connection; `reads` false: answers are left where they are. */
static void flood_frames(struct flood *flood, void (*make)(struct flood *), unsigned window, bool reads)
{
    void **sockets = calloc(flood->connections, sizeof *sockets);
    unsigned *under_way = calloc(flood->connections, sizeof *under_way);
    zmq_pollitem_t *items = calloc(flood->connections, sizeof *items);
    INVARIANT(sockets != NULL && under_way != NULL && items != NULL);
    for (unsigned i = 0; i < flood->connections; i++) {
        sockets[i] = open_socket(flood, 1);
        items[i] = (zmq_pollitem_t){.socket = sockets[i], .events = ZMQ_POLLIN};
    }
    bool fixed = make != make_bills && make != make_garbage;
    make(flood);
    while (loop_monotonic_us() < flood->until_us) {
        for (unsigned i = 0; i < flood->connections; i++) {
            for (; under_way[i] < window && loop_monotonic_us() < flood->until_us; under_way[i]++, flood->sent++) {
                if (!fixed)
                    make(flood);
                if (zmq_send(sockets[i], flood->frame.data, flood->frame.size, ZMQ_DONTWAIT) < 0)
                    break;
            }
            while (reads && receive(flood, sockets[i]))
                under_way[i] -= under_way[i] > 0;
        }
        (void)zmq_poll(items, reads ? (int)flood->connections : 0, reads ? 5 : 20);
    }
    for (unsigned i = 0; i < flood->connections; i++)
        (void)zmq_close(sockets[i]);
}

/* Many connections with a valid key, each of which has said a word. */
static void flood_connections(struct flood *flood)
{
    void *socket = open_socket(flood, (int)flood->connections);
    make_ping(flood);
    while (loop_monotonic_us() < flood->until_us) {
        zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN};
        for (int i = 0; i < 64 && zmq_send(socket, flood->frame.data, flood->frame.size, ZMQ_DONTWAIT) >= 0; i++)
            flood->sent++;
        while (receive(flood, socket))
            continue;
        (void)zmq_poll(&item, 1, 10);
    }
    (void)zmq_close(socket);
}

/* ---- the honest one ---- */

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Kind of the first receipt; 0: the request was refused as a whole. */
static uint64_t reply_read(struct span bytes, uint64_t *request)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    while (!wire_at_end(&reader) && wire_next(&reader, &field) == OK) {
        if (field.number == 2 && field.type == WIRE_VARINT)
            *request = field.value;
        if (field.number != 3 || field.type != WIRE_BYTES)
            continue;
        reader = wire_read(field.bytes);
        if (wire_next(&reader, &field) != OK || field.type != WIRE_BYTES)
            return 0;
        reader = wire_read(field.bytes);
        return wire_next(&reader, &field) == OK && field.type == WIRE_VARINT ? field.value : 0;
    }
    return 0;
}

struct honest {
    int64_t since_us[SAMPLES_MAX], took_us[SAMPLES_MAX]; /* by request; by what was answered */
    uint64_t asked, answered, not_taken;
};

static void take_receipts(struct honest *honest, void *socket)
{
    uint8_t bytes[8192];
    uint64_t request = 0;
    for (int size; (size = zmq_recv(socket, bytes, sizeof bytes, ZMQ_DONTWAIT)) > 0;) {
        uint64_t kind = reply_read(span_of(bytes, (size_t)size), &request);
        if (kind == RECEIPT_ACCEPTED)
            honest->took_us[honest->answered++] = loop_monotonic_us() - honest->since_us[request];
        else
            honest->not_taken++;
    }
}

static void be_honest(struct flood *flood)
{
    struct honest *honest = calloc(1, sizeof *honest);
    INVARIANT(honest != NULL);
    void *socket = open_socket(flood, 1);
    int64_t next = loop_monotonic_us() + 300 * 1000;
    for (int64_t now = 0; now < flood->until_us + PATIENCE_US;) {
        now = loop_monotonic_us();
        if (now >= flood->until_us && honest->answered + honest->not_taken == honest->asked)
            break;
        for (; now >= next && now < flood->until_us && honest->asked + 1 < SAMPLES_MAX; next += BILL_EACH_US) {
            frame_begin(flood);
            frame_add(flood, fresh_bill(flood, false));
            frame_end(flood, 3);
            honest->asked++;
            honest->since_us[flood->request] = next; /* the schedule waits for nobody */
            (void)zmq_send(socket, flood->frame.data, flood->frame.size, ZMQ_DONTWAIT);
        }
        zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN};
        int64_t wait_ms = (next - now) / 1000;
        (void)zmq_poll(&item, 1, now >= flood->until_us ? 20 : wait_ms);
        take_receipts(honest, socket);
    }
    uint64_t n = honest->answered;
    qsort(honest->took_us, n, sizeof honest->took_us[0], ascending);
    (void)printf("{\"asked\": %llu, \"answered\": %llu, \"not_taken\": %llu, \"p50_us\": %lld, \"p99_us\": %lld, "
                 "\"max_us\": %lld}\n",
                 (unsigned long long)honest->asked, (unsigned long long)n, (unsigned long long)honest->not_taken,
                 (long long)honest->took_us[n / 2], (long long)honest->took_us[n - 1 - (n - 1) / 100],
                 (long long)honest->took_us[n > 0 ? n - 1 : 0]);
    (void)zmq_close(socket);
}

/* ---- kinds ---- */

static const struct frames {
    const char *kind;
    void (*make)(struct flood *);
    unsigned window;
    bool reads;
} frames[] = {
    {"bills", make_bills, 8, true},           {"tiny", make_tiny, 4, true},
    {"duplicates", make_duplicates, 2, true}, {"specks", make_specks, 2, true},
    {"refusals", make_refusals, 8, true},     {"garbage", make_garbage, 256, true},
    {"fetch", make_fetch, 2, true},           {"fetch_deaf", make_fetch, 500, false},
    {"questions", make_question, 4, true},    {"submit_deaf", make_refusals, 500, false},
};

static void run(struct flood *flood, const char *kind)
{
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++)
        if (strcmp(frames[i].kind, kind) == 0)
            flood_frames(flood, frames[i].make, frames[i].window, frames[i].reads);
    if (strcmp(kind, "connections") == 0)
        flood_connections(flood);
    else if (strcmp(kind, "half") == 0)
        flood->sent = half_handshakes(flood->source, flood->endpoint, flood->connections, flood->until_us);
    else if (strcmp(kind, "hello") == 0)
        flood->sent =
            hello_bursts(flood->source, flood->endpoint, flood->server_key, flood->connections, flood->until_us);
}

int main(int argc, char **argv)
{
    struct flood *flood = calloc(1, sizeof *flood);
    INVARIANT(flood != NULL);
    if (argc < 9) {
        (void)fprintf(stderr,
                      "hutong-flood KIND ENDPOINT SERVER_KEY PUBLIC SECRET BILLS SECONDS CONNECTIONS [SOURCE]\n");
        return 2;
    }
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    flood->context = zmq_ctx_new();
    (void)zmq_ctx_set(flood->context, ZMQ_MAX_SOCKETS, 2 * CONNECTIONS_MAX);
    (void)zmq_ctx_set(flood->context, ZMQ_BLOCKY, 0);
    flood->endpoint = argv[2];
    flood->server_key = argv[3];
    flood->public_key = argv[4];
    flood->secret_key = argv[5];
    read_bills(flood, argv[6]);
    flood->until_us = loop_monotonic_us() + (int64_t)(strtod(argv[7], NULL) * 1e6);
    flood->connections = (unsigned)strtoul(argv[8], NULL, 10);
    flood->source = argc > 9 ? argv[9] : "127.0.0.1";
    if (strcmp(argv[1], "honest") == 0) {
        be_honest(flood);
        return 0;
    }
    run(flood, argv[1]);
    (void)printf("{\"sent\": %llu, \"answers\": %llu, \"refused\": {", (unsigned long long)flood->sent,
                 (unsigned long long)flood->answers);
    const char *comma = "";
    for (unsigned i = 0; i < 1000; i++)
        if (flood->refused_whole[i] > 0) {
            (void)printf("%s\"%u\": %llu", comma, i, (unsigned long long)flood->refused_whole[i]);
            comma = ", ";
        }
    (void)printf("}}\n");
    (void)fflush(stdout);
    _exit(0); /* open connections would make it wait for them */
}
