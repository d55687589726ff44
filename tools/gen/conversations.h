/* SPDX-License-Identifier: Apache-2.0
 * Transfers of relationships, letter by letter. */
#ifndef HUTONG_TOOLS_GEN_CONVERSATIONS_H
#define HUTONG_TOOLS_GEN_CONVERSATIONS_H
#include "tools/gen/world.h"

/* Conversations of transfers, each after a plot (conversations.c): straight, late, withdrawn, refused by either region,
 * wrong money, money sent back, corrected, repeated, carved out, and some letters that the exchange itself must refuse.
 * Round 0 enrols the person at the target, the others are the letters in their order. A round is sent when the round
 * before has been, whichever region's it is. False, and nothing written: this transfer has no letter in it. */
enum { GEN_TRANSFER_ROUNDS = 14 };
bool gen_transfer(struct gen *gen, uint64_t index, unsigned round, struct buffer *envelope);
/* Is it a letter that the exchange must refuse? */
bool gen_transfer_is_refused(struct gen *gen, uint64_t index, unsigned round);
#endif
