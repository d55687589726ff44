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

enum { INSTITUTIONS = 24, PERSONS = 150, LOGIC = 6, PHASE_EVENTS = 3, MESSAGES_A_TRANSFER = 5, TRANSFER_SHARE = 5 };

const char *const load_parties[LOAD_PARTIES] = {"operator", "110000", "120000", "130000"};

static const char *const policies[] = {"110000-310", "110000-390", "110000-510", "120000-310", "120000-390",
                                       "120000-510", "130000-310", "130000-390", "130000-510", "130100-310",
                                       "130100-390", "131000-310", "131000-390"};

struct making {
    struct load *load;
    uint64_t ids; /* of what the generator does not make */
    size_t *offsets;
    instant_ms_t at;
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
    gazettes_publish(publish, &making);
    add_event(&making, 1, "operator",
              (struct event){.kind = EVENT_LOGIC_VERSION, .body.logic = {.version = LOGIC, .reason = "simulation"}});
    add_policies(&making);
    add_persons(&making, gen, &envelope);
    add_events(&making, gen, events, &envelope);
    for (size_t i = 0; i < load->count; i++)
        load->messages[i].envelope.data = load->bytes.data + making.offsets[i];
    free(making.offsets);
    buffer_fini(&envelope);
    gen_destroy(&gen);
}

void load_fini(struct load *load)
{
    free(load->messages);
    buffer_fini(&load->bytes);
    *load = (struct load){0};
}
