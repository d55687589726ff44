/* SPDX-License-Identifier: Apache-2.0
 * Shapes of files. */
#include "common/codes/shape.h"

#include <string.h>

static const struct shape_text shapes[] = {
#define SHAPE(code, name, zh, en, expected_zh, expected_en) {code, zh, en, expected_zh, expected_en},
#include "common/codes/shape.def"
#undef SHAPE
};

enum { LETTERS_MAX = 48, FOUND_MAX = 80, SLIPS_MAX = 2, BEGINNING_MIN = 5 };

const struct shape_text *shape_at(unsigned index)
{
    return index < SHAPES_COUNT ? &shapes[index] : NULL;
}

/* As much of a value as a line bears; never half a character. */
static int shown_size(const char *found)
{
    size_t size = strlen(found);
    if (size <= FOUND_MAX)
        return (int)size;
    for (size = FOUND_MAX; size > 0 && ((unsigned char)found[size] & 0xc0) == 0x80;)
        size--;
    return (int)size;
}

void shape_describe(enum shape shape, const char *found, const char *note, struct buffer *out)
{
    const struct shape_text *text = &shapes[shape];
    buffer_printf(out, "%s %s; %s", text->code, text->zh, text->en);
    if (found != NULL)
        buffer_printf(out, ": found %.*s%s", shown_size(found), found,
                      (size_t)shown_size(found) < strlen(found) ? "…" : "");
    buffer_printf(out, "; 处理: %s; remedy: %s", text->expected_zh, text->expected_en);
    if (note != NULL)
        buffer_printf(out, "; %s", note);
}

/* The letters alone: "bill_id", "billID" and "BillId" are one name. */
static size_t letters_of(const char *name, char letters[LETTERS_MAX + 1])
{
    size_t size = 0;
    for (; *name != 0 && size < LETTERS_MAX; name++)
        if (*name != '_' && *name != '-' && *name != ' ')
            letters[size++] = (char)(*name >= 'A' && *name <= 'Z' ? *name - 'A' + 'a' : *name);
    letters[size] = 0;
    return size;
}

/* How many letters are put in, left out or changed. */
static unsigned slips_between(const char *a, size_t a_size, const char *b, size_t b_size)
{
    unsigned row[LETTERS_MAX + 1];
    for (size_t j = 0; j <= b_size; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= a_size; i++) {
        unsigned corner = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_size; j++) {
            unsigned changed = corner + (a[i - 1] != b[j - 1]), put_in = row[j - 1] + 1, left_out = row[j] + 1;
            corner = row[j];
            row[j] = changed < put_in ? changed : put_in;
            row[j] = row[j] < left_out ? row[j] : left_out;
        }
    }
    return row[b_size];
}

const char *shape_nearest(const char *name, const char *const names[], unsigned count)
{
    char wanted[LETTERS_MAX + 1], letters[LETTERS_MAX + 1];
    size_t size = letters_of(name, wanted), longest = 0;
    unsigned least = SLIPS_MAX + 1;
    const char *nearest = NULL, *beginning = NULL;
    for (unsigned i = 0; i < count; i++) {
        size_t its_size = letters_of(names[i], letters), same = 0;
        unsigned slips = slips_between(wanted, size, letters, its_size);
        while (wanted[same] != 0 && wanted[same] == letters[same])
            same++;
        if (slips < least && slips * 3 <= size) {
            least = slips;
            nearest = names[i];
        }
        if (same > longest && same >= BEGINNING_MIN) {
            longest = same;
            beginning = names[i];
        }
    }
    return nearest != NULL ? nearest : beginning;
}
