/* SPDX-License-Identifier: Apache-2.0
 * The end of a run. */
#include "tests/sim/final.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/pb/batch.h"
#include "tests/sim/history.h"

static void read_batch(struct world *world, struct history *history, enum history_stream stream, unsigned partition,
                       const struct log_batch *batch)
{
    struct batch_reader reader = batch_read(batch->bytes);
    struct span record;
    for (uint32_t i = 0; i < batch->count; i++) {
        if (batch_next(&reader, &record) != OK) {
            world_fail(world, "%s.%u cannot be read at %" PRIu64, history_names[stream], partition,
                       batch->position + i);
            return;
        }
        history_add(history, stream, partition, record);
    }
}

static void read_stream(struct world *world, struct log *log, struct history *history, enum history_stream stream,
                        unsigned partition)
{
    char name[32];
    bool one = history_partitions(history, stream) == 1 && stream != HISTORY_VERDICTS && stream != HISTORY_OUTCOMES;
    struct buffer why = {0};
    struct log_batch batch;
    (void)snprintf(name, sizeof name, one ? "%s" : "%s.%u", history_names[stream], partition);
    int number = log_find(log, name);
    uint64_t end = number < 0 ? 0 : log_state(log, number)->end;
    while (world_failed(world) == NULL && history_count(history, stream, partition) < end) {
        uint64_t at = history_count(history, stream, partition);
        enum status status = log_read(log, number, at, &batch, &why);
        if (status != OK || batch.position != at)
            world_fail(world, "%s cannot be read at %" PRIu64 ": %s", name, at, buffer_text(&why));
        else
            read_batch(world, history, stream, partition, &batch);
        log_read_end(log);
    }
    uint64_t submissions = history_count(history, HISTORY_SUBMISSIONS, 0);
    if (world_failed(world) == NULL && end != submissions)
        world_fail(world, "%s ends at %" PRIu64 ", submissions at %" PRIu64, name, end, submissions);
    buffer_fini(&why);
}

static void run_reference(struct world *world, struct history *history, const struct digests *digests)
{
    const struct node *node;
    for (unsigned i = 0; (node = world_node(world, i)) != NULL && world_failed(world) == NULL; i++) {
        uint8_t digest[DIGEST_SIZE];
        if (node->what == NULL)
            continue;
        history_run(history, world, node->what, node->partition, digest);
        if (world_failed(world) == NULL && memcmp(digest, digests->of[i], DIGEST_SIZE) != 0)
            world_fail(world, "%s: its state is not what the reference run comes to", node->name);
    }
}

void final_check(struct world *world, struct checks *checks, const struct digests *digests)
{
    struct log *log = world_log(world);
    struct history *history = history_new(world_options(world)->partitions);
    if (log == NULL)
        world_fail(world, "at the end the broker is down");
    for (unsigned stream = 0; log != NULL && stream < HISTORY_STREAMS; stream++)
        for (unsigned p = 0; p < history_partitions(history, (enum history_stream)stream); p++)
            read_stream(world, log, history, (enum history_stream)stream, p);
    if (world_failed(world) == NULL)
        history_check(history, checks);
    run_reference(world, history, digests);
    history_free(&history);
}
