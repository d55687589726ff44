/* SPDX-License-Identifier: Apache-2.0
 * Restoring. All of it is made in DATA.restoring, looked at there, and renamed at the end. */
#include "tools/restore.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "common/store/store_check.h"
#include "tools/state_replay.h"

enum { PATH_SIZE = BACKUP_PATH_SIZE + MANIFEST_PATH_SIZE + 64, SETTINGS_SIZE_MAX = 1 << 20 };

struct restoring {
    struct cli *cli;
    const struct restore_options *options;
    struct restored *restored;
    struct manifest manifest;
    char stage[4096 + 16];
    struct pace pace;
    struct buffer why;
};

static enum status failed(struct restoring *restoring, const char *path)
{
    buffer_printf(&restoring->why, "%s: %s", path, strerror(errno));
    return FATAL_IO;
}

/* With its directories; what was read must be what was written. */
static enum status put_file(struct restoring *restoring, const char *from, const char *to, mode_t mode,
                            const char *sha256)
{
    char parent[PATH_SIZE];
    struct file_sum sum;
    (void)snprintf(parent, sizeof parent, "%.*s", (int)(strrchr(to, '/') - to), to);
    TRY(store_make_directory(parent, &restoring->why));
    TRY(file_copy(from, to, mode, &restoring->pace, &sum, &restoring->why));
    if (strcmp(sum.sha256, sha256) == 0)
        return OK;
    buffer_printf(&restoring->why, "%s: its SHA-256 is not that of the manifest", from);
    return FATAL_CORRUPT;
}

static enum status put_segments(struct restoring *restoring)
{
    const struct kept_segments *segments = &restoring->manifest.segments;
    char home[BACKUP_PATH_SIZE], from[BACKUP_PATH_SIZE + 32], to[PATH_SIZE];
    for (unsigned i = 0; i < segments->count; i++) {
        generation_segment_home(restoring->options->directory, restoring->options->generation, &restoring->manifest, i,
                                home);
        (void)snprintf(from, sizeof from, "%s/seg-%08u/data.mdb", home, segments->list[i].number);
        (void)snprintf(to, sizeof to, "%s/broker/seg-%08u/data.mdb", restoring->stage, segments->list[i].number);
        TRY(put_file(restoring, from, to, 0600, segments->list[i].sha256));
    }
    return OK;
}

/* "states/settlement-0-279/data.mdb" goes to "settlement-0/data.mdb", "data/checkpoint" to "checkpoint". False: it is
 * no part of the data directory. */
static bool place_of(const struct restoring *restoring, const char *path, char to[PATH_SIZE])
{
    char position[24];
    (void)snprintf(position, sizeof position, "-%llu/", (unsigned long long)restoring->manifest.position);
    const char *name = path + strlen("states/"), *behind = strstr(path, position);
    if (strncmp(path, "states/", 7) == 0 && behind != NULL && behind > name)
        (void)snprintf(to, PATH_SIZE, "%s/%.*s/%s", restoring->stage, (int)(behind - name), name,
                       behind + strlen(position));
    else if (strncmp(path, "confirmed-0/", 12) == 0)
        (void)snprintf(to, PATH_SIZE, "%s/%s", restoring->stage, path);
    else if (strncmp(path, "data/", 5) == 0)
        (void)snprintf(to, PATH_SIZE, "%s/%s", restoring->stage, path + 5);
    else
        return false;
    return true;
}

static enum status put_data(struct restoring *restoring)
{
    char from[PATH_SIZE], to[PATH_SIZE];
    TRY(put_segments(restoring));
    for (unsigned i = 0; i < restoring->manifest.file_count; i++) {
        const struct manifest_file *file = &restoring->manifest.files[i];
        size_t size = strlen(file->path);
        if ((size > 7 && strcmp(file->path + size - 7, "/digest") == 0) || !place_of(restoring, file->path, to))
            continue;
        (void)snprintf(from, sizeof from, "%s/generations/%s/%s", restoring->options->directory,
                       restoring->options->generation, file->path);
        TRY(put_file(restoring, from, to, file->mode, file->sha256));
    }
    return OK;
}

/* ---- what is there now ---- */

static const struct manifest_state *state_named(const struct manifest *manifest, const char *name)
{
    for (unsigned i = 0; i < manifest->state_count; i++)
        if (strcmp(manifest->states[i].name, name) == 0)
            return &manifest->states[i];
    return NULL;
}

static enum status check_state(struct restoring *restoring, const struct manifest_state *state)
{
    char path[PATH_SIZE], digest[SHA256_TEXT_SIZE] = "";
    uint64_t position = 0;
    (void)snprintf(path, sizeof path, "%s/%s", restoring->stage, state->name);
    TRY(state_look(path, &position, digest, &restoring->why));
    state_tidy(path);
    if (position == restoring->manifest.position && strcmp(digest, state->digest) == 0)
        return OK;
    buffer_printf(&restoring->why, "%s @%llu: digest %s, %s in the manifest", state->name, (unsigned long long)position,
                  digest, state->digest);
    return FATAL_CORRUPT;
}

/* Of a log that begins at its beginning, or whose archive does; else its service will say what it lacks. */
static void rebuild(struct restoring *restoring, const struct kept_state *row, struct log_source *source,
                    size_t map_size)
{
    char path[PATH_SIZE];
    struct state_reached reached;
    (void)snprintf(path, sizeof path, "%s/%s", restoring->stage, row->name);
    struct state_replay job = {.row = row,
                               .directory = path,
                               .source = source,
                               .map_size = map_size,
                               .to = restoring->manifest.position,
                               .progress = true};
    if (state_replay(&job, &reached, &restoring->why) == OK) {
        restoring->restored->rebuilt++;
    } else {
        complain(said("%s 未能重建：%s", "%s cannot be made again: %s"), row->name, buffer_text(&restoring->why));
        buffer_reset(&restoring->why);
        (void)directory_remove(path);
        restoring->restored->lacking++;
    }
    state_tidy(path);
}

static enum status check_states(struct restoring *restoring)
{
    char log[PATH_SIZE];
    struct log_source *source = NULL;
    struct kept_state row;
    const struct config *config = restoring->cli->configured ? &restoring->cli->config : NULL;
    (void)snprintf(log, sizeof log, "%s/broker", restoring->stage);
    enum status status =
        log_source_open(log, config == NULL ? "" : config->archive_directory, &source, &restoring->why);
    for (unsigned i = 0; status == OK && kept_state_at(restoring->manifest.partitions, i, &row); i++) {
        const struct manifest_state *state = state_named(&restoring->manifest, row.name);
        if (state != NULL)
            status = check_state(restoring, state);
        else
            rebuild(restoring, &row, source, config == NULL ? (size_t)64 << 30 : (size_t)config->state_map_mib << 20);
    }
    log_source_close(&source);
    for (unsigned i = 0; i < restoring->manifest.segments.count; i++) {
        char lock[PATH_SIZE + 32];
        (void)snprintf(lock, sizeof lock, "%s/seg-%08u", log, restoring->manifest.segments.list[i].number);
        state_tidy(lock);
    }
    restoring->restored->states = restoring->manifest.state_count;
    return status;
}

/* ---- keys, settings ---- */

static enum status put_keys(struct restoring *restoring)
{
    char from[PATH_SIZE], to[PATH_SIZE];
    if (!directory_is_empty(restoring->options->keys))
        return OK;
    for (unsigned i = 0; i < restoring->manifest.file_count; i++) {
        const struct manifest_file *file = &restoring->manifest.files[i];
        bool open = strncmp(file->path, "keys/", 5) == 0, secret = strncmp(file->path, "secret/", 7) == 0;
        if (!open && !secret)
            continue;
        (void)snprintf(from, sizeof from, "%s/generations/%s/%s", restoring->options->directory,
                       restoring->options->generation, file->path);
        (void)snprintf(to, sizeof to, "%s/%s", restoring->options->keys, strchr(file->path, '/') + 1);
        TRY(put_file(restoring, from, to, file->mode, file->sha256));
        restoring->restored->keys = true;
        restoring->restored->secret_keys = restoring->restored->secret_keys || secret;
    }
    return restoring->restored->keys ? directory_sync(restoring->options->keys, &restoring->why) : OK;
}

/* The three directories of its own place; all else as it was. */
static void place_settings(const char *text, struct buffer *out)
{
    static const char *const placed[] = {"data_directory", "run_directory", "key_directory"};
    static const char *const places[] = {"data", "run", "keys"};
    for (const char *line = text; *line != 0;) {
        size_t size = strcspn(line, "\n");
        bool own = false;
        for (unsigned i = 0; i < 3; i++)
            own = own || (strncmp(line, placed[i], strlen(placed[i])) == 0 && line[strlen(placed[i])] == ':');
        if (!own) {
            buffer_append(out, line, size);
            buffer_append_text(out, "\n");
        }
        line += size + (line[size] == '\n');
    }
    for (unsigned i = 0; i < 3; i++)
        buffer_printf(out, "%s: %s\n", placed[i], places[i]);
}

static enum status put_settings(struct restoring *restoring)
{
    char from[PATH_SIZE];
    struct buffer text = {0}, placed = {0};
    if (restoring->options->settings == NULL)
        return OK;
    (void)snprintf(from, sizeof from, "%s/generations/%s/config/hutong.yaml", restoring->options->directory,
                   restoring->options->generation);
    enum status status = file_read(from, SETTINGS_SIZE_MAX, &text, &restoring->why);
    if (status == OK) {
        place_settings(buffer_text(&text), &placed);
        status = file_write(restoring->options->settings, buffer_span(&placed), 0644, &restoring->why);
    }
    buffer_fini(&text);
    buffer_fini(&placed);
    return status;
}

/* ---- the whole ---- */

static enum status restore(struct restoring *restoring)
{
    const char *data = restoring->options->data;
    char parent[4096];
    if (!directory_remove(restoring->stage))
        return failed(restoring, restoring->stage);
    TRY(store_make_directory(restoring->stage, &restoring->why));
    TRY(put_data(restoring));
    TRY(check_states(restoring));
    TRY(directory_sync(restoring->stage, &restoring->why));
    TRY(put_keys(restoring));
    TRY(put_settings(restoring));
    if ((rmdir(data) != 0 && errno != ENOENT) || rename(restoring->stage, data) != 0)
        return failed(restoring, data);
    (void)snprintf(parent, sizeof parent, "%.*s", (int)(strrchr(data, '/') - data), data);
    return store_sync_directory(parent);
}

int restore_run(struct cli *cli, const struct restore_options *options, struct restored *restored)
{
    struct restoring restoring = {.cli = cli, .options = options, .restored = restored};
    *restored = (struct restored){0};
    restoring.pace = (struct pace){.what = said("已恢复 MiB", "restored, MiB")};
    struct pace checked = {.what = said("已核对 MiB", "checked, MiB")};
    (void)snprintf(restoring.stage, sizeof restoring.stage, "%s.restoring", options->data);
    int code = generation_check(options->directory, options->generation, false, &checked);
    if (code != CLI_OK)
        return code;
    enum status status =
        generation_manifest(options->directory, options->generation, &restoring.manifest, &restoring.why);
    if (status == OK && cli->configured && cli->config.partitions != restoring.manifest.partitions) {
        buffer_printf(&restoring.why, "partitions is %u in the configuration and %u in the backup",
                      cli->config.partitions, restoring.manifest.partitions);
        status = FATAL_CONFIG;
    }
    if (status == OK)
        status = restore(&restoring);
    progress_end();
    if (status != OK)
        complain("%s", restoring.why.size > 0 ? buffer_text(&restoring.why) : status_text(status));
    restored->position = restoring.manifest.position;
    restored->at_ms = restoring.manifest.at_ms;
    restored->end = manifest_end(&restoring.manifest, "submissions");
    manifest_fini(&restoring.manifest);
    buffer_fini(&restoring.why);
    return status == OK ? CLI_OK : status == FATAL_CORRUPT ? CLI_DIFFERENT : CLI_FAILED;
}
