/* SPDX-License-Identifier: Apache-2.0
 * Which cosignatures make a checkpoint final (C2SP tlog-policy): lines
 *   log VKEY [URL]                       a log that it is for
 *   witness NAME VKEY [URL]              URL: where it is asked, without /add-checkpoint
 *   group NAME K|any|all MEMBER...       so many of these, which stand above it
 *   quorum NAME|none                     once
 * Blanks part words; empty lines and those that begin with # say nothing. */
#ifndef HUTONG_COMMON_ENGINES_TLOG_WITNESS_POLICY_H
#define HUTONG_COMMON_ENGINES_TLOG_WITNESS_POLICY_H
#include "common/engines/tlog/note.h"

enum { POLICY_MEMBERS_MAX = 32, POLICY_LOGS_MAX = 4, POLICY_URL_SIZE_MAX = 255, POLICY_NONE = -1 };

struct policy_member { /* a witness, or a group */
    char name[NOTE_NAME_SIZE_MAX + 1];
    bool is_group;
    struct note_key key;
    char url[POLICY_URL_SIZE_MAX + 1]; /* "": none */
    uint32_t of;                       /* of a group: a bit for each of its members */
    unsigned threshold;
};

struct witness_policy {
    struct note_key logs[POLICY_LOGS_MAX];
    unsigned log_count;
    struct policy_member members[POLICY_MEMBERS_MAX];
    unsigned member_count;
    int quorum; /* of members; POLICY_NONE */
};
/* REJECT_MALFORMED: `why` says which line, and what. */
MUST_USE enum status witness_policy_parse(struct span text, struct witness_policy *policy, struct buffer *why);
/* `cosigned`: a bit for each member that is a witness. */
bool witness_policy_is_met(const struct witness_policy *policy, uint32_t cosigned);
/* Of a note's text, by its signatures. REJECT_UNAUTHORIZED: a known witness' signature fails. */
MUST_USE enum status witness_policy_cosigned(const struct witness_policy *policy, const struct note *note,
                                             uint32_t *cosigned);
#endif
