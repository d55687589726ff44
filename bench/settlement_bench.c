/* SPDX-License-Identifier: Apache-2.0
 * hutong-settlement-bench [PERSONS [BILLS]]: the settlement core alone over its store, one core, generated ten-item
 * bills by the newest rules, a commit every 10,000, synced to disk; one JSON object. What the runtime, the bus and the
 * wire add is bench/load's to say. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "common/codes/area.h"
#include "common/codes/logic.h"
#include "common/engines/policy/policy_file.h"
#include "common/net/loop.h"
#include "common/pb/outcome.h"
#include "services/settlement/settlement_core.h"
#include "tests/support/gazettes.h"
#include "tools/gen/gen.h"

enum { PERSONS = 100000, BILLS = 300000, MADE_EACH = 1000, COMMIT_EACH = 10000, ARENA_SIZE = 2 << 20 };
#define MAP_SIZE ((size_t)16 << 30)

static const struct findings none;

struct bench {
    struct store *store;
    struct store_txn *txn;
    void *self;
    position_t position;
    struct arena arena;
    struct buffer record, submission, output;
    uint64_t settled;
};

static void stop(const char *what, enum status status)
{
    (void)fprintf(stderr, "%s: %s\n", what, status_text(status));
    exit(1);
}

static void apply(struct bench *bench)
{
    struct span records[] = {buffer_span(&bench->record), buffer_span(&bench->submission)};
    struct core_input input = {
        .position = bench->position++, .records = records, .record_count = 2, .arena = &bench->arena};
    struct outcome_head head;
    arena_reset(&bench->arena);
    buffer_reset(&bench->output);
    enum status status = settlement_core.apply(bench->self, bench->txn, &input, &bench->output);
    if (status != OK)
        stop("apply", status);
    if (outcome_head_read(buffer_span(&bench->output), &head) == OK)
        bench->settled += head.kind == OUTCOME_SETTLED;
}

static void commit(struct bench *bench)
{
    settlement_core.flush(bench->self, bench->txn);
    enum status status = store_commit(&bench->txn, bench->position);
    if (status == OK)
        status = store_begin(bench->store, true, &bench->txn);
    if (status != OK)
        stop("commit", status);
}

/* The verdict and, beside it, the submission that holds the envelope. */
static void pass_on(struct bench *bench, const struct verdict *verdict, struct span envelope)
{
    buffer_reset(&bench->record);
    buffer_reset(&bench->submission);
    verdict_encode(verdict, &bench->record);
    submission_encode(&(struct submission){.accepted_at = verdict->accepted_at,
                                           .person_hash = verdict->person_hash,
                                           .envelope = envelope},
                      &bench->submission);
}

static void tell(struct bench *bench, const struct event *event, struct verdict verdict)
{
    struct buffer envelope = {0};
    struct event whole = *event;
    whole.version = 1;
    whole.message_id = "0190b1c2-0000-7000-8000-000000000001";
    whole.person_id = whole.traceparent = "";
    envelope_encode(&whole, &envelope);
    verdict.accepted_at = 1; /* a verdict without a field would be an empty record */
    verdict.findings = &none;
    verdict.dead_reason = "";
    pass_on(bench, &verdict, buffer_span(&envelope));
    apply(bench);
    buffer_fini(&envelope);
}

static void publish(struct bench *bench, const char *path)
{
    static struct policy policy;
    struct buffer why = {0};
    if (policy_file_load(path, &policy, NULL, &why) != OK)
        stop(buffer_text(&why), REJECT_MALFORMED);
    tell(bench, &(struct event){.sender = region_of(policy.area), .kind = EVENT_POLICY, .body.policy = &policy},
         (struct verdict){0});
    buffer_fini(&why);
}

static void go_by_newest_rules(struct bench *bench)
{
    for (unsigned i = 0; i < GAZETTES_WANTED; i++)
        tell(bench, &(struct event){.sender = "operator", .kind = EVENT_GAZETTE, .body.gazette = gazette_wanted(i)},
             (struct verdict){0});
    tell(bench,
         &(struct event){.sender = "operator",
                         .kind = EVENT_LOGIC_VERSION,
                         .body.logic = {.version = LOGIC_VERSION_KNOWN, .reason = "newest"}},
         (struct verdict){0});
}

/* Of all persons: their accounts stand in the state. */
static void enrol(struct bench *bench, struct gen *gen, uint32_t persons)
{
    struct buffer envelope = {0};
    struct verdict verdict = {.accepted_at = 1, .findings = &none, .dead_reason = "", .account_restated = true};
    for (uint32_t i = 0; i < persons; i++) {
        gen_enrolment(gen, i, &envelope);
        pass_on(bench, &verdict, buffer_span(&envelope));
        apply(bench);
        if (i % COMMIT_EACH == 0)
            commit(bench);
    }
    buffer_fini(&envelope);
}

/* The verdict that validation would pass on, made outside the time that is measured. */
static void make_verdict(struct bench *bench, struct gen *gen, uint64_t index, struct buffer *envelope)
{
    struct event event;
    struct verdict verdict = {.accepted_at = 1, .findings = &none, .dead_reason = "", .has_facts = true};
    gen_bill(gen, index, envelope);
    arena_reset(&bench->arena);
    if (event_decode(buffer_span(envelope), &bench->arena, &event) != OK)
        stop("generated bill", REJECT_MALFORMED);
    verdict.person_hash = person_hash(span_text(event.person_id));
    verdict.facts = (struct bill_facts){.hospital_level = 3, .category = "1101", .enrolment_position = 1};
    (void)snprintf(verdict.facts.care_region, 7, "%s", event.sender);
    (void)snprintf(verdict.facts.insured_region, 7, "%s", region_of(event.body.bill.insured_area));
    pass_on(bench, &verdict, buffer_span(envelope));
}

static void start(struct bench *bench, const char *directory)
{
    struct buffer why;
    struct store_options options = {.directory = directory,
                                    .map_size = MAP_SIZE,
                                    .soft_limit_bp = 9000,
                                    .tables = settlement_core.tables,
                                    .table_count = settlement_core.table_count,
                                    .format = settlement_core.format,
                                    .overlay_size = store_overlay_size(MAP_SIZE)};
    buffer_init(&why);
    if (store_open(&options, &bench->store, &why) != OK)
        stop(buffer_text(&why), FATAL_IO);
    buffer_fini(&why);
    bench->position = 1;
    bench->self = calloc(1, settlement_core.self_size);
    arena_init(&bench->arena, malloc(ARENA_SIZE), ARENA_SIZE);
    if (bench->self == NULL || bench->arena.memory == NULL || store_begin(bench->store, true, &bench->txn) != OK ||
        settlement_core.open(bench->self, bench->txn, (struct core_partition){0, 1}) != OK)
        stop("start", FATAL_IO);
}

static double cpu_seconds(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Some bills, made before the clocks run, then settled. */
static void settle(struct bench *bench, struct gen *gen, uint64_t first, double *cpu, int64_t *wall)
{
    static struct buffer made[MADE_EACH], submitted[MADE_EACH], envelope;
    for (uint64_t i = 0; i < MADE_EACH; i++) {
        make_verdict(bench, gen, first + i, &envelope);
        buffer_reset(&made[i]);
        buffer_append(&made[i], bench->record.data, bench->record.size);
        buffer_reset(&submitted[i]);
        buffer_append(&submitted[i], bench->submission.data, bench->submission.size);
    }
    double cpu_before = cpu_seconds();
    int64_t before = loop_monotonic_us();
    struct buffer record = bench->record, submission = bench->submission;
    for (uint64_t i = 0; i < MADE_EACH; i++) {
        bench->record = made[i];
        bench->submission = submitted[i];
        apply(bench);
    }
    bench->record = record;
    bench->submission = submission;
    if ((first + MADE_EACH) % COMMIT_EACH == 0)
        commit(bench);
    *wall += loop_monotonic_us() - before;
    *cpu += cpu_seconds() - cpu_before;
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"110000-310", "110000-390", "120000-310", "120000-390",
                                        "130100-310", "130100-390", "131000-310", "131000-390"};
    char directory[] = "/tmp/hutong-settlement-bench-XXXXXX", text[128];
    struct bench bench = {0};
    uint32_t persons = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : PERSONS;
    uint64_t bills = argc > 2 ? strtoull(argv[2], NULL, 10) : BILLS;
    struct gen_options options = {.seed = 1, .institutions = 60, .persons = persons, .items = 10, .today = 20251124};
    struct gen *gen = gen_new(&options);
    double cpu = 0;
    int64_t wall = 0;
    if (gen == NULL || mkdtemp(directory) == NULL)
        return 1;
    start(&bench, directory);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(text, sizeof text, "data/policies/%s.yaml", names[i]);
        publish(&bench, text);
    }
    go_by_newest_rules(&bench);
    enrol(&bench, gen, persons);
    for (uint64_t first = 0; first < bills; first += MADE_EACH)
        settle(&bench, gen, first, &cpu, &wall);
    store_abort(&bench.txn);
    settlement_core.close(bench.self);
    store_close(&bench.store);
    (void)printf("{\"bills\": %llu, \"settled\": %llu, \"cpu_us_per_bill\": %.2f, \"bills_per_s\": %.0f}\n",
                 (unsigned long long)bills, (unsigned long long)bench.settled, cpu * 1e6 / (double)bills,
                 (double)bills * 1e6 / (double)wall);
    (void)snprintf(text, sizeof text, "rm -r %s", directory);
    return system(text) == 0 ? 0 : 1;
}
