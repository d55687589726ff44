# SPDX-License-Identifier: Apache-2.0
"""A day of every kind of care recorded and replayed: equal digests, no difference; one amount changed in the expected trace is found and shown in one
line. Along the way: dead letters and their way back, metrics that promtool accepts, no identity number in any log or metric."""
import glob
import importlib
import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
import xml.etree.ElementTree

from exchange import REGIONS, SERVICES, Exchange, check, main, records
from stranger import bill, connect, envelope_pb, gate_pb, load_demo, outcome_pb

trace_pb = importlib.import_module("hutong.v1.trace_pb2")
MASK = (1 << 64) - 1


def xxh64(data):
    """XXH64, seed 0 (the format's checksum)."""
    p1, p2, p3, p4, p5 = 11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579, 2870177450012600261
    rotate = lambda value, by: ((value << by) | (value >> (64 - by))) & MASK
    turn = lambda acc, lane: rotate((acc + lane * p2) & MASK, 31) * p1 & MASK
    at, size = 0, len(data)
    if size >= 32:
        v = [(p1 + p2) & MASK, p2, 0, -p1 & MASK]
        while at + 32 <= size:
            for i in range(4):
                v[i] = turn(v[i], int.from_bytes(data[at + 8 * i:at + 8 * i + 8], "little"))
            at += 32
        acc = (rotate(v[0], 1) + rotate(v[1], 7) + rotate(v[2], 12) + rotate(v[3], 18)) & MASK
        for lane in v:
            acc = ((acc ^ turn(0, lane)) * p1 + p4) & MASK
    else:
        acc = p5
    acc = (acc + size) & MASK
    while at + 8 <= size:
        acc = (rotate(acc ^ turn(0, int.from_bytes(data[at:at + 8], "little")), 27) * p1 + p4) & MASK
        at += 8
    if at + 4 <= size:
        acc = (rotate(acc ^ int.from_bytes(data[at:at + 4], "little") * p1 & MASK, 23) * p2 + p3) & MASK
        at += 4
    while at < size:
        acc = rotate(acc ^ data[at] * p5 & MASK, 11) * p1 & MASK
        at += 1
    acc = (acc ^ (acc >> 33)) * p2 & MASK
    acc = (acc ^ (acc >> 29)) * p3 & MASK
    return acc ^ (acc >> 32)


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def change_one_amount(path, out):
    """The 100th settled outcome's cash, one fen more."""
    plain = subprocess.run(["zstd", "-d", "-c", path], stdout=subprocess.PIPE, check=True).stdout
    changed, seen, position = [], 0, None
    for each in records(plain):
        size = 1
        while each[size - 1] >= 0x80:
            size += 1
        record = trace_pb.TraceRecord.FromString(each[size:])
        if record.HasField("outcome"):
            outcome = outcome_pb.Outcome.FromString(record.outcome.outcome)
            seen += outcome.kind == outcome_pb.OUTCOME_KIND_SETTLED
            if seen == 100 and position is None:
                position = record.outcome.position
                outcome.amounts.cash_pay_fen += 1
                record.outcome.outcome = outcome.SerializeToString(deterministic=True)
                record.checksum = xxh64(record.outcome.SerializeToString(deterministic=True))
        each = record.SerializeToString(deterministic=True)
        changed.append(varint(len(each)) + each)
    subprocess.run(["zstd", "-q", "-f", "-o", out], input=b"".join(changed), check=True)
    return position


def replays(exchange, trace):
    with Exchange("replayed", bare=True, trace_clock=True) as fresh:
        fresh.up()
        fresh.run("trace", "replay", trace, "--junit", os.path.join(fresh.directory, "day.xml"))
        check(exchange.digests() == fresh.digests(), "the digests differ after the replay")
        wrong = os.path.join(fresh.directory, "wrong.trace")
        position = change_one_amount(trace, wrong)
        again = os.path.join(fresh.directory, "again.trace")
        fresh.run("trace", "record", again)
        check(fresh.run("trace", "diff", trace, again).returncode == 0, "the recorded replay differs")
        found = fresh.run("trace", "diff", wrong, again, codes=(1,)).stdout.decode().splitlines()
        check(len(found) == 2 and "position %d amounts.cashPayFen" % position in found[0] and found[1].endswith(" 1 differ"),
              "one changed amount is shown as: %s" % found)
        print("        %s" % found[0])
        report = os.path.join(fresh.directory, "diff.xml")
        fresh.run("trace", "diff", wrong, again, "--junit", report, codes=(1,))
        suite = xml.etree.ElementTree.parse(report).getroot()
        check((suite.get("failures"), suite.get("errors")) == ("1", "0") and float(suite.get("time")) > 0, "D12: %s" % suite.attrib)
        check(int(suite.get("tests")) == len(suite.findall("testcase")) > 100, "D12: tests %s" % suite.get("tests"))
        failure = suite.find("testcase/failure")
        check("amounts.cashPayFen: expected " in failure.text and "amounts.cashPayFen" in failure.get("message"), "D12: %s" % failure.text)
        for words, code in ((("--ignore", "amounts.cashPayFen"), 0), (("--ignore", "amounts"), 0), (("--only", "steps"), 0), (("--only", "cash_pay_fen"), 1)):
            fresh.run("trace", "diff", wrong, again, *words, codes=(code,))
        shown = fresh.run("trace", "show", again).stdout.decode().splitlines()
        check(len(shown) == int(suite.get("tests")) + 1 and "SETTLED" in shown[position], "show: %s" % shown[-2:])
        one = fresh.json("trace", "show", again, "--from", str(position), "--to", str(position + 1))
        check(len(one) == 1 and one[0]["position"] == position and "billSettle" in one[0]["envelope"] and one[0]["outcome"]["steps"], "show --json: %s" % one)
        middle = os.path.join(fresh.directory, "middle.trace")
        fresh.run("trace", "record", middle, "--from", "3", "--to", "5")
        with Exchange("empty", bare=True, trace_clock=True) as empty:
            empty.up()
            empty.run("trace", "replay", middle, "--junit", report, codes=(1,))
        stopped = xml.etree.ElementTree.parse(report).getroot()
        check(stopped.get("errors") == "1" and "the log ends at 0 here" in stopped.find("testcase/error").get("message"), "D12: stopped half-way")
        cut = os.path.join(fresh.directory, "cut.trace")
        with open(trace, "rb") as whole, open(cut, "wb") as part:
            part.write(whole.read()[:-200])
        torn = fresh.run("trace", "diff", trace, cut, "--junit", report, codes=(4,))
        check(torn.stdout == b"" and b"breaks off" in torn.stderr, "D13: %s" % torn.stdout[:200])
        check(xml.etree.ElementTree.parse(report).getroot().get("errors") == "1", "D13: the report")
        check("testcase" in open(os.path.join(fresh.directory, "day.xml")).read(), "no JUnit report")


def every_kind_of_care(exchange):
    """The mix, with filings, qualifications and catalogues; all of it is applied and settles."""
    words = ("--mix", "--catalogue", "1000")
    for part in (("--only-reference",), ("--only-bills", "--bills", "2000")):
        for region in REGIONS:
            events = exchange.gen(*words, *part, "--sender", region)
            exchange.run("--as", region, "submit", "--binary", "--quiet", "--await", "-", stdin=events)


def dead_letters(exchange):
    """A body that no service knows: accepted, dead-lettered with its bytes, sent through again by the operator."""
    gate, mailbox = connect(exchange, "120000")
    envelope = envelope_pb.Envelope.FromString(bill(bill_id="dead"))
    envelope.ClearField("bill_settle")
    bytes_ = envelope.SerializeToString(deterministic=True) + b"\xb2\x06\x02\x08\x01"  # field 102
    receipt = gate.receipt(bytes_)
    check(receipt.kind == gate_pb.RECEIPT_KIND_ACCEPTED, "an unknown body is not accepted: %s" % receipt)
    outcome = mailbox.outcome(receipt.position)
    check(outcome.kind == outcome_pb.OUTCOME_KIND_DEAD_LETTER and outcome.dead_reason, "no dead letter: %s" % outcome)
    listed = exchange.json("dead", "list")
    check([each["position"] for each in listed] == [receipt.position], "dead list says %s" % listed)
    check(listed[0]["cause"] == "field 102 of Envelope: unknown" and listed[0]["service"] == "validation", "the cause: %s" % listed)
    shown = exchange.run("dead", "show", str(receipt.position)).stdout.decode() + json.dumps(exchange.json("dead", "show", str(receipt.position)))
    person = envelope.person_id
    check("field 102" in shown and person[:6] + "********" + person[-4:] in shown, "shown: %s" % shown)
    check(person not in shown and person.encode().hex() not in shown, "an identity number is shown")
    again = exchange.json("dead", "requeue", str(receipt.position), "--reason", "a test")[0]
    second = mailbox.outcome(again["position"])
    check(second.kind == outcome_pb.OUTCOME_KIND_DEAD_LETTER, "still nobody can read it, so it is dead again: %s" % second)
    exchange.run("dead", "requeue", "1", "--reason", "a test", codes=(1,))


def d20_dealt_with(exchange):
    """One message is one letter, however often it is tried; dropped it leaves the list, the count and the alert."""
    listed = exchange.json("dead", "list")
    check(len(listed) == 1, "one message, one letter: %s" % listed)
    again = exchange.json("dead", "requeue", str(listed[0]["position"]), "--reason", "a test")[0]["position"]
    connect(exchange, "120000")[1].outcome(again)
    exchange.json("digest", "--wait", "60")
    check([each["position"] for each in exchange.json("dead", "list")] == [again], "after the third try: %s" % exchange.json("dead", "list"))
    check(waits_for(lambda: letters_waiting(exchange) == 1), "the metric says %s" % letters_waiting(exchange))
    exchange.run("dead", "drop", "settlement", str(again), "--reason", "of another service", codes=(1,))
    exchange.run("dead", "drop", "validation", str(again), codes=(2,))
    exchange.run("dead", "drop", "validation", str(again), "--reason", "sent again by hand")
    exchange.run("dead", "drop", "validation", str(again), "--reason", "sent again by hand", codes=(1,))
    check(exchange.json("dead", "list") == [], "it is still there: %s" % exchange.json("dead", "list"))
    check(waits_for(lambda: letters_waiting(exchange) == 0), "the metric says %s" % letters_waiting(exchange))


def letters_waiting(exchange):
    return exchange.metrics("validation")['hutong_dead_letters{core="validation",partition="0"}']


def waits_for(holds, patience_s=15):
    until = time.monotonic() + patience_s
    while not holds() and time.monotonic() < until:
        time.sleep(0.2)
    return holds()


def metrics_and_secrets(exchange):
    everything = []
    for service in SERVICES:
        base = "http://127.0.0.1:%d" % exchange.http_port(service)
        check(urllib.request.urlopen(base + "/healthz").status == 200, "%s is not healthy" % service)
        check(urllib.request.urlopen(base + "/readyz").status == 200, "%s is not ready" % service)
        text = urllib.request.urlopen(base + "/metrics").read()
        everything.append((service + "/metrics", text.decode()))
        if shutil.which("promtool"):
            # Calendar days are what the law counts; promtool would have seconds.
            seconds = b"".join(line for line in text.splitlines(True) if b"hutong_gazette_days_left" not in line)
            verdict = subprocess.run(["promtool", "check", "metrics"], input=seconds, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            check(verdict.returncode == 0, "promtool on %s: %s" % (service, verdict.stdout.decode()))
    for path in glob.glob(os.path.join(exchange.directory, "data/log/*.log")):
        everything.append((path, open(path, errors="replace").read()))
    for where, text in everything:
        found = re.search(r"(?<!\d)[1-6]\d{5}(19|20)\d{9}[\dX]", text)
        check(found is None, "an identity number stands in %s" % where)


def snapshots(exchange):
    """A state that was lost is put back from a snapshot, and goes on from there to the same digest."""
    place = os.path.join(exchange.directory, "snapshots")
    taken = exchange.json("snapshot", place)
    before = exchange.digests()
    check(len(taken) == 6, "snapshots: %s" % taken)
    exchange.down()
    data = os.path.join(exchange.directory, "data")
    for core in ("settlement", "audit", "books", "mailbox", "mailbox_books"):
        source = glob.glob(os.path.join(place, core + "-0-*"))[0]
        shutil.rmtree(os.path.join(data, core + "-0"))
        shutil.copytree(source, os.path.join(data, core + "-0"))
    shutil.rmtree(os.path.join(data, "validation-0"))  # and this one is made again from the log
    exchange.up()
    check(exchange.digests() == before, "another state after the snapshot was put back")
    exchange.run("trim", "1000000", codes=(0, 1))


def day(exchange):
    exchange.load_reference()
    for region in REGIONS:
        bills = exchange.gen("--only-bills", "--bills", "3000", "--sender", region)
        exchange.run("--as", region, "submit", "--binary", "--quiet", "--await", "-", stdin=bills)
    every_kind_of_care(exchange)
    dead_letters(exchange)
    d20_dealt_with(exchange)
    bad = exchange.run("--as", "120000", "submit", "--await", "-", stdin=b'{"personId": "110101198001011012", "billSettle": {}}', codes=(1,))
    check(b"110101198001011012" not in bad.stdout + bad.stderr, "an identity number in an answer's text")
    metrics_and_secrets(exchange)
    exchange.quieten()
    trace = os.path.join(exchange.directory, "day.trace")
    exchange.run("trace", "record", trace)
    replays(exchange, trace)
    snapshots(exchange)


main(day, "day", load_demo, http=True)
