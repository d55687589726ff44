# SPDX-License-Identifier: Apache-2.0
"""The logs of an older build, told again under the newest logic: switched.py PROGRAM DIR [--table]. Before each history stand the tables
and the LogicVersion event of DIR/switch.zst, to the newest version; what the messages say of positions moves along. What comes out otherwise than it did is
counted by event, decision before and now, and amounts, and held against DIR/switched.txt, whose last column names the row of
common/codes/logic.def that asks for it. --table prints what was found.

The same logs without those events say the same bytes: compat_histories."""
import collections
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(HERE)
from coverage import ROOT, records, schema  # noqa: E402

# Damaged on purpose, and one whose records a service had given up: no decision of a rule.
LEFT_OUT = (b"damaged_submissions_do_no_harm", b"quarantined")
FILES = ("messages", "rest", "two", "day")
# Fields of events that name a position of the log, where the message has no other of this name.
POSITIONS = {"replaces_settlement", "settlement_position", "settlement", "position", "cut_position"}


def record(kind, partition, bytes_):
    return b"%c%c" % (ord(kind), partition) + len(bytes_).to_bytes(4, "little") + bytes_


class Switch:
    def __init__(self, program, directory):
        of = schema()
        self.submission, self.envelope, self.outcome = of["outcome"].Submission, of["envelope"].Envelope, of["outcome"].Outcome
        self.kinds = {number: name[13:] for name, number in of["outcome"].OutcomeKind.items()}
        self.program, self.directory = program, directory
        self.before = [bytes_ for _, bytes_, _ in records(os.path.join(directory, "switch.zst"))]
        self.before[-1] = self.to_newest(self.before[-1])
        text = open(os.path.join(ROOT, "common/codes/rule.def")).read()
        self.rules = {int(number): code for number, code in re.findall(r'^RULE\((\d+), "([A-Z0-9-]+)"', text, re.M)}
        self.found, self.examples, self.compared = collections.Counter(), {}, 0

    def to_newest(self, bytes_):
        """The LogicVersion event of the fixture's own day, to the newest version that this build knows."""
        submission = self.submission.FromString(bytes_)
        envelope = self.envelope.FromString(submission.envelope)
        assert envelope.WhichOneof("body") == "logic_version"
        text = open(os.path.join(ROOT, "common/codes/logic.def")).read()
        envelope.logic_version.version = max(int(since) for since in re.findall(r"^LOGIC\(\w+, (\d+)", text, re.M))
        submission.envelope = envelope.SerializeToString()
        return submission.SerializeToString()

    def moved(self, bytes_):
        """The submission, with the positions that it names moved on."""
        submission = self.submission()
        try:
            submission.ParseFromString(bytes_)
            envelope = self.envelope.FromString(submission.envelope)
        except Exception:
            return bytes_  # damaged on purpose
        waiting, changed = [envelope], False
        while waiting:
            message = waiting.pop()
            for field, value in message.ListFields():
                if field.message_type:
                    waiting.extend(value if field.label == field.LABEL_REPEATED else [value])
                elif field.name in POSITIONS and field.type == field.TYPE_UINT64 and field.label != field.LABEL_REPEATED and value < 1 << 40:
                    setattr(message, field.name, value + len(self.before))
                    changed = True
        if not changed:
            return bytes_
        submission.envelope = envelope.SerializeToString()
        return submission.SerializeToString()

    def histories(self, path):
        """Of each with submissions: name, partitions, submissions, outcomes by partition and position."""
        name, submissions = b"", []
        for kind, bytes_, partition in records(path):
            if kind == "H":
                if submissions and not set(LEFT_OUT) & set(name.split(b"/")):
                    yield name, partitions, submissions, outcomes
                name, partitions, submissions, outcomes = bytes_, partition, [], collections.defaultdict(list)
            elif kind == "S":
                submissions.append(bytes_)
            elif kind == "O":
                outcomes[partition].append(bytes_)
        if submissions and not set(LEFT_OUT) & set(name.split(b"/")):
            yield name, partitions, submissions, outcomes

    def told_again(self, path):
        """The outcomes of each history under the new logic, in the order of the file."""
        plain = []
        for name, partitions, submissions, _ in self.histories(path):
            plain.append(record("H", partitions, name))
            plain += [record("S", 0, each) for each in self.before]
            plain += [record("S", 0, self.moved(each)) for each in submissions]
            for core in (b"validation", b"settlement"):
                plain += [record("D", each, core + b"\0" + bytes(32)) for each in range(partitions)]
        packed = subprocess.run(["zstd", "-1", "-q", "-c"], input=b"".join(plain), stdout=subprocess.PIPE, check=True).stdout
        file = os.path.join(os.environ.get("TMPDIR", "/tmp"), "hutong-switched-%d.zst" % os.getpid())
        try:
            with open(file, "wb") as out:
                out.write(packed)
            said = subprocess.run([self.program, "--fill", file], stdout=subprocess.PIPE, check=True).stdout
            with open(file, "wb") as out:
                out.write(subprocess.run(["zstd", "-1", "-q", "-c"], input=said, stdout=subprocess.PIPE, check=True).stdout)
            return list(self.histories(file))
        finally:
            os.remove(file)

    def decision(self, outcome):
        codes = sorted({self.rules.get(each.rule, str(each.rule)) for each in outcome.findings})
        return " ".join([self.kinds[outcome.kind]] + codes)

    def compare(self, name, position, was, now):
        was, now = self.outcome.FromString(was), self.outcome.FromString(now)
        money = "" if (was.amounts, list(was.postings)) == (now.amounts, list(now.postings)) else " other-amounts"
        before, after = self.decision(was), self.decision(now) + money
        self.compared += 1
        if before != after:
            self.found[was.event, before, after] += 1
            self.examples.setdefault((was.event, before, after), "%s at %d" % (name.decode(), position))

    def take(self, path):
        shift = len(self.before)
        again = self.told_again(path)
        for (name, partitions, submissions, were), (_, _, _, are) in zip(self.histories(path), again):
            for partition in range(partitions):
                if were[partition]:
                    for position in range(len(submissions)):
                        self.compare(name, position, were[partition][position], are[partition][shift + position])


def main(program, directory, *words):
    switch = Switch(program, directory)
    for name in FILES:
        switch.take(os.path.join(directory, name + ".history.zst"))
    lines = ["%d\t%s\t%s\t%s" % (switch.found[each], *each) for each in sorted(switch.found)]
    if "--table" in words:
        for line, each in zip(lines, sorted(switch.found)):
            print(line + ("\t" + switch.examples[each] if "--examples" in words else ""))
        return 0
    wanted = [line.rstrip("\n").rsplit("\t", 1) for line in open(os.path.join(directory, "switched.txt"))]
    logics = set(re.findall(r"^LOGIC\((\w+)", open(os.path.join(ROOT, "common/codes/logic.def")).read(), re.M))
    unknown = [cause for _, cause in wanted if not cause or not set(cause.split()) <= logics]
    wanted = [line for line, _ in wanted]
    for sign, some in (("found, not wanted", set(lines) - set(wanted)), ("wanted, not found", set(wanted) - set(lines))):
        for each in sorted(some):
            print("%s: %s" % (sign, each))
    print("%d decisions, %d come out otherwise, in %d ways; causes that logic.def lacks: %s" %
          (switch.compared, sum(switch.found.values()), len(lines), unknown))
    return 0 if lines == wanted and not unknown and switch.compared > 10000 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
