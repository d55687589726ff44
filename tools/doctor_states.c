/* SPDX-License-Identifier: Apache-2.0
 * States and keys, as they lie. */
#include "tools/doctor_states.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/sign/sign.h"
#include "common/store/described.h"
#include "common/store/page_sums.h"
#include "common/store/store_check.h"

enum { DIRECTORY_SIZE = 4096 + 300, PATH_SIZE = DIRECTORY_SIZE + 300, LOOKS_MAX = 5, LOOK_MS = 20 };

static const char *const state_files[] = {".",          "..",       "data.mdb",   "lock.mdb",       "owner.lock",
                                          "checkpoint", "attempts", "pages.sums", "pages.sums.new", NULL};

static void strangers(struct doctor *doctor, const char *directory)
{
    char path[PATH_SIZE];
    DIR *listed = opendir(directory);
    for (struct dirent *entry; listed != NULL && (entry = readdir(listed)) != NULL;) {
        if (doctor_is_one_of(entry->d_name, state_files) || strncmp(entry->d_name, "recent-", 7) == 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        doctor_found(doctor, FINDING_NOT_OURS, path, "");
    }
    if (listed != NULL)
        (void)closedir(listed);
}

/* Its owner may write meanwhile: what is on its way is looked at again. */
static enum status check_pages(const char *directory, struct buffer *why)
{
    enum status status = FATAL_DAMAGED;
    uint64_t pages;
    for (unsigned i = 0; i < LOOKS_MAX && status == FATAL_DAMAGED; i++) {
        if (i > 0)
            (void)nanosleep(&(struct timespec){0, LOOK_MS * 1000000L}, NULL);
        buffer_reset(why);
        status = page_sums_look(directory, why);
    }
    return status == OK ? page_sums_check(directory, &pages, why) : status;
}

/* Its rows, through LMDB, once its pages are known to be what was written. */
static enum status check_rows(const char *directory, const char *name, const struct store_described *described,
                              uint64_t *cursor, struct buffer *why)
{
    struct store_txn *txn;
    struct store *store;
    struct store_options options = {.directory = directory,
                                    .tables = described->tables,
                                    .table_count = described->table_count,
                                    .format = described->format,
                                    .read_only = true,
                                    .older_format = FORMAT_BEFORE_OVERLAYS,
                                    .belongs = name};
    enum status status = store_open(&options, &store, why);
    for (; status == REJECT_NOT_FOUND && options.table_count > 1; options.table_count--) {
        buffer_reset(why); /* of a build that lacked the last table */
        status = store_open(&options, &store, why);
    }
    TRY(status);
    status = store_begin(store, false, &txn);
    if (status == OK) {
        *cursor = store_cursor(txn);
        store_abort(&txn);
    }
    store_close(&store);
    return status;
}

static void check_state(struct doctor *doctor, const char *directory, const char *file)
{
    struct store_described described;
    char path[PATH_SIZE], name[64];
    uint64_t cursor = 0;
    struct buffer why;
    if (!store_described(directory, &described))
        return;
    buffer_init(&why);
    enum doctor_finding damage = described.derived ? FINDING_STATE_DAMAGED : FINDING_CONFIRMED_DAMAGED;
    (void)snprintf(name, sizeof name, "%s%s", described.name, strchr(file, '-'));
    (void)snprintf(path, sizeof path, "%s/data.mdb", directory);
    doctor->states++;
    strangers(doctor, directory);
    enum status status = check_pages(directory, &why);
    if (status == REJECT_NOT_FOUND)
        doctor_found(doctor, access(path, F_OK) == 0 ? FINDING_STATE_UNSUMMED : FINDING_STATE_GONE, path, "");
    else if (status == OK && (status = check_rows(directory, name, &described, &cursor, &why)) == FATAL_CORRUPT &&
             strstr(buffer_text(&why), "belongs") != NULL)
        doctor_found(doctor, FINDING_STATE_OTHER, path, buffer_text(&why));
    else if (status != OK)
        doctor_found(doctor, damage, path, buffer_text(&why));
    (void)snprintf(path, sizeof path, "%s.seen", directory);
    if (status == OK && store_checkpoint_look(path).cursor > cursor && !doctor_in_use(directory))
        doctor_found(doctor, described.derived ? FINDING_STATE_OLDER : FINDING_CONFIRMED_DAMAGED, directory, "");
    buffer_fini(&why);
}

/* Its state is there, or was: a directory that stands beside its .seen. */
static void check_seen(struct doctor *doctor, const char *path)
{
    char directory[DIRECTORY_SIZE];
    struct store_described described;
    (void)snprintf(directory, sizeof directory, "%.*s", (int)(strlen(path) - strlen(".seen")), path);
    if (!store_described(directory, &described))
        doctor_found(doctor, FINDING_NOT_OURS, path, "");
    else if (access(directory, F_OK) != 0)
        doctor_found(doctor, described.derived ? FINDING_STATE_GONE : FINDING_CONFIRMED_DAMAGED, directory, "");
}

void doctor_states(struct doctor *doctor, const char *data_directory)
{
    static const char *const others[] = {".",        "..",      "broker",       "log", "checkpoint", "checkpoint.final",
                                         "evidence", "erasing", "erasure.json", NULL};
    char path[DIRECTORY_SIZE];
    struct store_described described;
    struct dirent **files;
    int count = scandir(data_directory, &files, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        const char *name = files[i]->d_name, *end = strrchr(name, '.');
        (void)snprintf(path, sizeof path, "%s/%s", data_directory, name);
        if (doctor_is_one_of(name, others)) {
            free(files[i]);
            continue;
        }
        if (end != NULL && strcmp(end, ".seen") == 0)
            check_seen(doctor, path);
        else if (!store_described(path, &described) || strspn(strchr(name, '-') + 1, "0123456789") == 0)
            doctor_found(doctor, FINDING_NOT_OURS, path, "");
        else if (end != NULL)
            doctor_found(doctor, FINDING_LEFTOVER, path, "");
        else
            check_state(doctor, path, name);
        free(files[i]);
    }
    if (count >= 0)
        free(files);
}

/* ---- keys ---- */

/* Who may read it, and whose it is. False: said what is wrong; then it is not read, as the daemons do not. */
static bool secret_is_safe(struct doctor *doctor, const char *path)
{
    struct stat file, data;
    char mode[32];
    if (stat(path, &file) != 0)
        return true; /* it may lie elsewhere */
    bool open = (file.st_mode & 077) != 0,
         other = stat(doctor->cli->config.data_directory, &data) == 0 && data.st_uid != file.st_uid;
    (void)snprintf(mode, sizeof mode, "%03o", file.st_mode & 0777);
    if (open)
        doctor_found(doctor, FINDING_KEY_OPEN, path, mode);
    if (other)
        doctor_found(doctor, FINDING_OWNER_DIFFERS, path, "");
    return !open && !other;
}

/* `other`: the secret half; it may lie elsewhere, or with its party alone. */
static void check_pair(struct doctor *doctor, const char *public, const char *other)
{
    struct key_pair mine, theirs = {0};
    struct buffer why = {0};
    doctor->keys++;
    bool safe = secret_is_safe(doctor, other);
    if (keys_load(public, &mine, &why) != OK)
        doctor_found(doctor, FINDING_KEY_DAMAGED, public, buffer_text(&why));
    else if (access(other, F_OK) == 0 && safe && (keys_load(other, &theirs, &why) != OK || theirs.secret_key[0] == 0))
        doctor_found(doctor, FINDING_KEY_DAMAGED, other, buffer_text(&why));
    else if (theirs.secret_key[0] != 0 &&
             (strcmp(mine.public_key, theirs.public_key) != 0 || strcmp(mine.party, theirs.party) != 0 ||
              strcmp(mine.role, theirs.role) != 0))
        doctor_found(doctor, FINDING_KEY_DIFFERS, public, other);
    explicit_bzero(&theirs, sizeof theirs);
    buffer_fini(&why);
}

/* NAME.pem_secret of a directory: keys that sign. */
static void check_signing(struct doctor *doctor, const char *directory)
{
    char path[PATH_SIZE];
    DIR *listed = opendir(directory);
    for (struct dirent *entry; listed != NULL && (entry = readdir(listed)) != NULL;) {
        const char *end = strrchr(entry->d_name, '.');
        struct sign_pair *pair = NULL;
        struct buffer why = {0};
        if (end == NULL || strcmp(end, ".pem_secret") != 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        doctor->keys++;
        if (secret_is_safe(doctor, path) && sign_pair_load(path, &pair, &why) != OK)
            doctor_found(doctor, FINDING_KEY_DAMAGED, path, buffer_text(&why));
        sign_pair_destroy(&pair);
        buffer_fini(&why);
    }
    if (listed != NULL)
        (void)closedir(listed);
}

void doctor_keys(struct doctor *doctor, const char *key_directory)
{
    char path[PATH_SIZE], other[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/server.key", key_directory);
    (void)snprintf(other, sizeof other, "%s/server.key_secret", key_directory);
    check_pair(doctor, path, other);
    (void)snprintf(path, sizeof path, "%s/parties", key_directory);
    DIR *listed = opendir(path);
    for (struct dirent *entry; listed != NULL && (entry = readdir(listed)) != NULL;) {
        size_t size = strlen(entry->d_name);
        if (size < 5 || strcmp(entry->d_name + size - 4, ".key") != 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/parties/%s", key_directory, entry->d_name);
        (void)snprintf(other, sizeof other, "%s/clients/%s_secret", key_directory, entry->d_name);
        check_pair(doctor, path, other);
    }
    if (listed != NULL)
        (void)closedir(listed);
    check_signing(doctor, key_directory);
    (void)snprintf(path, sizeof path, "%s/clients", key_directory);
    check_signing(doctor, path);
}
