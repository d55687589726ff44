/* SPDX-License-Identifier: Apache-2.0
 * The reference run. */
#include "tests/sim/history.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"

/* Of address space, not of disk. */
#define MAP_SIZE ((size_t)1 << 30)

const char *const history_names[HISTORY_STREAMS] = {"submissions", "verdicts", "outcomes", "books"};

struct stream {
    struct buffer bytes;
    uint64_t *ends; /* of each record, in bytes */
    size_t count, capacity;
};

struct history {
    unsigned partitions;
    struct stream streams[HISTORY_STREAMS][HISTORY_PARTITIONS_MAX];
};

/* Which streams a core reads, as the row of each service says it: 's', 'v' of its own partition, 'o' of all. */
static const struct row {
    const char *core, *inputs;
    int output; /* -1: none */
} rows[] = {{"validation", "s", HISTORY_VERDICTS},
            {"settlement", "vs", HISTORY_OUTCOMES},
            {"books", "so", HISTORY_BOOKS},
            {"audit", "so", -1}};

struct history *history_new(unsigned partitions)
{
    struct history *history = calloc(1, sizeof *history);
    INVARIANT(history != NULL && partitions > 0 && partitions <= HISTORY_PARTITIONS_MAX);
    history->partitions = partitions;
    return history;
}

void history_free(struct history **out)
{
    struct history *history = *out;
    for (unsigned i = 0; history != NULL && i < HISTORY_STREAMS; i++)
        for (unsigned p = 0; p < HISTORY_PARTITIONS_MAX; p++) {
            buffer_fini(&history->streams[i][p].bytes);
            free(history->streams[i][p].ends);
        }
    free(history);
    *out = NULL;
}

unsigned history_partitions(const struct history *history, enum history_stream stream)
{
    return stream == HISTORY_VERDICTS || stream == HISTORY_OUTCOMES ? history->partitions : 1;
}

void history_add(struct history *history, enum history_stream stream, unsigned partition, struct span record)
{
    struct stream *to = &history->streams[stream][partition];
    if (to->count == to->capacity) {
        to->capacity = to->capacity == 0 ? 1024 : 2 * to->capacity;
        to->ends = realloc(to->ends, to->capacity * sizeof *to->ends);
        INVARIANT(to->ends != NULL);
    }
    if (record.size > 0)
        buffer_append(&to->bytes, record.data, record.size);
    to->ends[to->count++] = to->bytes.size;
}

uint64_t history_count(const struct history *history, enum history_stream stream, unsigned partition)
{
    return history->streams[stream][partition].count;
}

struct span history_at(const struct history *history, enum history_stream stream, unsigned partition, uint64_t position)
{
    const struct stream *of = &history->streams[stream][partition];
    PRE(position < of->count);
    uint64_t first = position == 0 ? 0 : of->ends[position - 1];
    size_t size = (size_t)(of->ends[position] - first);
    return size == 0 ? span_of(NULL, 0) : span_of(of->bytes.data + first, size);
}

static unsigned take_inputs(const struct history *history, const struct row *row, unsigned partition, uint64_t position,
                            struct span *records)
{
    unsigned count = 0;
    for (const char *input = row->inputs; *input != 0; input++)
        if (*input == 's')
            records[count++] = history_at(history, HISTORY_SUBMISSIONS, 0, position);
        else if (*input == 'v')
            records[count++] = history_at(history, HISTORY_VERDICTS, partition, position);
        else
            for (unsigned p = 0; p < history->partitions; p++)
                records[count++] = history_at(history, HISTORY_OUTCOMES, p, position);
    return count;
}

static void fail(struct world *world, const struct core *core, unsigned partition, uint64_t position, const char *what)
{
    world_fail(world, "the reference run of %s.%u at %" PRIu64 ": %s", core->name, partition, position, what);
}

/* False: it failed. */
static bool run_through(struct history *history, struct world *world, const struct row *row, const struct core *core,
                        unsigned partition, struct replay *replay)
{
    struct span records[1 + HISTORY_PARTITIONS_MAX], said;
    uint64_t count = history_count(history, HISTORY_SUBMISSIONS, 0);
    for (uint64_t position = 0; position < count; position++) {
        unsigned inputs = take_inputs(history, row, partition, position, records);
        bool held = row->output >= 0 && history_count(history, (enum history_stream)row->output, partition) > position;
        struct span recorded =
            held ? history_at(history, (enum history_stream)row->output, partition, position) : span_of(NULL, 0);
        enum status status = replay_apply(replay, records, inputs, held ? &recorded : NULL, &said);
        if (status != OK) {
            fail(world, core, partition, position, status_text(status));
            return false;
        }
        if (held && !span_equal(said, recorded)) {
            fail(world, core, partition, position, "the log holds another record");
            return false;
        }
        if (!held && row->output >= 0)
            history_add(history, (enum history_stream)row->output, partition, said);
    }
    return true;
}

void history_run(struct history *history, struct world *world, const struct core *core, unsigned partition,
                 uint8_t digest[DIGEST_SIZE])
{
    const struct row *row = rows;
    struct core_partition whose = {partition, 1};
    struct replay *replay;
    struct buffer why = {0};
    while (strcmp(row->core, core->name) != 0) {
        row++;
        INVARIANT(row < rows + sizeof rows / sizeof rows[0]);
    }
    if (row->output >= 0)
        whose.count = history_partitions(history, (enum history_stream)row->output);
    memset(digest, 0, DIGEST_SIZE);
    if (replay_open(core, whose, MAP_SIZE, NULL, &replay, &why) != OK) {
        fail(world, core, partition, 0, buffer_text(&why));
    } else {
        if (run_through(history, world, row, core, partition, replay) && replay_digest(replay, digest) != OK)
            fail(world, core, partition, replay_position(replay), "it has no digest");
        replay_close(&replay);
    }
    buffer_fini(&why);
}

void history_check(const struct history *history, struct checks *checks)
{
    struct span outcomes[HISTORY_PARTITIONS_MAX];
    uint64_t count = history_count(history, HISTORY_SUBMISSIONS, 0);
    for (uint64_t position = 0; position < count; position++)
        checks_submission(checks, position, history_at(history, HISTORY_SUBMISSIONS, 0, position));
    for (uint64_t position = 0; position < count; position++) {
        for (unsigned p = 0; p < history->partitions; p++)
            outcomes[p] = history_at(history, HISTORY_OUTCOMES, p, position);
        checks_decided(checks, position, outcomes, history->partitions,
                       history_at(history, HISTORY_BOOKS, 0, position));
    }
    checks_end(checks);
}
