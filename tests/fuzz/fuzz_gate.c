/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as a request to the gate, and as an envelope that the gate examines. */
#include "common/base/check.h"
#include "services/ingest/gate_core.h"
#include "services/ingest/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct digest *digest;
    struct peer peer = {.role = PARTY_REGION, .party = "120000"};
    static uint8_t memory[REQUEST_ARENA_SIZE];
    struct arena arena;
    struct gate_request request;
    struct receipt receipt;
    struct gate_view view;
    struct buffer path, reply;
    if (digest == NULL)
        digest = digest_new();
    buffer_init(&path);
    buffer_init(&reply);
    arena_init(&arena, memory, sizeof memory);
    enum rule rule = request_read_at_gate(&peer, true, false, span_of(data, size), &arena, &request);
    if (rule != RULE_NONE)
        reply_refusal(&reply, request.request, rule, "");
    rule = gate_examine(&peer, false, span_of(data, size), digest, &view, &path);
    if (rule == RULE_NONE) {
        INVARIANT(span_equal(view.head.sender, span_text("120000")));
        INVARIANT(view.head.body_number != EVENT_TICK && view.head.body_number != EVENT_REQUEUE);
    } else {
        receipt = gate_receipt_refused(rule, buffer_text(&path), view.head.message_id);
        receipt_encode(&receipt, &reply);
    }
    buffer_fini(&path);
    buffer_fini(&reply);
    return 0;
}
