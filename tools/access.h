/* SPDX-License-Identifier: Apache-2.0
 * Access to persons' records is itself a record (event PersonAccess, docs/PRIVACY.md): a command of the operator's that
 * shows them unmasked puts it on the log before it shows. */
#ifndef HUTONG_TOOLS_ACCESS_H
#define HUTONG_TOOLS_ACCESS_H
#include "tools/cli.h"

/* Which every such command has. */
#define COMMAND_OPTIONS_ACCESS                                                                                         \
    {"--reason", "TEXT", "为何查看，记入日志；缺省为命令本身", "why, for the record; unless given, the command"},      \
    {                                                                                                                  \
        "--unrecorded", NULL, "无法记录时仍然查看", "shows although it cannot be recorded"                             \
    }

struct access {
    const char *command;
    const char *person; /* identity number; NULL: none was asked for */
    const char *scope;  /* "message", "mailbox 120000"; NULL: "person" */
    uint64_t position;  /* of a message */
};

/* CLI_OK: it is on the log (its position in `at`, which may be NULL and stays as it is otherwise), or need not be: a
 * region reads its own, the log runs on a trace's clock or goes by rules from before there was such an event (which is
 * said), or --unrecorded was given. Otherwise what the command ends with: nothing may be shown, why was said. */
int access_record(struct cli *cli, const struct access *access, uint64_t *at);
/* The same, and waits until the record is decided: for what reads the log to its end, the record included. */
int access_record_decided(struct cli *cli, const struct access *access);
#endif
