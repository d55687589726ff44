/* SPDX-License-Identifier: Apache-2.0
 * Messages from the command line. */
#include "tools/verb.h"

#include <stdio.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/instant.h"
#include "tools/language.h"
#include "tools/sheet.h"
#include "tools/written.h"

static const struct verb verbs[] = {
#define VERB(command, word, path, person, place, speaker, fixed, value, without, zh, en)                               \
    {command, word, path, person, place, speaker, fixed, value, without, zh, en},
#include "tools/verb.def"
#undef VERB
};

static const struct {
    const char *field, *name;
    enum verb_form form;
    const char *zh, *en;
} words[] = {
#define FIELD(name, option, form, zh, en) {#name, option, VERB_##form, zh, en},
#include "tools/verb_field.def"
#undef FIELD
};

enum { VERBS = sizeof verbs / sizeof verbs[0], WORDS = sizeof words / sizeof words[0] };

const struct verb *verb_at(unsigned index)
{
    return index < VERBS ? &verbs[index] : NULL;
}

const struct verb *verb_find(const char *command, const char *word)
{
    for (unsigned i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].command, command) == 0 && strcmp(verbs[i].word, word) == 0)
            return &verbs[i];
    return NULL;
}

/* ---- which options ---- */

/* False: the field has no row in verb_field.def, or is no value that one can write. */
static bool describe_field(const struct field *field, unsigned depth, struct verb_option *option)
{
    for (unsigned i = 0; i < WORDS; i++)
        if (strcmp(words[i].field, field->name) == 0) {
            *option = (struct verb_option){*field, words[i].name, words[i].form, words[i].zh, words[i].en, depth};
            return true;
        }
    return false;
}

static bool is_among(const char *names, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = strstr(names, name); at != NULL; at = strstr(at + 1, name))
        if ((at == names || at[-1] == ' ') && (at[size] == ' ' || at[size] == 0))
            return true;
    return false;
}

static void list_message(const struct verb *verb, const void *message, unsigned depth, struct verb_options *options)
{
    struct field field;
    for (unsigned i = 0; fields_at(message, i, &field); i++) {
        bool inner = field.shape == FIELD_MESSAGE && !field.repeated; /* what lies on the path, and its likes */
        if (inner || strcmp(field.name, verb->fixed) == 0 || is_among(verb->without, field.name))
            continue;
        INVARIANT(options->count < VERB_OPTIONS_MAX);
        INVARIANT(describe_field(&field, depth, &options->option[options->count]));
        options->count++;
    }
}

void verb_list(const struct verb *verb, struct verb_options *options)
{
    char path[64];
    options->count = 0;
    for (size_t size = 0, depth = 0; size < strlen(verb->path); size++, depth++) {
        size += strcspn(verb->path + size, ".");
        (void)snprintf(path, sizeof path, "%.*s", (int)size, verb->path);
        const void *message = fields_message(path);
        INVARIANT(message != NULL);
        list_message(verb, message, (unsigned)depth, options);
    }
}

/* ---- how they are written ---- */

static void put_choices(const struct field *field, struct buffer *text)
{
    const char *name;
    char word[FIELD_WORD_SIZE];
    for (unsigned i = 0; fields_choice(field, i, &name, word); i++)
        buffer_printf(text, "%s%s", i == 0 ? "" : "|", word);
}

void verb_wanted(const struct verb_option *option, struct buffer *text)
{
    static const char *const forms[] = {[VERB_YUAN] = "YUAN",
                                        [VERB_PER_CENT] = "PER-CENT",
                                        [VERB_DAY] = "DAY",
                                        [VERB_MONTH] = "MONTH",
                                        [VERB_ROWS] = "FILE.csv"};
    if (option->form != VERB_PLAIN)
        buffer_append_text(text, forms[option->form]);
    else if (option->field.shape == FIELD_CHOICE)
        put_choices(&option->field, text);
    else if (option->field.shape == FIELD_NUMBER)
        buffer_append_text(text, "N");
    else if (option->field.shape == FIELD_TEXT)
        buffer_append_text(text, "TEXT");
}

static json_t *number_value(const char *text, struct buffer *why)
{
    uint64_t number;
    if (written_whole(text, &number))
        return json_string(text);
    buffer_printf(why, said("应为整数，而不是 %s", "a whole number is wanted, not %s"), text);
    return NULL;
}

/* Two decimals, always, where a person writes it: 723600 for 7236.00 must not pass. */
static json_t *yuan_value(const char *text, bool spreadsheet, struct buffer *why)
{
    int64_t fen;
    char digits[24];
    const char *point = strchr(text, '.');
    bool exact = point != NULL && strlen(point) == 3 && point > text && point[-1] >= '0' && point[-1] <= '9';
    if ((!exact && !spreadsheet) || !written_number(text, 2, &fen)) {
        buffer_printf(why,
                      said("应为两位小数的金额（元），如 1234.50，而不是 %s",
                           "an amount in yuan with two decimals is wanted, as 1234.50, not %s"),
                      text);
        return NULL;
    }
    (void)snprintf(digits, sizeof digits, "%lld", (long long)fen);
    return json_string(digits);
}

static json_t *per_cent_value(const char *text, struct buffer *why)
{
    int64_t points;
    if (written_number(text, 2, &points))
        return json_integer(points);
    buffer_printf(why, said("应为百分数，如 20 或 8.5，而不是 %s", "per cent are wanted, as 20 or 8.5, not %s"), text);
    return NULL;
}

static json_t *day_value(const char *text, struct buffer *why)
{
    int64_t date;
    if (written_date(text, &date) && civil_date_exists((civil_date_t)date))
        return json_integer(date);
    buffer_printf(why, said("应为日期，如 2025-03-01，而不是 %s", "a day is wanted, as 2025-03-01, not %s"), text);
    return NULL;
}

static json_t *month_value(const char *text, struct buffer *why)
{
    char day[16];
    int64_t date;
    size_t size = strlen(text);
    (void)snprintf(day, sizeof day, size == 7 ? "%.10s-01" : "%.10s01", text);
    if ((size == 6 || size == 7) && written_date(day, &date) && civil_date_exists((civil_date_t)date))
        return json_integer(date / 100);
    buffer_printf(why, said("应为月份，如 2025-03，而不是 %s", "a month is wanted, as 2025-03, not %s"), text);
    return NULL;
}

static json_t *choice_value(const struct field *field, const char *text, struct buffer *why)
{
    const char *name;
    char word[FIELD_WORD_SIZE];
    for (unsigned i = 0; fields_choice(field, i, &name, word); i++)
        if (strcmp(word, text) == 0 || strcmp(name, text) == 0)
            return json_string(name);
    buffer_append_text(why, said("应为下列之一：", "one of "));
    put_choices(field, why);
    buffer_printf(why, said("，而不是 %s", " is wanted, not %s"), text);
    return NULL;
}

static json_t *truth_value(const char *text, struct buffer *why)
{
    static const char *const truths[][2] = {
        {"false", "true"}, {"FALSE", "TRUE"}, {"0", "1"}, {"no", "yes"}, {"否", "是"}};
    for (unsigned i = 0; i < sizeof truths / sizeof truths[0]; i++)
        for (int truth = 0; truth < 2; truth++)
            if (strcmp(truths[i][truth], text) == 0)
                return json_boolean(truth);
    buffer_printf(why, said("应为 true 或 false，而不是 %s", "true or false is wanted, not %s"), text);
    return NULL;
}

static json_t *plain_value(const struct field *field, const char *text, struct buffer *why)
{
    json_t *value;
    switch (field->shape) {
    case FIELD_NUMBER:
        return number_value(text, why);
    case FIELD_CHOICE:
        return choice_value(field, text, why);
    case FIELD_TRUTH:
        return truth_value(text, why);
    default:
        value = json_string(text);
        if (value == NULL)
            buffer_append_text(why, said("应为 UTF-8 文字", "text in UTF-8 is wanted"));
        return value;
    }
}

json_t *verb_value(const struct verb_option *option, const char *text, bool spreadsheet, struct buffer *why)
{
    switch (option->form) {
    case VERB_YUAN:
        return yuan_value(text, spreadsheet, why);
    case VERB_PER_CENT:
        return per_cent_value(text, why);
    case VERB_DAY:
        return day_value(text, why);
    case VERB_MONTH:
        return month_value(text, why);
    default:
        return plain_value(&option->field, text, why);
    }
}

/* ---- rows ---- */

static bool same_name(const char *column, const char *name)
{
    for (; *column != 0 && (*column == *name || (*column == '_' && *name == '-')); column++)
        name++;
    return *column == 0 && *name == 0;
}

static bool column_of(const void *message, const char *name, struct verb_option *column)
{
    struct field field;
    for (unsigned i = 0; fields_at(message, i, &field); i++)
        if (describe_field(&field, 0, column) && same_name(name, column->name))
            return true;
    return false;
}

static json_t *row_value(const struct verb_option columns[], char *const cells[], unsigned count, struct buffer *why)
{
    json_t *row = json_object();
    for (unsigned i = 0; row != NULL && i < count; i++) {
        if (cells[i][0] == 0)
            continue;
        struct buffer fault = {0};
        json_t *value = verb_value(&columns[i], cells[i], true, &fault);
        if (value == NULL) {
            buffer_printf(why, "%s: %s", columns[i].name, buffer_text(&fault));
            json_decref(row);
            row = NULL;
        } else
            (void)json_object_set_new(row, columns[i].field.name, value);
        buffer_fini(&fault);
    }
    return row;
}

json_t *verb_rows(const struct verb_option *option, struct buffer *text, struct buffer *why)
{
    struct verb_option columns[CSV_FIELDS_MAX];
    char *cells[CSV_FIELDS_MAX];
    unsigned width = 0, count, line;
    json_t *rows = json_array();
    struct sheet sheet;
    enum csv_result result;
    bool sound = sheet_open(&sheet, text, why);
    while (sound && (result = sheet_next(&sheet, cells, &count, &line)) != CSV_END) {
        json_t *row = NULL;
        struct buffer fault = {0};
        if (result != CSV_ROW)
            shape_describe(sheet_shape(result), NULL, NULL, &fault);
        else if (width == 0)
            for (; width < count && fault.size == 0; width++) {
                if (!column_of(option->field.inner, cells[width], &columns[width]))
                    buffer_printf(&fault, said("没有这一列：%s", "no such column: %s"), cells[width]);
            }
        else if (count != width)
            buffer_printf(&fault, said("应有 %u 列，而不是 %u 列", "%u columns are wanted, not %u"), width, count);
        else
            row = row_value(columns, cells, count, &fault);
        sound = fault.size == 0;
        if (row != NULL)
            (void)json_array_append_new(rows, row);
        if (!sound)
            buffer_printf(why, said("第 %u 行：%s", "line %u: %s"), line, buffer_text(&fault));
        buffer_fini(&fault);
    }
    if (sound && json_array_size(rows) > 0) {
        buffer_reset(why); /* what it was read as */
        return rows;
    }
    if (sound)
        buffer_append_text(why, said("其中没有数据行", "it holds no row"));
    json_decref(rows);
    return NULL;
}

/* ---- the envelope ---- */

void verb_begin(const struct verb *verb, json_t *envelope, json_t *levels[VERB_DEPTH_MAX])
{
    json_t *outer = envelope;
    unsigned depth = 0;
    for (const char *at = verb->path; *at != 0; depth++) {
        char name[64];
        size_t size = strcspn(at, ".");
        INVARIANT(depth < VERB_DEPTH_MAX);
        (void)snprintf(name, sizeof name, "%.*s", (int)size, at);
        levels[depth] = json_object();
        (void)json_object_set_new(outer, name, levels[depth]);
        outer = levels[depth];
        at += size + (at[size] == '.');
    }
    if (verb->fixed[0] != 0)
        (void)json_object_set_new(outer, verb->fixed, json_string(verb->value));
}

void verb_put(const struct verb_option *option, json_t *levels[VERB_DEPTH_MAX], json_t *value)
{
    json_t *message = levels[option->depth];
    json_t *list = json_object_get(message, option->field.name);
    if (!option->field.repeated || option->form == VERB_ROWS) {
        (void)json_object_set_new(message, option->field.name, value);
        return;
    }
    if (list == NULL) {
        list = json_array();
        (void)json_object_set_new(message, option->field.name, list);
    }
    (void)json_array_append_new(list, value);
}

bool verb_speaker(const struct verb *verb, json_t *levels[VERB_DEPTH_MAX], char region[7])
{
    const char *area = verb->speaker[0] == 0 ? NULL : json_string_value(json_object_get(levels[0], verb->speaker));
    if (area == NULL || strlen(area) != 6)
        return false;
    (void)snprintf(region, 7, "%.2s0000", area);
    return true;
}
