/* SPDX-License-Identifier: Apache-2.0
 * hutong: the operator's and the harness's tool. */
#include <stdio.h>

#include "tools/cli.h"
#include "tools/verb_run.h"

static const struct command *const commands[] = {
#define COMMAND(name) &command_##name,
#include "tools/command.def"
#undef COMMAND
};

enum { COMMANDS_COUNT = sizeof commands / sizeof commands[0] };

const struct command *command_find(const char *name)
{
    for (unsigned i = 0; i < COMMANDS_COUNT; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static void print_help(FILE *out)
{
    (void)fputs("hutong 互通: the exchange between the social-insurance systems of Hebei, Beijing and Tianjin\n\n"
                "usage: hutong [--config FILE] [--json] [--as PARTY] COMMAND ...\n\n",
                out);
    for (unsigned i = 0; i < COMMANDS_COUNT; i++)
        (void)fprintf(out, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
    (void)fputs(
        "\n  --config FILE   the exchange's configuration (or HUTONG_CONFIG, ./hutong.yaml, "
        "./hutong-data/hutong.yaml)\n"
        "  --json          machine-readable output, one JSON value a line\n"
        "  --as PARTY      speak for 110000, 120000, 130000 or operator over tcp with that party's key;\n"
        "                  without it: the operator over this machine's ipc\n"
        "  --gate, --mailbox ENDPOINT, --server-key Z85   an exchange on another machine\n\n"
        "exit codes: 0 done; 1 done, and the answer is no; 2 usage; 3 no answer in time; 4 bad input; 5 failed\n"
        "hutong COMMAND --help teaches a command.\n",
        out);
}

int main(int argc, char **argv)
{
    struct cli cli = {.argc = argc - 1, .argv = argv + 1};
    cli.config_path = cli_option(&cli, "--config");
    cli.as = cli_option(&cli, "--as");
    cli.gate = cli_option(&cli, "--gate");
    cli.mailbox = cli_option(&cli, "--mailbox");
    cli.server_key = cli_option(&cli, "--server-key");
    cli.json = cli_flag(&cli, "--json");
    bool help = cli_flag(&cli, "--help") || cli_flag(&cli, "-h");
    if (cli.argc == 0 || strcmp(cli.argv[0], "help") == 0) {
        print_help(cli.argc == 0 && !help ? stderr : stdout);
        return cli.argc == 0 && !help ? CLI_USAGE : CLI_OK;
    }
    const struct command *command = command_find(cli.argv[0]);
    if (command == NULL) {
        complain("unknown command %s; hutong --help lists them", cli.argv[0]);
        return CLI_USAGE;
    }
    if (help && verb_help(&cli))
        return CLI_OK;
    if (help) {
        (void)printf("usage: hutong %s\n\n%s\n", command->usage, command->help);
        verb_summaries(command->name);
        return CLI_OK;
    }
    cli.argc--;
    cli.argv++;
    int code = command->run(&cli);
    ht_close(&cli.client);
    if (cli.configured)
        config_fini(&cli.config);
    return code;
}
