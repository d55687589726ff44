/* SPDX-License-Identifier: Apache-2.0
 * Any text as JSON of an envelope: what is taken must be canonical, and must come back as the same bytes through JSON.
 */
#include "common/base/check.h"
#include "common/pb/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer bytes, why, text, again;
    buffer_init(&bytes);
    buffer_init(&why);
    buffer_init(&text);
    buffer_init(&again);
    if (json_to_message(WIRE_ENVELOPE, span_of(data, size), &bytes, &why) == OK) {
        INVARIANT(wire_check(WIRE_ENVELOPE, buffer_span(&bytes), NULL) == OK);
        INVARIANT(message_to_json(WIRE_ENVELOPE, buffer_span(&bytes), true, &text) == OK);
        INVARIANT(json_to_message(WIRE_ENVELOPE, buffer_span(&text), &again, &why) == OK);
        INVARIANT(span_equal(buffer_span(&bytes), buffer_span(&again)));
    }
    buffer_fini(&bytes);
    buffer_fini(&why);
    buffer_fini(&text);
    buffer_fini(&again);
    return 0;
}
