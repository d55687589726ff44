/* SPDX-License-Identifier: Apache-2.0
 * hutong backup: DIR | check DIR | list DIR. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/base/instant.h"
#include "tools/action.h"
#include "tools/backup.h"

static const char *directory_of(struct cli *cli, int at)
{
    return cli->argc > at ? cli->argv[at] : cli->config.backup_directory;
}

static bool whole_path(const char *given, bool make, char path[4096])
{
    if (given[0] == 0)
        complain(said("请写明目录，或在配置中写 backup_directory", "name a directory, or backup_directory in the "
                                                                   "configuration"));
    else if ((make && mkdir(given, 0700) != 0 && errno != EEXIST) || realpath(given, path) == NULL)
        complain("%s: %s", given, strerror(errno));
    else
        return true;
    return false;
}

/* ---- making ---- */

static void print_made(const struct cli *cli, const struct backup_made *made, const char *directory)
{
    if (cli->json) {
        cli_print_json(json_pack("{s:s,s:s,s:I,s:I,s:i,s:i,s:i,s:i,s:i}", "directory", directory, "generation",
                                 made->generation, "position", (json_int_t)made->position, "copiedBytes",
                                 (json_int_t)made->bytes, "segments", (int)made->segments, "segmentsCopied",
                                 (int)made->segments_copied, "states", (int)made->states, "removed", (int)made->removed,
                                 "outlived", (int)made->outlived));
        return;
    }
    (void)printf(said("%s：位置 %llu，%u 个状态，%u 段（新复制 %u 段），日志复制 %llu MiB\n",
                      "%s: position %llu, %u states, %u segments (%u of them new), %llu MiB of log copied\n"),
                 made->generation, (unsigned long long)made->position, made->states, made->segments,
                 made->segments_copied, (unsigned long long)(made->bytes >> 20));
    if (made->outlived > 0)
        (void)printf(
            said("%u 个较早的备份仍含日志改写（删除个人）以前的段：hutong backup --forget 会移除它们\n",
                 "%u older generations still hold segments as they were before the log was rewritten (a person "
                 "was erased): hutong backup --forget removes them\n"),
            made->outlived);
}

static int run_make(struct cli *cli)
{
    char path[4096];
    struct backup_made made;
    struct backup_options options = {.bytes_a_second = cli_number(cli, "--rate", 0) << 20,
                                     .keep = (unsigned)cli_number_within(cli, "--keep", 0, 0, GENERATIONS_MAX),
                                     .without_keys = cli_flag(cli, "--without-keys"),
                                     .directory = path};
    if (cli_flag(cli, "--forget"))
        options.keep = 1;
    if (!cli_configure(cli) || !whole_path(directory_of(cli, 0), true, path))
        return CLI_BAD_INPUT;
    int code = action_record(cli, &(struct action){ACTION_BACKUP, path, 0});
    if (code == CLI_OK)
        code = backup_make(cli, &options, &made);
    if (code == CLI_OK)
        print_made(cli, &made, path);
    return code;
}

/* ---- looking ---- */

static bool list_one(const struct cli *cli, const char *directory, const char *name)
{
    struct manifest manifest;
    struct buffer why = {0};
    char at[32];
    if (generation_manifest(directory, name, &manifest, &why) != OK) {
        complain("%s", buffer_text(&why));
        buffer_fini(&why);
        return false;
    }
    instant_describe(manifest.at_ms, at);
    if (cli->json)
        cli_print_json(json_pack("{s:s,s:s,s:I,s:i,s:i,s:b,s:s}", "generation", name, "at", at, "position",
                                 (json_int_t)manifest.position, "segments", (int)manifest.segments.count, "states",
                                 (int)manifest.state_count, "secretKeys", (int)manifest.keys, "build", manifest.build));
    else
        (void)printf(
            said("%s  %s  位置 %llu  %u 段  %u 个状态%s\n", "%s  %s  position %llu  %u segments  %u states%s\n"), name,
            at, (unsigned long long)manifest.position, manifest.segments.count, manifest.state_count,
            manifest.keys ? "" : said("  不含私钥", "  without secret keys"));
    manifest_fini(&manifest);
    buffer_fini(&why);
    return true;
}

static int run_look(struct cli *cli, bool check)
{
    static char names[GENERATIONS_MAX][GENERATION_NAME_SIZE];
    char path[4096];
    int code = CLI_OK;
    if (cli->argc < 2 && !cli_configure(cli))
        return CLI_BAD_INPUT;
    if (!whole_path(directory_of(cli, 1), false, path))
        return CLI_BAD_INPUT;
    unsigned count = generations_list(path, names);
    if (count == 0) {
        complain(said("%s 中没有完整的备份", "%s holds no backup that is whole"), path);
        return CLI_DIFFERENT;
    }
    struct pace pace = {.bytes_a_second = cli_number(cli, "--rate", 0) << 20,
                        .what = said("已核对 MiB", "checked, MiB")};
    for (unsigned i = 0; i < count; i++) {
        int one = check ? generation_check(path, names[i], true, &pace) : CLI_OK;
        if (one == CLI_OK && !list_one(cli, path, names[i]))
            one = CLI_DIFFERENT;
        code = one != CLI_OK ? one : code;
    }
    return code;
}

static int run_backup(struct cli *cli)
{
    bool check = cli->argc > 0 && strcmp(cli->argv[0], "check") == 0,
         list = cli->argc > 0 && strcmp(cli->argv[0], "list") == 0;
    if (!cli_arguments(cli, &command_backup, 0, check || list ? 2 : 1))
        return CLI_USAGE;
    return check || list ? run_look(cli, check) : run_make(cli);
}

const struct command command_backup = {
    .name = "backup",
    .usage = "backup [DIR] [--rate MIB] [--keep N | --forget] [--without-keys] [--reason TEXT] | backup check [DIR] "
             "[--rate MIB] | "
             "backup list [DIR]",
    .summary = "the log, every state at one position, keys, configuration into DIR, while all runs",
    .summary_zh = "在运行中把日志、同一位置的各状态、密钥、配置备份到 DIR",
    .help =
        "Makes a generation below DIR (else backup_directory of the configuration). Nothing stops and no service is "
        "asked. A sealed segment of the log is copied once, for all generations. A generation that was cut short is "
        "none, and is cleared away by the next. --rate: at most that many MiB a second. --keep N: older generations "
        "than the newest N go. --forget: all older ones go, as after the erasure of a person. --without-keys: the "
        "secret keys are left out, and lie wherever you keep them.\n\n"
        "check holds every file against its sum, reads each segment, and computes each state's digest, without an "
        "exchange. Exit code 1: something is not as it was written; each such file is named.\n\n"
        "  hutong backup /var/backups/hutong --keep 14 --rate 64\n"
        "  hutong backup check /var/backups/hutong",
    .help_zh =
        "在 DIR（否则为配置中的 "
        "backup_directory）下生成一代备份。平台不停，也不询问任何服务。已封存的日志段只复制一次，"
        "各代共用。中途断掉的一代不算备份，由下一次清除。--rate：每秒至多若干 MiB。--keep N：只留最新 N 代。--forget："
        "移除所有较早的各代，用于删除个人之后。--without-keys：不含私钥，由您另行保管。\n\n"
        "check 不需平台运行：核对每个文件的校验和，读每一段，计算每个状态的散列值。退出码 "
        "1：有文件与写入时不同，逐一列出。"
        "\n\n"
        "  hutong backup /var/backups/hutong --keep 14 --rate 64\n"
        "  hutong backup check /var/backups/hutong",
    .options =
        (const struct command_option[]){{"--rate", "MIB", "每秒至多若干 MiB", "at most that many MiB a second"},
                                        {"--keep", "N", "只留最新 N 代", "older generations than the newest N go"},
                                        {"--forget", NULL, "移除所有较早的各代", "all older generations go"},
                                        {"--without-keys", NULL, "不含私钥", "leaves the secret keys out"},
                                        COMMAND_OPTIONS_ACTION,
                                        {0}},
    .run = run_backup,
};
