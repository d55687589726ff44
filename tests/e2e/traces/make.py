# SPDX-License-Identifier: Apache-2.0
"""Makes the traces of data/traces (README there) again: what is sent is put together here, from generated data, from data/demo and
from the conversations of the tests; what is expected is what this build's exchange makes of it. The same tree makes the same bytes.
Wants a build.  scripts/make-traces [--into DIR] [NAME...]"""
import base64
import hashlib
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, ".."))
from exchange import BIN, ROOT, Exchange, check  # noqa: E402
import refusals  # noqa: E402
import stories  # noqa: E402
from stranger import connect, envelope_pb  # noqa: E402

QUIET = {"bare": True, "trace_clock": True, "tick_interval_ms": 0, "log_limit_mib": 1024, "state_map_mib": 1024}


def fixed(name, index, value):
    """The same message with an id and a salt that are made of its place alone; what the gate drew by chance is gone."""
    drawn = hashlib.sha256(("%s %d" % (name, index)).encode()).digest()
    value.pop("outcome", None)
    value.pop("outcomeBytes", None)
    value.pop("signature", None)
    value["salt"] = base64.b64encode(drawn[:16]).decode()
    id = "%012x7%s8%s" % (value["acceptedAtMs"], drawn.hex()[:3], drawn.hex()[3:18])
    id = "-".join((id[:8], id[8:12], id[12:16], id[16:20], id[20:]))
    if "envelopeBytes" in value:
        envelope = envelope_pb.Envelope.FromString(base64.b64decode(value["envelopeBytes"]))
        envelope.message_id, envelope.sent_at_ms = id, value["acceptedAtMs"]
        value["envelopeBytes"] = base64.b64encode(envelope.SerializeToString(deterministic=True)).decode()
    else:
        value["envelope"].update(messageId=id, sentAtMs=str(value["acceptedAtMs"]))
    return value


def decided(name, values, to):
    """A trace of what is sent, and what a fresh exchange makes of it."""
    sent = to + ".sent"
    with Exchange(name, **QUIET) as exchange:
        exchange.up()
        exchange.run("trace", "from-json", "-", sent, stdin="\n".join(json.dumps(each) for each in values).encode())
        exchange.run("trace", "replay", sent)
        exchange.json("digest", "--wait", "60", timeout=200)
        exchange.run("trace", "record", to)
    os.remove(sent)


def make(name, story, into):
    """Lives it once, for what is sent, in its order; then again, for what comes of it."""
    path = os.path.join(into, name + ".trace")
    with Exchange(name, **dict(QUIET, bare=False)) as exchange:
        exchange.up()
        more = list(story(exchange) or [])
        exchange.json("digest", "--wait", "60", timeout=200)
        exchange.run("trace", "record", path)
        values = exchange.json("trace", "show", path) + more
    decided(name, [fixed(name, index, value) for index, value in enumerate(values)], path)
    print("%-10s %6d messages %8d bytes" % (name, len(values), os.path.getsize(path)))


def make_edge(into):
    """What the gate says of bytes that it does not let in, and of those that it has: a line each, in their order, behind zoo.trace."""
    path = os.path.join(into, "zoo.trace")
    with Exchange("edge", **QUIET) as exchange:
        exchange.up()
        exchange.run("trace", "replay", path)
        known = exchange.json("trace", "show", path)
        settled = [each for each in known if each["outcome"]["kind"] == "OUTCOME_KIND_SETTLED"][0]
        first = stories.bill(bill_id="Z0", message_id=settled["envelope"]["messageId"])
        envelope = envelope_pb.Envelope.FromString(first)
        envelope.sent_at_ms = settled["acceptedAtMs"]
        same = envelope.SerializeToString(deterministic=True)
        envelope.bill_settle.diagnosis = "J18.901"
        sent = [("the same bytes again", same), ("the same id for other content", envelope.SerializeToString(deterministic=True))]
        sent += [(what, re.sub(rb"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", lambda found: stories.id_like(found.group(), index), data))
                 for index, (what, data) in enumerate(stories.edge(None))]
        gate, _ = connect(exchange, "120000")
        lines = [json.dumps({"what": what, "envelope": base64.b64encode(data).decode(), **stories.said(gate, data)}) + "\n" for what, data in sent]
    done = subprocess.run(["zstd", "-19", "-q", "-c"], input="".join(lines).encode(), stdout=subprocess.PIPE, check=True)
    with open(os.path.join(into, "zoo.edge.jsonl.zst"), "wb") as file:
        file.write(done.stdout)
    print("zoo.edge   %6d messages %8d bytes" % (len(lines), len(done.stdout)))


def broken_in(path):
    """Position by number of rule, the first."""
    found = {}
    shown = subprocess.run([os.path.join(BIN, "hutong"), "--json", "trace", "show", path], stdout=subprocess.PIPE, check=True).stdout
    for line in shown.splitlines():
        value = json.loads(line)
        for finding in value["outcome"].get("findings", []):
            found.setdefault(finding["rule"], value["position"])
    return found


def make_list(into):
    """Which rule is broken where, and which cannot be."""
    found = {}
    for name in stories.ALL:
        for number, position in broken_in(os.path.join(into, name + ".trace")).items():
            found.setdefault(number, (name, position))
    with open(os.path.join(into, "rules.tsv"), "w") as file:
        file.write(refusals.listed(found))
    print("rules      %6d broken of %d" % (len(found), len(refusals.rules())))


def main():
    words = sys.argv[1:]
    into = os.path.join(ROOT, "data/traces")
    if words[:1] == ["--into"]:
        into, words = words[1], words[2:]
    os.makedirs(into, exist_ok=True)
    unknown = [each for each in words if each not in stories.ALL]
    check(not unknown, "there is no such trace: %s" % unknown)
    for name, story in stories.ALL.items():
        if not words or name in words:
            stories.BROKEN.update(broken_in(os.path.join(into, "refusals.trace")) if name == "refusals-2" else ())
            make(name, story, into)
            if name == "zoo":
                make_edge(into)
    if all(os.path.exists(os.path.join(into, name + ".trace")) for name in stories.ALL):
        make_list(into)


main()
