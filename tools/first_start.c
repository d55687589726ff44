/* SPDX-License-Identifier: Apache-2.0
 * The first start of an exchange. Every message's id is made from its content, so that whatever was sent before a crash
 * is the same message when it is sent again. */
#include "tools/first_start.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/codes/logic.h"
#include "common/net/loop.h"
#include "tools/logic_send.h"
#include "tools/reference_load.h"

enum { PATH_SIZE = 4096 + 300, FILES_MAX = 64, TRACE_FROM = 19900101 };

static void note_path(const struct cli *cli, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/first_start", cli->config.data_directory);
}

bool first_start_note(struct cli *cli)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/broker", cli->config.data_directory);
    if (access(path, F_OK) == 0)
        return true;
    note_path(cli, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    bool noted = fd >= 0 && fsync(fd) == 0;
    if (!noted)
        complain("cannot write %s: %s", path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return noted;
}

/* Installed beside the programs, or in the tree that they were built in. */
static DIR *open_tables(const char *programs, char directory[PATH_SIZE])
{
    static const char *const places[] = {"../share/hutong/gazette", "../../../data/gazette"};
    DIR *found = NULL;
    for (unsigned i = 0; found == NULL && i < sizeof places / sizeof places[0]; i++) {
        (void)snprintf(directory, PATH_SIZE, "%.4000s/%s", programs, places[i]);
        found = opendir(directory);
    }
    if (found == NULL)
        complain("no published tables beside %s: share/hutong/gazette is missing; hutong up --bare does without",
                 programs);
    return found;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Names of the tables' files, ascending: the order on the log is the same everywhere. */
static size_t list_tables(DIR *directory, char *names[FILES_MAX])
{
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL && count < FILES_MAX;) {
        size_t size = strlen(entry->d_name);
        if (size > 4 && strcmp(entry->d_name + size - 4, ".csv") == 0)
            names[count++] = strdup(entry->d_name);
    }
    qsort(names, count, sizeof names[0], by_name);
    return count;
}

static int publish(struct cli *cli, const char *programs)
{
    char path[PATH_SIZE], directory[PATH_SIZE], *names[FILES_MAX];
    instant_ms_t at = cli->config.trace_clock ? civil_date_start(TRACE_FROM) : 0;
    uint64_t position;
    int code = CLI_OK;
    DIR *tables = open_tables(programs, directory);
    if (tables == NULL)
        return CLI_FAILED;
    size_t count = list_tables(tables, names);
    (void)closedir(tables);
    for (size_t i = 0; i < count; i++) {
        if (code == CLI_OK && (size_t)snprintf(path, sizeof path, "%.4000s/%s", directory, names[i]) < sizeof path)
            code = reference_load_first(cli, path, at);
        free(names[i]);
    }
    return code == CLI_OK ? logic_send(cli, LOGIC_VERSION_KNOWN, "first start", at, &position) : code;
}

int first_start_publish(struct cli *cli, const char *programs)
{
    char note[PATH_SIZE];
    note_path(cli, note);
    if (access(note, F_OK) != 0) {
        uint32_t version = logic_in_force(cli);
        if (version != 0 && version < LOGIC_VERSION_KNOWN)
            (void)fprintf(
                stderr,
                "hutong: this log goes by version %u of the rules, this build knows %d; hutong logic says what "
                "changes and how to go on\n",
                version, LOGIC_VERSION_KNOWN);
        return CLI_OK;
    }
    const char *as = cli->as;
    cli->as = NULL;
    int code = publish(cli, programs);
    cli->as = as;
    if (code == CLI_OK)
        (void)unlink(note);
    return code;
}
