/* SPDX-License-Identifier: Apache-2.0
 * hutong-load: bills from three regions over tcp and CURVE, each followed from the moment it should have been sent to
 * the moment its result has been fetched from the mailbox of the region of care. One thread; prints one JSON object.
 *
 * --rate 0 sends as fast as receipts come back (throughput); otherwise on a schedule that does not wait for anybody,
 * and time counts from the schedule, so a stall is not hidden (coordinated omission). What is not answered is asked
 * again: processes of the exchange may be killed meanwhile. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "bench/usage.h"
#include "bench/words.h"
#include "common/base/check.h"
#include "common/client/client_signing.h"
#include "common/config/config.h"
#include "common/net/keys.h"
#include "common/net/server.h"
#include "common/pb/outcome.h"
#include "tools/gen/gen.h"

enum {
    REGIONS = 3,
    FRAMES_MAX = 256,
    FETCH_COUNT = 2048,
    FETCH_WAIT_MS = 1000,
    FRAME_AGAIN_US = 1000 * 1000,
    FETCH_AGAIN_US = (FETCH_WAIT_MS + 500) * 1000,
    BUSY_US = 20 * 1000
};

struct options {
    const char *config_path, *signing; /* NULL: unsigned */
    uint64_t bills, rate, frame, window, seed, first, persons, institutions, today, catalogue;
    bool mix;
};

struct frame {
    uint64_t request; /* 0: free */
    uint64_t first;   /* index among this region's bills */
    uint64_t count;
    int64_t again_us; /* when to ask again, unless it is answered before */
};

struct region {
    const char *name;
    struct dealer *gate, *mailbox;
    struct client_signing *signing; /* without a key: unsigned */
    uint64_t *bills;                /* offsets into `envelopes` */
    uint32_t *sizes;
    int64_t *due_us; /* when each should have been sent */
    uint64_t count, sent, accepted;
    struct frame frames[FRAMES_MAX];
    unsigned in_flight;
    uint64_t request, place;
    struct load *load;
    int64_t busy_until_us, fetch_again_us;
    uint64_t fetch_request;
};

struct load {
    struct options options;
    struct config config;
    struct region regions[REGIONS];
    struct buffer envelopes, frame, message;
    uint8_t memory[MAILBOX_PAGE_RECORDS_MAX * sizeof(struct span) + 4096]; /* of the decoded message */
    struct arena arena;
    struct loop *loop;
    /* By position beyond `base`: when sent, when fetched. */
    int64_t *sent_us, *done_us;
    uint64_t base, capacity, decided, refused, busy, again, refusals, not_settled;
    int64_t started_us, ended_us, gap_us; /* the longest time without a result */
    int schedule; /* a timerfd: the loop's timers are of whole milliseconds, and a lone bill takes few */
};

static void fail(const char *what)
{
    (void)fprintf(stderr, "hutong-load: %s\n", what);
    _exit(1); /* open sockets would make exit wait for them */
}

/* ---- bills ---- */

static void make_bills(struct load *load)
{
    struct gen_options options = {.seed = load->options.seed,
                                  .institutions = (uint32_t)load->options.institutions,
                                  .persons = (uint32_t)load->options.persons,
                                  .items = 10,
                                  .mix = load->options.mix,
                                  .catalogue = (uint32_t)load->options.catalogue,
                                  .today = (civil_date_t)load->options.today};
    struct gen *gen = gen_new(&options);
    struct buffer envelope;
    struct envelope_head head;
    buffer_init(&envelope);
    for (unsigned r = 0; r < REGIONS; r++) {
        load->regions[r].bills = calloc(load->options.bills, sizeof(uint64_t));
        load->regions[r].sizes = calloc(load->options.bills, sizeof(uint32_t));
        load->regions[r].due_us = calloc(load->options.bills, sizeof(int64_t));
    }
    for (uint64_t i = 0; i < load->options.bills; i++) {
        gen_bill(gen, load->options.first + i, &envelope);
        INVARIANT(envelope_head_read(buffer_span(&envelope), &head) == OK);
        for (unsigned r = 0; r < REGIONS; r++) {
            struct region *region = &load->regions[r];
            if (!span_equal(head.sender, span_text(region->name)))
                continue;
            region->due_us[region->count] = (int64_t)i; /* its turn; becomes a time when the clock starts */
            region->bills[region->count] = load->envelopes.size;
            region->sizes[region->count++] = (uint32_t)envelope.size;
        }
        buffer_append(&load->envelopes, envelope.data, envelope.size);
    }
    buffer_fini(&envelope);
    gen_destroy(&gen);
}

/* ---- sending ---- */

static struct frame *free_frame(struct region *region)
{
    for (unsigned i = 0; i < FRAMES_MAX; i++)
        if (region->frames[i].request == 0)
            return &region->frames[i];
    return NULL;
}

static enum status ask(struct load *load, struct dealer *dealer, uint64_t number, enum gate_request_kind kind,
                       union gate_request_body body)
{
    buffer_reset(&load->frame);
    gate_request_encode(&(struct gate_request){1, number, kind, body}, &load->frame);
    return dealer_send(dealer, buffer_span(&load->frame));
}

static void send_frame(struct region *region, struct frame *frame)
{
    struct load *load = region->load;
    struct span batch[SUBMIT_ENVELOPES_MAX];
    for (uint64_t i = 0; i < frame->count; i++)
        batch[i] = span_of(load->envelopes.data + region->bills[frame->first + i], region->sizes[frame->first + i]);
    struct submit submit = {.envelopes = batch, .envelope_count = (uint32_t)frame->count};
    client_signing_sign(region->signing, &submit);
    frame->request = ++region->request;
    frame->again_us = loop_monotonic_us() + FRAME_AGAIN_US;
    if (ask(load, region->gate, frame->request, GATE_REQUEST_SUBMIT, (union gate_request_body){.submit = submit}) != OK)
        fail("the gate's queue is full");
}

/* What nobody answered (its gate was killed), and what was answered BUSY. What was accepted has its receipt again. */
static void send_again(struct region *region, int64_t now)
{
    for (unsigned i = 0; i < FRAMES_MAX; i++)
        if (region->frames[i].request != 0 && region->frames[i].again_us <= now) {
            region->load->again++;
            send_frame(region, &region->frames[i]);
        }
}

static void send_some(struct region *region)
{
    struct load *load = region->load;
    int64_t now = loop_monotonic_us();
    while (region->sent < region->count && region->in_flight < load->options.window && now >= region->busy_until_us) {
        struct frame *frame = free_frame(region);
        uint64_t count = 0;
        if (frame == NULL)
            return;
        while (count < load->options.frame && count < SUBMIT_ENVELOPES_MAX && region->sent + count < region->count &&
               (load->options.rate == 0 || region->due_us[region->sent + count] <= now))
            count++;
        if (count == 0)
            return;
        *frame = (struct frame){.first = region->sent, .count = count};
        if (load->options.rate == 0)
            for (uint64_t i = 0; i < count; i++)
                region->due_us[region->sent + i] = now;
        region->sent += count;
        region->in_flight++;
        send_frame(region, frame);
    }
}

/* ---- answers ---- */

/* The next message that has come, or comes within `wait_ms`. */
static bool next_reply(struct load *load, struct dealer *dealer, uint32_t wait_ms, struct gate_reply *reply)
{
    struct span message;
    enum status status = wait_ms == 0 ? dealer_take(dealer, &message) : dealer_receive(dealer, wait_ms, &load->message);
    if (status != OK)
        return false;
    arena_init(&load->arena, load->memory, sizeof load->memory);
    if (wait_ms > 0)
        message = buffer_span(&load->message);
    INVARIANT(gate_reply_decode(message, &load->arena, reply) == OK);
    load->refusals += reply->kind == GATE_REPLY_REFUSAL; /* of a request; asked again like what is not answered */
    return true;
}

static void take_receipts(struct region *region, struct frame *frame, struct span body)
{
    struct load *load = region->load;
    struct receipts list;
    INVARIANT(receipts_decode(body, &load->arena, &list) == OK);
    for (uint64_t i = 0, index = frame->first; i < list.receipt_count; i++, index++) {
        struct receipt_head receipt;
        INVARIANT(receipt_head_read(list.receipts[i], &receipt) == OK);
        if (receipt.kind == RECEIPT_BUSY) { /* this and what follows again, later */
            load->busy++;
            region->busy_until_us = frame->again_us = loop_monotonic_us() + BUSY_US;
            frame->count -= index - frame->first;
            frame->first = index;
            return;
        }
        if (receipt.kind != RECEIPT_ACCEPTED) {
            load->refused++;
            continue;
        }
        region->accepted++;
        uint64_t at = receipt.position - load->base;
        if (receipt.position < load->base || at >= load->capacity)
            fail("a position out of range: the exchange has other users");
        load->sent_us[at] = region->due_us[index];
    }
    *frame = (struct frame){0};
    region->in_flight--;
}

static void on_gate(void *self)
{
    struct region *region = self;
    struct gate_reply reply;
    while (next_reply(region->load, region->gate, 0, &reply))
        for (unsigned i = 0; i < FRAMES_MAX; i++)
            if (region->frames[i].request == reply.request && reply.kind == GATE_REPLY_RECEIPTS) {
                take_receipts(region, &region->frames[i], reply.body.receipts);
                break;
            }
    send_some(region);
}

static void fetch(struct region *region)
{
    struct fetch fetch = {.from = region->place, .count_max = FETCH_COUNT, .wait_ms = FETCH_WAIT_MS};
    region->fetch_request = ++region->request;
    region->fetch_again_us = loop_monotonic_us() + FETCH_AGAIN_US;
    if (ask(region->load, region->mailbox, region->fetch_request, GATE_REQUEST_FETCH,
            (union gate_request_body){.fetch = fetch}) != OK)
        fail("the mailbox's queue is full");
}

/* An outcome counts where care was given: the region that sent the bill. */
static void take_outcome(struct region *region, struct span bytes, int64_t now)
{
    struct load *load = region->load;
    struct outcome_head head;
    INVARIANT(outcome_head_read(bytes, &head) == OK);
    uint64_t at = head.position - load->base;
    if (head.position < load->base || at >= load->capacity || !span_equal(head.sender, span_text(region->name)))
        return;
    if (load->done_us[at] != 0)
        return;
    load->done_us[at] = now;
    load->decided++;
    load->not_settled += head.kind != OUTCOME_SETTLED;
    if (now - load->ended_us > load->gap_us)
        load->gap_us = now - load->ended_us;
    load->ended_us = now;
    if (load->decided == load->options.bills)
        loop_stop(load->loop);
}

static void on_mailbox(void *self)
{
    struct region *region = self;
    struct gate_reply reply;
    while (next_reply(region->load, region->mailbox, 0, &reply)) {
        if (reply.request != region->fetch_request || reply.kind != GATE_REPLY_MAILBOX_PAGE)
            continue; /* of a question that was asked again; or refused, and asked again soon */
        const struct mailbox_page *page = &reply.body.mailbox_page;
        int64_t now = loop_monotonic_us();
        for (uint32_t i = 0; i < page->outcome_count; i++)
            take_outcome(region, page->outcomes[i], now);
        region->place += page->outcome_count;
        fetch(region);
    }
}

static void on_turn(void *self)
{
    struct load *load = self;
    for (unsigned r = 0; r < REGIONS; r++)
        send_some(&load->regions[r]);
}

static void on_schedule(void *self)
{
    struct load *load = self;
    uint64_t times;
    INVARIANT(read(load->schedule, &times, sizeof times) == sizeof times);
    on_turn(load);
}

static void on_unanswered(void *self)
{
    struct load *load = self;
    int64_t now = loop_monotonic_us();
    for (unsigned r = 0; r < REGIONS; r++) {
        send_again(&load->regions[r], now);
        if (load->regions[r].fetch_again_us <= now)
            fetch(&load->regions[r]);
    }
}

/* ---- what it costs ---- */

static int by_value(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static void report(struct load *load, const struct usage *before, const struct usage *after, unsigned count, double own)
{
    int64_t *latencies = calloc(load->decided + 1, sizeof *latencies);
    uint64_t known = 0, written = 0;
    double seconds = (double)(load->ended_us - load->started_us) / 1e6, cpu = own;
    for (uint64_t i = 0; i < load->capacity; i++)
        if (load->done_us[i] != 0 && load->sent_us[i] != 0)
            latencies[known++] = load->done_us[i] - load->sent_us[i];
    qsort(latencies, known, sizeof *latencies, by_value);
    json_t *processes = json_object();
    double bills = (double)load->options.bills;
    for (unsigned i = 0; i < count; i++) {
        struct usage used = usage_since(&before[i], &after[i]);
        cpu += used.cpu_s;
        written += used.written;
        json_object_set_new(processes, after[i].name,
                            json_pack("{s:f,s:f,s:f}", "cpu_us_per_bill", used.cpu_s * 1e6 / bills,
                                      "bytes_written_per_bill", (double)used.written / bills, "peak_mib",
                                      (double)used.peak_kib / 1024));
    }
    json_object_set_new(processes, "load", json_pack("{s:f}", "cpu_us_per_bill", own * 1e6 / bills));
    json_t *result = json_pack(
        "{s:I,s:I,s:f,s:f,s:f,s:f,s:f,s:f,s:f,s:f,s:f,s:I,s:I,s:I,s:I,s:I,s:o}", "bills",
        (json_int_t)load->options.bills, "rate", (json_int_t)load->options.rate, "seconds", seconds, "bills_per_s",
        bills / seconds, "p50_ms", (double)latencies[known / 2] / 1000, "p99_ms",
        (double)latencies[known * 99 / 100] / 1000, "p999_ms", (double)latencies[known * 999 / 1000] / 1000, "max_ms",
        known > 0 ? (double)latencies[known - 1] / 1000 : 0.0, "longest_gap_ms", (double)load->gap_us / 1000,
        "cpu_us_per_bill", cpu * 1e6 / bills, "bytes_written_per_bill", (double)written / bills, "decided",
        (json_int_t)load->decided, "not_settled", (json_int_t)load->not_settled, "refused", (json_int_t)load->refused,
        "busy_answers", (json_int_t)load->busy, "asked_again", (json_int_t)load->again, "processes", processes);
    (void)json_dumpf(result, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    (void)printf("\n");
    json_decref(result);
    free(latencies);
}

/* ---- set-up ---- */

static void connect_region(struct load *load, struct region *region)
{
    struct key_pair own, server;
    char path[4200], why[256];
    (void)snprintf(path, sizeof path, "%s/clients/%s.key_secret", load->config.key_directory, region->name);
    if (keys_load(path, &own, NULL) != OK)
        fail("no key of a region: is the exchange up?");
    (void)snprintf(path, sizeof path, "%s/server.key", load->config.key_directory);
    if (keys_load(path, &server, NULL) != OK)
        fail("no key of the exchange");
    struct dealer_options options = {load->config.gate_endpoint, server.public_key, own.public_key, own.secret_key};
    region->signing = client_signing_new();
    (void)snprintf(path, sizeof path, "%s/clients/%s-%s.pem_secret", load->config.key_directory, region->name,
                   load->options.signing != NULL ? load->options.signing : "");
    if (load->options.signing != NULL && client_signing_load(region->signing, path, why, sizeof why) != HT_OK)
        fail("no signing key of a region");
    if (dealer_open(&options, &region->gate) != OK)
        fail("cannot connect");
    options.endpoint = load->config.mailbox_endpoint;
    if (dealer_open(&options, &region->mailbox) != OK)
        fail("cannot connect");
}

/* Where the log and the mailboxes end now. */
static void find_ends(struct load *load)
{
    struct gate_reply reply;
    if (ask(load, load->regions[0].gate, 1, GATE_REQUEST_PING, (union gate_request_body){.ping = {0}}) != OK ||
        !next_reply(load, load->regions[0].gate, 5000, &reply) || reply.kind != GATE_REPLY_PONG)
        fail("the exchange does not answer");
    load->base = reply.body.pong.submissions_end;
    for (unsigned r = 0; r < REGIONS; r++) {
        struct fetch fetch = {.from = UINT64_MAX >> 1};
        if (ask(load, load->regions[r].mailbox, 1, GATE_REQUEST_FETCH, (union gate_request_body){.fetch = fetch}) !=
                OK ||
            !next_reply(load, load->regions[r].mailbox, 5000, &reply) || reply.kind != GATE_REPLY_MAILBOX_PAGE)
            fail("the exchange does not answer");
        load->regions[r].place = reply.body.mailbox_page.end;
    }
}

/* When each bill is due: one after another from now on, and a wake-up at each, or each millisecond. */
static void make_schedule(struct load *load)
{
    int64_t rate = (int64_t)load->options.rate, start = load->started_us + 1000;
    for (unsigned r = 0; r < REGIONS; r++)
        for (uint64_t i = 0; i < load->regions[r].count; i++)
            load->regions[r].due_us[i] = start + load->regions[r].due_us[i] * 1000000 / rate;
    struct itimerspec times = {{0, rate > 1000 ? 1000 * 1000 : (1000000000 + rate - 1) / rate},
                               {start / 1000000, start % 1000000 * 1000}};
    if (rate == 1)
        times.it_interval = (struct timespec){1, 0};
    load->schedule = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    INVARIANT(load->schedule >= 0 && timerfd_settime(load->schedule, TFD_TIMER_ABSTIME, &times, NULL) == 0);
    loop_add_fd(load->loop, load->schedule, on_schedule, load);
}

static void on_stall(void *self)
{
    struct load *load = self;
    static uint64_t seen = UINT64_MAX;
    if (load->decided == seen) {
        (void)fprintf(stderr, "hutong-load: %lu of %lu decided, %lu requests refused, and nothing for 20 s\n",
                      load->decided, load->options.bills, load->refusals);
        _exit(1);
    }
    seen = load->decided;
}

int main(int argc, char **argv)
{
    static struct load load;
    static const char *const names[REGIONS] = {"110000", "120000", "130000"};
    static struct usage before[USAGES_MAX], after[USAGES_MAX];
    struct buffer why = {0};
    load.options.config_path = text(argc, argv, "--config");
    load.options.signing = text(argc, argv, "--signing");
    load.options.bills = number(argc, argv, "--bills", 100000);
    load.options.rate = number(argc, argv, "--rate", 0);
    load.options.frame = number(argc, argv, "--frame", 64);
    load.options.window = number(argc, argv, "--window", 16);
    load.options.seed = number(argc, argv, "--seed", 1);
    load.options.first = number(argc, argv, "--first", 0);
    load.options.persons = number(argc, argv, "--persons", 2000);
    load.options.institutions = number(argc, argv, "--institutions", 48);
    load.options.today = number(argc, argv, "--today", 20251124);
    load.options.mix = flag(argc, argv, "--mix"); /* and the catalogue: as in hutong gen */
    load.options.catalogue = number(argc, argv, "--catalogue", 2000);
    if (load.options.config_path == NULL || config_load(load.options.config_path, &load.config, &why) != OK)
        fail("usage: hutong-load --config FILE [--bills N] [--rate N] [--frame N] [--window N] [--seed N] [--first N] "
             "[--mix [--catalogue N]] [--signing NAME]");
    for (unsigned r = 0; r < REGIONS; r++) {
        load.regions[r].name = names[r];
        load.regions[r].load = &load;
        connect_region(&load, &load.regions[r]);
    }
    make_bills(&load);
    find_ends(&load);
    load.capacity = load.options.bills + 100000; /* ticks */
    load.sent_us = calloc(load.capacity, sizeof(int64_t));
    load.done_us = calloc(load.capacity, sizeof(int64_t));
    INVARIANT(load.sent_us != NULL && load.done_us != NULL);
    load.loop = loop_new();
    for (unsigned r = 0; r < REGIONS; r++) {
        dealer_watch(load.regions[r].gate, load.loop, on_gate, &load.regions[r]);
        dealer_watch(load.regions[r].mailbox, load.loop, on_mailbox, &load.regions[r]);
        fetch(&load.regions[r]);
    }
    loop_add_turn(load.loop, on_turn, &load);
    loop_add_timer(load.loop, BUSY_US / 1000, on_unanswered, &load);
    loop_add_timer(load.loop, 20000, on_stall, &load);
    unsigned count = usage_measure(&load.config, before);
    double own = usage_own_cpu();
    load.started_us = load.ended_us = loop_monotonic_us();
    if (load.options.rate > 0)
        make_schedule(&load);
    loop_run(load.loop);
    own = usage_own_cpu() - own;
    (void)usage_measure(&load.config, after);
    report(&load, before, after, count, own);
    for (unsigned r = 0; r < REGIONS; r++) {
        dealer_close(&load.regions[r].gate);
        dealer_close(&load.regions[r].mailbox);
    }
    return load.refused == 0 && load.not_settled == 0 ? 0 : 1;
}
