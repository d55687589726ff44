/* SPDX-License-Identifier: Apache-2.0
 * The first start of an exchange. Every message's id is made from its content, so that whatever was sent before a crash
 * is the same message when it is sent again. */
#include "tools/first_start.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "common/codes/logic.h"
#include "common/net/loop.h"
#include "tools/logic_send.h"
#include "tools/reference_load.h"
#include "tools/shipped.h"

enum { PATH_SIZE = 4096 + 300, TRACE_FROM = 19900101 };

static void note_path(const struct cli *cli, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/first_start", cli->config.data_directory);
}

bool first_start_note(struct cli *cli)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/broker", cli->config.data_directory);
    if (access(path, F_OK) == 0)
        return true;
    note_path(cli, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    bool noted = fd >= 0 && fsync(fd) == 0;
    if (!noted)
        complain(said("无法写入 %s：%s", "cannot write %s: %s"), path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return noted;
}

struct publishing {
    struct cli *cli;
    instant_ms_t at;
    int code;
};

static bool publish_file(void *self, const char *path)
{
    struct publishing *publishing = self;
    publishing->code = reference_load_first(publishing->cli, path, publishing->at);
    return publishing->code == CLI_OK;
}

static int publish(struct cli *cli)
{
    struct publishing publishing = {
        .cli = cli, .at = cli->config.trace_clock ? civil_date_start(TRACE_FROM) : 0, .code = CLI_FAILED};
    uint64_t position;
    if (!shipped_tables_each(publish_file, &publishing))
        return publishing.code;
    return logic_send(cli, LOGIC_VERSION_KNOWN, "first start", publishing.at, &position);
}

int first_start_publish(struct cli *cli)
{
    char note[PATH_SIZE];
    note_path(cli, note);
    if (access(note, F_OK) != 0) {
        uint32_t version = logic_in_force(cli);
        if (version != 0 && version < LOGIC_VERSION_KNOWN)
            (void)fprintf(
                stderr,
                "hutong: this log goes by version %u of the rules, this build knows %d; hutong logic says what "
                "changes and how to go on\n",
                version, LOGIC_VERSION_KNOWN);
        return CLI_OK;
    }
    const char *as = cli->as;
    cli->as = NULL;
    int code = publish(cli);
    cli->as = as;
    if (code == CLI_OK)
        (void)unlink(note);
    return code;
}
