/* SPDX-License-Identifier: Apache-2.0
 * hutong: the operator's and the harness's tool. */
#include <stdio.h>

#include "common/observe/build.h"
#include "tools/action.h"
#include "tools/cli.h"
#include "tools/command_line.h"
#include "tools/help.h"

static const struct command_entry commands[] = {
#define GROUP(zh, en) {zh, en, NULL},
#define COMMAND(name) {NULL, NULL, &command_##name},
#include "tools/command.def"
#undef COMMAND
#undef GROUP
    {NULL, NULL, NULL},
};

/* --help, --version, a language that there is not, no command: answered here. False: the command is to run. */
static bool answered(const struct arguments *arguments, int *code)
{
    *code = CLI_OK;
    if (!language_choose(arguments_value(arguments, "--language"))) {
        complain("--language zh|en");
        *code = CLI_USAGE;
    } else if (arguments_value(arguments, "--version") != NULL) {
        (void)printf("hutong %s (%s)\n", build_version(), build_commit());
    } else if (arguments_value(arguments, "--help") != NULL && arguments->command != NULL) {
        help_print_command(arguments->command, arguments->argc > 0 ? arguments->argv[0] : "");
    } else if (arguments_value(arguments, "--help") != NULL) {
        help_print(commands, stdout);
    } else if (arguments->command == NULL) {
        help_print(commands, stderr);
        *code = CLI_USAGE;
    } else {
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct arguments arguments;
    int code;
    if (!command_line_read(commands, argc, argv, &arguments))
        return CLI_USAGE;
    if (answered(&arguments, &code))
        return code;
    struct cli cli = {.config_path = arguments_value(&arguments, "--config"),
                      .json = arguments_value(&arguments, "--json") != NULL,
                      .gate = arguments_value(&arguments, "--gate"),
                      .mailbox = arguments_value(&arguments, "--mailbox"),
                      .server_key = arguments_value(&arguments, "--server-key"),
                      .signing_key = arguments_value(&arguments, "--signing-key"),
                      .arguments = &arguments,
                      .commands = commands,
                      .argc = arguments.argc,
                      .argv = arguments.argv};
    const char *as = arguments_value(&arguments, "--as");
    if (!cli_say_who(&cli, arguments_value(&arguments, "--by")))
        return CLI_USAGE;
    code = as != NULL && !cli_speak_as(&cli, as) ? CLI_BAD_INPUT : arguments.command->run(&cli);
    action_ended(&cli, code);
    ht_close(&cli.client);
    buffer_fini(&cli.from);
    explicit_bzero(&cli.own, sizeof cli.own);
    if (cli.configured)
        config_fini(&cli.config);
    return code;
}
