/* SPDX-License-Identifier: Apache-2.0
 * hutong doctor: a quick look at a deployment; --scrub: every file of it. Reads alone. */
#include <stdio.h>

#include "common/net/loop.h"
#include "common/observe/build.h"
#include "tools/daemons.h"
#include "tools/doctor_exchange.h"
#include "tools/doctor_log.h"
#include "tools/doctor_machine.h"
#include "tools/doctor_states.h"
#include "tools/keys_signing.h"
#include "tools/status_ask.h"

enum { PATH_SIZE = 4096 + 64, ASK_MS = 1000, ASK_NOBODY_MS = 300 };

static void scrub(struct doctor *doctor)
{
    char path[PATH_SIZE];
    const struct config *config = &doctor->cli->config;
    (void)snprintf(path, sizeof path, "%s/broker", config->data_directory);
    doctor_log(doctor, path);
    doctor_states(doctor, config->data_directory);
    doctor_keys(doctor, config->key_directory);
    if (!doctor->cli->json)
        (void)printf(said("日志段 %llu，状态 %llu，密钥 %llu：发现 %u 处损坏\n",
                          "%llu segments, %llu states, %llu keys: %u damaged\n"),
                     (unsigned long long)doctor->segments, (unsigned long long)doctor->states,
                     (unsigned long long)doctor->keys, doctor->found);
}

/* ---- the quick look ---- */

/* Daemons that live, by this machine's word; those that were given up are told. */
static unsigned look_at_daemons(struct doctor *doctor)
{
    const char *service;
    uint32_t partition;
    char name[64];
    unsigned live = 0;
    for (unsigned i = 0; daemons_at(doctor->cli, i, &service, &partition); i++) {
        struct buffer why = {0};
        pid_t pid = daemon_alive(doctor->cli, service, partition);
        (void)snprintf(name, sizeof name, "%s-%u", service, partition);
        live += pid != 0;
        if (pid != 0)
            doctor_limits(doctor, name, (int)pid);
        else if (daemon_is_given_up(doctor->cli, service, partition, &why))
            doctor_found(doctor, FINDING_GIVEN_UP, name, buffer_text(&why));
        buffer_fini(&why);
    }
    return live;
}

/* What they say; where none lives and none answers, it does not run. */
static void ask_all(struct doctor *doctor, unsigned live, instant_ms_t now)
{
    struct cli *cli = doctor->cli;
    const char *service;
    uint32_t partition;
    char name[SERVICE_STATE_NAME_SIZE];
    json_t *broker = status_of_broker(cli, live > 0 ? ASK_MS : ASK_NOBODY_MS);
    if (broker == NULL && live == 0) {
        doctor_found(doctor, FINDING_NOT_RUNNING, cli->config.run_directory, "");
        return;
    }
    doctor_broker(doctor, broker);
    json_decref(broker);
    for (unsigned i = 0; service_state_at(cli->config.partitions, i, &service, &partition); i++) {
        json_t *status = status_of_service(cli, service, partition, ASK_MS);
        service_state_name(service, partition, name);
        doctor_service(doctor, name, status, build_commit(), now);
        if (status != NULL && strcmp(service, "validation") == 0 && partition == 0) {
            json_t *keys = keys_signing_there(cli);
            doctor_signing_keys(doctor, keys, now);
            json_decref(keys);
        }
        json_decref(status);
    }
}

static void look(struct doctor *doctor)
{
    instant_ms_t now = loop_wall_ms();
    doctor_machine(doctor, now);
    doctor_keys(doctor, doctor->cli->config.key_directory);
    ask_all(doctor, look_at_daemons(doctor), now);
    if (!doctor->cli->json)
        (void)printf(said("须处理 %u 项，提示 %u 项\n", "%u to be acted on, %u to be noted\n"), doctor->found,
                     doctor->notes);
}

static int run(struct cli *cli)
{
    struct doctor doctor = {.cli = cli};
    bool whole = cli_flag(cli, "--scrub");
    if (!cli_arguments(cli, &command_doctor, 0, 0))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    if (whole)
        scrub(&doctor);
    else
        look(&doctor);
    return doctor.found > 0 ? CLI_DIFFERENT : CLI_OK;
}

const struct command command_doctor = {
    .name = "doctor",
    .usage = "doctor [--scrub]",
    .summary = "what is wrong with a deployment, running or not, and what to do; --scrub: every file, read through",
    .summary_zh = "部署哪里不妥及如何处理，平台运行与否均可；--scrub：读遍每个文件",
    .help =
        "A quick look: configuration and ports, keys with their modes and halves, disk and its growth, clock, limits, "
        "backups, what daemons say of themselves: ready, lag, room of states, readers that hold trimming, builds and "
        "version of the rules, dead letters, damage that the rounds found; and what ends soon: calendars, standards, "
        "policies, signing keys. Each finding with its code, where it is and what to do. Exit code 1: somebody has to "
        "act; notes alone leave it 0.\n\n"
        "--scrub: every page of every state against its sum, every batch and page of every segment of the log, that "
        "segments follow each other, whose each state is and how far it has been, the key files, and files that are "
        "not "
        "the exchange's. The services go round by themselves as well, more slowly. Either changes nothing.\n\n"
        "  hutong doctor\n"
        "  hutong --json doctor --scrub",
    .help_zh =
        "快速检查：配置与端口，密钥的权限与两半，磁盘及其增长，时钟，限额，备份；各进程自己所报：就绪、落后、状态空间、"
        "使日志无法删减的读者、构建与规则版本、死信、巡检发现的损坏；以及即将到期的：日历、标准、政策、签名密钥。"
        "每项给出代码、所在和处理办法。退出码 1：有须处理的；只有提示则为 0。\n\n"
        "--"
        "scrub：每个状态的每一页对照其校验和，日志每段的每一批与每一页，段与段是否相接，状态归谁、曾到何处，密钥文件，"
        "以及不属于本平台的文件。各服务自身也在后台缓慢巡检。两者都只读。\n\n"
        "  hutong doctor\n"
        "  hutong --json doctor --scrub",
    .options = (const struct command_option[]){{"--scrub", NULL, "立即读遍全部文件", "reads all files at once"}, {0}},
    .run = run,
};
