/* SPDX-License-Identifier: Apache-2.0
 * Whatever the operator's people do is on the log before it is done, with who, when and why (docs/SECURITY.md). A
 * command that acts has a row of action.def; where no event of its own says it, action_record() puts it there, and
 * `main` tells how the command ended. */
#ifndef HUTONG_TOOLS_ACTION_H
#define HUTONG_TOOLS_ACTION_H
#include "tools/cli.h"

enum action_kind {
#define ACTION(place, command, how, why, zh, en) ACTION_##place,
#include "tools/action.def"
#undef ACTION
    ACTIONS_COUNT
};

/* Which every command has that acts. */
#define COMMAND_OPTIONS_ACTION                                                                                         \
    {"--reason", "TEXT", "为何，记入日志", "why; it stands on the log"},                                               \
    {                                                                                                                  \
        "--unrecorded", NULL, "无法记录时仍然执行", "acts although it cannot be recorded"                              \
    }

/* Of what is done in any case. */
#define COMMAND_OPTIONS_TOLD                                                                                           \
    {"--reason", "TEXT", "为何，记入日志", "why; it stands on the log"},                                               \
    {                                                                                                                  \
        "--unrecorded", NULL, "不记入日志", "leaves no record of it on the log"                                        \
    }

struct action {
    enum action_kind kind;
    const char *subject;   /* to what: a position, a key's name, a directory; nobody's number. NULL: nothing */
    instant_ms_t until_ms; /* of an alert that is acknowledged; 0: open */
};

/* --reason where it was given; it has to be where the kind wants one. False: said so, and it is CLI_USAGE. */
bool action_reason(struct cli *cli, enum action_kind kind, const char **reason);
/* CLI_OK: it is on the log, or need not be: a region's own doing; a trace's clock, rules from before there was such an
 * event, an exchange that is stopped (which are said), --unrecorded. Else what the command ends with: nothing may be
 * done, why was said. In the command's own words: call it last before the act. */
int action_record(struct cli *cli, const struct action *action);
/* The same of what is done whether it is on the log or not; where it is not, that is said. Not with --unrecorded. */
void action_tell(struct cli *cli, enum action_kind kind);
/* How what was recorded ended, by the command's exit code. Nothing where nothing was. */
void action_ended(struct cli *cli, int code);
/* "dead requeue" in the reader's language; the word itself where it is none of action.def's. */
const char *action_text(const char *word);
#endif
