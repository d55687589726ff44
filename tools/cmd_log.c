/* SPDX-License-Identifier: Apache-2.0
 * hutong snapshot, hutong trim: states at a position, and the log before them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tools/cli.h"

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

/* Every stream of the exchange: a segment goes when the word has been given for all that are in it. */
static int run_trim(struct cli *cli)
{
    char *end = NULL, stream[32];
    long long segments = 0;
    if (!cli_arguments(cli, &command_trim, 1, 1))
        return CLI_USAGE;
    uint64_t below = strtoull(cli->argv[0], &end, 10);
    if (*end != 0 || end == cli->argv[0]) {
        complain("a position is wanted, not %s", cli->argv[0]);
        return CLI_USAGE;
    }
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    uint32_t last = 1 + 2 * cli->config.partitions;
    for (uint32_t i = 0; i <= last; i++) {
        if (i == 0 || i == last)
            (void)snprintf(stream, sizeof stream, i == 0 ? "submissions" : "books");
        else
            (void)snprintf(stream, sizeof stream, "%s.%u", i % 2 ? "verdicts" : "outcomes", (i - 1) / 2);
        json_t *reply = cli_broker(cli, BUS_TRIM, (union bus_request_body){.trim = {stream, below}}, 60000);
        if (reply == NULL) {
            complain("the broker does not answer");
            return CLI_UNREACHABLE;
        }
        json_t *error = json_object_get(reply, "error");
        if (error != NULL)
            complain("%s: %s", stream, cli_text(error, "detail"));
        segments += cli_integer(json_object_get(reply, "trimmed"), "segments");
        bool refused = error != NULL;
        json_decref(reply);
        if (refused)
            return CLI_DIFFERENT;
    }
    if (cli->json)
        cli_print_json(json_pack("{s:I}", "segments", (json_int_t)segments));
    else
        (void)printf("%lld segments removed\n", segments);
    return CLI_OK;
}

const struct command command_snapshot = {
    .name = "snapshot",
    .usage = "snapshot DIR",
    .summary = "each service's state at its position, with its digest, into DIR",
    .help = "Writes DIR/CORE-PARTITION-POSITION, one directory a service, while it runs. To start from one: stop the "
            "exchange and put\n"
            "the directory in the place of DATA/CORE-PARTITION; the service reads the log from there on.\n\n"
            "  hutong snapshot /var/backups/hutong",
    .run = run_snapshot,
};
const struct command command_trim = {
    .name = "trim",
    .usage = "trim POSITION",
    .summary = "remove whole segments of the log below a position, where no reader needs them",
    .help = "Only after a snapshot beyond the position, and an archive: a service whose state is lost can then no "
            "longer be made\n"
            "again from the log alone.\n\n  hutong trim 10000000",
    .run = run_trim,
};
