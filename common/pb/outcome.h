/* SPDX-License-Identifier: Apache-2.0
 * Verdicts and outcomes: their structs stand in hutong/v1/messages.h; here is what they share and their bounds. */
#ifndef HUTONG_COMMON_PB_OUTCOME_H
#define HUTONG_COMMON_PB_OUTCOME_H
#include "common/base/digest.h"
#include "common/pb/event.h"

enum {
    POSTINGS_COUNT_MAX = 24,
    STEPS_COUNT_MAX = 64,
    DUE_ITEMS_MAX = LIMIT(1000, 4) /* lines of one notice: 100 kB, what a tick may take without holding bills up */
};

struct findings {
    struct finding items[VERDICT_FINDINGS_MAX]; /* finding.rule: common/codes/rule.h */
    uint32_t count;
    bool refused;  /* at least one of severity ERROR */
    bool overflow; /* more than fit: the last one says so */
};
/* printf-style path is given ready; detail may be NULL. Beyond the limit: counted in `overflow`. */
void findings_add(struct findings *findings, uint32_t rule, const char *path, const char *detail);

/* SHA-256 of the envelope as its sender sent it: of a record that was rewritten since, what it was
 * (Submission.erased). */
void submission_sha256(const struct submission *submission, struct digest *digest, uint8_t out[DIGEST_SIZE]);
/* What a record that was rewritten keeps of itself; false: it is as it came. */
bool submission_erased(const struct submission *submission, struct erased_record *erased);

/* An outcome but for its steps, which who books amounts has no use for. Errors as of outcome_decode. */
MUST_USE enum status outcome_decode_without_steps(struct span bytes, struct arena *arena, struct outcome *to);
#endif
