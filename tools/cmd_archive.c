/* SPDX-License-Identifier: Apache-2.0
 * hutong archive: DIR | check DIR | list DIR. */
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>

#include "common/base/instant.h"
#include "tools/action.h"
#include "tools/archiving.h"
#include "tools/cli.h"

static const char *directory_of(struct cli *cli, int at)
{
    const char *directory = cli->argc > at ? cli->argv[at] : cli->config.archive_directory;
    if (directory[0] == 0)
        complain(said("请写明目录，或在配置中写 archive_directory", "name a directory, or archive_directory in the "
                                                                    "configuration"));
    return directory;
}

static int ended(enum status status, struct buffer *why)
{
    progress_end();
    if (status != OK)
        complain("%s", why->size > 0 ? buffer_text(why) : status_text(status));
    buffer_fini(why);
    return status == OK                                          ? CLI_OK
           : status == REJECT_NOT_FOUND                          ? CLI_BAD_INPUT
           : status == FATAL_CORRUPT || status == FATAL_DAMAGED  ? CLI_DIFFERENT
           : status == REJECT_CONFLICT || status == REJECT_RANGE ? CLI_DIFFERENT
                                                                 : CLI_FAILED;
}

static int run_put(struct cli *cli)
{
    char log[4096 + 16];
    struct buffer why = {0};
    struct pace pace = {.bytes_a_second = cli_number(cli, "--rate", 0) << 20,
                        .what = said("已归档 MiB", "archived, MiB")};
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    const char *directory = directory_of(cli, 0);
    if (directory[0] == 0)
        return CLI_BAD_INPUT;
    (void)snprintf(log, sizeof log, "%s/broker", cli->config.data_directory);
    struct archiving archiving = {
        .log = log, .directory = directory, .below = cli_number(cli, "--below", UINT64_MAX), .pace = &pace};
    int code = action_record(cli, &(struct action){ACTION_ARCHIVE, directory, 0});
    if (code != CLI_OK)
        return code;
    (void)setpriority(PRIO_PROCESS, 0, 19);
    code = ended(archiving_run(&archiving, &why), &why);
    if (code != CLI_OK)
        return code;
    if (cli->json)
        cli_print_json(json_pack("{s:s,s:i,s:i,s:i,s:I,s:I}", "directory", directory, "added", (int)archiving.added,
                                 "rewritten", (int)archiving.rewritten, "there", (int)archiving.there, "bytes",
                                 (json_int_t)archiving.plain, "packedBytes", (json_int_t)archiving.packed));
    else
        (void)printf(said("新归档 %u 段，改写后重存 %u 段，已有 %u 段；%llu MiB 压缩为 %llu MiB\n",
                          "%u segments archived, %u put there again since they were rewritten, %u there already; %llu "
                          "MiB became %llu MiB\n"),
                     archiving.added, archiving.rewritten, archiving.there, (unsigned long long)(archiving.plain >> 20),
                     (unsigned long long)(archiving.packed >> 20));
    return CLI_OK;
}

static void print_segment(const struct cli *cli, const struct kept_segment *segment)
{
    char at[32];
    instant_describe((instant_ms_t)segment->stored_at_ms, at);
    if (cli->json)
        cli_print_json(json_pack("{s:i,s:I,s:s,s:I,s:I}", "segment", (int)segment->number, "below",
                                 (json_int_t)archiving_end(segment), "storedAt", at, "bytes", (json_int_t)segment->size,
                                 "packedBytes", (json_int_t)segment->packed_size));
    else
        (void)printf(said("seg-%08u  位置 %llu 以下  %s  %llu -> %llu MiB\n",
                          "seg-%08u  below position %llu  %s  %llu -> %llu MiB\n"),
                     segment->number, (unsigned long long)archiving_end(segment), at,
                     (unsigned long long)(segment->size >> 20), (unsigned long long)(segment->packed_size >> 20));
}

static int run_look(struct cli *cli, bool check)
{
    struct archive *archive = NULL;
    struct buffer why = {0};
    struct pace pace = {.bytes_a_second = cli_number(cli, "--rate", 0) << 20};
    if (cli->argc < 2 && !cli_configure(cli))
        return CLI_BAD_INPUT;
    const char *directory = directory_of(cli, 1);
    if (directory[0] == 0)
        return CLI_BAD_INPUT;
    enum status status = archive_open(directory, &archive, &why), worst = status;
    for (unsigned i = 0; status == OK && i < archive_segments(archive)->count; i++) {
        const struct kept_segment *segment = &archive_segments(archive)->list[i];
        enum status one = check ? archive_check(archive, segment, &pace, &why) : OK;
        if (one == OK)
            print_segment(cli, segment);
        else
            complain("%s", buffer_text(&why));
        buffer_reset(&why);
        worst = one != OK ? one : worst;
    }
    archive_close(&archive);
    if (status == OK && worst != OK) { /* each was said */
        buffer_fini(&why);
        return CLI_DIFFERENT;
    }
    return ended(worst, &why);
}

static int run_archive(struct cli *cli)
{
    bool check = cli->argc > 0 && strcmp(cli->argv[0], "check") == 0,
         list = cli->argc > 0 && strcmp(cli->argv[0], "list") == 0;
    if (!cli_arguments(cli, &command_archive, 0, check || list ? 2 : 1))
        return CLI_USAGE;
    return check || list ? run_look(cli, check) : run_put(cli);
}

const struct command command_archive = {
    .name = "archive",
    .usage = "archive [DIR] [--below POSITION] [--rate MIB] [--reason TEXT] | archive check [DIR] [--rate MIB] | "
             "archive list [DIR]",
    .summary = "sealed segments of the log, compressed, on cheap storage, where they can still be read",
    .summary_zh = "把已封存的日志段压缩后放到廉价存储，仍可读取",
    .help =
        "Puts every sealed segment of the log (with --below, those in which everything lies below the position) into "
        "DIR, else archive_directory of the configuration, while all runs. A segment that was rewritten since (a "
        "person "
        "was erased) takes the old one's place. Where archive_directory is in the configuration, verify, replay, trace "
        "record, ledger verify and person export read there what hutong trim has removed.\n\n"
        "check unpacks each and holds it against its sums. Exit code 1: one is not as it was written, and is named.\n\n"
        "  hutong archive /mnt/cheap/hutong --rate 64\n"
        "  hutong trim 10000000 --snapshot /var/backups/hutong \\\n      --archive /mnt/cheap/hutong",
    .help_zh =
        "在运行中把每个已封存的日志段（--below：所有记录都在该位置以下的段）放入 DIR，否则为配置中的 "
        "archive_directory。"
        "此后被改写（删除个人）的段会取代旧段。配置了 archive_directory 时，verify、replay、trace record、ledger "
        "verify、person export 会在那里读取 hutong trim 已删除的部分。\n\n"
        "check 解压每一段并核对校验和。退出码 1：某段与写入时不同，逐一列出。\n\n"
        "  hutong archive /mnt/cheap/hutong --rate 64\n"
        "  hutong trim 10000000 --snapshot /var/backups/hutong \\\n      --archive /mnt/cheap/hutong",
    .options = (const struct command_option[]){{"--below", "POSITION", "只归档全部在该位置以下的段",
                                                "segments in which everything lies below it"},
                                               {"--rate", "MIB", "每秒至多若干 MiB", "at most that many MiB a second"},
                                               COMMAND_OPTIONS_ACTION,
                                               {0}},
    .run = run_archive,
};
