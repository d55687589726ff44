/* SPDX-License-Identifier: Apache-2.0
 * What a command of `hutong` is: its words, its options. Help, the manual page and completion expand from it;
 * tools/tidy holds every page in docs/ to it. */
#ifndef HUTONG_TOOLS_COMMAND_H
#define HUTONG_TOOLS_COMMAND_H
#include <stdbool.h>

struct cli;

/* A name means one kind of option for all commands: it has a value everywhere, or nowhere. */
struct command_option {
    const char *name;    /* "--await"; NULL: there are no more */
    const char *value;   /* of what kind, as "FILE"; NULL: a flag */
    const char *zh, *en; /* what it does, without a full stop */
};

/* What cli_noon reads. */
#define COMMAND_OPTION_AT                                                                                              \
    {                                                                                                                  \
        "--at", "DAY", "以该日正午为接收时间，如 20250310；仅用于以轨迹为时钟的平台，由运维方执行",                    \
            "stamps noon of that day, as 20250310; on an exchange with trace_clock: true, as the operator"             \
    }

/* What cli_page reads. */
#define COMMAND_OPTIONS_PAGE                                                                                           \
    {"--limit", "N", "只列一页，至多 N 行", "one page, of N rows at most"},                                            \
    {                                                                                                                  \
        "--from", "KEY", "接上一页：其末行所给的 next", "goes on where a page ended: what it said as `next`"           \
    }

struct command {
    const char *name;
    const char *usage;                    /* its forms, " | " between them; wrapped where it is printed */
    const char *summary, *summary_zh;     /* one line */
    const char *help, *help_zh;           /* teaches, with an example; wrap_page */
    const struct command_option *options; /* NULL: it has none */
    int (*run)(struct cli *cli);
};

#define GROUP(zh, en)
#define COMMAND(name) extern const struct command command_##name;
#include "tools/command.def"
#undef COMMAND
#undef GROUP

/* A line of command.def: a command, or the heading of those that follow. */
struct command_entry {
    const char *zh, *en;
    const struct command *command; /* NULL: a heading */
};

bool command_entries_end(const struct command_entry *entry);
/* Those that every command has, up to one without a name. */
extern const struct command_option command_shared_options[];
/* A command's own (or a verb's) first, which may be NULL, then the shared ones; NULL: no more. */
const struct command_option *command_option_at(const struct command_option *own, unsigned index);
#endif
