/* SPDX-License-Identifier: Apache-2.0
 * What a runtime takes up when it opens: its state, and its metrics. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/observe/diary.h"
#include "common/runtime/bury.h"
#include "common/runtime/runtime_internal.h"
#include "common/store/store_check.h"

static void add_metrics(struct runtime *runtime)
{
    char labels[96];
    struct metrics *metrics = runtime->options.metrics;
    (void)snprintf(labels, sizeof labels, "core=\"%s\",partition=\"%u\"", runtime->core->name,
                   runtime->options.partition.index);
    runtime->applied = metrics_add(metrics, METRIC_COUNTER, "hutong_records_applied_total", "Records applied.", labels);
    runtime->dead =
        metrics_add(metrics, METRIC_GAUGE, "hutong_dead_letters", "Dead letters that nobody has dealt with.", labels);
    runtime->commits =
        metrics_add(metrics, METRIC_COUNTER, "hutong_commits_total", "Durable commits of state.", labels);
    runtime->commit_us =
        metrics_add(metrics, METRIC_HISTOGRAM, "hutong_commit_seconds", "Time of a commit of state.", labels);
    runtime->lag =
        metrics_add(metrics, METRIC_GAUGE, "hutong_lag_records", "Records of the input not applied yet.", labels);
    runtime->lag_seconds = metrics_add(
        metrics, METRIC_GAUGE, "hutong_lag_seconds",
        "How long the oldest record of the input that is not applied has waited; 0: none does; -1: not known.", labels);
    runtime->at = metrics_add(metrics, METRIC_GAUGE, "hutong_position", "Next position to apply.", labels);
    runtime->stage_us = metrics_add(metrics, METRIC_HISTOGRAM, "hutong_stage_seconds",
                                    "From the input's storage to the output's.", labels);
    runtime->apply_us =
        metrics_add(metrics, METRIC_HISTOGRAM, "hutong_apply_seconds", "Time of one turn of applying.", labels);
    runtime->map_used = metrics_add(metrics, METRIC_GAUGE, "hutong_state_used_bytes", "State map in use.", labels);
    runtime->reader_lag = metrics_add(metrics, METRIC_GAUGE, "hutong_reader_lag_transactions",
                                      "Commits since the oldest foreign reader of the state began.", labels);
    runtime->scrubs = metrics_add(metrics, METRIC_COUNTER, "hutong_state_scrubs_total",
                                  "Rounds over all pages of the state, each held against its sum.", labels);
    runtime->rolled_back = metrics_add(metrics, METRIC_COUNTER, "hutong_state_rolled_back_total",
                                       "Starts at which the state was older than it had been.", labels);
    runtime->map_limit = metrics_add(metrics, METRIC_GAUGE, "hutong_state_limit_bytes", "State map's size.", labels);
}

/* A state of another format, not what was written, or another's, is of no use: all of it comes out of the log. */
static enum status open_store(struct runtime *runtime, struct buffer *why)
{
    const struct core *core = runtime->core;
    char belongs[64];
    (void)snprintf(belongs, sizeof belongs, "%s-%u", core->name, runtime->options.partition.index);
    struct store_options options = {runtime->options.state_directory,
                                    runtime->options.state_map_size,
                                    8000,
                                    runtime->tables,
                                    bury_tables(core, runtime->tables),
                                    core->format,
                                    false,
                                    core->overlaid ? store_overlay_size(runtime->options.state_map_size) : 0,
                                    core->overlaid ? FORMAT_BEFORE_OVERLAYS : 0,
                                    belongs};
    enum status status = store_open(&options, &runtime->store, why);
    runtime->aside = false;
    if (status != FATAL_FORMAT && status != FATAL_DAMAGED && status != FATAL_CORRUPT)
        return status;
    struct buffer aside;
    buffer_init(&aside);
    status = store_set_aside(options.directory, &aside);
    diary_event(DIARY_WARN, "state_set_aside", "core=%s status=%s detail=%s aside=%s", core->name, status_name(status),
                buffer_text(why), buffer_text(&aside));
    buffer_fini(&aside);
    TRY(status);
    buffer_reset(why);
    runtime->aside = true;
    return store_open(&options, &runtime->store, why);
}

/* A snapshot, an older copy, or nothing stands where more had been: what lacks comes out of the log, and outputs are
 * held against what the log has of them. */
static void tell_rolled_back(struct runtime *runtime)
{
    uint64_t seen = store_seen(runtime->store);
    if (runtime->aside || seen <= runtime->position)
        return;
    metric_count(runtime->rolled_back, 1);
    diary_event(DIARY_WARN, "state_rolled_back", "core=%s position=%llu seen=%llu directory=%s", runtime->core->name,
                (unsigned long long)runtime->position, (unsigned long long)seen, runtime->options.state_directory);
}

static enum status open_state(struct runtime *runtime, struct buffer *why)
{
    const struct core *core = runtime->core;
    runtime->dead_table = core->table_count;
    TRY(open_store(runtime, why));
    TRY(store_begin(runtime->store, true, &runtime->txn));
    runtime->position = runtime->committed = runtime->acked = store_cursor(runtime->txn);
    tell_rolled_back(runtime);
    metric_set(runtime->at, (int64_t)runtime->position); /* also where nothing is left to apply */
    bury_open(&runtime->bury, core, runtime->txn);
    TRY(attempts_open(&runtime->attempts, runtime->options.state_directory, runtime->position));
    enum status status = core->open(runtime->self, runtime->txn, runtime->options.partition);
    if (status != OK)
        buffer_printf(why, "core %s cannot take up its state", core->name);
    return status;
}

enum status runtime_open(const struct runtime_options *options, struct runtime **out, struct buffer *why)
{
    struct runtime *runtime = calloc(1, sizeof *runtime);
    INVARIANT(runtime != NULL);
    runtime->options = *options;
    runtime->core = options->core;
    runtime->wait_at = UINT64_MAX;
    runtime->attempts.fd = -1;
    runtime->started_at = loop_wall_ms();
    runtime->self = calloc(1, options->core->self_size);
    arena_init(&runtime->arena, malloc(APPLY_ARENA_SIZE), APPLY_ARENA_SIZE);
    INVARIANT(runtime->self != NULL && runtime->arena.memory != NULL);
    runtime->digest = digest_new();
    add_metrics(runtime);
    enum status status = open_state(runtime, why);
    if (status != OK) {
        runtime->status = status;
        runtime_close(&runtime);
        return status;
    }
    runtime_tell_letters(runtime);
    runtime_open_streams(runtime);
    *out = runtime;
    return OK;
}
