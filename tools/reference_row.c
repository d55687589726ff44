/* SPDX-License-Identifier: Apache-2.0
 * Rows of reference data. */
#include "tools/reference_row.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/digest.h"
#include "common/pb/event.h"
#include "common/pb/json.h"
#include "tools/written.h"

enum writing {
    TEXT,
    NUMBER,
    TRUTH,
    DATE,
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
enum { COLUMNS_COUNT = sizeof columns / sizeof columns[0] };

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

bool reference_header_read(char *const fields[], unsigned count, enum reference_kind kind,
                           struct reference_header *header, struct buffer *why)
{
    header->kind = kind != REFERENCE_NONE ? kind : kind_by_names(fields, count);
    header->count = count;
    if (header->kind == REFERENCE_NONE) {
        buffer_append_text(why, "the first line does not name the columns of institutions, enrolments, filings, "
                                "qualifications, a catalogue, local care or a published table");
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        header->column[i] = column_of(header->kind, fields[i]);
        if (header->column[i] < 0) {
            buffer_printf(why, "%s has no column %s", kinds[header->kind].name, fields[i]);
            return false;
        }
        for (unsigned j = 0; j < i; j++)
            if (header->column[j] == header->column[i]) {
                buffer_printf(why, "column %s stands twice", fields[i]);
                return false;
            }
    }
    return true;
}

static bool truth_of(const char *text, bool *value)
{
    *value = strcmp(text, "true") == 0 || strcmp(text, "1") == 0 || strcmp(text, "是") == 0;
    return *value || strcmp(text, "false") == 0 || strcmp(text, "0") == 0 || strcmp(text, "否") == 0;
}

/* A name of a list as its number in the schema, from `first` on; 0: none. */
static int64_t place_in(const char *const names[], unsigned count, const char *text)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(names[i], text) == 0)
            return (int64_t)i + 1;
    return 0;
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

/* The value as JSON; NULL: it is not written so, `wanted` says how. */
static json_t *value_of(enum writing writing, const char *text, const char **wanted)
{
    int64_t number = 0;
    bool truth = false;
    switch (writing) {
    case TEXT:
    case PERSON:
        return json_string(text); /* NULL where it is not UTF-8 */
    case NUMBER:
        *wanted = "a whole number";
        return written_number(text, 0, &number) ? json_integer(number) : NULL;
    case TRUTH:
        *wanted = "true or false";
        return truth_of(text, &truth) ? json_boolean(truth) : NULL;
    case DATE:
        *wanted = "a date: 2025-01-01";
        return written_date(text, &number) ? json_integer(number) : NULL;
    case YUAN:
        *wanted = "yuan, two decimals at most";
        return written_number(text, 2, &number) ? json_integer(number) : NULL;
    case PRICE:
        *wanted = "yuan, six decimals at most";
        return written_number(text, 6, &number) ? json_integer(number) : NULL;
    case PER_CENT:
        *wanted = "per cent, two decimals at most";
        return written_number(text, 2, &number) && number >= 0 ? json_integer(number) : NULL;
    case STATUS:
        *wanted = "active, suspended or terminated";
        number = place_in(statuses, sizeof statuses / sizeof statuses[0], text);
        break;
    case POVERTY:
        *wanted = "extreme_poverty, subsistence, marginal or poor_through_illness";
        number = place_in(poverties, sizeof poverties / sizeof poverties[0], text);
        break;
    case FILING:
        *wanted = "resettled_retiree, long_term_resident, posted_worker, referral, emergency or other_temporary";
        number = place_in(filings, sizeof filings / sizeof filings[0], text);
        break;
    case GRADE:
        *wanted = "O, R, P, S or M";
        return strlen(text) == 1 && strchr("ORPSM", text[0]) != NULL ? json_string(text) : NULL;
    case WORDS:
        return words_of(text);
    case CARE_CLASS:
        *wanted = "ordinary, emergency, chronic, pharmacy or maternity";
        number = place_in(care_classes, sizeof care_classes / sizeof care_classes[0], text);
        return number > 0 ? json_integer(number - 1) : NULL;
    case ITEM_KIND:
        *wanted = "drug, consumable or service";
        number = place_in(item_kinds, sizeof item_kinds / sizeof item_kinds[0], text);
        break;
    }
    return number > 0 ? json_integer(number) : NULL;
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
    if (count != header->count) {
        buffer_printf(why, "%u fields, the first line names %u", count, header->count);
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        const struct column *column = &columns[header->column[i]];
        const char *wanted = "text in UTF-8";
        if (fields[i][0] == 0)
            continue; /* left out */
        json_t *value = value_of(column->writing, fields[i], &wanted);
        if (value == NULL) {
            buffer_printf(why, "%s: %s", column->name, wanted);
            return false;
        }
        bool person = column->writing == PERSON;
        (void)json_object_set_new(person ? envelope : body, person ? "personId" : column->json, value);
    }
    return true;
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
