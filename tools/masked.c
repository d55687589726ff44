/* SPDX-License-Identifier: Apache-2.0
 * Messages, masked. */
#include "tools/masked.h"

#include "common/codes/identity.h"
#include "common/observe/diary.h"
#include "common/pb/personal.h"

static void mask(void *self, enum personal kind, struct span text, struct buffer *out)
{
    struct buffer copy = {0};
    char masked[IDENTITY_MASKED_SIZE];
    (void)self;
    buffer_append(&copy, text.data, text.size);
    char *plain = (char *)(uintptr_t)buffer_text(&copy);
    switch (kind) {
    case PERSONAL_IDENTITY:
        identity_mask(plain, masked);
        buffer_append_text(out, masked);
        break;
    case PERSONAL_TEXT:
    case PERSONAL_DIAGNOSIS:
        buffer_append_text(out, "***");
        break;
    case PERSONAL_NONE:
    case PERSONAL_ENVELOPE:
        diary_mask_text(plain);
        buffer_append_text(out, plain);
        break;
    }
    buffer_fini(&copy);
}

json_t *message_masked(enum wire_message message, struct span bytes)
{
    struct buffer masked = {0};
    json_t *value = NULL;
    if (wire_check(message, bytes, NULL) == OK && personal_rewrite(message, bytes, mask, NULL, &masked) == OK)
        value = cli_message(message, buffer_span(&masked));
    buffer_fini(&masked);
    return value;
}
