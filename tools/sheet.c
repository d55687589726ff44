/* SPDX-License-Identifier: Apache-2.0
 * Spreadsheets' files. */
#include "tools/sheet.h"

#include <string.h>

#include "tools/text_file.h"

/* What stands around a value and is not seen: blanks, tabs, wide blanks of Chinese and of web pages, a stray mark. */
static size_t blank_at(const char *at)
{
    static const char *const blanks[] = {" ",        "\t",           "\r",           "\n",
                                         "\xC2\xA0", "\xE3\x80\x80", "\xEF\xBB\xBF", "\xE2\x80\x8B"};
    for (unsigned i = 0; i < sizeof blanks / sizeof blanks[0]; i++)
        if (strncmp(at, blanks[i], strlen(blanks[i])) == 0)
            return strlen(blanks[i]);
    return 0;
}

static char *without_blanks(char *text)
{
    for (size_t size; (size = blank_at(text)) > 0;)
        text += size;
    char *end = text;
    for (char *at = text; *at != 0; at++)
        if (blank_at(at) > 0)
            at += blank_at(at) - 1;
        else
            end = at + 1;
    *end = 0;
    return text;
}

char *sheet_cell(char *text)
{
    if (text[0] == '\'' && csv_is_marked(text + 1)) /* our own, byte by byte */
        return text + 1;
    text = without_blanks(text);
    size_t size = strlen(text);
    if (size > 3 && text[0] == '=' && text[1] == '"' && text[size - 1] == '"') { /* ="001": text, to a spreadsheet */
        text[size - 1] = 0;
        return text + 2;
    }
    if (text[0] != '\'')
        return text;
    size = strlen(++text);
    if (size > 0 && text[size - 1] == '\'')
        text[size - 1] = 0;
    return without_blanks(text);
}

enum shape sheet_shape(enum csv_result result)
{
    switch (result) {
    case CSV_TOO_MANY_FIELDS:
        return SHAPE_FIELDS;
    case CSV_QUOTE_OPEN:
        return SHAPE_QUOTE_OPEN;
    case CSV_QUOTE_STRAY:
        return SHAPE_QUOTE_STRAY;
    default:
        return SHAPE_NUL;
    }
}

/* "sep=;": what a spreadsheet is told by the first line, and tells us. */
static bool take_told(struct csv *csv)
{
    bool told = csv->end - csv->at > 5 && strncmp(csv->at, "sep=", 4) == 0 && strchr(",;\t", csv->at[4]) != NULL &&
                (csv->at[5] == '\r' || csv->at[5] == '\n');
    if (!told)
        return false;
    csv->separator = csv->at[4];
    csv->at += 5;
    return true;
}

/* By the first line that is not empty, outside its quotes. Commas, where there are any: our names have none, and a
 * semicolon between commas is text. */
static bool find_separator(struct csv *csv)
{
    size_t semicolons = 0, tabs = 0;
    bool quoted = false;
    const char *at = csv->at;
    at += strspn(at, "\r\n");
    for (; at < csv->end && (quoted || (*at != '\n' && *at != '\r')); at++) {
        quoted = quoted != (*at == '"');
        if (!quoted && *at == ',')
            return true;
        semicolons += !quoted && *at == ';';
        tabs += !quoted && *at == '\t';
    }
    if (semicolons > 0 || tabs > 0)
        csv->separator = semicolons > 0 ? ';' : '\t';
    return semicolons == 0 || tabs == 0;
}

bool sheet_open(struct sheet *sheet, struct buffer *bytes, struct buffer *why)
{
    if (!text_file_read(bytes, why))
        return false;
    size_t size = bytes->size;
    buffer_append(bytes, "", 1); /* room for the end that the reader sets */
    *sheet = (struct sheet){.csv = csv_read((char *)bytes->data, size), .begin = (const char *)bytes->data};
    sheet->torn = size > 0 && bytes->data[size - 1] != '\n';
    bytes->size = size;
    if (take_told(&sheet->csv) || find_separator(&sheet->csv))
        return true;
    buffer_reset(why);
    shape_describe(SHAPE_SEPARATOR, NULL, NULL, why);
    return false;
}

enum csv_result sheet_next(struct sheet *sheet, char *fields[CSV_FIELDS_MAX], unsigned *count, unsigned *line)
{
    bool empty = true;
    enum csv_result result = CSV_ROW;
    while (empty && result == CSV_ROW) {
        result = csv_next(&sheet->csv, fields, count, line);
        for (unsigned i = 0; result == CSV_ROW && i < *count; i++) {
            fields[i] = sheet_cell(fields[i]);
            empty = empty && fields[i][0] == 0;
        }
    }
    return result;
}

size_t sheet_read(const struct sheet *sheet)
{
    return (size_t)(sheet->csv.at - sheet->begin);
}
