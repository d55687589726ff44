/* SPDX-License-Identifier: Apache-2.0
 * The generations of a backup, as they lie; no exchange is needed. Layout: manifest.h. */
#ifndef HUTONG_TOOLS_GENERATION_H
#define HUTONG_TOOLS_GENERATION_H
#include "tools/directory.h"
#include "tools/manifest.h"

enum { BACKUP_PATH_SIZE = 4096 + 700, GENERATION_NAME_SIZE = 64, GENERATIONS_MAX = 512 };

/* Those that are whole, oldest first; how many. */
unsigned generations_list(const char *directory, char names[GENERATIONS_MAX][GENERATION_NAME_SIZE]);
/* Reads a generation's manifest, held against its sum. */
MUST_USE enum status generation_manifest(const char *directory, const char *generation, struct manifest *manifest,
                                         struct buffer *why);
/* Where a segment's directory "seg-N" lies: the generation's own for the newest one, else the shared one. */
void generation_segment_home(const char *directory, const char *generation, const struct manifest *manifest,
                             unsigned index, char path[BACKUP_PATH_SIZE]);
/* Every sum, every segment read, their chain, each state's digest if `digests`. CLI_DIFFERENT: each fault was said. */
int generation_check(const char *directory, const char *generation, bool digests, struct pace *pace);
/* After one was made: older ones than the newest `keep` go (0: none), and segments that none names any more. How many
 * went; `outlived`: those that stay and hold a segment as it was before it was rewritten in `newest`. */
unsigned generations_prune(const char *directory, unsigned keep, const struct manifest *newest, unsigned *outlived);
/* Before one is made: what was cut short goes. */
void generations_clear(const char *directory);
#endif
