/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as the records between services: submission, verdict, outcome, policy; events of the books,
 * the sum tree. */
#include "common/base/check.h"
#include "common/engines/tree/sum_tree.h"
#include "common/pb/outcome.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[2 << 20];
    static struct policy policy;
    struct arena arena;
    struct span bytes = span_of(data, size);
    struct submission submission;
    struct verdict verdict;
    struct outcome outcome;
    struct outcome_head head;
    struct buffer out;
    buffer_init(&out);
    if (submission_decode(bytes, NULL, &submission) == OK)
        submission_encode(&submission, &out);
    arena_init(&arena, memory, sizeof memory);
    buffer_reset(&out);
    if (verdict_decode(bytes, &arena, &verdict) == OK)
        verdict_encode(&verdict, &out);
    arena_init(&arena, memory, sizeof memory);
    buffer_reset(&out);
    if (outcome_decode(bytes, &arena, &outcome) == OK)
        outcome_encode(&outcome, &out);
    if (outcome_head_read(bytes, &head) == OK)
        INVARIANT(head.deliver_count <= REGION_COUNT_MAX);
    buffer_reset(&out);
    if (policy_decode(bytes, NULL, &policy) == OK)
        policy_encode(&policy, &out);
    struct books_record books_record;
    arena_init(&arena, memory, sizeof memory);
    buffer_reset(&out);
    if (books_record_decode(bytes, &arena, &books_record) == OK)
        books_record_encode(&books_record, &out);
    static struct tree_exchange exchange;
    buffer_reset(&out);
    if (tree_exchange_decode(bytes, NULL, &exchange) == OK)
        tree_exchange_encode(&exchange, &out);
    buffer_fini(&out);
    return 0;
}
