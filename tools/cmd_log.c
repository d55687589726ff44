/* SPDX-License-Identifier: Apache-2.0
 * hutong snapshot: each service's state at its position. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tools/action.h"

static json_t *ask_snapshot(struct cli *cli, const char *service, uint32_t partition, const char *directory)
{
    struct control_request request = {1, CONTROL_ASK_SNAPSHOT, {.snapshot = {directory}}};
    json_t *reply = cli_control(cli, service, partition, &request, 120000);
    json_t *snapshot = json_incref(json_object_get(reply, "snapshot"));
    if (snapshot == NULL)
        complain("%s-%u: %s", service, partition, reply == NULL ? "no answer" : cli_text(reply, "error"));
    json_decref(reply);
    return snapshot;
}

static int run_snapshot(struct cli *cli)
{
    char directory[4096];
    const char *service;
    uint32_t partition;
    int code = CLI_OK;
    if (!cli_arguments(cli, &command_snapshot, 1, 1))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    if ((mkdir(cli->argv[0], 0700) != 0 && errno != EEXIST) || realpath(cli->argv[0], directory) == NULL) {
        complain("%s: %s", cli->argv[0], strerror(errno));
        return CLI_FAILED;
    }
    code = action_record(cli, &(struct action){ACTION_SNAPSHOT, directory, 0});
    if (code != CLI_OK)
        return code;
    for (unsigned i = 0; service_state_at(cli->config.partitions, i, &service, &partition); i++) {
        json_t *snapshot = ask_snapshot(cli, service, partition, directory);
        if (snapshot == NULL)
            code = CLI_FAILED;
        else if (cli->json)
            cli_print_json(snapshot);
        else {
            (void)printf("%-12s %u  @%lld  %s\n", service, partition, (long long)cli_integer(snapshot, "position"),
                         cli_text(snapshot, "path"));
            json_decref(snapshot);
        }
    }
    return code;
}

const struct command command_snapshot = {
    .name = "snapshot",
    .usage = "snapshot DIR [--reason TEXT]",
    .summary = "each service's state at its position, with its digest, into DIR",
    .summary_zh = "将各服务在其位置的状态连同散列值写入 DIR",
    .help = "Writes DIR/CORE-PARTITION-POSITION, one directory a service, while it runs. To start from one: stop the "
            "exchange and put\n"
            "the directory in the place of DATA/CORE-PARTITION; the service reads the log from there on.\n\n"
            "  hutong snapshot /var/backups/hutong",
    .help_zh = "在运行中为每个服务写出 DIR/CORE-PARTITION-POSITION 目录。从快照启动：停止平台，将该目录放到 "
               "DATA/CORE-PARTITION 处；服务由此位置继续读取日志。\n"
               "\n"
               "  hutong snapshot /var/backups/hutong",
    .options = (const struct command_option[]){COMMAND_OPTIONS_ACTION, {0}},
    .run = run_snapshot,
};
