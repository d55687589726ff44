# SPDX-License-Identifier: Apache-2.0
"""Money, days, ids, and envelopes of them."""
from __future__ import annotations

import datetime
import os
import re
import threading
import time
from decimal import Decimal

from google.protobuf.message import Message

from . import canonical
from .errors import Refused
from .v1 import envelope_pb2

ENVELOPE_MAX = 524_288
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_last_id, _lock = 0, threading.Lock()


def fen(yuan: "Decimal | int | str") -> int:
    """Yuan to fen, exactly: ValueError for parts of a fen, TypeError for float, which holds no such number."""
    if isinstance(yuan, (bool, float)) or not isinstance(yuan, (Decimal, int, str)):
        raise TypeError("money is an int, a Decimal or a text, never %s" % type(yuan).__name__)
    amount = Decimal(yuan)
    if not amount.is_finite():
        raise ValueError("no amount of money: %s" % yuan)
    sign, digits, exponent = amount.as_tuple()
    whole, power = int("".join(map(str, digits))), int(exponent) + 2
    if whole and power > 18:
        raise ValueError("beyond int64 fen: %s" % yuan)
    value, rest = (whole * 10 ** power, 0) if power >= 0 else divmod(whole, 10 ** -power)
    if whole == 0:
        return 0
    if rest or value >= 1 << 63:
        raise ValueError("parts of a fen, or beyond int64 fen: %s" % yuan)
    return -value if sign else value


def yuan(amount: int) -> Decimal:
    """Fen to yuan, exactly."""
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise TypeError("fen are an int")
    return Decimal("%s%d.%02d" % ("-" if amount < 0 else "", *divmod(abs(amount), 100)))


def day(date: datetime.date) -> int:
    """YYYYMMDD. Of an instant with a zone: its day in Asia/Shanghai."""
    if isinstance(date, datetime.datetime):
        if date.tzinfo is None:
            raise ValueError("an instant without a zone has no day")
        date = date.astimezone(datetime.timezone(datetime.timedelta(hours=8)))
    return date.year * 10000 + date.month * 100 + date.day


def new_id() -> str:
    """A UUIDv7; ids of one process ascend."""
    global _last_id
    with _lock:
        number = time.time_ns() // 1_000_000 << 80 | int.from_bytes(os.urandom(10), "big")
        number = number & ~(0xF << 76) & ~(3 << 62) | 7 << 76 | 2 << 62
        if number <= _last_id:
            number = _last_id + 1
            if number >> 62 & 3 != 2:  # the random bits ran over: begin anew in the next millisecond
                number = (number >> 80) + 1 << 80 | 7 << 76 | 2 << 62
        _last_id = number
    text = "%032x" % number
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def new_envelope(sender: str, event: str, body: Message, person_id: str = "", message_id: str = "") -> envelope_pb2.Envelope:
    """`event`: a member of Envelope.body, as "bill_settle"."""
    envelope = envelope_pb2.Envelope(version=1, sender=sender, message_id=message_id or new_id(), sent_at_ms=time.time_ns() // 1_000_000,
                                     person_id=person_id)
    field = envelope.DESCRIPTOR.oneofs_by_name["body"].fields
    if event not in [each.name for each in field]:
        raise ValueError("no event %s" % event)
    getattr(envelope, event).CopyFrom(body)
    getattr(envelope, event).SetInParent()
    return envelope


def encode(envelope: envelope_pb2.Envelope) -> bytes:
    """Its canonical bytes; Refused, with the exchange's own code, where it would not be taken. In the exchange's order."""
    data = envelope.SerializeToString(deterministic=True)
    if len(data) > ENVELOPE_MAX:
        raise Refused("ENV-0002", "", "%d bytes" % len(data))
    canonical.check(envelope.DESCRIPTOR, data)
    if envelope.version != 1:
        raise Refused("ENV-0003", "version")
    if not _UUID.fullmatch(envelope.message_id):
        raise Refused("ENV-0004", "message_id")
    if envelope.WhichOneof("body") is None:
        raise Refused("ENV-0006")
    return data
