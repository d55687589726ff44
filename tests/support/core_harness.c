/* SPDX-License-Identifier: Apache-2.0
 * A core driven by hand. */
#include "tests/support/core_harness.h"

#include <unistd.h>

#include "common/codes/identity.h"
#include "common/pb/outcome.h"
#include "common/runtime/bury.h"
#include "tests/support/test.h"

enum { MAP_SIZE = 64 << 20 };

static enum status open_nothing(void *self, struct store_txn *txn, struct core_partition partition)
{
    return OK;
}

static const struct store_table one_table = {"table", false};
const struct core core_of_one_table = {
    .name = "one table", .tables = &one_table, .table_count = 1, .self_size = 1, .open = open_nothing};

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

static void flush(struct harness *harness)
{
    if (harness->core->flush != NULL)
        harness->core->flush(harness->self, harness->txn);
}

static void close_all(struct harness *harness)
{
    flush(harness);
    assert_int_equal(store_commit(&harness->txn, harness->position), OK);
    if (harness->core->close != NULL)
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
    arena_init(&harness->arena, malloc(APPLY_ARENA_SIZE), APPLY_ARENA_SIZE);
    assert_non_null(harness->arena.memory);
    open_all(harness);
}

void harness_commit(struct harness *harness)
{
    flush(harness);
    assert_int_equal(store_commit(&harness->txn, harness->position), OK);
    assert_int_equal(store_begin(harness->store, true, &harness->txn), OK);
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
    buffer_fini(&harness->envelope);
    buffer_fini(&harness->record);
    buffer_fini(&harness->outcome);
    buffer_fini(&harness->answer);
    (void)snprintf(command, sizeof command, "rm -r %s", harness->directory);
    assert_int_equal(system(command), 0);
}

enum status harness_apply(struct harness *harness, const struct span *records, unsigned count)
{
    struct core_input input = {harness->position, records, count, &harness->arena, NULL};
    arena_reset(&harness->arena);
    buffer_reset(&harness->output);
    enum status status = harness->core->apply(harness->self, harness->txn, &input, &harness->output);
    if (status == OK)
        harness->position++;
    return status;
}

void harness_bury(struct harness *harness, struct span record, const char *reason)
{
    struct core_input input = {harness->position, &record, 1, &harness->arena, NULL};
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
    flush(harness);
    assert_int_equal(store_digest(harness->txn, digest, out), OK);
    digest_destroy(&digest);
}

void assert_canonical(enum wire_message message, struct span bytes)
{
    struct buffer why;
    buffer_init(&why);
    if (wire_check(message, bytes, &why) != OK)
        fail_msg("not canonical at %s", buffer_text(&why));
    buffer_fini(&why);
}

struct span harness_envelope(struct harness *harness, struct event *event)
{
    (void)snprintf(harness->message_id, sizeof harness->message_id, "0190b1c2-0000-7000-8000-%012llu",
                   (unsigned long long)harness->position);
    event->version = 1;
    event->message_id = event->message_id == NULL ? harness->message_id : event->message_id;
    event->person_id = event->person_id == NULL ? "" : event->person_id;
    event->traceparent = event->traceparent == NULL ? "" : event->traceparent;
    buffer_reset(&harness->envelope);
    envelope_encode(event, &harness->envelope);
    return buffer_span(&harness->envelope);
}

struct span harness_submission(struct harness *harness, instant_ms_t accepted_at, struct span envelope)
{
    struct envelope_head head;
    assert_int_equal(envelope_head_read(envelope, &head), OK);
    buffer_reset(&harness->record);
    submission_encode(&(struct submission){.accepted_at = accepted_at,
                                           .person_hash = person_hash(head.person_id),
                                           .envelope = envelope},
                      &harness->record);
    return buffer_span(&harness->record);
}

enum status harness_apply_decided(struct harness *harness, unsigned from)
{
    struct span records[3] = {buffer_span(&harness->record), {NULL, 0}, {NULL, 0}};
    records[1 + from] = buffer_span(&harness->outcome);
    return harness_apply(harness, records, 3);
}

struct span harness_ask(struct harness *harness, struct span question, enum wire_message answer)
{
    flush(harness);
    buffer_reset(&harness->answer);
    assert_int_equal(harness->core->query(harness->self, harness->txn, question, &harness->answer), OK);
    assert_canonical(answer, buffer_span(&harness->answer));
    return buffer_span(&harness->answer);
}

fen_t harness_balance(struct harness *harness, unsigned table, const char *account)
{
    struct span value;
    flush(harness);
    return store_get(harness->txn, table, span_text(account), &value) ? (fen_t)bytes_get_le(value.data, 8) : 0;
}

void harness_assert_balanced(struct harness *harness, unsigned table)
{
    struct store_walk walk;
    wide_t sum = 0;
    flush(harness);
    for (bool more = store_walk_start(&walk, harness->txn, table, span_of(NULL, 0)); more;
         more = store_walk_next(&walk))
        sum += (fen_t)bytes_get_le(walk.value.data, 8);
    store_walk_end(&walk);
    assert_true(sum == 0);
}

const char *identity_of(const char *digits17)
{
    static char numbers[4][19];
    static unsigned turn;
    char *number = numbers[turn++ % 4];
    (void)snprintf(number, sizeof numbers[0], "%.17s%c", digits17, identity_check_character(digits17));
    return number;
}
