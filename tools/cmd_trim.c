/* SPDX-License-Identifier: Apache-2.0
 * hutong trim: removes the oldest segments of the log, once what is in them stands elsewhere. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/log.h"
#include "tools/action.h"
#include "tools/archive.h"
#include "tools/asking.h"
#include "tools/generation.h"
#include "tools/snapshot.h"
#include "tools/trim.h"

/* ---- the broker ---- */

static int say_refused(const json_t *error)
{
    complain(said("拒绝：%s：%s；未删除任何内容", "refused: %s: %s; nothing was removed"), cli_text(error, "stream"),
             cli_text(error, "detail"));
    return CLI_DIFFERENT;
}

/* One request over every stream that the log has: what goes is below the position in all of them. */
static int ask_trim(struct cli *cli, uint64_t below, bool dry_run, json_t **trimmed)
{
    struct trim_bound bounds[LOG_STREAMS_COUNT_MAX];
    uint32_t count = 0;
    size_t index;
    json_t *stream;
    json_t *status = cli_member(cli_broker(cli, BUS_STATUS, (union bus_request_body){.status = {0}}, 5000), "status");
    json_array_foreach(json_object_get(status, "streams"), index, stream)
    {
        if (count < LOG_STREAMS_COUNT_MAX)
            bounds[count++] = (struct trim_bound){cli_text(stream, "stream"), below};
    }
    json_t *reply = NULL;
    if (status != NULL)
        reply = cli_broker(cli, BUS_TRIM, (union bus_request_body){.trim = {bounds, count, dry_run}}, 60000);
    json_decref(status);
    if (reply == NULL) {
        complain(said("代理没有应答", "the broker does not answer"));
        return CLI_UNREACHABLE;
    }
    const json_t *error = json_object_get(reply, "error");
    int code = error != NULL ? say_refused(error) : CLI_OK;
    *trimmed = json_incref(json_object_get(reply, "trimmed"));
    json_decref(reply);
    return code;
}

/* ---- what must stand elsewhere ---- */

static bool snapshots_reach(struct cli *cli, const char *path, uint64_t below)
{
    const char *service;
    uint32_t partition;
    for (unsigned i = 0; service_state_at(cli->config.partitions, i, &service, &partition); i++) {
        char name[SERVICE_STATE_NAME_SIZE], state[SERVICE_STATE_NAME_SIZE + 1];
        uint64_t position;
        service_state_name(service, partition, name);
        (void)snprintf(state, sizeof state, "%s-", name);
        if (snapshot_find(path, state, below, &position))
            continue;
        complain(said("%s 中没有 %sPOSITION 在 %llu 或其后的快照：先做快照（hutong snapshot %s），再删除",
                      "%s has no %sPOSITION at %llu or beyond: take a snapshot now (hutong snapshot %s), then trim"),
                 path, state, (unsigned long long)below, path);
        return false;
    }
    return true;
}

static bool archive_holds_log(const struct log *archive, const char *path, const json_t *trimmed)
{
    size_t index;
    const json_t *stream;
    json_array_foreach(json_object_get(trimmed, "streams"), index, stream)
    {
        const char *name = cli_text(stream, "stream");
        uint64_t from = (uint64_t)cli_integer(stream, "from"), to = (uint64_t)cli_integer(stream, "to");
        int found = log_find(archive, name);
        if (from == to || (found >= 0 && log_first(archive, found) <= from &&
                           log_state((struct log *)(uintptr_t)archive, found)->end >= to))
            continue;
        complain(
            said("%s 不含将被删除的 %s %llu..%llu：请重新复制日志（hutong down、cp -a、hutong up）",
                 "%s does not hold %s %llu..%llu, which would go: copy the log again (hutong down, cp -a, hutong up)"),
            path, name, (unsigned long long)from, (unsigned long long)to);
        return false;
    }
    return true;
}

/* A copy of data_directory or of its broker/, which is not the log itself. */
static bool copy_reaches(struct cli *cli, const char *given, const json_t *trimmed)
{
    char path[4096 + 16], own[4096 + 16];
    struct stat there, here;
    struct log *archive = NULL;
    struct buffer why = {0};
    (void)snprintf(path, sizeof path, "%s/broker", given);
    if (access(path, F_OK) != 0)
        (void)snprintf(path, sizeof path, "%s", given);
    (void)snprintf(own, sizeof own, "%s/broker", cli->config.data_directory);
    if (stat(path, &there) == 0 && stat(own, &here) == 0 && there.st_dev == here.st_dev &&
        there.st_ino == here.st_ino) {
        complain(said("%s 是日志本身，不是副本", "%s is the log itself, not a copy of it"), given);
        return false;
    }
    struct log_options options = {.directory = path, .segment_size = UINT64_C(1) << 30, .read_only = true};
    bool opened = log_open(&options, &archive, &why) == OK;
    if (!opened)
        complain("%s: %s", given, buffer_text(&why));
    bool holds = opened && archive_holds_log(archive, given, trimmed);
    log_close(&archive);
    buffer_fini(&why);
    return holds;
}

static bool goes(const json_t *trimmed, const struct kept_segment *segment)
{
    size_t index;
    const json_t *stream;
    json_array_foreach(json_object_get(trimmed, "streams"), index, stream) for (unsigned i = 0;
                                                                                i < segment->stream_count; i++)
    {
        if (strcmp(segment->streams[i].name, cli_text(stream, "stream")) == 0 &&
            segment->streams[i].start < (uint64_t)cli_integer(stream, "to") &&
            segment->streams[i].end > (uint64_t)cli_integer(stream, "from"))
            return true;
    }
    return false;
}

/* Of `hutong archive`: all that goes is in it, and unpacks to what it was. */
static bool packed_reaches(struct archive *archive, const char *given, const json_t *trimmed, struct buffer *why)
{
    size_t index;
    const json_t *stream;
    json_array_foreach(json_object_get(trimmed, "streams"), index, stream)
    {
        const char *name = cli_text(stream, "stream");
        uint64_t from = (uint64_t)cli_integer(stream, "from"), to = (uint64_t)cli_integer(stream, "to");
        if (archive_holds(archive, name, from, to))
            continue;
        complain(said("%s 不含将被删除的 %s %llu..%llu：先执行 hutong archive",
                      "%s does not hold %s %llu..%llu, which would go: hutong archive comes first"),
                 given, name, (unsigned long long)from, (unsigned long long)to);
        return false;
    }
    for (unsigned i = 0; i < archive_segments(archive)->count; i++) {
        const struct kept_segment *segment = &archive_segments(archive)->list[i];
        if (goes(trimmed, segment) && archive_check(archive, segment, NULL, why) != OK) {
            complain("%s", buffer_text(why));
            return false;
        }
    }
    return true;
}

static bool archive_reaches(struct cli *cli, const char *given, const json_t *trimmed)
{
    struct archive *archive = NULL;
    struct buffer why = {0};
    enum status status = archive_open(given, &archive, &why);
    bool reaches;
    if (status == REJECT_NOT_FOUND)
        reaches = copy_reaches(cli, given, trimmed);
    else
        reaches = status == OK && packed_reaches(archive, given, trimmed, &why);
    if (status != OK && status != REJECT_NOT_FOUND)
        complain("%s", buffer_text(&why));
    archive_close(&archive);
    buffer_fini(&why);
    return reaches;
}

/* The states of a backup's newest generation are snapshots. */
static const char *snapshots_in(const char *given, char path[BACKUP_PATH_SIZE])
{
    static char names[GENERATIONS_MAX][GENERATION_NAME_SIZE];
    unsigned count = generations_list(given, names);
    if (count == 0)
        return given;
    (void)snprintf(path, BACKUP_PATH_SIZE, "%.4000s/generations/%s/states", given, names[count - 1]);
    return path;
}

static bool stands_elsewhere(struct cli *cli, const char *snapshot, const char *archive, uint64_t below,
                             const json_t *trimmed)
{
    if (snapshot == NULL || archive == NULL) {
        complain(said(
            "删除的部分无法重建：请写明该位置或其后的快照（--snapshot DIR，由 hutong snapshot DIR "
            "所得，或一个备份）和日志副本（--archive DIR，由 hutong archive DIR 所得，或 data_directory "
            "的冷备份），或放弃二者（--without-archive）",
            "what goes cannot be made again: name a snapshot at the position or beyond (--snapshot DIR, from hutong "
            "snapshot DIR, or a backup) and a copy of the log (--archive DIR, from hutong archive DIR, or a cold copy "
            "of "
            "data_directory), or give both up "
            "(--without-archive)"));
        return false;
    }
    char path[BACKUP_PATH_SIZE];
    return snapshots_reach(cli, snapshots_in(snapshot, path), below) && archive_reaches(cli, archive, trimmed);
}

/* ---- the command ---- */

static void print_trimmed(const struct cli *cli, const json_t *trimmed, bool done)
{
    size_t index;
    const json_t *stream;
    if (cli->json) {
        cli_print_json(json_pack("{s:I,s:O,s:b}", "segments", (json_int_t)cli_integer(trimmed, "segments"), "streams",
                                 json_object_get(trimmed, "streams"), "removed", done));
        return;
    }
    (void)printf(said("%lld 段%s\n", "%lld segments %s\n"), (long long)cli_integer(trimmed, "segments"),
                 done ? said("已删除", "removed") : said("将被删除", "would go"));
    json_array_foreach(json_object_get(trimmed, "streams"), index, stream)
    {
        long long from = cli_integer(stream, "from"), to = cli_integer(stream, "to");
        if (from < to)
            (void)printf("  %-14s %lld..%lld\n", cli_text(stream, "stream"), from, to - 1);
    }
}

int trim_run(struct cli *cli, const struct trimming *trimming)
{
    json_t *trimmed = NULL;
    int code = ask_trim(cli, trimming->below, true, &trimmed);
    if (code != CLI_OK)
        return code;
    bool asked = !trimming->dry_run && cli_integer(trimmed, "segments") > 0;
    if (asked && !trimming->without &&
        !stands_elsewhere(cli, trimming->snapshot, trimming->archive, trimming->below, trimmed))
        code = CLI_DIFFERENT;
    if (asked && code == CLI_OK && !trimming->yes) {
        print_trimmed(cli, trimmed, false);
        code = ask_yes("Remove them for good?") == ASKED_YES ? CLI_OK : CLI_DIFFERENT;
    }
    if (asked && code == CLI_OK && !trimming->recorded)
        code = action_record(cli, &(struct action){ACTION_TRIM, cli->argv[0], 0});
    if (asked && code == CLI_OK) {
        json_decref(trimmed);
        trimmed = NULL;
        code = ask_trim(cli, trimming->below, false, &trimmed);
    }
    if (code == CLI_OK)
        print_trimmed(cli, trimmed, !trimming->dry_run);
    json_decref(trimmed);
    return code;
}

static int run_trim(struct cli *cli)
{
    struct trimming trim = {.snapshot = cli_option(cli, "--snapshot"),
                            .archive = cli_option(cli, "--archive"),
                            .dry_run = cli_flag(cli, "--dry-run"),
                            .yes = cli_flag(cli, "--yes"),
                            .without = cli_flag(cli, "--without-archive")};
    char *end = NULL;
    if (!cli_arguments(cli, &command_trim, 1, 1))
        return CLI_USAGE;
    trim.below = strtoull(cli->argv[0], &end, 10);
    if (*end != 0 || cli->argv[0][0] < '0' || cli->argv[0][0] > '9') {
        complain(said("应为位置，而不是 %s", "a position is wanted, not %s"), cli->argv[0]);
        return CLI_USAGE;
    }
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    if (trim.archive == NULL && cli->config.archive_directory[0] != 0)
        trim.archive = cli->config.archive_directory;
    if (trim.snapshot == NULL && cli->config.backup_directory[0] != 0)
        trim.snapshot = cli->config.backup_directory;
    return trim_run(cli, &trim);
}

const struct command command_trim = {
    .name = "trim",
    .usage =
        "trim POSITION --dry-run | POSITION [--snapshot DIR --archive DIR | --without-archive] [--yes] --reason TEXT",
    .summary = "remove whole segments of the log that lie below a position, where no reader needs them",
    .summary_zh = "删除日志中某位置以下、无人再读的整段",
    .help =
        "A segment goes when everything in it, of every stream, lies below the position. What goes must stand\n"
        "elsewhere: in DIR of --snapshot each service's state at the position or beyond (of hutong snapshot, or a "
        "whole\n"
        "backup), in DIR of --archive a copy of the log that holds it (of hutong archive, or a cold copy of\n"
        "data_directory); else backup_directory and archive_directory of the configuration. --without-archive gives\n"
        "both up: a state that is lost can then not be made again. --dry-run says what would go; --yes does not ask.\n"
        "Exit code 1: nothing was removed, with the reason.\n\n"
        "  hutong trim 10000000 --dry-run\n"
        "  hutong trim 10000000 --snapshot /var/backups/hutong \\\n      --archive /mnt/cheap/hutong --reason monthly",
    .help_zh =
        "一段之内所有流的记录都在该位置以下时，此段才被删除。被删除的须另有保存：--snapshot DIR "
        "有各服务在该位置或其后的状态（hutong snapshot，或整个备份），--archive DIR 有含此部分的日志副本（hutong "
        "archive，或 data_directory 的冷备份）；否则用配置中的 backup_directory 与 archive_directory。\n退出码 "
        "1：未删除任何内容，并说明原因。\n"
        "\n"
        "  hutong trim 10000000 --dry-run\n"
        "  hutong trim 10000000 --snapshot /var/backups/hutong \\\n"
        "      --archive /mnt/cheap/hutong --reason monthly",
    .options =
        (const struct command_option[]){
            {"--dry-run", NULL, "只说明将删除什么", "says what would go"},
            {"--snapshot", "DIR", "各服务的快照", "where each service's state at the position or beyond is"},
            {"--archive", "DIR", "日志的副本", "where a copy of the log is that holds what goes"},
            {"--without-archive", NULL, "放弃二者：状态丢失后无法重建",
             "gives both up: a state that is lost can then not be made again"},
            {"--yes", NULL, "不再询问", "does not ask"},
            COMMAND_OPTIONS_ACTION,
            {0}},
    .run = run_trim,
};
