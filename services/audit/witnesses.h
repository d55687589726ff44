/* SPDX-License-Identifier: Apache-2.0
 * The witnesses of a policy, asked over HTTP (C2SP tlog-witness): what of a checkpoint they cosign. Their answers are
 * believed as far as they are signed. */
#ifndef HUTONG_SERVICES_AUDIT_WITNESSES_H
#define HUTONG_SERVICES_AUDIT_WITNESSES_H
#include "common/engines/tlog/checkpoint.h"
#include "common/engines/tlog/tree.h"
#include "common/engines/tlog/witness_policy.h"

struct witnesses;
struct witnesses *witnesses_new(const struct witness_policy *policy, const struct note_key *log);
void witnesses_destroy(struct witnesses **witnesses);
/* Cosignature lines of those who have not cosigned this text yet are appended to the note. FATAL_CONTRADICTED: one
 * holds a checkpoint that this log's key has signed, and that this tree (`tiles`, of the checkpoint's size)
 * contradicts: it is in `theirs`. `cosigned`: as in witness_policy_is_met. */
MUST_USE enum status witnesses_ask(struct witnesses *witnesses, const struct tlog_source *tiles,
                                   const struct checkpoint *checkpoint, struct buffer *note, uint32_t *cosigned,
                                   struct buffer *theirs);
#endif
