/* SPDX-License-Identifier: Apache-2.0
 * The schema's fields by name. */
#include "common/pb/fields.h"

#include <string.h>

#include "common/pb/schema_internal.h"

static enum field_shape shape_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_STRING:
        return FIELD_TEXT;
    case PROTOBUF_C_TYPE_BOOL:
        return FIELD_TRUTH;
    case PROTOBUF_C_TYPE_ENUM:
        return FIELD_CHOICE;
    case PROTOBUF_C_TYPE_BYTES:
        return FIELD_BYTES;
    case PROTOBUF_C_TYPE_MESSAGE:
        return FIELD_MESSAGE;
    default:
        return FIELD_NUMBER;
    }
}

bool fields_at(const void *message, unsigned index, struct field *field)
{
    const ProtobufCMessageDescriptor *descriptor = message;
    if (index >= descriptor->n_fields)
        return false;
    const ProtobufCFieldDescriptor *at = &descriptor->fields[index];
    *field = (struct field){.name = at->name,
                            .shape = shape_of(at->type),
                            .repeated = at->label == PROTOBUF_C_LABEL_REPEATED,
                            .one_of = (at->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0,
                            .inner = at->descriptor};
    return true;
}

const void *fields_message(const char *path)
{
    const void *message = schema_of(WIRE_ENVELOPE)->descriptor;
    while (*path != 0) {
        size_t size = strcspn(path, ".");
        struct field field;
        unsigned i = 0;
        while (fields_at(message, i, &field) && !(strlen(field.name) == size && strncmp(field.name, path, size) == 0))
            i++;
        if (!fields_at(message, i, &field) || field.shape != FIELD_MESSAGE)
            return NULL;
        message = field.inner;
        path += size + (path[size] == '.');
    }
    return message;
}

/* What all names of an enumeration begin with, up to the last '_' of it. */
static size_t shared_size(const ProtobufCEnumDescriptor *names)
{
    const char *first = names->values[0].name;
    size_t size = strlen(first);
    for (unsigned i = 1; i < names->n_values; i++) {
        size_t same = 0;
        while (same < size && first[same] == names->values[i].name[same])
            same++;
        size = same;
    }
    while (size > 0 && first[size - 1] != '_')
        size--;
    return size;
}

bool fields_choice(const struct field *field, unsigned index, const char **name, char word[FIELD_WORD_SIZE])
{
    const ProtobufCEnumDescriptor *names = field->inner;
    const ProtobufCEnumValue *value = NULL;
    for (unsigned i = 0; i < names->n_values; i++)
        if (names->values[i].value != 0 && index-- == 0) {
            value = &names->values[i];
            break;
        }
    if (value == NULL)
        return false;
    *name = value->name;
    const char *from = value->name + shared_size(names);
    size_t size = 0;
    for (; from[size] != 0 && size + 1 < FIELD_WORD_SIZE; size++)
        word[size] = (char)(from[size] == '_'                        ? '-'
                            : from[size] >= 'A' && from[size] <= 'Z' ? from[size] + 32
                                                                     : from[size]);
    word[size] = 0;
    return true;
}
