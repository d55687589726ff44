/* SPDX-License-Identifier: Apache-2.0
 * A backup's generation, put where there is nothing. */
#ifndef HUTONG_TOOLS_RESTORE_H
#define HUTONG_TOOLS_RESTORE_H
#include "tools/cli.h"
#include "tools/generation.h"

struct restore_options {
    const char *directory, *generation; /* of the backup */
    const char *data, *keys;            /* where to: data_directory is empty or not there */
    const char *settings;               /* where hutong.yaml goes, with these directories; NULL: nowhere */
};

struct restored {
    uint64_t position, end; /* of the states; where the log's submissions end */
    int64_t at_ms;
    unsigned states, rebuilt, lacking; /* from the backup, from its log, to be made by the services */
    bool keys, secret_keys;            /* put there; "false" where keys were there already, or none in the backup */
};

/* Everything is held against its sum first, and each state's digest against the manifest once it is there. */
int restore_run(struct cli *cli, const struct restore_options *options, struct restored *restored);
#endif
