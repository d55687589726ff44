/* SPDX-License-Identifier: Apache-2.0
 * Lines that fit. */
#include "tools/wrap.h"

#include <stdbool.h>
#include <string.h>

static size_t character_size(const char *at)
{
    size_t size = 1;
    while (((unsigned char)at[size] & 0xc0) == 0x80)
        size++;
    return size;
}

/* From U+2000 on, but for what the Chinese half of a terminal's font shows narrow too. */
static bool is_wide(const char *at)
{
    static const char *const narrow[] = {"…", "–", "—", "→", "“", "”", "‘", "’", "·"};
    for (unsigned i = 0; i < sizeof narrow / sizeof narrow[0]; i++)
        if (strncmp(at, narrow[i], strlen(narrow[i])) == 0)
            return false;
    return (unsigned char)*at >= 0xe2;
}

static bool is_one_of(const char *at, const char *characters)
{
    for (const char *each = characters; *each != 0; each += character_size(each))
        if (strncmp(at, each, character_size(each)) == 0)
            return true;
    return false;
}

static bool is_blank(char character)
{
    return character == ' ' || character == '\n';
}

static int columns_of(const char *text, size_t size)
{
    int columns = 0;
    for (size_t at = 0; at < size; at += character_size(text + at))
        columns += is_wide(text + at) ? 2 : 1;
    return columns;
}

int wrap_columns(const char *text)
{
    return columns_of(text, strlen(text));
}

/* What must stand on one line from here on: its bytes. */
static size_t piece_size(const char *text, int columns_max)
{
    size_t size = 0;
    if (text[0] == '[') {
        const char *end = strstr(text, "]");
        if (end != NULL && columns_of(text, (size_t)(end - text) + 1) <= columns_max)
            size = (size_t)(end - text);
    }
    while (text[size] != 0 && !is_blank(text[size])) {
        const char *here = text + size, *next = here + character_size(here);
        size += character_size(here);
        bool between = *next != 0 && (is_wide(here) || is_wide(next)) && !is_one_of(here, "（《〈「〔") &&
                       !is_one_of(next, "，。、；：！？）》〉」〕,.;:)");
        if (between)
            break;
    }
    return size;
}

void wrap_words(struct buffer *out, const char *text, int column, int indent)
{
    bool blank = false, first = true;
    while (*text != 0) {
        if (is_blank(*text)) {
            blank = !first;
            text++;
            continue;
        }
        size_t size = piece_size(text, WRAP_WIDTH - indent);
        int columns = columns_of(text, size);
        if (!first && column + blank + columns > WRAP_WIDTH) {
            buffer_printf(out, "\n%*s", indent, "");
            column = indent;
            blank = false;
        }
        if (blank)
            buffer_append_text(out, " ");
        for (size_t i = 0; i < size; i++) /* a bracket kept whole may hold a line end */
            buffer_append(out, text[i] == '\n' ? " " : text + i, 1);
        column += blank + columns;
        blank = first = false;
        text += size;
    }
}

void wrap_page(struct buffer *out, const char *text, int indent)
{
    while (*text != 0) {
        const char *end = strchr(text, '\n');
        bool verbatim = *text == '\n' || strncmp(text, "  ", 2) == 0;
        while (!verbatim && end != NULL && end[1] != '\n' && strncmp(end + 1, "  ", 2) != 0)
            end = strchr(end + 1, '\n');
        size_t size = end != NULL ? (size_t)(end - text) : strlen(text);
        struct buffer paragraph = {0};
        buffer_append(&paragraph, text, size);
        if (size > 0)
            buffer_printf(out, "%*s", indent, "");
        if (verbatim)
            buffer_append_text(out, buffer_text(&paragraph));
        else
            wrap_words(out, buffer_text(&paragraph), indent, indent);
        buffer_append_text(out, "\n");
        buffer_fini(&paragraph);
        text += size + (end != NULL);
    }
}

void wrap_beside(struct buffer *out, const char *word, int gap, const char *text)
{
    int taken = wrap_columns(word);
    buffer_append_text(out, word);
    if (taken + 2 > gap)
        buffer_printf(out, "\n%*s", gap, "");
    else
        buffer_printf(out, "%*s", gap - taken, "");
    wrap_words(out, text, gap, gap);
    buffer_append_text(out, "\n");
}
