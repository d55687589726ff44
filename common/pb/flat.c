/* SPDX-License-Identifier: Apache-2.0
 * Flat messages. */
#include "common/pb/flat.h"

#include "common/pb/field_internal.h"

void flat_encode(struct flat_message message, const void *object, uint32_t from, uint32_t limit, struct buffer *out)
{
    for (size_t i = 0; i < message.count; i++) {
        const struct flat_field *field = &message.fields[i];
        const void *at = (const uint8_t *)object + field->offset;
        if (field->number < from || field->number >= limit)
            continue;
        switch (field->kind) {
        case FLAT_TEXT: {
            const char *text = *(const char *const *)at;
            wire_put_text(out, field->number, text == NULL ? "" : text);
            break;
        }
        case FLAT_UINT32:
            wire_put_uint(out, field->number, *(const uint32_t *)at);
            break;
        case FLAT_INT64:
            wire_put_int(out, field->number, *(const int64_t *)at);
            break;
        case FLAT_UINT64:
            wire_put_uint(out, field->number, *(const uint64_t *)at);
            break;
        case FLAT_BOOL:
            wire_put_uint(out, field->number, *(const bool *)at);
            break;
        case FLAT_SPAN:
            wire_put_bytes(out, field->number, *(const struct span *)at);
            break;
        }
    }
}

static enum status take(const struct flat_field *field, const struct wire_field *wire, struct arena *arena, void *at)
{
    switch (field->kind) {
    case FLAT_TEXT: {
        const char *text = field_text(arena, wire->bytes);
        if (text == NULL)
            return REJECT_TOO_LARGE;
        *(const char **)at = text;
        break;
    }
    case FLAT_UINT32:
        *(uint32_t *)at = (uint32_t)wire->value;
        break;
    case FLAT_INT64:
        *(int64_t *)at = (int64_t)wire->value;
        break;
    case FLAT_UINT64:
        *(uint64_t *)at = wire->value;
        break;
    case FLAT_BOOL:
        *(bool *)at = wire->value != 0;
        break;
    case FLAT_SPAN:
        *(struct span *)at = wire->bytes;
        break;
    }
    return OK;
}

enum status flat_decode(struct flat_message message, struct span bytes, struct arena *arena, void *object)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field wire;
    for (size_t i = 0; i < message.count; i++)
        if (message.fields[i].kind == FLAT_TEXT)
            *(const char **)(void *)((uint8_t *)object + message.fields[i].offset) = "";
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &wire));
        for (size_t i = 0; i < message.count; i++)
            if (message.fields[i].number == wire.number)
                TRY(take(&message.fields[i], &wire, arena, (uint8_t *)object + message.fields[i].offset));
    }
    return OK;
}
