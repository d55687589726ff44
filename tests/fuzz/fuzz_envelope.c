/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as an envelope: the check, the head, the whole decoding, and the rules of a bill over what came out. What
 * the check lets through must decode, and encode again to the same bytes where nothing unknown was in it. */
#include <stdlib.h>

#include "common/base/check.h"
#include "common/pb/event.h"
#include "services/validation/bill_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[2 << 20];
    static struct findings findings;
    struct arena arena;
    struct envelope_head head;
    struct event event;
    struct span bytes = span_of(data, size);
    bool canonical = wire_check(WIRE_ENVELOPE, bytes, NULL) == OK;
    arena_init(&arena, memory, sizeof memory);
    enum status head_read = envelope_head_read(bytes, &head), decoded = event_decode(bytes, &arena, &event);
    INVARIANT(!canonical || head_read == OK);
    INVARIANT(!canonical || decoded == OK || decoded == REJECT_UNDECODABLE || decoded == REJECT_TOO_LARGE);
    if (decoded != OK || (event.kind != EVENT_BILL_SETTLE && event.kind != EVENT_BILL_TRIAL))
        return 0;
    findings.count = 0;
    findings.refused = findings.overflow = false;
    bill_rules_check(&event.body.bill, published_first(), "bill", 20251124, &arena, &findings);
    if (!findings.refused) { /* admissible by itself: every amount is within its bounds */
        INVARIANT(event.body.bill.total >= 0 && event.body.bill.total <= BILL_TOTAL_MAX_FEN);
        INVARIANT(event.body.bill.item_count > 0);
    }
    return 0;
}
