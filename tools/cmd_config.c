/* SPDX-License-Identifier: Apache-2.0
 * hutong config: what is wrong with the configuration, what it comes to, and its keys. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/check.h"
#include "tools/cli.h"
#include "tools/config_check.h"
#include "tools/wrap.h"

enum { KEY_GAP = 26 };

/* ---- check ---- */

static int print_check(struct cli *cli, const char *path, const struct config_file *file)
{
    for (unsigned i = 0; i < file->fault_count; i++) {
        const struct config_fault *fault = &file->faults[i];
        if (cli->json)
            cli_print_json(json_pack("{s:s,s:i,s:s,s:s}", "file", path, "line", (int)fault->line, "zh", fault->zh, "en",
                                     fault->en));
    }
    if (!cli->json)
        cli_complain_config(path, file);
    if (file->fault_count == 0 && !cli->json)
        (void)printf(said("%s：没有发现问题\n", "%s: nothing is wrong\n"), path);
    return file->fault_count > 0 ? CLI_BAD_INPUT : CLI_OK;
}

static int run_check(struct cli *cli, const char *path)
{
    struct config config;
    struct config_file *file = calloc(1, sizeof *file);
    INVARIANT(file != NULL);
    bool read = config_check(path, &config, file);
    int code = print_check(cli, path, file);
    if (read)
        config_fini(&config);
    free(file);
    return code;
}

/* ---- show ---- */

/* What YAML would read otherwise stands in quotes. */
static void print_value(struct buffer *line, const struct config_key *key, const char *value)
{
    bool plain = key->kind == CONFIG_NUMBER || key->kind == CONFIG_TRUTH ||
                 (value[0] != 0 && strpbrk(value, "#'\"{}[]&*!|>%@`\\") == NULL && strstr(value, ": ") == NULL);
    buffer_printf(line, plain ? "%s: %s" : "%s: '%s'", key->name, value);
}

static void show_key(struct cli *cli, const char *path, const struct config_key *key, const char *value, unsigned line)
{
    struct buffer text = {0};
    if (cli->json) {
        cli_print_json(json_pack("{s:s,s:s,s:s,s:o?}", "key", key->name, "value", value, "from",
                                 line > 0 ? path : "default", "line",
                                 line > 0 ? json_integer((json_int_t)line) : NULL));
        return;
    }
    print_value(&text, key, value);
    if (line > 0)
        (void)printf(said("%-48s # 第 %u 行\n", "%-48s # line %u\n"), buffer_text(&text), line);
    else
        (void)printf("%-48s # %s\n", buffer_text(&text), said("缺省", "default"));
    buffer_fini(&text);
}

static int run_show(struct cli *cli, const char *path, bool effective)
{
    struct config config;
    struct config_file *file = calloc(1, sizeof *file);
    INVARIANT(file != NULL);
    enum status status = config_read(path, &config, file);
    if (status != OK)
        cli_complain_config(path, file);
    else if (!cli->json)
        (void)printf("# %s\n", path);
    for (unsigned i = 0; i < CONFIG_KEYS_COUNT && status == OK; i++) {
        struct buffer value = {0};
        config_value(&config, &config_keys[i], &value);
        if (effective || file->lines[i] > 0)
            show_key(cli, path, &config_keys[i], buffer_text(&value), file->lines[i]);
        buffer_fini(&value);
    }
    if (status == OK)
        config_fini(&config);
    free(file);
    return status == OK ? CLI_OK : CLI_BAD_INPUT;
}

/* ---- keys ---- */

static void describe_key(const struct config_key *key, struct buffer *out)
{
    struct buffer text = {0};
    char word[64];
    (void)snprintf(word, sizeof word, "  %s", key->name);
    buffer_append_text(&text, said(key->zh, key->en));
    if (key->fallback[0] == 0)
        buffer_append_text(&text, said("。可以没有", ". It may lack"));
    else
        buffer_printf(&text, said("。缺省 %s", ". Unless given: %s"), key->fallback);
    if (key->kind == CONFIG_NUMBER)
        buffer_printf(&text, said("；%llu..%llu", "; %llu..%llu"), (unsigned long long)key->least,
                      (unsigned long long)key->most);
    wrap_beside(out, word, KEY_GAP, buffer_text(&text));
    buffer_fini(&text);
}

static int run_keys(struct cli *cli)
{
    struct buffer text = {0};
    for (unsigned i = 0; i < CONFIG_KEYS_COUNT; i++) {
        const struct config_key *key = &config_keys[i];
        if (cli->json)
            cli_print_json(json_pack("{s:s,s:s,s:s,s:s}", "key", key->name, "default", key->fallback, "zh", key->zh,
                                     "en", key->en));
        else
            describe_key(key, &text);
    }
    (void)fputs(buffer_text(&text), stdout);
    buffer_fini(&text);
    return CLI_OK;
}

static int run(struct cli *cli)
{
    const char *word = cli->argc > 0 ? cli->argv[0] : "";
    bool check = strcmp(word, "check") == 0, show = strcmp(word, "show") == 0;
    if (strcmp(word, "keys") == 0 && cli->argc == 1)
        return run_keys(cli);
    if (!(check && cli->argc <= 2) && !(show && cli->argc == 1))
        return cli_usage(&command_config);
    const char *path = cli->argc == 2 ? cli->argv[1] : cli_config_path(cli);
    if (path == NULL)
        return CLI_BAD_INPUT;
    return check ? run_check(cli, path) : run_show(cli, path, cli_flag(cli, "--effective"));
}

const struct command command_config = {
    .name = "config",
    .usage = "config check [FILE] | config show [--effective] | config keys",
    .summary = "the configuration: what is wrong with it, what it comes to, its keys",
    .summary_zh = "配置：哪里有误，生效的是什么，有哪些键",
    .help =
        "check tells all faults at once, each with its line: unknown keys, values out of range, keys that cannot work "
        "together, directories that cannot be used, a witness policy that cannot be read, ports that somebody else "
        "has. Asks nobody, changes nothing. Exit code 4: there are faults. show prints what the file says as YAML, "
        "--effective with the defaults, and where each value comes from. keys explains all there are.\n\n"
        "  hutong config check /etc/hutong/hutong.yaml\n"
        "  hutong config show --effective",
    .help_zh =
        "check 一次列出全部错误及其行号：不认识的键、超出范围的值、不能同时成立的键、不可用的目录、读不了的见证策略、"
        "被他人占用的端口。不询问任何进程，不改动任何东西。退出码 4：有错误。show 以 YAML 列出文件所写的；"
        "--effective 连同缺省值，并注明各值来自何处。keys 讲解全部的键。\n"
        "\n"
        "  hutong config check /etc/hutong/hutong.yaml\n"
        "  hutong config show --effective",
    .options = (const struct command_option[]){{"--effective", NULL, "连同缺省值", "with the defaults"}, {0}},
    .run = run,
};
