/* SPDX-License-Identifier: Apache-2.0
 * Rows of reference data. */
#include "tools/reference_row.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/digest.h"
#include "common/base/instant.h"
#include "common/pb/event.h"
#include "common/pb/json.h"
#include "tools/written.h"

enum writing {
    TEXT,
    NUMBER,
    TRUTH,
    DATE,
    END, /* a last day: empty or 9999-12-31 where there is none */
    TWO_DIGITS,
    YUAN,
    PRICE,
    PER_CENT,
    PERSON,
    STATUS,
    POVERTY,
    FILING,
    GRADE,
    WORDS,
    CARE_CLASS,
    ITEM_KIND
};

struct column {
    enum reference_kind kind;
    const char *name;
    enum writing writing;
    const char *json;
};

static const struct column columns[] = {
#define COLUMN(kind, name, writing, json) {REFERENCE_##kind, name, writing, json},
#include "tools/reference_column.def"
#undef COLUMN
};
enum { COLUMNS_COUNT = sizeof columns / sizeof columns[0], COLUMN_UNNAMED = -1, OPEN_END = 99991231 };

static const struct {
    const char *name, *json;
} kinds[REFERENCE_KINDS] = {{"", ""},
                            {"institution", "institution"},
                            {"enrolment", "enrolment"},
                            {"filing", "filing"},
                            {"qualification", "qualification"},
                            {"catalogue_item", "catalogueItem"},
                            {"local_care", "localCare"},
                            {"calendar", "calendar"},
                            {"divisions", "divisions"},
                            {"areas", "areas"},
                            {"unemployment_standard", "unemploymentStandard"},
                            {"transfer_parameters", "transferParameters"},
                            {"care_kinds", "careKinds"},
                            {"item_shapes", "itemShapes"}};

const char *reference_kind_name(enum reference_kind kind)
{
    return kinds[kind].name;
}

enum reference_kind reference_kind_of(const char *name)
{
    for (unsigned i = 1; i < REFERENCE_KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return (enum reference_kind)i;
    return REFERENCE_NONE;
}

/* "catalogue_item.price_limit_one_micro": the column's name is the field's without its unit. */
const char *reference_path_column(enum reference_kind kind, const char *path)
{
    const char *field = strchr(path, '.') != NULL ? strchr(path, '.') + 1 : path;
    for (int i = 0; i < COLUMNS_COUNT; i++) {
        size_t size = strlen(columns[i].name);
        if (columns[i].kind == kind && strncmp(columns[i].name, field, size) == 0 &&
            (field[size] == 0 || strcmp(field + size, "_fen") == 0 || strcmp(field + size, "_micro") == 0 ||
             strcmp(field + size, "_bp") == 0))
            return columns[i].name;
    }
    return "";
}

/* "valid_from" is the field of "validFrom"; a name may be the beginning of it: "name" of "nameZh". */
static bool field_is(const char *field, const char *json)
{
    for (; *field != 0 && *field != '['; field++) {
        bool upper = *field == '_';
        field += upper;
        if (*json++ != (upper ? *field - 'a' + 'A' : *field))
            return false;
    }
    return true;
}

const char *reference_field_column(enum reference_kind kind, const char *field)
{
    for (int i = 0; i < COLUMNS_COUNT; i++)
        if (columns[i].kind == kind && field_is(field, columns[i].json))
            return columns[i].name;
    return "";
}

static int column_of(enum reference_kind kind, const char *name)
{
    for (int i = 0; i < COLUMNS_COUNT; i++)
        if (columns[i].kind == kind && strcmp(columns[i].name, name) == 0)
            return i;
    return -1;
}

/* The first column of a kind tells it from all others. */
static enum reference_kind kind_by_names(char *const fields[], unsigned count)
{
    for (int i = 0; i < COLUMNS_COUNT; i++) {
        if (i > 0 && columns[i - 1].kind == columns[i].kind)
            continue;
        for (unsigned j = 0; j < count; j++)
            if (strcmp(fields[j], columns[i].name) == 0)
                return columns[i].kind;
    }
    return REFERENCE_NONE;
}

static void note_nearest(enum reference_kind kind, const char *name, struct buffer *note)
{
    const char *names[COLUMNS_COUNT];
    unsigned count = 0;
    for (int i = 0; i < COLUMNS_COUNT; i++)
        if (columns[i].kind == kind)
            names[count++] = columns[i].name;
    const char *nearest = shape_nearest(name, names, count);
    if (nearest != NULL)
        buffer_printf(note, "是否 %s? did you mean %s?", nearest, nearest);
}

/* A line of `why` for each fault of a row or of the names. */
static void complain_of(const char *column, enum shape shape, const char *found, const char *note, struct buffer *why)
{
    buffer_printf(why, "%s%s: ", why->size > 0 ? "\n" : "", column);
    shape_describe(shape, found, note, why);
}

bool reference_header_read(char *const fields[], unsigned count, enum reference_kind kind,
                           struct reference_header *header, struct buffer *why)
{
    header->kind = kind != REFERENCE_NONE ? kind : kind_by_names(fields, count);
    header->count = count;
    if (header->kind == REFERENCE_NONE) {
        shape_describe(SHAPE_HEADER, count > 0 ? fields[0] : NULL, NULL, why);
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        struct buffer note = {0};
        header->column[i] = fields[i][0] == 0 ? COLUMN_UNNAMED : column_of(header->kind, fields[i]);
        if (header->column[i] < 0 && fields[i][0] != 0) {
            note_nearest(header->kind, fields[i], &note);
            complain_of(kinds[header->kind].name, SHAPE_COLUMN_UNKNOWN, fields[i],
                        note.size > 0 ? buffer_text(&note) : NULL, why);
        }
        for (unsigned j = 0; j < i && header->column[i] >= 0; j++)
            if (header->column[j] == header->column[i])
                complain_of(fields[i], SHAPE_COLUMN_TWICE, NULL, NULL, why);
        buffer_fini(&note);
    }
    return why->size == 0;
}

const char *reference_found(const struct reference_header *header, char *const fields[], unsigned count,
                            const char *column)
{
    for (unsigned i = 0; i < count && i < header->count; i++)
        if (header->column[i] >= 0 && strcmp(columns[header->column[i]].name, column) == 0)
            return fields[i];
    return "";
}

static const char *const statuses[] = {"active", "suspended", "terminated"};
static const char *const poverties[] = {"extreme_poverty", "subsistence", "marginal", "poor_through_illness"};
static const char *const filings[] = {"resettled_retiree", "long_term_resident", "posted_worker",
                                      "referral",          "emergency",          "other_temporary"};

static const char *const care_classes[] = {"ordinary", "emergency", "chronic", "pharmacy", "maternity"};
static const char *const item_kinds[] = {"drug", "consumable", "service"};

static json_t *words_of(const char *text)
{
    json_t *words = json_array();
    for (size_t size; text += strspn(text, " "), size = strcspn(text, " "), size > 0; text += size)
        (void)json_array_append_new(words, json_stringn(text, size));
    return words;
}

#define WORD_OF(names, first) word_of(names, sizeof names / sizeof names[0], first, text, note)
/* A word of a list as its number in the schema. */
static json_t *word_of(const char *const names[], unsigned count, int64_t first, const char *text, struct buffer *note)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(names[i], text) == 0)
            return json_integer((json_int_t)(i + first));
    for (unsigned i = 0; i < count; i++)
        buffer_printf(note, "%s%s", i == 0 ? "" : i + 1 < count ? ", " : " or ", names[i]);
    const char *nearest = shape_nearest(text, names, count);
    if (nearest != NULL)
        buffer_printf(note, "; 是否 %s? did you mean %s?", nearest, nearest);
    return NULL;
}

/* An open end is left out, as an empty one is. */
static json_t *day_of(const char *text, bool end)
{
    int64_t day = 0;
    if (!written_date(text, &day) || day > OPEN_END)
        return NULL;
    if (end && day == OPEN_END)
        return json_null();
    return civil_date_exists((civil_date_t)day) ? json_integer(day) : NULL;
}

static json_t *scaled(const char *text, int decimals)
{
    int64_t number;
    return written_number(text, decimals, &number) ? json_integer(number) : NULL;
}

/* "10", and "10 %" as spreadsheets show it. */
static json_t *per_cent_of(const char *text)
{
    char plain[24];
    size_t size = strcspn(text, "% ");
    int64_t number = 0;
    bool sign = text[size] == 0 || strcmp(text + size, "%") == 0 || strcmp(text + size, " %") == 0;
    (void)snprintf(plain, sizeof plain, "%.*s", (int)size, text);
    return sign && size < sizeof plain && written_number(plain, 2, &number) && number >= 0 ? json_integer(number)
                                                                                           : NULL;
}

/* Text and codes; a single digit lost the zero in front of it. NULL: a spreadsheet has rounded it, or it is not UTF-8.
 */
static json_t *text_of(enum writing writing, const char *text, enum shape *shape)
{
    bool one_digit = text[0] >= '0' && text[0] <= '9' && text[1] == 0;
    *shape = written_rounded(text) ? SHAPE_CELL_ROUNDED : SHAPE_CELL_TEXT;
    if (*shape == SHAPE_CELL_ROUNDED)
        return NULL;
    return writing == TWO_DIGITS && one_digit ? json_sprintf("0%s", text) : json_string(text);
}

/* The value as JSON; NULL: it is not written so, `shape` says how, `note` which words there are. */
static json_t *value_of(enum writing writing, const char *text, enum shape *shape, struct buffer *note)
{
    static const enum shape wanted[] = {
        [NUMBER] = SHAPE_CELL_WHOLE,     [TRUTH] = SHAPE_CELL_TRUTH, [DATE] = SHAPE_CELL_DAY,
        [END] = SHAPE_CELL_END,          [YUAN] = SHAPE_CELL_YUAN,   [PRICE] = SHAPE_CELL_PRICE,
        [PER_CENT] = SHAPE_CELL_PER_CENT};
    int64_t number = 0;
    bool truth = false;
    *shape = writing <= PER_CENT && wanted[writing] != 0 ? wanted[writing] : SHAPE_CELL_WORD;
    switch (writing) {
    case TEXT:
    case PERSON:
    case TWO_DIGITS:
        return text_of(writing, text, shape);
    case NUMBER:
        return scaled(text, 0);
    case TRUTH:
        return written_truth(text, &truth) ? json_boolean(truth) : NULL;
    case DATE:
    case END:
        return day_of(text, writing == END);
    case YUAN:
        return written_yuan(text, &number) ? json_integer(number) : NULL;
    case PRICE:
        return scaled(text, 6);
    case PER_CENT:
        return per_cent_of(text);
    case STATUS:
        return WORD_OF(statuses, 1);
    case POVERTY:
        return WORD_OF(poverties, 1);
    case FILING:
        return WORD_OF(filings, 1);
    case GRADE:
        buffer_append_text(note, "O, R, P, S or M");
        return strlen(text) == 1 && strchr("ORPSM", text[0]) != NULL ? json_string(text) : NULL;
    case WORDS:
        return words_of(text);
    case CARE_CLASS:
        return WORD_OF(care_classes, 0);
    case ITEM_KIND:
        return WORD_OF(item_kinds, 1);
    }
    return NULL;
}

void reference_id(const char *sender, const char *batch, struct span content, char id[37])
{
    uint8_t hash[DIGEST_SIZE], bytes[16];
    struct buffer whole = {0};
    struct digest *digest = digest_new();
    buffer_printf(&whole, "%s\n%s\n", sender, batch);
    buffer_append(&whole, content.data, content.size);
    digest_once(digest, buffer_span(&whole), hash);
    memcpy(bytes, hash, sizeof bytes);
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x80);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    message_id_describe(bytes, id);
    digest_destroy(&digest);
    buffer_fini(&whole);
}

bool reference_row_body(const struct reference_header *header, char *const fields[], unsigned count, json_t *envelope,
                        json_t *body, struct buffer *why)
{
    for (unsigned i = 0; i < count; i++) {
        char number[24];
        enum shape shape;
        struct buffer note = {0};
        if (fields[i][0] == 0)
            continue; /* left out; spreadsheets also leave out the last cells of a row */
        if (i >= header->count || header->column[i] == COLUMN_UNNAMED) {
            (void)snprintf(number, sizeof number, "column %u", i + 1);
            complain_of(number, SHAPE_COLUMN_UNNAMED, fields[i], NULL, why);
            continue;
        }
        const struct column *column = &columns[header->column[i]];
        json_t *value = value_of(column->writing, fields[i], &shape, &note);
        bool person = column->writing == PERSON;
        if (value == NULL)
            complain_of(column->name, shape, fields[i], note.size > 0 ? buffer_text(&note) : NULL, why);
        else if (!json_is_null(value))
            (void)json_object_set_new(person ? envelope : body, person ? "personId" : column->json, value);
        buffer_fini(&note);
    }
    return why->size == 0;
}

bool reference_envelope(json_t *whole, const char *sender, const char *batch, struct buffer *envelope,
                        struct buffer *why)
{
    char id[37];
    char *content = json_dumps(whole, JSON_SORT_KEYS | JSON_COMPACT);
    reference_id(sender, batch, span_text(content), id);
    free(content);
    (void)json_object_set_new(whole, "version", json_integer(1));
    (void)json_object_set_new(whole, "sender", json_string(sender));
    (void)json_object_set_new(whole, "messageId", json_string(id));
    char *text = json_dumps(whole, JSON_COMPACT);
    buffer_reset(envelope);
    bool encoded = json_to_message(WIRE_ENVELOPE, span_text(text), envelope, why) == OK;
    free(text);
    return encoded;
}

bool reference_row_encode(const struct reference_header *header, char *const fields[], unsigned count,
                          const char *sender, const char *batch, struct buffer *envelope, struct buffer *why)
{
    json_t *whole = json_object(), *body = json_object();
    (void)json_object_set_new(whole, kinds[header->kind].json, body);
    bool encoded = reference_row_body(header, fields, count, whole, body, why) &&
                   reference_envelope(whole, sender, batch, envelope, why);
    json_decref(whole);
    return encoded;
}
