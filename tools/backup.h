/* SPDX-License-Identifier: Apache-2.0
 * Backups: made of an exchange that runs or stands, checked and listed without one. Layout: manifest.h. */
#ifndef HUTONG_TOOLS_BACKUP_H
#define HUTONG_TOOLS_BACKUP_H
#include "tools/cli.h"
#include "tools/directory.h"
#include "tools/manifest.h"

enum { BACKUP_PATH_SIZE = 4096 + 700, GENERATION_NAME_SIZE = 64, GENERATIONS_MAX = 512 };

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

/* Afterwards: older generations than are to be kept go, and segments that none names; `made` says how many, and how
 * many are outlived. */
void backup_prune(const struct backup_options *options, const struct manifest *newest, struct backup_made *made);
/* Before: what was cut short goes. */
void backup_clear(const char *directory);

/* The generations that are whole, oldest first; how many. */
unsigned backup_generations(const char *directory, char names[GENERATIONS_MAX][GENERATION_NAME_SIZE]);
/* Reads a generation's manifest, held against its sum. */
MUST_USE enum status backup_manifest(const char *directory, const char *generation, struct manifest *manifest,
                                     struct buffer *why);
/* Where a segment's directory "seg-N" lies: the generation's own for the newest one, else the shared one. */
void backup_segment_home(const char *directory, const char *generation, const struct manifest *manifest, unsigned index,
                         char path[BACKUP_PATH_SIZE]);
/* Every sum, every segment read, their chain, each state's digest if `digests`. CLI_DIFFERENT: each fault was said. */
int backup_check(const char *directory, const char *generation, bool digests, struct pace *pace);
#endif
