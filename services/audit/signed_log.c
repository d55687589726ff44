/* SPDX-License-Identifier: Apache-2.0
 * Signing the log. */
#include "services/audit/signed_log.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "common/base/check.h"
#include "common/config/config.h"
#include "common/observe/diary.h"
#include "common/observe/metrics.h"
#include "common/store/kept_file.h"
#include "common/witness/evidence.h"
#include "services/audit/audit_core.h"
#include "services/audit/witnesses.h"

enum { INTERVAL_S = 1, LOOK_MS = 100, PATH_SIZE = 4096 + 64 };

struct signed_log {
    const struct service_around *around;
    struct store *store;
    struct digest *digest; /* of the thread */
    struct sign_pair *pair;
    struct note_key key;
    struct witness_policy *policy; /* NULL: none */
    struct witnesses *witnesses;
    char path[PATH_SIZE], final_path[PATH_SIZE], evidence[PATH_SIZE];
    struct checkpoint last; /* signed; size 0: nothing */
    bool final;             /* it is */

    pthread_t thread;
    bool runs;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t wake;
    bool grown, stop;
    struct buffer latest, latest_final;
    enum status status;
    struct buffer why;

    struct metric *size, *final_size, *at, *final_at, *contradictions;
};

/* ---- the tree, as committed ---- */

static bool tile_of(void *self, unsigned level, uint64_t number, unsigned width, struct span *hashes)
{
    (void)width;
    return audit_tile(self, level, number, hashes);
}

struct view {
    struct store_txn *txn;
    struct tlog_source tiles;
    uint64_t size;
};

static enum status view_open(struct signed_log *log, struct view *view)
{
    TRY(store_begin(log->store, false, &view->txn));
    view->tiles = (struct tlog_source){view->txn, tile_of};
    view->size = audit_log_size(view->txn);
    return OK;
}

static void view_close(struct view *view)
{
    store_abort(&view->txn);
}

/* ---- what ends it ---- */

static void fail(struct signed_log *log, enum status status, const char *why)
{
    (void)pthread_mutex_lock(&log->lock);
    if (log->status == OK) {
        log->status = status;
        buffer_append_text(&log->why, why);
        diary_event(DIARY_FATAL, "signed_log_failed", "status=%s detail=%s", status_name(status), why);
    }
    (void)pthread_mutex_unlock(&log->lock);
    loop_stop(log->around->loop);
}

/* Ours: what is signed last. Theirs: another one that our key has signed. */
static void contradicted(struct signed_log *log, const char *why, struct span theirs)
{
    struct buffer ours = {0};
    metric_count(log->contradictions, 1);
    (void)signed_log_checkpoint(log, false, &ours);
    enum status kept = evidence_keep(log->evidence, why, buffer_span(&ours), theirs);
    diary_event(DIARY_FATAL, "contradiction", "detail=%s evidence=%s kept=%s", why, log->evidence, status_name(kept));
    buffer_fini(&ours);
    fail(log, FATAL_CONTRADICTED, why);
}

/* Of what was signed last; OK also where the tree is not as long yet. */
static enum status compare_with_last(struct signed_log *log, const struct view *view)
{
    struct merkle_hash root;
    struct buffer rebuilt = {0};
    if (log->last.size == 0 || view->size < log->last.size)
        return OK;
    if (tlog_root(&view->tiles, log->digest, log->last.size, &root) != OK)
        return FATAL_CORRUPT;
    if (memcmp(&root, &log->last.root, sizeof root) == 0)
        return OK;
    struct checkpoint now = log->last;
    now.root = root;
    checkpoint_write(&now, &rebuilt); /* not signed: it is what the log has now */
    contradicted(log, "the tree has another root at the size that was signed last", buffer_span(&rebuilt));
    buffer_fini(&rebuilt);
    return FATAL_CONTRADICTED;
}

/* ---- a round of the thread ---- */

static void show(struct signed_log *log, struct buffer *to, const struct buffer *note)
{
    (void)pthread_mutex_lock(&log->lock);
    buffer_reset(to);
    buffer_append(to, note->data, note->size);
    (void)pthread_mutex_unlock(&log->lock);
}

static enum status sign_next(struct signed_log *log, const struct view *view)
{
    struct checkpoint next = {.size = view->size};
    struct buffer text = {0}, note = {0};
    (void)snprintf(next.origin, sizeof next.origin, "%s", log->key.name);
    TRY(tlog_root(&view->tiles, log->digest, next.size, &next.root));
    checkpoint_write(&next, &text);
    buffer_append(&note, text.data, text.size);
    buffer_append_text(&note, "\n");
    note_sign(log->pair, &log->key, buffer_span(&text), 0, &note);
    enum status status = kept_file_write(log->path, buffer_span(&note));
    if (status == OK) {
        show(log, &log->latest, &note);
        log->last = next;
        log->final = false;
        metric_set(log->size, (int64_t)next.size);
        metric_set(log->at, loop_wall_ms() / 1000);
    }
    buffer_fini(&text);
    buffer_fini(&note);
    return status;
}

/* Over a view of its own: what was signed is a beginning of it. */
static enum status have_cosigned(struct signed_log *log, const struct view *view)
{
    struct buffer note = {0}, theirs = {0};
    uint32_t cosigned = 0;
    (void)signed_log_checkpoint(log, false, &note);
    enum status status = OK;
    if (log->witnesses != NULL)
        status = witnesses_ask(log->witnesses, &view->tiles, &log->last, &note, &cosigned, &theirs);
    if (status == FATAL_CONTRADICTED)
        contradicted(log, "a witness holds a checkpoint of ours that this log contradicts", buffer_span(&theirs));
    if (status == OK)
        show(log, &log->latest, &note);
    if (status == OK && (log->policy == NULL || witness_policy_is_met(log->policy, cosigned))) {
        status = kept_file_write(log->final_path, buffer_span(&note));
        log->final = status == OK;
        if (log->final)
            show(log, &log->latest_final, &note);
        if (log->final)
            metric_set(log->final_size, (int64_t)log->last.size);
        if (log->final)
            metric_set(log->final_at, loop_wall_ms() / 1000);
    }
    buffer_fini(&note);
    buffer_fini(&theirs);
    return status;
}

static void go_round(struct signed_log *log)
{
    struct view view;
    enum status status = view_open(log, &view);
    if (status != OK) {
        fail(log, status, "the state cannot be read");
        return;
    }
    status = compare_with_last(log, &view);
    if (status == OK && view.size > log->last.size)
        status = sign_next(log, &view);
    if (status == OK && log->last.size > 0 && !log->final)
        status = have_cosigned(log, &view);
    view_close(&view);
    if (status != OK)
        fail(log, status_is_fatal(status) ? status : FATAL_CORRUPT, "a checkpoint cannot be signed or kept");
}

/* In a second, or, where nothing waits, when the tree has grown. */
static bool wait_for_more(struct signed_log *log)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += INTERVAL_S;
    (void)pthread_mutex_lock(&log->lock);
    while (!log->stop && pthread_cond_timedwait(&log->wake, &log->lock, &until) != ETIMEDOUT)
        ;
    while (!log->stop && log->final && !log->grown)
        (void)pthread_cond_wait(&log->wake, &log->lock);
    log->grown = false;
    bool more = !log->stop && log->status == OK;
    (void)pthread_mutex_unlock(&log->lock);
    return more;
}

static void *run(void *self)
{
    struct signed_log *log = self;
    do
        go_round(log);
    while (wait_for_more(log));
    return NULL;
}

/* ---- before the first round: the log goes on from what was signed ---- */

static void look(void *self)
{
    struct signed_log *log = self;
    struct runtime *runtime = log->around->runtime;
    struct view view;
    struct buffer nothing = {0};
    if (view_open(log, &view) != OK) {
        fail(log, FATAL_IO, "the state cannot be read");
        return;
    }
    bool there = view.size >= log->last.size;
    enum status status = compare_with_last(log, &view);
    view_close(&view);
    if (status != OK)
        fail(log, status, "the log contradicts its last signed checkpoint");
    else if (there)
        log->runs = pthread_create(&log->thread, NULL, run, log) == 0;
    else if (runtime_has_caught_up(runtime) && runtime_position(runtime) < log->last.size)
        contradicted(log, "the log ends before its last signed checkpoint", buffer_span(&nothing));
    else
        loop_once(log->around->loop, LOOK_MS, look, log);
    if (status == OK && there && !log->runs)
        fail(log, FATAL_MEMORY, "no thread can be made");
}

/* ---- opening ---- */

/* Where it is there already nothing is written: the directory may be one to read alone (the systemd units). */
static enum status keep_vkey(const struct signed_log *log, struct buffer *why)
{
    char path[PATH_SIZE];
    struct buffer text = {0}, there = {0};
    note_key_describe(&log->key, &text);
    buffer_append_text(&text, "\n");
    (void)snprintf(path, sizeof path, "%s/audit-signing.vkey", log->around->config->key_directory);
    enum status status = kept_file_read(path, NOTE_SIZE_MAX, &there);
    if (status != OK || !span_equal(buffer_span(&text), buffer_span(&there)))
        status = kept_file_write(path, buffer_span(&text));
    if (status != OK)
        buffer_printf(why, "cannot write %s", path);
    buffer_fini(&text);
    buffer_fini(&there);
    return status;
}

static enum status load_key(struct signed_log *log, struct buffer *why)
{
    const struct config *config = log->around->config;
    char path[PATH_SIZE];
    struct sign_public public;
    (void)snprintf(path, sizeof path, "%s/audit-signing.pem_secret", config->key_directory);
    bool made;
    enum status status = sign_pair_load_or_make(path, SIGN_ED25519, &log->pair, &made, why);
    if (made && status == OK)
        diary_event(DIARY_INFO, "signing_key_made", "path=%s", path);
    if (status != OK) {
        if (why->size == 0)
            buffer_printf(why, "cannot write %s", path);
        return status;
    }
    sign_pair_public(log->pair, &public);
    if (note_key_of(config->log_origin, NOTE_SIGNATURE, &public, &log->key) != OK) {
        buffer_printf(why, "log_origin is %s; it must be at most %u bytes without blank or plus", config->log_origin,
                      NOTE_NAME_SIZE_MAX);
        return FATAL_CONFIG;
    }
    return keep_vkey(log, why);
}

static enum status load_policy(struct signed_log *log, struct buffer *why)
{
    const char *path = log->around->config->witness_policy;
    struct buffer text = {0}, wrong = {0};
    if (path[0] == 0)
        return OK;
    log->policy = calloc(1, sizeof *log->policy);
    INVARIANT(log->policy != NULL);
    enum status status = kept_file_read(path, NOTE_SIZE_MAX, &text);
    if (status == OK)
        status = witness_policy_parse(buffer_span(&text), log->policy, &wrong);
    if (status != OK)
        buffer_printf(why, "witness_policy %s: %s", path, wrong.size > 0 ? buffer_text(&wrong) : status_text(status));
    else
        log->witnesses = witnesses_new(log->policy, &log->key);
    buffer_fini(&text);
    buffer_fini(&wrong);
    return status == OK ? OK : FATAL_CONFIG;
}

/* What stands in the file, by our key; nothing: size 0. */
static enum status load_checkpoint(struct signed_log *log, const char *path, struct buffer *text,
                                   struct checkpoint *checkpoint, struct buffer *why)
{
    struct note note;
    enum status status = kept_file_read(path, NOTE_SIZE_MAX, text);
    *checkpoint = (struct checkpoint){0};
    if (status == REJECT_NOT_FOUND)
        return OK;
    if (status == OK && checkpoint_open(buffer_span(text), &log->key, &note, checkpoint) == OK)
        return OK;
    buffer_printf(why, "%s is no checkpoint of %s by the key in audit-signing.pem_secret", path, log->key.name);
    return FATAL_CONFIG;
}

/* In seconds; 0: it is not there. */
static int64_t written_at(const char *path)
{
    struct stat file;
    return stat(path, &file) == 0 ? file.st_mtime : 0;
}

static enum status load_checkpoints(struct signed_log *log, struct buffer *why)
{
    const char *directory = log->around->config->data_directory;
    struct checkpoint final;
    (void)snprintf(log->path, sizeof log->path, "%s/checkpoint", directory);
    (void)snprintf(log->final_path, sizeof log->final_path, "%s/checkpoint.final", directory);
    (void)snprintf(log->evidence, sizeof log->evidence, "%s/evidence", directory);
    TRY(load_checkpoint(log, log->path, &log->latest, &log->last, why));
    TRY(load_checkpoint(log, log->final_path, &log->latest_final, &final, why));
    metric_set(log->size, (int64_t)log->last.size);
    metric_set(log->final_size, (int64_t) final.size);
    metric_set(log->at, written_at(log->path));
    metric_set(log->final_at, written_at(log->final_path));
    log->final = final.size == log->last.size && log->policy == NULL;
    return OK;
}

static void add_metrics(struct signed_log *log)
{
    struct metrics *metrics = log->around->metrics;
    log->size = metrics_add(metrics, METRIC_GAUGE, "hutong_checkpoint_size", "Leaves of the latest checkpoint.", NULL);
    log->final_size = metrics_add(metrics, METRIC_GAUGE, "hutong_checkpoint_final_size",
                                  "Leaves of the latest checkpoint that the witness policy makes final.", NULL);
    log->at = metrics_add(metrics, METRIC_GAUGE, "hutong_checkpoint_timestamp_seconds",
                          "When the latest checkpoint was signed; 0: none yet.", NULL);
    log->final_at = metrics_add(metrics, METRIC_GAUGE, "hutong_checkpoint_final_timestamp_seconds",
                                "When the latest checkpoint that is final became so; 0: none yet.", NULL);
    log->contradictions = metrics_add(metrics, METRIC_COUNTER, "hutong_contradictions_total",
                                      "Signed checkpoints that the log contradicts.", NULL);
}

enum status signed_log_open(const struct service_around *around, struct signed_log **out, struct buffer *why)
{
    struct signed_log *log = calloc(1, sizeof *log);
    pthread_condattr_t monotonic;
    INVARIANT(log != NULL && pthread_condattr_init(&monotonic) == 0 &&
              pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
              pthread_cond_init(&log->wake, &monotonic) == 0 && pthread_mutex_init(&log->lock, NULL) == 0);
    *out = log;
    log->around = around;
    log->store = runtime_store(around->runtime);
    log->digest = digest_new();
    add_metrics(log);
    TRY(load_key(log, why));
    TRY(load_policy(log, why));
    TRY(load_checkpoints(log, why));
    loop_once(around->loop, 1, look, log);
    return OK;
}

void signed_log_close(struct signed_log **out)
{
    struct signed_log *log = *out;
    if (log == NULL)
        return;
    loop_remove(log->around->loop, log);
    (void)pthread_mutex_lock(&log->lock);
    log->stop = true;
    (void)pthread_cond_signal(&log->wake);
    (void)pthread_mutex_unlock(&log->lock);
    if (log->runs)
        (void)pthread_join(log->thread, NULL);
    witnesses_destroy(&log->witnesses);
    free(log->policy);
    sign_pair_destroy(&log->pair);
    digest_destroy(&log->digest);
    buffer_fini(&log->latest);
    buffer_fini(&log->latest_final);
    buffer_fini(&log->why);
    (void)pthread_cond_destroy(&log->wake);
    (void)pthread_mutex_destroy(&log->lock);
    free(log);
    *out = NULL;
}

void signed_log_advanced(struct signed_log *log)
{
    (void)pthread_mutex_lock(&log->lock);
    log->grown = true;
    (void)pthread_cond_signal(&log->wake);
    (void)pthread_mutex_unlock(&log->lock);
}

const char *signed_log_why_not(const struct signed_log *log)
{
    return log->runs ? "" : "the log has not been held against its last signed checkpoint yet";
}

enum status signed_log_status(struct signed_log *log, struct buffer *why)
{
    (void)pthread_mutex_lock(&log->lock);
    enum status status = log->status;
    buffer_append(why, log->why.data, log->why.size);
    (void)pthread_mutex_unlock(&log->lock);
    return status;
}

bool signed_log_checkpoint(struct signed_log *log, bool final, struct buffer *text)
{
    (void)pthread_mutex_lock(&log->lock);
    const struct buffer *from = final ? &log->latest_final : &log->latest;
    buffer_append(text, from->data, from->size);
    bool there = from->size > 0;
    (void)pthread_mutex_unlock(&log->lock);
    return there;
}

int64_t signed_log_at(const struct signed_log *log, bool final)
{
    return atomic_load_explicit(final ? &log->final_at->value : &log->at->value, memory_order_relaxed) * 1000;
}
