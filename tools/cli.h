/* SPDX-License-Identifier: Apache-2.0
 * What the commands of `hutong` share: options, configuration, connections, output. */
#ifndef HUTONG_TOOLS_CLI_H
#define HUTONG_TOOLS_CLI_H
#include <jansson.h>

#include "common/base/buffer.h"
#include "common/client/hutong.h"
#include "common/config/config.h"
#include "common/config/service.h"
#include "common/net/keys.h"
#include "common/pb/event.h"
#include "common/pb/json.h"
#include "tools/arguments.h"
#include "tools/language.h"

/* Exit codes of every command; docs/CLI.md. */
enum cli_exit {
    CLI_OK = 0,
    CLI_DIFFERENT = 1, /* done, and the answer is no: refused, differing, not found */
    CLI_USAGE = 2,
    CLI_UNREACHABLE = 3, /* no answer in time: unknown */
    CLI_BAD_INPUT = 4,   /* a file that cannot be used; where and why was said */
    CLI_FAILED = 5,      /* the machine: disk, processes */
    CLI_CONTRADICTED = 6 /* a signed statement and the log contradict each other */
};

struct cli {
    const char *config_path;
    bool json;
    const char *as;      /* the party of the key that --as names; NULL: the operator, over this machine's ipc */
    struct key_pair own; /* that key */
    const char *by;      /* who acts: --by, else $HUTONG_BY, else the login name */
    const char *gate;    /* explicit endpoints and server key, for a client on another machine */
    const char *mailbox;
    const char *server_key;
    const char *signing_key;              /* --signing-key; NULL: where it would lie */
    char own_path[4096 + 64];             /* of the key that --as names */
    const struct arguments *arguments;    /* options that were given */
    const struct command_entry *commands; /* all there are, for help */
    int argc;                             /* the command's own words, argv[0] the first of them */
    char **argv;
    struct config config;
    bool configured;
    struct ht_client *client; /* of questions to the books, once one was asked; closed by main */
    uint32_t limit;           /* rows of a page, --limit; 0: all pages */
    struct buffer from;       /* where it begins, --from */
    uint64_t recorded_at;     /* the action that main tells the end of (action.h); 0: none */
    const char *recorded_as;
    bool books_refused; /* the last of them was: the answer is no, not that there is none */
};

/* The value of an option that stands in the command's table; NULL: not given. */
const char *cli_option(struct cli *cli, const char *name);
/* Of one that may be given again and again: each in order, from 0 on; NULL: no more. */
const char *cli_option_at(struct cli *cli, const char *name, unsigned index);
bool cli_flag(struct cli *cli, const char *name);
/* A decimal number for an option; `fallback` when absent; exits with CLI_USAGE when it is none. */
uint64_t cli_number(struct cli *cli, const char *name, uint64_t fallback);
/* The same, of a number within these bounds. */
uint64_t cli_number_within(struct cli *cli, const char *name, uint64_t fallback, uint64_t least, uint64_t most);
/* --at DAY (COMMAND_OPTION_AT): noon of that day; 0: not given. False: said what is wrong with it. */
bool cli_noon(struct cli *cli, instant_ms_t *at);
/* --limit and --from (COMMAND_OPTIONS_PAGE): what books_pages and state_rows go by. False: said what is wrong. */
bool cli_page(struct cli *cli);
/* Behind a page's rows: where the next one begins, as a row of its own in JSON, for people on stderr. */
void cli_page_next(struct cli *cli, struct span next);
/* Says how the command is used: CLI_USAGE. */
int cli_usage(const struct command *command);
/* False: there are fewer words than `least` or more than `most` (below zero: any number); usage was printed. */
bool cli_arguments(struct cli *cli, const struct command *command, int least, int most);

/* Sets `by`. False: what was given is no name; said why. */
bool cli_say_who(struct cli *cli, const char *given);
/* The configuration's file: --config, $HUTONG_CONFIG, ./hutong.yaml, ./hutong-data/hutong.yaml. NULL: said why. */
const char *cli_config_path(struct cli *cli);
void cli_complain_config(const char *path, const struct config_file *file);
/* False: said why. */
bool cli_configure(struct cli *cli);
/* Loads the key that --as names: a party, the name of a key, or a key file, which says whose it is. False: said why. */
bool cli_speak_as(struct cli *cli, const char *name);
/* A client for --as PARTY (tcp, CURVE), or for the operator over ipc. NULL: said why. */
struct ht_client *cli_connect(struct cli *cli);
/* One question to an ipc endpoint; false after `wait_ms` without an answer. */
bool cli_ask(const char *endpoint, struct span question, uint32_t wait_ms, struct buffer *answer);
/* To one daemon; its reply as JSON, NULL: there is none. */
json_t *cli_control(struct cli *cli, const char *service, uint32_t partition, const struct control_request *request,
                    uint32_t wait_ms);
/* A question of the daemon's own kind; false: it has no answer. */
bool cli_query(struct cli *cli, const char *service, uint32_t partition, struct span query, uint32_t wait_ms,
               struct buffer *answer);
/* To the broker; its reply as JSON, NULL: there is none. */
json_t *cli_broker(struct cli *cli, enum bus_request_kind kind, union bus_request_body body, uint32_t wait_ms);

/* Takes a reply, gives its member; NULL: it has none. */
json_t *cli_member(json_t *reply, const char *key);
/* An event of `sender`, stated now, under a new id, which is written to `id`; its body is to be filled in. */
struct event cli_event(enum event_kind kind, const char *sender, char id[37]);
/* The same for what a file states: the id is made from content and `batch`, so that the file again is the same
 * message. Prints it. */
void cli_print_stated(struct event event, const char *batch);
/* Its envelope as JSON, for hutong submit. */
void cli_print_event(const struct event *event);

/* Limits of transfers and certificates that run in one partition of settlement, and those that have passed
 * (cmd_transfer.c); false: no answer. */
bool cli_limits(struct cli *cli, uint32_t partition, int64_t *running, int64_t *overdue);

__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);
/* A progress line on a terminal's stderr; nothing elsewhere. */
void progress_show(const char *what, uint64_t done, uint64_t total);
/* A line in words there; elsewhere, where it was `asked` for, one below the other. */
void progress_line(const char *text, bool asked);
void progress_end(void);
/* Message as a JSON value; NULL: it cannot be read. */
json_t *cli_message(enum wire_message message, struct span bytes);
void cli_print_json(json_t *value); /* takes the reference */
/* As text where readers that know floating point alone would take it for another: beyond 2^53. */
json_t *cli_json_number(uint64_t number);
const char *cli_text(const json_t *object, const char *key); /* "" when absent */
void cli_base64(const char *text, struct buffer *out);       /* appends what it says */
/* Bytes as proto3 JSON writes them: how many there were; 0 also where they do not fit. */
size_t cli_bytes(const json_t *object, const char *key, uint8_t *to, size_t size);
/* int64 as proto3 JSON writes it: a string or a number. */
int64_t cli_integer(const json_t *object, const char *key);
#endif
