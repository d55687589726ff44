/* SPDX-License-Identifier: Apache-2.0
 * A region's or institution's own bills out of a CSV file: the rows of statements (3202), in the order of the sum tree.
 */
#ifndef HUTONG_TOOLS_STATEMENT_FILE_H
#define HUTONG_TOOLS_STATEMENT_FILE_H
#include "common/base/limits.h"
#include "common/engines/tree/sum_tree.h"

enum { STATEMENT_FACTS_SIZE = 11 };

struct statement_file_row {
    struct tree_row tree;
    char facts[STATEMENT_FACTS_SIZE + 1];
    char bill_id[BILL_ID_SIZE_MAX + 1], area[7], type[4], clearing[3];
    uint64_t original;
};

struct statement_file {
    struct statement_file_row *rows; /* owned; by day, institution, number */
    size_t count, capacity;
};

/* Columns by the names in the file's first line, in any order; without one, in this order:
 * number,day,institution,bill_id,original,insured_area,insurance_type,clearing_type,total,fund,account. Amounts in
 * yuan. Lines whose `kind` is adjustment are passed over. False: each bad line was said on stderr, with its number and
 * the column. */
bool statement_file_read(const char *path, struct statement_file *file);
void statement_file_free(struct statement_file *file);
/* Rows as a source of the tree, from `at`. */
struct statement_source {
    const struct statement_file *file;
    size_t at;
};
struct tree_source statement_source_of(struct statement_source *source);
#endif
