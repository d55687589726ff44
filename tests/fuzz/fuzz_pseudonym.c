/* SPDX-License-Identifier: Apache-2.0
 * Any envelope under pseudonyms: canonical as it was, the same each time, and of whom it was is gone. */
#include <stdlib.h>

#include "common/base/check.h"
#include "common/codes/identity.h"
#include "common/pb/wire.h"
#include "tools/pseudonym.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pseudonyms *pseudonyms;
    struct buffer first = {0}, again = {0};
    struct envelope_head was, is;
    struct span bytes = span_of(data, size);
    if (pseudonyms == NULL)
        pseudonyms = pseudonyms_new(span_text("sixteen or more bytes"), 3);
    if (wire_check(WIRE_ENVELOPE, bytes, NULL) == OK && envelope_head_read(bytes, &was) == OK) {
        INVARIANT(pseudonymise(pseudonyms, WIRE_ENVELOPE, bytes, &first) == OK);
        INVARIANT(pseudonymise(pseudonyms, WIRE_ENVELOPE, bytes, &again) == OK);
        INVARIANT(span_equal(buffer_span(&first), buffer_span(&again)));
        INVARIANT(wire_check(WIRE_ENVELOPE, buffer_span(&first), NULL) == OK);
        INVARIANT(envelope_head_read(buffer_span(&first), &is) == OK);
        INVARIANT(is.body_number == was.body_number && is.person_id.size == was.person_id.size);
    }
    buffer_fini(&first);
    buffer_fini(&again);
    return 0;
}
