/* SPDX-License-Identifier: Apache-2.0
 * Proofs. */
#include "tools/proof.h"

#include <stdlib.h>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/engines/tlog/lines.h"
#include "common/pb/outcome.h"
#include "common/store/kept_file.h"

enum { RECORD_ARENA_SIZE = 64 * 1024, OUTCOME_KINDS_MAX = 16 };

const char *const proof_wrong[][2] = {
    [PROOF_HOLDS] = {"", ""},
    [PROOF_MALFORMED] = {"不是证明文件", "it is no proof file"},
    [PROOF_UNTRUSTED] = {"检查点未由所给密钥签名，或签名不成立",
                         "its checkpoint is not signed by a key that was given, or a signature fails"},
    [PROOF_NOT_FINAL] = {"检查点已签名，但副署不足",
                         "its checkpoint is signed, but not by as many witnesses as the policy wants"},
    [PROOF_NO_PATH] = {"叶子不在检查点的树中", "its leaf is not in the checkpoint's tree"},
    [PROOF_OTHER_RECORD] = {"所附记录不是叶子所承诺的", "the record in it is not what the leaf commits to"},
};

bool proof_trust_key(struct proof_trust *trust, const char *text)
{
    struct buffer bytes = {0};
    struct span line = span_text(text), rest;
    if (trust->log_count == POLICY_LOGS_MAX)
        return false;
    if (kept_file_read(text, NOTE_KEY_TEXT_SIZE_MAX, &bytes) == OK) {
        rest = buffer_span(&bytes);
        (void)lines_next(&rest, &line);
    }
    bool read = note_key_parse(line, &trust->logs[trust->log_count]) == OK &&
                trust->logs[trust->log_count].kind == NOTE_SIGNATURE;
    trust->log_count += read;
    buffer_fini(&bytes);
    return read;
}

bool proof_trust_policy(struct proof_trust *trust, const char *path, struct buffer *why)
{
    struct buffer text = {0};
    trust->policy = calloc(1, sizeof *trust->policy);
    INVARIANT(trust->policy != NULL);
    enum status status = kept_file_read(path, NOTE_SIZE_MAX, &text);
    if (status != OK)
        buffer_append_text(why, status_text(status));
    else
        status = witness_policy_parse(buffer_span(&text), trust->policy, why);
    for (unsigned i = 0; status == OK && i < trust->policy->log_count && trust->log_count < POLICY_LOGS_MAX; i++)
        trust->logs[trust->log_count++] = trust->policy->logs[i];
    buffer_fini(&text);
    return status == OK;
}

void proof_trust_fini(struct proof_trust *trust)
{
    free(trust->policy);
    trust->policy = NULL;
}

enum status proof_trusts(const struct proof_trust *trust, struct span bytes, struct checkpoint *checkpoint)
{
    struct note note;
    uint32_t cosigned;
    enum status status = REJECT_UNAUTHORIZED;
    for (unsigned i = 0; i < trust->log_count && status != OK; i++)
        status = checkpoint_open(bytes, &trust->logs[i], &note, checkpoint);
    if (status != OK)
        return status == REJECT_MALFORMED ? status : REJECT_UNAUTHORIZED;
    if (trust->policy == NULL)
        return OK;
    TRY(witness_policy_cosigned(trust->policy, &note, &cosigned));
    return witness_policy_is_met(trust->policy, cosigned) ? OK : RETRY_BUSY;
}

/* The record beside the entry, where there is one: the entry is made of it again. */
static enum proof_result compare_record(struct digest *digest, const struct proved_record *proved,
                                        struct proof_found *found)
{
    uint8_t entry[TLOG_ENTRY_SIZE];
    struct submission submission;
    struct erased_record erased;
    if (proved->submission.size == 0)
        return PROOF_HOLDS;
    tlog_leaf_of(digest, found->position, proved->submission, proved->outcomes, proved->outcome_count, entry);
    if (memcmp(entry, proved->entry.data, sizeof entry) != 0)
        return PROOF_OTHER_RECORD;
    if (submission_decode(proved->submission, NULL, &submission) != OK)
        return PROOF_OTHER_RECORD;
    found->was_erased = submission_erased(&submission, &erased);
    found->has_record = !found->was_erased;
    submission_sha256(&submission, digest, found->envelope_sha256);
    return PROOF_HOLDS;
}

static enum proof_result verify_path(const struct proof_file *proof, struct digest *digest,
                                     const struct proved_record *proved, struct proof_found *found)
{
    struct merkle_hash leaf, root;
    if (proved->entry.size != TLOG_ENTRY_SIZE || memcmp(proved->entry.data, "HTL1", 4) != 0)
        return PROOF_MALFORMED;
    found->position = bytes_get_be(proved->entry.data + 4, 8);
    found->accepted_at = (int64_t)bytes_get_be(proved->entry.data + 12, 8);
    found->outcome_kind = proved->entry.data[20];
    merkle_leaf(digest, proved->entry, &leaf);
    if (found->position != proof->index ||
        !merkle_fold(digest, &leaf, proof->index, found->checkpoint.size, proof->path, proof->path_count, &root) ||
        memcmp(&root, &found->checkpoint.root, sizeof root) != 0)
        return PROOF_NO_PATH;
    return compare_record(digest, proved, found);
}

enum proof_result proof_verify(const struct proof_trust *trust, struct span file, struct proof_found *found)
{
    struct proof_file proof;
    struct proved_record proved;
    struct arena arena;
    enum proof_result result = PROOF_MALFORMED;
    *found = (struct proof_found){0};
    if (proof_file_parse(file, &proof) != OK)
        return PROOF_MALFORMED;
    void *memory = malloc(RECORD_ARENA_SIZE);
    INVARIANT(memory != NULL);
    arena_init(&arena, memory, RECORD_ARENA_SIZE);
    struct span extra = buffer_span(&proof.extra);
    if (wire_check(WIRE_PROVED_RECORD, extra, NULL) == OK && proved_record_decode(extra, &arena, &proved) == OK) {
        enum status status = proof_trusts(trust, proof.checkpoint, &found->checkpoint);
        struct digest *digest = digest_new();
        result = status == OK                 ? verify_path(&proof, digest, &proved, found)
                 : status == RETRY_BUSY       ? PROOF_NOT_FINAL
                 : status == REJECT_MALFORMED ? PROOF_MALFORMED
                                              : PROOF_UNTRUSTED;
        digest_destroy(&digest);
    }
    free(memory);
    proof_file_fini(&proof);
    return result;
}

/* ---- receipts ---- */

/* Between a receipt and the checkpoint that covers it: one a second is signed, and witnesses' clocks differ. */
enum { COVERED_WITHIN_MS = 60000 };

enum receipt_says receipt_proof_says(const struct receipt_proof *proof, const struct receipt *receipt)
{
    if (!proof->proves) {
        bool later = proof->cosigned_at > receipt->accepted_at + COVERED_WITHIN_MS;
        return proof->checkpoint.size <= receipt->position && later ? RECEIPT_CONTRADICTED : RECEIPT_NOT_SPOKEN_OF;
    }
    if (proof->found.position != receipt->position)
        return RECEIPT_NOT_SPOKEN_OF;
    bool same = proof->found.accepted_at == receipt->accepted_at &&
                span_equal(receipt->envelope_sha256, span_of(proof->found.envelope_sha256, DIGEST_SIZE));
    return same ? RECEIPT_STANDS : RECEIPT_CONTRADICTED;
}
