/* SPDX-License-Identifier: Apache-2.0
 * Slices of an overlay, and the thread that writes them. */
#include "common/store/apply.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "common/base/bytes.h"
#include "common/base/check.h"

/* Small overlays have slices too. */
enum { SLICES = 1 << 10, SLICE_ENTRIES_MIN = 64, SLICE_ENTRIES_MAX = 2048, SLICE_SIZE = 4 << 20 };

/* Where the next slice begins. */
struct progress {
    const struct apply_job *job;
    unsigned table;
    bool begun; /* the table */
    bool above; /* every key that is in the table's tree: what follows is appended, and pages are left full */
    struct overlay_walk walk;
    struct overlay_entry *entry;
    const struct overlay_entry *last; /* written */
};

static MDB_val val_of(struct span span)
{
    return (MDB_val){span.size, (void *)(uintptr_t)span.data};
}

static int above_all(MDB_cursor *cursor, struct span key, bool *above)
{
    MDB_val last, value;
    int code = mdb_cursor_get(cursor, &last, &value, MDB_LAST);
    *above = code == MDB_NOTFOUND || (code == 0 && overlay_order(key, span_of(last.mv_data, last.mv_size)) > 0);
    return code == MDB_NOTFOUND ? 0 : code;
}

static int write_entry(struct progress *progress, MDB_cursor *cursor)
{
    struct span key = overlay_key(progress->entry);
    MDB_val at = val_of(key), value = val_of(overlay_value(progress->entry));
    if (progress->entry->value_size == OVERLAY_DELETED) {
        int code = progress->above ? MDB_NOTFOUND : mdb_cursor_get(cursor, &at, &value, MDB_SET);
        if (code == MDB_NOTFOUND)
            return 0;
        return code == 0 ? mdb_cursor_del(cursor, 0) : code;
    }
    int code = progress->above ? 0 : above_all(cursor, key, &progress->above);
    return code == 0 ? mdb_cursor_put(cursor, &at, &value, progress->above ? MDB_APPEND : 0) : code;
}

/* What is left of the table, as far as the slice has room. */
static int write_table(struct progress *progress, MDB_txn *txn, uint64_t *entries, size_t *size)
{
    MDB_cursor *cursor;
    int code = mdb_cursor_open(txn, progress->job->trees->tables[progress->table], &cursor);
    if (code != 0)
        return code;
    while (progress->entry != NULL && code == 0 && *entries < progress->job->slice_entries && *size < SLICE_SIZE) {
        *size += progress->entry->key_size + overlay_value(progress->entry).size;
        ++*entries;
        code = write_entry(progress, cursor);
        progress->last = progress->entry;
        progress->entry = overlay_next(&progress->walk);
    }
    mdb_cursor_close(cursor);
    return code;
}

enum { REACHED_HEADER_SIZE = 9 };

static int put_reached(const struct progress *progress, MDB_txn *txn)
{
    uint8_t bytes[REACHED_HEADER_SIZE + STORE_KEY_SIZE_MAX];
    const struct overlay_entry *last = progress->last;
    if (last == NULL)
        return 0;
    bytes_put_le(bytes, progress->job->number, 8);
    bytes[8] = last->table;
    memcpy(bytes + REACHED_HEADER_SIZE, last->key, last->key_size);
    MDB_val key = val_of(span_text("reached")), value = {REACHED_HEADER_SIZE + (size_t)last->key_size, bytes};
    return mdb_put(txn, progress->job->trees->system, &key, &value, 0);
}

/* A build that knows nothing of it may have written `towards` since: then it says nothing. */
void apply_look(const struct trees *trees, MDB_txn *txn, struct apply_reached *reached)
{
    MDB_val key = val_of(span_text("reached")), value;
    *reached = (struct apply_reached){0};
    if (mdb_get(txn, trees->system, &key, &value) != 0 || value.mv_size <= REACHED_HEADER_SIZE ||
        value.mv_size - REACHED_HEADER_SIZE > sizeof reached->key ||
        bytes_get_le(value.mv_data, 8) != trees_number(trees, txn, "towards", 0))
        return;
    const uint8_t *bytes = value.mv_data;
    reached->number = bytes_get_le(bytes, 8);
    reached->table = bytes[8];
    reached->key_size = value.mv_size - REACHED_HEADER_SIZE;
    memcpy(reached->key, bytes + REACHED_HEADER_SIZE, reached->key_size);
}

bool apply_is_before(const struct apply_reached *reached, unsigned table, struct span key)
{
    return table != reached->table ? table < reached->table
                                   : overlay_order(key, span_of(reached->key, reached->key_size)) <= 0;
}

static bool is_whole(const struct progress *progress)
{
    return progress->table == progress->job->table_count;
}

static int fill_slice(struct progress *progress, MDB_txn *txn)
{
    const struct apply_job *job = progress->job;
    uint64_t entries = 0;
    size_t size = 0;
    int code = 0;
    while (!is_whole(progress) && code == 0 && entries < job->slice_entries && size < SLICE_SIZE) {
        if (!progress->begun)
            progress->entry = overlay_seek(&progress->walk, job->overlay, progress->table, span_of(NULL, 0));
        progress->above = progress->above && progress->begun;
        progress->begun = true;
        if (progress->entry != NULL)
            code = write_table(progress, txn, &entries, &size);
        if (progress->entry == NULL) {
            progress->table++;
            progress->begun = false;
        }
    }
    if (code == 0)
        code = trees_set_number(job->trees, txn, "towards", job->number);
    if (code == 0)
        code = put_reached(progress, txn);
    if (code == 0 && is_whole(progress))
        code = trees_set_number(job->trees, txn, "number", job->number);
    if (code == 0 && is_whole(progress))
        code = trees_set_number(job->trees, txn, "cursor", job->cursor);
    return code;
}

static enum status write_slice(struct progress *progress)
{
    MDB_txn *txn;
    TRY(trees_status(mdb_txn_begin(progress->job->trees->env, NULL, 0, &txn)));
    int code = fill_slice(progress, txn);
    if (code == 0)
        return trees_commit(progress->job->trees, txn);
    mdb_txn_abort(txn);
    return trees_status(code);
}

enum status apply_all(const struct apply_job *job)
{
    struct progress progress = {.job = job};
    enum status status = OK;
    while (status == OK && !is_whole(&progress))
        status = write_slice(&progress);
    return status;
}

static int64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Until that time, or a word; with the lock held. */
static void rest(struct apply *apply, int64_t until_ns)
{
    struct timespec until = {until_ns / 1000000000, until_ns % 1000000000};
    while (!apply->hurry && !apply->stop &&
           pthread_cond_timedwait(&apply->changed, &apply->lock, &until) != ETIMEDOUT) {
    }
}

static void *run(void *self)
{
    struct apply *apply = self;
    struct progress progress = {.job = &apply->job};
    enum status status = OK;
    (void)pthread_mutex_lock(&apply->lock);
    while (status == OK && !apply->stop && !is_whole(&progress)) {
        (void)pthread_mutex_unlock(&apply->lock);
        int64_t before = now_ns();
        status = write_slice(&progress);
        int64_t after = now_ns();
        (void)pthread_mutex_lock(&apply->lock);
        if (!is_whole(&progress))
            rest(apply, after + (after - before));
    }
    apply->status = status;
    apply->ended = true;
    (void)pthread_cond_broadcast(&apply->changed);
    while (!apply->released)
        (void)pthread_cond_wait(&apply->changed, &apply->lock);
    (void)pthread_mutex_unlock(&apply->lock);
    overlay_destroy(&apply->overlay);
    return NULL;
}

void apply_init(struct apply *apply)
{
    pthread_condattr_t monotonic;
    *apply = (struct apply){0};
    (void)pthread_mutex_init(&apply->lock, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&apply->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
}

static void join(struct apply *apply)
{
    if (apply->running)
        (void)pthread_join(apply->thread, NULL);
    apply->running = false;
}

/* Signals are the business of the thread that had them before. */
void apply_start(struct apply *apply, const struct apply_job *job, struct overlay *overlay)
{
    sigset_t all, before;
    join(apply);
    apply->job = *job;
    apply->job.overlay = apply->overlay = overlay;
    uint64_t slice = overlay_entries(overlay) / SLICES;
    apply->job.slice_entries = slice < SLICE_ENTRIES_MIN   ? SLICE_ENTRIES_MIN
                               : slice > SLICE_ENTRIES_MAX ? SLICE_ENTRIES_MAX
                                                           : slice;
    apply->ended = apply->hurry = apply->stop = apply->released = false;
    apply->status = OK;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    INVARIANT(pthread_create(&apply->thread, NULL, run, apply) == 0);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    apply->running = true;
}

bool apply_has_ended(struct apply *apply, enum status *status)
{
    (void)pthread_mutex_lock(&apply->lock);
    bool ended = apply->ended;
    *status = apply->status;
    (void)pthread_mutex_unlock(&apply->lock);
    return ended;
}

static void tell(struct apply *apply, bool *word)
{
    (void)pthread_mutex_lock(&apply->lock);
    *word = true;
    (void)pthread_cond_broadcast(&apply->changed);
    (void)pthread_mutex_unlock(&apply->lock);
}

void apply_hurry(struct apply *apply)
{
    tell(apply, &apply->hurry);
}

enum status apply_wait(struct apply *apply)
{
    apply_hurry(apply);
    (void)pthread_mutex_lock(&apply->lock);
    while (!apply->ended)
        (void)pthread_cond_wait(&apply->changed, &apply->lock);
    enum status status = apply->status;
    (void)pthread_mutex_unlock(&apply->lock);
    return status;
}

void apply_release(struct apply *apply)
{
    tell(apply, &apply->released);
}

void apply_fini(struct apply *apply)
{
    tell(apply, &apply->stop);
    tell(apply, &apply->released);
    join(apply);
    (void)pthread_cond_destroy(&apply->changed);
    (void)pthread_mutex_destroy(&apply->lock);
}
