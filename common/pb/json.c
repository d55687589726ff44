/* SPDX-License-Identifier: Apache-2.0
 * The proto3 JSON mapping, driven by descriptors. Nesting is bounded by WIRE_DEPTH_MAX, so an explicit depth argument
 * bounds the calls; the JSON text's own depth is bounded before that by jansson (2048) and by the schema. */
#include "common/pb/json.h"

#include <errno.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/base/text.h"
#include "common/pb/json_shape_internal.h"

enum { DEPTH_MAX = WIRE_DEPTH_MAX, FAULTS_TOLD_MAX = 50, FIELDS_COUNT_MAX = 64 };

struct reader {
    struct buffer *why; /* a line for each fault */
    const ProtobufCMessageDescriptor *top;
    char path[256];
    unsigned faults;
};

/* All faults of a text are told, as far as anybody reads them. */
static enum status complain(struct reader *reader, enum status status, enum shape shape, const json_t *found,
                            struct buffer *note)
{
    char *value = found == NULL ? NULL : json_dumps(found, JSON_ENCODE_ANY);
    if (reader->faults++ < FAULTS_TOLD_MAX) {
        buffer_printf(reader->why, "%s%s: ", reader->why->size > 0 ? "\n" : "",
                      reader->path[0] != 0 ? reader->path : "(top)");
        shape_describe(shape, value, note != NULL && note->size > 0 ? buffer_text(note) : NULL, reader->why);
    }
    free(value);
    if (note != NULL)
        buffer_fini(note);
    return status;
}

/* What a field wants, and this is not. */
static enum status misfit(struct reader *reader, enum status status, const ProtobufCFieldDescriptor *field,
                          const json_t *found)
{
    struct buffer note = {0};
    enum shape shape = json_shape_of_field(field);
    if (shape == SHAPE_ENUM)
        json_note_enum(field->descriptor, found, &note);
    else
        json_note_value(field, found, &note);
    return complain(reader, status, shape, found, &note);
}

/* The path with one more name; how long it was, to go back to. */
static size_t go_down(struct reader *reader, const char *name)
{
    size_t size = strlen(reader->path);
    (void)snprintf(reader->path + size, sizeof reader->path - size, "%s%.60s", size > 0 ? "." : "", name);
    return size;
}

static enum status worse(enum status before, enum status now)
{
    return before == OK ? now : before;
}

static enum status message_in(struct reader *reader, const ProtobufCMessageDescriptor *message, json_t *object,
                              unsigned depth, struct buffer *out);

/* 2e5 and 200000.0 are whole numbers; above 2^53 such a number no longer says which. */
static bool whole_of_real(double real, bool is_signed, uint64_t *out)
{
    const double exact_max = 9007199254740992.0;
    if (!(real >= -exact_max && real <= exact_max) || (double)(int64_t)real != real)
        return false;
    *out = (uint64_t)(int64_t)real;
    return is_signed || real >= 0;
}

/* "200.00": whole where nothing but zeros stands behind the point. */
static size_t digits_size(const char *text, bool point_taken)
{
    const char *point = point_taken ? strchr(text, '.') : NULL;
    bool whole = point != NULL && point[1] != 0 && point[1 + strspn(point + 1, "0")] == 0;
    return whole ? (size_t)(point - text) : strlen(text);
}

/* `point_taken`: not where a point means another unit. */
static bool parse_integer(json_t *value, bool is_signed, bool point_taken, uint64_t *out)
{
    if (json_is_integer(value)) {
        json_int_t number = json_integer_value(value);
        *out = (uint64_t)number;
        return is_signed || number >= 0;
    }
    if (json_is_real(value))
        return whole_of_real(json_real_value(value), is_signed, out);
    if (!json_is_string(value))
        return false;
    const char *text = json_string_value(value);
    size_t size = digits_size(text, point_taken);
    size_t sign = size > 0 && text[0] == '-';
    if (size == sign || size > 20 || text_digits(text + sign) != size - sign || (sign && !is_signed))
        return false;
    char *end;
    errno = 0;
    *out = is_signed ? (uint64_t)strtoll(text, &end, 10) : strtoull(text, &end, 10);
    return errno == 0 && end == text + size;
}

/* The mapping takes the URL's alphabet too, and text without its padding: how much is padding. */
static size_t base64_whole(const char *text, struct buffer *whole)
{
    size_t size = strlen(text), padding = 0;
    for (; size > 0 && text[size - 1] == '=' && padding < 2; padding++)
        size--;
    for (size_t i = 0; i < size; i++)
        buffer_append(whole, text[i] == '-' ? "+" : text[i] == '_' ? "/" : text + i, 1);
    for (padding = 0; whole->size % 4 != 0; padding++)
        buffer_append(whole, "=", 1);
    return padding;
}

static enum status bytes_in(struct reader *reader, const ProtobufCFieldDescriptor *field, json_t *value,
                            struct buffer *out)
{
    struct buffer text = {0};
    size_t padding = base64_whole(json_string_value(value), &text);
    uint8_t *raw = malloc(text.size / 4 * 3 + 1);
    INVARIANT(raw != NULL);
    int decoded = text.size == 0 ? 0 : padding > 2 ? -1 : EVP_DecodeBlock(raw, text.data, (int)text.size);
    buffer_fini(&text);
    if (decoded < 0) {
        free(raw);
        return misfit(reader, REJECT_MALFORMED, field, value);
    }
    struct span bytes = span_of(raw, (size_t)decoded - padding);
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        wire_put_record(out, field->id, bytes);
    else
        wire_put_bytes(out, field->id, bytes);
    free(raw);
    return OK;
}

static enum status number_in(struct reader *reader, const ProtobufCFieldDescriptor *field, json_t *value, uint64_t *out)
{
    enum shape shape = json_shape_of_field(field);
    bool point_taken = shape == SHAPE_WHOLE || shape == SHAPE_DAY || shape == SHAPE_MONTH;
    switch (field->type) {
    case PROTOBUF_C_TYPE_BOOL:
        if (!json_is_boolean(value))
            return misfit(reader, REJECT_MALFORMED, field, value);
        *out = json_is_true(value);
        return OK;
    case PROTOBUF_C_TYPE_ENUM: {
        if (json_is_string(value)) {
            const ProtobufCEnumDescriptor *names = field->descriptor;
            const ProtobufCEnumValue *found =
                protobuf_c_enum_descriptor_get_value_by_name(names, json_string_value(value));
            if (found == NULL)
                return misfit(reader, REJECT_MALFORMED, field, value);
            *out = (uint64_t)(int64_t)found->value;
            return OK;
        }
        if (!parse_integer(value, true, point_taken, out) || (int64_t)*out < INT32_MIN || (int64_t)*out > INT32_MAX)
            return misfit(reader, REJECT_RANGE, field, value);
        return OK;
    }
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        if (!parse_integer(value, false, point_taken, out) || *out > UINT32_MAX)
            return misfit(reader, REJECT_RANGE, field, value);
        return OK;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        if (!parse_integer(value, false, point_taken, out))
            return misfit(reader, REJECT_RANGE, field, value);
        return OK;
    default:
        if (!parse_integer(value, true, point_taken, out))
            return misfit(reader, REJECT_RANGE, field, value);
        return OK;
    }
}

static enum status value_in(struct reader *reader, const ProtobufCFieldDescriptor *field, json_t *value, unsigned depth,
                            struct buffer *out)
{
    bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
    uint64_t number;
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE: {
        if (!json_is_object(value) || depth + 1 >= DEPTH_MAX)
            return complain(reader, REJECT_MALFORMED, SHAPE_OBJECT, value, NULL);
        size_t mark = wire_begin(out, field->id);
        TRY(message_in(reader, field->descriptor, value, depth + 1, out));
        wire_end(out, mark);
        return OK;
    }
    case PROTOBUF_C_TYPE_STRING:
        if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
            return misfit(reader, REJECT_MALFORMED, field, value);
        if (repeated)
            wire_put_record(out, field->id, span_text(json_string_value(value)));
        else
            wire_put_text(out, field->id, json_string_value(value));
        return OK;
    case PROTOBUF_C_TYPE_BYTES:
        if (!json_is_string(value))
            return misfit(reader, REJECT_MALFORMED, field, value);
        return bytes_in(reader, field, value, out);
    default:
        TRY(number_in(reader, field, value, &number));
        if (field->type == PROTOBUF_C_TYPE_FIXED32)
            wire_put_fixed32(out, field->id, (uint32_t)number);
        else if (field->type == PROTOBUF_C_TYPE_FIXED64)
            wire_put_fixed64(out, field->id, number);
        else if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) /* optional: 0 is a statement */
            wire_put_varint(out, field->id, number);
        else
            wire_put_uint(out, field->id, number);
        return OK;
    }
}

static enum status packed_in(struct reader *reader, const ProtobufCFieldDescriptor *field, json_t *array,
                             struct buffer *out)
{
    if (json_array_size(array) == 0)
        return OK;
    size_t mark = wire_begin(out, field->id), path_size = strlen(reader->path);
    enum status status = OK;
    for (size_t i = 0; i < json_array_size(array); i++) {
        uint64_t number = 0;
        (void)snprintf(reader->path + path_size, sizeof reader->path - path_size, "[%zu]", i);
        status = worse(status, number_in(reader, field, json_array_get(array, i), &number));
        wire_put_number(out, number);
    }
    reader->path[path_size] = 0;
    wire_end(out, mark);
    return status;
}

static enum status field_in(struct reader *reader, const ProtobufCFieldDescriptor *field, json_t *value, unsigned depth,
                            struct buffer *out)
{
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return value_in(reader, field, value, depth, out);
    if (!json_is_array(value))
        return complain(reader, REJECT_MALFORMED, SHAPE_LIST, value, NULL);
    bool counted = field->type == PROTOBUF_C_TYPE_MESSAGE || field->type == PROTOBUF_C_TYPE_STRING ||
                   field->type == PROTOBUF_C_TYPE_BYTES;
    if (!counted)
        return packed_in(reader, field, value, out);
    size_t path_size = strlen(reader->path);
    enum status status = OK;
    for (size_t i = 0; i < json_array_size(value); i++) {
        (void)snprintf(reader->path + path_size, sizeof reader->path - path_size, "[%zu]", i);
        status = worse(status, value_in(reader, field, json_array_get(value, i), depth, out));
    }
    reader->path[path_size] = 0;
    return status;
}

/* What is given of a field, under the name that it is given by; NULL: nothing. */
struct given {
    const char *name;
    json_t *value;
    bool twice;
};

static struct given *given_as(const ProtobufCMessageDescriptor *message, const char *name,
                              struct given given[FIELDS_COUNT_MAX])
{
    for (unsigned i = 0; i < message->n_fields; i++)
        if (json_is_camel(name, message->fields[i].name) || strcmp(name, message->fields[i].name) == 0)
            return &given[i];
    return NULL;
}

/* By field. */
static enum status sort_names(struct reader *reader, const ProtobufCMessageDescriptor *message, json_t *object,
                              struct given given[FIELDS_COUNT_MAX])
{
    const char *name;
    json_t *value;
    enum status status = OK;
    INVARIANT(message->n_fields <= FIELDS_COUNT_MAX);
    memset(given, 0, message->n_fields * sizeof *given);
    json_object_foreach(object, name, value)
    {
        struct given *field = given_as(message, name, given);
        if (field != NULL) {
            bool twice = field->value != NULL;
            *field = (struct given){twice ? message->fields[field - given].name : name, value, twice};
            continue;
        }
        struct buffer note = {0};
        size_t path_size = go_down(reader, name);
        json_note_name(message, reader->top, name, &note);
        status = complain(reader, REJECT_MALFORMED, SHAPE_NAME_UNKNOWN, NULL, &note);
        reader->path[path_size] = 0;
    }
    return status;
}

/* Fields are written in ascending order whatever their order in the text: the bytes are canonical. Recursion is bounded
 * by the schema (no message contains itself) and by DEPTH_MAX. */
static enum status message_in(struct reader *reader, const ProtobufCMessageDescriptor *message, json_t *object,
                              unsigned depth, struct buffer *out)
{
    const ProtobufCFieldDescriptor *chosen = NULL;
    struct given all[FIELDS_COUNT_MAX];
    enum status status = sort_names(reader, message, object, all);
    for (unsigned i = 0; i < message->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->fields[i];
        struct given given = all[i];
        bool one_of = (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
        struct buffer note = {0};
        if (!given.twice && (given.value == NULL || json_is_null(given.value)))
            continue;
        size_t path_size = go_down(reader, given.name);
        if (given.twice) {
            status = complain(reader, REJECT_MALFORMED, SHAPE_NAME_TWICE, NULL, NULL);
        } else if (one_of && chosen != NULL) {
            buffer_printf(&note, "已给出 %s; %s is given", chosen->name, chosen->name);
            status = complain(reader, REJECT_MALFORMED, SHAPE_ONE_OF, NULL, &note);
        } else {
            chosen = one_of ? field : chosen;
            status = worse(status, field_in(reader, field, given.value, depth, out));
        }
        reader->path[path_size] = 0;
    }
    return status;
}

enum status json_to_message(enum wire_message message, struct span text, struct buffer *bytes, struct buffer *why)
{
    json_error_t error;
    if (text.size > JSON_SIZE_MAX) {
        shape_describe(SHAPE_TOO_LARGE, NULL, NULL, why);
        return REJECT_TOO_LARGE;
    }
    if (text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0) /* as editors mark UTF-8 */
        text = span_of(text.data + 3, text.size - 3);
    json_t *object = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &error);
    if (object == NULL) {
        buffer_printf(why, "line %d, column %d: ", error.line, error.column);
        shape_describe(SHAPE_JSON_SYNTAX, error.text, NULL, why);
        return REJECT_MALFORMED;
    }
    enum status status = json_value_to_message(message, object, bytes, why);
    json_decref(object);
    return status;
}

enum status json_value_to_message(enum wire_message message, json_t *object, struct buffer *bytes, struct buffer *why)
{
    struct reader reader = {.why = why, .top = schema_of(message)->descriptor};
    size_t before = bytes->size;
    enum status status = json_is_object(object) ? message_in(&reader, schema_of(message)->descriptor, object, 0, bytes)
                                                : complain(&reader, REJECT_MALFORMED, SHAPE_OBJECT, object, NULL);
    if (reader.faults > FAULTS_TOLD_MAX)
        buffer_printf(why, "\n(+%u)", reader.faults - FAULTS_TOLD_MAX);
    if (status != OK)
        bytes->size = before;
    return status;
}

static json_t *message_out(const ProtobufCMessageDescriptor *message, struct span bytes, unsigned depth);

static json_t *bytes_out(struct span bytes)
{
    char *text = malloc((bytes.size + 2) / 3 * 4 + 1);
    INVARIANT(text != NULL);
    int size = EVP_EncodeBlock((uint8_t *)text, bytes.data, (int)bytes.size);
    json_t *value = json_stringn(text, (size_t)size);
    free(text);
    return value;
}

static json_t *number_out(const ProtobufCFieldDescriptor *field, uint64_t value)
{
    char text[24];
    switch (field->type) {
    case PROTOBUF_C_TYPE_BOOL:
        return json_boolean(value != 0);
    case PROTOBUF_C_TYPE_ENUM: {
        const ProtobufCEnumValue *name = protobuf_c_enum_descriptor_get_value(field->descriptor, (int)value);
        return name != NULL ? json_string(name->name) : json_integer((json_int_t)value);
    }
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return json_integer((json_int_t)value);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        (void)snprintf(text, sizeof text, "%llu", (unsigned long long)value);
        return json_string(text);
    default:
        (void)snprintf(text, sizeof text, "%lld", (long long)(int64_t)value);
        return json_string(text);
    }
}

static json_t *value_out(const ProtobufCFieldDescriptor *field, const struct wire_field *wire, unsigned depth)
{
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return message_out(field->descriptor, wire->bytes, depth + 1);
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return json_stringn((const char *)wire->bytes.data, wire->bytes.size);
    return field->type == PROTOBUF_C_TYPE_BYTES ? bytes_out(wire->bytes) : number_out(field, wire->value);
}

/* A packed list: its bytes have passed wire_check or come from our own encoder. */
static void packed_out(const ProtobufCFieldDescriptor *field, struct span bytes, json_t *array)
{
    struct wire_reader reader = wire_read(bytes);
    uint64_t value;
    while (!wire_at_end(&reader) && wire_next_number(&reader, &value) == OK)
        (void)json_array_append_new(array, number_out(field, value));
}

static json_t *message_out(const ProtobufCMessageDescriptor *message, struct span bytes, unsigned depth)
{
    json_t *object = json_object();
    struct wire_reader reader = wire_read(bytes);
    struct wire_field wire;
    while (depth < DEPTH_MAX && !wire_at_end(&reader)) {
        if (wire_next(&reader, &wire) != OK)
            break;
        const ProtobufCFieldDescriptor *field = schema_field(message, wire.number);
        if (field == NULL)
            continue;
        char name[JSON_NAME_SIZE];
        json_camel_name(field->name, name);
        if (field->label != PROTOBUF_C_LABEL_REPEATED) {
            (void)json_object_set_new(object, name, value_out(field, &wire, depth));
            continue;
        }
        json_t *array = json_object_get(object, name);
        if (array == NULL) {
            array = json_array();
            (void)json_object_set_new(object, name, array);
        }
        bool counted = field->type == PROTOBUF_C_TYPE_MESSAGE || field->type == PROTOBUF_C_TYPE_STRING ||
                       field->type == PROTOBUF_C_TYPE_BYTES;
        if (counted)
            (void)json_array_append_new(array, value_out(field, &wire, depth));
        else
            packed_out(field, wire.bytes, array);
    }
    return object;
}

enum status message_to_json(enum wire_message message, struct span bytes, bool compact, struct buffer *text)
{
    TRY(wire_check(message, bytes, NULL));
    json_t *object = message_out(schema_of(message)->descriptor, bytes, 0);
    char *dumped = json_dumps(object, compact ? JSON_COMPACT : JSON_INDENT(2));
    json_decref(object);
    if (dumped == NULL)
        return REJECT_MALFORMED;
    buffer_append_text(text, dumped);
    free(dumped);
    return OK;
}

bool json_message_named(const char *name, enum wire_message *message)
{
    for (enum wire_message each = 0; each <= WIRE_TRACE_TRAILER; each++)
        if (strcmp(schema_of(each)->descriptor->short_name, name) == 0) {
            *message = each;
            return true;
        }
    return false;
}
