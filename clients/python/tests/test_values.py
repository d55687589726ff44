# SPDX-License-Identifier: Apache-2.0
"""Money, ids, canonical form and signatures, without an exchange."""
from decimal import Decimal

import pytest
from google.protobuf import struct_pb2

from hutong import HutongError, NotCanonical, Refused, canonical, encode, fen, keys, new_envelope, new_id, yuan
from hutong.v1 import bill_pb2, envelope_pb2, gate_pb2


def test_money_is_exact():
    assert (fen("20000.00"), fen(Decimal("0.01")), fen(3), fen("-1.5"), yuan(-150)) == (2000000, 1, 300, -150, Decimal("-1.50"))
    assert fen("92233720368547758.07") == (1 << 63) - 1
    for bad in ("0.001", "92233720368547758.08", "NaN", "1e400"):
        with pytest.raises(ValueError):
            fen(bad)
    with pytest.raises(TypeError):
        fen(0.1)


def test_ids_ascend_and_are_version_7():
    ids = [new_id() for _ in range(5000)]
    assert ids == sorted(set(ids)) and all(each[14] == "7" and each[19] in "89ab" for each in ids)


def test_encodes_what_the_exchange_would_take():
    envelope = new_envelope("120000", "bill_settle", bill_pb2.Bill(bill_id="1", items=[bill_pb2.BillItem(code="x")]))
    assert envelope_pb2.Envelope.FromString(encode(envelope)) == envelope
    envelope.message_id = "X"
    with pytest.raises(Refused) as refused:
        encode(envelope)
    assert refused.value.code == "ENV-0004" and refused.value.zh and refused.value.remedy_en == "use a UUIDv7"


@pytest.mark.parametrize("data, path", [(b"\x12\x01a\x08\x01", "version"), (b"\x08\x81\x00", "version"), (b"\x08\x00", "version"),
                                        (b"\x12\x02\xc0\x80", "sender"), (b"\x08\x01\x08\x01", "version"), (b"\x0b", "version"),
                                        (b"\x8a\x01\x00\x92\x01\x00", "bill_reversal"), (b"\x12\x05a", "sender"),
                                        (b"\x08\x80\x80\x80\x80\x10", "version")])
def test_tells_what_is_not_canonical(data, path):
    with pytest.raises(NotCanonical) as found:
        canonical.check(envelope_pb2.Envelope.DESCRIPTOR, data)
    assert found.value.code == "ENV-0001" and found.value.path == path


def test_repeated_numbers_are_packed_and_nesting_has_an_end():
    assert gate_pb2.Submit.FromString(b"\x10\x01") == gate_pb2.Submit.FromString(b"\x12\x01\x01")
    canonical.check(gate_pb2.Submit.DESCRIPTOR, b"\x12\x01\x01")
    for bad in (b"\x10\x01", b"\x12\x00", b"\x12\x01\x01\x12\x01\x01"):
        with pytest.raises(NotCanonical):
            canonical.check(gate_pb2.Submit.DESCRIPTOR, bad)
    deep = b"\x32\x00"  # a list in a value, and so on: two levels each
    for _ in range(3):
        deep = bytes([0x32, len(deep) + 2, 0x0A, len(deep)]) + deep
    canonical.check(struct_pb2.Value.DESCRIPTOR, deep)
    with pytest.raises(NotCanonical):
        canonical.check(struct_pb2.ListValue.DESCRIPTOR, bytes([0x0A, len(deep)]) + deep)


def test_the_root_is_that_of_the_protocol():
    assert keys.root([b"one", b"two", b"three"]).hex() == "20f4ee52d1e1a101805861876569a852e8f5dfeed221da87aea446788a12f4c8"


def test_every_rule_has_its_texts():
    from hutong._rules import RULES
    assert len(RULES) > 100 and all(all(row[2:4]) for row in RULES.values())
    assert HutongError("AUT-0003").remedy_zh
