/* SPDX-License-Identifier: Apache-2.0
 * Where an envelope stands, and what its sender is told: one row a case, and the rows cover every combination once.
 * Then random senders, duplicates, conflicts, clocks, syncs, full disks and crashes against what must never fail. */
#include "common/pb/wire.h"
#include "services/ingest/gate_core.h"
#include "tests/support/random.h"
#include "tests/support/test.h"

/* ---- the table ---- */

enum found { NOTHING, SAME_ON_DISK, SAME_UNDER_WAY, OTHER_ON_DISK, OTHER_UNDER_WAY, FOUNDS };
enum room { ROOM, NO_ROOM, ROOMS };
enum clock { AHEAD, EQUAL, BEHIND, TRACE_AHEAD, TRACE_BEHIND, FIRST_OF_ALL, CLOCKS };
enum { ANY = -1 };
enum place { NONE, NEXT, OWN };
enum when { NOW, SYNCED };

enum { DISK_END = 100, END = 120, OWN_ON_DISK = 7, OWN_UNDER_WAY = 110 };
static const instant_ms_t own_time = 1763950000000;

static const struct {
    instant_ms_t stamp, last, given;
} clocks[CLOCKS] = {
    /*                 stamp          the last one    what is given */
    [AHEAD] = {1764000000001, 1764000000000, 1764000000001},
    [EQUAL] = {1764000000000, 1764000000000, 1764000000000},
    [BEHIND] = {1763913600000, 1764000000000, 1764000000000}, /* set back by a day */
    [TRACE_AHEAD] = {1735689600000, 1735603200000, 1735689600000},
    [TRACE_BEHIND] = {1735603200000, 1735689600000, 1735689600000},
    [FIRST_OF_ALL] = {1764000000000, 0, 1764000000000},
};

enum { ACCEPTED = RECEIPT_ACCEPTED, BUSY = RECEIPT_BUSY, CONFLICT = RECEIPT_CONFLICT };

/* clang-format off */
static const struct {
    const char *name;
    int found, id_room, log_room, clock;
    enum gate_outcome outcome;
    uint32_t receipt;
    enum place place;
    enum when when;
} rows[] = {
  /* case                      the id stands    index    log      clock         outcome        receipt   at    leaves */
  {"new",                       NOTHING,         ROOM,    ROOM,    AHEAD,        PLACED,        ACCEPTED, NEXT, SYNCED},
  {"new, the clock stands",     NOTHING,         ROOM,    ROOM,    EQUAL,        PLACED,        ACCEPTED, NEXT, SYNCED},
  {"new, the clock set back",   NOTHING,         ROOM,    ROOM,    BEHIND,       PLACED,        ACCEPTED, NEXT, SYNCED},
  {"new, of a trace",           NOTHING,         ROOM,    ROOM,    TRACE_AHEAD,  PLACED,        ACCEPTED, NEXT, SYNCED},
  {"of a trace that goes back", NOTHING,         ROOM,    ROOM,    TRACE_BEHIND, PLACED,        ACCEPTED, NEXT, SYNCED},
  {"the first of all",          NOTHING,         ROOM,    ROOM,    FIRST_OF_ALL, PLACED,        ACCEPTED, NEXT, SYNCED},
  {"new, it has to wait",       NOTHING,         ROOM,    NO_ROOM, ANY,          PLACING_BUSY,  BUSY,     NONE, NOW},
  {"new, no room for its id",   NOTHING,         NO_ROOM, ANY,     ANY,          PLACING_FULL,  BUSY,     NONE, NOW},
  {"again",                     SAME_ON_DISK,    ANY,     ANY,     ANY,          PLACED_BEFORE, ACCEPTED, OWN,  NOW},
  {"again, the first under way",SAME_UNDER_WAY,  ANY,     ANY,     ANY,          PLACED_BEFORE, ACCEPTED, OWN,  SYNCED},
  {"other content",             OTHER_ON_DISK,   ANY,     ANY,     ANY,          PLACED_OTHER,  CONFLICT, OWN,  NOW},
  {"other, the first under way",OTHER_UNDER_WAY, ANY,     ANY,     ANY,          PLACED_OTHER,  CONFLICT, OWN,  SYNCED},
};
/* clang-format on */

static void expect(const char *name, const char *what, uint64_t is, uint64_t want)
{
    if (is != want)
        fail_msg("%s: %s is %llu, not %llu", name, what, (unsigned long long)is, (unsigned long long)want);
}

static void check_row(size_t row, int found, bool id_room, bool log_room, enum clock clock)
{
    const char *name = rows[row].name;
    struct gate_view view = {.head.message_id = span_text("019ab300-0000-7000-8000-000000000001"), .sha256 = "asked"};
    struct id_entry own = {OWN_ON_DISK, own_time, "asked"};
    struct buffer bytes;
    struct receipt sent, receipt;
    uint8_t memory[4096];
    struct arena arena;
    if (found == SAME_UNDER_WAY || found == OTHER_UNDER_WAY)
        own.position = OWN_UNDER_WAY;
    if (found == OTHER_ON_DISK || found == OTHER_UNDER_WAY)
        own.hash[ID_HASH_SIZE - 1] = 1;
    struct gate_facts facts = {.found = found == NOTHING ? NULL : &own,
                               .sha256 = view.sha256,
                               .id_room = id_room,
                               .log_room = log_room,
                               .end = clock == FIRST_OF_ALL ? 0 : END,
                               .stamp = clocks[clock].stamp,
                               .last_stamp = clocks[clock].last};
    position_t on_disk = clock == FIRST_OF_ALL && found == NOTHING ? 0 : DISK_END;
    struct gate_placing placing = gate_place(&facts);
    position_t position = rows[row].place == NEXT ? facts.end : rows[row].place == OWN ? own.position : 0;
    instant_ms_t time = rows[row].place == NEXT ? clocks[clock].given : rows[row].place == OWN ? own_time : 0;
    expect(name, "the outcome", placing.outcome, rows[row].outcome);
    expect(name, "the position", placing.entry.position, position);
    expect(name, "the time", (uint64_t)placing.entry.accepted_at, (uint64_t)time);
    expect(name, "what it waits for", placing.needs, rows[row].place == NONE ? 0 : position + 1);
    expect(name, "that it waits", placing.needs > on_disk, rows[row].when == SYNCED);
    if (rows[row].place != NONE)
        assert_memory_equal(placing.entry.hash, found == NOTHING ? view.sha256 : own.hash, ID_HASH_SIZE);
    buffer_init(&bytes);
    arena_init(&arena, memory, sizeof memory);
    sent = gate_receipt(&view, &placing, 250);
    receipt_encode(&sent, &bytes);
    assert_int_equal(wire_check(WIRE_RECEIPT, buffer_span(&bytes), NULL), OK);
    assert_int_equal(receipt_decode(buffer_span(&bytes), &arena, &receipt), OK);
    expect(name, "the receipt", receipt.kind, rows[row].receipt);
    expect(name, "the receipt's position", receipt.position, position);
    expect(name, "the receipt's time", (uint64_t)receipt.accepted_at, (uint64_t)time);
    expect(name, "bytes of what stands", receipt.accepted_sha256_prefix.size,
           rows[row].receipt == RECEIPT_CONFLICT ? ID_HASH_SIZE : 0);
    expect(name, "the delay", receipt.retry_after_ms, rows[row].receipt == RECEIPT_BUSY ? 250 : 0);
    buffer_fini(&bytes);
}

static bool covers(int column, int value)
{
    return column == ANY || column == value;
}

TEST(every_combination_has_one_row)
{
    for (int all = 0; all < FOUNDS * ROOMS * ROOMS * CLOCKS; all++) {
        int found = all % FOUNDS, id_room = all / FOUNDS % ROOMS, log_room = all / FOUNDS / ROOMS % ROOMS,
            clock = all / FOUNDS / ROOMS / ROOMS;
        unsigned count = 0;
        for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
            if (!covers(rows[row].found, found) || !covers(rows[row].id_room, id_room) ||
                !covers(rows[row].log_room, log_room) || !covers(rows[row].clock, clock))
                continue;
            check_row(row, found, id_room == ROOM, log_room == ROOM, (enum clock)clock);
            count++;
        }
        assert_int_equal(count, 1);
    }
}

/* ---- the model: a log, how much of it is on disk, and what every sender was told ---- */

enum { IDS = 40, CONTENTS = 3, FLIGHT_MAX = 16, LOG_MAX = IDS, SEEDS = 300, STEPS = 2000, RECEIPT_SIZE_MAX = 512 };

struct promise {
    size_t size;
    uint8_t bytes[RECEIPT_SIZE_MAX];
};

struct model {
    uint64_t seed, random;
    struct {
        unsigned id, content;
        struct id_entry entry;
    } log[LOG_MAX];
    position_t end, on_disk;
    bool index_full;
    instant_ms_t clock;
    struct promise promised[IDS][CONTENTS];             /* the first receipt that left, and was no BUSY */
    struct promise waiting[LOG_MAX + 1][IDS][CONTENTS]; /* by what it needs */
};

static void broken(const struct model *model, const char *what)
{
    fail_msg("seed %llu: %s", (unsigned long long)model->seed, what);
}

static unsigned pick(struct model *model, unsigned count)
{
    return (unsigned)(random_next(&model->random) % count);
}

/* A receipt that leaves: the same as every one that left before it for the same bytes. */
static void tell(struct model *model, unsigned id, unsigned content, const struct promise *receipt)
{
    struct promise *first = &model->promised[id][content];
    if (first->size == 0)
        *first = *receipt;
    else if (first->size != receipt->size || memcmp(first->bytes, receipt->bytes, first->size) != 0)
        broken(model, "another answer than the first time");
}

static void sync_to(struct model *model, position_t position)
{
    for (; model->on_disk < position; model->on_disk++)
        for (unsigned i = 0; i < IDS * CONTENTS; i++) {
            struct promise *receipt = &model->waiting[model->on_disk + 1][i / CONTENTS][i % CONTENTS];
            if (receipt->size > 0)
                tell(model, i / CONTENTS, i % CONTENTS, receipt);
            receipt->size = 0;
        }
}

/* A crash or a full disk: what is not on disk has never been, nor have the answers that waited for it. */
static void lose_the_flight(struct model *model)
{
    for (; model->end > model->on_disk; model->end--)
        for (unsigned i = 0; i < IDS * CONTENTS; i++)
            model->waiting[model->end][i / CONTENTS][i % CONTENTS].size = 0;
}

static void submit(struct model *model)
{
    unsigned id = pick(model, IDS), content = pick(model, 4) < 3 ? 0 : 1 + pick(model, CONTENTS - 1);
    struct gate_view view = {.head.message_id = span_text("019ab300-0000-7000-8000-000000000001")};
    const struct id_entry *found = NULL;
    struct promise promise;
    struct buffer bytes;
    memset(view.sha256, (int)(1 + id * CONTENTS + content), sizeof view.sha256);
    for (position_t at = 0; at < model->end; at++)
        if (model->log[at].id == id)
            found = &model->log[at].entry;
    struct gate_facts facts = {.found = found,
                               .sha256 = view.sha256,
                               .id_room = !model->index_full,
                               .log_room = model->end - model->on_disk < FLIGHT_MAX && pick(model, 8) != 0,
                               .end = model->end,
                               .stamp = model->clock,
                               .last_stamp = model->end > 0 ? model->log[model->end - 1].entry.accepted_at : 0};
    struct gate_placing placing = gate_place(&facts);
    if ((placing.outcome == PLACED) != (found == NULL && facts.id_room && facts.log_room))
        broken(model, "placed without need, or not placed in spite of room");
    if (placing.outcome == PLACED) {
        if (placing.entry.position != model->end)
            broken(model, "a gap");
        model->log[model->end].id = id;
        model->log[model->end].content = content;
        model->log[model->end++].entry = placing.entry;
    }
    if (placing.outcome == PLACING_BUSY || placing.outcome == PLACING_FULL)
        return;
    buffer_init(&bytes);
    struct receipt receipt = gate_receipt(&view, &placing, 0);
    receipt_encode(&receipt, &bytes);
    assert_true(bytes.size <= sizeof promise.bytes);
    promise.size = bytes.size;
    memcpy(promise.bytes, bytes.data, bytes.size);
    buffer_fini(&bytes);
    if (placing.needs <= model->on_disk)
        tell(model, id, content, &promise);
    else
        model->waiting[placing.needs][id][content] = promise;
}

static void step(struct model *model)
{
    unsigned what = pick(model, 100);
    if (what < 75)
        submit(model);
    else if (what < 85)
        sync_to(model, model->on_disk + pick(model, (unsigned)(model->end - model->on_disk) + 1));
    else if (what < 95)
        model->clock += (instant_ms_t)pick(model, 1000) - (pick(model, 8) == 0 ? 86400000 : 0);
    else if (what < 98)
        model->index_full = pick(model, 3) == 0;
    else
        lose_the_flight(model);
}

/* What stands on disk at the end, against what was said of it. */
static void check_log(struct model *model)
{
    unsigned places[IDS] = {0};
    for (position_t at = 0; at < model->end; at++) {
        const struct id_entry *entry = &model->log[at].entry;
        if (entry->position != at)
            broken(model, "a position that is not its own");
        if (at > 0 && entry->accepted_at < model->log[at - 1].entry.accepted_at)
            broken(model, "a time that goes back");
        if (places[model->log[at].id]++ > 0)
            broken(model, "two places for one id");
    }
    for (unsigned id = 0; id < IDS; id++)
        for (unsigned content = 0; content < CONTENTS; content++) {
            const struct promise *promise = &model->promised[id][content];
            struct receipt_head receipt;
            if (promise->size == 0)
                continue;
            assert_int_equal(receipt_head_read(span_of(promise->bytes, promise->size), &receipt), OK);
            position_t at = receipt.position;
            if (places[id] != 1 || at >= model->end || model->log[at].id != id)
                broken(model, "told of a place that it has not");
            if ((receipt.kind == RECEIPT_ACCEPTED) != (model->log[at].content == content))
                broken(model, "told of bytes that do not stand there");
        }
}

TEST(random_senders_are_told_the_truth_for_ever)
{
    struct model *model = malloc(sizeof *model);
    assert_non_null(model);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        memset(model, 0, sizeof *model);
        model->seed = model->random = seed;
        model->clock = 1764000000000;
        for (unsigned i = 0; i < STEPS; i++)
            step(model);
        sync_to(model, model->end);
        check_log(model);
    }
    free(model);
}
