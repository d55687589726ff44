/* SPDX-License-Identifier: Apache-2.0
 * hutong console: a way into the console, for a person at this machine. */
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "common/net/loop.h"
#include "services/console/front_rules.h"
#include "services/console/links.h"
#include "services/console/users_file.h"
#include "tools/cli.h"

/* Where a file says who may come in, the link is for one of them. */
static bool may_come_in(const struct cli *cli, const char *user)
{
    static struct console_users users;
    struct buffer why = {0};
    const char *path = cli->config.console_users;
    bool read = path[0] == 0 || users_read(path, &users, &why) == OK;
    bool known = read && (path[0] == 0 || users_named(&users, user) != NULL);
    if (!read)
        complain("%s", buffer_text(&why));
    else if (!user_name_is_sound(user))
        complain(said("用户名须为 1 至 32 个字母、数字或 . - _ @：%s",
                      "a user's name is 1 to 32 letters, digits or . - _ @: %s"),
                 user);
    else if (!known)
        complain(said("%s 中没有用户 %s；请写 --user NAME", "%s does not name the user %s; say --user NAME"), path,
                 user);
    buffer_fini(&why);
    return known && user_name_is_sound(user);
}

static int print_link(struct cli *cli, const char *user)
{
    char url[ORIGIN_SIZE], token[LINK_TOKEN_SIZE + 1];
    struct buffer why = {0};
    bool made = front_url(&cli->config, url, &why) == OK &&
                link_make(cli->config.run_directory, user, loop_wall_ms(), token, &why) == OK;
    if (!made)
        complain("%s", buffer_text(&why));
    else if (cli->json)
        cli_print_json(json_pack("{s:s,s:s,s:s}", "url", url, "token", token, "user", user));
    else
        (void)printf(said("%s/#login=%s\n五分钟内有效，只能用一次；登录为 %s\n",
                          "%s/#login=%s\ngood for five minutes, once; logs in as %s\n"),
                     url, token, user);
    explicit_bzero(token, sizeof token);
    buffer_fini(&why);
    return made ? CLI_OK : CLI_FAILED;
}

static int run(struct cli *cli)
{
    const struct passwd *person = getpwuid(geteuid());
    const char *user = cli_option(cli, "--user");
    if (!cli_arguments(cli, &command_console, 0, 0))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    if (cli->config.console_endpoint[0] == 0) {
        complain(said("配置中没有 console_endpoint，因此没有控制台",
                      "there is no console: console_endpoint is not in the configuration"));
        return CLI_DIFFERENT;
    }
    user = user != NULL ? user : person != NULL ? person->pw_name : "";
    if (!may_come_in(cli, user))
        return CLI_BAD_INPUT;
    return print_link(cli, user);
}

const struct command command_console = {
    .name = "console",
    .usage = "console [--user NAME]",
    .summary = "a one-time link into the web console",
    .summary_zh = "取得进入网页控制台的一次性链接",
    .help =
        "Prints a link that logs in once, within five minutes. On the exchange's own machine, by whoever may write\n"
        "into its run directory. Where console_users names a file, the user must be in it and has the roles that it\n"
        "says; without such a file whoever can make a link has all roles. docs/CONSOLE.md.\n\n"
        "  hutong console\n  hutong console --user li.wei",
    .help_zh = "输出一个链接：五分钟内有效，只能登录一次。须在平台本机、由可写运行目录的用户执行。配置了 console_users "
               "的，用户须在该文件中，角色以该文件为准；没有配置的，能取得链接者具有全部角色。见 docs/CONSOLE.md。\n"
               "\n"
               "  hutong console\n"
               "  hutong console --user li.wei",
    .options = (const struct command_option[]){{"--user", "NAME", "登录为谁；缺省为执行者的系统用户名",
                                                "who logs in; else the name of this system's user"},
                                               {0}},
    .run = run,
};
