/* SPDX-License-Identifier: Apache-2.0
 * The runtime's own struct, shared by its files. */
#ifndef HUTONG_COMMON_RUNTIME_RUNTIME_INTERNAL_H
#define HUTONG_COMMON_RUNTIME_RUNTIME_INTERNAL_H
#include "common/observe/metrics.h"
#include "common/runtime/asked.h"
#include "common/runtime/attempts.h"
#include "common/runtime/bury.h"
#include "common/runtime/ends.h"
#include "common/runtime/inputs.h"
#include "common/runtime/outbox.h"
#include "common/runtime/runtime.h"

enum {
    COMMIT_RECORDS_MAX = 32768,
    /* State is derived: what is not committed is applied again after a crash. A commit writes a page for each place
     * that it touched and holds everybody's sync up meanwhile, so few and large ones; bench: p99 at 500 bills/s. */
    COMMIT_INTERVAL_MS = 1000,
    UNHURRIED_COMMIT_INTERVAL_MS = 5000,
    RESEND_MS = 50,
    UNHURRIED_SEND_MS = 250,
    SCRUB_BYTES_A_SECOND = 8 << 20, /* of each state: some milliseconds of a processor, ten gigabytes in 20 minutes */
    APPLY_RECORDS_A_TURN = 4096,
    APPLY_US_A_TURN = 100 * 1000 /* a slow core still says that it lives, and answers its operator (O4) */
};

struct runtime {
    struct runtime_options options;
    const struct core *core;
    void *self;
    struct store *store;
    struct store_txn *txn;
    struct digest *digest;
    struct attempts attempts;
    struct store_table tables[STORE_TABLES_COUNT_MAX];
    unsigned table_count;
    unsigned dead_table;
    struct arena arena;

    struct input inputs[CORE_INPUTS_COUNT_MAX];
    unsigned input_ends_known;
    struct input verify; /* our own output, while catching up */
    struct outbox outbox;
    bool writer_ready;
    bool connected;
    bool aside;            /* the state that stood there was put aside: why, has been told */
    position_t output_end; /* end of the output stream when the writer was opened */
    position_t input_end;  /* the lowest end of the inputs when they were opened: up to there it catches up */

    position_t position; /* next to apply */
    position_t committed;
    position_t acked; /* below it the state may be committed */
    struct asked asked;
    position_t wait_at; /* apply nothing from here on: somebody waits for a digest */
    int64_t oldest_uncommitted_us;
    bool commit_due;

    struct bury bury;
    struct buffer output; /* the record that the core made last */

    struct ends ends;
    int64_t started_at;
    enum status status;
    char why[512];
    struct metric *applied, *dead, *commits, *commit_us, *lag, *lag_seconds, *at, *stage_us, *map_used, *map_limit,
        *scrubs, *rolled_back, *apply_us, *reader_lag;
};

/* Stops the loop with this status; the first one stands. */
enum status runtime_fail(struct runtime *runtime, enum status status, const char *what);
void runtime_tell_letters(struct runtime *runtime); /* how many there are, to the metric */
void runtime_open_streams(struct runtime *runtime);
#endif
