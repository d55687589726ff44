/* SPDX-License-Identifier: Apache-2.0
 * hutong-books-bench [BILLS [inpatient|mix [INSTITUTIONS]]]: the books' core alone over its store, generated bills of
 * one month (stays of ten items, or every kind of care), a commit every 10,000; then every institution's day is stated
 * by both sides, the month is generated and issued while bills of the next months flow, the whole table is read page by
 * page, and the sum tree is asked, from its root down to rows. One JSON object. The close does not depend on the number
 * of bills: it reads sums. HUTONG_BOOKS_DIRECTORY: where the store goes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "bench/books_tree.h"
#include "common/codes/area.h"
#include "common/engines/clearing_policy/clearing_policy_file.h"
#include "common/net/loop.h"
#include "services/books/books_core.h"
#include "services/books/keep/bills.h"
#include "tools/gen/gen.h"

enum { COMMIT_EACH = 10000, ARENA_SIZE = 4 << 20, DAYS = 30, CELLS_MAX = 200000, FLOW = 20000 };
#define MAP_SIZE ((size_t)64 << 30)

struct bench {
    struct store *store;
    struct store_txn *txn;
    struct books *self;
    position_t position;
    instant_ms_t now;
    struct arena arena;
    struct buffer envelope, submission, outcome, output;
};

static void stop(const char *what, enum status status)
{
    (void)fprintf(stderr, "%s: %s\n", what, status_text(status));
    exit(1);
}

static void commit(struct bench *bench)
{
    books_core.flush(bench->self, bench->txn);
    enum status status = store_commit(&bench->txn, bench->position);
    if (status == OK)
        status = store_begin(bench->store, true, &bench->txn);
    if (status != OK)
        stop("commit", status);
}

/* The time that the core took, in microseconds. */
static int64_t apply(struct bench *bench)
{
    struct span records[2] = {buffer_span(&bench->submission), buffer_span(&bench->outcome)};
    struct core_input input = {
        .position = bench->position++, .records = records, .record_count = 2, .arena = &bench->arena};
    arena_reset(&bench->arena);
    buffer_reset(&bench->output);
    int64_t before = loop_monotonic_us();
    enum status status = books_core.apply(bench->self, bench->txn, &input, &bench->output);
    if (status != OK)
        stop("apply", status);
    if (bench->position % COMMIT_EACH == 0)
        commit(bench);
    return loop_monotonic_us() - before;
}

static void wrap(struct bench *bench, struct outcome *outcome)
{
    outcome->position = bench->position;
    outcome->sender = "120000";
    outcome->message_id = "0190b1c2-0000-7000-8000-000000000001";
    outcome->accepted_at = bench->now;
    outcome->dead_reason = "";
    buffer_reset(&bench->submission);
    buffer_reset(&bench->outcome);
    submission_encode(
        &(struct submission){.accepted_at = bench->now, .person_hash = 1, .envelope = buffer_span(&bench->envelope)},
        &bench->submission);
    outcome_encode(outcome, &bench->outcome);
}

static int64_t send(struct bench *bench, const char *sender, enum event_kind kind, union event_body body)
{
    struct event event = {.version = 1,
                          .sender = sender,
                          .message_id = "0190b1c2-0000-7000-8000-000000000001",
                          .person_id = "",
                          .traceparent = "",
                          .kind = kind,
                          .body = body};
    struct outcome outcome = {
        .kind = OUTCOME_APPLIED, .event = event_kind_name(kind), .bill_id = "", .institution = ""};
    buffer_reset(&bench->envelope);
    envelope_encode(&event, &bench->envelope);
    wrap(bench, &outcome);
    return apply(bench);
}

/* As settlement decides a stay: amounts, five postings, a dozen steps. */
static void settle(struct bench *bench, struct gen *gen, uint64_t index)
{
    static struct posting postings[POSTINGS_COUNT_MAX];
    static struct step steps[12];
    struct event event;
    gen_bill(gen, index, &bench->envelope);
    arena_reset(&bench->arena);
    if (event_decode(buffer_span(&bench->envelope), &bench->arena, &event) != OK)
        stop("generated bill", REJECT_MALFORMED);
    const struct bill *bill = &event.body.bill;
    struct outcome outcome = {.kind = OUTCOME_SETTLED,
                              .event = "bill_settle",
                              .bill_id = bill->bill_id,
                              .institution = bill->institution,
                              .has_amounts = true,
                              .postings = postings,
                              .steps = steps,
                              .step_count = 12};
    outcome.amounts.total = bill->total;
    outcome.amounts.pool_pay = bill->total / 2;
    outcome.amounts.large_amount_pay = bill->total / 10;
    outcome.amounts.fund_pay_total = outcome.amounts.pool_pay + outcome.amounts.large_amount_pay;
    outcome.amounts.person_pay_total = bill->total - outcome.amounts.fund_pay_total;
    outcome.deliver_to[0] = "120000";
    outcome.deliver_count = 1;
    struct ledger_parties parties = {bill->insured_area, bill->insurance_type, region_of(bill->insured_area),
                                     region_of(bill->institution + 1), bill->institution};
    outcome.posting_count = ledger_postings(&outcome.amounts, &parties, postings);
    wrap(bench, &outcome);
}

/* One statement of totals a day, institution and side, read from the cells. */
static int64_t state_all(struct bench *bench)
{
    static struct {
        uint8_t key[22];
        int64_t values[TALLY_VALUES_MAX];
    } cells[CELLS_MAX];
    struct store_walk walk;
    size_t count = 0;
    int64_t time = 0;
    commit(bench);
    bool more = store_walk_start(&walk, bench->txn, CELLS, span_of(NULL, 0));
    for (; more && count < CELLS_MAX; more = store_walk_next(&walk), count++) {
        memcpy(cells[count].key, walk.key.data, sizeof cells[count].key);
        tally_read(bench->self->cells, walk.value, cells[count].values);
    }
    if (more)
        stop("more cells than CELLS_MAX", REJECT_TOO_LARGE);
    store_walk_end(&walk);
    for (unsigned side = 0; side <= REGIONS; side++) /* the region of care, then each insuring region */
        for (size_t i = 0; i < count;) {
            struct statement_total totals[STATEMENT_TOTALS_MAX] = {{0}};
            char types[STATEMENT_TOTALS_MAX][4], clearing[STATEMENT_TOTALS_MAX][3], institution[13] = "";
            uint32_t used = 0;
            size_t first = i;
            memcpy(institution, cells[i].key + 4, 12);
            for (; i < count && memcmp(cells[i].key, cells[first].key, 16) == 0; i++) {
                uint32_t at = 0;
                if (side > 0 && cells[i].key[16] != side - 1)
                    continue;
                while (at < used && (memcmp(types[at], cells[i].key + 17, 3) != 0 ||
                                     memcmp(clearing[at], cells[i].key + 20, 2) != 0))
                    at++;
                if (at == used) {
                    (void)snprintf(types[at], 4, "%.3s", (const char *)cells[i].key + 17);
                    (void)snprintf(clearing[at], 3, "%.2s", (const char *)cells[i].key + 20);
                    totals[used++] =
                        (struct statement_total){.insurance_type = types[at], .clearing_type = clearing[at]};
                }
                totals[at].count_positive += (uint32_t)cells[i].values[CELL_POSITIVE];
                totals[at].total += cells[i].values[CELL_TOTAL];
                totals[at].fund += cells[i].values[CELL_FUND];
                totals[at].account += cells[i].values[CELL_ACCOUNT];
            }
            struct statement statement = {.day = (civil_date_t)bytes_get_be(cells[first].key, 4),
                                          .institution = institution,
                                          .side = side == 0 ? SIDE_CARE : SIDE_INSURED,
                                          .totals = totals,
                                          .total_count = used};
            const char *sender = side == 0 ? region_of(institution + 1) : clearing_region(side - 1);
            if (used > 0)
                time += send(bench, sender, EVENT_STATEMENT, (union event_body){.statement = statement});
        }
    return time;
}

/* The rows of one institution's day from `from` on, as many as a statement holds, as the books have them; 0: no more.
 * The key of the last one in `from`. */
static uint32_t rows_of(struct bench *bench, struct row_bytes *from, struct book_bill *bills)
{
    struct store_walk walk;
    uint32_t count = 0;
    bool more = store_walk_start(&walk, bench->txn, BILLS, row_span(from));
    if (more && span_equal(walk.key, row_span(from)))
        more = store_walk_next(&walk);
    for (; more && count < STATEMENT_ROWS_MAX; more = store_walk_next(&walk)) {
        book_bill_read(walk.key, walk.value, &bills[count]);
        if (count > 0 && (bills[count].row.day != bills[0].row.day ||
                          strcmp(bills[count].row.institution, bills[0].row.institution) != 0))
            break;
        *from = row_copy(walk.key);
        count++;
    }
    store_walk_end(&walk);
    return count;
}

/* Every bill stated row by row by its region of care; how many. */
static uint64_t state_rows(struct bench *bench, int64_t *time)
{
    static struct book_bill bills[STATEMENT_ROWS_MAX];
    static struct statement_row rows[STATEMENT_ROWS_MAX];
    struct row_bytes from = bills_key(0, "", 0);
    uint64_t stated = 0;
    uint32_t count;
    commit(bench);
    for (*time = 0; (count = rows_of(bench, &from, bills)) > 0; stated += count) {
        for (uint32_t i = 0; i < count; i++) {
            const struct reconcile_row *row = &bills[i].row;
            rows[i] = (struct statement_row){row->number,       row->bill_id,        row->original,
                                             row->insured_area, row->insurance_type, row->clearing_type,
                                             row->total,        row->fund,           row->account};
        }
        struct statement statement = {.day = bills[0].row.day,
                                      .institution = bills[0].row.institution,
                                      .side = SIDE_CARE,
                                      .detailed = true,
                                      .number_from = bills[0].row.number,
                                      .number_to = bills[count - 1].row.number,
                                      .rows = rows,
                                      .row_count = count};
        *time += send(bench, region_of(statement.institution + 1), EVENT_STATEMENT,
                      (union event_body){.statement = statement});
    }
    return stated;
}

static void start(struct bench *bench, const char *directory)
{
    static struct clearing_policy policy;
    struct buffer why;
    struct store_options options = {.directory = directory,
                                    .map_size = MAP_SIZE,
                                    .soft_limit_bp = 9000,
                                    .tables = books_core.tables,
                                    .table_count = books_core.table_count};
    buffer_init(&why);
    if (store_open(&options, &bench->store, &why) != OK ||
        clearing_policy_file_load("data/clearing/2025.yaml", &policy, &why) != OK)
        stop(buffer_text(&why), FATAL_IO);
    buffer_fini(&why);
    bench->position = 1;
    bench->self = calloc(1, books_core.self_size);
    arena_init(&bench->arena, malloc(ARENA_SIZE), ARENA_SIZE);
    if (bench->self == NULL || bench->arena.memory == NULL || store_begin(bench->store, true, &bench->txn) != OK ||
        books_core.open(bench->self, bench->txn, (struct core_partition){0, 1}) != OK)
        stop("start", FATAL_IO);
    (void)send(bench, "operator", EVENT_CLEARING_POLICY, (union event_body){.clearing_policy = &policy});
}

/* What a stretch of flowing bills took, each position with whatever fell due there; microseconds. */
struct flow {
    int64_t p50, p99, longest;
};

static int by_time(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return left < right ? -1 : left > right;
}

/* Bills from `first` on, all accepted on this day: the first of them find what is due on it. */
static struct flow flow_on(struct bench *bench, struct gen *gen, uint64_t first, civil_date_t day)
{
    static int64_t times[FLOW];
    bench->now = civil_date_start(day) + 1;
    for (uint64_t i = 0; i < FLOW; i++) {
        settle(bench, gen, first + i);
        times[i] = apply(bench);
    }
    qsort(times, FLOW, sizeof times[0], by_time);
    if (bench->self->first_due <= day)
        stop("something is still due", FATAL_IO);
    return (struct flow){times[FLOW / 2], times[FLOW / 100 * 99], times[FLOW - 1]};
}

/* All rows of all tables, in pages, as each region of care asks for its own; how many there are. */
static uint64_t read_tables(struct bench *bench, uint32_t month, int64_t *time)
{
    static uint8_t memory[8 << 20];
    struct buffer question, answer;
    uint64_t rows = 0;
    int64_t before = loop_monotonic_us();
    buffer_init(&question);
    buffer_init(&answer);
    for (unsigned care = 0; care < REGIONS; care++) {
        uint8_t last[64];
        size_t last_size = 0;
        do {
            buffer_reset(&question);
            buffer_reset(&answer);
            struct clearing_rows_query asked = {
                .month = month, .care_region = span_text(clearing_region(care)), .after = span_of(last, last_size)};
            books_query_encode(&(struct books_query){.kind = ASK_ROWS, .body.rows = asked}, &question);
            enum status status = books_core.query(bench->self, bench->txn, buffer_span(&question), &answer);
            if (status != OK)
                stop("rows", status);
            struct books_reply page;
            struct arena arena;
            arena_init(&arena, memory, sizeof memory);
            if (books_answer_decode(buffer_span(&answer), &arena, &page) != OK)
                stop("page", REJECT_MALFORMED);
            rows += page.row_count;
            struct span next = page.next;
            last_size = next.size;
            if (next.size > sizeof last)
                stop("page", REJECT_TOO_LARGE);
            if (next.size > 0)
                memcpy(last, next.data, next.size);
        } while (last_size > 0);
    }
    buffer_fini(&answer);
    buffer_fini(&question);
    *time = loop_monotonic_us() - before;
    return rows;
}

/* What the process holds itself, beside the pages of the store's map, which the kernel may take back; kB. */
static long memory_of_its_own(void)
{
    char line[256];
    long size = -1;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "RssAnon:", 8) == 0)
            size = strtol(line + 8, NULL, 10);
    if (status != NULL)
        (void)fclose(status);
    return size;
}

static void put_flow(const char *name, const struct flow *flow)
{
    (void)printf(",\"%s\":{\"p50_us\":%lld,\"p99_us\":%lld,\"longest_us\":%lld}", name, (long long)flow->p50,
                 (long long)flow->p99, (long long)flow->longest);
}

static void put_tree(const char *name, const struct tree_times *times)
{
    (void)printf(",\"%s\":{\"nothing_us\":%lld,\"equal_us\":%lld,\"one_us\":%lld,\"all_us\":%lld,\"down_us\":%lld}",
                 name, (long long)times->nothing, (long long)times->equal, (long long)times->one, (long long)times->all,
                 (long long)times->down);
}

static double cpu_seconds(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    char directory[256], text[300];
    static struct bench bench;
    const char *parent = getenv("HUTONG_BOOKS_DIRECTORY");
    uint64_t bills = argc > 1 ? strtoull(argv[1], NULL, 10) : 300000;
    bool mix = argc > 2 && strcmp(argv[2], "mix") == 0;
    struct gen_options options = {.seed = 1,
                                  .institutions = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 60,
                                  .persons = 100000,
                                  .items = 10,
                                  .mix = mix,
                                  .today = 20251124};
    struct gen *gen = gen_new(&options);
    int64_t taking = 0, reading;
    (void)snprintf(directory, sizeof directory, "%s/hutong-books-bench-XXXXXX", parent != NULL ? parent : "/tmp");
    if (gen == NULL || bills == 0 || mkdtemp(directory) == NULL)
        return 1;
    bench.now = civil_date_start(20250401);
    start(&bench, directory);
    for (uint64_t i = 0; i < bills; i++) {
        bench.now = civil_date_start(20250401 + (civil_date_t)(i * DAYS / bills)) + 1;
        settle(&bench, gen, i);
        taking += apply(&bench);
    }
    bench.now = civil_date_start(20250501);
    int64_t stating = state_all(&bench), by_row;
    uint64_t stated = state_rows(&bench, &by_row);
    struct flow before = flow_on(&bench, gen, bills, 20250520),
                generating = flow_on(&bench, gen, bills + FLOW, 20250521),
                issuing = flow_on(&bench, gen, bills + (uint64_t)2 * FLOW, 20250526);
    month_t month = month_of_number(202504);
    uint64_t in = 0;
    for (unsigned pair = 0; pair < PAIRS; pair++)
        in += bench.self->pairs[month][pair].count_positive;
    commit(&bench);
    long own_before = memory_of_its_own();
    double cpu_before = cpu_seconds();
    uint64_t rows = read_tables(&bench, 202504, &reading);
    double cpu_reading = cpu_seconds() - cpu_before;
    struct tree_times all = tree_times_of(bench.self, bench.txn, SIDE_CARE, ""),
                      care = tree_times_of(bench.self, bench.txn, SIDE_CARE, "130000"),
                      insured = tree_times_of(bench.self, bench.txn, SIDE_INSURED, "110000");
    (void)printf("{\"bench\":\"books\",\"care\":\"%s\",\"institutions\":%u,\"bills\":%llu,\"us_per_bill\":%.2f,\"us_"
                 "per_stated_bill\":%.2f,"
                 "\"us_per_stated_row\":%.2f,"
                 "\"cleared\":%llu,\"table_rows\":%llu,\"table_s\":%.2f,\"table_cpu_s\":%.2f,"
                 "\"own_memory_kb\":%ld,\"own_memory_after_table_kb\":%ld",
                 mix ? "mix" : "inpatient", options.institutions, (unsigned long long)bills,
                 (double)taking / (double)bills, (double)stating / (double)bills, (double)by_row / (double)stated,
                 (unsigned long long)in, (unsigned long long)rows, (double)reading / 1e6, cpu_reading, own_before,
                 memory_of_its_own());
    put_tree("tree", &all);
    put_tree("tree_of_care", &care);
    put_tree("tree_of_insured", &insured);
    put_flow("before", &before);
    put_flow("generating", &generating);
    put_flow("issuing", &issuing);
    (void)printf("}\n");
    store_abort(&bench.txn);
    books_core.close(bench.self);
    store_close(&bench.store);
    gen_destroy(&gen);
    (void)snprintf(text, sizeof text, "rm -r %s", directory);
    return system(text) == 0 && in == bills && rows == bills ? 0 : 1;
}
