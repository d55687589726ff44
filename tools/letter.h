/* SPDX-License-Identifier: Apache-2.0
 * What a dead letter holds, told to people: what of it this build cannot read, and what it can, masked. */
#ifndef HUTONG_TOOLS_LETTER_H
#define HUTONG_TOOLS_LETTER_H
#include "tools/cli.h"

/* Of a letter that was sent through again: what was sent at first. */
struct span letter_at_first(struct span envelope);
/* "field 100 of Envelope: unknown", for each; "this build can decode it" after an upgrade, or where it was put aside
 * because it stopped its service. */
void letter_cause(struct span envelope, struct buffer *cause);
/* The fields that this build knows, with identity numbers masked; NULL: none can be read. */
json_t *letter_masked(struct span envelope);
/* Of the envelope's unknown fields numbers and sizes alone: what they mean, and whom they name, nobody here knows. */
json_t *letter_unknown_fields(struct span envelope);
#endif
