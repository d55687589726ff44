/* SPDX-License-Identifier: Apache-2.0
 * The orderer. */
#include "services/ingest/orderer.h"

#include <stdlib.h>
#include <uthash.h>

#include "common/base/check.h"
#include "common/observe/diary.h"
#include "common/pb/batch.h"
#include "common/pb/outcome.h"
#include "common/runtime/outbox.h"
#include "common/runtime/runtime.h"
#include "services/ingest/salts.h"

#define ASKED_LAST UINT64_MAX /* a token; the others are positions */

enum { APPENDS_EAGER = 2 /* more than these on their way wait for a full batch: batches grow with load */ };

/* What the index does not have yet. */
struct placed {
    struct id_key key;
    struct id_entry entry;
    UT_hash_handle hh;
};

struct orderer {
    struct orderer_options options;
    struct runtime *index; /* of ids */
    struct outbox outbox;
    bool writer_ready, stamp_known, began_known, serving;
    position_t log_end; /* when the writer was opened */
    position_t began;
    enum status status;
    const char *why;

    position_t indexed; /* every id below it is in the index's transaction */
    position_t durable; /* records below it are on disk */
    position_t end;     /* next position to give out */
    instant_ms_t last_stamp;
    position_t signing_end; /* behind the last event of signing keys that was placed */
    struct salts salts;

    struct placed *ring; /* by position modulo ORDERER_INFLIGHT_MAX */
    struct placed *by_key;
    struct buffer record;
    struct metric *position, *append_us;
};

_Static_assert((ORDERER_INFLIGHT_MAX & (ORDERER_INFLIGHT_MAX - 1)) == 0, "the ring is addressed by a mask");

static void fail(struct orderer *orderer, enum status status, const char *why)
{
    if (orderer->status != OK)
        return;
    orderer->status = status;
    orderer->why = why;
    diary_event(DIARY_FATAL, "orderer_failed", "status=%s detail=%s", status_name(status), why);
    loop_stop(orderer->options.loop);
}

/* ---- the open end of the log ---- */

static struct placed *slot(struct orderer *orderer, position_t position)
{
    return &orderer->ring[position & (ORDERER_INFLIGHT_MAX - 1)];
}

static void cut_batch(struct orderer *orderer)
{
    if (orderer->outbox.unsent == 0)
        return;
    orderer->outbox.last->since = loop_monotonic_us();
    outbox_send(&orderer->outbox);
}

static void turn(void *self)
{
    struct orderer *orderer = self;
    if (orderer->outbox.count - orderer->outbox.unsent < APPENDS_EAGER || outbox_is_full(&orderer->outbox))
        cut_batch(orderer);
}

static bool find_in(struct orderer *orderer, const struct id_key *key, struct id_entry *entry)
{
    struct placed *placed = NULL;
    HASH_FIND(hh, orderer->by_key, key, sizeof *key, placed);
    if (placed != NULL) {
        *entry = placed->entry;
        return true;
    }
    return ids_find(runtime_txn(orderer->index), key, entry);
}

static void write_down(struct orderer *orderer, const struct gate_view *view, struct span envelope,
                       const struct id_key *key, const struct id_entry *entry)
{
    struct submission submission = {.accepted_at = entry->accepted_at,
                                    .person_hash = person_hash(view->head.person_id),
                                    .salt = view->recorded ? view->salt : salts_next(&orderer->salts),
                                    .signature = view->signature,
                                    .envelope = envelope};
    buffer_reset(&orderer->record);
    submission_encode(&submission, &orderer->record);
    (void)outbox_add(&orderer->outbox, entry->position, buffer_span(&orderer->record));
    struct placed *placed = slot(orderer, entry->position);
    memset(placed, 0, sizeof *placed);
    placed->key = *key;
    placed->entry = *entry;
    HASH_ADD(hh, orderer->by_key, key, sizeof placed->key, placed);
    ids_expect(runtime_core_self(orderer->index), entry);
    orderer->end++;
    if (signing_is_event(view->head.body_number))
        orderer->signing_end = orderer->end;
    orderer->last_stamp = entry->accepted_at;
}

/* Whether the open batch and the flight can take one more record. */
static bool log_has_room(struct orderer *orderer)
{
    if (outbox_is_full(&orderer->outbox))
        cut_batch(orderer);
    return orderer->signing_end <= orderer->indexed && orderer->end - orderer->indexed < ORDERER_INFLIGHT_MAX &&
           !outbox_is_full(&orderer->outbox) && outbox_has_room(&orderer->outbox);
}

struct gate_placing orderer_place(struct orderer *orderer, const struct gate_view *view, struct span envelope,
                                  instant_ms_t stamp, bool room)
{
    struct id_key key;
    struct id_entry found;
    PRE(orderer->serving);
    memset(&key, 0, sizeof key);
    memcpy(key.id, view->id, sizeof key.id);
    struct ids *ids = runtime_core_self(orderer->index);
    bool numbered = ids_party(ids, runtime_txn(orderer->index), view->head.sender, &key.party) == OK;
    bool known = numbered && find_in(orderer, &key, &found);
    struct gate_facts facts = {.found = known ? &found : NULL,
                               .sha256 = view->sha256,
                               .id_room = numbered && !runtime_is_full(orderer->index),
                               .log_room = room && log_has_room(orderer),
                               .end = orderer->end,
                               .stamp = stamp,
                               .last_stamp = orderer->last_stamp};
    struct gate_placing placing = gate_place(&facts);
    if (placing.outcome == PLACED)
        write_down(orderer, view, envelope, &key, &placing.entry);
    return placing;
}

struct signing_keys orderer_signing(const struct orderer *orderer)
{
    return ids_signing(runtime_core_self(orderer->index), runtime_txn(orderer->index));
}

bool orderer_find(struct orderer *orderer, struct span party, const uint8_t id[16], struct id_entry *entry)
{
    const struct ids *ids = runtime_core_self(orderer->index);
    struct id_key key;
    memset(&key, 0, sizeof key);
    memcpy(key.id, id, sizeof key.id);
    for (uint16_t i = 0; i < ids->party_count; i++) {
        key.party = i;
        bool asked = party.size == 0 || span_equal(party, span_text(ids->parties[i]));
        if (asked && find_in(orderer, &key, entry))
            return true;
    }
    return false;
}

/* The token is the position. */
void orderer_read(struct orderer *orderer, position_t position)
{
    PRE(position < orderer->durable);
    bus_read_once(orderer->options.bus, "submissions", position, position);
}

/* The record in the batch that holds `position`. */
static struct span record_at(const struct bus_batch *batch, position_t position)
{
    struct span record = {NULL, 0};
    struct batch_reader reader = batch_read(batch->bytes);
    for (position_t at = batch->position; at <= position; at++)
        if (batch_next(&reader, &record) != OK)
            return span_of(NULL, 0);
    return record;
}

/* ---- opening ---- */

static void serve_when_ready(struct orderer *orderer)
{
    if (orderer->serving || !orderer->writer_ready || !orderer->stamp_known || !orderer->began_known ||
        runtime_position(orderer->index) < orderer->log_end)
        return;
    runtime_take_over(orderer->index);
    orderer->indexed = orderer->durable = orderer->end = orderer->log_end;
    orderer->serving = true;
    diary_event(DIARY_INFO, "orderer_serving", "position=%llu", (unsigned long long)orderer->end);
    orderer->options.durable(orderer->options.self, orderer->durable);
}

/* No time before the last record's is given out again. */
static void take_last_stamp(struct orderer *orderer, struct span record)
{
    struct submission last;
    if (record.size == 0 || submission_decode(record, NULL, &last) != OK) {
        fail(orderer, FATAL_CORRUPT, "the last submission cannot be read");
        return;
    }
    orderer->last_stamp = last.accepted_at;
    orderer->stamp_known = true;
    serve_when_ready(orderer);
}

static void on_answer(void *self, uint64_t token, enum status status, position_t began, position_t end,
                      const struct bus_batch *batch)
{
    struct orderer *orderer = self;
    (void)end;
    if (token == ASKED_LAST) {
        orderer->began = began;
        orderer->began_known = true;
        serve_when_ready(orderer);
        return;
    }
    bool found = status == OK && batch != NULL;
    struct span record = found ? record_at(batch, token) : span_of(NULL, 0);
    if (orderer->serving)
        orderer->options.read(orderer->options.self, token, record);
    else
        take_last_stamp(orderer, record);
}

static void on_writer_opened(void *self, struct bus_writer *writer, enum status status, position_t end)
{
    struct orderer *orderer = self;
    (void)writer;
    if (status != OK || end < runtime_committed(orderer->index)) {
        fail(orderer, FATAL_CORRUPT, "the log ends before what the index of ids has seen");
        return;
    }
    orderer->writer_ready = true;
    orderer->log_end = end;
    orderer->stamp_known = end == 0;
    bus_last(orderer->options.bus, "submissions", ASKED_LAST);
    if (end > 0)
        bus_read_once(orderer->options.bus, "submissions", end - 1, end - 1);
    serve_when_ready(orderer);
}

/* What the index has, the ring need not keep. */
static void on_indexed(void *self, struct runtime *index)
{
    struct orderer *orderer = self;
    serve_when_ready(orderer);
    for (; orderer->serving && orderer->indexed < runtime_position(index); orderer->indexed++)
        HASH_DEL(orderer->by_key, slot(orderer, orderer->indexed));
}

/* ---- the flight ---- */

static void roll_back(struct orderer *orderer, position_t position)
{
    for (position_t at = position; at < orderer->end; at++)
        HASH_DEL(orderer->by_key, slot(orderer, at));
    if (orderer->signing_end > position)
        orderer->signing_end = 0;
    outbox_drop_all(&orderer->outbox);
    orderer->end = position;
    orderer->options.rolled_back(orderer->options.self, position);
}

static void on_appended(void *self, struct bus_writer *writer, position_t position, uint32_t count, bool already,
                        enum status status)
{
    struct orderer *orderer = self;
    (void)writer;
    (void)already;
    if (orderer->status != OK)
        return;
    if (status == RETRY_FULL) {
        /* Later appends of the same flight are refused as well; they were forgotten with the first. */
        if (orderer->outbox.first != NULL && orderer->outbox.first->position == position)
            roll_back(orderer, position);
        return;
    }
    if (status != OK) {
        fail(orderer, status == REJECT_CONFLICT ? FATAL_FENCED : status, "an append was refused");
        return;
    }
    const struct outbox_batch *done = outbox_appended(&orderer->outbox, position, count);
    metric_observe_us(orderer->append_us, (uint64_t)(loop_monotonic_us() - done->since));
    struct bus_batch batch = {"submissions", position, count, 0, position + count, buffer_span(&done->bytes)};
    runtime_feed(orderer->index, &batch);
    orderer->durable = position + count;
    metric_set(orderer->position, (int64_t)orderer->durable);
    orderer->options.durable(orderer->options.self, orderer->durable);
}

static enum status open_index(struct orderer *orderer, struct buffer *why)
{
    const struct orderer_options *options = &orderer->options;
    struct runtime_options index = {.core = &ids_core,
                                    .partition = {0, 1},
                                    .loop = options->loop,
                                    .bus = options->index_bus,
                                    .inputs = {"submissions"},
                                    .input_count = 1,
                                    .writes_input = true,
                                    .state_directory = options->state_directory,
                                    .state_map_size = options->state_map_size,
                                    .metrics = options->metrics,
                                    .advanced = on_indexed,
                                    .advanced_self = orderer};
    return runtime_open(&index, &orderer->index, why);
}

enum status orderer_open(const struct orderer_options *options, struct orderer **out, struct buffer *why)
{
    struct orderer *orderer = calloc(1, sizeof *orderer);
    INVARIANT(orderer != NULL);
    orderer->options = *options;
    orderer->ring = calloc(ORDERER_INFLIGHT_MAX, sizeof orderer->ring[0]);
    INVARIANT(orderer->ring != NULL);
    orderer->position =
        metrics_add(options->metrics, METRIC_GAUGE, "hutong_submissions_end", "Submissions on disk.", NULL);
    orderer->append_us = metrics_add(options->metrics, METRIC_HISTOGRAM, "hutong_append_seconds",
                                     "From the cut of a batch to its being on disk.", NULL);
    enum status status = open_index(orderer, why);
    if (status != OK) {
        orderer_close(&orderer);
        return status;
    }
    options->bus->handlers = (struct bus_handlers){
        .self = orderer, .writer_opened = on_writer_opened, .appended = on_appended, .answer = on_answer};
    orderer->outbox =
        (struct outbox){.bus = options->bus, .writer = bus_open_writer(options->bus, "submissions", "ingest", "")};
    loop_add_turn(options->loop, turn, orderer);
    *out = orderer;
    return OK;
}

void orderer_close(struct orderer **out)
{
    struct orderer *orderer = *out;
    if (orderer == NULL)
        return;
    loop_remove(orderer->options.loop, orderer);
    runtime_close(&orderer->index);
    HASH_CLEAR(hh, orderer->by_key);
    outbox_fini(&orderer->outbox);
    buffer_fini(&orderer->record);
    free(orderer->ring);
    free(orderer);
    *out = NULL;
}

bool orderer_is_ready(const struct orderer *orderer, const char **why_not)
{
    const char *why;
    enum status status = orderer_status(orderer, &why);
    *why_not = "";
    if (status != OK)
        *why_not = status_text(status);
    else if (!orderer->writer_ready)
        *why_not = "受理流尚未打开; the stream of submissions is not open";
    else if (!orderer->serving)
        *why_not = "编号索引正在追平日志; the index of ids is catching up with the log";
    return **why_not == 0;
}

bool orderer_has_room(const struct orderer *orderer, const char **why_not)
{
    *why_not = "";
    if (orderer->options.bus->why_full != NULL)
        *why_not = orderer->options.bus->why_full;
    else if (runtime_is_full(orderer->index))
        *why_not =
            "报文号索引已近满，暂不接收：请调高 state_map_mib; the index of ids is nearly full, nothing is accepted: "
            "raise state_map_mib";
    return **why_not == 0;
}

enum status orderer_status(const struct orderer *orderer, const char **why)
{
    *why = orderer->status != OK ? orderer->why : runtime_why(orderer->index);
    return orderer->status != OK ? orderer->status : runtime_status(orderer->index);
}

position_t orderer_end(const struct orderer *orderer)
{
    return orderer->end;
}

position_t orderer_began(const struct orderer *orderer)
{
    return orderer->began;
}

instant_ms_t orderer_last_stamp(const struct orderer *orderer)
{
    return orderer->last_stamp;
}

position_t orderer_durable(const struct orderer *orderer)
{
    return orderer->durable;
}
