/* SPDX-License-Identifier: Apache-2.0
 * Generations that go, and the segments that nobody names any more. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "tools/backup.h"

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

void backup_clear(const char *directory)
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

void backup_prune(const struct backup_options *options, const struct manifest *newest, struct backup_made *made)
{
    static char names[GENERATIONS_MAX][GENERATION_NAME_SIZE];
    unsigned count = backup_generations(options->directory, names), left = 0;
    struct manifest *manifests = calloc(count + 1, sizeof *manifests);
    struct buffer why = {0};
    bool readable = true;
    INVARIANT(manifests != NULL);
    for (unsigned i = 0; i < count; i++) {
        bool beyond = options->keep > 0 && count - i > options->keep;
        if (beyond && remove_generation(options->directory, names[i])) {
            made->removed++;
            continue;
        }
        buffer_reset(&why);
        if (backup_manifest(options->directory, names[i], &manifests[left], &why) != OK) {
            complain("%s: %s", names[i], buffer_text(&why));
            readable = false;
            continue;
        }
        made->outlived += is_outlived(newest, &manifests[left]);
        left++;
    }
    if (readable)
        sweep(options->directory, manifests, left);
    for (unsigned i = 0; i < left; i++)
        manifest_fini(&manifests[i]);
    free(manifests);
    buffer_fini(&why);
}
