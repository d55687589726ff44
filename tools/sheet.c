/* SPDX-License-Identifier: Apache-2.0
 * Printed sheets. */
#include "tools/sheet.h"

#include <stdio.h>
#include <string.h>

#include "tools/books_ask.h"

/* Chinese characters are two columns wide. */
static int width_of(const char *text)
{
    int width = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at != 0; at++)
        if ((*at & 0xc0) != 0x80)
            width += *at >= 0xe2 ? 2 : 1;
    return width;
}

static void print_cell(struct sheet_cell cell)
{
    int wide = cell.width < 0 ? -cell.width : cell.width, pad = wide - width_of(cell.text);
    (void)printf("%*s%s%*s", cell.width < 0 || pad < 0 ? 0 : pad, "", cell.text, cell.width < 0 && pad > 0 ? pad : 0,
                 "");
}

void sheet_line(const struct sheet_cell *cells, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        print_cell(cells[i]);
        (void)printf("%s", i + 1 == count ? "\n" : "  ");
    }
}

void sheet_rule(char character, int width)
{
    for (int i = 0; i < width; i++)
        (void)putchar(character);
    (void)putchar('\n');
}

const char *sheet_yuan(int64_t fen)
{
    static char texts[8][48];
    static unsigned turn;
    char *text = texts[turn++ % 8];
    const char *plain = books_yuan(fen);
    size_t size = 0, whole = strcspn(plain, "."), from = plain[0] == '-';
    for (size_t i = 0; plain[i] != 0 && size + 2 < sizeof texts[0]; i++) {
        text[size++] = plain[i];
        if (i >= from && i + 1 < whole && (whole - i - 1) % 3 == 0)
            text[size++] = ',';
    }
    text[size] = 0;
    return text;
}

const char *sheet_count(int64_t count)
{
    static char texts[8][24];
    static unsigned turn;
    char *text = texts[turn++ % 8];
    (void)snprintf(text, sizeof texts[0], "%lld", (long long)count);
    return text;
}
