/* SPDX-License-Identifier: Apache-2.0
 * A file of a table that authorities publish, as events Gazette: the whole file is one, a calendar one a year. Pure. */
#ifndef HUTONG_TOOLS_GAZETTE_FILE_H
#define HUTONG_TOOLS_GAZETTE_FILE_H
#include "tools/reference_row.h"

struct gazette_file;

/* How a published table lies in gazette.proto's JSON: the member of the table, and that of its rows. */
void gazette_file_shape(enum reference_kind kind, const char **table, const char **list);

/* Header and sender are borrowed. */
struct gazette_file *gazette_file_new(const struct reference_header *header, const char *sender);
void gazette_file_destroy(struct gazette_file **file);
/* False: `why` says which column is wrong and what was wanted. */
bool gazette_file_add(struct gazette_file *file, char *const fields[], unsigned count, unsigned line,
                      struct buffer *why);

size_t gazette_file_count(const struct gazette_file *file);
/* The envelope of a table; its message id is made from sender, batch and content. */
bool gazette_file_encode(struct gazette_file *file, size_t table, const char *batch, struct buffer *envelope,
                         struct buffer *why);
/* Where a finding's path ("gazette.calendar.days[3].date") lies in the file: line, and column or "". */
unsigned gazette_file_line(const struct gazette_file *file, size_t table, const char *path, const char **column);
#endif
