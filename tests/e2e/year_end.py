# SPDX-License-Identifier: Apache-2.0
"""F02 end to end: an exchange on a trace's clock whose calendar ends with 2026 takes letters of the three schemes on every day from
2026-12-01 to 2027-02-28. None is refused for want of a calendar; a limit that runs into 2027 counts Monday to Friday, and is told to be
provisional. Then the calendar of 2027 is loaded: each running limit that it moves is stated anew, to the day and once, to whom it concerns. The log
verifies, and states made again from it are the same."""
import collections
import csv
import datetime
import json
import os
import shutil
import uuid

from exchange import REGIONS, ROOT, check, main
from letters import BEIJING, MOVED, NOTICE, TIANJIN, identity
from transfer import FORM, ROWS

FIRST, LAST, LOADED = datetime.date(2026, 12, 1), datetime.date(2027, 2, 28), datetime.date(2027, 3, 1)
DAY = datetime.timedelta(days=1)
# Of the test alone: New Year, a week in February with two days made up, and a day of each of two festivals.
CALENDAR_2027 = {"2027-01-01": False, "2027-01-31": True, "2027-02-05": False, "2027-02-08": False, "2027-02-09": False, "2027-02-10": False,
                 "2027-02-11": False, "2027-02-12": False, "2027-02-20": True, "2027-04-05": False, "2027-05-03": False}
# The limit of each step in working days; None: the running one. Unemployment: the money within a month of the form.
STEPS = ("application", "contactLetter", "informationForm", "fundsNotice")
LIMITS = {"PENSION": (15, 15, None, 15), "MEDICAL": (5, 10, None, 5), "UNEMPLOYMENT": (5, 5, "month", 5)}
TYPES = {"PENSION": "110", "MEDICAL": "310", "UNEMPLOYMENT": "210"}
UNEMPLOYED = {"contributionMonths": 12, "benefitMonths": 3, "transferTotalFen": "955800",  # 3 x 2,124.00 x 1.5
              "rows": [{"fromMonth": 202401, "toMonth": 202412, "months": 12}]}


def number(day):
    return int(day.strftime("%Y%m%d"))


def days_of(path):
    with open(path) as file:
        return {datetime.date.fromisoformat(row["calendar_day"]): row["workday"] == "true" for row in csv.DictReader(file)}


class Reckoning:
    """Limits by hand: the n-th working day after the day of the step; a month later, and if nobody works then, the next day on which one does."""

    def __init__(self, days):
        self.days = days

    def works(self, day):
        return self.days.get(day, day.weekday() < 5)

    def limit(self, day, given):
        if given == "month":
            following = (day.replace(day=1) + 31 * DAY).replace(day=1)
            last = (following + 31 * DAY).replace(day=1) - DAY
            day = last if last.day < day.day else following.replace(day=day.day)
            while not self.works(day):
                day += DAY
            return day
        while given:
            day += DAY
            given -= self.works(day)
        return day


class Transfer:
    def __init__(self, scheme, index, count):
        self.scheme, self.id, self.steps_wanted = scheme, "%s-%03d" % (scheme[0], index), count
        self.person, self.steps, self.began, self.days_given = identity("11010119780615%03d" % (2 * len(ALL) + 1)), 0, None, None
        ALL.append(self)

    def body(self, day):
        month = day.year * 100 + day.month
        step = STEPS[self.steps]
        if step == "application":
            medical = {"coveredFromMonth": month, "gapPaidUp": True} if self.scheme == "MEDICAL" else {}
            return TIANJIN, {step: {"sourceType": TYPES[self.scheme], "targetType": TYPES[self.scheme], "householdDivision": "120101", **medical}}
        if step == "contactLetter":
            return TIANJIN, {step: {"office": "Tianjin", "bank": "Bank", "bankAccount": "6222000000000001"}}
        form = {"PENSION": FORM, "UNEMPLOYMENT": UNEMPLOYED,
                "MEDICAL": {"contributionMonths": 30, "coveredToMonth": 202611, "transferTotalFen": "150000", "rows": ROWS}}[self.scheme]
        if step == "informationForm":
            return BEIJING, {step: form}
        return BEIJING, {step: {"amountFen": form["transferTotalFen"], "reference": "B-1", "sentOn": number(day)}}

    def envelope(self, day):
        sender, step = self.body(day)
        return {"version": 1, "sender": sender, "messageId": str(uuid.uuid4()), "personId": self.person,
                "transfer": {"transferId": self.id, "scheme": "TRANSFER_SCHEME_" + self.scheme, "sourceArea": BEIJING, "targetArea": TIANJIN, **step}}

    def took(self, day, outcome, first):
        """By the calendar of 2026."""
        check(outcome["kind"] == MOVED, "%s on %s: %s" % (self.id, day, json.dumps(outcome, ensure_ascii=False)))
        limit = LIMITS[self.scheme][self.steps]
        if limit is not None:
            self.began, self.days_given = day, limit
        self.steps += 1
        self.region, view = outcome["transfer"]["stepRegion"], outcome["transfer"]
        provisional = self.by(first).year > 2026
        check(view["dueDate"] == number(self.by(first)), "%s on %s: until %s, not %s" % (self.id, day, view["dueDate"], self.by(first)))
        check(view.get("dueIsProvisional", False) == provisional, "%s on %s: %s" % (self.id, day, view))
        check(len(outcome.get("findings", [])) == provisional, "%s on %s: %s" % (self.id, day, outcome.get("findings")))

    def by(self, reckoning):
        return reckoning.limit(self.began, self.days_given)


ALL = []


def send(exchange, day, envelopes):
    said = exchange.json("submit", "--await", "--at", str(number(day)), "-", stdin=json.dumps(envelopes).encode(), codes=(0, 1))
    return {each["messageId"]: each for each in said if "kind" in each}


def ticks(count):
    return [{"version": 1, "sender": "exchange", "messageId": str(uuid.uuid4()), "tick": {"number": str(each + 1)}} for each in range(count)]


def letters_of_a_winter(exchange, first):
    day, index = FIRST, 0
    while day <= LAST:
        new = [Transfer(scheme, index, index % len(STEPS) + 1) for scheme in LIMITS]
        enrolments = [{"version": 1, "sender": TIANJIN, "messageId": str(uuid.uuid4()), "personId": each.person,
                       "enrolment": {"area": TIANJIN, "insuranceType": TYPES[each.scheme], "category": "1101", "effectiveDate": 20250101}}
                      for each in new if each.scheme != "UNEMPLOYMENT"]
        moving = [each for each in ALL if each.steps < each.steps_wanted]
        letters = {each: each.envelope(day) for each in moving}
        outcomes = send(exchange, day, ticks(1) + enrolments + list(letters.values()))
        for each, envelope in letters.items():
            each.took(day, outcomes[envelope["messageId"]], first)
        day, index = day + DAY, index + 1


def notices(exchange):
    """Lines by region: transfer, last day until now (0: a reminder), last day, overdue."""
    lines = {}
    for region in REGIONS:
        said = exchange.json("--as", region, "mailbox", "--from", "0", "--count", "100000")
        lines[region] = collections.Counter((line["transferId"], line.get("previousDueDate", 0), line["dueDate"], line.get("overdue", False))
                                            for each in said if each["kind"] == NOTICE for line in each["due"])
    return lines


def listed(exchange):
    return {each["transferId"]: each for scheme in LIMITS
            for each in exchange.json("transfer", "list", "--scheme", scheme.lower())[0]["transfers"]}


def told_out(exchange):
    """Ticks until no region is told anything more: what is stated anew, and what is soon or past."""
    lines, before = notices(exchange), None
    while lines != before:
        send(exchange, LOADED, ticks(12))
        exchange.run("digest", "--wait", "60")
        lines, before = notices(exchange), lines
    return lines


def calendar_comes(exchange, first):
    path = os.path.join(exchange.directory, "calendar.2027.csv")
    with open(path, "w") as file:
        file.write("calendar_day,workday,name,grade,source\n")
        file.writelines("%s,%s,test,M,of this test\n" % (day, str(works).lower()) for day, works in CALENDAR_2027.items())
    before = notices(exchange)
    check(not any(line[1] for lines in before.values() for line in lines), "stated anew before the calendar came")
    exchange.run("reference", "load", "--at", str(number(LOADED)), path)
    after = told_out(exchange)
    then = Reckoning({**first.days, **days_of(path)})
    wanted = {region: collections.Counter() for region in REGIONS}
    last_days = {}
    for each in ALL:
        last_days[each.id] = number(each.by(then))
        if each.by(first).year > 2026 and each.by(first) != each.by(then):
            told = {each.region} if each.steps == 1 else {BEIJING, TIANJIN}
            for region in told:
                wanted[region][each.id, number(each.by(first)), number(each.by(then)), False] += 1
    for region in REGIONS:
        anew = collections.Counter({line: count for line, count in after[region].items() if line[1]})
        check(anew == wanted[region], "%s is told %s beyond, and not %s" % (region, anew - wanted[region], wanted[region] - anew))
        twice = [line for line, count in after[region].items() if count > 1]
        check(not twice, "%s is told more than once of %s" % (region, twice))
    shown = listed(exchange)
    wrong = [(id, day, shown[id]["dueDate"]) for id, day in last_days.items() if shown[id]["dueDate"] != day or shown[id].get("dueIsProvisional")]
    check(not wrong, "limits: %s" % wrong[:5])
    check(told_out(exchange) == after, "told again")
    return sum(sum(each.values()) for each in wanted.values())


def rebuilt(exchange):
    exchange.run("ledger", "verify", timeout=120)
    before = exchange.digests()
    exchange.down()
    for service in ("validation", "settlement", "books", "audit"):
        shutil.rmtree(os.path.join(exchange.directory, "data", service + "-0"))
    exchange.up()
    check(exchange.digests() == before, "states made again from the log differ")


def year_end(exchange):
    first = Reckoning(days_of(os.path.join(ROOT, "data/gazette/calendar.csv")))
    check(max(first.days).year == 2026, "the shipped calendar goes beyond 2026: this test has its own of 2027")
    letters_of_a_winter(exchange, first)
    anew = calendar_comes(exchange, first)
    check(anew > 20, "hardly any limit moved: %d" % anew)
    rebuilt(exchange)
    print("        %d letters, %d lines stated anew" % (sum(each.steps for each in ALL), anew))


if __name__ == "__main__":
    main(year_end, "year_end", trace_clock=True, tick_interval_ms=0)
