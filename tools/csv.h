/* SPDX-License-Identifier: Apache-2.0
 * CSV (RFC 4180): quoted fields, doubled quotes, line breaks within quotes, CRLF or LF, an UTF-8 mark at the start,
 * empty lines skipped, ="text" as spreadsheets keep text. In memory, in place: fields borrow the bytes that were given.
 * Written with commas or tabs, and neutral: nothing that is text is taken for a formula. sheet.h reads what people and
 * spreadsheets write. Pure. */
#ifndef HUTONG_TOOLS_CSV_H
#define HUTONG_TOOLS_CSV_H
#include <stdbool.h>
#include <stddef.h>

#include "common/base/buffer.h"

enum { CSV_FIELDS_MAX = 64 };

struct csv {
    char *at, *end;
    unsigned line; /* of what is read next, from 1 */
    char separator;
};

enum csv_result { CSV_ROW, CSV_END, CSV_TOO_MANY_FIELDS, CSV_QUOTE_OPEN, CSV_QUOTE_STRAY, CSV_NUL };

/* `bytes` are written to: one more than `size` must be there. Separated by commas, unless it is set. */
struct csv csv_read(char *bytes, size_t size);
/* The next row: its fields, NUL-terminated, and the line that it begins on. After an error the row is skipped to its
 * end. */
enum csv_result csv_next(struct csv *csv, char *fields[CSV_FIELDS_MAX], unsigned *count, unsigned *line);

/* Whether text that begins so is written behind an apostrophe: = + - @ and what leads up to them are the beginning of a
 * formula (CWE-1236). */
bool csv_is_marked(const char *text);
/* A field of a row that is written, behind a separator but for the first; in quotes where it needs them, behind an
 * apostrophe where it could be a formula. A number is no formula. */
void csv_put(struct buffer *out, char separator, bool first, const char *text);
#endif
