/* SPDX-License-Identifier: Apache-2.0
 * The pieces of the generated coders. */
#include "common/pb/coding_internal.h"

enum status field_text_take(struct arena *arena, struct span bytes, uint32_t max, const char **text)
{
    char *copy = max != 0 && bytes.size > max ? NULL : arena_take(arena, bytes.size + 1);
    if (copy == NULL)
        return REJECT_TOO_LARGE;
    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    copy[bytes.size] = 0;
    *text = copy;
    return OK;
}

bool field_copy(char *to, size_t size, struct span bytes)
{
    if (bytes.size >= size)
        return false;
    if (bytes.size > 0)
        memcpy(to, bytes.data, bytes.size);
    to[bytes.size] = 0;
    return true;
}

enum status field_run(const struct wire_reader *reader, uint32_t number, uint32_t max, uint32_t had, uint32_t *count)
{
    struct wire_reader ahead = *reader;
    struct wire_field field = {.number = number};
    uint32_t found = had + 1;
    while (!wire_at_end(&ahead)) {
        TRY(wire_next(&ahead, &field));
        if (field.number != number)
            break;
        found++;
    }
    if (max != 0 && found > max)
        return REJECT_TOO_LARGE;
    *count = found;
    return OK;
}

enum status field_run_around(struct span message, uint32_t number, struct span *before, struct span *run,
                             struct span *behind)
{
    struct wire_reader reader = wire_read(message);
    struct wire_field field = {.number = 0};
    size_t from = message.size, to = 0;
    while (field.number <= number && !wire_at_end(&reader)) {
        size_t at = (size_t)(reader.at - message.data);
        TRY(wire_next(&reader, &field));
        if (field.number >= number && from == message.size)
            from = at;
        if (field.number <= number)
            to = (size_t)(reader.at - message.data);
    }
    *before = span_of(message.data, from);
    *run = span_of(message.data + from, to > from ? to - from : 0);
    *behind = span_of(message.data + to, message.size - to);
    return OK;
}

enum status field_numbers_take(struct arena *arena, struct span bytes, uint32_t max, const uint64_t **numbers,
                               uint32_t *count)
{
    struct wire_reader reader = wire_read(bytes);
    uint32_t found = 0;
    for (size_t i = 0; i < bytes.size; i++)
        found += bytes.data[i] < 0x80;
    uint64_t *list = max != 0 && found > max ? NULL : arena_take(arena, found * sizeof *list + 1);
    if (list == NULL)
        return REJECT_TOO_LARGE;
    for (uint32_t i = 0; i < found; i++)
        TRY(wire_next_number(&reader, &list[i]));
    if (!wire_at_end(&reader))
        return REJECT_MALFORMED;
    *numbers = list;
    *count = found;
    return OK;
}

void field_numbers_put(struct buffer *out, uint32_t number, const uint64_t *numbers, uint32_t count)
{
    if (count == 0)
        return;
    size_t mark = wire_begin(out, number);
    for (uint32_t i = 0; i < count; i++)
        wire_put_number(out, numbers[i]);
    wire_end(out, mark);
}

enum status level_take(struct arena *arena, struct span bytes, uint8_t *level)
{
    (void)arena;
    bool shaped = bytes.size == 2 && bytes.data[0] == '0' && bytes.data[1] >= '1' && bytes.data[1] <= '3';
    *level = shaped ? (uint8_t)(bytes.data[1] - '0') : 0;
    return OK;
}

void level_put(uint8_t level, uint32_t number, struct buffer *out)
{
    static const char *const texts[] = {"", "01", "02", "03"};
    wire_put_text(out, number, level < sizeof texts / sizeof texts[0] ? texts[level] : "");
}
