/* SPDX-License-Identifier: Apache-2.0
 * A proof that a record stands on the log, in a file of its own (docs/PROOFS.md), and what is to be said of one:
 * nothing here asks an exchange. */
#ifndef HUTONG_TOOLS_PROOF_H
#define HUTONG_TOOLS_PROOF_H
#include "common/engines/tlog/checkpoint.h"
#include "common/engines/tlog/leaf.h"
#include "common/engines/tlog/witness_policy.h"
#include "common/pb/outcome.h"

/* By what a checkpoint is believed: the log's key, and a policy where there is one. */
struct proof_trust {
    struct note_key logs[POLICY_LOGS_MAX];
    unsigned log_count;
    struct witness_policy *policy; /* NULL: none */
};
/* The key of a log as text, or the file that holds it. False: neither. */
bool proof_trust_key(struct proof_trust *trust, const char *text);
bool proof_trust_policy(struct proof_trust *trust, const char *path, struct buffer *why);
void proof_trust_fini(struct proof_trust *trust);
/* REJECT_MALFORMED, REJECT_UNAUTHORIZED: by none of these keys; RETRY_BUSY: signed, and the policy is not met. */
MUST_USE enum status proof_trusts(const struct proof_trust *trust, struct span note, struct checkpoint *checkpoint);

struct proof_found {
    struct checkpoint checkpoint;
    uint64_t position;
    int64_t accepted_at;
    uint32_t outcome_kind;
    bool has_record; /* and it is what the leaf commits to */
    bool was_erased; /* a person was: the record keeps the hashes of what was there */
    uint8_t envelope_sha256[DIGEST_SIZE];
};
/* What is wrong, as a number of `proof_wrong`. */
enum proof_result { PROOF_HOLDS, PROOF_MALFORMED, PROOF_UNTRUSTED, PROOF_NOT_FINAL, PROOF_NO_PATH, PROOF_OTHER_RECORD };
enum proof_result proof_verify(const struct proof_trust *trust, struct span file, struct proof_found *found);
extern const char *const proof_wrong[][2]; /* zh, en */
/* Of a receipt, held against a proof of its position, or against a checkpoint that is later than it. */
enum receipt_says { RECEIPT_STANDS, RECEIPT_CONTRADICTED, RECEIPT_NOT_SPOKEN_OF };

struct receipt_proof {
    bool proves; /* a proof; otherwise a checkpoint */
    struct proof_found found;
    struct checkpoint checkpoint;
    instant_ms_t cosigned_at; /* the latest of the policy's witnesses; 0: none */
};

enum receipt_says receipt_proof_says(const struct receipt_proof *proof, const struct receipt *receipt);

/* What stands at a position. */
struct proof_record {
    uint64_t position;
    struct span submission;
    const struct span *outcomes;
    unsigned outcome_count;
};
#endif
