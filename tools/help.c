/* SPDX-License-Identifier: Apache-2.0
 * hutong help, and --help of every command. */
#include "tools/help.h"

#include <string.h>

#include "tools/cli.h"
#include "tools/command_line.h"
#include "tools/help_daemon.h"
#include "tools/verb_run.h"
#include "tools/wrap.h"

enum { COMMAND_GAP = 15, VERB_GAP = 23, OPTION_GAP = 26 };

static const char *in_language(const char *zh, const char *en)
{
    return zh != NULL && !language_is_english() ? zh : en;
}

static void put_options(struct buffer *out, const struct command_option *options)
{
    for (const struct command_option *each = options; each != NULL && each->name != NULL; each++) {
        char word[64];
        (void)snprintf(word, sizeof word, "  %s%s%s", each->name, each->value != NULL ? " " : "",
                       each->value != NULL ? each->value : "");
        wrap_beside(out, word, OPTION_GAP, in_language(each->zh, each->en));
    }
}

void help_print(const struct command_entry *entries, FILE *out)
{
    struct buffer text = {0};
    char word[32];
    wrap_page(&text,
              said("hutong 互通：河北、北京、天津社会保险系统之间的交换平台\n\n用法：hutong [OPTION]... COMMAND ...\n",
                   "hutong 互通: the exchange between the social-insurance systems of Hebei, Beijing and Tianjin\n\n"
                   "usage: hutong [OPTION]... COMMAND ...\n"),
              0);
    for (const struct command_entry *each = entries; !command_entries_end(each); each++) {
        const struct command *command = each->command;
        if (command == NULL) {
            buffer_printf(&text, "\n%s\n", in_language(each->zh, each->en));
            continue;
        }
        (void)snprintf(word, sizeof word, "  %s", command->name);
        wrap_beside(&text, word, COMMAND_GAP, in_language(command->summary_zh, command->summary));
    }
    buffer_append_text(&text, "\n");
    wrap_page(&text,
              said("各命令共有的选项：可写在任何位置，可缩写，可写作 --选项=值；-c、-j、-h、-V 即 "
                   "--config、 --json、 --help、 --version",
                   "Options of every command: anywhere, abbreviated, as --option=value too; -c, -j, -h and -V are "
                   "--config, --json, --help and --version"),
              0);
    put_options(&text, command_shared_options);
    buffer_append_text(&text, "\n");
    wrap_page(&text,
              said("退出码：0 完成；1 完成，答案为否；2 命令行有误；3 限时内无回答；4 输入不可用；5 本机失败。"
                   "hutong help COMMAND 讲解一条命令。",
                   "exit codes: 0 done; 1 done, and the answer is no; 2 usage; 3 no answer in time; 4 bad input; "
                   "5 failed. hutong help COMMAND teaches a command."),
              0);
    (void)fputs(buffer_text(&text), out);
    buffer_fini(&text);
}

static void put_usage(struct buffer *text, const char *usage)
{
    const char *begin = said("用法：hutong ", "usage: hutong ");
    buffer_append_text(text, begin);
    wrap_words(text, usage, wrap_columns(begin), 14);
    buffer_append_text(text, "\n\n");
}

static void put_own_options(struct buffer *text, const struct command_option *options)
{
    if (options == NULL)
        return;
    buffer_append_text(text, said("\n选项\n", "\nOptions\n"));
    put_options(text, options);
}

static void put_verbs(struct buffer *text, const char *command)
{
    const struct verb *verb;
    bool first = true;
    for (unsigned i = 0; (verb = verb_at(i)) != NULL; i++) {
        char word[40];
        if (strcmp(verb->command, command) != 0)
            continue;
        if (first)
            buffer_printf(text,
                          said("\n可发送的报文，先显示再询问；hutong %s VERB --help 列出选项\n",
                               "\nMessages to send, each shown and asked for; hutong %s VERB --help\n"),
                          command);
        first = false;
        (void)snprintf(word, sizeof word, "  %s", verb->word);
        wrap_beside(text, word, VERB_GAP, in_language(verb->zh, verb->en));
    }
}

void help_print_command(const struct command *command, const char *word)
{
    struct buffer text = {0}, usage = {0};
    const struct verb *verb = verb_find(command->name, word);
    if (verb != NULL) {
        verb_usage(verb, &usage);
        put_usage(&text, buffer_text(&usage));
        wrap_page(&text, in_language(verb->zh, verb->en), 0);
        put_own_options(&text, verb_options(command->name, word));
    } else {
        put_usage(&text, command->usage);
        wrap_page(&text, in_language(command->help_zh, command->help), 0);
        put_own_options(&text, command->options);
        put_verbs(&text, command->name);
    }
    buffer_append_text(&text, said("\n各命令共有的选项：hutong help\n", "\nOptions of every command: hutong help\n"));
    (void)fputs(buffer_text(&text), stdout);
    buffer_fini(&text);
    buffer_fini(&usage);
}

/* ---- completion ---- */

static void print_words(const struct command_option *options)
{
    for (const struct command_option *each = options; each != NULL && each->name != NULL; each++)
        (void)printf(" %s", each->name);
}

/* For bash: commands, their options, the words that a value may have, else files. */
static void print_completion(const struct command_entry *entries)
{
    (void)fputs("# bash completion of hutong; made by hutong help --completion\n_hutong()\n{\n"
                "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= options= each\n"
                "    COMPREPLY=()\n"
                "    case $before in\n"
                "    --language) COMPREPLY=($(compgen -W 'zh en' -- \"$word\")); return ;;\n"
                "    --as) COMPREPLY=($(compgen -f -W '110000 120000 130000 operator' -- \"$word\")); return ;;\n"
                "    esac\n"
                "    for each in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                "        case $each in\n",
                stdout);
    for (const struct command_entry *each = entries; !command_entries_end(each); each++) {
        if (each->command == NULL)
            continue;
        (void)printf("        %s) command=$each options='", each->command->name);
        print_words(each->command->options);
        (void)fputs("'; break ;;\n", stdout);
    }
    (void)fputs("        esac\n    done\n    if [[ $word == -* ]]; then\n        COMPREPLY=($(compgen -W \"$options",
                stdout);
    print_words(command_shared_options);
    (void)fputs("\" -- \"$word\"))\n    elif [[ -z $command || $command == help ]]; then\n"
                "        COMPREPLY=($(compgen -W '",
                stdout);
    for (const struct command_entry *each = entries; !command_entries_end(each); each++)
        if (each->command != NULL)
            (void)printf("%s ", each->command->name);
    (void)fputs("' -- \"$word\"))\n    fi\n}\ncomplete -o default -F _hutong hutong\n", stdout);
}

/* ---- the command ---- */

static int run(struct cli *cli)
{
    bool completion = cli_flag(cli, "--completion");
    if (!cli_arguments(cli, &command_help, 0, 2))
        return CLI_USAGE;
    if (completion) {
        print_completion(cli->commands);
        return CLI_OK;
    }
    if (cli->argc == 0) {
        help_print(cli->commands, stdout);
        return CLI_OK;
    }
    if (help_daemon(cli->argv[0]))
        return CLI_OK;
    const struct command *command = command_line_find(cli->commands, cli->argv[0]);
    if (command == NULL)
        return CLI_USAGE;
    help_print_command(command, cli->argc > 1 ? cli->argv[1] : "");
    return CLI_OK;
}

const struct command command_help = {
    .name = "help",
    .usage = "help [COMMAND [VERB] | hutong-DAEMON] | help --completion",
    .summary = "the commands, or one of them with its options and an example",
    .summary_zh = "列出全部命令，或讲解其中一条：选项与示例",
    .help = "The same as hutong COMMAND --help. --completion prints what bash needs to complete commands and options; "
            "an installed hutong brings it along.\n\n"
            "  hutong help submit\n"
            "  hutong help hutong-broker\n"
            "  source <(hutong help --completion)",
    .help_zh = "与 hutong COMMAND --help 相同。--completion 输出供 bash 补全命令和选项的脚本；安装时已随附。\n\n"
               "  hutong help submit\n"
               "  hutong help hutong-broker\n"
               "  source <(hutong help --completion)",
    .options =
        (const struct command_option[]){
            {"--completion", NULL, "输出 bash 补全脚本", "what bash needs to complete commands and options"}, {0}},
    .run = run,
};
