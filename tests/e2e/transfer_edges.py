# SPDX-License-Identifier: Apache-2.0
"""Conversations that do not go straight, on a live exchange of two partitions: letters that cross, the same letter again, months
paid twice, a carve-out, the place of a pension, second applications, mismatches, limits that pass, a region that is no party. After each, every region's
mailbox is compared in both directions with what it should hold, and `hutong transfer show` tells the same steps; at the end the
ledger computed again from the log is the ledger."""
import threading

from exchange import check, main
from letters import BEIJING, HEBEI, TIANJIN, Letters, Talk, identity

ROWS = [{"fromMonth": 200401, "toMonth": 200412, "months": 12, "baseFen": "100000"},
        {"fromMonth": 200501, "toMonth": 200512, "months": 12, "baseFen": "110000"},
        {"fromMonth": 200601, "toMonth": 200606, "months": 6, "baseFen": "120000"}]
DAY = 20250310  # a Monday; the next holiday is 2025-04-04
CONTACT = {"office": "Office", "bank": "Bank", "bankAccount": "6222000000000001"}


def form(account=334800, pooled=388800, rows=ROWS):
    return {"contributionMonths": sum(each["months"] for each in rows), "accountToLastYearFen": str(account), "accountTotalFen": str(account),
            "pooledTotalFen": str(pooled), "transferTotalFen": str(account + pooled), "rows": rows}


def balance(amount):
    """A medical account's."""
    return {"contributionMonths": 30, "coveredToMonth": 202502, "transferTotalFen": str(amount), "rows": ROWS}


class Persons:
    """The n-th person, enrolled at the target."""

    def __init__(self, letters):
        self.letters, self.count = letters, 0

    def talk(self, id, scheme="PENSION", source=BEIJING, target=TIANJIN):
        self.count += 1
        person = identity("11010119780615%03d" % (self.count * 2 + 1))
        types = {"PENSION": "110", "MEDICAL": "310"}
        if scheme in types:
            self.letters.enrol(person, target, types[scheme])
        return Talk(self.letters, id, person, scheme, source, target)


def application(scheme="PENSION", **more):
    type = {"PENSION": "110", "MEDICAL": "310", "UNEMPLOYMENT": "210"}[scheme]
    medical = {"coveredFromMonth": 202503, "gapPaidUp": True} if scheme == "MEDICAL" else {}
    return {"sourceType": type, "targetType": type, "householdDivision": "120101", **medical, **more}


def money(amount, reference="B-1", **day):
    return {"amountFen": str(amount), "reference": reference, **day}


def accepted(talk, scheme="PENSION", **more):
    talk.moves(TIANJIN, "APPLIED", told=[TIANJIN], application=application(scheme, **more))
    return talk.moves(TIANJIN, "ACCEPTED", contactLetter=CONTACT)


def ends(talk, amount):
    """From the notice of the money to its end."""
    talk.moves(BEIJING, "FUNDS_SENT", fundsNotice=money(amount, sentOn=DAY))
    talk.moves(TIANJIN, "MATCHED", fundsReceipt=money(amount, receivedOn=DAY))
    joined(talk, amount)


def joined(talk, amount):
    talk.moves(TIANJIN, "JOINED", joining={"joinedOn": DAY})
    talk.moves(TIANJIN, "CONFIRMED", confirmation={})
    talk.moves(BEIJING, "CLOSED", closing={})
    view = talk.shown()
    check(view["sentFen"] == view["receivedFen"] == view["joinedFen"] == str(amount), "%s: the money is not equal: %s" % (talk.id, view))


def at_once(*letters):
    """Each of (talk, sender, step) on its way at the same time; their outcomes."""
    outcomes = [None] * len(letters)

    def send(index, talk, sender, step):
        outcomes[index] = talk.send(sender, **step)
    threads = [threading.Thread(target=send, args=(index, *each)) for index, each in enumerate(letters)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    check(None not in outcomes, "no outcome: %s" % outcomes)
    return outcomes


def crossing(letters, persons):
    """A withdrawal and the form: the log's order decides. Corrections of both: whatever the order, both hold."""
    form_first = 0
    for number in range(4):
        talk = persons.talk("T-X%d" % number)
        accepted(talk)
        pair = [(talk, BEIJING, {"informationForm": form()}), (talk, TIANJIN, {"withdrawal": {"reason": "stays"}})]
        if number % 2:
            pair.reverse()
        outcomes = dict(zip([sender for _, sender, _ in pair], at_once(*pair)))
        the_form, withdrawal = outcomes[BEIJING], outcomes[TIANJIN]
        if int(the_form["position"]) < int(withdrawal["position"]):
            form_first += 1
            talk.moved(the_form, BEIJING, "INFORMATION_SENT")
        else:
            talk.was_refused(the_form, BEIJING, 724)
            check(the_form["transfer"]["state"] == "TRANSFER_STATE_WITHDRAWN", "it does not say why: %s" % the_form)
        talk.moved(withdrawal, TIANJIN, "WITHDRAWN")
        talk.refuses(BEIJING, 724, fundsNotice=money(723600, sentOn=DAY))
        talk.shown()
        letters.agree()
    talk = persons.talk("T-XC", "MEDICAL")
    accepted(talk, "MEDICAL")
    talk.moves(BEIJING, "INFORMATION_SENT", informationForm=balance(150000))
    mended = {"correction": {"reason": "account", "contactLetter": dict(CONTACT, bankAccount="6222000000000002")}}
    restated = {"correction": {"reason": "balance", "informationForm": balance(160000)}}
    for sender, outcome in zip((TIANJIN, BEIJING), at_once((talk, TIANJIN, mended), (talk, BEIJING, restated))):
        talk.moved(outcome, sender, "INFORMATION_SENT")
    talk.view = {}  # of two letters that crossed the later one's view is the current one
    talk.refuses(BEIJING, 775, fundsNotice=money(150000, sentOn=DAY))
    ends(talk, 160000)
    letters.agree()
    print("crossing: the form came first in %d of 4" % form_first)


def again(letters, persons):
    """The same letter in a message of its own, at once and when the conversation has gone on."""
    talk = persons.talk("T-A")
    contact = accepted(talk)
    talk.repeats(TIANJIN, contact, contactLetter=CONTACT)
    sent = talk.moves(BEIJING, "INFORMATION_SENT", informationForm=form())
    talk.repeats(TIANJIN, contact, contactLetter=CONTACT)
    talk.refuses(BEIJING, 721, contactLetter=CONTACT)  # the same bytes from the other side are not the same letter
    ends(talk, 723600)
    talk.repeats(BEIJING, sent, informationForm=form())
    talk.refuses(BEIJING, 724, informationForm=dict(form(), contributionMonths=30, temporaryAccount=True))
    letters.agree()


def paid_twice(letters, persons):
    """Months paid in both places are kept once: who began later gives them back."""
    early = [{"fromMonth": 200301, "toMonth": 200312, "months": 12, "baseFen": "90000"},
             {"fromMonth": 200401, "toMonth": 200403, "months": 3, "baseFen": "90000"}]
    talk = persons.talk("T-R1")
    accepted(talk, rows=early)
    refused = talk.refuses(BEIJING, 713, 713, 713, 713, 739, informationForm=form())
    check("110000: 330.00" in refused["findings"][0]["detail"], "who refunds what: %s" % refused["findings"])
    moved = talk.moves(BEIJING, "INFORMATION_SENT", found=[739], informationForm=form(334800 - 3 * 11000, 388800 - 3 * 12000))
    view = moved["transfer"]
    check((view["refundArea"], view["refundFen"], view["paidTwice"]) == (BEIJING, "33000", [{"fromMonth": 200401, "toMonth": 200403}]),
          "the source refunds: %s" % view)
    ends(talk, 654600)
    late = [{"fromMonth": 200604, "toMonth": 200608, "months": 5, "baseFen": "90000"}]
    talk = persons.talk("T-R2")
    accepted(talk, rows=late)
    view = talk.moves(BEIJING, "INFORMATION_SENT", found=[739], informationForm=form())["transfer"]
    check((view["refundArea"], view["refundFen"], view["paidTwice"]) == (TIANJIN, "21600", [{"fromMonth": 200604, "toMonth": 200606}]),
          "the target refunds, and everything moves: %s" % view)
    ends(talk, 723600)
    letters.agree()


def carve_out(letters, persons):
    one_off = [{"fromMonth": year * 100 + 1, "toMonth": year * 100 + 12, "months": 12, "baseFen": "50000", "oneOff": True}
               for year in (2000, 2001, 2002)]
    talk = persons.talk("T-C")
    accepted(talk)
    whole = talk.moves(BEIJING, "CARVE_OUT_DUE", informationForm=form(rows=one_off + ROWS))
    check((whole["transfer"]["stepRegion"], whole["transfer"]["dueDate"]) == (TIANJIN, 20250324), "10 working days: %s" % whole)
    talk.refuses(TIANJIN, 721, joining={"joinedOn": DAY})
    talk.moves(TIANJIN, "CARVED_OUT", carveOut={"toldOn": DAY, "reason": "no documents"})
    talk.refuses(BEIJING, 738, correction={"reason": "the same", "informationForm": form(rows=one_off + ROWS)})
    talk.moves(BEIJING, "INFORMATION_SENT", correction={"reason": "without them", "informationForm": form()})
    ends(talk, 723600)
    letters.agree()


def place(letters, persons):
    """A man past pension age: the relation moves back to the last earlier place with ten years, as the target says, or it stays."""
    years = [{"fromMonth": year * 100 + 1, "toMonth": year * 100 + 12, "months": 12, "baseFen": "100000"} for year in range(2006, 2020)]
    account, pooled = 14 * 12 * 8000, 14 * 12 * 12000
    talk = Talk(letters, "T-P", identity("11010119600101001"))
    letters.enrol(talk.person, TIANJIN, "110")
    talk.refuses(TIANJIN, 710, application=application(householdDivision="130102"))
    accepted(talk, householdDivision="130102", targetHoldsRelation=True)
    refused = talk.refuses(BEIJING, 746, informationForm=form(account, pooled, years))
    check("drawn in 110000" in refused["findings"][0]["detail"], "where it is drawn: %s" % refused["findings"])
    for each in years[:10]:
        each["division"] = 120000
    talk.moves(BEIJING, "INFORMATION_SENT", informationForm=form(account, pooled, years))
    ends(talk, account + pooled)
    letters.agree()


def second(letters, persons):
    """One open transfer of a person and scheme; another may come when it has ended, under a number of its own."""
    talk = persons.talk("T-S1")
    first = talk.moves(TIANJIN, "APPLIED", told=[TIANJIN], application=application())
    other = Talk(letters, "T-S2", talk.person)
    refused = other.refuses(TIANJIN, 728, application=application())
    check(refused["originalPosition"] == first["position"], "not pointed at the first: %s" % refused)
    letters.enrol(talk.person, "131000", "110")
    refused = Talk(letters, "T-S3", talk.person, target="131000").refuses(HEBEI, 728, application=application(householdDivision="130102"))
    check("T-S1" in refused["findings"][0]["detail"], "which one is open: %s" % refused)
    talk.moves(TIANJIN, "REFUSED", told=[TIANJIN], refusal={"reason": "papers are missing"})
    talk.refuses(TIANJIN, 724, application=application(posted=True))  # the number is used up
    talk.shown()
    other.moves(TIANJIN, "APPLIED", told=[TIANJIN], application=application())
    other.moves(TIANJIN, "WITHDRAWN", told=[TIANJIN], withdrawal={"reason": "as asked"})
    other.shown()
    third = Talk(letters, "T-S4", talk.person)
    accepted(third)
    third.moves(BEIJING, "REFUSED", refusal={"reason": "no relation here"})
    third.shown()
    letters.agree()


def mismatch(letters, persons):
    """Too little arrives: it goes back and comes again; or the source states what it really sent."""
    talk = persons.talk("T-M1")
    accepted(talk)
    talk.moves(BEIJING, "INFORMATION_SENT", informationForm=form())
    talk.moves(BEIJING, "FUNDS_SENT", fundsNotice=money(723600, sentOn=DAY))
    held = talk.moves(TIANJIN, "MISMATCHED", fundsReceipt=money(700000, receivedOn=DAY))
    check((held["transfer"]["stepRegion"], held["transfer"]["dueDate"]) == (BEIJING, 20250331), "whose step it is: %s" % held)
    talk.refuses(TIANJIN, 721, joining={"joinedOn": DAY})
    balances = letters.exchange.ledger()
    check(balances["transit:110000:120000:110"] == -23600 and balances["held:120000:110"] == -700000, "what is missing: %s" % balances)
    back = dict(money(700000), reason="not the amount")
    talk.refuses(TIANJIN, 725, fundsReturn=dict(back, amountFen="700001"))
    talk.moves(TIANJIN, "INFORMATION_SENT", fundsReturn=back)
    talk.moves(BEIJING, "FUNDS_SENT", fundsNotice=money(723600, "B-2", sentOn=DAY))
    talk.moves(TIANJIN, "MISMATCHED", fundsReceipt=money(723601, "B-2", receivedOn=DAY))
    talk.moves(TIANJIN, "MATCHED", fundsReceipt=money(723600, "B-3", receivedOn=DAY))
    joined(talk, 723600)
    talk = persons.talk("T-M2", "MEDICAL")
    accepted(talk, "MEDICAL")
    talk.moves(BEIJING, "INFORMATION_SENT", informationForm=balance(150000))
    talk.moves(BEIJING, "FUNDS_SENT", fundsNotice=money(150000, sentOn=DAY))
    talk.moves(TIANJIN, "MISMATCHED", fundsReceipt=money(149000, receivedOn=DAY))
    talk.moves(BEIJING, "MISMATCHED", correction={"reason": "still wrong", "informationForm": balance(149001)})
    talk.moves(BEIJING, "MATCHED", correction={"reason": "what was sent", "informationForm": balance(149000)})
    joined(talk, 149000)
    letters.agree()


def strangers(letters, persons):
    """A region that is no party learns nothing and changes nothing; nor may a party take the other's step."""
    talk = persons.talk("T-H")
    talk.moves(TIANJIN, "APPLIED", told=[TIANJIN], application=application())
    talk.refuses(BEIJING, 722, contactLetter=CONTACT)
    for step in ({"contactLetter": CONTACT}, {"withdrawal": {"reason": "x"}}, {"application": application()}):
        refused = talk.refuses(HEBEI, 731, **step)
        check("transfer" not in refused, "Hebei is shown the transfer: %s" % refused)
    talk.moves(TIANJIN, "ACCEPTED", contactLetter=CONTACT)
    astray = Talk(letters, "T-H", talk.person, source="131000")  # the number of another's transfer, with areas of its own
    refused = astray.refuses(HEBEI, 730, informationForm=form())
    check("transfer" not in refused, "Hebei is shown the transfer: %s" % refused)
    done = letters.exchange.run("--as", HEBEI, "mailbox", "--party", BEIJING, codes=(1,))
    check(b"AUT-0003" in done.stderr, "another's mailbox: %s" % done.stderr)
    talk.moves(TIANJIN, "WITHDRAWN", withdrawal={"reason": "as asked"})
    talk.shown()
    letters.agree()


def overdue(exchange):
    return sum(each["limitsOverdue"] for each in exchange.json("status")[0]["services"] if each["service"] == "settlement")


def limits(letters, persons):
    """Told once when soon due, once when overdue, to the region whose step it is; and the step can still be taken."""
    exchange = letters.exchange
    talks = [persons.talk("T-L%d" % number, "UNEMPLOYMENT") for number in range(4)]
    for talk in talks:
        talk.moves(TIANJIN, "APPLIED", told=[TIANJIN], application=application("UNEMPLOYMENT"))
        check(talk.view["dueDate"] == 20250317, "5 working days: %s" % talk.view)
    letters.day(20250313)
    letters.agree()
    letters.day(20250314)
    for talk in talks:
        letters.expect_line(TIANJIN, talk.id, 20250317, False)
    letters.agree()
    letters.day(20250317)  # the last day is in time
    for talk in talks[:3]:
        talk.moves(TIANJIN, "ACCEPTED", contactLetter=CONTACT)
        check((talk.view["stepRegion"], talk.view["dueDate"]) == (BEIJING, 20250324), "5 working days: %s" % talk.view)
    letters.agree()
    letters.day(20250318)
    letters.expect_line(TIANJIN, talks[3].id, 20250317, True)
    letters.agree()
    check(overdue(exchange) == 1, "hutong status: %d are overdue" % overdue(exchange))
    talks[3].moves(TIANJIN, "ACCEPTED", contactLetter=CONTACT)  # late, and still taken
    check(talks[3].view["dueDate"] == 20250325 and overdue(exchange) == 0, "5 working days from now: %s" % talks[3].view)
    talks[2].moves(TIANJIN, "WITHDRAWN", withdrawal={"reason": "as asked"})  # nobody is told of its limit
    letters.day(20250325)  # no day in between: reminded late, but before it is called overdue
    for talk, due in ((talks[0], 20250324), (talks[1], 20250324), (talks[3], 20250325)):
        letters.expect_line(BEIJING, talk.id, due, False)
    for talk in talks[:2]:
        letters.expect_line(BEIJING, talk.id, 20250324, True)
    letters.agree()
    letters.day(20250326)
    letters.expect_line(BEIJING, talks[3].id, 20250325, True)
    letters.agree()
    check(overdue(exchange) == 3, "hutong status: %d are overdue" % overdue(exchange))
    listed = exchange.json("transfer", "list", "--overdue", "--region", BEIJING)[0]["transfers"]
    check(sorted(each["transferId"] for each in listed) == ["T-L0", "T-L1", "T-L3"], "hutong transfer list --overdue: %s" % listed)
    due_form = {"contributionMonths": 30, "benefitMonths": 6, "transferTotalFen": str(6 * 212400 * 3 // 2), "rows": ROWS}
    talks[0].moves(BEIJING, "INFORMATION_SENT", informationForm=due_form)
    check(talks[0].view["dueDate"] == 20250427, "a month; the Saturday's next working day is a Sunday: %s" % talks[0].view)
    ends(talks[0], 6 * 212400 * 3 // 2)
    talks[1].moves(BEIJING, "REFUSED", refusal={"reason": "no relation here"})
    exchange.kill("settlement", 0)
    exchange.kill("settlement", 1)
    exchange.up_again()
    letters.day(20250610)
    letters.agree()
    check(overdue(exchange) == 1, "hutong status: %d are overdue" % overdue(exchange))
    for talk in talks:
        talk.shown()


def edges(exchange):
    letters = Letters(exchange)
    persons = Persons(letters)
    letters.day(DAY, ticks=1)
    for part in (crossing, again, paid_twice, carve_out, place, second, mismatch, strangers, limits):
        part(letters, persons)
    exchange.run("ledger", "verify")
    left = {name: amount for name, amount in exchange.ledger().items() if name.startswith(("held:", "transit:")) and amount}
    check(not left, "still on its way: %s" % left)
    print("%d letters and %d lines of notices in %d conversations, as both regions' mailboxes hold them"
          % (sum(len(each) for each in letters.wanted.values()), sum(sum(each.values()) for each in letters.lines.values()), persons.count))


main(edges, "edges", partitions=2, trace_clock=True)
