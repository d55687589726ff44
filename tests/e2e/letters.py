# SPDX-License-Identifier: Apache-2.0
"""Regions that write to each other through a live exchange, and beside them what each region's mailbox must hold by now. agree() reads
each with its own key and compares in both directions: nothing is missing, nothing is there that was not expected, and what two
mailboxes hold of one position is the same. On a trace's clock the operator hands letters in with the day's stamp."""
import collections
import json
import uuid

from exchange import REGIONS, check

BEIJING, TIANJIN, HEBEI = REGIONS
MOVED, REFUSED, NOTICE = "OUTCOME_KIND_MOVED", "OUTCOME_KIND_REFUSED", "OUTCOME_KIND_NOTICE"


def identity(first17):
    weights = [2 ** (17 - i) % 11 for i in range(17)]
    return first17 + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first17, weights)) % 11]


class Letters:
    def __init__(self, exchange):
        self.exchange, self.today = exchange, None
        self.wanted = {region: [] for region in REGIONS}  # of letters: position, kind, transfer, state, rules; in their order
        self.lines = {region: collections.Counter() for region in REGIONS}  # of notices: transfer, overdue, last day

    def day(self, day, ticks=4):
        """On a trace's clock: so many ticks, and what is sent after them, are stamped with this day."""
        self.today = day
        for number in range(ticks):
            self.exchange.run("submit", "--quiet", "--at", str(day), "-",
                              stdin=json.dumps({"version": 1, "sender": "exchange", "tick": {"number": str(number + 1)}}).encode())
        self.exchange.run("digest", "--wait", "60")

    def send(self, sender, person, **body):
        """The outcome of one event."""
        envelope = {"version": 1, "sender": sender, "messageId": str(uuid.uuid4()), "personId": person, **body}
        how = ("submit", "--at", str(self.today)) if self.today else ("--as", sender, "submit")
        said = self.exchange.json(*how, "--await", "-", stdin=json.dumps(envelope).encode(), codes=(0, 1))
        outcomes = [each for each in said if "kind" in each]
        check(outcomes, "no outcome: %s" % said)
        return outcomes[-1]

    def enrol(self, person, area, type):
        region = area[:2] + "0000"
        done = self.send(region, person, enrolment={"area": area, "insuranceType": type, "category": "1101", "effectiveDate": 20250101})
        check(done["kind"] == "OUTCOME_KIND_APPLIED", "not enrolled: %s" % done)

    def expect(self, outcome, regions):
        """Each of these regions finds this outcome in its mailbox, and no other region does."""
        for region in regions:
            self.wanted[region].append(summary(outcome))
            self.wanted[region].sort()  # letters that cross are known in the order in which they are asked for

    def expect_line(self, region, id, due, overdue):
        self.lines[region][id, overdue, due] += 1

    def mailbox(self, region):
        """Letters and notices."""
        said = self.exchange.json("--as", region, "mailbox", "--from", "0", "--count", "100000")
        return [{key: each[key] for key in each if key != "mailboxPlace"} for each in said
                if each.get("event") == "transfer" or each["kind"] == NOTICE]

    def agree(self):
        held = {}
        for region in REGIONS:
            box = self.mailbox(region)
            letters = [summary(each) for each in box if each["kind"] != NOTICE]
            check(letters == self.wanted[region], "%s's mailbox\n  lacks %s\n  holds beyond it %s\n  or its order: %s"
                  % (region, [each for each in self.wanted[region] if each not in letters],
                     [each for each in letters if each not in self.wanted[region]], [each[0] for each in letters]))
            lines = collections.Counter((line["transferId"], line.get("overdue", False), line["dueDate"])
                                        for each in box if each["kind"] == NOTICE for line in each["due"])
            check(lines == self.lines[region], "%s is told %s instead of %s" % (region, dict(lines), dict(self.lines[region])))
            for each in box:
                check(region in each["deliverTo"], "not %s's: %s" % (region, each))
                if each["kind"] != NOTICE:  # partitions write theirs beside each other, at one position
                    same = held.setdefault(each["position"], each)
                    check(same == each, "two mailboxes say different things: %s %s" % (same, each))
        for position, each in held.items():
            holders = [region for region in REGIONS if int(position) in [wanted[0] for wanted in self.wanted[region]]]
            check(sorted(each["deliverTo"]) == holders, "delivered to %s, held by %s" % (each["deliverTo"], holders))


def rules(outcome):
    return sorted(each["rule"] for each in outcome.get("findings", []))


def summary(outcome):
    view = outcome.get("transfer", {})
    return (int(outcome["position"]), outcome["kind"], view.get("transferId", ""), view.get("state", "").replace("TRANSFER_STATE_", ""),
            rules(outcome))


class Talk:
    """One transfer of one person."""

    def __init__(self, letters, id, person, scheme="PENSION", source=BEIJING, target=TIANJIN):
        self.letters, self.id, self.person, self.source, self.target = letters, id, person, source, target
        self.head = {"transferId": id, "scheme": "TRANSFER_SCHEME_" + scheme, "sourceArea": source, "targetArea": target}
        self.steps = []  # position, sender, state, whose step is next, its last day
        self.view = {}

    def send(self, sender, **step):
        return self.letters.send(sender, self.person, transfer={**self.head, **step})

    def both(self):
        return [self.source[:2] + "0000", self.target[:2] + "0000"]

    def moved(self, outcome, sender, state, told=None, found=()):
        view = outcome.get("transfer", {})
        check((outcome["kind"], view.get("state")) == (MOVED, "TRANSFER_STATE_" + state),
              "%s, not %s: %s" % (self.id, state, json.dumps(outcome, ensure_ascii=False)))
        check(rules(outcome) == sorted(found), "%s: findings %s" % (self.id, outcome.get("findings")))
        self.letters.expect(outcome, told or self.both())
        self.steps.append((int(outcome["position"]), sender, state, view.get("stepRegion", ""), view.get("dueDate", 0)))
        self.steps.sort()
        self.view = view
        return outcome

    def moves(self, sender, state, told=None, found=(), **step):
        """told: both, unless these alone."""
        return self.moved(self.send(sender, **step), sender, state, told, found)

    def was_refused(self, outcome, sender, *broken):
        check(outcome["kind"] == REFUSED and rules(outcome) == sorted(broken) and "postings" not in outcome,
              "%s: not refused by %s: %s" % (self.id, broken, json.dumps(outcome, ensure_ascii=False)))
        self.letters.expect(outcome, [sender])
        return outcome

    def refuses(self, sender, *broken, **step):
        """The sender alone is told, and nothing moves."""
        return self.was_refused(self.send(sender, **step), sender, *broken)

    def repeats(self, sender, first, **step):
        """The same letter in a message of its own: the first answer, nothing posted, its sender alone is told."""
        again = self.send(sender, **step)
        check(again["kind"] == MOVED and again["originalPosition"] == first["position"] and "postings" not in again,
              "the same letter again: %s" % again)
        check(again["transfer"] == first["transfer"], "another answer: %s %s" % (again["transfer"], first["transfer"]))
        self.letters.expect(again, [sender])

    def shown(self):
        """`hutong transfer show` tells the same steps."""
        views = self.letters.exchange.json("transfer", "show", self.id)[0]["transfers"]
        check(len(views) == 1, "hutong transfer show %s: %s" % (self.id, views))
        steps = [(int(each["position"]), each["sender"], each["state"].replace("TRANSFER_STATE_", ""), each.get("stepRegion", ""),
                  each.get("dueDate", 0)) for each in views[0]["history"]]
        check(steps == self.steps, "hutong transfer show %s: %s instead of %s" % (self.id, steps, self.steps))
        differ = {key for key in set(self.view) | set(views[0]) if self.view.get(key) != views[0].get(key)}
        check(differ <= {"personId", "letter", "history"}, "%s: %s differ: %s, %s" % (self.id, differ, self.view, views[0]))
        check(self.person not in json.dumps(views), "an identity number is shown whole")
        return views[0]
