/* SPDX-License-Identifier: Apache-2.0
 * The message that a command speaks of: its position, or its id, which the gate knows. *Not there* (CLI_DIFFERENT) is
 * an answer; without one it is unknown (CLI_UNREACHABLE), and why was said in either case. */
#ifndef HUTONG_TOOLS_POSITION_H
#define HUTONG_TOOLS_POSITION_H
#include "tools/cli.h"

#define COMMAND_OPTION_NUMBER                                                                                          \
    {                                                                                                                  \
        "--number", "N", "票据或转移的号码", "a bill's or a transfer's own"                                            \
    }

/* One word, a message's id or its position, or --number instead. False: usage was printed. */
bool position_arguments(struct cli *cli, const struct command *command);
/* Of that word, or of that number, which audit knows: CLI_OK, or what the command ends with. */
int position_asked(struct cli *cli, struct ht_client *client, uint64_t *position);
/* CLI_OK, or what the command ends with. */
int position_find(struct ht_client *client, const char *subject, uint64_t *position);
/* Whether the log holds it, by the broker of this machine: CLI_OK, or what the command ends with. */
int position_on_log(struct cli *cli, uint64_t position);
/* Of a question about one message that has no answer to print: what the command ends with. `state`: as ht_outcome says.
 */
int position_refused(struct ht_client *client, uint64_t position, enum ht_result result, enum ht_state state);
#endif
