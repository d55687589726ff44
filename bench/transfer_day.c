/* SPDX-License-Identifier: Apache-2.0
 * hutong-transfer-day: the morning on which many limits have passed. The settlement core alone over its store, synced
 * to disk; N limits due on one day, one tick after another until all are told, a commit each 111 ticks (a second of the
 * rush). One JSON object a figure: what a tick costs that tells 1,000 of them, the longest one, one that tells nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/net/loop.h"
#include "common/pb/outcome.h"
#include "services/settlement/deadlines.h"
#include "services/settlement/settlement_core.h"

enum { ARENA_SIZE = 2 << 20, COMMIT_TICKS = 111, IDLE_TICKS = 1000, DUE = 20250317, FILL_COMMIT = 20000 };
#define MAP_SIZE ((size_t)4 << 30)

struct bench {
    struct store *store;
    struct store_txn *txn;
    void *self;
    position_t position;
    struct arena arena;
    struct buffer record, submission, output;
};

static void stop(const char *what, enum status status)
{
    (void)fprintf(stderr, "%s: %s\n", what, status_text(status));
    exit(1);
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

static void fill(struct bench *bench, unsigned count)
{
    static const char *const regions[] = {"110000", "120000", "130000"};
    for (unsigned i = 0; i < count; i++) {
        char person[19], id[24];
        (void)snprintf(person, sizeof person, "%018u", i * 2654435761u);
        (void)snprintf(id, sizeof id, "T-2025-%08u", i);
        struct deadline deadline = {.due = DUE,
                                    .region = regions[i % 3],
                                    .scheme = SCHEME_PENSION + i % 3,
                                    .person = person,
                                    .id = id,
                                    .state = TRANSFER_ACCEPTED};
        deadline_put(published_first(), bench->txn, &deadline);
        if (i % FILL_COMMIT == 0)
            commit(bench);
    }
    commit(bench);
}

/* The verdict of a tick at noon of the day. */
static void make_tick(struct bench *bench, civil_date_t day)
{
    static const struct findings none;
    struct buffer envelope;
    struct event event = {.version = 1,
                          .sender = "exchange",
                          .message_id = "0190b1c2-0000-7000-8000-000000000001",
                          .person_id = "",
                          .traceparent = "",
                          .kind = EVENT_TICK,
                          .body.tick.number = 1};
    buffer_init(&envelope);
    envelope_encode(&event, &envelope);
    struct verdict verdict = {.accepted_at = civil_date_start(day) + 43200000, .findings = &none, .dead_reason = ""};
    buffer_reset(&bench->record);
    buffer_reset(&bench->submission);
    verdict_encode(&verdict, &bench->record);
    submission_encode(
        &(struct submission){.accepted_at = verdict.accepted_at, .person_hash = 0, .envelope = buffer_span(&envelope)},
        &bench->submission);
    buffer_fini(&envelope);
}

/* False: it told nothing. */
static bool tick(struct bench *bench, int64_t *us)
{
    struct span records[] = {buffer_span(&bench->record), buffer_span(&bench->submission)};
    struct core_input input = {
        .position = bench->position++, .records = records, .record_count = 2, .arena = &bench->arena};
    struct outcome_head head;
    arena_reset(&bench->arena);
    buffer_reset(&bench->output);
    int64_t before = loop_monotonic_us();
    enum status status = settlement_core.apply(bench->self, bench->txn, &input, &bench->output);
    *us = loop_monotonic_us() - before;
    if (status != OK || outcome_head_read(buffer_span(&bench->output), &head) != OK)
        stop("tick", status);
    return head.kind == OUTCOME_NOTICE;
}

static void tell_all(struct bench *bench, const char *what, civil_date_t day, unsigned count)
{
    unsigned ticks = 0;
    int64_t us, sum = 0, most = 0, idle = 0, started = loop_monotonic_us();
    make_tick(bench, day);
    while (tick(bench, &us)) {
        sum += us;
        most = us > most ? us : most;
        if (++ticks % COMMIT_TICKS == 0)
            commit(bench);
    }
    commit(bench);
    int64_t wall = loop_monotonic_us() - started;
    for (unsigned i = 0; i < IDLE_TICKS; i++) {
        (void)tick(bench, &us);
        idle += us;
    }
    (void)printf("{\"told\": \"%s\", \"limits\": %u, \"ticks\": %u, \"us_per_tick\": %lld, \"us_longest_tick\": %lld, "
                 "\"ms_in_all\": %lld, \"limits_per_s\": %lld, \"ns_idle_tick\": %lld}\n",
                 what, count, ticks, (long long)(sum / (ticks ? ticks : 1)), (long long)most, (long long)wall / 1000,
                 (long long)(wall > 0 ? (int64_t)count * 1000000 / wall : 0), (long long)idle * 1000 / IDLE_TICKS);
}

static void run(unsigned count)
{
    char directory[] = "/tmp/hutong-transfer-day-XXXXXX", command[64];
    struct bench bench = {0};
    if (mkdtemp(directory) == NULL)
        stop("directory", FATAL_IO);
    start(&bench, directory);
    fill(&bench, count);
    tell_all(&bench, "soon", DUE - 3, count);
    tell_all(&bench, "overdue", DUE + 1, count);
    store_abort(&bench.txn);
    settlement_core.close(bench.self);
    free(bench.self);
    free(bench.arena.memory);
    buffer_fini(&bench.record);
    buffer_fini(&bench.submission);
    buffer_fini(&bench.output);
    store_close(&bench.store);
    (void)snprintf(command, sizeof command, "rm -r %s", directory);
    if (system(command) != 0)
        stop(command, FATAL_IO);
}

int main(int argc, char **argv)
{
    run(100000);
    if (argc > 1 && strcmp(argv[1], "--million") == 0)
        run(1000000);
    return 0;
}
