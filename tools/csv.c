/* SPDX-License-Identifier: Apache-2.0
 * CSV. */
#include "tools/csv.h"

#include <string.h>

#include "common/base/text.h"

struct csv csv_read(char *bytes, size_t size)
{
    struct csv csv = {bytes, bytes + size, 1, ','};
    *csv.end = 0;
    if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
        csv.at += 3;
    return csv;
}

static bool at_break(const struct csv *csv)
{
    return csv->at == csv->end || *csv->at == '\n' ||
           (*csv->at == '\r' && (csv->at + 1 == csv->end || csv->at[1] == '\n'));
}

static void skip_row(struct csv *csv)
{
    while (csv->at < csv->end && *csv->at != '\n')
        csv->at++;
}

/* Over the line's end, if it stands there. */
static void step_over_break(struct csv *csv)
{
    if (csv->at < csv->end && *csv->at == '\r')
        csv->at++;
    if (csv->at < csv->end && *csv->at == '\n') {
        csv->at++;
        csv->line++;
    }
}

/* One field, its text moved together where quotes were doubled. */
static enum csv_result read_field(struct csv *csv, char **field)
{
    csv->at += csv->end - csv->at > 1 && csv->at[0] == '=' && csv->at[1] == '"';
    char *to = csv->at;
    if (csv->at < csv->end && *csv->at == '"') {
        csv->at++;
        *field = to;
        for (;;) {
            if (csv->at == csv->end)
                return CSV_QUOTE_OPEN;
            if (*csv->at == 0)
                return CSV_NUL;
            if (*csv->at == '"' && (csv->at + 1 == csv->end || csv->at[1] != '"'))
                break;
            csv->at += *csv->at == '"';
            csv->line += *csv->at == '\n';
            *to++ = *csv->at++;
        }
        csv->at++;
        return at_break(csv) || *csv->at == csv->separator ? (*to = 0, CSV_ROW) : CSV_QUOTE_STRAY;
    }
    *field = csv->at;
    for (; !at_break(csv) && *csv->at != csv->separator; csv->at++) {
        if (*csv->at == '"')
            return CSV_QUOTE_STRAY;
        if (*csv->at == 0)
            return CSV_NUL;
    }
    return CSV_ROW;
}

enum csv_result csv_next(struct csv *csv, char *fields[CSV_FIELDS_MAX], unsigned *count, unsigned *line)
{
    enum csv_result result = CSV_ROW;
    while (csv->at < csv->end && at_break(csv))
        step_over_break(csv);
    *count = 0;
    *line = csv->line;
    if (csv->at == csv->end)
        return CSV_END;
    for (bool more = true; more && result == CSV_ROW;) {
        if (*count == CSV_FIELDS_MAX) {
            result = CSV_TOO_MANY_FIELDS;
            break;
        }
        result = read_field(csv, &fields[*count]);
        if (result != CSV_ROW)
            break;
        (*count)++;
        char *end = csv->at;
        more = csv->at < csv->end && *csv->at == csv->separator;
        if (more)
            csv->at++;
        else
            step_over_break(csv);
        *end = 0;
    }
    if (result != CSV_ROW) {
        skip_row(csv);
        step_over_break(csv);
    }
    return result;
}

bool csv_is_marked(const char *text)
{
    static const char *const wide[] = {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};
    bool marked = text[0] != 0 && strchr("=+-@\t\r\n'", text[0]) != NULL;
    for (unsigned i = 0; i < sizeof wide / sizeof wide[0]; i++) /* of the same signs: Chinese spreadsheets take them */
        marked = marked || strncmp(text, wide[i], 3) == 0;
    return marked;
}

/* "-12.50", "-3.00 %", and the dash that stands for nothing. */
static bool is_number(const char *text)
{
    const char *at = text + (text[0] == '-');
    at += text_digits(at);
    if (*at == '.')
        at += 1 + text_digits(at + 1);
    return *at == 0 || strcmp(at, " %") == 0 || strcmp(at, "%") == 0;
}

void csv_put(struct buffer *out, char separator, bool first, const char *text)
{
    const char special[] = {'"', '\r', '\n', separator, 0};
    bool quoted = text[strcspn(text, special)] != 0;
    if (!first)
        buffer_append(out, &separator, 1);
    if (quoted)
        buffer_append_text(out, "\"");
    if (csv_is_marked(text) && !is_number(text))
        buffer_append_text(out, "'");
    for (const char *at = text; *at != 0; at++) {
        if (*at == '"')
            buffer_append_text(out, "\"");
        buffer_append(out, at, 1);
    }
    if (quoted)
        buffer_append_text(out, "\"");
}
