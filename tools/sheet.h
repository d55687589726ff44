/* SPDX-License-Identifier: Apache-2.0
 * CSV as spreadsheets write it, over csv.h: encodings; commas, semicolons or tabs; empty rows passed over; blanks,
 * tabs and the apostrophe that marks text taken off. Every reader of tables goes through here. Pure. */
#ifndef HUTONG_TOOLS_SHEET_H
#define HUTONG_TOOLS_SHEET_H
#include "common/codes/shape.h"
#include "tools/csv.h"

struct sheet {
    struct csv csv;
    const char *begin;
    bool torn; /* the last row ended with the file, not with its line */
};

/* Takes the whole of a file; what it reads lies in `bytes`. False: `why` says why it cannot be read. True with
 * something in `why`: what it was read as. */
bool sheet_open(struct sheet *sheet, struct buffer *bytes, struct buffer *why);
/* As csv_next, without rows that hold nothing. */
enum csv_result sheet_next(struct sheet *sheet, char *fields[CSV_FIELDS_MAX], unsigned *count, unsigned *line);
enum shape sheet_shape(enum csv_result result); /* of what is no row */
/* Bytes read so far. */
size_t sheet_read(const struct sheet *sheet);

/* The same for a cell of its own: what is meant. What csv_put has made neutral is as it was before. In place. */
char *sheet_cell(char *text);
#endif
