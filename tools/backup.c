/* SPDX-License-Identifier: Apache-2.0
 * Making a backup. In this order, so that what is copied first is never ahead of what is copied last:
 *
 *   sealed segments that are new -> what was confirmed, signed checkpoints -> each state, as it was last committed
 *   -> p, as far as all their inputs are durable -> each copy brought to p by its core over the log
 *   -> the newest segment, as far as it is durable -> keys, configuration -> sums, manifest, name
 *
 * No service is asked, and none waits: LMDB gives a reader what was committed, and recent-N is read beside it. */
#include "tools/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "broker/log_check.h"
#include "common/base/check.h"
#include "common/observe/build.h"
#include "common/store/copy_live.h"
#include "common/store/store_check.h"
#include "tools/archiving.h"
#include "tools/state_replay.h"

enum { NICE = 19, COPY_TRIES = 3 };

struct backing {
    struct cli *cli;
    const struct backup_options *options;
    struct backup_made *made;
    char part[BACKUP_PATH_SIZE], log[4096 + 16]; /* the generation under way, the broker's log */
    struct manifest manifest, before;            /* of the newest generation there is: what was copied is known by it */
    struct pace pace;
    struct buffer why;
};

static enum status failed(struct backing *backing, const char *path)
{
    buffer_printf(&backing->why, "%s: %s", path, strerror(errno));
    return FATAL_IO;
}

static void below(const struct backing *backing, const char *name, char path[BACKUP_PATH_SIZE])
{
    (void)snprintf(path, BACKUP_PATH_SIZE, "%.4095s/%s", backing->part, name);
}

static uint64_t changed_ns(const struct stat *stat)
{
    return (uint64_t)stat->st_mtim.tv_sec * UINT64_C(1000000000) + (uint64_t)stat->st_mtim.tv_nsec;
}

/* ---- sealed segments ---- */

static void shared_home(const char *directory, const char *sha256, char path[BACKUP_PATH_SIZE])
{
    (void)snprintf(path, BACKUP_PATH_SIZE, "%.4000s/segments/%s", directory, sha256);
}

/* The one of the generation before, where the file was not changed since and its copy is there. */
static const struct kept_segment *known(const struct backing *backing, uint32_t number, const struct stat *live)
{
    char home[BACKUP_PATH_SIZE], path[BACKUP_PATH_SIZE + 40];
    struct stat copy;
    const struct kept_segment *segment = kept_segments_find(&backing->before.segments, number);
    bool newest = backing->before.segments.count > 0 &&
                  segment == &backing->before.segments.list[backing->before.segments.count - 1];
    if (segment == NULL || newest || segment->size != (uint64_t)live->st_size ||
        segment->changed_ns != changed_ns(live))
        return NULL;
    shared_home(backing->options->directory, segment->sha256, home);
    (void)snprintf(path, sizeof path, "%s/seg-%08u/data.mdb", home, number);
    return stat(path, &copy) == 0 && copy.st_size == live->st_size ? segment : NULL;
}

/* Damage is not copied over what may be a sound copy: it ends the backup, and says where it is. */
static enum status copy_segment(struct backing *backing, uint32_t number, const char *from,
                                struct kept_segment *segment)
{
    char fresh[BACKUP_PATH_SIZE], inside[BACKUP_PATH_SIZE + 32], to[BACKUP_PATH_SIZE + 48], home[BACKUP_PATH_SIZE];
    struct segment_seen *seen = calloc(1, sizeof *seen);
    struct log_check check = {.directory = backing->log, .segment = number, .look = LOOK_BATCHES};
    struct file_sum sum;
    INVARIANT(seen != NULL);
    enum status status = log_check_segment(&check, seen, &backing->why);
    if (status == OK)
        archiving_tell(seen, segment);
    free(seen);
    TRY(status);
    (void)snprintf(fresh, sizeof fresh, "%.4000s/segments/new.part", backing->options->directory);
    (void)snprintf(inside, sizeof inside, "%s/seg-%08u", fresh, number);
    (void)snprintf(to, sizeof to, "%s/data.mdb", inside);
    if (!directory_remove(fresh))
        return failed(backing, fresh);
    TRY(store_make_directory(inside, &backing->why));
    TRY(file_copy(from, to, 0600, &backing->pace, &sum, &backing->why));
    segment->size = sum.size;
    memcpy(segment->sha256, sum.sha256, sizeof segment->sha256);
    shared_home(backing->options->directory, sum.sha256, home);
    TRY(directory_sync(fresh, &backing->why));
    if (!directory_remove(home) || rename(fresh, home) != 0)
        return failed(backing, home);
    (void)snprintf(fresh, sizeof fresh, "%.4000s/segments", backing->options->directory);
    backing->made->segments_copied++;
    backing->made->bytes += sum.size;
    return store_sync_directory(fresh);
}

static enum status keep_segment(struct backing *backing, uint32_t number)
{
    char from[4096 + 64];
    struct stat live;
    (void)snprintf(from, sizeof from, "%s/seg-%08u/data.mdb", backing->log, number);
    if (stat(from, &live) != 0)
        return failed(backing, from);
    const struct kept_segment *there = known(backing, number, &live);
    struct kept_segment *segment = kept_segments_add(&backing->manifest.segments);
    if (there != NULL)
        *segment = *there;
    segment->number = number;
    segment->changed_ns = changed_ns(&live);
    return there != NULL ? OK : copy_segment(backing, number, from, segment);
}

/* All but the newest, which is still written; those that were kept already are passed over. */
static enum status keep_sealed(struct backing *backing, uint32_t *newest)
{
    uint32_t *numbers = calloc(LOG_SEGMENTS_COUNT_MAX, sizeof *numbers);
    INVARIANT(numbers != NULL);
    int count = log_segment_numbers(backing->log, numbers);
    enum status status = count > 0 ? OK : FATAL_IO;
    if (count <= 0)
        buffer_printf(&backing->why, "%s holds no segments", backing->log);
    for (int i = 0; status == OK && i + 1 < count; i++)
        if (kept_segments_find(&backing->manifest.segments, numbers[i]) == NULL)
            status = keep_segment(backing, numbers[i]);
    if (status == OK)
        *newest = numbers[count - 1];
    free(numbers);
    return status;
}

/* ---- the newest segment ---- */

static enum status copy_newest(struct backing *backing)
{
    char from[4096 + 64], to[BACKUP_PATH_SIZE + 64], log[BACKUP_PATH_SIZE], inside[BACKUP_PATH_SIZE + 128];
    struct segment_seen *seen = calloc(1, sizeof *seen);
    struct copy_pace pace = {pace_moved, &backing->pace};
    uint32_t number;
    INVARIANT(seen != NULL);
    enum status status = keep_sealed(backing, &number);
    below(backing, "broker", log);
    (void)snprintf(from, sizeof from, "%s/seg-%08u", backing->log, number);
    (void)snprintf(to, sizeof to, "%s/seg-%08u", log, number);
    (void)snprintf(inside, sizeof inside, "%s/data.mdb", to);
    if (status == OK)
        status = copy_live(from, to, &pace, &backing->why);
    struct log_check check = {.directory = log, .segment = number, .look = LOOK_BATCHES};
    if (status == OK)
        status = log_check_segment(&check, seen, &backing->why);
    struct kept_segment *segment = status == OK ? kept_segments_add(&backing->manifest.segments) : NULL;
    struct file_sum sum;
    if (status == OK)
        status = file_sum(inside, NULL, &sum, &backing->why);
    if (status == OK) {
        segment->number = number;
        archiving_tell(seen, segment);
        segment->size = sum.size;
        memcpy(segment->sha256, sum.sha256, sizeof segment->sha256);
        backing->manifest.log = seen->words.identity;
        backing->made->bytes += sum.size;
        if (seen->stream_count == 0) {
            buffer_printf(&backing->why, "seg-%08u has just begun: again, please", number);
            status = RETRY_BUSY;
        }
    }
    free(seen);
    return status;
}

/* ---- states ---- */

static void state_home(const struct backing *backing, const char *name, char path[BACKUP_PATH_SIZE])
{
    (void)snprintf(path, BACKUP_PATH_SIZE, "%.4000s/states/%s", backing->part, name);
}

/* A file that came and went between two looks, seldom: then all of it again. */
static enum status copy_state(struct backing *backing, const char *name, uint64_t *position)
{
    char from[4096 + SERVICE_STATE_NAME_SIZE], to[BACKUP_PATH_SIZE];
    struct copy_pace pace = {pace_moved, &backing->pace};
    (void)snprintf(from, sizeof from, "%s/%s", backing->cli->config.data_directory, name);
    state_home(backing, name, to);
    enum status status = OK;
    for (unsigned i = 0; i < COPY_TRIES; i++) {
        buffer_reset(&backing->why);
        if (!directory_remove(to))
            return failed(backing, to);
        status = copy_live(from, to, &pace, &backing->why);
        if (status == OK)
            status = state_look(to, position, NULL, &backing->why);
        if (status == OK || status == REJECT_NOT_FOUND)
            break;
    }
    return status;
}

/* What cannot be copied is made again from the log when it is restored; it is said, and no reason to have no backup. */
static void leave_out(struct backing *backing, const char *name)
{
    char path[BACKUP_PATH_SIZE];
    complain(said("%s 未备份（恢复时由日志重建）：%s", "%s is left out, and made again from the log when restored: %s"),
             name, buffer_text(&backing->why));
    buffer_reset(&backing->why);
    state_home(backing, name, path);
    (void)directory_remove(path);
}

static bool is_copied(const struct backing *backing, const char *name)
{
    char path[BACKUP_PATH_SIZE];
    state_home(backing, name, path);
    return access(path, F_OK) == 0;
}

static enum status copy_states(struct backing *backing, uint64_t *furthest)
{
    struct kept_state row;
    char states[BACKUP_PATH_SIZE];
    below(backing, "states", states);
    TRY(store_make_directory(states, &backing->why));
    *furthest = 0;
    for (unsigned i = 0; kept_state_at(backing->cli->config.partitions, i, &row); i++) {
        uint64_t position = 0;
        if (copy_state(backing, row.name, &position) != OK)
            leave_out(backing, row.name);
        else if (position > *furthest)
            *furthest = position;
    }
    return OK;
}

/* To the one position, its digest beside it, in the directory that a snapshot would have. */
static enum status bring_forward(struct backing *backing, const struct kept_state *row, struct log_source *source)
{
    char from[BACKUP_PATH_SIZE], to[BACKUP_PATH_SIZE], digest[BACKUP_PATH_SIZE + 16], line[2 * DIGEST_SIZE + 2];
    struct state_reached reached;
    state_home(backing, row->name, from);
    struct state_replay job = {.row = row,
                               .directory = from,
                               .source = source,
                               .map_size = (size_t)backing->cli->config.state_map_mib << 20,
                               .to = backing->manifest.position};
    TRY(state_replay(&job, &reached, &backing->why));
    state_tidy(from);
    int size = snprintf(line, sizeof line, "%s\n", reached.digest);
    (void)snprintf(digest, sizeof digest, "%.4600s/digest", from);
    TRY(file_write(digest, span_of((const uint8_t *)line, (size_t)size), 0600, &backing->why));
    (void)snprintf(to, sizeof to, "%.4600s-%llu", from, (unsigned long long)backing->manifest.position);
    if (rename(from, to) != 0)
        return failed(backing, to);
    struct manifest_state *state = &backing->manifest.states[backing->manifest.state_count++];
    (void)snprintf(state->name, sizeof state->name, "%s", row->name);
    memcpy(state->digest, reached.digest, sizeof state->digest);
    return OK;
}

static enum status bring_all_forward(struct backing *backing, uint64_t furthest)
{
    struct log_source *source = NULL;
    struct kept_state row;
    enum status status = states_source(backing->log, &backing->cli->config, furthest, &source,
                                       &backing->manifest.position, &backing->why);
    for (unsigned i = 0; status == OK && kept_state_at(backing->cli->config.partitions, i, &row); i++) {
        if (!is_copied(backing, row.name))
            continue;
        enum status one = bring_forward(backing, &row, source);
        if (one == FATAL_IO)
            status = one;
        else if (one != OK)
            leave_out(backing, row.name);
    }
    log_source_close(&source);
    backing->made->states = backing->manifest.state_count;
    backing->made->position = backing->manifest.position;
    return status;
}

/* ---- what is nowhere else ---- */

static enum status copy_small(struct backing *backing, const char *from, const char *name, mode_t mode)
{
    char to[BACKUP_PATH_SIZE], parent[BACKUP_PATH_SIZE];
    struct file_sum sum;
    below(backing, name, to);
    (void)snprintf(parent, sizeof parent, "%.*s", (int)(strrchr(to, '/') - to), to);
    TRY(store_make_directory(parent, &backing->why));
    return file_copy(from, to, mode, &backing->pace, &sum, &backing->why);
}

/* Confirmations name results, checkpoints name a tree: neither may be ahead of the log that is copied after them. */
static enum status copy_told(struct backing *backing)
{
    static const char *const files[] = {"checkpoint", "checkpoint.final"};
    char from[4096 + 32], to[BACKUP_PATH_SIZE], name[64];
    struct copy_pace pace = {pace_moved, &backing->pace};
    const char *data = backing->cli->config.data_directory;
    (void)snprintf(from, sizeof from, "%s/confirmed-0", data);
    below(backing, "confirmed-0", to);
    enum status status = copy_live(from, to, &pace, &backing->why);
    if (status != OK && status != REJECT_NOT_FOUND)
        return status;
    buffer_reset(&backing->why);
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
        (void)snprintf(from, sizeof from, "%s/%s", data, files[i]);
        (void)snprintf(name, sizeof name, "data/%s", files[i]);
        if (access(from, F_OK) == 0)
            TRY(copy_small(backing, from, name, 0600));
    }
    return OK;
}

/* Public and secret apart, so that the secret ones can lie elsewhere. */
static enum status copy_key(void *self, const char *path, const struct stat *stat)
{
    struct backing *backing = self;
    char from[4096 + MANIFEST_PATH_SIZE], name[MANIFEST_PATH_SIZE];
    bool secret = (stat->st_mode & 077) == 0;
    if (secret && backing->options->without_keys)
        return OK;
    (void)snprintf(from, sizeof from, "%s/%s", backing->cli->config.key_directory, path);
    (void)snprintf(name, sizeof name, "%s/%s", secret ? "secret" : "keys", path);
    return copy_small(backing, from, name, stat->st_mode & 0777);
}

static enum status copy_settings(struct backing *backing)
{
    const struct config *config = &backing->cli->config;
    backing->manifest.keys = !backing->options->without_keys;
    TRY(directory_walk(config->key_directory, copy_key, backing, &backing->why));
    TRY(copy_small(backing, backing->cli->config_path, "config/hutong.yaml", 0600));
    return config->witness_policy[0] == 0 ? OK
                                          : copy_small(backing, config->witness_policy, "config/witness_policy", 0600);
}

/* ---- the manifest, and the name ---- */

static enum status take_sum(void *self, const char *path, const struct stat *stat)
{
    struct backing *backing = self;
    char whole[BACKUP_PATH_SIZE];
    struct manifest_file file = {.mode = stat->st_mode & 0777};
    struct file_sum sum;
    if (strlen(path) >= sizeof file.path) {
        buffer_printf(&backing->why, "%s: too long a name", path);
        return REJECT_MALFORMED;
    }
    below(backing, path, whole);
    TRY(file_sum(whole, NULL, &sum, &backing->why));
    (void)snprintf(file.path, sizeof file.path, "%s", path);
    file.size = sum.size;
    memcpy(file.sha256, sum.sha256, sizeof file.sha256);
    manifest_add_file(&backing->manifest, &file);
    return OK;
}

static enum status write_manifest(struct backing *backing)
{
    char path[BACKUP_PATH_SIZE];
    struct buffer text = {0}, sum_line = {0};
    struct file_sum sum;
    struct manifest again;
    manifest_write(&backing->manifest, &text);
    below(backing, "manifest.json", path);
    enum status status =
        manifest_read(buffer_span(&text), &again, &backing->why); /* what cannot be read is no backup */
    if (status == OK) {
        manifest_fini(&again);
        status = file_write(path, buffer_span(&text), 0600, &backing->why);
    }
    if (status == OK)
        status = file_sum(path, NULL, &sum, &backing->why);
    if (status == OK) {
        buffer_printf(&sum_line, "%s  manifest.json\n", sum.sha256);
        below(backing, "manifest.sha256", path);
        status = file_write(path, buffer_span(&sum_line), 0600, &backing->why);
    }
    buffer_fini(&text);
    buffer_fini(&sum_line);
    return status;
}

static enum status finish(struct backing *backing)
{
    char to[BACKUP_PATH_SIZE], generations[BACKUP_PATH_SIZE], stamp[20];
    struct timespec now;
    struct tm utc;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    backing->manifest.at_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    backing->manifest.partitions = backing->cli->config.partitions;
    (void)snprintf(backing->manifest.version, MANIFEST_TEXT_SIZE, "%s", build_version());
    (void)snprintf(backing->manifest.build, MANIFEST_TEXT_SIZE, "%s", build_commit());
    TRY(directory_walk(backing->part, take_sum, backing, &backing->why));
    TRY(write_manifest(backing));
    TRY(directory_sync(backing->part, &backing->why));
    INVARIANT(gmtime_r(&now.tv_sec, &utc) != NULL && strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%S", &utc) > 0);
    (void)snprintf(backing->made->generation, GENERATION_NAME_SIZE, "%s%03ldZ-%llu", stamp, now.tv_nsec / 1000000,
                   (unsigned long long)backing->manifest.position);
    (void)snprintf(generations, sizeof generations, "%.4000s/generations", backing->options->directory);
    (void)snprintf(to, sizeof to, "%.4000s/generations/%s", backing->options->directory, backing->made->generation);
    if (rename(backing->part, to) != 0)
        return failed(backing, to);
    return store_sync_directory(generations);
}

/* ---- the whole ---- */

static enum status begin(struct backing *backing, int *lock)
{
    static char names[GENERATIONS_MAX][GENERATION_NAME_SIZE];
    char path[BACKUP_PATH_SIZE];
    const char *directory = backing->options->directory;
    (void)snprintf(path, sizeof path, "%.4000s/generations", directory);
    TRY(store_make_directory(path, &backing->why));
    (void)snprintf(path, sizeof path, "%.4000s/segments", directory);
    TRY(store_make_directory(path, &backing->why));
    (void)snprintf(path, sizeof path, "%.4000s/lock", directory);
    *lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*lock < 0 || flock(*lock, LOCK_EX | LOCK_NB) != 0) {
        buffer_printf(&backing->why, said("%s：另一个备份正在进行", "%s: another backup is under way"), directory);
        return RETRY_BUSY;
    }
    generations_clear(directory);
    unsigned count = generations_list(directory, names);
    if (count > 0 && generation_manifest(directory, names[count - 1], &backing->before, &backing->why) != OK)
        buffer_reset(&backing->why); /* all is read again */
    (void)snprintf(backing->part, sizeof backing->part, "%.4000s/generations/new.part", directory);
    return store_make_directory(backing->part, &backing->why);
}

static enum status make(struct backing *backing)
{
    uint32_t newest;
    uint64_t furthest;
    TRY(keep_sealed(backing, &newest));
    TRY(copy_told(backing));
    TRY(copy_states(backing, &furthest));
    TRY(bring_all_forward(backing, furthest));
    TRY(copy_newest(backing));
    TRY(copy_settings(backing));
    return finish(backing);
}

/* For doctor and alerts: how old the newest backup is. */
static enum status note_last(struct backing *backing)
{
    char path[4096 + 32];
    (void)snprintf(path, sizeof path, "%s/last_backup", backing->cli->config.data_directory);
    json_t *json = json_pack("{s:I,s:I,s:s}", "at", (json_int_t)backing->manifest.at_ms, "position",
                             (json_int_t)backing->manifest.position, "directory", backing->options->directory);
    char *text = json_dumps(json, JSON_COMPACT);
    INVARIANT(text != NULL);
    enum status status = file_write(path, span_text(text), 0644, &backing->why);
    free(text);
    json_decref(json);
    return status;
}

int backup_make(struct cli *cli, const struct backup_options *options, struct backup_made *made)
{
    struct backing backing = {.cli = cli, .options = options, .made = made};
    int lock = -1;
    *made = (struct backup_made){0};
    backing.pace = (struct pace){.bytes_a_second = options->bytes_a_second, .what = said("已复制 MiB", "copied, MiB")};
    (void)snprintf(backing.log, sizeof backing.log, "%s/broker", cli->config.data_directory);
    (void)setpriority(PRIO_PROCESS, 0, NICE); /* whoever serves comes first */
    enum status status = begin(&backing, &lock);
    if (status == OK)
        status = make(&backing);
    if (status == OK)
        status = note_last(&backing);
    progress_end();
    if (status == OK) {
        made->segments = backing.manifest.segments.count;
        made->removed = generations_prune(options->directory, options->keep, &backing.manifest, &made->outlived);
    } else {
        complain("%s", backing.why.size > 0 ? buffer_text(&backing.why) : status_text(status));
    }
    manifest_fini(&backing.manifest);
    manifest_fini(&backing.before);
    buffer_fini(&backing.why);
    if (lock >= 0)
        (void)close(lock);
    return status == OK ? CLI_OK : status == FATAL_CORRUPT || status == FATAL_DAMAGED ? CLI_DIFFERENT : CLI_FAILED;
}
