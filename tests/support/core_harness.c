/* SPDX-License-Identifier: Apache-2.0
 * A core driven by hand. */
#include "tests/support/core_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/runtime/bury.h"

enum { ARENA_SIZE = 2 << 20, MAP_SIZE = 64 << 20 };

static void open_all(struct harness *harness)
{
    struct store_table tables[STORE_TABLES_COUNT_MAX];
    const struct core *core = harness->core;
    struct buffer why;
    unsigned count = bury_tables(core, tables);
    struct store_options options = {.directory = harness->directory,
                                    .map_size = MAP_SIZE,
                                    .soft_limit_bp = 9000,
                                    .tables = tables,
                                    .table_count = count};
    buffer_init(&why);
    if (store_open(&options, &harness->store, &why) != OK)
        fail_msg("%s", buffer_text(&why));
    buffer_fini(&why);
    assert_int_equal(store_begin(harness->store, true, &harness->txn), OK);
    harness->self = calloc(1, core->self_size);
    assert_non_null(harness->self);
    assert_int_equal(core->open(harness->self, harness->txn, harness->partition), OK);
}

static void close_all(struct harness *harness)
{
    if (harness->core->flush != NULL)
        harness->core->flush(harness->self, harness->txn);
    assert_int_equal(store_commit(&harness->txn, harness->position), OK);
    harness->core->close(harness->self);
    free(harness->self);
    store_close(&harness->store);
}

void harness_start(struct harness *harness, const struct core *core, uint32_t index, uint32_t count,
                   position_t position)
{
    memset(harness, 0, sizeof *harness);
    harness->core = core;
    harness->partition = (struct core_partition){index, count};
    harness->position = position;
    (void)snprintf(harness->directory, sizeof harness->directory, "/tmp/hutong-core-XXXXXX");
    assert_non_null(mkdtemp(harness->directory));
    arena_init(&harness->arena, malloc(ARENA_SIZE), ARENA_SIZE);
    assert_non_null(harness->arena.memory);
    buffer_init(&harness->output);
    open_all(harness);
}

void harness_restart(struct harness *harness)
{
    close_all(harness);
    open_all(harness);
}

void harness_stop(struct harness *harness)
{
    char command[96];
    close_all(harness);
    free(harness->arena.memory);
    buffer_fini(&harness->output);
    (void)snprintf(command, sizeof command, "rm -r %s", harness->directory);
    assert_int_equal(system(command), 0);
}

enum status harness_apply(struct harness *harness, const struct span *records, unsigned count)
{
    struct core_input input = {harness->position, records, count, &harness->arena};
    arena_reset(&harness->arena);
    buffer_reset(&harness->output);
    enum status status = harness->core->apply(harness->self, harness->txn, &input, &harness->output);
    if (status == OK)
        harness->position++;
    return status;
}

void harness_bury(struct harness *harness, struct span record, const char *reason)
{
    struct core_input input = {harness->position, &record, 1, &harness->arena};
    struct bury bury;
    bury_open(&bury, harness->core, harness->txn);
    arena_reset(&harness->arena);
    bury_record(&bury, harness->core, harness->self, harness->txn, &input, reason, &harness->output);
    bury_close(&bury);
    harness->position++;
}

void harness_digest(struct harness *harness, uint8_t out[DIGEST_SIZE])
{
    struct digest *digest = digest_new();
    if (harness->core->flush != NULL)
        harness->core->flush(harness->self, harness->txn);
    assert_int_equal(store_digest(harness->txn, digest, out), OK);
    digest_destroy(&digest);
}
