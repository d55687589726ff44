#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Coders out of the schema: structs, straight-line encode and decode, limits for the check.

  generate.py SCHEMA.binpb PEEKS OUT

Reads a descriptor set with imports and the table of peeks; writes OUT/hutong/v1/messages.h, messages_*.c, schema.c, and
OUT/plain.binpb: the schema without our options, for protoc-c, whose runtime knows no extensions. What the code looks like
is told in common/pb/README.md."""
import os
import re
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

OPTIONS_FILE = "hutong/v1/options.proto"
DATE = re.compile(r"(^|_)(date|day|on|by)$|^valid_(from|to)$|^(benefits_from|certified_until|counts_as_filed_from|oldest|status_since|from_day|to_day)$")
KIND = descriptor_pb2.FieldDescriptorProto
SCALARS = {KIND.TYPE_UINT32: "uint32_t", KIND.TYPE_INT64: "int64_t", KIND.TYPE_UINT64: "uint64_t", KIND.TYPE_BOOL: "bool",
           KIND.TYPE_FIXED32: "uint32_t", KIND.TYPE_FIXED64: "uint64_t", KIND.TYPE_ENUM: "uint32_t"}
WIRE_PUT = {KIND.TYPE_INT64: "wire_put_int(out, %d, %s)", KIND.TYPE_FIXED32: "wire_put_fixed32(out, %d, %s)",
            KIND.TYPE_FIXED64: "wire_put_fixed64(out, %d, %s)", KIND.TYPE_UINT64: "wire_put_uint(out, %d, %s)",
            KIND.TYPE_UINT32: "wire_put_uint(out, %d, (uint32_t)%s)", KIND.TYPE_BOOL: "wire_put_uint(out, %d, %s)",
            KIND.TYPE_ENUM: "wire_put_uint(out, %d, (uint64_t)%s)"}


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def singular(name):
    for end, to in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if name.endswith(end):
            return name[:-len(end)] + to
    return name


class Field:
    def __init__(self, proto, options, message):
        self.proto, self.message, self.number, self.kind = proto, message, proto.number, proto.type
        c = options["c"](proto)
        self.c, self.max, self.personal = c, options["max"](proto), options["personal"](proto)
        self.repeated = proto.label == KIND.LABEL_REPEATED
        self.optional = proto.proto3_optional
        self.oneof = message.oneofs[proto.oneof_index] if proto.HasField("oneof_index") and not self.optional else None
        self.fen = self.kind == KIND.TYPE_INT64 and proto.name.endswith("_fen")
        self.instant = self.kind == KIND.TYPE_INT64 and proto.name.endswith("_at_ms")
        self.name = c.name or re.sub(r"_fen$|(?<=_at)_ms$", "", proto.name)
        self.count = c.count or singular(self.name) + "_count"
        self.nested = proto.type_name.rsplit(".", 1)[-1] if self.kind == KIND.TYPE_MESSAGE else None
        self.is_bytes = self.kind == KIND.TYPE_BYTES or (self.kind == KIND.TYPE_STRING and c.type == "struct span")
        self.is_text = self.kind == KIND.TYPE_STRING and not self.is_bytes

    @property
    def same_struct(self):
        """A nested message whose members lie in its parent's struct."""
        return self.nested and not self.repeated and not self.c.encoded and schema[self.nested].struct == self.message.struct

    @property
    def listed(self):
        """A list of messages in the arena."""
        return bool(self.nested and self.repeated and not self.c.copy and not self.c.codec and not self.c.encoded and not self.c.not_decoded)

    @property
    def has(self):
        return self.optional or self.nested and not self.oneof and not self.c.present and not self.c.encoded and not self.c.pointer and not self.c.codec

    @property
    def place(self):
        union = self.oneof.union if self.oneof and not self.same_struct else ""
        return union + self.name

    @property
    def type(self):
        if self.c.type:
            return self.c.type
        if self.nested:
            return "struct span" if self.c.encoded else "struct " + schema[self.nested].struct
        if self.is_text:
            return "const char *"
        if self.is_bytes:
            return "struct span"
        if self.fen:
            return "fen_t"
        if self.instant:
            return "instant_ms_t"
        return "civil_date_t" if self.kind == KIND.TYPE_UINT32 and DATE.search(self.proto.name) else SCALARS[self.kind]

    def members(self):
        """Declarations: (name, text)."""
        if self.same_struct:
            return
        name, kind = self.name, self.type
        if "." in name:
            return  # inside a part
        indexed = re.match(r"(\w+)\[(\d+)\]$", name)
        if indexed:
            yield indexed[1], (kind, indexed[1], int(indexed[2]))
            return
        if self.c.codec:
            yield name, "%s %s;" % (kind, name)
            return
        if self.repeated:
            if self.c.copy:
                yield name, "%s %s[%d];" % (kind, name, self.max)
            else:
                yield name, ("const char *const *%s;" % name if self.is_text else "const %s *%s;" % (kind, name))
            yield self.count, "uint32_t %s;" % self.count
        elif self.nested and not self.c.encoded and self.c.pointer:
            yield name, "const %s *%s;" % (kind, name)
        elif self.nested and not self.c.encoded:
            if self.has:
                yield "has_" + name, "bool has_%s;" % name
            yield name, "%s %s;" % (kind, name)
        elif self.is_text and self.c.copy:
            yield name, "char %s[%d];" % (name, self.max + 1)
        elif self.is_bytes and self.c.copy:
            yield name, "uint8_t %s[%d];" % (name, self.max)
        else:
            if self.optional:
                yield "has_" + name, "bool has_%s;" % name
            yield name, "%s%s%s;" % (kind, "" if kind.endswith("*") else " ", name)


class Oneof:
    def __init__(self, proto, options, message):
        c = options["c_oneof"](proto)
        self.enum = c.name or message.snake + "_kind"
        self.prefix = c.prefix or self.enum.upper().removesuffix("_KIND")
        self.flat, self.name = c.flat, proto.name
        self.union = "" if c.flat else proto.name + "."
        self.fields = []


class Message:
    def __init__(self, proto, options, stem):
        self.proto, self.stem, self.name, self.snake = proto, stem, proto.name, snake(proto.name)
        c = options["c_message"](proto)
        self.struct = c.name or self.snake
        self.parts = [part.split("=") for part in c.parts]
        made_up = {each.oneof_index for each in proto.field if each.proto3_optional}  # protoc's own, behind the others
        self.oneofs = [Oneof(each, options, self) for i, each in enumerate(proto.oneof_decl) if i not in made_up]
        self.fields = sorted((Field(each, options, self) for each in proto.field), key=lambda each: each.number)
        for field in self.fields:
            if field.oneof:
                field.oneof.fields.append(field)


class Struct:
    """All messages of one C struct."""
    def __init__(self, name):
        self.name, self.messages = name, []

    def declarations(self):
        members, arrays = {}, {}
        for message in self.messages:
            for part, of in message.parts:
                members[part] = "struct %s %s;" % (of, part)
            for field in message.fields:
                if field.oneof:
                    members["kind"] = "uint32_t kind;" if field.oneof.prefix == "-" else "enum %s kind;" % field.oneof.enum
                for name, text in field.members():
                    if field.oneof and not field.oneof.flat:
                        union = members.setdefault(field.oneof.name, {})
                        union[name] = text
                    elif isinstance(text, tuple):
                        kind, array, index = text
                        arrays[array] = max(arrays.get(array, 0), index + 1)
                        members[array] = "%s %s[%d];" % (kind, array, arrays[array])
                    elif members.setdefault(name, text) != text:
                        raise SystemExit("%s.%s: two types: %s, %s" % (self.name, name, members[name], text))
        return members

    def needs(self):
        """Structs that must be complete before this one."""
        for message in self.messages:
            for _, of in message.parts:
                yield of
            for field in message.fields:
                by_value = field.nested and not field.c.pointer and not field.c.encoded and (field.c.copy or not field.repeated)
                if by_value and not field.same_struct and not field.c.codec:
                    yield schema[field.nested].struct

    def texts(self, prefix="", seen=None):
        """Paths of the texts that are \"\" when absent."""
        for message in self.messages:
            for field in message.fields:
                if field.is_text and not field.repeated and not field.c.copy and not field.c.codec and (not field.oneof or field.oneof.flat):
                    yield field.name
                by_value = field.nested and not field.repeated and not field.c.pointer and not field.c.encoded
                if by_value and not field.same_struct and not field.c.codec and (not field.oneof or field.oneof.flat):
                    for text in structs[schema[field.nested].struct].texts():
                        yield field.name + "." + text
            for part, of in message.parts:
                if of in structs:
                    for text in structs[of].texts():
                        yield part + "." + text

    def codecs(self):
        for message in self.messages:
            for field in message.fields:
                if field.c.codec:
                    yield field


class Lines(list):
    def add(self, text, *args):
        self.append(text % args if args else text)


def read_one(field, target, out, pad):
    """Statements that read one occurrence into `target`."""
    if field.c.codec:
        out.add("%sTRY(%s_take(arena, field.bytes, &%s));", pad, field.c.codec, target)
    elif field.nested and field.c.encoded:
        out.add("%s%s = field.bytes;", pad, target)
    elif field.nested and field.listed:  # what is wrong with a member is said after all else has been read
        out.add("%s%s_blank(&%s);", pad, schema[field.nested].struct, target)
        out.add("%sif (failed == OK)", pad)
        out.add("%s    failed = %s_merge(field.bytes, arena, &%s);", pad, schema[field.nested].snake, target)
    elif field.nested:
        out.add("%s%s_blank(&%s);", pad, schema[field.nested].struct, target)
        out.add("%sTRY(%s_merge(field.bytes, arena, &%s));", pad, schema[field.nested].snake, target)
    elif field.is_text and field.c.copy and not field.repeated:
        out.add("%sif (!field_copy(%s, sizeof %s, field.bytes))", pad, target, target)
        out.add("%s    return REJECT_TOO_LARGE;", pad)
    elif field.is_text:
        out.add("%sTRY(field_text_take(arena, field.bytes, %d, &%s));", pad, field.max, target)
    elif field.is_bytes and field.c.copy:
        out.add("%sif (field.bytes.size != sizeof %s)", pad, target)
        out.add("%s    return REJECT_MALFORMED;", pad)
        out.add("%smemcpy(%s, field.bytes.data, sizeof %s);", pad, target, target)
    elif field.is_bytes:
        if field.max:
            out.add("%sif (field.bytes.size > %d)", pad, field.max)
            out.add("%s    return REJECT_TOO_LARGE;", pad)
        out.add("%s%s = field.bytes;", pad, target)
    elif field.kind == KIND.TYPE_BOOL:
        out.add("%s%s = field.value != 0;", pad, target)
    else:
        out.add("%s%s = (__typeof__(%s))field.value;", pad, target, target)


def read_repeated(field, out):
    place, count = "to->" + field.place, "to->" + (field.oneof.union if field.oneof else "") + field.count
    pad = " " * 12
    if field.kind not in (KIND.TYPE_MESSAGE, KIND.TYPE_STRING, KIND.TYPE_BYTES):
        out.add("%sTRY(field_numbers_take(arena, field.bytes, %d, (const uint64_t **)&%s, &%s));", pad, field.max, place, count)
        return
    if field.c.copy:
        out.add("%sif (%s == %d)", pad, count, field.max)
        out.add("%s    return REJECT_TOO_LARGE;", pad)
        read_one(field, "%s[%s++]" % (place, count) if not field.nested else "%s[%s]" % (place, count), out, pad)
        if field.nested:
            out.add("%s%s++;", pad, count)
        return
    kind = "const char *" if field.is_text else field.type + " "
    out.add("%suint32_t count, i = %s;", pad, count)
    out.add("%sTRY(field_run(&reader, %d, %d, %s, &count));", pad, field.number, field.max, count)
    out.add("%s%s*items = arena_take(arena, count * sizeof *items);", pad, kind)
    out.add("%sif (items == NULL)", pad)
    out.add("%s    return REJECT_TOO_LARGE;", pad)
    out.add("%sif (i > 0) /* damaged: a list in two parts */", pad)
    out.add("%s    memcpy(items, %s, i * sizeof *items);", pad, place)
    out.add("%s%s = items;", pad, place)
    out.add("%s%s = count;", pad, count)
    out.add("%sfor (;;) {", pad)
    read_one(field, "items[i]", out, pad + "    ")
    out.add("%s    if (++i == count)", pad)
    out.add("%s        break;", pad)
    out.add("%s    TRY(wire_next(&reader, &field));", pad)
    out.add("%s}", pad)


def read_case(message, field, out):
    pad = " " * 12
    if field.c.not_decoded:
        return
    out.add("        case %d: {", field.number)
    if field.oneof:
        out.add("%sto->kind = %d;", pad, field.number)
        if "has_" + field.name in structs[message.struct].declarations():
            out.add("%sto->has_%s = true;", pad, field.name)
    if field.same_struct:
        out.add("%sTRY(%s_merge(field.bytes, arena, to));", pad, schema[field.nested].snake)
    elif field.repeated and not field.c.codec:
        read_repeated(field, out)
    elif field.nested and field.c.pointer:
        kind = schema[field.nested]
        out.add("%sstruct %s *part = arena_take(arena, sizeof *part);", pad, kind.struct)
        out.add("%sif (part == NULL)", pad)
        out.add("%s    return REJECT_TOO_LARGE;", pad)
        out.add("%s%s_blank(part);", pad, kind.struct)
        out.add("%sto->%s = part;", pad, field.place)
        out.add("%sTRY(%s_merge(field.bytes, arena, part));", pad, kind.snake)
    else:
        if field.has:
            out.add("%sto->has_%s = true;", pad, field.name)
        read_one(field, "to->" + field.place, out, pad)
    out.add("            break;")
    out.add("        }")


def write_nested(field, source, out, pad, pointer=False):
    nested = schema[field.nested]
    out.add("%ssize_t mark = wire_begin(out, %d);", pad, field.number)
    out.add("%s%s_encode(%s%s, out);", pad, nested.snake, "" if pointer else "&", source)
    out.add("%swire_end(out, mark);", pad)


def write_one(field, source, out, pad):
    """One occurrence, written whatever it holds where the field is repeated or a member of a oneof."""
    whatever = field.repeated or field.oneof
    put = "wire_put_record" if whatever else "wire_put_bytes"
    if field.nested and not field.c.encoded:
        out.add("%s{", pad)
        write_nested(field, source, out, pad + "    ")
        out.add("%s}", pad)
    elif field.is_text and whatever:
        out.add("%swire_put_record(out, %d, span_text(%s));", pad, field.number, source)
    elif field.is_text:
        out.add("%swire_put_text(out, %d, %s);", pad, field.number, source)
    elif field.is_bytes and field.c.copy:
        out.add("%swire_put_record(out, %d, span_of(%s, sizeof %s));", pad, field.number, source, source)
    elif field.is_bytes or field.nested:
        out.add("%s%s(out, %d, %s);", pad, put, field.number, source)
    elif field.oneof:
        out.add("%swire_put_varint(out, %d, (uint64_t)%s);", pad, field.number, source)
    else:
        out.add(pad + WIRE_PUT[field.kind] + ";", field.number, source)


def write_field(field, out, pad):
    source = "from->" + field.place
    if field.c.codec:
        out.add("%s%s_put(%s, %d, out);", pad, field.c.codec, source, field.number)
    elif field.same_struct:
        nested = schema[field.nested]
        out.add("%s{", pad)
        if field.oneof:
            out.add("%s    size_t mark = wire_begin(out, %d);", pad, field.number)
            out.add("%s    %s_encode(from, out);", pad, nested.snake)
            out.add("%s    wire_end(out, mark);", pad)
        else:  # there if anything in it is
            out.add("%s    size_t before = out->size, mark = wire_begin(out, %d);", pad, field.number)
            out.add("%s    %s_encode(from, out);", pad, nested.snake)
            out.add("%s    if (out->size == mark)", pad)
            out.add("%s        out->size = before;", pad)
            out.add("%s    else", pad)
            out.add("%s        wire_end(out, mark);", pad)
        out.add("%s}", pad)
    elif field.repeated and field.kind not in (KIND.TYPE_MESSAGE, KIND.TYPE_STRING, KIND.TYPE_BYTES):
        out.add("%sfield_numbers_put(out, %d, (const uint64_t *)%s, from->%s);", pad, field.number, source, field.count)
    elif field.repeated:
        union = field.oneof.union if field.oneof else ""
        out.add("%sfor (uint32_t i = 0; i < from->%s%s; i++) {", pad, union, field.count)
        write_one(field, source + "[i]", out, pad + "    ")
        out.add("%s}", pad)
    elif field.nested and field.c.pointer:
        out.add("%sif (%s != NULL) {", pad, source)
        write_nested(field, source, out, pad + "    ", pointer=True)
        out.add("%s}", pad)
    elif field.optional:
        out.add("%sif (from->has_%s)", pad, field.name)
        out.add("%s    wire_put_varint(out, %d, (uint64_t)%s);", pad, field.number, source)
    elif field.has:
        out.add("%sif (from->has_%s) {", pad, field.name)
        write_nested(field, source, out, pad + "    ")
        out.add("%s}", pad)
    else:
        write_one(field, source, out, pad)


def write_message(message, out):
    name, struct = message.snake, message.struct
    out.add("enum status %s_merge(struct span bytes, struct arena *arena, struct %s *to)", name, struct)
    out.add("{")
    if message.fields:
        out.add("    struct wire_reader reader = wire_read(bytes);")
        out.add("    struct wire_field field;")
        out.add("    (void)arena;")
        if any(field.listed for field in message.fields):
            out.add("    enum status failed = OK;")
        out.add("    while (!wire_at_end(&reader)) {")
        out.add("        TRY(wire_next(&reader, &field));")
        out.add("        switch (field.number) {")
        for field in message.fields:
            read_case(message, field, out)
        out.add("        default:")
        out.add("            break;")
        out.add("        }")
        out.add("    }")
    else:
        out.add("    (void)bytes, (void)arena, (void)to;")
    out.add("    return failed;" if any(field.listed for field in message.fields) else "    return OK;")
    out.add("}\n")
    out.add("enum status %s_decode(struct span bytes, struct arena *arena, struct %s *to)", name, struct)
    out.add("{")
    out.add("    %s_blank(to);", struct)
    out.add("    return %s_merge(bytes, arena, to);", name)
    out.add("}\n")
    out.add("void %s_encode(const struct %s *from, struct buffer *out)", name, struct)
    out.add("{")
    if not message.fields:
        out.add("    (void)from, (void)out;")
    open_oneof = None
    for field in message.fields:
        if open_oneof and field.oneof is not open_oneof:
            out.add("    default:\n        break;\n    }")
        if field.oneof and field.oneof is not open_oneof:
            out.add("    switch ((uint32_t)from->kind) {")
        open_oneof = field.oneof
        if field.oneof:
            out.add("    case %d:", field.number)
            write_field(field, out, " " * 8)
            out.add("        break;")
        else:
            write_field(field, out, " " * 4)
    if open_oneof:
        out.add("    default:\n        break;\n    }")
    out.add("}\n")
    for field in message.fields:
        if field.repeated and not field.c.codec and field.kind in (KIND.TYPE_MESSAGE, KIND.TYPE_STRING, KIND.TYPE_BYTES):
            out.add("void %s", putter(message, field))
            out.add("{")
            if field.nested and not field.c.encoded:
                write_nested(field, "item", out, "    ", pointer=True)
            else:
                write_one(field, "item", out, "    ")
            out.add("}\n")


def putter(message, field):
    kind = "const char *item" if field.is_text else "struct span item" if field.is_bytes or field.c.encoded else "const %s *item" % field.type
    return "%s_put_%s(struct buffer *out, %s)" % (message.snake, field.proto.name, kind)


def write_header(ordered, peeks):
    out = Lines()
    out.add("/* Generated by proto/generate.py from proto/hutong/v1: every message as a struct, with its coders.")
    out.add(" * NAME_decode: texts are NUL-terminated copies in `arena`, \"\" where absent, never NULL (copied fields aside);")
    out.add(" * struct span borrows from `bytes`. REJECT_MALFORMED; REJECT_TOO_LARGE: beyond a limit of the schema, or the")
    out.add(" * arena is full. NAME_encode appends the canonical form. NAME_put_FIELD appends one member of a repeated field. */")
    out.add("#ifndef HUTONG_V1_MESSAGES_H\n#define HUTONG_V1_MESSAGES_H")
    for name in ("base/arena", "base/buffer", "base/instant", "base/money", "base/span", "base/status", "codes/insurance", "pb/parts"):
        out.add('#include "common/%s.h"', name)
    out.add("")
    for enum, prefix in enums:
        out.add("enum %s {", snake(enum.name))
        for value in enum.value:
            word = value.name[len(snake(enum.name)) + 1:]
            out.add("    %s_%s = %d,", prefix, "NONE" if word == "UNSPECIFIED" else word, value.number)
        out.add("};")
        out.add("const char *%s_name(uint32_t value); /* its word in lower case; \"unknown\" */\n", snake(enum.name))
    for message in schema.values():
        for oneof in [each for each in message.oneofs if each.prefix != "-"]:
            out.add("enum %s { /* numbers of %s.%s */", oneof.enum, message.name, oneof.name)
            out.add("    %s_NONE = 0,", oneof.prefix)
            for field in oneof.fields:
                out.add("    %s_%s = %d,", oneof.prefix, field.proto.name.upper(), field.number)
            out.add("};")
            out.add("const char *%s_name(uint32_t kind); /* the field's name; \"unknown\" */\n", oneof.enum)
    for struct in ordered:
        out.add("struct %s {", struct.name)
        members = struct.declarations()
        for name, text in members.items():
            if isinstance(text, dict):
                out.add("    union %s_%s {", struct.name, name)
                for inner in text.values():
                    out.add("        %s", inner)
                out.add("    } %s;", name)
            else:
                out.add("    %s", text)
        if not members:
            out.add("    char nothing;")
        out.add("};")
        out.add("void %s_blank(struct %s *to); /* as after decoding nothing */", struct.name, struct.name)
        for message in struct.messages:
            out.add("MUST_USE enum status %s_decode(struct span bytes, struct arena *arena, struct %s *to);", message.snake, struct.name)
            out.add("void %s_encode(const struct %s *from, struct buffer *out);", message.snake, struct.name)
            for field in message.fields:
                if field.repeated and not field.c.codec and field.kind in (KIND.TYPE_MESSAGE, KIND.TYPE_STRING, KIND.TYPE_BYTES):
                    out.add("void %s;", putter(message, field))
        out.add("")
    for name, message, fields in peeks:
        out.add("/* %s without the rest: common/pb/peek.def. Spans are borrowed. */", message.name)
        out.add("struct %s {", name)
        for field in fields:
            if field is None:
                out.add("    uint32_t body_number; /* of the oneof's member; 0: none */\n    struct span body;")
            elif field.repeated:
                out.add("    struct span %s[%d];\n    uint32_t %s;", field.name, field.max, field.count)
            else:
                out.add("    %s %s;", "struct span" if field.is_text or field.is_bytes or field.nested else field.type, field.name)
        out.add("};")
        out.add("MUST_USE enum status %s_read(struct span bytes, struct %s *to);\n", name, name)
    limits = [(message, field) for message in schema.values() for field in message.fields if field.max]
    out.add("/* The schema's limits: bytes of a text, members of a list. */")
    out.add("enum {")
    for message, field in limits:
        out.add("    %s_%s_MAX = %d,", message.snake.upper(), re.sub(r"_fen$", "", field.proto.name).upper(), field.max)
    out.add("};\n")
    out.add("/* Messages that the check and the JSON mapping know. */")
    out.add("enum wire_message {")
    for message in schema.values():
        out.add("    WIRE_%s,", message.snake.upper())
    out.add("};\n#endif")
    return out


def write_struct_blank(struct, out):
    out.add("void %s_blank(struct %s *to)", struct.name, struct.name)
    out.add("{")
    out.add("    memset(to, 0, sizeof *to);")
    for text in dict.fromkeys(struct.texts()):
        out.add('    to->%s = "";', text)
    for field in struct.codecs():
        if field.repeated:
            out.add("    to->%s = %s_none();", field.name, field.c.codec)
    out.add("}\n")


def write_peek(name, message, fields, out):
    """Stops behind the last field that it wants: canonical messages are in order."""
    wanted = [field for field in fields if field]
    one = None in fields
    out.add("enum status %s_read(struct span bytes, struct %s *to)", name, name)
    out.add("{")
    out.add("    struct wire_reader reader = wire_read(bytes);")
    out.add("    struct wire_field field;")
    out.add("    memset(to, 0, sizeof *to);")
    out.add("    while (!wire_at_end(&reader)) {")
    out.add("        TRY(wire_next(&reader, &field));")
    out.add("        switch (field.number) {")
    for field in wanted:
        out.add("        case %d:", field.number)
        if field.repeated:
            out.add("            if (to->%s == %d)", field.count, field.max)
            out.add("                return REJECT_TOO_LARGE;")
            out.add("            to->%s[to->%s++] = field.bytes;", field.name, field.count)
        elif field.is_text or field.is_bytes or field.nested:
            out.add("            to->%s = field.bytes;", field.name)
        else:
            out.add("            to->%s = (__typeof__(to->%s))field.value;", field.name, field.name)
        out.add("            break;")
    out.add("        default:")
    if one:
        first = min(field.number for oneof in message.oneofs for field in oneof.fields)
        out.add("            if (field.number >= %d && field.type == WIRE_BYTES && to->body_number == 0) {", first)
        out.add("                to->body_number = field.number;")
        out.add("                to->body = field.bytes;")
        out.add("            }")
    else:
        out.add("            if (field.number > %d)", max(field.number for field in wanted))
        out.add("                return OK;")
    out.add("            break;")
    out.add("        }")
    out.add("    }")
    out.add("    return OK;")
    out.add("}\n")


def write_schema(out):
    out.add('#include "common/pb/schema_internal.h"\n')
    for stem in stems:
        out.add('#include "hutong/v1/%s.pb-c.h"', stem)
    for message in schema.values():
        out.add("static const struct message_schema %s_schema;", message.snake)
    for message in schema.values():
        if message.fields:
            out.add("static const uint32_t %s_limits[] = {%s};", message.snake, ", ".join(str(field.max) for field in message.fields))
            out.add("static const uint8_t %s_personal[] = {%s};", message.snake, ", ".join(str(field.personal) for field in message.fields))
            nested = ["&%s_schema" % schema[field.nested].snake if field.nested else "NULL" for field in message.fields]
            out.add("static const struct message_schema *const %s_nested[] = {%s};", message.snake, ", ".join(nested))
    for message in schema.values():
        arrays = ("{0}_limits, {0}_personal, {0}_nested".format(message.snake)) if message.fields else "NULL, NULL, NULL"
        c_name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", message.name).lower()
        out.add("static const struct message_schema %s_schema = {&hutong__v1__%s__descriptor, %s};", message.snake, c_name, arrays)
    out.add("const struct message_schema *schema_of(enum wire_message message)\n{")
    out.add("    static const struct message_schema *const all[] = {")
    for message in schema.values():
        out.add("        &%s_schema,", message.snake)
    out.add("    };\n    return all[message];\n}")


def write_names(out):
    for name, values in names:
        out.add("const char *%s_name(uint32_t value)\n{\n    switch (value) {", name)
        for number, word in values:
            out.add('    case %d:\n        return "%s";', number, word)
        out.add('    default:\n        return "unknown";\n    }\n}\n')


def load(path):
    """The set, read again once our options are known to the runtime."""
    with open(path, "rb") as file:
        data = file.read()
    plain = descriptor_pb2.FileDescriptorSet.FromString(data)
    pool = descriptor_pool.DescriptorPool()
    for file in plain.file:
        if file.name.startswith("google/") or file.name == OPTIONS_FILE:
            pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    whole = factory.GetPrototype(pool.FindMessageTypeByName("google.protobuf.FileDescriptorSet"))
    options = {}

    def reader(name):
        extension = pool.FindExtensionByName("hutong.v1." + name)
        factory.GetPrototype(extension.containing_type).RegisterExtension(extension) if hasattr(factory.GetPrototype(extension.containing_type), "RegisterExtension") else None
        return lambda proto: proto.options.Extensions[extension]
    for name in ("max", "c", "personal", "c_message", "c_oneof", "c_prefix"):
        options[name] = reader(name)
    return plain, whole.FromString(data), options


def strip(plain, path):
    """Without our options and their file: what protoc-c can compile."""
    kept = descriptor_pb2.FileDescriptorSet()
    for file in plain.file:
        if file.name.startswith("google/") or file.name == OPTIONS_FILE:
            continue
        copy = kept.file.add()
        copy.CopyFrom(file)
        copy.dependency[:] = [each for each in copy.dependency if each != OPTIONS_FILE]
        for enum in copy.enum_type:
            enum.ClearField("options")
        for message in copy.message_type:
            message.ClearField("options")
            for field in message.field:
                if field.proto3_optional:  # protoc-c knows none: a oneof of its own, which comes out the same on the wire
                    message.oneof_decl[field.oneof_index].name = field.name + "_or_not"
                    field.ClearField("proto3_optional")
            for part in list(message.field) + list(message.oneof_decl):
                part.ClearField("options")
    with open(path, "wb") as file:
        file.write(kept.SerializeToString())


def sorted_structs():
    done, result = set(), []

    def visit(name):
        if name in done or name not in structs:
            return
        done.add(name)
        for need in structs[name].needs():
            visit(need)
        result.append(structs[name])
    for name in structs:
        visit(name)
    return result


def read_peeks(path):
    for line in open(path, encoding="utf-8"):
        found = re.match(r"PEEK\((\w+), (\w+), (.*)\)", line)
        if found:
            message = schema[found[2]]
            by_name = {field.proto.name: field for field in message.fields}
            yield found[1], message, [None if word == "body_number" else by_name[word] for word in found[3].split()]


def save(path, lines):
    text = "\n".join(lines) + "\n"
    if not os.path.exists(path) or open(path, encoding="utf-8").read() != text:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def main(binpb, peek_path, where):
    plain, whole, options = load(binpb)
    for file in whole.file:
        if not file.name.startswith("hutong/") or file.name == OPTIONS_FILE:
            continue
        stem = os.path.splitext(os.path.basename(file.name))[0]
        stems.append(stem)
        for proto in file.message_type:
            message = Message(proto, options, stem)
            schema[message.name] = message
            structs.setdefault(message.struct, Struct(message.struct)).messages.append(message)
        for enum in file.enum_type:
            prefix = options["c_prefix"](enum) or snake(enum.name).upper()
            if prefix != "-":
                enums.append((enum, prefix))
                words = [(value.number, value.name[len(snake(enum.name)) + 1:].lower()) for value in enum.value]
                names.append((snake(enum.name), [(n, "none" if w == "unspecified" else w) for n, w in words]))
    for message in schema.values():
        for oneof in message.oneofs:
            if oneof.prefix != "-":
                names.append((oneof.enum, [(field.number, field.proto.name) for field in oneof.fields]))
    peeks = list(read_peeks(peek_path))
    internal = Lines()
    internal.add("/* Generated by proto/generate.py: NAME_merge adds what it reads to `to`. */")
    internal.add("#ifndef HUTONG_V1_MESSAGES_INTERNAL_H\n#define HUTONG_V1_MESSAGES_INTERNAL_H")
    internal.add('#include "hutong/v1/messages.h"')
    for message in schema.values():
        internal.add("MUST_USE enum status %s_merge(struct span bytes, struct arena *arena, struct %s *to);", message.snake, message.struct)
    ordered = sorted_structs()
    folder = os.path.join(where, "hutong/v1")
    os.makedirs(folder, exist_ok=True)
    internal.add("enum { /* field numbers */")
    for message in schema.values():
        for field in message.fields:
            internal.add("    %s_%s_NUMBER = %d,", message.snake.upper(), field.proto.name.upper(), field.number)
    internal.add("};\n#endif")
    save(os.path.join(folder, "messages.h"), write_header(ordered, peeks))
    save(os.path.join(folder, "messages_internal.h"), internal)
    for stem in stems:
        out = Lines()
        out.add("/* Generated by proto/generate.py from %s.proto. */", stem)
        out.add('#include "common/pb/coding_internal.h"\n')
        mine = [message for message in schema.values() if message.stem == stem]
        for struct in ordered:
            if struct.messages[0].stem == stem:
                write_struct_blank(struct, out)
        for message in mine:
            write_message(message, out)
        for name, message, fields in peeks:
            if message.stem == stem:
                write_peek(name, message, fields, out)
        save(os.path.join(folder, "messages_%s.c" % stem), out)
    out = Lines()
    out.add('/* Generated by proto/generate.py. */')
    write_schema(out)
    write_names(out)
    save(os.path.join(folder, "schema.c"), out)
    strip(plain, os.path.join(where, "plain.binpb"))


stems, enums, names, schema, structs = [], [], [], {}, {}
if __name__ == "__main__":
    main(*sys.argv[1:])
