# SPDX-License-Identifier: Apache-2.0
"""Keys and values of tables, built and taken apart: straight-line C of each layout of store.def, made when building.

  rows.py STORE.DEF DIRECTORY    writes DIRECTORY/books.h and so on, one header a store

A row `name` whose key is of parts (not one text, not one message) gets
  NAME_PART_AT, NAME_KEY_SIZE    where each part begins, and how long the key is but for what is left
  name_key(parts...)             the key
  name_key_read(key, &parts)     its parts, in a struct name_key; false: these bytes are no such key
and the same of its value (NAME_VALUE_PART_AT). Where a table holds several kinds of rows, each is name_kind. Of a message at the end the caller
takes care: `name_value` is what stands before it."""
import os
import re
import sys

WIDTHS = {1: "uint8_t", 2: "uint16_t", 4: "uint32_t", 6: "uint64_t", 8: "uint64_t"}


class Part:
    """One part of a layout: its C name, its kind (t, b, l, s, f, h as in store.def; c: text of one byte; ', rest, message), its bytes."""

    def __init__(self, text):
        sized = re.fullmatch(r"(.*) \((\d+)(?:, (\w+))?\)(\.\.\.)?", text)
        self.size = int(sized.group(2)) if sized else 0
        if text[0] == "'":
            self.kind, self.text, self.size = "'", text[1:-1], len(text) - 2
        elif sized and not sized.group(4):
            self.kind = (sized.group(3) or ("text" if self.size > 1 else "character"))[0].lower()
        else:
            self.kind, self.size = ("message" if text[0].isupper() and not sized else "rest"), 0
        self.name = re.sub(r"\W+", "_", (sized.group(1) if sized else text).replace("'", "").lower())

    def member(self):
        if self.kind in "blf":
            return "%s %s;" % (WIDTHS[self.size], self.name)
        return {"t": "char %s[%d];" % (self.name, self.size + 1), "c": "char %s;" % self.name, "s": "int64_t %s;" % self.name, "h": "const uint8_t *%s;" % self.name}.get(
            self.kind, "struct span %s;" % self.name)

    def parameter(self):
        return {"t": "const char *", "c": "char ", "s": "int64_t ", "h": "const uint8_t *", "rest": "struct span "}.get(self.kind, "uint64_t ") + self.name

    def put(self, at):
        to = "built.bytes + %d, " % at
        return {"'": 'memcpy(%s"%s", %d);' % (to, getattr(self, "text", ""), self.size),
                "t": "row_put_text(%s%s, %d);" % (to, self.name, self.size),
                "c": "built.bytes[%d] = (uint8_t)%s;" % (at, self.name),
                "h": "memcpy(%s%s, %d);" % (to, self.name, self.size),
                "b": "bytes_put_be(%s%s, %d);" % (to, self.name, self.size),
                "f": "bytes_put_be(%sUINT32_MAX - %s, %d);" % (to, self.name, self.size),
                "l": "bytes_put_le(%s%s, %d);" % (to, self.name, self.size),
                "s": "bytes_put_le(%s(uint64_t)%s, %d);" % (to, self.name, self.size),
                "rest": "row_put_rest(&built, %s);" % self.name}[self.kind]

    def take(self, at):
        to, of = "parts->" + self.name, "bytes.data + %d" % at
        if self.kind in "blf":
            number = "bytes_get_%s(%s, %d)" % ("le" if self.kind == "l" else "be", of, self.size)
            return "%s = (%s)%s%s;" % (to, WIDTHS[self.size], "(UINT32_MAX - %s)" % number if self.kind == "f" else number, "")
        return {"t": "memcpy(%s, %s, %d);\n    %s[%d] = 0;" % (to, of, self.size, to, self.size),
                "c": "%s = (char)bytes.data[%d];" % (to, at),
                "s": "%s = (int64_t)bytes_get_le(%s, %d);" % (to, of, self.size),
                "h": "%s = %s;" % (to, of)}.get(self.kind, "%s = span_of(%s, bytes.size - %d);" % (to, of, at))


def side(name, layout, of_key):
    """The C of a key or a value; nothing where there is nothing to lay out."""
    parts = [] if layout == "nothing" else [Part(text) for text in layout.split(" | ")]
    if not parts or (len(parts) == 1 and parts[0].kind in ("rest", "message")):
        return
    which = name + ("_key" if of_key else "_value")
    places, size = [], 0
    for part in parts:
        places.append((part, size))
        size += part.size
    put = [(part, at) for part, at in places if part.kind != "message"]
    named = [part for part, _ in places if part.kind != "'"]
    ends = parts[-1].size == 0
    yield "\n/* %s */" % layout
    for part, at in places:
        if part.kind != "'" and at > 0:
            yield "enum { %s_%s_AT = %d };" % ((name if of_key else which).upper(), part.name.upper(), at)
    yield "enum { %s_SIZE = %d };" % (which.upper(), size)
    yield "static inline struct row_bytes %s(%s)" % (which, ", ".join(part.parameter() for part, _ in put if part.kind != "'") or "void")
    yield "{\n    struct row_bytes built;\n    built.size = %d;" % size
    yield from ("    " + part.put(at) for part, at in put)
    yield "    return built;\n}"
    if not named:
        return
    yield "struct %s {" % which
    yield from ("    " + part.member() for part in named)
    yield "};\nstatic inline bool %s_read(struct span bytes, struct %s *parts)" % (which, which)
    checks = ["bytes.size %s %d" % ("<" if ends else "!=", size)]
    checks += ["memcmp(bytes.data + %d, \"%s\", %d) != 0" % (at, part.text, part.size) for part, at in places if part.kind == "'"]
    yield "{\n    if (%s)\n        return false;" % " || ".join(checks)
    yield from ("    " + part.take(at) for part, at in places if part.kind != "'")
    yield "    return true;\n}"


def main(table, directory):
    stores = {}
    for store, name, layout in re.findall(r'^([A-Z]+)\(\w+, "([\w.]+)", \w+, "([^"]*)"', open(table, encoding="utf-8").read(), flags=re.M):
        for row in layout.split("; "):
            kind, _, sides = row.rpartition(": ")
            key, value = sides.split(" -> ")
            whose = "_".join(filter(None, [name.replace(".", "_"), kind.replace(" ", "_")]))
            stores.setdefault(store, []).extend([*side(whose, key, True), *side(whose, value, False)])
    for store, lines in stores.items():
        guard = "HUTONG_COMMON_STORE_ROWS_%s_H" % store
        text = "/* SPDX-License-Identifier: Apache-2.0\n * Made by rows.py of store.def. */\n#ifndef %s\n#define %s\n#include \"common/store/row.h\"\n%s\n#endif\n"
        with open(os.path.join(directory, store.lower() + ".h"), "w", encoding="utf-8") as header:
            header.write(text % (guard, guard, "\n".join(lines)))


main(*sys.argv[1:])
