/* SPDX-License-Identifier: Apache-2.0
 * The log, as it lies. */
#include "tools/doctor_log.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "broker/log_check.h"
#include "common/base/check.h"
#include "common/store/store_check.h"

enum { PATH_SIZE = 4096 + 300 };

static const char *const log_files[] = {".", "..", "owner.lock", "checkpoint", "incarnation", NULL};
static const char *const segment_files[] = {".", "..", "data.mdb", "lock.mdb", NULL};

static void strangers(struct doctor *doctor, const char *directory, const char *const *names, bool segments)
{
    char path[PATH_SIZE];
    DIR *listed = opendir(directory);
    for (struct dirent *entry; listed != NULL && (entry = readdir(listed)) != NULL;) {
        bool segment = strlen(entry->d_name) == 12 && strncmp(entry->d_name, "seg-", 4) == 0;
        if (doctor_is_one_of(entry->d_name, names) || (segments && segment))
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        doctor_found(doctor, FINDING_NOT_OURS, path, "");
    }
    if (listed != NULL)
        (void)closedir(listed);
}

static void gone(struct doctor *doctor, const char *directory, unsigned long long number)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/seg-%08llu/data.mdb", directory, number);
    doctor_found(doctor, FINDING_SEGMENT_GONE, path, "");
}

/* `seen`: the one before, and this one. */
static void check_segment(struct doctor *doctor, const struct log_check *check, bool newest, bool live,
                          struct segment_seen seen[2])
{
    char path[PATH_SIZE];
    struct buffer why;
    buffer_init(&why);
    (void)snprintf(path, sizeof path, "%s/seg-%08u", check->directory, check->segment);
    strangers(doctor, path, segment_files, false);
    (void)snprintf(path, sizeof path, "%s/seg-%08u/data.mdb", check->directory, check->segment);
    enum status status =
        newest && live ? log_check_live(check, &seen[1], &why) : log_check_segment(check, &seen[1], &why);
    doctor->segments++;
    if (status == REJECT_NOT_FOUND && !newest)
        gone(doctor, check->directory, check->segment);
    else if (status != OK && status != REJECT_NOT_FOUND)
        doctor_found(doctor,
                     newest                    ? FINDING_NEWEST_DAMAGED
                     : status == FATAL_CORRUPT ? FINDING_BATCH_DAMAGED
                                               : FINDING_SEGMENT_DAMAGED,
                     path, buffer_text(&why));
    buffer_reset(&why);
    if (status == OK || status == FATAL_CORRUPT) {
        if (log_check_follows(&seen[0], &seen[1], check->segment, &why) != OK)
            doctor_found(doctor, FINDING_SEGMENT_OTHER, path, buffer_text(&why));
        seen[0] = seen[1];
    } else {
        seen[0].stream_count = 0; /* where it ends is not known */
    }
    buffer_fini(&why);
}

/* What the newest segment knows of the others, and what was seen of it. */
static void check_ends(struct doctor *doctor, const char *directory, const uint32_t *numbers, unsigned count, bool live,
                       const struct segment_seen *newest)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/checkpoint", directory);
    struct checkpoint seen = store_checkpoint_look(path);
    for (uint64_t i = newest->words.oldest; i != OLDEST_UNKNOWN && i < numbers[0]; i++)
        gone(doctor, directory, i);
    if (seen.cursor > numbers[count - 1])
        gone(doctor, directory, seen.cursor);
    else if (!live && seen.cursor == numbers[count - 1] && newest->transaction < seen.transaction)
        doctor_found(doctor, FINDING_LOG_OLDER, directory, "");
}

void doctor_log(struct doctor *doctor, const char *directory)
{
    uint32_t numbers[LOG_SEGMENTS_COUNT_MAX];
    int count = log_segment_numbers(directory, numbers);
    bool live = doctor_in_use(directory);
    struct segment_seen *seen = calloc(2, sizeof *seen);
    INVARIANT(seen != NULL);
    seen[0].words.oldest = OLDEST_UNKNOWN;
    if (count <= 0)
        gone(doctor, directory, 0);
    else
        strangers(doctor, directory, log_files, true);
    for (int i = 0; i < count; i++) {
        struct log_check check = {.directory = directory, .segment = numbers[i], .look = LOOK_BATCHES};
        for (uint32_t lacks = i > 0 ? numbers[i - 1] + 1 : numbers[i]; lacks < numbers[i]; lacks++)
            gone(doctor, directory, lacks);
        check_segment(doctor, &check, i + 1 == count, live, seen);
    }
    if (count > 0)
        check_ends(doctor, directory, numbers, (unsigned)count, live, &seen[0]);
    free(seen);
}
