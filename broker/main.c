/* SPDX-License-Identifier: Apache-2.0
 * hutong-broker --config FILE [--check]: the log of one exchange. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "broker/broker.h"
#include "broker/dump.h"
#include "broker/log_scrub.h"
#include "common/base/check.h"
#include "common/config/config.h"
#include "common/http/http.h"
#include "common/net/zap.h"
#include "common/observe/diary.h"
#include "common/runtime/process.h"

struct daemon {
    struct process process;
    struct log *log;
    struct broker *broker;
    struct log_scrub *scrub;
    struct zap *zap;
};

static const char *readiness(void *self)
{
    return broker_why_not_ready(self);
}

static enum status run(struct daemon *daemon, struct buffer *why)
{
    const struct config *config = &daemon->process.config;
    struct buffer directory, ipc, last_backup;
    buffer_init(&directory);
    buffer_init(&last_backup);
    buffer_printf(&last_backup, "%s/last_backup", config->data_directory);
    buffer_init(&ipc);
    buffer_printf(&directory, "%s/broker", config->data_directory);
    config_broker_ipc(config, &ipc);
    struct log_options options = {.directory = buffer_text(&directory),
                                  .segment_size = config->segment_size_mib << 20,
                                  .size_limit = config->log_limit_mib << 20,
                                  .disk_reserve = (uint64_t)DISK_RESERVE_MIB << 20,
                                  .partitions = config->partitions};
    enum status status = log_open(&options, &daemon->log, why);
    bool tcp = config->broker_endpoint[0] != 0;
    if (status == OK && tcp)
        status = process_open_zap(&daemon->process, &daemon->zap, why);
    struct broker_options front = {.loop = daemon->process.loop,
                                   .log = daemon->log,
                                   .metrics = daemon->process.metrics,
                                   .ipc_endpoint = buffer_text(&ipc),
                                   .tcp_endpoint = tcp ? config->broker_endpoint : NULL,
                                   .last_backup = buffer_text(&last_backup),
                                   .zap = daemon->zap,
                                   .started_at = process_started_at(),
                                   .restarts = process_restarts()};
    if (status == OK)
        status = broker_open(&front, &daemon->broker, why);
    if (status == OK)
        status = process_serve_http(&daemon->process, readiness, daemon->broker,
                                    "主循环已 5 秒没有动静; the loop has not turned for 5 s", NULL, why);
    if (status == OK)
        status = process_confine(&daemon->process, why);
    if (status == OK) {
        if (log_damage(daemon->log)[0] != 0)
            diary_event(DIARY_ERROR, "log_damaged", "status=%s detail=%s", status_name(FATAL_CORRUPT),
                        log_damage(daemon->log));
        daemon->scrub = log_scrub_start(daemon->log, daemon->process.metrics);
        diary_event(DIARY_INFO, "serving", "endpoint=%s", buffer_text(&ipc));
        loop_run(daemon->process.loop);
        status = broker_status(daemon->broker);
    }
    process_close_http(&daemon->process);
    log_scrub_stop(&daemon->scrub);
    broker_close(&daemon->broker);
    log_close(&daemon->log);
    zap_close(&daemon->zap);
    buffer_fini(&directory);
    buffer_fini(&ipc);
    buffer_fini(&last_backup);
    return status;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--dump") == 0)
        return dump_log(argv[2], stdout);
    struct daemon daemon = {0};
    struct buffer why;
    buffer_init(&why);
    enum status status = process_open(&daemon.process, "broker", argc, argv, &why);
    if (status == OK)
        status = run(&daemon, &why);
    int code = process_close(&daemon.process, status, &why);
    buffer_fini(&why);
    return code;
}
