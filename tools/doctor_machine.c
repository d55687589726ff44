/* SPDX-License-Identifier: Apache-2.0
 * The machine. */
#include "tools/doctor_machine.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "broker/log.h"
#include "broker/log_check.h"
#include "common/base/check.h"
#include "tools/config_check.h"

enum {
    PATH_SIZE = 4096 + 300,
    WHERE_SIZE = 256,
    DAY_MS = 86400000,
    GROWTH_DAYS = 7, /* a week has all its days */
    FILLS_DAYS = 30,
    BACKUP_DAYS = 2,
    CLOCK_MS_MAX = 2000,
    FILES_MIN = 4096,
    LOCKED_BYTES_MIN = 1 << 20
};

/* ---- configuration, directories ---- */

static void check_config(struct doctor *doctor)
{
    struct config config;
    struct config_file *file = calloc(1, sizeof *file);
    char where[PATH_SIZE];
    INVARIANT(file != NULL);
    bool read = config_check(doctor->cli->config_path, &config, file);
    for (unsigned i = 0; i < file->fault_count; i++) {
        (void)snprintf(where, sizeof where, "%s:%u", doctor->cli->config_path, file->faults[i].line);
        doctor_found(doctor, FINDING_CONFIG_FAULT, where, said(file->faults[i].zh, file->faults[i].en));
    }
    if (read)
        config_fini(&config);
    free(file);
}

static void check_directory(struct doctor *doctor, const char *path)
{
    struct stat directory;
    if (stat(path, &directory) == 0 && (directory.st_mode & S_IWOTH) != 0 && (directory.st_mode & S_ISVTX) == 0)
        doctor_found(doctor, FINDING_DIRECTORY_OPEN, path, "");
}

/* Without a log nothing is missing yet. */
static void check_places(struct doctor *doctor)
{
    static const char *const secrets[] = {"server.key_secret", "exchange-signing.pem_secret",
                                          "audit-signing.pem_secret"};
    const struct config *config = &doctor->cli->config;
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/parties", config->key_directory);
    check_directory(doctor, config->data_directory);
    check_directory(doctor, config->run_directory);
    check_directory(doctor, config->key_directory);
    check_directory(doctor, path);
    (void)snprintf(path, sizeof path, "%s/broker", config->data_directory);
    bool begun = access(path, F_OK) == 0;
    for (unsigned i = 0; begun && i < sizeof secrets / sizeof secrets[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", config->key_directory, secrets[i]);
        if (access(path, F_OK) != 0)
            doctor_found(doctor, FINDING_KEY_MISSING, path, "");
    }
    (void)snprintf(path, sizeof path, "%s/first_start", config->data_directory);
    if (access(path, F_OK) == 0)
        doctor_found(doctor, FINDING_FIRST_START, path, "");
    (void)snprintf(path, sizeof path, "%s/evidence", config->data_directory);
    DIR *evidence = opendir(path);
    bool some = false;
    for (struct dirent *entry; evidence != NULL && (entry = readdir(evidence)) != NULL;)
        some = some || entry->d_name[0] != '.';
    if (evidence != NULL)
        (void)closedir(evidence);
    if (some)
        doctor_found(doctor, FINDING_CONTRADICTION, path, "");
}

/* ---- disk and clock ---- */

static instant_ms_t written_at(const struct stat *file)
{
    return (instant_ms_t)file->st_mtim.tv_sec * 1000 + file->st_mtim.tv_nsec / 1000000;
}

/* What the log grew by in the last week, by its segments: each was written to from the end of the one before on. */
static uint64_t growth(const char *log, instant_ms_t now, int64_t *span_ms, instant_ms_t *latest)
{
    uint32_t numbers[LOG_SEGMENTS_COUNT_MAX];
    int count = log_segment_numbers(log, numbers);
    instant_ms_t before = 0, since = 0;
    uint64_t grown = 0;
    struct stat file;
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/owner.lock", log); /* made with the log, and never written to */
    if (stat(path, &file) == 0)
        before = written_at(&file);
    *latest = 0;
    for (int i = 0; i < count; i++) {
        (void)snprintf(path, sizeof path, "%s/seg-%08" PRIu32 "/data.mdb", log, numbers[i]);
        if (stat(path, &file) != 0)
            continue;
        *latest = written_at(&file);
        if (*latest > now - (int64_t)GROWTH_DAYS * DAY_MS && before != 0) {
            since = since == 0 ? before : since;
            grown += (uint64_t)file.st_blocks * 512;
        }
        before = *latest;
    }
    *span_ms = since == 0 ? 0 : now - since;
    return grown;
}

static void check_disk(struct doctor *doctor, instant_ms_t now)
{
    char log[PATH_SIZE - 64], where[WHERE_SIZE];
    struct statvfs disk;
    int64_t span_ms;
    instant_ms_t latest;
    (void)snprintf(log, sizeof log, "%s/broker", doctor->cli->config.data_directory);
    if (statvfs(log, &disk) != 0)
        return;
    uint64_t free = (uint64_t)disk.f_bavail * disk.f_frsize, reserve = (uint64_t)DISK_RESERVE_MIB << 20,
             grown = growth(log, now, &span_ms, &latest);
    int64_t days = doctor_days_left(free > reserve ? free - reserve : 0, grown, span_ms);
    (void)snprintf(where, sizeof where,
                   said("剩余 %llu MiB，其中 %llu 须保留", "%llu MiB free of which %llu stay free"),
                   (unsigned long long)free >> 20, (unsigned long long)reserve >> 20);
    if (free < 4 * reserve)
        doctor_found(doctor, FINDING_DISK_LOW, log, where);
    (void)snprintf(where, sizeof where, said("每日 %llu MiB，还有 %lld 日", "%llu MiB a day, %lld days"),
                   (unsigned long long)(span_ms > 0 ? (uint64_t)((__int128)grown * DAY_MS / span_ms) >> 20 : 0),
                   (long long)days);
    if (days >= 0 && days < FILLS_DAYS)
        doctor_found(doctor, FINDING_DISK_FILLS, log, where);
    (void)snprintf(where, sizeof where, said("%lld 秒", "%lld s"), (long long)(latest - now) / 1000);
    if (latest > now + CLOCK_MS_MAX)
        doctor_found(doctor, FINDING_CLOCK_BEHIND, log, where);
}

static void check_clock(struct doctor *doctor)
{
    struct timex clock = {.modes = 0};
    int state = adjtimex(&clock); /* -1: this system does not tell */
    if (state == TIME_ERROR || (state >= 0 && (clock.status & STA_UNSYNC) != 0))
        doctor_found(doctor, FINDING_CLOCK_FREE, "adjtimex", "");
}

/* ---- limits, backups ---- */

/* -1: unlimited, or not told. */
static long long limit_of(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    char *end;
    if (at == NULL)
        return -1;
    at += strlen(name);
    long long soft = strtoll(at, &end, 10);
    return end == at ? -1 : soft;
}

void doctor_limits(struct doctor *doctor, const char *name, int pid)
{
    char path[64], text[4096], where[WHERE_SIZE];
    (void)snprintf(path, sizeof path, "/proc/%d/limits", pid);
    FILE *file = fopen(path, "r");
    size_t size = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file != NULL)
        (void)fclose(file);
    text[size] = 0;
    long long files = limit_of(text, "Max open files"), locked = limit_of(text, "Max locked memory");
    (void)snprintf(where, sizeof where, "%lld", files);
    if (files >= 0 && files < FILES_MIN)
        doctor_found(doctor, FINDING_FILES_FEW, name, where);
    (void)snprintf(where, sizeof where, "%lld KiB", locked / 1024);
    if (locked >= 0 && locked < LOCKED_BYTES_MIN)
        doctor_found(doctor, FINDING_MEMORY_UNLOCKED, name, where);
}

static void check_backup(struct doctor *doctor, instant_ms_t now)
{
    char path[PATH_SIZE], where[WHERE_SIZE];
    (void)snprintf(path, sizeof path, "%s/last_backup", doctor->cli->config.data_directory);
    json_t *last = json_load_file(path, 0, NULL);
    instant_ms_t at = cli_integer(last, "at");
    (void)snprintf(where, sizeof where, said("%lld 日之前", "%lld days ago"), (long long)(now - at) / DAY_MS);
    if (last == NULL)
        doctor_found(doctor, FINDING_BACKUP_NONE, path, "");
    else if (now - at > (int64_t)BACKUP_DAYS * DAY_MS)
        doctor_found(doctor, FINDING_BACKUP_OLD, path, where);
    json_decref(last);
}

void doctor_machine(struct doctor *doctor, instant_ms_t now)
{
    check_config(doctor);
    check_places(doctor);
    check_disk(doctor, now);
    check_clock(doctor);
    check_backup(doctor, now);
}
