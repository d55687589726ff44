# SPDX-License-Identifier: Apache-2.0
"""A day with bills, transfers, refusals, a dead letter, nonsense with identity numbers in odd places, and a crash: no person in any log,
metric, page or answer of a tool; the day recorded under pseudonyms holds none either, and replays to the outcomes that it states."""
import collections
import importlib
import json
import os
import re
import socket
import subprocess
import time
import urllib.request

from exchange import REGIONS, SERVICES, Exchange, check, main, records
from letters import BEIJING, TIANJIN, Letters, identity
from scan import Secrets, scan
from stranger import bill, connect, envelope_pb, gate_pb, load_demo, outcome_pb

trace_pb = importlib.import_module("hutong.v1.trace_pb2")
PERSON = identity("11010119850615001")
NAMED = "王小明"
DIAGNOSIS = "C50.912x003"
secrets = Secrets([PERSON], [NAMED, DIAGNOSIS])
said = []  # what the tool said, that is not asked to show anybody: a name, bytes


def plain(binary):
    """Messages of length-delimited records."""
    for each in records(binary):
        size = 1
        while each[size - 1] >= 0x80:
            size += 1
        yield each[size:]


def hear(exchange, *words, **options):
    done = exchange.run(*words, codes=None, **options)
    said.append(("hutong " + " ".join(words), done.stdout + done.stderr))
    return done


def generated(exchange, region, *words):
    binary = exchange.gen(*words, "--sender", region)
    secrets.add_envelopes(envelope_pb.Envelope.FromString(each) for each in plain(binary))
    hear(exchange, "--as", region, "submit", "--binary", "--quiet", "--await", "-", stdin=binary)


def bills(exchange):
    for words in (("--mix", "--only-reference", "--catalogue", "200"), ("--mix", "--catalogue", "200", "--only-bills", "--bills", "600")):
        for region in REGIONS:
            generated(exchange, region, *words)


def transfers(exchange):
    for number in range(14):
        for region in REGIONS:
            generated(exchange, region, "--transfers", "40", "--round", str(number))
    letters = Letters(exchange)
    letters.enrol(PERSON, TIANJIN, "110")
    head = {"transferId": "T-" + PERSON, "scheme": "TRANSFER_SCHEME_PENSION", "sourceArea": BEIJING, "targetArea": TIANJIN}
    for sender, step in ((TIANJIN, {"application": {"sourceType": "110", "targetType": "110", "householdDivision": "120101"}}),
                         (BEIJING, {"informationForm": {"contributionMonths": 1}}),
                         (TIANJIN, {"contactLetter": {"office": NAMED, "bank": "Bank of " + PERSON, "bankAccount": "62220001"}}),
                         (TIANJIN, {"withdrawal": {"reason": NAMED + " " + PERSON}})):
        letters.send(sender, PERSON, transfer={**head, **step})
    yesterday = int(time.strftime("%Y%m%d", time.gmtime(time.time() + 8 * 3600 - 86400)))
    certificates = []
    for i in range(10, 28):
        person = identity("110101194902%02d001" % i)
        secrets.numbers.add(person.encode())
        certificates.append({"personId": person, "certification": {"certificationId": "C-%d" % i, "payingArea": BEIJING, "residenceArea": "131000",
                                                                   "request": {"dueDate": yesterday, "monthlyPensionFen": "300000"}}})
    hear(exchange, "--as", BEIJING, "submit", "--quiet", "--await", "-", stdin=json.dumps(certificates).encode())


def odd_places(exchange):
    """Where no identity number belongs; all are refused, or kept, and none is told to who did not send it."""
    gate, mailbox = connect(exchange, "120000")
    for fields in ({"bill_id": PERSON}, {"bill_id": PERSON * 2}, {"institution": PERSON}, {"insured_area": PERSON}, {"care_kind": PERSON},
                   {"diagnosis": DIAGNOSIS}, {"diagnosis": PERSON}, {"credential": PERSON}, {"special_disease": PERSON}):
        receipt = gate.receipt(bill(**fields))
        check(receipt.kind == gate_pb.RECEIPT_KIND_ACCEPTED, "%s: %s" % (fields, receipt))
        mailbox.outcome(receipt.position)
    person = envelope_pb.Envelope.FromString(bill()).person_id
    secrets.numbers.add(person.encode())
    for change in ({"message_id": PERSON}, {"sender": PERSON}, {"traceparent": PERSON}, {"person_id": PERSON[:-1] + "x"}, {"person_id": NAMED}):
        envelope = envelope_pb.Envelope.FromString(bill())
        for name, value in change.items():
            setattr(envelope, name, value)
        gate.receipt(envelope.SerializeToString(deterministic=True))
    gate.submit(PERSON.encode(), b"\x2a\x12" + PERSON.encode())
    gate.query_id(PERSON)
    mailbox.fetch(0, mailbox=PERSON)
    reversal = envelope_pb.Envelope.FromString(bill())
    reversal.bill_reversal.settlement_position, reversal.bill_reversal.reason = 1, NAMED
    mailbox.outcome(gate.receipt(reversal.SerializeToString(deterministic=True)).position)
    port = exchange.http_port("ingest")
    for path in ("/" + PERSON, "/metrics?" + PERSON):
        with socket.create_connection(("127.0.0.1", port)) as http:
            http.sendall(("GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\n\r\n" % (path, PERSON, PERSON)).encode())
            http.settimeout(5)
            said.append(("HTTP " + path, http.recv(65536)))


def dead_letter(exchange):
    """A body that nobody knows, which may hold anything."""
    gate, mailbox = connect(exchange, "120000")
    envelope = envelope_pb.Envelope.FromString(bill(person=PERSON[:-1], bill_id="dead"))
    envelope.ClearField("bill_settle")
    inside = b"\x0a" + bytes([len(PERSON)]) + PERSON.encode()
    receipt = gate.receipt(envelope.SerializeToString(deterministic=True) + b"\xb2\x06" + bytes([len(inside)]) + inside)
    check(mailbox.outcome(receipt.position).kind == outcome_pb.OUTCOME_KIND_DEAD_LETTER, "no dead letter")
    hear(exchange, "dead", "list")
    hear(exchange, "dead", "show", str(receipt.position))
    hear(exchange, "--json", "dead", "show", str(receipt.position))
    hear(exchange, "dead", "requeue", str(receipt.position), "--reason", "a test")
    return receipt.position


def tool(exchange, position):
    """What is asked of the tool with the number in the question, and what shows rows masked."""
    for words in (("transfer", "show", "T-" + PERSON), ("transfer", "list"), ("--json", "transfer", "list"), ("certificate", "show", PERSON),
                  ("transfer", "show", PERSON), ("track", PERSON), ("--json", "track", str(position)), ("explain", PERSON), ("--as", PERSON, "mailbox"),
                  ("mailbox", "--party", PERSON), ("dump", PERSON), ("trace", "show", PERSON), ("keys", "new", PERSON), ("status",),
                  ("--json", "status"), ("ledger", "balances"), ("digest",), ("dead", "show", PERSON), ("submit", PERSON), ("policy", "check", PERSON)):
        hear(exchange, *words)
    hear(exchange, "--as", "120000", "submit", "--await", "-", stdin=('{"personId": "%s", "billSettle": {"%s": 1, "billId": {}}}' % (PERSON, PERSON)).encode())
    hear(exchange, "--as", "120000", "submit", "--await", "-", stdin=('{"personId": "%s", "billSettle": {"careKind": "%s"}}' % (PERSON, PERSON)).encode())
    for store in ("settlement-0", "settlement-1", "validation-0", "books-0", "ingest-0", "audit-0", "mailbox-0", "mailbox_books-0"):
        place = os.path.join(exchange.directory, "data", store)
        for table in [each["table"] for each in exchange.json("dump", place, codes=None)]:
            hear(exchange, "dump", place, "--table", table)


def pages(exchange):
    for service in SERVICES:
        for page in ("/healthz", "/readyz", "/metrics"):
            said.append((service + page, urllib.request.urlopen("http://127.0.0.1:%d%s" % (exchange.http_port(service), page)).read()))


def nobody_is_found(exchange):
    """Logs, what was said, and cores; checkpoints, evidence, and the transparency log as anybody may read it, tiles and entries."""
    public = os.path.join(exchange.directory, "public-%d" % time.time_ns())
    exchange.run("audit", "export", public)
    places = [os.path.join(exchange.directory, "data", each) for each in ("log", "evidence", "checkpoint", "checkpoint.final")] + [public]
    check(os.path.isdir(os.path.join(public, "tile/entries")) and os.path.isfile(places[2]), "no transparency log to look at")
    logs = [os.path.join(places[0], each) for each in os.listdir(places[0]) if each.endswith(".log")]
    cores = [os.path.join(exchange.directory, each) for each in os.listdir(exchange.directory) if re.match(r"core(\.|$)", each)]
    check(logs and said, "nothing was looked at")
    found = scan(secrets, logs + places[1:] + cores, said)
    check(not found, "%d places name a person:\n%s" % (len(found), "\n".join(found[:20])))
    print("        %d numbers, %d words in none of %d logs and %d answers" % (len(secrets.numbers), len(secrets.words), len(logs), len(said)))


def outcomes_of(path):
    binary = subprocess.run(["zstd", "-dc", path], stdout=subprocess.PIPE, check=True).stdout
    for each in plain(binary):
        record = trace_pb.TraceRecord.FromString(each)
        if record.HasField("outcome"):
            yield outcome_pb.Outcome.FromString(record.outcome.outcome)


def same_day(mine, theirs):
    """Kinds, rules, amounts and postings, position by position, whoever the persons are."""
    count = 0
    for left, right in zip(outcomes_of(mine), outcomes_of(theirs)):
        for name in ("position", "message_id", "kind", "amounts", "reversed", "postings", "steps", "bill_id", "event", "deliver_to"):
            equal = getattr(left, name) == getattr(right, name) or name == "bill_id" and PERSON in left.bill_id
            check(equal, "position %d: %s differs" % (left.position, name))
        check([each.rule for each in left.findings] == [each.rule for each in right.findings], "position %d: other rules" % left.position)
        count += 1
    return count


def pseudonymised(exchange):
    place = lambda name: os.path.join(exchange.directory, name)
    with open(place("key"), "wb") as key:
        key.write(os.urandom(32))
    exchange.quieten()
    end = str(exchange.position())
    exchange.run("trace", "record", place("day.trace"), "--to", end)
    for name in ("first.trace", "again.trace"):
        exchange.run("trace", "record", place(name), "--to", end, "--pseudonymise", "--key", place("key"))
    exchange.run("trace", "record", place("other.trace"), "--to", end, "--pseudonymise")
    exchange.run("trace", "record", place("no.trace"), "--key", place("key"), codes=(2,))
    exchange.run("trace", "record", place("no.trace"), "--pseudonymise", "--key", place("nothing"), codes=(4,))
    check(open(place("first.trace"), "rb").read() == open(place("again.trace"), "rb").read(), "the same key, another trace")
    check(open(place("first.trace"), "rb").read() != open(place("other.trace"), "rb").read(), "another key, the same trace")
    check(scan(secrets, [place("day.trace")]), "the scan finds nobody in a trace that is full of them")
    check(any(len(each.due) > 1 for each in outcomes_of(place("day.trace"))), "no notice of several persons in the day")
    count = same_day(place("day.trace"), place("first.trace"))
    check(count == int(end), "%d outcomes of %s" % (count, end))
    for name in ("first.trace", "other.trace"):
        found = scan(secrets, [place(name)])
        check(not found, "%d left in %s:\n%s" % (len(found), name, "\n".join(found[:20])))
        with Exchange("replayed", partitions=2, bare=True, trace_clock=True) as fresh:
            fresh.up()
            fresh.run("trace", "replay", place(name))
    print("        %d positions under pseudonyms replay to what they state" % count)


def lines(exchange, *words):
    """An export, by kind."""
    by = collections.defaultdict(list)
    for each in exchange.json("person", "export", "--reason", "a test", *words):
        by[each["kind"]].append(each)
    return by


def looked_at(exchange):
    """Everything on one person, nobody else, and each look at it; what cannot be recorded is not shown."""
    settled = envelope_pb.Envelope.FromString(bill(bill_id="looked-at", person=PERSON[:-1]))
    gate, mailbox = connect(exchange, "120000")
    position = gate.receipt(settled.SerializeToString(deterministic=True)).position
    outcome = mailbox.outcome(position)
    exchange.run("explain", str(position), "--reason", "complaint 7")
    exchange.run("--as", "120000", "explain", str(position))  # its own outcome: no record
    exchange.run("mailbox", "--party", "120000", "--from", "0", "--count", "1")
    exchange.run("mailbox", "--party", "120000", "--books", "--from", "0", "--count", "1")  # no persons there
    exchange.run("certificate", PERSON, codes=(0, 1))
    exchange.run("dump", os.path.join(exchange.directory, "data", "settlement-0"), "--table", "persons", "--unmasked")
    exchange.run("dump", os.path.join(exchange.directory, "data", "settlement-0"), "--table", "persons")
    exchange.json("digest", "--wait", "60")
    time.sleep(6)  # states are committed once a second, those of the books every five
    first = lines(exchange, PERSON, "--reason", "request of the person")
    looks = [(each["concerns"], each["command"], each["scope"], each["purpose"]) for each in first["access"]]
    wanted = [("message", "explain", "message", "complaint 7"), ("many", "mailbox", "mailbox 120000", "mailbox"),
              ("person", "certificate", "person", "certificate"), ("many", "dump", "settlement-0/persons", "dump"),
              ("person", "person export", "person", "request of the person")]
    check([each for each in looks if each in wanted] == wanted, "accesses: %s" % looks)
    check(all(each["by"] for each in first["access"]), "by nobody: %s" % first["access"])
    held = {each["position"]: each for each in first["message"]}
    check(held[position]["envelope"]["billSettle"]["billId"] == "looked-at", "the bill is not there: %s" % held.get(position))
    check(held[position]["outcome"]["kind"] == "OUTCOME_KIND_" + outcome_pb.OutcomeKind.Name(outcome.kind)[len("OUTCOME_KIND_"):], "its outcome")
    check({"transfer", "enrolment"} <= {name for each in held.values() for name in each["envelope"]}, "letters, an enrolment: %s" % list(held))
    rows = {(each["store"][:-2] if each["store"][-2:-1] == "-" else each["store"], each["table"]) for each in first["row"]}
    expected = {("ingest", "ids"), ("validation", "enrolments"), ("settlement", "transfers"), ("mailbox", "outcomes"), ("mailbox", "mailbox"), ("audit", "trail")}
    check(expected <= rows, "rows of %s are lacking" % (expected - rows))
    whole = json.dumps(dict(first)).encode()
    others = sorted(secrets.numbers - {PERSON.encode()})
    check(not Secrets([each.decode() for each in others]).found_in(whole), "another person in the export")
    second = lines(exchange, PERSON)
    check(len(second["access"]) == len(first["access"]) + 1, "the export is no access: %s" % second["access"])
    text = exchange.run("person", "export", PERSON, "--reason", "a test").stdout.decode()
    check("looked at by" in text and "messages" in text, text[-500:])
    pensioner = identity("11010119490210001")
    notice = lines(exchange, pensioner)
    check(notice["notice"] and all(line["personId"] == pensioner for each in notice["notice"] for line in each["outcome"]["due"]),
          "notices of a pensioner: %s" % notice["notice"])
    nobody = identity("11010119010101001")
    check(exchange.run("person", "export", nobody, "--reason", "a test", codes=(1,)).stdout, "nothing is held")
    exchange.run("--as", "120000", "person", "export", PERSON, codes=(2,))
    print("        %d messages, %d rows, %d accesses of one person, nobody else" % (len(first["message"]), len(first["row"]), len(first["access"])))


def unrecorded(exchange):
    place = os.path.join(exchange.directory, "data", "settlement-0")
    exchange.down()
    refused = exchange.run("dump", place, "--table", "persons", "--unmasked", codes=(3,))
    check(refused.stdout == b"" and b"cannot be recorded" in refused.stderr, "shown without a record: %s" % refused.stderr)
    shown = exchange.run("dump", place, "--table", "persons", "--unmasked", "--unrecorded").stdout
    check(secrets.found_in(shown), "--unrecorded shows nobody")
    exchange.up()


def privacy(exchange):
    bills(exchange)
    transfers(exchange)
    odd_places(exchange)
    position = dead_letter(exchange)
    for service in ("settlement", "validation", "ingest"):
        exchange.kill(service)
    exchange.up_again()
    tool(exchange, position)
    pages(exchange)
    nobody_is_found(exchange)
    looked_at(exchange)
    unrecorded(exchange)
    pseudonymised(exchange)
    nobody_is_found(exchange)


main(privacy, "privacy", load_demo, http=True, partitions=2)
