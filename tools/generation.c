/* SPDX-License-Identifier: Apache-2.0
 * Generations of a backup, found, read, held against their sums, and removed. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "broker/log_check.h"
#include "common/base/check.h"
#include "tools/cli.h"
#include "tools/generation.h"
#include "tools/state_replay.h"

static int by_name(const void *left, const void *right)
{
    return strcmp(left, right);
}

/* 20251124T060000123Z-1234 */
static bool is_generation(const char *name)
{
    size_t size = strlen(name);
    return size > 20 && size < GENERATION_NAME_SIZE && name[8] == 'T' && strncmp(name + 18, "Z-", 2) == 0 &&
           strspn(name + 20, "0123456789") == size - 20;
}

/* Names begin with the time, so their order is that of making. */
unsigned generations_list(const char *directory, char names[GENERATIONS_MAX][GENERATION_NAME_SIZE])
{
    char path[BACKUP_PATH_SIZE];
    unsigned count = 0;
    (void)snprintf(path, sizeof path, "%.4000s/generations", directory);
    DIR *listed = opendir(path);
    for (const struct dirent *entry; listed != NULL && (entry = readdir(listed)) != NULL && count < GENERATIONS_MAX;)
        if (is_generation(entry->d_name))
            (void)snprintf(names[count++], GENERATION_NAME_SIZE, "%.63s", entry->d_name);
    if (listed != NULL)
        (void)closedir(listed);
    qsort(names, count, GENERATION_NAME_SIZE, by_name);
    return count;
}

static enum status is_summed(const char *path, const char *sum_path, struct buffer *why)
{
    struct file_sum sum;
    struct buffer told = {0};
    TRY(file_sum(path, NULL, &sum, why));
    enum status status = file_read(sum_path, 200, &told, why);
    bool equal =
        status == OK && told.size > strlen(sum.sha256) && memcmp(told.data, sum.sha256, strlen(sum.sha256)) == 0;
    buffer_fini(&told);
    TRY(status);
    if (!equal)
        buffer_printf(why, "%s: its SHA-256 is not that of manifest.sha256", path);
    return equal ? OK : FATAL_CORRUPT;
}

enum status generation_manifest(const char *directory, const char *generation, struct manifest *manifest,
                                struct buffer *why)
{
    char path[BACKUP_PATH_SIZE], sum_path[BACKUP_PATH_SIZE];
    struct buffer text = {0};
    (void)snprintf(path, sizeof path, "%.4000s/generations/%s/manifest.json", directory, generation);
    (void)snprintf(sum_path, sizeof sum_path, "%.4000s/generations/%s/manifest.sha256", directory, generation);
    enum status status = is_summed(path, sum_path, why);
    if (status == OK)
        status = file_read(path, MANIFEST_SIZE_MAX, &text, why);
    if (status == OK)
        status = manifest_read(buffer_span(&text), manifest, why);
    buffer_fini(&text);
    return status;
}

void generation_segment_home(const char *directory, const char *generation, const struct manifest *manifest,
                             unsigned index, char path[BACKUP_PATH_SIZE])
{
    if (index + 1 == manifest->segments.count)
        (void)snprintf(path, BACKUP_PATH_SIZE, "%.4000s/generations/%s/broker", directory, generation);
    else
        (void)snprintf(path, BACKUP_PATH_SIZE, "%.4000s/segments/%s", directory, manifest->segments.list[index].sha256);
}

/* ---- each file ---- */

struct checking {
    const char *directory, *generation;
    const struct manifest *manifest;
    struct pace *pace;
    struct buffer why;
    unsigned faults;
};

static void found(struct checking *checking, const char *path, const char *what)
{
    complain("%s: %s", path, what);
    checking->faults++;
    buffer_reset(&checking->why);
}

static void check_sum(struct checking *checking, const char *path, const char *sha256)
{
    struct file_sum sum;
    if (file_sum(path, checking->pace, &sum, &checking->why) != OK)
        found(checking, path, buffer_text(&checking->why));
    else if (strcmp(sum.sha256, sha256) != 0)
        found(checking, path, said("SHA-256 与清单不符", "its SHA-256 is not that of the manifest"));
}

static void check_files(struct checking *checking)
{
    char path[BACKUP_PATH_SIZE + MANIFEST_PATH_SIZE];
    for (unsigned i = 0; i < checking->manifest->file_count; i++) {
        const struct manifest_file *file = &checking->manifest->files[i];
        (void)snprintf(path, sizeof path, "%s/generations/%s/%s", checking->directory, checking->generation,
                       file->path);
        check_sum(checking, path, file->sha256);
    }
}

/* ---- the log ---- */

static void check_segments(struct checking *checking)
{
    struct segment_seen *seen = calloc(2, sizeof *seen);
    char home[BACKUP_PATH_SIZE], path[BACKUP_PATH_SIZE + 32];
    const struct kept_segments *segments = &checking->manifest->segments;
    INVARIANT(seen != NULL);
    for (unsigned i = 0; i < segments->count; i++) {
        const struct kept_segment *segment = &segments->list[i];
        generation_segment_home(checking->directory, checking->generation, checking->manifest, i, home);
        (void)snprintf(path, sizeof path, "%s/seg-%08u/data.mdb", home, segment->number);
        check_sum(checking, path, segment->sha256);
        struct log_check check = {.directory = home, .segment = segment->number, .look = LOOK_BATCHES};
        if (log_check_segment(&check, &seen[1], &checking->why) != OK)
            found(checking, path, buffer_text(&checking->why));
        else if (log_check_follows(&seen[0], &seen[1], segment->number, &checking->why) != OK)
            found(checking, path, buffer_text(&checking->why));
        seen[0] = seen[1];
    }
    free(seen);
}

/* ---- states ---- */

/* Read only: a backup is not written to, but for the lock that LMDB leaves. */
static void check_digests(struct checking *checking)
{
    for (unsigned i = 0; i < checking->manifest->state_count; i++) {
        const struct manifest_state *state = &checking->manifest->states[i];
        char path[BACKUP_PATH_SIZE], lock[BACKUP_PATH_SIZE + 16], digest[SHA256_TEXT_SIZE] = "";
        uint64_t position = 0;
        (void)snprintf(path, sizeof path, "%.4000s/generations/%s/states/%s-%llu", checking->directory,
                       checking->generation, state->name, (unsigned long long)checking->manifest->position);
        if (state_look(path, &position, digest, &checking->why) != OK)
            found(checking, path, buffer_text(&checking->why));
        else if (position != checking->manifest->position || strcmp(digest, state->digest) != 0)
            found(checking, path, said("散列值与清单不符", "its digest is not that of the manifest"));
        (void)snprintf(lock, sizeof lock, "%s/lock.mdb", path); /* LMDB's, of the look */
        (void)unlink(lock);
    }
}

int generation_check(const char *directory, const char *generation, bool digests, struct pace *pace)
{
    struct manifest manifest;
    struct checking checking = {directory, generation, &manifest, pace, {0}, 0};
    if (generation_manifest(directory, generation, &manifest, &checking.why) != OK) {
        complain("%s", buffer_text(&checking.why));
        buffer_fini(&checking.why);
        return CLI_DIFFERENT;
    }
    check_files(&checking);
    check_segments(&checking);
    if (digests && checking.faults == 0)
        check_digests(&checking);
    progress_end();
    manifest_fini(&manifest);
    buffer_fini(&checking.why);
    return checking.faults == 0 ? CLI_OK : CLI_DIFFERENT;
}

/* ---- what goes ---- */

static bool names_segment(const struct manifest *manifest, const char *sha256)
{
    for (unsigned i = 0; i < manifest->segments.count; i++)
        if (strcmp(manifest->segments.list[i].sha256, sha256) == 0)
            return true;
    return false;
}

/* What no generation names any more; nothing goes where one cannot be read. */
static void sweep(const char *directory, const struct manifest *manifests, unsigned count)
{
    char path[BACKUP_PATH_SIZE], segment[BACKUP_PATH_SIZE + 300];
    (void)snprintf(path, sizeof path, "%.4000s/segments", directory);
    DIR *listed = opendir(path);
    for (const struct dirent *entry; listed != NULL && (entry = readdir(listed)) != NULL;) {
        bool named = entry->d_name[0] == '.';
        for (unsigned i = 0; i < count; i++)
            named = named || names_segment(&manifests[i], entry->d_name);
        (void)snprintf(segment, sizeof segment, "%s/%s", path, entry->d_name);
        if (!named)
            (void)directory_remove(segment);
    }
    if (listed != NULL)
        (void)closedir(listed);
}

/* A segment of this number is another one now. */
static bool is_outlived(const struct manifest *newest, const struct manifest *older)
{
    for (unsigned i = 0; i + 1 < older->segments.count; i++) {
        const struct kept_segment *now = kept_segments_find(&newest->segments, older->segments.list[i].number);
        if (now != NULL && older->log == newest->log && strcmp(now->sha256, older->segments.list[i].sha256) != 0)
            return true;
    }
    return false;
}

static bool remove_generation(const char *directory, const char *name)
{
    char from[BACKUP_PATH_SIZE], to[BACKUP_PATH_SIZE + 8];
    (void)snprintf(from, sizeof from, "%.4000s/generations/%.63s", directory, name);
    (void)snprintf(to, sizeof to, "%s.gone", from); /* half of one is none */
    return rename(from, to) == 0 && directory_remove(to);
}

void generations_clear(const char *directory)
{
    char path[BACKUP_PATH_SIZE], left[BACKUP_PATH_SIZE + 300];
    (void)snprintf(path, sizeof path, "%.4000s/generations", directory);
    DIR *listed = opendir(path);
    for (const struct dirent *entry; listed != NULL && (entry = readdir(listed)) != NULL;) {
        const char *dot = strrchr(entry->d_name, '.');
        (void)snprintf(left, sizeof left, "%s/%s", path, entry->d_name);
        if (dot != NULL && (strcmp(dot, ".gone") == 0 || strcmp(dot, ".part") == 0))
            (void)directory_remove(left);
    }
    if (listed != NULL)
        (void)closedir(listed);
}

unsigned generations_prune(const char *directory, unsigned keep, const struct manifest *newest, unsigned *outlived)
{
    static char names[GENERATIONS_MAX][GENERATION_NAME_SIZE];
    unsigned count = generations_list(directory, names), left = 0, removed = 0;
    struct manifest *manifests = calloc(count + 1, sizeof *manifests);
    struct buffer why = {0};
    bool readable = true;
    INVARIANT(manifests != NULL);
    *outlived = 0;
    for (unsigned i = 0; i < count; i++) {
        bool beyond = keep > 0 && count - i > keep;
        if (beyond && remove_generation(directory, names[i])) {
            removed++;
            continue;
        }
        buffer_reset(&why);
        if (generation_manifest(directory, names[i], &manifests[left], &why) != OK) {
            complain("%s: %s", names[i], buffer_text(&why));
            readable = false;
            continue;
        }
        *outlived += is_outlived(newest, &manifests[left]);
        left++;
    }
    if (readable)
        sweep(directory, manifests, left);
    for (unsigned i = 0; i < left; i++)
        manifest_fini(&manifests[i]);
    free(manifests);
    buffer_fini(&why);
    return removed;
}
