/* SPDX-License-Identifier: Apache-2.0
 * hutong keys: who may speak. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "common/codes/area.h"
#include "common/net/keys.h"
#include "tools/cli.h"

enum { PATH_SIZE = 4096 + 300 };

/* Two operators at once would each write one half of a pair (O5). Held until the process ends. */
static bool take_turn(const struct cli *cli)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/parties", cli->config.key_directory);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX) == 0)
        return true;
    complain("cannot lock %s: %s", path, strerror(errno));
    return false;
}

static int run_new(struct cli *cli, const char *party, const char *name)
{
    char public_path[PATH_SIZE], secret_path[PATH_SIZE];
    const char *role = region_is_known(party) ? "region" : strcmp(party, "operator") == 0 ? "operator" : NULL;
    if (role == NULL) {
        complain("a party is 110000, 120000, 130000 or operator, not %s", party);
        return CLI_USAGE;
    }
    (void)snprintf(public_path, sizeof public_path, "%s/parties/%s.key", cli->config.key_directory, name);
    (void)snprintf(secret_path, sizeof secret_path, "%s/clients/%s.key_secret", cli->config.key_directory, name);
    if (access(public_path, F_OK) == 0 || access(secret_path, F_OK) == 0) {
        complain("there is a key %s already; give --name, or revoke it first", name);
        return CLI_DIFFERENT;
    }
    if (keys_make(public_path, secret_path, party, role) != OK) {
        complain("cannot write %s: %s", public_path, strerror(errno));
        return CLI_FAILED;
    }
    if (cli->json)
        cli_print_json(json_pack("{s:s,s:s,s:s}", "party", party, "public", public_path, "secret", secret_path));
    else
        (void)printf("party %s may speak from now on\n  secret key, for the party alone: %s\n", party, secret_path);
    return CLI_OK;
}

static int run_list(struct cli *cli)
{
    char directory[PATH_SIZE], path[PATH_SIZE + 300];
    (void)snprintf(directory, sizeof directory, "%s/parties", cli->config.key_directory);
    DIR *open_directory = opendir(directory);
    if (open_directory == NULL) {
        complain("cannot read %s: %s", directory, strerror(errno));
        return CLI_FAILED;
    }
    json_t *list = json_array();
    for (struct dirent *entry; (entry = readdir(open_directory)) != NULL;) {
        struct key_pair pair;
        size_t size = strlen(entry->d_name);
        if (size < 5 || strcmp(entry->d_name + size - 4, ".key") != 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (keys_load(path, &pair) == OK)
            json_array_append_new(list, json_pack("{s:s%,s:s,s:s,s:s}", "name", entry->d_name, size - 4, "party",
                                                  pair.party, "role", pair.role, "public", pair.public_key));
    }
    (void)closedir(open_directory);
    if (cli->json) {
        cli_print_json(list);
        return CLI_OK;
    }
    size_t index;
    json_t *key;
    json_array_foreach(list, index, key)(void)
        printf("%-16s %-10s %-9s %s\n", cli_text(key, "name"), cli_text(key, "party"), cli_text(key, "role"),
               cli_text(key, "public"));
    json_decref(list);
    return CLI_OK;
}

static int run_revoke(struct cli *cli, const char *name)
{
    char path[PATH_SIZE], gone[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/parties/%s.key", cli->config.key_directory, name);
    (void)snprintf(gone, sizeof gone, "%s/parties/%s.revoked.%lld", cli->config.key_directory, name,
                   (long long)time(NULL));
    if (rename(path, gone) != 0) {
        complain("no key %s: %s", name, strerror(errno));
        return CLI_DIFFERENT;
    }
    if (!cli->json)
        (void)printf("%s is refused within a second, also where it is connected\n", name);
    return CLI_OK;
}

static int run(struct cli *cli)
{
    const char *name = cli_option(cli, "--name");
    if (!cli_arguments(cli, &command_keys, 1, 2))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    const char *verb = cli->argv[0], *subject = cli->argc > 1 ? cli->argv[1] : NULL;
    if (strcmp(verb, "list") == 0 && subject == NULL)
        return run_list(cli);
    if (subject != NULL && strchr(name != NULL ? name : subject, '/') != NULL) {
        complain("a name without slashes, please");
        return CLI_USAGE;
    }
    if (!take_turn(cli))
        return CLI_FAILED;
    if (strcmp(verb, "new") == 0 && subject != NULL)
        return run_new(cli, subject, name != NULL ? name : subject);
    if (strcmp(verb, "revoke") == 0 && subject != NULL)
        return run_revoke(cli, subject);
    return cli_usage(&command_keys);
}

const struct command command_keys = {
    .name = "keys",
    .usage = "keys new PARTY [--name NAME] | list | revoke NAME",
    .summary = "who may speak: make, list and revoke keys, without a restart",
    .help = "A key is a party. The public half lies in KEYS/parties, where the exchange looks twice a second; the "
            "secret half\n"
            "in KEYS/clients: move it to the party and keep no copy.\n\n"
            "  hutong keys new 110000 --name beijing-2\n  hutong keys list\n  hutong keys revoke beijing-2",
    .run = run,
};
