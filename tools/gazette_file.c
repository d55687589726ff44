/* SPDX-License-Identifier: Apache-2.0
 * Files of published tables. */
#include "tools/gazette_file.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"

enum { TABLES_MAX = 128, ROWS_MAX = 12000 };

/* How a kind lies in gazette.proto. */
static const struct table_shape {
    const char *table, *list;
    bool graded; /* its rows have grade and source of their own */
} shapes[REFERENCE_KINDS] = {
    [REFERENCE_CALENDAR] = {"calendar", "days", false},
    [REFERENCE_DIVISIONS] = {"divisions", "rows", false},
    [REFERENCE_AREAS] = {"areas", "rows", false},
    [REFERENCE_UNEMPLOYMENT_STANDARD] = {"unemploymentStandard", "rows", true},
    [REFERENCE_TRANSFER_PARAMETERS] = {"transferParameters", "rows", true},
    [REFERENCE_CARE_KINDS] = {"careKinds", "rows", false},
    [REFERENCE_ITEM_SHAPES] = {"itemShapes", "rows", false},
};

struct list {
    json_t *rows; /* borrowed */
    unsigned *lines;
    size_t count;
};

struct table {
    json_t *gazette;
    int64_t year; /* of a calendar, else 0 */
    struct list list, benefit_months;
    struct buffer source; /* what its rows name, each once */
};

struct gazette_file {
    const struct reference_header *header;
    const struct table_shape *shape;
    const char *sender;
    struct table tables[TABLES_MAX];
    size_t count;
};

void gazette_file_shape(enum reference_kind kind, const char **table, const char **list)
{
    PRE(kind >= REFERENCE_CALENDAR && kind < REFERENCE_KINDS);
    *table = shapes[kind].table;
    *list = shapes[kind].list;
}

struct gazette_file *gazette_file_new(const struct reference_header *header, const char *sender)
{
    struct gazette_file *file = calloc(1, sizeof *file);
    INVARIANT(file != NULL && header->kind >= REFERENCE_CALENDAR);
    file->header = header;
    file->shape = &shapes[header->kind];
    file->sender = sender;
    return file;
}

void gazette_file_destroy(struct gazette_file **file)
{
    if (*file == NULL)
        return;
    for (size_t i = 0; i < (*file)->count; i++) {
        struct table *table = &(*file)->tables[i];
        json_decref(table->gazette);
        free(table->list.lines);
        free(table->benefit_months.lines);
        buffer_fini(&table->source);
    }
    free(*file);
    *file = NULL;
}

static struct list list_new(json_t *table, const char *name)
{
    struct list list = {.rows = json_array(), .lines = calloc(ROWS_MAX, sizeof(unsigned))};
    INVARIANT(list.lines != NULL);
    (void)json_object_set_new(table, name, list.rows);
    return list;
}

static bool list_add(struct list *list, json_t *row, unsigned line)
{
    if (list->count == ROWS_MAX)
        return false;
    list->lines[list->count++] = line;
    (void)json_array_append(list->rows, row);
    return true;
}

/* The table that a row belongs to; NULL: one too many. */
static struct table *table_for(struct gazette_file *file, int64_t year)
{
    for (size_t i = 0; i < file->count; i++)
        if (file->tables[i].year == year)
            return &file->tables[i];
    if (file->count == TABLES_MAX)
        return NULL;
    struct table *table = &file->tables[file->count++];
    json_t *body = json_object();
    *table = (struct table){.gazette = json_object(), .year = year};
    (void)json_object_set_new(table->gazette, file->shape->table, body);
    table->list = list_new(body, file->shape->list);
    buffer_init(&table->source);
    if (file->header->kind == REFERENCE_CALENDAR)
        (void)json_object_set_new(body, "year", json_integer(year));
    if (file->header->kind == REFERENCE_TRANSFER_PARAMETERS)
        table->benefit_months = list_new(body, "benefitMonths");
    return table;
}

/* What a clerk can cite of the whole table: the sources of its rows, in their order. */
static void note_source(struct table *table, const char *source)
{
    bool there = table->source.size > 0 && strstr(buffer_text(&table->source), source) != NULL;
    if (!there && source[0] != 0)
        buffer_printf(&table->source, "%s%s", table->source.size > 0 ? "; " : "", source);
}

static void complain_of(struct buffer *why, const char *column, const char *found, const char *note)
{
    buffer_printf(why, "%s%s", column, column[0] != 0 ? ": " : "");
    shape_describe(SHAPE_TABLE, found, note, why);
}

/* One file states one region's table. */
static bool take_region(struct table *table, json_t *row, struct buffer *why)
{
    const char *region = json_string_value(json_object_get(row, "region"));
    const char *before = json_string_value(json_object_get(table->gazette, "region"));
    if (region == NULL)
        complain_of(why, "region", NULL, "whose standard it is");
    else if (before != NULL && strcmp(before, region) != 0)
        complain_of(why, "region", region, "one region a file, the one of its first row");
    else
        (void)json_object_set_new(table->gazette, "region", json_string(region));
    (void)json_object_del(row, "region");
    return why->size == 0;
}

/* Rows named benefit_months state months of benefit by years; all others a parameter from a day on. */
static struct list *take_parameter(struct table *table, json_t *row, struct buffer *why)
{
    const char *name = json_string_value(json_object_get(row, "name"));
    bool by_years = json_object_get(row, "years") != NULL, dated = json_object_get(row, "validFrom") != NULL;
    if (name == NULL || strcmp(name, "benefit_months") != 0) {
        if (by_years)
            complain_of(why, "years", NULL, "nothing is wanted here: it is of benefit_months alone");
        return by_years ? NULL : &table->list;
    }
    if (!by_years || dated) {
        complain_of(why, by_years ? "valid_from" : "years", NULL,
                    by_years ? "nothing is wanted here: benefit_months hold for the whole table" : "a whole number");
        return NULL;
    }
    (void)json_object_set(row, "months", json_object_get(row, "value"));
    (void)json_object_del(row, "name");
    (void)json_object_del(row, "value");
    (void)json_object_del(row, "grade");
    (void)json_object_del(row, "source");
    return &table->benefit_months;
}

static bool take(struct gazette_file *file, json_t *row, unsigned line, struct buffer *why)
{
    enum reference_kind kind = file->header->kind;
    const char *source = json_string_value(json_object_get(row, "source"));
    int64_t date = json_integer_value(json_object_get(row, "date"));
    struct table *table = table_for(file, kind == REFERENCE_CALENDAR ? date / 10000 : 0);
    struct list *list = table != NULL ? &table->list : NULL;
    if (table == NULL) {
        complain_of(why, "calendar_day", NULL, "fewer years in one file");
        return false;
    }
    note_source(table, source != NULL ? source : "");
    if (kind == REFERENCE_UNEMPLOYMENT_STANDARD && !take_region(table, row, why))
        return false;
    if (kind == REFERENCE_TRANSFER_PARAMETERS && (list = take_parameter(table, row, why)) == NULL)
        return false;
    if (!file->shape->graded) {
        (void)json_object_del(row, "grade");
        (void)json_object_del(row, "source");
    }
    if (!list_add(list, row, line))
        complain_of(why, "", NULL, "too many rows for one table");
    return why->size == 0;
}

bool gazette_file_add(struct gazette_file *file, char *const fields[], unsigned count, unsigned line,
                      struct buffer *why)
{
    json_t *row = json_object();
    bool taken = reference_row_body(file->header, fields, count, NULL, row, why) && take(file, row, line, why);
    json_decref(row);
    return taken;
}

size_t gazette_file_count(const struct gazette_file *file)
{
    return file->count;
}

bool gazette_file_encode(struct gazette_file *file, size_t index, const char *batch, struct buffer *envelope,
                         struct buffer *why)
{
    struct table *table = &file->tables[index];
    json_t *whole = json_object(), *source = json_string(buffer_text(&table->source));
    (void)json_object_set_new(table->gazette, "source", source);
    (void)json_object_set(whole, "gazette", table->gazette);
    bool encoded = reference_envelope(whole, file->sender, batch, envelope, why);
    json_decref(whole);
    return encoded;
}

unsigned gazette_file_line(const struct gazette_file *file, size_t index, const char *path, const char **column)
{
    const struct table *table = &file->tables[index];
    const char *bracket = strchr(path, '['), *field = strstr(path, "].");
    const struct list *list = strstr(path, "benefit_months") != NULL ? &table->benefit_months : &table->list;
    size_t at = bracket != NULL ? strtoul(bracket + 1, NULL, 10) : SIZE_MAX;
    *column = field != NULL ? reference_field_column(file->header->kind, field + 2) : "";
    return at < list->count ? list->lines[at] : table->list.count > 0 ? table->list.lines[0] : 1;
}
