/* SPDX-License-Identifier: Apache-2.0
 * hutong keys: who may speak. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/instant.h"
#include "common/codes/area.h"
#include "common/net/keys.h"
#include "tools/action.h"
#include "tools/keys_signing.h"

enum { PATH_SIZE = 4096 + 300 };

/* Two operators at once would each write one half of a pair (O5). Held until the process ends. */
static bool take_turn(const struct cli *cli)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/parties", cli->config.key_directory);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX) == 0)
        return true;
    complain(said("无法锁定 %s：%s", "cannot lock %s: %s"), path, strerror(errno));
    return false;
}

static int run_new(struct cli *cli, const char *party, const char *name)
{
    char public_path[PATH_SIZE], secret_path[PATH_SIZE];
    const char *role = region_is_known(party) ? "region" : strcmp(party, "operator") == 0 ? "operator" : NULL;
    if (role == NULL) {
        complain(said("接入方为 110000、120000、130000 或 operator，而不是 %s",
                      "a party is 110000, 120000, 130000 or operator, not %s"),
                 party);
        return CLI_USAGE;
    }
    (void)snprintf(public_path, sizeof public_path, "%s/parties/%s.key", cli->config.key_directory, name);
    (void)snprintf(secret_path, sizeof secret_path, "%s/clients/%s.key_secret", cli->config.key_directory, name);
    if (access(public_path, F_OK) == 0) {
        complain(said("已有密钥 %s；用 --name 另取名称，或先吊销",
                      "there is a key %s already; give another --name, or revoke it first"),
                 name);
        return CLI_DIFFERENT;
    }
    if (access(secret_path, F_OK) == 0) {
        complain(said("密钥 %s 已吊销，其私钥仍在 %s：请删除该文件，或用 --name 另取名称",
                      "key %s was revoked and its secret half still lies in %s: remove that file, or give --name"),
                 name, secret_path);
        return CLI_DIFFERENT;
    }
    char subject[PATH_SIZE];
    (void)snprintf(subject, sizeof subject, "%.64s %s", name, party);
    int code = action_record(cli, &(struct action){ACTION_KEYS_NEW, subject, 0});
    if (code != CLI_OK)
        return code;
    if (keys_make(public_path, secret_path, party, role) != OK) {
        complain(said("无法写入 %s：%s", "cannot write %s: %s"), public_path, strerror(errno));
        return CLI_FAILED;
    }
    if (cli->json)
        cli_print_json(json_pack("{s:s,s:s,s:s}", "party", party, "public", public_path, "secret", secret_path));
    else
        (void)printf(said("%s 自此可以收发\n  私钥，只交给该主体：%s\n",
                          "party %s may speak from now on\n  secret key, for the party alone: %s\n"),
                     party, secret_path);
    return CLI_OK;
}

/* Of a file of parties/: NAME.key, or NAME.revoked.SECONDS; NULL: neither. When it was made, or revoked. */
static json_t *describe_key(const char *directory, const char *file)
{
    char path[PATH_SIZE + 300], day[16];
    struct key_pair pair;
    struct stat there;
    const char *revoked = strstr(file, ".revoked.");
    size_t size = strlen(file);
    if (revoked == NULL && (size < 5 || strcmp(file + size - 4, ".key") != 0))
        return NULL;
    (void)snprintf(path, sizeof path, "%s/%s", directory, file);
    if (stat(path, &there) != 0 || keys_load(path, &pair, NULL) != OK)
        return NULL;
    time_t at = revoked != NULL ? (time_t)strtoll(revoked + 9, NULL, 10) : there.st_mtime;
    civil_date_t date = civil_date_of_instant((instant_ms_t)at * 1000);
    (void)snprintf(day, sizeof day, "%04u-%02u-%02u", date / 10000, date / 100 % 100, date % 100);
    return json_pack("{s:s%,s:s,s:s,s:s,s:s,s:s}", "name", file, revoked != NULL ? (size_t)(revoked - file) : size - 4,
                     "party", pair.party, "role", pair.role, "public", pair.public_key, "state",
                     revoked != NULL ? "revoked" : "made", "on", day);
}

static int run_list(struct cli *cli)
{
    char directory[PATH_SIZE];
    struct dirent **files;
    (void)snprintf(directory, sizeof directory, "%s/parties", cli->config.key_directory);
    int count = scandir(directory, &files, NULL, alphasort);
    if (count < 0) {
        complain(said("无法读取 %s：%s", "cannot read %s: %s"), directory, strerror(errno));
        return CLI_FAILED;
    }
    json_t *list = json_array(), *key;
    for (int i = 0; i < count; i++) {
        key = describe_key(directory, files[i]->d_name);
        if (key != NULL)
            json_array_append_new(list, key);
        free(files[i]);
    }
    free(files);
    if (cli->json) {
        cli_print_json(list);
        return CLI_OK;
    }
    size_t index;
    json_array_foreach(list, index, key)
    {
        bool revoked = strcmp(cli_text(key, "state"), "revoked") == 0;
        (void)printf("%-16s %-10s %-9s %s  %s %s\n", cli_text(key, "name"), cli_text(key, "party"),
                     cli_text(key, "role"), cli_text(key, "public"),
                     revoked ? said("吊销于", "revoked") : said("生成于", "made"), cli_text(key, "on"));
    }
    json_decref(list);
    return CLI_OK;
}

static int run_revoke(struct cli *cli, const char *name)
{
    char path[PATH_SIZE], gone[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/parties/%s.key", cli->config.key_directory, name);
    (void)snprintf(gone, sizeof gone, "%s/parties/%s.revoked.%lld", cli->config.key_directory, name,
                   (long long)time(NULL));
    int code = access(path, F_OK) == 0 ? action_record(cli, &(struct action){ACTION_KEYS_REVOKE, name, 0}) : CLI_OK;
    if (code != CLI_OK)
        return code;
    if (rename(path, gone) != 0) {
        complain(said("没有密钥 %s：%s", "no key %s: %s"), name, strerror(errno));
        return CLI_DIFFERENT;
    }
    if (!cli->json)
        (void)printf(said("%s 将在一秒内被拒绝，已建立的连接也是如此\n",
                          "%s is refused within a second, also where it is connected\n"),
                     name);
    return CLI_OK;
}

static int run(struct cli *cli)
{
    const char *name = cli_option(cli, "--name");
    bool signing = cli_flag(cli, "--signing");
    if (!cli_arguments(cli, &command_keys, 1, signing ? 3 : 2))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    const char *verb = cli->argv[0], *subject = cli->argc > 1 ? cli->argv[1] : NULL;
    if (strcmp(verb, "list") == 0 && subject == NULL && !signing)
        return run_list(cli);
    if (subject != NULL && strchr(name != NULL ? name : subject, '/') != NULL) {
        complain(said("名称中不可有斜杠", "a name without slashes, please"));
        return CLI_USAGE;
    }
    if (!take_turn(cli))
        return CLI_FAILED;
    int code;
    if (signing)
        return keys_signing_run(cli, &code) ? code : cli_usage(&command_keys);
    if (strcmp(verb, "new") == 0 && subject != NULL)
        return run_new(cli, subject, name != NULL ? name : subject);
    if (strcmp(verb, "revoke") == 0 && subject != NULL)
        return run_revoke(cli, subject);
    return cli_usage(&command_keys);
}

const struct command command_keys = {
    .name = "keys",
    .usage =
        "keys list [--signing] | new PARTY [--name NAME] | revoke NAME | new --signing PARTY [--algorithm ed25519|sm2] "
        "[--days N] [--public KEY] | rotate --signing NAME | revoke --signing NAME|ID | "
        "demand --signing PARTY off|wanted|required, all but list with --reason TEXT",
    .summary = "who may speak: make, list and revoke keys, without a restart",
    .summary_zh = "谁可以收发：生成、列出、吊销密钥，无需重启",
    .help = "A key is a party, which its file names; --as takes the party, the key's name, or its file. The public "
            "half lies in KEYS/parties, where the exchange looks twice a second; the "
            "secret half\n"
            "in KEYS/clients: move it to the party and keep no copy.\n\n"
            "  hutong keys new 110000 --name beijing-2\n  hutong keys list\n  hutong keys revoke beijing-2\n\n"
            "--signing: keys that sign what a party sends are registered and revoked on the log. The secret half\n"
            "lies in KEYS/clients/NAME.pem_secret; --as NAME signs with it. demand says whether a party must sign.\n\n"
            "  hutong keys new --signing 110000 --days 365\n  hutong keys rotate --signing 110000\n"
            "  hutong keys demand --signing 110000 required",
    .help_zh = "密钥代表地区或运维方（主体）。公钥在 KEYS/parties，平台每秒查看两次；私钥在 "
               "KEYS/clients：交给该主体，本处不留副本。密钥文件写明其主体；--as 可写主体、密钥名称或密钥文件。\nlist "
               "列出生成日期和已吊销的密钥。\n"
               "\n"
               "  hutong keys new 110000 --name beijing-2\n"
               "  hutong --as beijing-2 submit bills.json\n"
               "  hutong keys list\n"
               "  hutong keys revoke beijing-2\n"
               "\n"
               "--signing：报文签名密钥在日志上登记和吊销。私钥在 KEYS/clients/NAME.pem_secret，--as NAME "
               "即以其签名。demand 规定该方是否必须签名。\n"
               "\n"
               "  hutong keys new --signing 110000 --days 365\n"
               "  hutong keys rotate --signing 110000\n"
               "  hutong keys demand --signing 110000 required",
    .options =
        (const struct command_option[]){
            {"--name", "NAME", "密钥的名称，缺省为主体代码", "of the key; the party's code unless given"},
            {"--signing", NULL, "签名密钥，而非连接密钥", "keys that sign messages, not those of connections"},
            {"--algorithm", "ed25519|sm2", "签名算法，缺省 ed25519；rotate 沿用原算法",
             "of a signing key; ed25519, or with rotate that of the old one"},
            {"--days", "N", "有效天数，缺省不限", "so many days until it ends; without it it does not"},
            {"--public", "KEY", "登记主体自己生成的公钥 ed25519:BASE64 或 sm2:BASE64；此处不产生私钥",
             "registers the public key that the party made, ed25519:BASE64 or sm2:BASE64: no secret key is made here"},
            COMMAND_OPTIONS_ACTION,
            {0}},
    .run = run,
};
