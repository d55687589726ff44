# SPDX-License-Identifier: Apache-2.0
"""A client written from docs/PROTOCOL.md alone: Debian's python3-zmq and python3-protobuf, the schema compiled by protoc.
Imported by other tests; as a program: submits a bill, gets receipt and result, then tries what must be refused."""
import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import uuid

import zmq

from exchange import ROOT, check, main

_generated = tempfile.TemporaryDirectory(prefix="hutong-pb-")
_protos = [os.path.join("hutong/v1", each) for each in sorted(os.listdir(os.path.join(ROOT, "proto/hutong/v1"))) if each.endswith(".proto")]
subprocess.run(["protoc", "--proto_path", os.path.join(ROOT, "proto"), "--python_out", _generated.name] + _protos, check=True)
sys.path.insert(0, _generated.name)
gate_pb = importlib.import_module("hutong.v1.gate_pb2")
envelope_pb = importlib.import_module("hutong.v1.envelope_pb2")
outcome_pb = importlib.import_module("hutong.v1.outcome_pb2")

# The order in which states follow each other.
RANK = {gate_pb.MESSAGE_STATE_UNKNOWN: 0, gate_pb.MESSAGE_STATE_ACCEPTED: 1, gate_pb.MESSAGE_STATE_DECIDED: 2, gate_pb.MESSAGE_STATE_DELIVERED: 3}


def read_key(path):
    text = open(path).read()
    public = re.search(r'public-key = "(.{40})"', text).group(1)
    secret = re.search(r'secret-key = "(.{40})"', text)
    return public.encode(), secret.group(1).encode() if secret else None


class Client:
    """One DEALER to one endpoint, closed when nobody holds it any more. Frames are single-part; every request carries a number that
    comes back."""

    def __init__(self, endpoint, server_key=None, pair=None):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        if pair:
            self.socket.curve_serverkey = server_key
            self.socket.curve_publickey, self.socket.curve_secretkey = pair
        self.socket.connect(endpoint)
        self.number = int.from_bytes(os.urandom(4), "big")

    def request(self):
        self.number += 1
        return gate_pb.GateRequest(version=1, request=self.number)

    def ask(self, request, timeout_ms=5000, patience_ms=1000):
        """Sends, and sends again after silence, until the reply with this number comes; None after the timeout."""
        until = time.time() + timeout_ms / 1000
        frame = request.SerializeToString(deterministic=True)
        while time.time() < until:
            try:
                self.socket.send(frame, zmq.NOBLOCK)
            except zmq.Again:  # nobody lets us in
                time.sleep(0.05)
                continue
            quiet = min(until, time.time() + patience_ms / 1000)
            while time.time() < quiet:
                if not self.socket.poll(max(1, int((quiet - time.time()) * 1000))):
                    break
                reply = gate_pb.GateReply.FromString(self.socket.recv())
                if reply.request == request.request:
                    return reply
        return None

    def submit(self, *envelopes, timeout_ms=15000):
        """Receipts as they came, byte for byte; BUSY is waited out."""
        until = time.time() + timeout_ms / 1000
        while time.time() < until:
            request = self.request()
            request.submit.envelopes.extend(envelopes)
            reply = self.ask(request, timeout_ms)
            check(reply is not None, "no receipt in time")
            if reply.HasField("refusal") and reply.refusal.retry_helps:
                time.sleep(0.05)
                continue
            check(reply.HasField("receipts"), "refused: %s %s" % (reply.refusal.code, reply.refusal.en))
            return list(reply.receipts.receipts)
        check(False, "busy for too long")

    def receipt(self, envelope):
        return gate_pb.Receipt.FromString(self.submit(envelope)[0])

    def query_id(self, message_id):
        request = self.request()
        request.query.message_id = message_id
        return self.ask(request).query_answer

    def query_position(self, position):
        request = self.request()
        request.query.position = position
        return self.ask(request)

    def outcome(self, position, timeout_s=15):
        until = time.time() + timeout_s
        while time.time() < until:
            answer = self.query_position(position).query_answer
            if answer.outcome:
                return outcome_pb.Outcome.FromString(answer.outcome)
            time.sleep(0.01)
        check(False, "no outcome of %d" % position)

    def fetch(self, start, wait_ms=0, mailbox=""):
        request = self.request()
        request.fetch.mailbox, request.fetch.count_max, request.fetch.wait_ms = mailbox, 100, wait_ms
        setattr(request.fetch, "from", start)
        return self.ask(request, wait_ms + 5000, wait_ms + 1000)

    def confirm(self, through):
        request = self.request()
        request.confirm.through = through
        return self.ask(request).confirmed.through

    def __del__(self):
        self.close()

    def close(self):
        self.socket.close()
        self.context.term()


def connect(exchange, party, name=None):
    """Gate and mailbox of a party, with the keys that `hutong keys` made."""
    keys = os.path.join(exchange.directory, "keys")
    server, _ = read_key(os.path.join(keys, "server.key"))
    pair = read_key(os.path.join(keys, "clients", "%s.key_secret" % (name or party)))
    return Client(exchange.gate, server, pair), Client(exchange.mailbox, server, pair)


def bill(sender="120000", message_id=None, bill_id="S1", person="11010119800101101", fen=2000000, **fields):
    """One bill, in canonical form: protobuf's deterministic serialisation gives it."""
    weights, digits = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
    number = person + digits[sum(int(a) * b for a, b in zip(person, weights)) % 11]
    envelope = envelope_pb.Envelope(version=1, sender=sender, message_id=message_id or str(uuid.uuid4()), sent_at_ms=1, person_id=number)
    body = envelope.bill_settle
    body.bill_id, body.institution, body.insured_area, body.insurance_type = bill_id, "H12010199001", "110000", "310"
    body.care_kind, body.admission_date, body.discharge_date = "21", 20250301, 20250310
    body.diagnosis, body.credential, body.total_fen = "J18.900", "01", fen
    item = body.items.add()
    item.code, item.level, item.unit_price_micro, item.quantity_e4, item.amount_fen = "XN01AB00000000000000005", "01", fen * 10000, 10000, fen
    for name, value in fields.items():
        setattr(body, name, value)
    return envelope.SerializeToString(deterministic=True)


def load_demo(exchange):
    data = os.path.join(ROOT, "data/demo")
    for region in ("110000",):
        events = exchange.run("policy", "events", "--sender", region, *[os.path.join(ROOT, "data/policies/110000-3%s0.yaml" % n) for n in "19"]).stdout
        exchange.run("--as", region, "submit", "--quiet", "--await", "-", stdin=events)
    exchange.run("--as", "120000", "submit", "--quiet", "--await", os.path.join(data, "institutions.120000.json"))
    exchange.run("--as", "110000", "submit", "--quiet", "--await", os.path.join(data, "enrolments.110000.json"))


def submits_and_gets_its_result(exchange):
    gate, mailbox = connect(exchange, "120000")
    envelope = bill(bill_id="PY-1")
    receipt = gate.receipt(envelope)
    check(receipt.kind == gate_pb.RECEIPT_KIND_ACCEPTED, "not accepted: %s" % receipt)
    outcome = mailbox.outcome(receipt.position)
    check(outcome.kind == outcome_pb.OUTCOME_KIND_SETTLED, "not settled: %s" % outcome)
    check(outcome.amounts.pool_pay_fen == 1589500, "pool pays %d" % outcome.amounts.pool_pay_fen)
    check(sum(each.amount_fen for each in outcome.postings) == 0, "postings do not sum to zero")
    page = mailbox.fetch(0).mailbox_page
    check(any(outcome_pb.Outcome.FromString(each).message_id == outcome.message_id for each in page.outcomes), "not in the mailbox")
    check(mailbox.query_position(receipt.position).query_answer.state == gate_pb.MESSAGE_STATE_DECIDED, "not DECIDED")
    check(mailbox.confirm(page.end) == page.end, "confirmation")
    check(mailbox.query_position(receipt.position).query_answer.state == gate_pb.MESSAGE_STATE_DELIVERED, "not DELIVERED")
    answer = gate.query_id(outcome.message_id)
    check(answer.state == gate_pb.MESSAGE_STATE_ACCEPTED and answer.receipt == gate.submit(envelope)[0], "the receipt of a query differs")
    check(gate.query_id(str(uuid.uuid4())).state == gate_pb.MESSAGE_STATE_UNKNOWN, "an unknown id")


def asks_much_at_once(exchange):
    """More questions than the gate has under way at once, for one message and for many: what is busy, or dropped, is asked again;
    nobody dies."""
    gate, mailbox = connect(exchange, "120000")
    before, waiting, until = exchange.pid("ingest"), {}, time.time() + 20
    asked = [gate.receipt(bill(bill_id="M%d" % number)).message_id for number in range(80)]
    for message_id in 400 * asked[:1] + asked:
        request = gate.request()
        request.query.message_id = message_id
        waiting[request.request] = request.SerializeToString()
    while waiting:
        check(time.time() < until, "%d questions without an answer" % len(waiting))
        for frame in waiting.values():
            gate.socket.send(frame)
        while gate.socket.poll(100):
            reply = gate_pb.GateReply.FromString(gate.socket.recv())
            check(reply.query_answer.receipt or reply.refusal.code == "SYS-0001", "neither a receipt nor busy: %s" % reply)
            if reply.query_answer.receipt:
                waiting.pop(reply.request, None)
    check(exchange.pid("ingest") == before, "ingest was started again")


def refuses_strangers(exchange):
    end = exchange.position()
    server, _ = read_key(os.path.join(exchange.directory, "keys", "server.key"))
    nobody = Client(exchange.gate)
    check(nobody.ask(nobody.request(), 1500) is None, "a client without a key was answered")
    foreign = Client(exchange.gate, server, zmq.curve_keypair())
    request = foreign.request()
    request.submit.envelopes.append(bill(bill_id="X"))
    check(foreign.ask(request, 1500) is None, "a foreign key was answered")
    gate, mailbox = connect(exchange, "120000")
    receipt = gate.receipt(bill(sender="110000"))
    check((receipt.kind, receipt.refusal.code) == (gate_pb.RECEIPT_KIND_REFUSED, "AUT-0001"), "another region's sender: %s" % receipt)
    check(mailbox.fetch(0, mailbox="110000").refusal.code == "AUT-0003", "another region's mailbox")
    exchange.run("keys", "new", "120000", "--name", "second", "--reason", "a test")
    late, late_mailbox = connect(exchange, "120000", "second")
    check(late.query_id(str(uuid.uuid4())).state == gate_pb.MESSAGE_STATE_UNKNOWN, "a new key, without a restart")
    exchange.run("keys", "revoke", "second", "--reason", "a test")
    time.sleep(1.0)
    request = late.request()
    request.submit.envelopes.append(bill(bill_id="late"))
    reply = late.ask(request, 3000)
    check(reply is not None and reply.refusal.code == "AUT-0002", "a revoked key, while connected: %s" % reply)
    for client in (nobody, foreign, gate, mailbox, late, late_mailbox):
        client.close()
    check(exchange.position() == end + 4, "something of a stranger was stored")  # the making and the revoking of a key, each with its end
    time.sleep(1.2)
    counts = exchange.metrics("ingest")
    for name, count in counts.items():
        if name.startswith("hutong_connections_refused_total"):
            print("        %s %d" % (name, count))
    check(counts['hutong_connections_refused_total{reason="unknown_key"}'] >= 1, "unknown keys are not counted")
    check(counts['hutong_connections_refused_total{reason="handshake"}'] + counts['hutong_connections_refused_total{reason="not_curve"}'] >= 1,
          "plaintext is not counted")
    for code in ("AUT-0001", "AUT-0002"):
        check(counts['hutong_refusals_total{code="%s"}' % code] >= 1, "%s is not counted" % code)


def d15_says_who_was_refused(exchange):
    """The self-test counts as nobody; a stranger is counted once under one reason, and the log names address and key."""
    name = 'hutong_connections_refused_total{reason="%s"}'
    server, _ = read_key(os.path.join(exchange.directory, "keys", "server.key"))
    exchange.kill("ingest")
    exchange.up_again()
    time.sleep(1.2)
    counts = exchange.metrics("ingest")
    check(all(counts[name % reason] == 0 for reason in ("unknown_key", "not_curve", "handshake")), "nobody came, and %s" % counts)
    pair = zmq.curve_keypair()
    foreign = Client(exchange.gate, server, pair)
    check(foreign.ask(foreign.request(), 1500) is None, "a foreign key was answered")
    foreign.close()
    time.sleep(1.2)
    counts = exchange.metrics("ingest")
    check(counts[name % "unknown_key"] >= 1 and counts[name % "handshake"] == 0, "counted under another reason: %s" % counts)
    lines = [line for line in open(os.path.join(exchange.directory, "data/log/ingest-0.log")) if '"connection_refused"' in line]
    mine = [json.loads(line) for line in lines if pair[0].decode() in json.loads(line)["key"]]
    check(len(mine) == 1 and mine[0]["address"] == "127.0.0.1" and mine[0]["reason"] == "unknown_key", "the log: %s" % lines)


def stranger(exchange):
    exchange.quieten()
    submits_and_gets_its_result(exchange)
    asks_much_at_once(exchange)
    refuses_strangers(exchange)
    d15_says_who_was_refused(exchange)


main(stranger, "stranger", load_demo, http=True)
