# SPDX-License-Identifier: Apache-2.0
"""Messages that break the rules, out of the kept histories of tests/compat: those tests of the rules which, taken together, break each rule
that a message can. Here they come one after the other in one log."""
import base64
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "../../compat"))
from google.protobuf.message import DecodeError  # noqa: E402

import coverage  # noqa: E402

KEPT = os.path.join(HERE, "../../compat/c51c1eb")
OF = coverage.schema()
SENDERS = ("110000", "120000", "130000", "operator", "exchange")
# Of the histories: long ones that say little that others do not.
LONG = 400


def histories():
    """(name, submissions, rules found)"""
    for file in ("messages", "rest"):
        name, submissions, rules = None, [], set()
        for kind, data, _ in coverage.records(os.path.join(KEPT, file + ".history.zst")):
            if kind == "H":
                if name:
                    yield name, submissions, rules
                name, submissions, rules = data.decode(), [], set()
            elif kind == "S":
                submissions.append(data)
            elif kind == "O" and data and "damaged" not in name:
                rules.update(each.rule for each in OF["outcome"].Outcome.FromString(data).findings)
        yield name, submissions, rules


def covering(all_of_them):
    """Those that break a rule which none before them breaks, most rules for their length first."""
    left, chosen = set().union(*[rules for _, _, rules in all_of_them]), []
    while left:
        best = max(all_of_them, key=lambda each: len(each[2] & left) / (len(each[1]) + 30))
        if not best[2] & left:
            break
        chosen.append(best)
        left -= best[2]
    return chosen


def last_stamp(submissions):
    """When the last was accepted: in one log the years must not go back, nor beyond the calendar before the others are done."""
    return max((OF["outcome"].Submission.FromString(each).accepted_at_ms for each in submissions), default=0)


def values(known):
    """Of rules that are not known yet. As trace from-json reads them; ids are given where the trace is made, since histories share theirs."""
    at = 0
    chosen = covering([(name, submissions, rules - known) for name, submissions, rules in histories() if len(submissions) <= LONG])
    for _, submissions, _ in sorted(chosen, key=lambda each: last_stamp(each[1])):
        for data in submissions:
            try:
                submission = OF["outcome"].Submission.FromString(data)
                envelope = OF["envelope"].Envelope.FromString(submission.envelope)
            except DecodeError:
                continue
            at = max(at, submission.accepted_at_ms)
            # The gate refuses the others: no trace can hold them.
            if envelope.sender in SENDERS and envelope.version == 1 and envelope.WhichOneof("body"):
                yield {"acceptedAtMs": at, "envelopeBytes": base64.b64encode(submission.envelope).decode()}


# ---- the list ----

OPEN = "in no trace yet; tests/unit and tests/table break it"
WHY = {
    "said at the gate, of what is not accepted or not asked rightly": coverage.EDGE,
    "another rule always comes before": coverage.HIDDEN,
}


def rules():
    """(number, code) of each row of rule.def."""
    with open(os.path.join(HERE, "../../../common/codes/rule.def")) as table:
        return [(int(number), code) for number, code in re.findall(r'^RULE\((\d+), "([^"]+)"', table.read(), re.M)]


def listed(found):
    """`found`: the trace and position at which a rule is first broken. A row a rule."""
    rows = ["code\ttrace\tposition or why not"]
    for number, code in rules():
        why = [reason for reason, numbers in WHY.items() if number in numbers]
        rows.append("%s\t%s\t%s" % ((code,) + (found[number] if number in found else ("-", why[0] if why else OPEN))))
    return "\n".join(rows) + "\n"
