/* SPDX-License-Identifier: Apache-2.0
 * hutong-pb-bench [SECONDS]: the coders that are generated from the schema beside protobuf-c's pack and unpack (with an
 * arena as its allocator) on the messages of a bill's way: what decided which of the two the exchange uses. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/check.h"
#include "common/pb/outcome.h"
#include "hutong/v1/envelope.pb-c.h"
#include "hutong/v1/outcome.pb-c.h"

enum { ITEMS = 10, POSTINGS = 6, STEPS = 10, MEMORY_SIZE = 1 << 20, TURNS = 5, ROUND = 1000 };

static uint8_t memory[MEMORY_SIZE];
static struct arena arena;
static struct buffer bytes, out;

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *take(void *self, size_t size)
{
    (void)self;
    return arena_take(&arena, size);
}

static void leave(void *self, void *pointer)
{
    (void)self;
    (void)pointer;
}

static ProtobufCAllocator allocator = {take, leave, NULL};

static const struct kind {
    const char *name;
    const ProtobufCMessageDescriptor *descriptor;
} kinds[] = {{"envelope of a bill", &hutong__v1__envelope__descriptor},
             {"verdict", &hutong__v1__verdict__descriptor},
             {"outcome", &hutong__v1__outcome__descriptor}};

static struct event event;
static struct verdict verdict;
static struct outcome outcome;
static ProtobufCMessage *unpacked;

static void fill(void)
{
    static struct bill_item items[ITEMS];
    static struct posting postings[POSTINGS];
    static struct step steps[STEPS];
    static struct buffer envelope;
    event_blank(&event);
    event.version = 1;
    event.sender = "120000";
    event.message_id = "018f7c2e-0000-7000-8000-000000000001";
    event.sent_at = 1741500000000;
    event.person_id = "110101199003074477";
    event.kind = EVENT_BILL_SETTLE;
    for (unsigned i = 0; i < ITEMS; i++)
        items[i] = (struct bill_item){"XA01ABA001A001010100001", 2, 12500000, 30000, 3750, 1000, 15000000, ""};
    event.body.bill = (struct bill){.bill_id = "B-2025-0000001",
                                    .institution = "H12010100001",
                                    .insured_area = "110000",
                                    .insurance_type = "310",
                                    .care_kind = "21",
                                    .admission_date = 20250301,
                                    .discharge_date = 20250309,
                                    .diagnosis = "J18.900",
                                    .credential = "01",
                                    .total = ITEMS * 3750,
                                    .items = items,
                                    .item_count = ITEMS,
                                    .special_disease = ""};
    envelope_encode(&event, &envelope);
    verdict_blank(&verdict);
    verdict.accepted_at = 1741500000001;
    verdict.person_hash = 0x12345678;
    verdict.has_facts = true;
    verdict.facts = (struct bill_facts){"120000", "110000", "120100", 3, false, false, "1101", 0, false, 9, 100, 1};
    verdict.envelope = buffer_span(&envelope);
    outcome_blank(&outcome);
    outcome.position = 123456;
    outcome.sender = event.sender;
    outcome.message_id = event.message_id;
    outcome.accepted_at = verdict.accepted_at;
    outcome.kind = OUTCOME_SETTLED;
    outcome.deliver_to[0] = "120000";
    outcome.deliver_to[1] = "110000";
    outcome.deliver_count = 2;
    outcome.event = "bill_settle";
    outcome.bill_id = event.body.bill.bill_id;
    outcome.institution = event.body.bill.institution;
    outcome.has_amounts = true;
    outcome.amounts.total = outcome.amounts.in_scope = ITEMS * 3750;
    for (unsigned i = 0; i < POSTINGS; i++)
        postings[i] = (struct posting){"fund:110000:310:pool", 3750};
    for (unsigned i = 0; i < STEPS; i++)
        steps[i] = (struct step){.rule = 10, .before = 1000, .parameter = 8500, .after = 850, .index = i};
    outcome.postings = postings;
    outcome.posting_count = POSTINGS;
    outcome.steps = steps;
    outcome.step_count = STEPS;
}

static void encode(unsigned kind, struct buffer *to)
{
    buffer_reset(to);
    if (kind == 0)
        envelope_encode(&event, to);
    else if (kind == 1)
        verdict_encode(&verdict, to);
    else
        outcome_encode(&outcome, to);
}

static void decode(unsigned kind)
{
    struct event read_event;
    struct verdict read_verdict;
    struct outcome read_outcome;
    arena_reset(&arena);
    INVARIANT((kind == 0   ? event_decode(buffer_span(&bytes), &arena, &read_event)
               : kind == 1 ? verdict_decode(buffer_span(&bytes), &arena, &read_verdict)
                           : outcome_decode(buffer_span(&bytes), &arena, &read_outcome)) == OK);
}

static void pack(unsigned kind)
{
    (void)kind;
    buffer_reset(&out);
    uint8_t *to = buffer_reserve(&out, protobuf_c_message_get_packed_size(unpacked));
    out.size = protobuf_c_message_pack(unpacked, to);
}

static void unpack(unsigned kind)
{
    arena_reset(&arena);
    INVARIANT(protobuf_c_message_unpack(kinds[kind].descriptor, &allocator, bytes.size, bytes.data) != NULL);
}

static void encode_out(unsigned kind)
{
    encode(kind, &out);
}

/* Microseconds an operation: the best of some turns. */
static double measure(void (*operation)(unsigned kind), unsigned kind, double length)
{
    double best = 1e9;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        double start = seconds();
        uint64_t done = 0;
        do {
            for (unsigned i = 0; i < ROUND; i++)
                operation(kind);
            done += ROUND;
        } while (seconds() - start < length);
        double each = (seconds() - start) * 1e6 / (double)done;
        best = each < best ? each : best;
    }
    return best;
}

int main(int argc, char **argv)
{
    double length = argc > 1 ? strtod(argv[1], NULL) : 0.2, ours = 0, theirs = 0;
    static const double times[] = {2, 1, 1}; /* a bill's envelope is read by validation and settlement */
    arena_init(&arena, memory, sizeof memory);
    buffer_init(&bytes);
    buffer_init(&out);
    fill();
    printf("%-20s %6s  %10s %10s  %10s %10s   us\n", "message", "bytes", "encode", "pack", "decode", "unpack");
    for (unsigned kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        uint8_t *kept = malloc(MEMORY_SIZE);
        struct arena apart;
        INVARIANT(kept != NULL);
        encode(kind, &bytes);
        arena_init(&apart, kept, MEMORY_SIZE);
        struct arena own = arena;
        arena = apart;
        unpacked = protobuf_c_message_unpack(kinds[kind].descriptor, &allocator, bytes.size, bytes.data);
        INVARIANT(unpacked != NULL);
        arena = own;
        pack(kind);
        INVARIANT(span_equal(buffer_span(&out), buffer_span(&bytes))); /* the same bytes either way */
        double encoded = measure(encode_out, kind, length), packed = measure(pack, kind, length);
        double decoded = measure(decode, kind, length), taken = measure(unpack, kind, length);
        printf("%-20s %6zu  %10.3f %10.3f  %10.3f %10.3f\n", kinds[kind].name, bytes.size, encoded, packed, decoded,
               taken);
        ours += (kind == 0 ? 0 : encoded) + times[kind] * decoded;
        theirs += (kind == 0 ? 0 : packed) + times[kind] * taken;
        free(kept);
    }
    printf(
        "a bill's way (two envelopes read, verdict and outcome written and read): %.2f us, with protobuf-c %.2f us\n",
        ours, theirs);
    return 0;
}
