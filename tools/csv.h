/* SPDX-License-Identifier: Apache-2.0
 * CSV (RFC 4180): quoted fields, doubled quotes, line breaks within quotes, CRLF or LF, an UTF-8 mark at the start,
 * empty lines skipped. In memory, in place: fields borrow the bytes that were given. Written with commas or tabs. Pure.
 */
#ifndef HUTONG_TOOLS_CSV_H
#define HUTONG_TOOLS_CSV_H
#include <stdbool.h>
#include <stddef.h>

#include "common/base/buffer.h"

enum { CSV_FIELDS_MAX = 64 };

struct csv {
    char *at, *end;
    unsigned line; /* of what is read next, from 1 */
};

enum csv_result { CSV_ROW, CSV_END, CSV_TOO_MANY_FIELDS, CSV_QUOTE_OPEN, CSV_QUOTE_STRAY, CSV_NUL };

/* `bytes` are written to: one more than `size` must be there. */
struct csv csv_read(char *bytes, size_t size);
/* The next row: its fields, NUL-terminated, and the line that it begins on. After an error the row is skipped to its
 * end. */
enum csv_result csv_next(struct csv *csv, char *fields[CSV_FIELDS_MAX], unsigned *count, unsigned *line);
const char *csv_result_text(enum csv_result result);

/* A field of a row that is written, behind a separator but for the first; in quotes where it needs them. */
void csv_put(struct buffer *out, char separator, bool first, const char *text);
#endif
