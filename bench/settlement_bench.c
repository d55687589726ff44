/* SPDX-License-Identifier: Apache-2.0
 * hutong-settlement-bench: the settlement core alone over its store, one core, generated ten-item bills, a commit every
 * 1,000, synced to disk; one JSON object. What the runtime, the bus and the wire add is bench/load's to say. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "common/codes/area.h"
#include "common/engines/policy/policy_file.h"
#include "common/net/loop.h"
#include "common/pb/outcome.h"
#include "services/settlement/settlement_core.h"
#include "tools/gen/gen.h"

enum { PERSONS = 100000, BILLS = 300000, COMMIT_EACH = 1000, ARENA_SIZE = 1 << 20 };
#define MAP_SIZE ((size_t)4 << 30)

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
    submission_encode(&(struct submission){verdict->accepted_at, verdict->person_hash, envelope}, &bench->submission);
}

static void publish(struct bench *bench, const char *path)
{
    static struct policy policy;
    struct buffer why, envelope;
    buffer_init(&why);
    buffer_init(&envelope);
    if (policy_file_load(path, &policy, NULL, &why) != OK)
        stop(buffer_text(&why), REJECT_MALFORMED);
    struct event event = {.version = 1,
                          .sender = region_of(policy.area),
                          .message_id = "0190b1c2-0000-7000-8000-000000000001",
                          .person_id = "",
                          .traceparent = "",
                          .kind = EVENT_POLICY,
                          .body.policy = &policy};
    envelope_encode(&event, &envelope);
    struct verdict verdict = {.findings = &none, .dead_reason = ""};
    pass_on(bench, &verdict, buffer_span(&envelope));
    apply(bench);
    buffer_fini(&why);
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
                                    .table_count = settlement_core.table_count};
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

int main(void)
{
    static const char *const names[] = {"110000-310", "110000-390", "120000-310", "120000-390",
                                        "130100-310", "130100-390", "131000-310", "131000-390"};
    char directory[] = "/tmp/hutong-settlement-bench-XXXXXX", text[128];
    struct bench bench = {0};
    struct buffer envelope;
    struct gen_options options = {.seed = 1, .institutions = 60, .persons = PERSONS, .items = 10, .today = 20251124};
    struct gen *gen = gen_new(&options);
    double cpu = 0;
    int64_t wall = 0;
    buffer_init(&envelope);
    if (gen == NULL || mkdtemp(directory) == NULL)
        return 1;
    start(&bench, directory);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(text, sizeof text, "data/policies/%s.yaml", names[i]);
        publish(&bench, text);
    }
    for (uint64_t first = 0; first < BILLS; first += COMMIT_EACH) {
        static struct buffer made[COMMIT_EACH];
        for (uint64_t i = 0; i < COMMIT_EACH; i++) {
            make_verdict(&bench, gen, first + i, &envelope);
            buffer_reset(&made[i]);
            buffer_append(&made[i], bench.record.data, bench.record.size);
        }
        double cpu_before = cpu_seconds();
        int64_t before = loop_monotonic_us();
        for (uint64_t i = 0; i < COMMIT_EACH; i++) {
            struct buffer kept = bench.record;
            bench.record = made[i];
            apply(&bench);
            bench.record = kept;
        }
        commit(&bench);
        wall += loop_monotonic_us() - before;
        cpu += cpu_seconds() - cpu_before;
    }
    store_abort(&bench.txn);
    settlement_core.close(bench.self);
    store_close(&bench.store);
    (void)printf("{\"bills\": %d, \"settled\": %llu, \"cpu_us_per_bill\": %.2f, \"bills_per_s\": %.0f}\n", BILLS,
                 (unsigned long long)bench.settled, cpu * 1e6 / BILLS, BILLS * 1e6 / (double)wall);
    (void)snprintf(text, sizeof text, "rm -r %s", directory);
    return system(text) == 0 ? 0 : 1;
}
