# SPDX-License-Identifier: Apache-2.0
"""What must never crash us, nor stall others: random bytes, truncated and oversized frames, multi-part messages, wrong versions,
deep nesting, 100,000 items, invalid UTF-8, overflowing amounts, half-closed connections. While all of it goes on, a well-behaved
client's bills are settled, and no process dies."""
import os
import random
import socket
import struct
import threading
import time
import uuid

import zmq

from exchange import SERVICES, check, main
from stranger import bill, connect, envelope_pb, gate_pb, load_demo, outcome_pb


def frames(chance):
    """Frames for the gate, each bad in its own way, with the code of the refusal or None where silence is an answer too."""
    good = bill(bill_id="F")
    wrap = lambda envelope: gate_pb.GateRequest(version=1, request=7, submit=gate_pb.Submit(envelopes=[envelope])).SerializeToString()
    yield "random bytes", bytes(chance.randrange(256) for _ in range(300)), None
    yield "empty", b"", None
    yield "truncated", wrap(good)[:-7], None
    yield "wrong version", gate_pb.GateRequest(version=99, request=7, ping=gate_pb.Ping()).SerializeToString(), "ENV-0003"
    yield "no body", gate_pb.GateRequest(version=1, request=7).SerializeToString(), "ENV-0006"
    yield "no envelopes", gate_pb.GateRequest(version=1, request=7, submit=gate_pb.Submit()).SerializeToString(), "ENV-0006"
    yield "deep nesting", b"\x08\x01\x10\x07" + b"\x1a\x80\x20" + b"\x0a\x7f" * 2048, None
    yield "a group", b"\x08\x01\x10\x07\x1b\x1c", None
    yield "overlong varint", b"\x08\x81\x80\x80\x00\x10\x07", None
    yield "5,000 envelopes", gate_pb.GateRequest(version=1, request=7, submit=gate_pb.Submit(envelopes=[b""] * 5000)).SerializeToString(), None


def envelopes():
    """Envelopes in a good frame: (what, bytes, code of the refusal at the edge or None: a rule of the outcome)."""
    def changed(function, **words):
        envelope = envelope_pb.Envelope.FromString(bill(**words))
        function(envelope)
        return envelope.SerializeToString(deterministic=True)

    def item(number, **values):
        return lambda envelope: [setattr(envelope.bill_settle.items[number], name, value) for name, value in values.items()]

    good = bill(bill_id="E0")
    yield "not protobuf", b"\xff" * 40, "ENV-0001", None
    yield "invalid UTF-8", good.replace(b"J18.900", b"J18.\xff\xfe0"), "ENV-0001", None
    yield "a field twice", b"\x08\x01" + good, "ENV-0001", None
    yield "fields out of order", good + b"\x20\x05", "ENV-0001", None
    yield "600 kB", changed(lambda e: setattr(e.bill_settle, "diagnosis", "A" * 600000), bill_id="E1"), "ENV-0002", None
    yield "version 2", changed(lambda e: setattr(e, "version", 2), bill_id="E2"), "ENV-0003", None
    yield "an id in capitals", changed(lambda e: setattr(e, "message_id", str(uuid.uuid4()).upper()), bill_id="E3"), "ENV-0004", None
    yield "no body", changed(lambda e: e.ClearField("bill_settle"), bill_id="E4"), "ENV-0006", None
    yield "a tick of one's own", changed(lambda e: (e.ClearField("bill_settle"), e.tick.SetInParent(), setattr(e.tick, "number", 1)), bill_id="E5"), "AUT-0004", None
    yield "a negative total", bill(bill_id="E6", fen=-2000000), None, 526
    yield "an amount of 2^62", changed(lambda e: setattr(e.bill_settle, "total_fen", 1 << 62), bill_id="E7"), None, 510
    yield "an absurd quantity", changed(item(0, quantity_e4=1 << 60), bill_id="E8"), None, 510
    yield "an overflowing price", changed(item(0, unit_price_micro=(1 << 63) - 1), bill_id="E9"), None, 510
    yield "a level that is none", changed(item(0, level="09"), bill_id="E10"), None, 512
    yield "a code that is none", changed(item(0, code="???"), bill_id="E11"), None, 513
    yield "a share of 101 %", changed(item(0, first_own_share_bp=10100), bill_id="E12"), None, 514
    yield "discharge before admission", bill(bill_id="E13", discharge_date=20250201), None, 504
    yield "30 February", bill(bill_id="E14", discharge_date=20250230), None, 503
    yield "tomorrow's discharge", bill(bill_id="E15", discharge_date=20991231), None, 505
    yield "a line's number twice", changed(lambda e: (setattr(e.bill_settle.items[0], "line_id", "1"), e.bill_settle.items.add().CopyFrom(e.bill_settle.items[0]), setattr(e.bill_settle, "total_fen", 4000000)), bill_id="E16"), None, 527
    yield "born tomorrow", bill(bill_id="E17", person="11010120250401101"), None, 204
    yield "a person nobody knows", bill(bill_id="E18", person="11010119990101107"), None, 403
    yield "an unknown institution", bill(bill_id="E19", institution="H12010100777"), None, 401
    yield "care at home", bill(bill_id="E20", insured_area="120000"), None, 516
    yield "a bill's number of 31 characters", bill(bill_id="E" * 31), None, 501
    yield "no items", changed(lambda e: (e.bill_settle.ClearField("items"), setattr(e.bill_settle, "total_fen", 0)), bill_id="E21"), None, 511
    yield "5,000 items, the sum of one", changed(lambda e: e.bill_settle.items.extend([e.bill_settle.items[0]] * 4999), bill_id="E22"), None, 507
    yield "20,000 items", changed(lambda e: e.bill_settle.items.extend([e.bill_settle.items[0]] * 19999), bill_id="E23"), "ENV-0002", None
    yield "100,000 items", changed(lambda e: e.bill_settle.items.extend([e.bill_settle.items[0]] * 99999), bill_id="E24"), "dropped", None


def well_behaved(exchange, stop, problems, settled):
    gate, mailbox = connect(exchange, "120000")
    number = 0
    try:
        while not stop.is_set():
            number += 1
            before = time.time()
            receipt = gate.receipt(bill(bill_id="W%d" % number))
            outcome = mailbox.outcome(receipt.position)
            took = time.time() - before
            if outcome.kind != outcome_pb.OUTCOME_KIND_SETTLED or took > 2:
                problems.append("bill %d: kind %d after %.1f s" % (number, outcome.kind, took))
            settled.append(took)
    except Exception as problem:
        problems.append(repr(problem))


def raw_connections(exchange):
    """TCP without ZMTP: garbage, silence, half-closed; greetings that promise frames of 4 GiB."""
    port = int(exchange.gate.rsplit(":", 1)[1])
    kept = []
    for number in range(60):
        peer = socket.create_connection(("127.0.0.1", port), timeout=5)
        kept.append(peer)
        if number % 4 == 0:
            peer.sendall(os.urandom(200))
        elif number % 4 == 1:
            peer.sendall(b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\0CURVE" + b"\0" * 48)
            peer.sendall(b"\x06" + struct.pack(">Q", 1 << 32))
        elif number % 4 == 2:
            peer.shutdown(socket.SHUT_WR)
    return kept


def inside(exchange, chance):
    """The ipc endpoints of this machine get their share: broker and control."""
    context = zmq.Context()
    for name in ("broker.sock", "gate.sock", "mailbox.sock", "ingest-0.control", "validation-0.control", "settlement-0.control", "audit-0.control"):
        peer = context.socket(zmq.DEALER)
        peer.linger = 0
        peer.connect("ipc://%s/run/%s" % (exchange.directory, name))
        for size in (0, 1, 7, 300, 70000):
            peer.send(bytes(chance.randrange(256) for _ in range(size)))
            peer.send_multipart([b"a", b"", b"b" * size])
        for kind in range(2, 16):  # each kind of body, empty and with garbage
            peer.send(bytes([8, 1, 16, 5, kind << 3 & 0x7F | 2, 0]) if kind < 16 else b"")
            peer.send(b"\x08\x01\x10\x05" + bytes([kind << 3 & 0x7F | 2]) + b"\x05\xff\xff\xff\xff\xff")
        peer.close()
    context.term()


def several_parts(exchange, *clients):
    """A message of parts is told what is wrong; so is a REQ socket, which sees an answer behind its own empty delimiter alone."""
    for client in clients:
        for parts in ([b"two", b"parts"], [b"", b"\x08\x01"], [b"", b"", b""]):
            client.socket.send_multipart(parts)
            answer = client.socket.recv_multipart() if client.socket.poll(3000) else None
            check(answer is not None and answer[:-1] == ([b""] if parts[0] == b"" else []), "%s: %s" % (parts, answer))
            reply = gate_pb.GateReply.FromString(answer[-1])
            check(reply.request == 0 and reply.refusal.code == "ENV-0001" and "DEALER" in reply.refusal.path, "%s: %s" % (parts, reply))
        request = client.request()
        request.ping.SetInParent()
        check(client.ask(request, 3000) is not None, "no answer to what is in one part again")
    context = zmq.Context()
    asking = context.socket(zmq.REQ)
    asking.linger = 0
    asking.connect("ipc://%s/run/gate.sock" % exchange.directory)
    asking.send(b"\x08\x01\x10\x05")
    check(asking.poll(3000) and gate_pb.GateReply.FromString(asking.recv()).refusal.code == "ENV-0001", "a REQ is not answered")
    asking.close()
    context.term()


def bad_input(exchange):
    chance = random.Random(20251124)
    pids = {service: exchange.pid(service) for service in SERVICES}
    stop, problems, settled = threading.Event(), [], []
    good = threading.Thread(target=well_behaved, args=(exchange, stop, problems, settled))
    good.start()
    kept = raw_connections(exchange)
    gate, mailbox = connect(exchange, "120000")
    for what, frame, code in frames(chance):
        gate.socket.send(frame)
        if gate.socket.poll(300):
            reply = gate_pb.GateReply.FromString(gate.socket.recv())
            if code is not None:
                check(reply.refusal.code == code, "%s: %s" % (what, reply))
        else:
            check(code is None, "%s: no answer" % what)
    several_parts(exchange, gate, mailbox)
    huge, _ = connect(exchange, "120000")
    huge.socket.send(b"\0" * (8 << 20))  # this connection is lost, and no other
    count = 0
    for what, envelope, code, rule in envelopes():
        count += 1
        if code == "dropped":  # above the largest frame: the connection is lost, before anything is read
            lost, _ = connect(exchange, "120000")
            request = lost.request()
            request.submit.envelopes.append(envelope)
            check(lost.ask(request, 1500) is None, "%s: answered" % what)
            lost.close()
            continue
        receipt = gate.receipt(envelope)
        if code is not None:
            check((receipt.kind, receipt.refusal.code) == (gate_pb.RECEIPT_KIND_REFUSED, code), "%s: %s" % (what, receipt))
            check(receipt.refusal.zh and receipt.refusal.en, "%s: no sentences" % what)
            continue
        check(receipt.kind == gate_pb.RECEIPT_KIND_ACCEPTED, "%s: %s" % (what, receipt))
        outcome = mailbox.outcome(receipt.position)
        check(outcome.kind == outcome_pb.OUTCOME_KIND_REFUSED and not outcome.postings, "%s: not refused" % what)
        check(rule in [each.rule for each in outcome.findings], "%s: %s" % (what, [(each.rule, each.path) for each in outcome.findings]))
    inside(exchange, chance)
    time.sleep(1)
    stop.set()
    good.join(30)
    check(not problems, "others were stalled: %s" % problems[:3])
    check(len(settled) > 50, "only %d bills in the meantime" % len(settled))
    for service in SERVICES:
        check(exchange.pid(service) == pids[service], "%s was started again" % service)
    exchange.up_again()
    print("        %d bad envelopes; meanwhile %d good bills, the slowest %.0f ms" % (count, len(settled), max(settled) * 1000))
    for each in kept:
        each.close()


main(bad_input, "bad", load_demo)
