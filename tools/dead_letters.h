/* SPDX-License-Identifier: Apache-2.0
 * Dead letters as the services hold them: one after the other, or the one at a position. */
#ifndef HUTONG_TOOLS_DEAD_LETTERS_H
#define HUTONG_TOOLS_DEAD_LETTERS_H
#include "common/pb/outcome.h"
#include "tools/log_reader.h"

/* One letter of one service: what it is known by, and its submission. */
struct letter {
    const char *service;
    uint32_t partition;
    uint64_t position;
    char reason[160];
    uint64_t kept; /* bytes of it in the service's state */
    struct buffer record, cause;
    struct submission submission; /* borrows the record */
};

void letter_fini(struct letter *letter);
/* False: enough. */
typedef bool letter_each(void *self, struct letter *letter);
/* All of them, service by service, by position. False: one does not answer, said so. */
bool letters_walk(struct cli *cli, struct log_reader *log, letter_each *each, void *self);
/* The letter at a position of this service, or of the first that has one (NULL). Else: said why. */
int letter_find(struct cli *cli, const char *service, uint64_t position, struct log_reader *log, struct letter *letter);
#endif
