/* SPDX-License-Identifier: Apache-2.0
 * Paths of fields. */
#include "common/pb/paths.h"

#include "common/base/limits.h"
#include "common/pb/json_shape_internal.h"

struct walk {
    struct buffer path;
    const ProtobufCMessageDescriptor *above[WIRE_DEPTH_MAX];
    json_path_fn *each;
    void *self;
};

static bool is_number(const ProtobufCFieldDescriptor *field)
{
    return field->type != PROTOBUF_C_TYPE_ENUM && field->type != PROTOBUF_C_TYPE_BOOL &&
           field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_BYTES &&
           field->type != PROTOBUF_C_TYPE_MESSAGE;
}

static bool is_above(const struct walk *walk, unsigned depth, const ProtobufCMessageDescriptor *message)
{
    for (unsigned i = 0; i < depth; i++)
        if (walk->above[i] == message)
            return true;
    return false;
}

static void walk_message(struct walk *walk, const ProtobufCMessageDescriptor *message, unsigned depth)
{
    char name[JSON_NAME_SIZE];
    if (depth == WIRE_DEPTH_MAX || is_above(walk, depth, message))
        return;
    walk->above[depth] = message;
    for (unsigned i = 0; i < message->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->fields[i];
        size_t size = walk->path.size;
        json_camel_name(field->name, name);
        buffer_printf(&walk->path, "%s%s", size > 0 ? "." : "", name);
        walk->each(walk->self, buffer_text(&walk->path), is_number(field));
        if (field->type == PROTOBUF_C_TYPE_MESSAGE)
            walk_message(walk, field->descriptor, depth + 1);
        walk->path.size = size;
    }
}

void json_paths(enum wire_message message, json_path_fn *each, void *self)
{
    struct walk walk = {.each = each, .self = self};
    walk_message(&walk, schema_of(message)->descriptor, 0);
    buffer_fini(&walk.path);
}
