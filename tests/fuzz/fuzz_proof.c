/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as a proof file, a policy, a request to a witness. */
#include <stdint.h>

#include "common/base/check.h"
#include "common/engines/tlog/witness_policy.h"
#include "common/witness/witness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum status load(void *self, const char *origin_hash, struct buffer *note)
{
    (void)self;
    (void)origin_hash;
    (void)note;
    return REJECT_NOT_FOUND;
}

static enum status keep(void *self, const char *origin_hash, struct span note)
{
    (void)self;
    (void)origin_hash;
    (void)note;
    return FATAL_IO;
}

static void contradiction(void *self, const char *why, struct span kept, struct span sent)
{
    (void)self;
    (void)kept;
    (void)sent;
    check_failed("fuzz", why, __FILE__, __LINE__);
}

static void ask(struct span bytes)
{
    static const char peter[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    static struct witness witness = {.log_count = 1, .load = load, .keep = keep, .contradiction = contradiction};
    struct buffer body = {0};
    if (witness.digest == NULL) {
        witness.digest = digest_new();
        INVARIANT(note_key_parse(span_text(peter), &witness.logs[0]) == OK);
    }
    struct witness_answer answer = witness_add(&witness, bytes, 0, &body);
    INVARIANT(answer.code >= 400 && answer.code < 500);
    buffer_fini(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct witness_policy policy;
    struct span bytes = span_of(data, size);
    struct proof_file proof;
    struct buffer text = {0};
    if (proof_file_parse(bytes, &proof) == OK) {
        proof_file_write(&proof, &text);
        INVARIANT(span_equal(buffer_span(&text), bytes));
        proof_file_fini(&proof);
    }
    buffer_reset(&text);
    if (witness_policy_parse(bytes, &policy, &text) == OK) {
        INVARIANT(policy.quorum == POLICY_NONE || policy.quorum < (int)policy.member_count);
        INVARIANT(witness_policy_is_met(&policy, 0) == (policy.quorum == POLICY_NONE));
    } else {
        INVARIANT(text.size > 0);
    }
    ask(bytes);
    buffer_fini(&text);
    return 0;
}
