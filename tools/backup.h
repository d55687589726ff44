/* SPDX-License-Identifier: Apache-2.0
 * Backups: made of an exchange that runs or stands, checked and listed without one. Layout: manifest.h. */
#ifndef HUTONG_TOOLS_BACKUP_H
#define HUTONG_TOOLS_BACKUP_H
#include "tools/cli.h"
#include "tools/generation.h"

struct backup_options {
    const char *directory;
    uint64_t bytes_a_second; /* 0: as fast as it goes */
    unsigned keep;           /* generations, this one among them; 0: all */
    bool without_keys;       /* the secret ones */
};

struct backup_made {
    char generation[GENERATION_NAME_SIZE];
    uint64_t position, bytes; /* copied by this one */
    unsigned segments, segments_copied, states, removed;
    /* Generations that hold a segment as it was before it was rewritten: a person was erased. */
    unsigned outlived;
};

int backup_make(struct cli *cli, const struct backup_options *options, struct backup_made *made);
#endif
