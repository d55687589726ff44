/* SPDX-License-Identifier: Apache-2.0
 * Statements as CSV files. */
#include "tools/statement_file.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/money.h"
#include "common/base/text.h"
#include "tools/cli.h"
#include "tools/input.h"
#include "tools/sheet.h"
#include "tools/written.h"

enum { NUMBER, DAY, INSTITUTION, BILL_ID, ORIGINAL, AREA, TYPE, CLEARING, TOTAL, FUND, ACCOUNT, KIND, COLUMNS };
enum { COMPLAINTS_MAX = 50 };
/* What a spreadsheet makes of the number of a refund in part, 10^18 and a position; nothing has it. */
#define ROUNDED_NUMBER UINT64_C(1000000000000000000)

static const struct {
    const char *name;
    enum shape shape;
    const char *wanted; /* NULL: the shape says it */
} columns[COLUMNS] = {
    [NUMBER] = {"number", SHAPE_CELL_CODE,
                "the exchange's number of the bill, every digit of it: a column of text in a "
                "spreadsheet"},
    [DAY] = {"day", SHAPE_CELL_DAY, NULL},
    [INSTITUTION] = {"institution", SHAPE_CELL_CODE, "an institution's code of 12 characters"},
    [BILL_ID] = {"bill_id", SHAPE_CELL_CODE, "the sender's number of the bill, at most 30 bytes"},
    [ORIGINAL] = {"original", SHAPE_CELL_CODE, "of a reversal: the number of what it takes back; else 0"},
    [AREA] = {"insured_area", SHAPE_CELL_CODE, "an area's code of 6 digits"},
    [TYPE] = {"insurance_type", SHAPE_CELL_CODE, "3 digits, as 310"},
    [CLEARING] = {"clearing_type", SHAPE_CELL_CODE, "2 digits, as 21"},
    [TOTAL] = {"total", SHAPE_CELL_YUAN, NULL},
    [FUND] = {"fund", SHAPE_CELL_YUAN, NULL},
    [ACCOUNT] = {"account", SHAPE_CELL_YUAN, NULL},
    [KIND] = {"kind", SHAPE_CELL_WORD, "settlement, reversal or adjustment"},
};

struct reading {
    const char *path;
    unsigned place[COLUMNS]; /* of each column among the fields */
    size_t bad;
};

static void bad_line(struct reading *reading, unsigned line, const char *column, enum shape shape, const char *found,
                     const char *wanted)
{
    struct buffer text = {0};
    if (reading->bad++ < COMPLAINTS_MAX) {
        shape_describe(written_rounded(found) ? SHAPE_CELL_ROUNDED : shape, found[0] != 0 ? found : NULL, wanted,
                       &text);
        complain("%s:%u: %s%s%s", reading->path, line, column, column[0] != 0 ? ": " : "", buffer_text(&text));
    }
    buffer_fini(&text);
}

static bool read_fen(const char *text, fen_t *amount)
{
    return written_yuan(text, amount) && *amount <= FEN_MAX && *amount >= -FEN_MAX;
}

static bool read_number(const char *text, uint64_t *number)
{
    return written_whole(text, number) && *number != ROUNDED_NUMBER;
}

static bool read_day(const char *text, civil_date_t *day)
{
    int64_t date;
    *day = written_date(text, &date) ? (civil_date_t)date : 0;
    return civil_date_exists(*day);
}

/* Exactly so long; `digits`: of nothing else. */
static bool read_code(const char *text, size_t size, bool digits, char *to)
{
    if (strlen(text) != size || (digits && text_digits(text) != size))
        return false;
    memcpy(to, text, size + 1);
    return true;
}

static bool read_bill_id(const char *text, char to[BILL_ID_SIZE_MAX + 1])
{
    size_t size = strlen(text);
    if (size == 0 || size > BILL_ID_SIZE_MAX)
        return false;
    memcpy(to, text, size + 1);
    return true;
}

/* What a finding took off is the exchange's own; nobody states it, though `hutong clearing rows` prints it. */
static bool is_adjustment(const char *text)
{
    return strcmp(text, "adjustment") == 0;
}

static bool read_column(unsigned column, const char *text, struct statement_file_row *row)
{
    switch (column) {
    case NUMBER:
        return read_number(text, &row->tree.key.number);
    case DAY:
        return read_day(text, &row->tree.key.day);
    case INSTITUTION:
        return read_code(text, 12, false, row->tree.key.institution);
    case BILL_ID:
        return read_bill_id(text, row->bill_id);
    case ORIGINAL:
        return *text == 0 || read_number(text, &row->original);
    case AREA:
        return read_code(text, 6, true, row->area);
    case TYPE:
        return read_code(text, 3, true, row->type);
    case CLEARING:
        return read_code(text, 2, true, row->clearing);
    case TOTAL:
        return read_fen(text, &row->tree.total);
    case FUND:
        return read_fen(text, &row->tree.fund);
    case ACCOUNT:
        return *text == 0 || read_fen(text, &row->tree.account);
    default:
        return *text == 0 || is_adjustment(text) || strcmp(text, "settlement") == 0 || strcmp(text, "reversal") == 0;
    }
}

static void read_row(struct reading *reading, char *const fields[], unsigned count, unsigned line,
                     struct statement_file_row *row)
{
    memset(row, 0, sizeof *row);
    for (unsigned i = 0; i < COLUMNS; i++) {
        const char *text = reading->place[i] < count ? fields[reading->place[i]] : "";
        if (!read_column(i, text, row))
            bad_line(reading, line, columns[i].name, columns[i].shape, text, columns[i].wanted);
    }
    memcpy(row->facts, row->area, 6);
    memcpy(row->facts + 6, row->type, 3);
    memcpy(row->facts + 9, row->clearing, 2);
}

/* Whether the first line names columns; where each stands. */
static bool read_names(struct reading *reading, char *const fields[], unsigned count, unsigned line)
{
    bool named = false;
    for (unsigned i = 0; i < COLUMNS; i++)
        reading->place[i] = i == KIND ? UINT_MAX : i;
    for (unsigned i = 0; i < count; i++)
        named = named || strcmp(fields[i], columns[NUMBER].name) == 0;
    for (unsigned i = 0; named && i < COLUMNS; i++) {
        unsigned at = 0;
        while (at < count && strcmp(fields[at], columns[i].name) != 0)
            at++;
        reading->place[i] = at;
        if (at == count && i != ORIGINAL && i != ACCOUNT && i != KIND)
            bad_line(reading, line, columns[i].name, SHAPE_COLUMN_MISSING, "", NULL);
    }
    return named;
}

static int by_key(const void *a, const void *b)
{
    const struct statement_file_row *left = a, *right = b;
    return tree_key_compare(&left->tree.key, &right->tree.key);
}

static struct statement_file_row *add_row(struct statement_file *file)
{
    if (file->count == file->capacity) {
        file->capacity = file->capacity == 0 ? 1024 : file->capacity * 2;
        file->rows = realloc(file->rows, file->capacity * sizeof file->rows[0]);
        INVARIANT(file->rows != NULL);
    }
    return &file->rows[file->count++];
}

static void read_rows(struct reading *reading, struct sheet *sheet, struct statement_file *file)
{
    char *fields[CSV_FIELDS_MAX];
    unsigned count, line;
    bool first = true;
    for (enum csv_result result; (result = sheet_next(sheet, fields, &count, &line)) != CSV_END; first = false) {
        if (result != CSV_ROW)
            bad_line(reading, line, "", sheet_shape(result), "", NULL);
        else if ((!first || !read_names(reading, fields, count, line)) &&
                 !(reading->place[KIND] < count && is_adjustment(fields[reading->place[KIND]])))
            read_row(reading, fields, count, line, add_row(file));
        if (first && reading->bad > 0)
            break; /* the columns are not known */
    }
}

bool statement_file_read(const char *path, struct statement_file *file)
{
    struct reading reading = {.path = path};
    struct buffer bytes = {0}, why = {0};
    struct sheet sheet;
    memset(file, 0, sizeof *file);
    bool opened = input_slurp(path, &bytes) && sheet_open(&sheet, &bytes, &why);
    if (why.size > 0)
        complain("%s: %s", path, buffer_text(&why));
    if (opened)
        read_rows(&reading, &sheet, file);
    buffer_fini(&bytes);
    buffer_fini(&why);
    if (reading.bad > COMPLAINTS_MAX)
        complain(said("%s：另有 %zu 处", "%s: %zu more"), path, reading.bad - COMPLAINTS_MAX);
    if (file->count > 0)
        qsort(file->rows, file->count, sizeof file->rows[0], by_key);
    return opened && reading.bad == 0;
}

void statement_file_free(struct statement_file *file)
{
    free(file->rows);
    memset(file, 0, sizeof *file);
}

/* ---- as a source of the tree ---- */

static void start(void *self, const struct tree_key *from)
{
    struct statement_source *source = self;
    size_t low = 0, high = source->file->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tree_key_compare(&source->file->rows[middle].tree.key, from) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    source->at = low;
}

static bool next(void *self, const struct tree_key *to, enum tree_grain grain, struct tree_step *step)
{
    struct statement_source *source = self;
    memset(step, 0, sizeof *step);
    for (; source->at < source->file->count; source->at++) {
        const struct statement_file_row *from = &source->file->rows[source->at];
        struct tree_row row = from->tree;
        row.facts = span_of(from->facts, STATEMENT_FACTS_SIZE);
        if (!tree_step_take(step, &row, to, grain))
            break;
    }
    return step->sum.count > 0;
}

struct tree_source statement_source_of(struct statement_source *source)
{
    return (struct tree_source){source, start, next};
}
