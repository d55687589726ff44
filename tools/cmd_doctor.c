/* SPDX-License-Identifier: Apache-2.0
 * hutong doctor --scrub: every file of a deployment, at once. Reads alone. */
#include <stdio.h>

#include "tools/doctor_log.h"
#include "tools/doctor_states.h"

enum { PATH_SIZE = 4096 + 64 };

static int run(struct cli *cli)
{
    char path[PATH_SIZE];
    struct doctor doctor = {.cli = cli};
    if (!cli_arguments(cli, &command_doctor, 0, 0))
        return CLI_USAGE;
    if (!cli_flag(cli, "--scrub"))
        return cli_usage(&command_doctor);
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    (void)snprintf(path, sizeof path, "%s/broker", cli->config.data_directory);
    doctor_log(&doctor, path);
    doctor_states(&doctor, cli->config.data_directory);
    doctor_keys(&doctor, cli->config.key_directory);
    if (!cli->json)
        (void)printf(said("日志段 %llu，状态 %llu，密钥 %llu：发现 %u 处损坏\n",
                          "%llu segments, %llu states, %llu keys: %u damaged\n"),
                     (unsigned long long)doctor.segments, (unsigned long long)doctor.states,
                     (unsigned long long)doctor.keys, doctor.found);
    return doctor.found > 0 ? CLI_DIFFERENT : CLI_OK;
}

const struct command command_doctor = {
    .name = "doctor",
    .usage = "doctor --scrub",
    .summary = "reads every file of the deployment: what is damaged, gone, older or elsewhere, and what to do",
    .summary_zh = "读遍部署的每个文件：何处损坏、缺失、陈旧、错置，以及如何处理",
    .help =
        "Every page of every state against its sum, every batch and page of every segment of the log, that segments\n"
        "follow each other, whose each state is and how far it has been, the key files, and files that are not the\n"
        "exchange's. Of a stopped or running exchange; changes nothing. The services go round by themselves as well,\n"
        "more slowly. Exit code 1: something is damaged.\n\n"
        "  hutong doctor --scrub\n"
        "  hutong --json doctor --scrub",
    .help_zh =
        "每个状态的每一页对照其校验和，日志每段的每一批与每一页，段与段是否相接，状态归谁、曾到何处，密钥文件，以及"
        "不属于本平台的文件。平台停止或运行时均可，只读。各服务自身也在后台缓慢巡检。退出码 1：有损坏。\n"
        "\n"
        "  hutong doctor --scrub\n"
        "  hutong --json doctor --scrub",
    .options = (const struct command_option[]){{"--scrub", NULL, "立即读遍全部文件", "reads all files at once"}, {0}},
    .run = run,
};
