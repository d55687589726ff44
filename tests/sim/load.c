/* SPDX-License-Identifier: Apache-2.0
 * The load. */
#include "tests/sim/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/engines/clearing_policy/clearing_policy_file.h"
#include "common/engines/policy/policy_file.h"
#include "common/pb/event.h"
#include "tests/support/gazettes.h"
#include "tools/gen/conversations.h"
#include "tools/gen/gen.h"
#include "tools/gen/mix.h"

enum {
    INSTITUTIONS = 24,
    PERSONS = 150,
    LOGIC = 6,
    PHASE_EVENTS = 3,
    MESSAGES_A_TRANSFER = 5,
    TRANSFER_SHARE = 5,
    /* one bill in so many */
    REVERSAL_SHARE = 20,
    REFUND_SHARE = 20,
    TRIAL_SHARE = 20,
    STATEMENT_SHARE = 30,
    UNKNOWN_SHARE = 60,
    UNKNOWN_FIELD = 120,
    AROUND_STRAND = 99,
    ARENA_SIZE = 1 << 20
};

const char *const load_parties[LOAD_PARTIES] = {"operator", "110000", "120000", "130000"};

static const char *const policies[] = {"110000-310", "110000-390", "110000-510", "120000-310", "120000-390",
                                       "120000-510", "130100-310", "130100-390", "131000-310", "131000-390"};

struct making {
    struct load *load;
    uint64_t ids; /* of what the generator does not make */
    size_t *offsets;
    instant_ms_t at;
    struct stream stream; /* of what goes with bills */
    struct arena arena;
};

static void add(struct making *making, unsigned phase, struct span envelope)
{
    struct load *load = making->load;
    struct envelope_head head;
    INVARIANT(envelope_head_read(envelope, &head) == OK);
    if (load->count == load->capacity) {
        load->capacity = load->capacity == 0 ? 1024 : load->capacity * 2;
        load->messages = realloc(load->messages, load->capacity * sizeof *load->messages);
        making->offsets = realloc(making->offsets, load->capacity * sizeof *making->offsets);
        INVARIANT(load->messages != NULL && making->offsets != NULL);
    }
    struct load_message *message = &load->messages[load->count];
    *message = (struct load_message){.phase = phase, .envelope = {NULL, envelope.size}};
    (void)snprintf(message->id, sizeof message->id, "%.36s", (const char *)head.message_id.data);
    while (!span_equal(head.sender, span_text(load_parties[message->party])))
        INVARIANT(++message->party < LOAD_PARTIES);
    making->offsets[load->count++] = load->bytes.size;
    buffer_append(&load->bytes, envelope.data, envelope.size);
    if (phase >= load->phases)
        load->phases = phase + 1;
}

static void add_event(struct making *making, unsigned phase, const char *sender, struct event event)
{
    char id[37];
    struct buffer envelope = {0};
    (void)snprintf(id, sizeof id, "019aaaaa-0000-7000-8000-%012llx", (unsigned long long)++making->ids);
    event.version = 1;
    event.sender = sender;
    event.message_id = id;
    event.sent_at = making->at;
    event.person_id = event.traceparent = "";
    envelope_encode(&event, &envelope);
    add(making, phase, buffer_span(&envelope));
    buffer_fini(&envelope);
}

static void publish(void *self, const struct gazette *gazette)
{
    add_event(self, 0, "operator", (struct event){.kind = EVENT_GAZETTE, .body.gazette = gazette});
}

static void add_policies(struct making *making)
{
    static struct policy policy;
    static struct policy_sources sources;
    static struct clearing_policy clearing;
    struct buffer why = {0};
    char path[64], region[7];
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
        (void)snprintf(path, sizeof path, "data/policies/%s.yaml", policies[i]);
        INVARIANT(policy_file_load(path, &policy, &sources, &why) == OK);
        policy.sources = sources.items;
        policy.source_count = sources.count;
        (void)snprintf(region, sizeof region, "%.2s0000", policies[i]);
        add_event(making, 1, region, (struct event){.kind = EVENT_POLICY, .body.policy = &policy});
    }
    INVARIANT(clearing_policy_file_load("data/clearing/2025.yaml", &clearing, &why) == OK);
    add_event(making, 1, "operator", (struct event){.kind = EVENT_CLEARING_POLICY, .body.clearing_policy = &clearing});
    buffer_fini(&why);
}

static void add_persons(struct making *making, struct gen *gen, struct buffer *envelope)
{
    for (uint32_t i = 0; i < gen_institution_count(gen); i++) {
        gen_institution(gen, i, envelope);
        add(making, 1, buffer_span(envelope));
    }
    for (uint32_t i = 0; i < PERSONS; i++) {
        gen_enrolment(gen, i, envelope);
        add(making, 2, buffer_span(envelope));
        for (unsigned paper = 0; paper < GEN_PAPERS; paper++)
            if (gen_paper(gen, i, paper, envelope))
                add(making, 2, buffer_span(envelope));
    }
}

/* ---- what bills bring with them ---- */

static struct event decoded(struct span envelope, struct arena *arena)
{
    struct event event;
    arena_reset(arena);
    INVARIANT(event_decode(envelope, arena, &event) == OK);
    return event;
}

static struct span made_at(const struct making *making, size_t index)
{
    const struct load *load = making->load;
    return span_of(load->bytes.data + making->offsets[index], load->messages[index].envelope.size);
}

/* An id of its own, and a number of its own. */
static void add_trial(struct making *making, unsigned phase, size_t bill)
{
    struct event event = decoded(made_at(making, bill), &making->arena);
    struct buffer envelope = {0};
    char id[37];
    (void)snprintf(id, sizeof id, "019aaaaa-0000-7000-8000-%012llx", (unsigned long long)++making->ids);
    event.message_id = id;
    event.kind = EVENT_BILL_TRIAL;
    envelope_encode(&event, &envelope);
    add(making, phase, buffer_span(&envelope));
    buffer_fini(&envelope);
}

/* Of that bill's institution and day, whatever else it had then: the books say what differs. */
static void add_statement(struct making *making, unsigned phase, size_t bill)
{
    struct event event = decoded(made_at(making, bill), &making->arena);
    const struct bill *of = &event.body.bill;
    struct statement_total total = {of->insurance_type, "21", 1, 0, of->total, of->total / 2, 0};
    struct statement statement = {.day = of->discharge_date,
                                  .institution = of->institution,
                                  .side = SIDE_CARE,
                                  .totals = &total,
                                  .total_count = 1};
    add_event(making, phase, event.sender, (struct event){.kind = EVENT_STATEMENT, .body.statement = statement});
}

/* As a client of a later build might send. */
static void add_unknown(struct making *making, unsigned phase, const char *sender)
{
    struct event event = {.version = 1, .sender = sender, .sent_at = making->at, .person_id = "", .traceparent = ""};
    struct buffer envelope = {0};
    char id[37];
    (void)snprintf(id, sizeof id, "019aaaaa-0000-7000-8000-%012llx", (unsigned long long)++making->ids);
    event.message_id = id;
    envelope_encode(&event, &envelope);
    wire_put_record(&envelope, UNKNOWN_FIELD, span_text(""));
    add(making, phase, buffer_span(&envelope));
    making->load->messages[making->load->count - 1].unknown_body = true;
    buffer_fini(&envelope);
}

/* In a phase of its own behind the bill's, so that its position is known. */
static void add_later(struct making *making, unsigned phase, size_t bill, int names)
{
    struct load *load = making->load;
    struct span bytes = made_at(making, bill);
    struct buffer copy = {0}; /* what is added may move what it is added to */
    buffer_append(&copy, bytes.data, bytes.size);
    add(making, phase, buffer_span(&copy)); /* for sender and room; its own bytes come later */
    buffer_fini(&copy);
    struct load_message *message = &load->messages[load->count - 1];
    message->names = names == LOAD_REVERSAL ? LOAD_REVERSAL : LOAD_REFUND;
    message->bill = bill;
    load->messages[bill].bill = load->count - 1;
    (void)snprintf(message->id, sizeof message->id, "019aaaaa-0000-7000-8000-%012llx",
                   (unsigned long long)++making->ids);
}

static void add_around(struct making *making, unsigned phase, size_t bill)
{
    const char *sender = load_parties[making->load->messages[bill].party];
    if (below(&making->stream, TRIAL_SHARE) == 0)
        add_trial(making, phase, bill);
    if (below(&making->stream, STATEMENT_SHARE) == 0)
        add_statement(making, phase, bill);
    if (below(&making->stream, UNKNOWN_SHARE) == 0)
        add_unknown(making, phase, sender);
    if (below(&making->stream, REVERSAL_SHARE) == 0)
        add_later(making, phase + 1, bill, LOAD_REVERSAL);
    else if (below(&making->stream, REFUND_SHARE) == 0)
        add_later(making, phase + 1, bill, LOAD_REFUND);
}

/* The bill without its last line, or of half its amount. */
static void make_smaller(struct event *event, char *number, size_t size)
{
    struct bill *bill = &event->body.bill;
    (void)snprintf(number, size, "%sR", bill->bill_id);
    bill->bill_id = number;
    bill->has_expected = false;
    if (bill->item_count > 1)
        bill->total -= bill->items[--bill->item_count].amount;
}

void load_stands(struct load *load, size_t index, uint64_t position)
{
    struct load_message *bill = &load->messages[index], *message = &load->messages[bill->bill];
    if (bill->names != LOAD_MADE || bill->bill == 0 || message->envelope.size > 0)
        return;
    char number[BILL_ID_SIZE_MAX + 2];
    struct arena arena;
    arena_init(&arena, malloc(ARENA_SIZE), ARENA_SIZE);
    INVARIANT(arena.memory != NULL);
    struct event event = decoded(bill->envelope, &arena);
    event.message_id = message->id;
    if (message->names == LOAD_REVERSAL) {
        event.kind = EVENT_BILL_REVERSAL;
        event.body.reversal = (struct bill_reversal){position, "退费"};
    } else {
        event.body.bill.replaces_settlement = position;
        make_smaller(&event, number, sizeof number);
    }
    struct buffer *late = &load->late[bill->bill];
    envelope_encode(&event, late);
    message->envelope = buffer_span(late);
    free(arena.memory);
}

/* Bills between the rounds of the transfers. */
static void add_events(struct making *making, struct gen *gen, uint32_t events, struct buffer *envelope)
{
    uint32_t transfers = events / TRANSFER_SHARE / MESSAGES_A_TRANSFER, bills = events - events / TRANSFER_SHARE;
    for (unsigned round = 0; round < GEN_TRANSFER_ROUNDS; round++) {
        for (uint32_t i = 0; i < transfers; i++)
            if (gen_transfer(gen, i, round, envelope))
                add(making, PHASE_EVENTS + round, buffer_span(envelope));
        for (uint32_t i = bills * round / GEN_TRANSFER_ROUNDS; i < bills * (round + 1) / GEN_TRANSFER_ROUNDS; i++) {
            gen_bill(gen, i, envelope);
            add(making, PHASE_EVENTS + round, buffer_span(envelope));
            add_around(making, PHASE_EVENTS + round, making->load->count - 1);
        }
    }
}

void load_make(struct load *load, uint64_t seed, uint32_t events)
{
    struct making making = {.load = load, .at = civil_date_start(LOAD_TODAY)};
    struct gen_options options = {
        .seed = seed, .institutions = INSTITUTIONS, .persons = PERSONS, .items = 3, .today = LOAD_TODAY, .mix = true};
    struct gen *gen = gen_new(&options);
    struct buffer envelope = {0};
    *load = (struct load){0};
    making.stream = gen_stream(gen, AROUND_STRAND, 0);
    arena_init(&making.arena, malloc(ARENA_SIZE), ARENA_SIZE);
    INVARIANT(making.arena.memory != NULL);
    gazettes_publish(publish, &making);
    add_event(&making, 1, "operator",
              (struct event){.kind = EVENT_LOGIC_VERSION, .body.logic = {.version = LOGIC, .reason = "simulation"}});
    add_policies(&making);
    add_persons(&making, gen, &envelope);
    add_events(&making, gen, events, &envelope);
    load->late = calloc(load->count, sizeof *load->late);
    INVARIANT(load->late != NULL);
    for (size_t i = 0; i < load->count; i++)
        if (load->messages[i].names == LOAD_MADE)
            load->messages[i].envelope.data = load->bytes.data + making.offsets[i];
        else
            load->messages[i].envelope = span_of(NULL, 0);
    free(making.offsets);
    free(making.arena.memory);
    buffer_fini(&envelope);
    gen_destroy(&gen);
}

void load_fini(struct load *load)
{
    for (size_t i = 0; i < load->count && load->late != NULL; i++)
        buffer_fini(&load->late[i]);
    free(load->late);
    free(load->messages);
    buffer_fini(&load->bytes);
    *load = (struct load){0};
}
