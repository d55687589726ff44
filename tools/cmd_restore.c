/* SPDX-License-Identifier: Apache-2.0
 * hutong restore: a backup into a place where there is nothing. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/instant.h"
#include "common/store/store_check.h"
#include "tools/action.h"
#include "tools/daemons.h"
#include "tools/restore.h"

/* The newest, or the newest at that position. */
static bool choose(const char *directory, bool any, uint64_t position, char generation[GENERATION_NAME_SIZE])
{
    static char names[GENERATIONS_MAX][GENERATION_NAME_SIZE];
    unsigned count = generations_list(directory, names);
    for (unsigned i = count; i-- > 0;)
        if (any || strtoull(strchr(names[i], '-') + 1, NULL, 10) == position) {
            memcpy(generation, names[i], GENERATION_NAME_SIZE);
            return true;
        }
    complain(count == 0 ? said("%s 中没有完整的备份", "%s holds no backup that is whole")
                        : said("%s 中没有该位置的备份：hutong backup list %s",
                               "%s holds none at that position: hutong backup list %s"),
             directory, directory);
    return false;
}

/* ---- where to ---- */

struct place {
    char data[4096 + 16], keys[4096 + 16], settings[4096 + 16];
};

static bool new_place(const char *to, struct place *place)
{
    char whole[4096];
    if ((mkdir(to, 0700) != 0 && errno != EEXIST) || realpath(to, whole) == NULL) {
        complain("%s: %s", to, strerror(errno));
        return false;
    }
    if (!directory_is_empty(whole)) {
        complain(said("%s 不是空目录", "%s is not empty"), to);
        return false;
    }
    (void)snprintf(place->data, sizeof place->data, "%s/data", whole);
    (void)snprintf(place->keys, sizeof place->keys, "%s/keys", whole);
    (void)snprintf(place->settings, sizeof place->settings, "%s/hutong.yaml", whole);
    return true;
}

/* What is there is set aside whole, never removed. */
static bool make_room(struct cli *cli, const char *reason)
{
    const char *data = cli->config.data_directory;
    char aside[4096 + 32];
    if (directory_is_empty(data))
        return true;
    if (!cli_flag(cli, "--over")) {
        complain(
            said("%s 中已有一个平台：恢复到别处用 --to DIRECTORY；要取代它，用 --over --reason TEXT，它会被移到一旁",
                 "%s holds an exchange: --to DIRECTORY restores elsewhere; --over --reason TEXT sets this one aside"),
            data);
        return false;
    }
    if (reason == NULL || reason[0] == 0) {
        complain(said("--over 须写明 --reason TEXT", "--over wants --reason TEXT"));
        return false;
    }
    if (action_record(cli, &(struct action){ACTION_RESTORE, cli->argv[0], 0}) != CLI_OK || !daemons_let_go(cli))
        return false;
    unsigned number = 1;
    do
        (void)snprintf(aside, sizeof aside, "%s.aside-%u", data, number++);
    while (access(aside, F_OK) == 0);
    if (rename(data, aside) != 0) {
        complain("%s: %s", aside, strerror(errno));
        return false;
    }
    complain(said("原有数据已移到 %s", "what was there is now %s"), aside);
    return true;
}

static bool own_place(struct cli *cli, const char *reason, struct place *place)
{
    if (!cli_configure(cli) || !make_room(cli, reason))
        return false;
    (void)snprintf(place->data, sizeof place->data, "%s", cli->config.data_directory);
    (void)snprintf(place->keys, sizeof place->keys, "%s", cli->config.key_directory);
    return true;
}

/* ---- what came of it ---- */

/* No log can take it while nothing runs: it lies beside the data. */
static bool note(const struct restore_options *options, const struct restored *restored, const char *reason)
{
    char path[4096 + 64];
    struct timespec now;
    struct buffer why = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)snprintf(path, sizeof path, "%s/restored", options->data);
    json_t *json =
        json_pack("{s:I,s:s,s:s,s:I,s:I,s:s}", "at", (json_int_t)now.tv_sec * 1000, "directory", options->directory,
                  "generation", options->generation, "position", (json_int_t)restored->position, "end",
                  (json_int_t)restored->end, "reason", reason == NULL ? "" : reason);
    char *text = json_dumps(json, JSON_COMPACT);
    INVARIANT(text != NULL);
    bool written = file_write(path, span_text(text), 0644, &why) == OK;
    if (!written)
        complain("%s", buffer_text(&why));
    free(text);
    json_decref(json);
    buffer_fini(&why);
    return written;
}

static void print_keys(const struct restored *restored)
{
    if (!restored->keys)
        (void)printf(said("密钥目录已有内容，未改动\n", "the key directory held keys already, and is as it was\n"));
    else if (!restored->secret_keys)
        (void)printf(said("备份不含私钥：请将其放回密钥目录（server.key_secret、clients/、*.pem_secret，权限 600）\n",
                          "the backup holds no secret keys: put them back into the key directory (server.key_secret, "
                          "clients/, *.pem_secret; mode 600)\n"));
}

static void print_restored(const struct cli *cli, const struct restore_options *options,
                           const struct restored *restored)
{
    char at[32];
    instant_describe(restored->at_ms, at);
    if (cli->json) {
        cli_print_json(json_pack("{s:s,s:s,s:s,s:I,s:I,s:i,s:i,s:i,s:b,s:b}", "generation", options->generation, "at",
                                 at, "data", options->data, "position", (json_int_t)restored->position, "end",
                                 (json_int_t)restored->end, "states", (int)restored->states, "rebuilt",
                                 (int)restored->rebuilt, "lacking", (int)restored->lacking, "keys", (int)restored->keys,
                                 "secretKeys", (int)restored->secret_keys));
        return;
    }
    (void)printf(said("%s 已恢复到 %s：%u 个状态于位置 %llu，散列值与备份相同；由日志重建 %u 个\n",
                      "%s is restored to %s: %u states at position %llu, their digests those of the backup; %u made "
                      "again from the log\n"),
                 options->generation, options->data, restored->states, (unsigned long long)restored->position,
                 restored->rebuilt);
    (void)printf(
        said("日志到位置 %llu 为止（%s）。此后给出的回执已丢失：请各方从位置 %llu 起重发，相同标识不会重复入账\n",
             "the log ends at position %llu (%s). Receipts given since are lost: ask the parties to send again "
             "from position %llu on; ids make that safe\n"),
        (unsigned long long)restored->end, at, (unsigned long long)restored->end);
    print_keys(restored);
    if (options->settings != NULL)
        (void)printf("hutong --config %s up\n", options->settings);
    else
        (void)printf("hutong up\n");
}

static int run_restore(struct cli *cli)
{
    const char *to = cli_option(cli, "--to"), *position = cli_option(cli, "--position"),
               *reason = cli_option(cli, "--reason");
    char directory[4096], generation[GENERATION_NAME_SIZE];
    struct place place = {.data = ""};
    struct restored restored;
    if (!cli_arguments(cli, &command_restore, 1, 1))
        return CLI_USAGE;
    uint64_t wanted = cli_number(cli, "--position", 0);
    if (realpath(cli->argv[0], directory) == NULL) {
        complain("%s: %s", cli->argv[0], strerror(errno));
        return CLI_BAD_INPUT;
    }
    if (!choose(directory, position == NULL, wanted, generation))
        return CLI_DIFFERENT;
    if (to != NULL ? !new_place(to, &place) : !own_place(cli, reason, &place))
        return CLI_DIFFERENT;
    struct restore_options options = {directory, generation, place.data, place.keys,
                                      place.settings[0] == 0 ? NULL : place.settings};
    int code = restore_run(cli, &options, &restored);
    if (code == CLI_OK && !note(&options, &restored, reason))
        code = CLI_FAILED;
    if (code == CLI_OK)
        print_restored(cli, &options, &restored);
    return code;
}

const struct command command_restore = {
    .name = "restore",
    .usage = "restore DIR [--to DIRECTORY | --over --reason TEXT] [--position P]",
    .summary = "a backup of hutong backup, put where there is nothing",
    .summary_zh = "把 hutong backup 的备份恢复到空的位置",
    .help =
        "Restores the newest generation below DIR (or the one at --position P of hutong backup list) to the "
        "directories of the configuration, or with --to to a new place with its own hutong.yaml. First every file is "
        "held against its sum; then the log is put there and each state, whose digest must be the manifest's; a state "
        "that the backup lacks is made again from the log. Keys are put back where there are none. It says where the "
        "log ends: what was accepted later is lost, and senders repeat from there.\n\n"
        "Never over an exchange: --over, with a reason, sets the data that is there aside (DATA.aside-N), once nothing "
        "runs. Exit code 1: nothing was restored, with the reason.\n\n"
        "  hutong restore /var/backups/hutong\n"
        "  hutong restore /var/backups/hutong --to /srv/proof",
    .help_zh =
        "把 DIR 下最新一代（或 --position P 所指的一代，见 hutong backup list）恢复到配置所写的目录；--to "
        "则恢复到新的位置，自带 hutong.yaml。先核对每个文件的校验和，再放回日志与各状态，状态的散列值须与清单相同；"
        "备份中没有的状态由日志重建。密钥目录为空时放回密钥。最后写明日志止于何处：此后接收的已丢失，请发送方自该处重发"
        "。"
        "\n\n"
        "绝不覆盖已有的平台：--over 并写明原因，才在无进程运行时把原有数据移到一旁（DATA.aside-N）。"
        "退出码 1：未恢复，并说明原因。\n\n"
        "  hutong restore /var/backups/hutong\n"
        "  hutong restore /var/backups/hutong --to /srv/proof",
    .options = (const struct command_option[]){{"--to", "DIRECTORY", "恢复到这个空的位置", "to this empty place"},
                                               {"--over", NULL, "把已有的数据移到一旁", "sets aside the data there is"},
                                               COMMAND_OPTIONS_ACTION,
                                               {"--position", "P", "哪一代", "which generation"},
                                               {0}},
    .run = run_restore,
};
