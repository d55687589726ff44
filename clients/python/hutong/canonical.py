# SPDX-License-Identifier: Apache-2.0
"""The canonical form of PROTOCOL, 3, held against the schema's descriptors."""
from __future__ import annotations

from google.protobuf.descriptor import Descriptor, FieldDescriptor as F

from .errors import NotCanonical

DEPTH_MAX, UNKNOWN_MAX = 8, 64
WIRE = {F.TYPE_FIXED64: 1, F.TYPE_DOUBLE: 1, F.TYPE_SFIXED64: 1, F.TYPE_STRING: 2, F.TYPE_BYTES: 2, F.TYPE_MESSAGE: 2, F.TYPE_FIXED32: 5,
        F.TYPE_FLOAT: 5, F.TYPE_SFIXED32: 5}
LIMIT = {F.TYPE_BOOL: 2, F.TYPE_UINT32: 1 << 32}


def fail(path: str, why: str):
    raise NotCanonical("ENV-0001", path, why)


def varint(data: bytes, at: int, path: str) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            fail(path, "a varint that does not end")
        byte = data[at]
        at, value, shift = at + 1, value | (byte & 0x7F) << shift, shift + 7
        if byte < 0x80:
            if (byte == 0 and shift > 7) or value >= 1 << 64:
                fail(path, "a varint that is not in its shortest form")
            return value, at


def content(data: bytes, at: int, wire: int, path: str) -> tuple[object, int]:
    if wire == 0:
        return varint(data, at, path)
    if wire == 2:
        size, at = varint(data, at, path)
    elif wire in (1, 5):
        size = 8 if wire == 1 else 4
    else:
        fail(path, "wire type %d" % wire)
    if size > len(data) - at:
        fail(path, "it breaks off")
    return data[at:at + size], at + size


def scalar(field: F, value, path: str, may_be_zero: bool) -> None:
    if field.type in LIMIT and value >= LIMIT[field.type]:
        fail(path, "out of range")
    if not may_be_zero and (value == 0 or (isinstance(value, bytes) and not value.strip(b"\0") and field.type != F.TYPE_BYTES)):
        fail(path, "a default value is left out")
    if field.type == F.TYPE_STRING:
        try:
            good = "\0" not in value.decode("utf-8")
        except UnicodeDecodeError:
            good = False
        if not good:
            fail(path, "not UTF-8, or with NUL")


def packed(field: F, data: bytes, path: str) -> None:
    at, wire = 0, WIRE.get(field.type, 0)
    if not data:
        fail(path, "packed, and empty")
    while at < len(data):
        value, at = content(data, at, wire, path)
        scalar(field, value, path, True)


def known(field: F, wire: int, value, path: str, depth: int) -> None:
    repeated = field.label == F.LABEL_REPEATED
    if repeated and field.type not in (F.TYPE_STRING, F.TYPE_BYTES, F.TYPE_MESSAGE):
        if wire != 2:
            fail(path, "repeated numbers are packed")
        return packed(field, value, path)
    if wire != WIRE.get(field.type, 0):
        fail(path, "wire type %d" % wire)
    if field.type == F.TYPE_MESSAGE:
        return check(field.message_type, value, path, depth + 1)
    may_be_zero = field.containing_oneof is not None or repeated
    if field.type == F.TYPE_BYTES and not may_be_zero and not value:
        fail(path, "a default value is left out")
    scalar(field, value, path, may_be_zero)


def check(descriptor: Descriptor, data: bytes, path: str = "", depth: int = 1) -> None:
    """NotCanonical, with the path of the first field that breaks a rule."""
    at = last = unknown = count = 0
    members: set[str] = set()
    if depth > DEPTH_MAX:
        fail(path, "nested deeper than %d" % DEPTH_MAX)
    while at < len(data):
        tag, at = varint(data, at, path)
        number, wire = tag >> 3, tag & 7
        field = descriptor.fields_by_number.get(number)
        repeated = field is not None and field.label == F.LABEL_REPEATED
        here = (path + "." if path else "") + (field.name if field else str(number))
        if not 0 < number < 1 << 29 or number < last or (number == last and field and (not repeated or wire != WIRE.get(field.type, 0))):
            fail(here, "out of order, or twice")
        count = count + 1 if number == last else 0
        value, at = content(data, at, wire, here)
        last = number
        if field is None:
            unknown += 1
            if unknown > UNKNOWN_MAX:
                fail(here, "more than %d unknown fields" % UNKNOWN_MAX)
            continue
        if repeated and field.type in (F.TYPE_STRING, F.TYPE_BYTES, F.TYPE_MESSAGE):
            here += "[%d]" % count
        one = field.containing_oneof
        if one is not None:
            if one.name in members:
                fail(here, "two members of %s" % one.name)
            members.add(one.name)
        known(field, wire, value, here, depth)
