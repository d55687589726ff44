# SPDX-License-Identifier: Apache-2.0
"""What the kept logs hold: coverage.py FILE.zst... counts kinds of events, outcomes, records of the books and rules, and names what of the
schema and of common/codes/rule.def none of them holds. Fails when a kind of event, or a rule that can stand on a log, is in none of which
the build that wrote them knew (knows.txt beside them)."""
import collections
import importlib
import os
import re
import subprocess
import sys
import tempfile

from google.protobuf.message import DecodeError

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROTO = os.path.join(ROOT, "proto")
# Said by the edge alone, about what is not accepted or not asked rightly: it stands in no log.
EDGE = {101, 102, 103, 104, 105, 106, 301, 302, 303, 307, 867, 901, 902, 904}
# What another rule comes before: who draws the benefit (735), is not enrolled (736) or has rows ahead of today (734) is refused for that;
# undocumented one-off rows are 738; enrolment at the target is not asked of the unemployed.
HIDDEN = {708, 709, 716, 719, 836}


def schema():
    """Modules of the schema by the name of their file."""
    generated = tempfile.TemporaryDirectory(prefix="hutong-pb-")
    names = sorted(each for each in os.listdir(os.path.join(PROTO, "hutong/v1")) if each.endswith(".proto"))
    subprocess.run(["protoc", "--proto_path", PROTO, "--python_out", generated.name] + ["hutong/v1/" + each for each in names], check=True)
    sys.path.insert(0, generated.name)
    modules = {each[:-6]: importlib.import_module("hutong.v1.%s_pb2" % each[:-6]) for each in names}
    generated.cleanup()
    return modules


def records(path):
    """(kind, bytes, partition) of each; the format is in histories.c."""
    plain, at = subprocess.run(["zstd", "-dc", "--long=27", path], stdout=subprocess.PIPE, check=True).stdout, 0
    while at < len(plain):
        size = int.from_bytes(plain[at + 2:at + 6], "little")
        yield chr(plain[at]), plain[at + 6:at + 6 + size], plain[at + 1]
        at += 6 + size


class Coverage:
    def __init__(self):
        of = schema()
        self.envelope, self.submission = of["envelope"].Envelope, of["outcome"].Submission
        self.verdict, self.outcome, self.books_record = of["outcome"].Verdict, of["outcome"].Outcome, of["books"].BooksRecord
        self.asked = {b"books": (of["books"].BooksQuery, of["books"].BooksAnswer),
                      b"audit": (of["audit"].AuditQuery, of["audit"].AuditAnswer),
                      b"settlement": (of["transfer"].TransferQuery, of["transfer"].TransferAnswer)}
        self.seen, self.fields = collections.defaultdict(collections.Counter), set()

    def take_fields(self, message):
        """Which fields are filled in, and which values of an enumeration."""
        waiting = [message]
        while waiting:
            for field, value in waiting.pop().ListFields():
                values = value if field.label == field.LABEL_REPEATED else [value]
                self.fields.add(field.full_name)
                if field.message_type:
                    waiting.extend(values)
                elif field.enum_type:
                    self.fields.update("%s=%d" % (field.full_name, each) for each in values)

    def read(self, kind, bytes_):
        try:
            return kind.FromString(bytes_)
        except DecodeError:
            self.seen["undecodable"][kind.DESCRIPTOR.name] += 1
            return None

    def take(self, what, kind, bytes_):
        message = self.read(kind, bytes_)
        if message is not None and bytes_:
            self.take_fields(message)
            for finding in getattr(message, "findings", []):
                self.seen["rule"][finding.rule] += 1
                self.seen["rule of " + what][finding.rule] += 1
            if what in ("outcome", "books"):
                self.seen[what][message.kind] += 1

    def take_submission(self, bytes_):
        submission = self.read(self.submission, bytes_)
        envelope = submission and self.read(self.envelope, submission.envelope)
        if not envelope:
            return
        kind = envelope.WhichOneof("body") or "none"
        self.seen["event"][kind] += 1
        if kind == "transfer":
            self.seen["letter"][envelope.transfer.scheme, envelope.transfer.WhichOneof("step")] += 1
        if kind in ("bill_trial", "bill_settle"):
            self.seen["care"][getattr(envelope, kind).care_kind] += 1
        self.take_fields(envelope)

    def take_file(self, path):
        question, damaged = None, False
        for kind, bytes_, _ in records(path):
            if kind == "H":
                damaged = b"damaged" in bytes_
            elif damaged:  # on purpose: what stands in it is no coverage
                continue
            elif kind == "S":
                self.take_submission(bytes_)
            elif kind == "V":
                self.take("verdict", self.verdict, bytes_)
            elif kind == "O":
                self.take("outcome", self.outcome, bytes_)
            elif kind == "B":
                self.take("books", self.books_record, bytes_)
            elif kind == "Q":
                core, question = bytes_.split(b"\0", 1)
                self.seen["question"][core.decode()] += 1
                question_of, answer_of = self.asked[core]
                question = question[3:] if core == b"settlement" else question  # its question is a field of its own
            elif kind == "A" and bytes_ != b"!":
                self.take("question", question_of, question)
                self.take("answer", answer_of, bytes_)

    def lacking_fields(self):
        roots = [self.envelope, self.verdict, self.outcome, self.books_record] + [each for pair in self.asked.values() for each in pair]
        waiting, known, lacking = [each.DESCRIPTOR for each in roots], set(), []
        while waiting:
            message = waiting.pop()
            if message.full_name in known:
                continue
            known.add(message.full_name)
            for field in message.fields:
                if field.full_name not in self.fields:
                    lacking.append(field.full_name)
                if field.message_type:
                    waiting.append(field.message_type)
                elif field.enum_type:
                    lacking += ["%s=%s" % (field.full_name, each.name) for each in field.enum_type.values
                                if each.number and "%s=%d" % (field.full_name, each.number) not in self.fields]
        return sorted(lacking)


def known(paths):
    """Kinds of events and numbers of rules that the builds knew which wrote these logs."""
    words = set()
    for directory in {os.path.dirname(each) for each in paths}:
        words.update(open(os.path.join(directory, "knows.txt")).read().split())
    return words


def main(paths):
    coverage = Coverage()
    for path in paths:
        coverage.take_file(path)
    for what, counts in coverage.seen.items():
        print("%s: %s" % (what, ", ".join("%s %d" % (key, counts[key]) for key in sorted(counts, key=str))))
    text = open(os.path.join(ROOT, "common/codes/rule.def")).read()
    rules = {int(number): code for number, code in re.findall(r'^RULE\((\d+), "([A-Z0-9-]+)"', text, re.M)}
    no_rules = [rules[each] for each in sorted(set(rules) - set(coverage.seen["rule"]) - EDGE - HIDDEN)
                if str(each) in known(paths)]
    no_events = [each.name for each in coverage.envelope.DESCRIPTOR.oneofs_by_name["body"].fields if
                 each.name in known(paths) and each.name not in coverage.seen["event"]]
    print("fields and values in none: %s" % ", ".join(coverage.lacking_fields()))
    unexpected = sorted((EDGE | HIDDEN) & set(coverage.seen["rule"]))
    print("rules that were not expected on a log: %s" % unexpected)
    print("rules in none: %s" % ", ".join(no_rules))
    print("kinds of events in none: %s" % ", ".join(no_events))
    return 1 if no_rules or no_events or unexpected else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
