/* SPDX-License-Identifier: Apache-2.0
 * A table that a command prints, described once: its columns. Aligned text with grouped amounts, and CSV expand
 * from them; as JSON a row is printed as it came. */
#ifndef HUTONG_TOOLS_VIEW_H
#define HUTONG_TOOLS_VIEW_H
#include "tools/cli.h"

enum { VIEW_COLUMNS_MAX = 16 };
enum view_form { VIEW_ALIGNED, VIEW_CSV, VIEW_JSON };
struct view;
/* Appends the text of a row's cell. */
typedef void view_cell_fn(const struct view *view, const json_t *row, const char *key, struct buffer *text);
struct view_column {
    const char *key; /* of the row's JSON; NULL: there are no more columns */
    const char *zh, *en;
    view_cell_fn *cell;
    int width;   /* in columns of a terminal; below zero: to the left; what is longer stands over */
    bool summed; /* in view_sums */
};
struct view {
    const struct view_column *columns;
    enum view_form form;
    bool english;
    uint32_t on;  /* the day that lateness is seen from; 0: none was given */
    json_t *sums; /* by keys of the columns */
};

/* Out of --json and --csv, else as given. */
enum view_form view_form_of(struct cli *cli, enum view_form otherwise);
void view_headings(const struct view *view); /* none for JSON */
void view_row(struct view *view, const json_t *row);
/* Every member of an array under its headings. */
void view_rows(struct view *view, const json_t *rows);
void view_sum(struct view *view, const char *key, int64_t amount); /* adds to a column's sum */
/* The sums of the rows so far, under a rule; they begin anew. */
void view_sums(struct view *view, int rule_width);
void view_rule(char character, int width);

view_cell_fn view_text, view_count, view_yuan, view_day, view_region;
view_cell_fn view_provisional;                                /* of a limit beyond the published calendar */
view_cell_fn view_late;                                       /* of what is past its day */
view_cell_fn view_word;                                       /* an enum's name in words */
const char *view_region_name(const char *code, bool english); /* "北京"; the code itself where it is no region */
const char *view_institution_status(const char *code, bool english); /* "": it is not registered */
void view_put_day(int64_t day, struct buffer *text);                 /* "2025-03-01"; nothing for 0 */
#endif
