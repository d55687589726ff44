/* SPDX-License-Identifier: Apache-2.0
 * Snapshots in a directory. */
#include "tools/snapshot.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

bool snapshot_find(const char *path, const char *state, uint64_t from, uint64_t *position)
{
    bool found = false;
    size_t size = strlen(state);
    DIR *directory = opendir(path);
    for (const struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
        char *end = NULL;
        if (strncmp(entry->d_name, state, size) != 0)
            continue;
        uint64_t at = strtoull(entry->d_name + size, &end, 10);
        if (end == entry->d_name + size || *end != 0 || at < from || (found && at > *position))
            continue;
        found = true;
        *position = at;
    }
    if (directory != NULL)
        (void)closedir(directory);
    return found;
}
