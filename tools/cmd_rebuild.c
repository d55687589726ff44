/* SPDX-License-Identifier: Apache-2.0
 * hutong rebuild: a state made again from the log, while its service stands. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/store/store_check.h"
#include "tools/action.h"
#include "tools/directory.h"
#include "tools/doctor.h"
#include "tools/state_replay.h"

enum { PATH_SIZE = 4096 + 128 };

struct rebuilding {
    struct cli *cli;
    struct kept_state row;
    char state[PATH_SIZE], fresh[PATH_SIZE + 16];
    struct log_source *source;
    bool known; /* what stood there could be read, and is the state's at `position` */
    uint64_t position;
    char digest[2 * DIGEST_SIZE + 1];
    struct state_reached reached;
    struct buffer why, aside;
};

static bool find_state(struct rebuilding *rebuilding)
{
    struct cli *cli = rebuilding->cli;
    char *end = NULL;
    unsigned long number = cli->argc > 1 ? strtoul(cli->argv[1], &end, 10) : 0;
    if ((end == NULL || *end == 0) &&
        kept_state_named(cli->config.partitions, cli->argv[0], (uint32_t)number, &rebuilding->row))
        return true;
    complain(said("没有 %s-%s 这个状态：可用", "there is no state %s-%s; there are"), cli->argv[0],
             cli->argc > 1 ? cli->argv[1] : "0");
    for (unsigned i = 0; kept_state_at(cli->config.partitions, i, &rebuilding->row); i++)
        complain("  %.*s %u", (int)(strrchr(rebuilding->row.name, '-') - rebuilding->row.name), rebuilding->row.name,
                 (unsigned)strtoul(strrchr(rebuilding->row.name, '-') + 1, NULL, 10));
    return false;
}

/* To where the state stood, whose digest it must then have; else as far as its inputs go. */
static enum status rebuild(struct rebuilding *rebuilding)
{
    struct cli *cli = rebuilding->cli;
    char log[PATH_SIZE];
    (void)snprintf(log, sizeof log, "%s/broker", cli->config.data_directory);
    TRY(log_source_open(log, cli->config.archive_directory, &rebuilding->source, &rebuilding->why));
    rebuilding->known =
        state_look(rebuilding->state, &rebuilding->position, rebuilding->digest, &rebuilding->why) == OK;
    buffer_reset(&rebuilding->why);
    if (!rebuilding->known)
        rebuilding->position = state_inputs_end(&rebuilding->row, rebuilding->source);
    if (!directory_remove(rebuilding->fresh)) {
        buffer_printf(&rebuilding->why, "%s: %s", rebuilding->fresh, strerror(errno));
        return FATAL_IO;
    }
    struct state_replay job = {.row = &rebuilding->row,
                               .directory = rebuilding->fresh,
                               .source = rebuilding->source,
                               .map_size = (size_t)cli->config.state_map_mib << 20,
                               .to = rebuilding->position,
                               .progress = true};
    return state_replay(&job, &rebuilding->reached, &rebuilding->why);
}

static enum status take_place(struct rebuilding *rebuilding)
{
    if (access(rebuilding->state, F_OK) == 0)
        TRY(store_set_aside(rebuilding->state, &rebuilding->aside));
    if (rename(rebuilding->fresh, rebuilding->state) != 0) {
        buffer_printf(&rebuilding->why, "%s: %s", rebuilding->state, strerror(errno));
        return FATAL_IO;
    }
    return store_sync_directory(rebuilding->cli->config.data_directory);
}

static int print_rebuilt(struct rebuilding *rebuilding)
{
    bool equal = rebuilding->known && strcmp(rebuilding->digest, rebuilding->reached.digest) == 0;
    if (rebuilding->cli->json)
        cli_print_json(json_pack("{s:s,s:I,s:s,s:b,s:b,s:s}", "state", rebuilding->row.name, "position",
                                 (json_int_t)rebuilding->reached.position, "digest", rebuilding->reached.digest,
                                 "compared", (int)rebuilding->known, "equal", (int)equal, "aside",
                                 buffer_text(&rebuilding->aside)));
    else
        (void)printf(said("%s @%llu  %s  %s\n原有状态：%s\n", "%s @%llu  %s  %s\nwhat stood there: %s\n"),
                     rebuilding->row.name, (unsigned long long)rebuilding->reached.position, rebuilding->reached.digest,
                     !rebuilding->known ? said("原有状态无法读取", "what stood there cannot be read")
                     : equal            ? said("与原有状态相同", "equal to what stood there")
                                        : said("与原有状态不同", "DIFFERS from what stood there"),
                     rebuilding->aside.size > 0 ? buffer_text(&rebuilding->aside) : "-");
    return rebuilding->known && !equal ? CLI_DIFFERENT : CLI_OK;
}

static int run_rebuild(struct cli *cli)
{
    struct rebuilding rebuilding = {.cli = cli};
    if (!cli_arguments(cli, &command_rebuild, 1, 2))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    if (!find_state(&rebuilding))
        return CLI_USAGE;
    (void)snprintf(rebuilding.state, sizeof rebuilding.state, "%s/%s", cli->config.data_directory, rebuilding.row.name);
    (void)snprintf(rebuilding.fresh, sizeof rebuilding.fresh, "%s.rebuilding", rebuilding.state);
    if (doctor_in_use(rebuilding.state)) {
        complain(said("%s 正在使用中：先停止 hutong-%s", "%s is in use: stop hutong-%s first"), rebuilding.row.name,
                 rebuilding.row.process);
        return CLI_DIFFERENT;
    }
    int code = action_record(cli, &(struct action){ACTION_REBUILD, rebuilding.row.name, 0});
    if (code != CLI_OK)
        return code;
    enum status status = rebuild(&rebuilding);
    if (status == OK)
        status = take_place(&rebuilding);
    code = CLI_FAILED;
    if (status == OK)
        code = print_rebuilt(&rebuilding);
    else
        complain("%s", rebuilding.why.size > 0 ? buffer_text(&rebuilding.why) : status_text(status));
    log_source_close(&rebuilding.source);
    buffer_fini(&rebuilding.why);
    buffer_fini(&rebuilding.aside);
    return status == FATAL_DIVERGED || status == REJECT_NOT_FOUND ? CLI_DIFFERENT : code;
}

const struct command command_rebuild = {
    .name = "rebuild",
    .usage = "rebuild SERVICE [PARTITION] [--reason TEXT]",
    .summary = "a service's state made again from the log and its archive, while the service stands",
    .summary_zh = "在服务停止时，由日志及其归档重建它的状态",
    .help =
        "Runs the service's core over the log from the beginning (what was trimmed is read in archive_directory), to "
        "where its state stood, and says how fast it goes and how long it takes. Every decision is held against what "
        "the log has of it; at the end the digest is compared with that of the state that stood there, which is set "
        "aside (NAME.aside-N). SERVICE: ingest (the index of ids), mailbox, mailbox_books, audit, validation, "
        "settlement, books. Exit code 1: the service runs, the log does not hold all, or the digests differ.\n\n"
        "  hutong rebuild settlement 0",
    .help_zh = "从头把服务的核心在日志上重新运行（已删除的部分读 "
               "archive_directory），直到原有状态所在的位置，并显示速度与剩余时"
               "间。每个决定都与日志所存比较；最后将散列值与原有状态比较，原有状态移到 "
               "NAME.aside-N。SERVICE：ingest（标识索引）、"
               "mailbox、mailbox_books、audit、validation、settlement、books。退出码 "
               "1：服务在运行、日志不全，或散列值不同。\n\n"
               "  hutong rebuild settlement 0",
    .options = (const struct command_option[]){COMMAND_OPTIONS_ACTION, {0}},
    .run = run_rebuild,
};
