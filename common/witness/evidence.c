/* SPDX-License-Identifier: Apache-2.0
 * Evidence. */
#include "common/witness/evidence.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/digest.h"
#include "common/store/kept_file.h"
#include "common/store/store_check.h"

static unsigned count_in(const char *directory)
{
    unsigned count = 0;
    DIR *dir = opendir(directory);
    while (dir != NULL && readdir(dir) != NULL)
        count++;
    if (dir != NULL)
        (void)closedir(dir);
    return count;
}

static enum status keep_file(const char *place, const char *name, struct span bytes)
{
    char path[4096];
    return snprintf(path, sizeof path, "%s/%s", place, name) < (int)sizeof path ? kept_file_write(path, bytes)
                                                                                : FATAL_IO;
}

enum status evidence_keep(const char *directory, const char *why, struct span first, struct span second)
{
    uint8_t hash[DIGEST_SIZE];
    char place[4096], name[17];
    struct buffer text = {0};
    struct digest *digest = digest_new();
    digest_start(digest);
    digest_add(digest, first);
    digest_add(digest, second);
    digest_finish(digest, hash);
    digest_destroy(&digest);
    digest_hex(hash, 8, name);
    if (snprintf(place, sizeof place, "%s/%s", directory, name) >= (int)sizeof place)
        return FATAL_IO;
    if (access(place, F_OK) == 0)
        return REJECT_CONFLICT;
    if (count_in(directory) >= EVIDENCE_COUNT_MAX)
        return RETRY_FULL;
    buffer_printf(&text, "%s\n", why);
    enum status status = store_make_directory(place, &text);
    if (status == OK)
        status = keep_file(place, "why.txt", buffer_span(&text));
    if (status == OK)
        status = keep_file(place, "first.checkpoint", first);
    if (status == OK)
        status = keep_file(place, "second.checkpoint", second);
    buffer_fini(&text);
    return status;
}
