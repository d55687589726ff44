# SPDX-License-Identifier: Apache-2.0
"""The ready-made traces, each into a fresh exchange by the script that docs/ci shows; what the gate says of the zoo; in parts; which
differences count; as JSON and back; the list of rules held against rule.def."""
import glob
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

from exchange import BIN, ROOT, Exchange, check, free_ports, main

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "traces"))
import stories  # noqa: E402
from stranger import connect  # noqa: E402

KEPT = os.path.join(ROOT, "data/traces")
FRESH = {"bare": True, "trace_clock": True, "tick_interval_ms": 0, "log_limit_mib": 1024, "state_map_mib": 1024}


def hutong(*words, codes=(0,), stdin=None):
    done = subprocess.run([os.path.join(BIN, "hutong"), *words], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    check(done.returncode in codes, "%s: exit code %d %s %s" % (" ".join(words), done.returncode, done.stdout[-500:], done.stderr[-500:]))
    return done


def values_of(path):
    return [json.loads(line) for line in hutong("--json", "trace", "show", path).stdout.splitlines()]


def all_of_them(place):
    """By docs/ci/replay.sh; a report each, whose sums are right."""
    ports = free_ports(2)
    environment = dict(os.environ, HUTONG_BIN=os.path.abspath(BIN), GATE_PORT=str(ports[0]), MAILBOX_PORT=str(ports[1]))
    traces = sorted(glob.glob(os.path.join(KEPT, "*.trace")))
    check(sorted(os.path.basename(each)[:-6] for each in traces) == sorted(stories.ALL), "a trace for each story: %s" % traces)
    script = [os.path.join(ROOT, "docs/ci/replay.sh"), os.path.join(place, "reports")]
    done = subprocess.run(script + traces, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=200)
    check(done.returncode == 0, "replay.sh: %s" % done.stdout.decode()[-2000:])
    for trace in traces:
        suite = xml.etree.ElementTree.parse(os.path.join(place, "reports", os.path.basename(trace)[:-6] + ".xml")).getroot()
        check(suite.get("failures") == suite.get("errors") == "0" and int(suite.get("tests")) == len(suite.findall("testcase")) > 40,
              "%s: %s" % (trace, suite.attrib))
    # One that differs ends it with 1, and the report says where; what does not count may differ.
    wrong, at = changed(os.path.join(KEPT, "quiet.trace"), os.path.join(place, "wrong.trace"))
    done = subprocess.run(script + [wrong], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100)
    failures = xml.etree.ElementTree.parse(os.path.join(place, "reports/wrong.xml")).getroot().findall("testcase/failure")
    check(done.returncode == 1 and len(failures) == 1 and "amounts.cashPayFen" in failures[0].text, "a wrong fen: %s" % done.stdout)
    done = subprocess.run(script + [wrong], env=dict(environment, REPLAY_OPTIONS="--tolerate outcome.amounts.cashPayFen=1"), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=100)
    check(done.returncode == 0 and b"1 differences are within" in done.stdout, "a tolerated fen: %s" % done.stdout)
    return wrong, at


def changed(path, to):
    """The first settlement's cash, one fen more."""
    values = values_of(path)
    value = [each for each in values if "cashPayFen" in each["outcome"].get("amounts", {})][0]
    value["outcome"]["amounts"]["cashPayFen"] = str(int(value["outcome"]["amounts"]["cashPayFen"]) + 1)
    hutong("trace", "from-json", "-", to, stdin="\n".join(json.dumps(each, indent=1) for each in values).encode())
    return to, value["position"]


def which_count(place, wrong, at):
    right = os.path.join(KEPT, "quiet.trace")
    line = hutong("trace", "diff", right, wrong, codes=(1,)).stdout.decode().splitlines()[0]
    check(re.search(r"^position %d amounts.cashPayFen: expected .*; bill \S+$" % at, line), "with its bill: %s" % line)
    for words, code in ((("--ignore", "outcome.amounts.cash_pay_fen"), 0), (("--ignore", "amounts.*"), 0), (("--ignore", "steps"), 1), (("--only", "steps"), 0),
                        (("--only", "cashPayFen"), 1), (("--tolerate", "cashPayFen=1"), 0), (("--tolerate", "amounts.fundPayTotalFen=1"), 1),
                        (("--tolerate", "billId=1"), 2), (("--tolerate", "cashPayFen=x"), 2), (("--format", "yaml"), 2), (("--from", str(at), "--to", str(at + 1)), 1),
                        (("--to", str(at)), 0), (("--from", str(at + 1)), 0), (("--kind", "billSettle"), 1), (("--kind", "ENROLMENT"), 0),
                        (("--kind", "SETTLED"), 1), (("--region", "operator"), 0), (("--region", "999999"), 2), (("--json", "--format", "tap"), 2)):
        hutong("trace", "diff", right, wrong, *words, codes=(code,))
    for words, near in ((("--ignore", "amounts.cashPayFne"), b"amounts.cashPayFen"), (("--only", "outcome.stpes"), b"steps"), (("--kind", "bill_setle"), b"BILL_SETTLE")):
        said = hutong("trace", "diff", right, wrong, *words, codes=(2,)).stderr
        check(near in said, "what was meant: %s" % said)
    tap = hutong("trace", "diff", right, wrong, "--format", "tap", codes=(1,)).stdout.decode().splitlines()
    check(tap[0] == "TAP version 14" and tap[-1] == "1..141" and sum(each.startswith("not ok ") for each in tap) == 1
          and sum(each.startswith("ok ") for each in tap) == 140, "TAP: %s %s" % (tap[:3], tap[-3:]))
    xml.etree.ElementTree.fromstring(hutong("trace", "diff", right, wrong, "--format", "junit", codes=(1,)).stdout)
    rows = hutong("trace", "show", right, "--kind", "bill_settle", "--region", "120000").stdout.decode().splitlines()
    check(rows[:-1] and all("120000" in each and "SETTLED" in each for each in rows[:-1]), "shown by kind and region: %s" % rows[:3])


def json_and_back(place):
    """The same bytes, of fields that this build does not know too; what is wrong is said with its place."""
    for path in glob.glob(os.path.join(KEPT, "*.trace")):
        again = os.path.join(place, "again.trace")
        hutong("trace", "from-json", "-", again, stdin=hutong("--json", "trace", "show", path).stdout)
        check(open(path, "rb").read() == open(again, "rb").read(), "%s through JSON is another file" % path)
    for text, said in ((b'{"postion": 1}', b"postion"), (b'{"envelope": {"versoin": 1}}', b"versoin"), (b'[]', b"object"), (b'{"envelope"', b"value 1"),
                       (b'{"position": 3, "envelopeBytes": "!"}', b"value 1"), (b'{"position": -1}', b"position")):
        done = hutong("trace", "from-json", "-", os.path.join(place, "none.trace"), stdin=text, codes=(4,))
        check(said in done.stderr and not os.path.exists(os.path.join(place, "none.trace")), "%s: %s" % (text, done.stderr))


def in_parts(place):
    """The first half, then the rest onto it; the rest alone is refused at once. Behind it, the zoo's edge."""
    trace = os.path.join(KEPT, "zoo.trace")
    with Exchange("zoo", **FRESH) as exchange:
        exchange.up()
        refused = exchange.run("trace", "replay", trace, "--from", "20", codes=(1,))
        check(b"the log ends at 0 here" in refused.stderr and b"--to 20" in refused.stderr, "a gap: %s" % refused.stderr)
        said = exchange.run("trace", "replay", trace, "--to", "20").stdout
        check(b"20 submissions replayed" in said and b"20 outcomes compared, 0 differ" in said, "a part: %s" % said)
        said = exchange.run("trace", "replay", trace, "--from", "20", "--kind", "REFUSED").stdout
        check(b"33 submissions replayed" in said and b" outcomes compared, 0 differ" in said, "the rest: %s" % said)
        exchange.run("trace", "replay", trace)  # and all of it again
        gate, _ = connect(exchange, "120000")
        lines = subprocess.run(["zstd", "-dc", os.path.join(KEPT, "zoo.edge.jsonl.zst")], stdout=subprocess.PIPE, check=True).stdout.splitlines()
        check(len(lines) > 10, "the zoo has an edge")
        for line in lines:
            wanted = json.loads(line)
            what, data = wanted.pop("what"), base64.b64decode(wanted.pop("envelope"))
            said = stories.said(gate, data)
            check(said == wanted, "%s: %s instead of %s" % (what, said, wanted))


def rules_listed():
    """Each rule has its row, which is true: the position breaks it, or no trace does."""
    broken = {}
    for name in stories.ALL:
        for value in values_of(os.path.join(KEPT, name + ".trace")):
            for finding in value["outcome"].get("findings", []):
                broken.setdefault(finding["rule"], (name, value["position"]))
    with open(os.path.join(KEPT, "rules.tsv")) as file:
        check(file.read() == stories.refusals.listed(broken), "data/traces/rules.tsv: scripts/make-traces makes it again")
    print("        %d of %d rules are broken in a trace" % (len(broken), len(stories.refusals.rules())))


def traces():
    with tempfile.TemporaryDirectory(prefix="hutong-traces-") as place:
        wrong, at = all_of_them(place)
        which_count(place, wrong, at)
        json_and_back(place)
    in_parts(None)
    rules_listed()


main(traces)
