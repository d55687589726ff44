/* SPDX-License-Identifier: Apache-2.0
 * Leaves of records. */
#include "common/engines/tlog/leaf.h"

#include "common/pb/outcome.h"

enum { OUTCOME_KINDS_MAX = 16 };

void tlog_leaf_of(struct digest *digest, uint64_t position, struct span bytes, const struct span *outcomes,
                  unsigned outcome_count, uint8_t entry[TLOG_ENTRY_SIZE])
{
    struct submission submission;
    struct erased_record erased;
    struct outcome_head head;
    struct tlog_record record = {
        .position = position, .submission = bytes, .outcomes = outcomes, .outcome_count = outcome_count};
    if (submission_decode(bytes, NULL, &submission) == OK) {
        record.accepted_at = submission.accepted_at;
        record.salt = submission.salt;
        if (submission_erased(&submission, &erased)) {
            record.submission_commitment = erased.submission_commitment.data;
            record.outcome_commitment = erased.outcome_commitment.data;
        }
    }
    if (outcome_count > 0 && outcome_head_read(outcomes[0], &head) == OK && (unsigned)head.kind < OUTCOME_KINDS_MAX)
        record.outcome_kind = (uint8_t)head.kind;
    tlog_entry(digest, &record, entry);
}
