/* SPDX-License-Identifier: Apache-2.0
 * Files of the run directory, and locks of the data directory. */
#include "tools/daemons.h"

#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "common/net/loop.h"

enum { PATH_SIZE = 4096 + 128, LOOK_MS = 20, STOP_MS = 10000, LET_GO_MS = 10000, LAST_WORDS_SIZE = 8192 };

bool daemons_at(const struct cli *cli, unsigned index, const char **service, uint32_t *partition)
{
    for (unsigned i = 0; i < SERVICE_COUNT; i++) {
        bool wanted = i != SERVICE_ROW_console || cli->config.console_endpoint[0] != 0;
        uint32_t processes = wanted ? service_processes(&service_rows[i], cli->config.partitions) : 0;
        *service = service_rows[i].name;
        *partition = index;
        if (index < processes)
            return true;
        index -= processes;
    }
    return false;
}

static void run_path(const struct cli *cli, const char *service, uint32_t partition, const char *kind,
                     char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/%s-%u.%s", cli->config.run_directory, service, partition, kind);
}

void daemon_diary_path(const struct cli *cli, const char *service, uint32_t partition, char *path, size_t size)
{
    (void)snprintf(path, size, "%s/log/%s-%u.log", cli->config.data_directory, service, partition);
}

/* ---- who lives ---- */

/* The lock outlives exec: the file stays open, and is the daemon's from then on. */
bool daemon_claim(const struct cli *cli, const char *service, uint32_t partition)
{
    char path[PATH_SIZE], text[16];
    run_path(cli, service, partition, "pid", path);
    int fd = open(path, O_RDWR | O_CREAT, 0644);
    int size = snprintf(text, sizeof text, "%d\n", (int)getpid());
    return fd >= 0 && flock(fd, LOCK_EX) == 0 && ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)size, 0) == size;
}

pid_t daemon_alive(const struct cli *cli, const char *service, uint32_t partition)
{
    char path[PATH_SIZE], text[16] = "";
    run_path(cli, service, partition, "pid", path);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return 0;
    bool alive = flock(fd, LOCK_EX | LOCK_NB) != 0 && pread(fd, text, sizeof text - 1, 0) > 0;
    (void)close(fd);
    long pid = alive ? strtol(text, NULL, 10) : 0;
    return pid > 1 ? (pid_t)pid : 0;
}

void daemon_forget(const struct cli *cli, const char *service, uint32_t partition)
{
    char path[PATH_SIZE];
    run_path(cli, service, partition, "pid", path);
    (void)unlink(path);
    run_path(cli, service, partition, "ended", path);
    (void)unlink(path);
}

/* ---- who was given up ---- */

/* `detail` of the last event in a daemon's diary. */
static void last_words(const struct cli *cli, const char *service, uint32_t partition, struct buffer *out)
{
    char path[PATH_SIZE], text[LAST_WORDS_SIZE + 1];
    daemon_diary_path(cli, service, partition, path, sizeof path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t end = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
    ssize_t got = fd < 0 ? 0 : pread(fd, text, LAST_WORDS_SIZE, end > LAST_WORDS_SIZE ? end - LAST_WORDS_SIZE : 0);
    if (fd >= 0)
        (void)close(fd);
    text[got > 0 ? got : 0] = 0;
    size_t size = strlen(text);
    while (size > 0 && text[size - 1] == '\n')
        text[--size] = 0;
    const char *line = strrchr(text, '\n');
    json_t *event = json_loads(line == NULL ? text : line + 1, 0, NULL);
    buffer_append_text(out, cli_text(event, "detail"));
    json_decref(event);
}

void daemon_give_up(const struct cli *cli, const char *service, uint32_t partition, int code)
{
    char path[PATH_SIZE];
    struct buffer words = {0};
    last_words(cli, service, partition, &words);
    run_path(cli, service, partition, "ended", path);
    FILE *file = fopen(path, "w");
    if (file != NULL) {
        (void)fprintf(file, "ended with code %d: %s", code, buffer_text(&words));
        (void)fclose(file);
    }
    buffer_fini(&words);
}

bool daemon_is_given_up(const struct cli *cli, const char *service, uint32_t partition, struct buffer *why)
{
    char path[PATH_SIZE], text[LAST_WORDS_SIZE];
    run_path(cli, service, partition, "ended", path);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    buffer_append(why, text, fread(text, 1, sizeof text, file));
    (void)fclose(file);
    return true;
}

/* ---- ending ---- */

static unsigned end_service(const struct cli *cli, const struct service_row *row)
{
    unsigned ended = 0, living = 0;
    int64_t until_us = loop_monotonic_us() + STOP_MS * 1000;
    do {
        bool by_force = loop_monotonic_us() > until_us;
        living = 0;
        for (uint32_t p = 0; p < PARTITION_COUNT_MAX; p++) { /* of another configuration's number too */
            pid_t pid = daemon_alive(cli, row->name, p);
            if (pid == 0)
                continue;
            living++;
            (void)kill(pid, by_force ? SIGKILL : SIGTERM);
        }
        ended = living > ended ? living : ended;
        if (living > 0)
            (void)nanosleep(&(struct timespec){0, LOOK_MS * 1000000}, NULL);
    } while (living > 0);
    for (uint32_t p = 0; p < PARTITION_COUNT_MAX; p++)
        daemon_forget(cli, row->name, p);
    return ended;
}

unsigned daemons_end(const struct cli *cli)
{
    unsigned ended = 0;
    for (unsigned i = 1; i <= SERVICE_COUNT; i++)
        ended += end_service(cli, &service_rows[i % SERVICE_COUNT]);
    return ended;
}

static bool is_held(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    bool held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0;
    if (fd >= 0)
        (void)close(fd);
    return held;
}

bool daemons_let_go(const struct cli *cli)
{
    char pattern[PATH_SIZE];
    glob_t locks = {0};
    int64_t until_us = loop_monotonic_us() + LET_GO_MS * 1000;
    const char *held;
    (void)snprintf(pattern, sizeof pattern, "%s/*/owner.lock", cli->config.data_directory);
    (void)glob(pattern, 0, NULL, &locks);
    do {
        held = NULL;
        for (size_t i = 0; i < locks.gl_pathc && held == NULL; i++)
            held = is_held(locks.gl_pathv[i]) ? locks.gl_pathv[i] : NULL;
        if (held != NULL)
            (void)nanosleep(&(struct timespec){0, LOOK_MS * 1000000}, NULL);
    } while (held != NULL && loop_monotonic_us() < until_us);
    if (held != NULL)
        complain(said("%s 被不是由 hutong up 启动的进程占用：请结束它，再执行 hutong down",
                      "a process that hutong up did not start has %s: end it, and say hutong down again"),
                 held);
    globfree(&locks);
    return held == NULL;
}
