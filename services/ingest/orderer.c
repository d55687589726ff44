/* SPDX-License-Identifier: Apache-2.0
 * The orderer. */
#include "services/ingest/orderer.h"

#include <stdlib.h>
#include <uthash.h>
#include <xxhash.h>

#include "common/base/check.h"
#include "common/observe/log.h"
#include "common/pb/batch.h"
#include "common/pb/outcome.h"

enum {
    APPENDS_MAX = 64,  /* batches on their way */
    APPENDS_EAGER = 2, /* more than these wait for a full batch: batches grow with load */
    CATCH_UP_CREDIT = 8 * 1024 * 1024,
    IDS_COMMIT_MS = 1000,
    IDS_COMMIT_RECORDS = 32 * 1024
};

struct placed {
    struct id_key key;
    struct id_entry entry;
    UT_hash_handle hh;
};

struct append {
    position_t position;
    uint32_t count;
};

struct orderer {
    struct orderer_options options;
    struct store *store;
    struct store_txn *txn;
    struct ids *ids;
    struct digest *digest;
    struct bus_writer *writer;
    struct bus_reader *reader;
    bool writer_ready, serving;
    enum status status;
    const char *why;

    position_t indexed;   /* every id below it is in the index's transaction */
    position_t committed; /* ... and durable there */
    position_t durable;   /* records below it are on disk */
    position_t end;       /* next position to give out */
    position_t log_end;   /* when the writer was opened */
    instant_ms_t last_stamp;

    struct placed *ring; /* by position modulo ORDERER_INFLIGHT_MAX */
    struct placed *by_key;
    struct buffer batch, record;
    position_t batch_position;
    uint32_t batch_count;
    struct append appends[APPENDS_MAX];
    unsigned append_first, append_count;
    int64_t uncommitted_since_us;
    struct metric *map_used, *map_limit, *position, *append_us, *commit_us;
    int64_t append_started_us[APPENDS_MAX];
};

_Static_assert((ORDERER_INFLIGHT_MAX & (ORDERER_INFLIGHT_MAX - 1)) == 0, "the ring is addressed by a mask");

static void fail(struct orderer *orderer, enum status status, const char *why)
{
    if (orderer->status != OK)
        return;
    orderer->status = status;
    orderer->why = why;
    log_event(LOG_FATAL, "orderer_failed", "status=%s detail=%s", status_name(status), why);
    loop_stop(orderer->options.loop);
}

static struct placed *slot(struct orderer *orderer, position_t position)
{
    return &orderer->ring[position & (ORDERER_INFLIGHT_MAX - 1)];
}

static struct placed *find_placed(struct orderer *orderer, const struct id_key *key)
{
    struct placed *placed = NULL;
    HASH_FIND(hh, orderer->by_key, key, sizeof *key, placed);
    return placed;
}

/* Into the index, from the log's order. */
static void index_id(struct orderer *orderer, const struct id_key *key, const struct id_entry *entry)
{
    INVARIANT(entry->position == orderer->indexed);
    ids_add(orderer->txn, key, entry);
    orderer->indexed++;
    if (orderer->uncommitted_since_us == 0)
        orderer->uncommitted_since_us = loop_monotonic_us();
}

static void commit_ids(struct orderer *orderer)
{
    if (orderer->status != OK || orderer->indexed == orderer->committed)
        return;
    int64_t before = loop_monotonic_us();
    enum status status = store_commit(&orderer->txn, orderer->indexed);
    if (status == OK)
        status = store_begin(orderer->store, true, &orderer->txn);
    if (status != OK) {
        fail(orderer, status_is_fatal(status) ? status : FATAL_IO, "the index of ids cannot be committed");
        return;
    }
    orderer->committed = orderer->indexed;
    orderer->uncommitted_since_us = 0;
    metric_observe_us(orderer->commit_us, (uint64_t)(loop_monotonic_us() - before));
}

static void settle_durable(struct orderer *orderer, position_t below)
{
    for (; orderer->durable < below; orderer->durable++) {
        struct placed *placed = slot(orderer, orderer->durable);
        index_id(orderer, &placed->key, &placed->entry);
        HASH_DEL(orderer->by_key, placed);
    }
    metric_set(orderer->position, (int64_t)orderer->durable);
    orderer->options.durable(orderer->options.self, orderer->durable);
}

static void cut_batch(struct orderer *orderer)
{
    if (orderer->batch_count == 0 || orderer->append_count == APPENDS_MAX)
        return;
    if (bus_append(orderer->options.bus, orderer->writer, orderer->batch_position, orderer->batch_count,
                   buffer_span(&orderer->batch)) != OK)
        return; /* too much in flight: the next completion cuts it */
    unsigned last = (orderer->append_first + orderer->append_count++) % APPENDS_MAX;
    orderer->appends[last] = (struct append){orderer->batch_position, orderer->batch_count};
    orderer->append_started_us[last] = loop_monotonic_us();
    buffer_reset(&orderer->batch);
    orderer->batch_count = 0;
    orderer->batch_position = orderer->end;
}

static bool batch_is_full(const struct orderer *orderer)
{
    return orderer->batch.size >= BATCH_SIZE_TARGET || orderer->batch_count >= BATCH_RECORDS_MAX;
}

static void turn(void *self)
{
    struct orderer *orderer = self;
    if (orderer->serving && (orderer->append_count < APPENDS_EAGER || batch_is_full(orderer)))
        cut_batch(orderer);
    if (orderer->indexed - orderer->committed >= IDS_COMMIT_RECORDS)
        commit_ids(orderer);
}

static void on_timer(void *self)
{
    struct orderer *orderer = self;
    uint64_t used, limit;
    if (orderer->uncommitted_since_us != 0 &&
        loop_monotonic_us() - orderer->uncommitted_since_us >= IDS_COMMIT_MS * 1000)
        commit_ids(orderer);
    store_usage(orderer->store, &used, &limit);
    metric_set(orderer->map_used, (int64_t)used);
    metric_set(orderer->map_limit, (int64_t)limit);
}

static enum status find_in(struct orderer *orderer, const struct id_key *key, struct id_entry *entry)
{
    struct placed *placed = find_placed(orderer, key);
    if (placed != NULL) {
        *entry = placed->entry;
        return OK;
    }
    return ids_find(orderer->txn, key, entry) ? OK : REJECT_NOT_FOUND;
}

static void write_down(struct orderer *orderer, const struct gate_view *view, struct span envelope,
                       const struct id_key *key, const struct id_entry *entry)
{
    struct submission submission = {entry->accepted_at, person_hash(view->head.person_id), envelope};
    buffer_reset(&orderer->record);
    submission_encode(&submission, &orderer->record);
    batch_add(&orderer->batch, buffer_span(&orderer->record));
    orderer->batch_count++;
    struct placed *placed = slot(orderer, entry->position);
    memset(placed, 0, sizeof *placed);
    placed->key = *key;
    placed->entry = *entry;
    HASH_ADD(hh, orderer->by_key, key, sizeof placed->key, placed);
    orderer->end++;
    orderer->last_stamp = entry->accepted_at;
}

enum placing orderer_place(struct orderer *orderer, const struct gate_view *view, struct span envelope,
                           instant_ms_t stamp, bool allow_new, struct id_entry *entry)
{
    struct id_key key;
    PRE(orderer->serving);
    memset(&key, 0, sizeof key);
    memcpy(key.id, view->id, sizeof key.id);
    if (ids_party(orderer->ids, orderer->txn, view->head.sender, &key.party) != OK)
        return PLACING_FULL;
    if (find_in(orderer, &key, entry) == OK)
        return memcmp(entry->hash, view->sha256, ID_HASH_SIZE) == 0 ? PLACED_BEFORE : PLACED_OTHER;
    if (store_is_full(orderer->store))
        return PLACING_FULL;
    if (batch_is_full(orderer))
        cut_batch(orderer);
    if (!allow_new || orderer->end - orderer->durable >= ORDERER_INFLIGHT_MAX || batch_is_full(orderer))
        return PLACING_BUSY;
    entry->position = orderer->end;
    entry->accepted_at = stamp > orderer->last_stamp ? stamp : orderer->last_stamp;
    memcpy(entry->hash, view->sha256, ID_HASH_SIZE);
    write_down(orderer, view, envelope, &key, entry);
    return PLACED;
}

bool orderer_find(struct orderer *orderer, struct span party, const uint8_t id[16], struct id_entry *entry)
{
    struct id_key key;
    memset(&key, 0, sizeof key);
    memcpy(key.id, id, sizeof key.id);
    for (uint16_t i = 0; i < orderer->ids->party_count; i++) {
        key.party = i;
        bool asked = party.size == 0 || span_equal(party, span_text(orderer->ids->parties[i]));
        if (asked && find_in(orderer, &key, entry) == OK)
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

static void on_answer(void *self, uint64_t token, enum status status, position_t first, position_t end,
                      const struct bus_batch *batch)
{
    struct orderer *orderer = self;
    (void)first;
    (void)end;
    bool found = status == OK && batch != NULL;
    orderer->options.read(orderer->options.self, token, found ? record_at(batch, token) : span_of(NULL, 0));
}

static void serve(struct orderer *orderer)
{
    if (orderer->reader != NULL)
        bus_close_reader(orderer->options.bus, &orderer->reader);
    commit_ids(orderer);
    orderer->durable = orderer->end = orderer->batch_position = orderer->indexed;
    orderer->serving = true;
    log_event(LOG_INFO, "orderer_serving", "position=%llu", (unsigned long long)orderer->end);
    orderer->options.durable(orderer->options.self, orderer->durable);
}

static enum status index_record(struct orderer *orderer, struct span record)
{
    struct submission submission;
    struct envelope_head head;
    struct id_key key;
    struct id_entry entry = {.position = orderer->indexed};
    uint8_t sha256[DIGEST_SIZE];
    memset(&key, 0, sizeof key);
    TRY(submission_decode(record, &submission));
    TRY(envelope_head_read(submission.envelope, &head));
    TRY(message_id_parse(head.message_id, key.id));
    TRY(ids_party(orderer->ids, orderer->txn, head.sender, &key.party));
    digest_once(orderer->digest, submission.envelope, sha256);
    memcpy(entry.hash, sha256, ID_HASH_SIZE);
    entry.accepted_at = submission.accepted_at;
    orderer->last_stamp = submission.accepted_at;
    index_id(orderer, &key, &entry);
    return store_status(orderer->txn);
}

static void on_batch(void *self, struct bus_reader *reader, const struct bus_batch *batch)
{
    struct orderer *orderer = self;
    struct batch_reader records = batch_read(batch->bytes);
    struct span record;
    if (orderer->serving || orderer->status != OK)
        return;
    for (uint32_t i = 0; i < batch->count; i++) {
        if (batch_next(&records, &record) != OK) {
            fail(orderer, FATAL_CORRUPT, "a batch of submissions is not what it says");
            return;
        }
        if (batch->position + i != orderer->indexed)
            continue;
        if (index_record(orderer, record) != OK) {
            fail(orderer, FATAL_CORRUPT, "a submission cannot be indexed");
            return;
        }
    }
    if (orderer->indexed >= orderer->log_end)
        serve(orderer);
    else
        bus_credit(orderer->options.bus, reader, (uint32_t)batch->bytes.size, 0);
}

/* One record before the cursor is read again, for its time: stamps never go backwards. */
static void on_writer_opened(void *self, struct bus_writer *writer, enum status status, position_t end)
{
    struct orderer *orderer = self;
    (void)writer;
    if (status != OK || end < orderer->committed) {
        fail(orderer, FATAL_CORRUPT, "the log ends before what the index of ids has seen");
        return;
    }
    orderer->writer_ready = true;
    orderer->log_end = end;
    if (end == 0) {
        serve(orderer);
        return;
    }
    if (orderer->indexed > 0)
        orderer->indexed--;
    orderer->reader = bus_open_reader(orderer->options.bus, "submissions", "", orderer->indexed, CATCH_UP_CREDIT);
}

static void roll_back(struct orderer *orderer, position_t position)
{
    for (position_t at = position; at < orderer->end; at++)
        HASH_DEL(orderer->by_key, slot(orderer, at));
    orderer->append_count = 0;
    orderer->batch_count = 0;
    buffer_reset(&orderer->batch);
    orderer->end = orderer->batch_position = position;
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
        if (orderer->append_count > 0 && orderer->appends[orderer->append_first].position == position)
            roll_back(orderer, position);
        return;
    }
    if (status != OK) {
        fail(orderer, status == REJECT_CONFLICT ? FATAL_FENCED : status, "an append was refused");
        return;
    }
    struct append *append = &orderer->appends[orderer->append_first];
    INVARIANT(orderer->append_count > 0 && append->position == position && append->count == count);
    metric_observe_us(orderer->append_us,
                      (uint64_t)(loop_monotonic_us() - orderer->append_started_us[orderer->append_first]));
    orderer->append_first = (orderer->append_first + 1) % APPENDS_MAX;
    orderer->append_count--;
    settle_durable(orderer, position + count);
    loop_again(orderer->options.loop);
}

static void on_reader_failed(void *self, struct bus_reader *reader, enum status status)
{
    (void)reader;
    fail(self, status_is_fatal(status) ? status : FATAL_CORRUPT, "submissions cannot be read from the index's cursor");
}

static void ignore(void *self)
{
    (void)self;
}

static void add_metrics(struct orderer *orderer, struct metrics *metrics)
{
    orderer->map_used =
        metrics_add(metrics, METRIC_GAUGE, "hutong_state_used_bytes", "State map in use.", "core=\"ids\"");
    orderer->map_limit =
        metrics_add(metrics, METRIC_GAUGE, "hutong_state_limit_bytes", "State map's size.", "core=\"ids\"");
    orderer->position = metrics_add(metrics, METRIC_GAUGE, "hutong_submissions_end", "Submissions on disk.", NULL);
    orderer->append_us = metrics_add(metrics, METRIC_HISTOGRAM, "hutong_append_seconds",
                                     "From the cut of a batch to its being on disk.", NULL);
    orderer->commit_us =
        metrics_add(metrics, METRIC_HISTOGRAM, "hutong_commit_seconds", "Time of a commit of state.", "core=\"ids\"");
}

static enum status open_index(struct orderer *orderer, struct buffer *why)
{
    struct store_options options = {orderer->options.state_directory, orderer->options.state_map_size, 8000, ids_tables,
                                    IDS_TABLES_COUNT};
    TRY(store_open(&options, &orderer->store, why));
    TRY(store_begin(orderer->store, true, &orderer->txn));
    orderer->indexed = orderer->committed = store_cursor(orderer->txn);
    return ids_open(orderer->ids, orderer->txn);
}

enum status orderer_open(const struct orderer_options *options, struct orderer **out, struct buffer *why)
{
    struct orderer *orderer = calloc(1, sizeof *orderer);
    INVARIANT(orderer != NULL);
    orderer->options = *options;
    orderer->ids = calloc(1, sizeof *orderer->ids);
    orderer->ring = calloc(ORDERER_INFLIGHT_MAX, sizeof orderer->ring[0]);
    INVARIANT(orderer->ids != NULL && orderer->ring != NULL);
    orderer->digest = digest_new();
    add_metrics(orderer, options->metrics);
    enum status status = open_index(orderer, why);
    if (status != OK) {
        orderer_close(&orderer);
        return status;
    }
    options->bus->handlers = (struct bus_handlers){orderer,          on_writer_opened, on_appended, on_batch,
                                                   on_reader_failed, on_answer,        ignore,      ignore};
    orderer->writer = bus_open_writer(options->bus, "submissions", "ingest");
    loop_add_turn(options->loop, turn, orderer);
    loop_add_timer(options->loop, IDS_COMMIT_MS, on_timer, orderer);
    *out = orderer;
    return OK;
}

void orderer_close(struct orderer **out)
{
    struct orderer *orderer = *out;
    if (orderer == NULL)
        return;
    loop_remove(orderer->options.loop, orderer);
    if (orderer->serving)
        commit_ids(orderer);
    store_abort(&orderer->txn);
    store_close(&orderer->store);
    HASH_CLEAR(hh, orderer->by_key);
    digest_destroy(&orderer->digest);
    buffer_fini(&orderer->batch);
    buffer_fini(&orderer->record);
    free(orderer->ring);
    free(orderer->ids);
    free(orderer);
    *out = NULL;
}

bool orderer_is_ready(const struct orderer *orderer, const char **why_not)
{
    *why_not = "";
    if (orderer->status != OK)
        *why_not = status_text(orderer->status);
    else if (!orderer->writer_ready)
        *why_not = "the stream of submissions is not open";
    else if (!orderer->serving)
        *why_not = "the index of ids is catching up with the log";
    return **why_not == 0;
}

enum status orderer_status(const struct orderer *orderer, const char **why)
{
    *why = orderer->why != NULL ? orderer->why : "";
    return orderer->status;
}

position_t orderer_end(const struct orderer *orderer)
{
    return orderer->end;
}

instant_ms_t orderer_last_stamp(const struct orderer *orderer)
{
    return orderer->last_stamp;
}

position_t orderer_durable(const struct orderer *orderer)
{
    return orderer->durable;
}
