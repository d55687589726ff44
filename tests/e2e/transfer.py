# SPDX-License-Identifier: Apache-2.0
"""A pension moves from Beijing to Tianjin through a whole exchange of two partitions: every letter by the region whose step it is, read in
the other's mailbox; the same letter again; a refused one; `hutong transfer` and `hutong certificate`; the ledger sums to zero; a crash of
settlement in the middle is not seen."""
import json
import time
import uuid

from exchange import Exchange, check, main

SOURCE, TARGET, PERSON = "110000", "120000", "11010119850615001"
ROWS = [{"fromMonth": 200401, "toMonth": 200412, "months": 12, "baseFen": "100000"},
        {"fromMonth": 200501, "toMonth": 200512, "months": 12, "baseFen": "110000"},
        {"fromMonth": 200601, "toMonth": 200606, "months": 6, "baseFen": "120000"}]
FORM = {"contributionMonths": 30, "accountToLastYearFen": "334800", "accountTotalFen": "334800", "pooledTotalFen": "388800",
        "transferTotalFen": "723600", "rows": ROWS}


def identity(first17):
    weights = [2 ** (17 - i) % 11 for i in range(17)]
    return first17 + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first17, weights)) % 11]


class Regions:
    def __init__(self, exchange, at=None):
        """at: the day on which everything is accepted, on a trace's clock: letters whose limits the calendar holds."""
        self.exchange, self.person, self.at = exchange, identity(PERSON), at

    def send(self, sender, codes=(0,), person=None, **body):
        """The outcome of one event of this sender."""
        envelope = {"version": 1, "sender": sender, "messageId": str(uuid.uuid4()), "personId": person or self.person, **body}
        words = ("submit", "--await", "--at", str(self.at), "-") if self.at else ("--as", sender, "submit", "--await", "-")
        said = self.exchange.json(*words, stdin=json.dumps(envelope).encode(), codes=codes)
        outcomes = [each for each in said if "kind" in each]
        check(outcomes, "no outcome: %s" % said)
        return outcomes[-1]

    def letter(self, sender, state, **step):
        body = {"transferId": "T-1", "scheme": "TRANSFER_SCHEME_PENSION", "sourceArea": SOURCE, "targetArea": TARGET, **step}
        outcome = self.send(sender, codes=(0, 1), transfer=body)
        found = outcome["kind"], outcome.get("transfer", {}).get("state")
        check(found == ("OUTCOME_KIND_MOVED", "TRANSFER_STATE_" + state), "%s: %s" % (step, json.dumps(outcome, ensure_ascii=False)))
        return outcome

    def mailbox(self, party):
        return self.exchange.json("--as", party, "mailbox", "--count", "100")


def notices(exchange, regions, head):
    """Certificates that were due yesterday, of persons in both partitions: each is told soon once and overdue once, in one mailbox."""
    yesterday = int(time.strftime("%Y%m%d", time.gmtime(time.time() + 8 * 3600 - 86400)))
    wanted = sorted("C-%d" % i for i in range(10, 22))
    for i in range(10, 22):
        regions.send(SOURCE, person=identity("110101194902%02d001" % i),
                     certification={**head, "certificationId": "C-%d" % i, "request": {"dueDate": yesterday}})
    until = time.time() + 20
    while True:
        read = [each for each in regions.mailbox("130000") if each["kind"] == "OUTCOME_KIND_NOTICE"]
        lines = [line for each in read for line in each["due"]]
        soon = sorted(line["transferId"] for line in lines if not line.get("overdue"))
        late = sorted(line["transferId"] for line in lines if line.get("overdue"))
        if soon == wanted and late == wanted:
            break
        check(len(soon) <= len(wanted) and len(late) <= len(wanted), "told more than once: %s, %s" % (soon, late))
        check(time.time() < until, "not told: %s, %s" % (soon, late))
        time.sleep(0.2)
    check(all(each["deliverTo"] == ["130000"] and each["event"] == "tick" for each in read), "a notice for others: %s" % read[:1])
    time.sleep(1)
    again = [each for each in regions.mailbox("130000") if each["kind"] == "OUTCOME_KIND_NOTICE"]
    check(len(again) == len(read), "told again")
    listed = exchange.json("transfer", "list", "--scheme", "certification", "--overdue", "--region", "130000")[0]["certificates"]
    check(sorted(each["certificationId"] for each in listed) == wanted, "hutong transfer list --overdue: %s" % listed)
    status = [each for each in exchange.json("status")[0]["services"] if each["service"] == "settlement"]
    check(sum(each["limitsOverdue"] for each in status) == len(wanted), "hutong status: %s" % status)


def transfer():
    exchange = Exchange("transfer", partitions=2, trace_clock=True)
    try:
        exchange.up()
        regions = Regions(exchange, at=20251124)
        regions.send(TARGET, enrolment={"area": TARGET, "insuranceType": "110", "category": "1101", "effectiveDate": 20250101})
        regions.letter(TARGET, "APPLIED", application={"sourceType": "110", "targetType": "110", "householdDivision": "120101"})
        regions.letter(TARGET, "ACCEPTED", contactLetter={"office": "Tianjin", "bank": "Bank", "bankAccount": "6222000000000001"})
        read = [each for each in regions.mailbox(SOURCE) if each.get("event") == "transfer"]
        check(len(read) == 1, "the source reads %d letters, not the contact letter alone" % len(read))
        check(read[0]["transfer"]["letter"]["contactLetter"]["bankAccount"] == "6222000000000001", "the contact letter is not in its mailbox")
        wrong = dict(FORM, pooledTotalFen="388900", transferTotalFen="723700")
        refused = regions.send(SOURCE, codes=(0, 1), transfer={"transferId": "T-1", "scheme": 1, "sourceArea": SOURCE, "targetArea": TARGET,
                                                               "informationForm": wrong})
        check(refused["kind"] == "OUTCOME_KIND_REFUSED" and refused["findings"][0]["rule"] == 713, "a wrong ⑤ is not refused: %s" % refused)
        regions.letter(SOURCE, "INFORMATION_SENT", informationForm=FORM)
        notice = {"amountFen": "723600", "reference": "B-1", "sentOn": 20251124}
        first = regions.letter(SOURCE, "FUNDS_SENT", fundsNotice=notice)
        exchange.kill("settlement", 0)
        exchange.kill("settlement", 1)
        exchange.up_again()
        again = regions.letter(SOURCE, "FUNDS_SENT", fundsNotice=notice)
        check(again["originalPosition"] == first["position"] and "postings" not in again, "the same letter again: %s" % again)
        regions.letter(TARGET, "MATCHED", fundsReceipt={"amountFen": "723600", "reference": "B-1", "receivedOn": 20251124})
        listed = exchange.json("transfer", "list", "--scheme", "pension", "--region", TARGET)[0]
        check([each["transferId"] for each in listed["transfers"]] == ["T-1"], "hutong transfer list: %s" % listed)
        check(regions.person not in json.dumps(listed), "an identity number is shown whole")
        regions.letter(TARGET, "JOINED", joining={"joinedOn": 20251124})
        regions.letter(TARGET, "CONFIRMED", confirmation={})
        regions.letter(SOURCE, "CLOSED", closing={})
        shown = exchange.json("transfer", "show", "T-1")[0]["transfers"][0]
        check(len(shown["history"]) == 8 and shown["state"] == "TRANSFER_STATE_CLOSED", "hutong transfer show: %s" % shown)
        check(shown["sentFen"] == shown["receivedFen"] == shown["joinedFen"] == "723600", "the money is not equal: %s" % shown)
        exchange.run("transfer", "show", "T-9", codes=(1,))
        text = exchange.run("transfer", "show", "T-1").stdout.decode()
        check("CLOSED" in text and "contact_letter" in text and "7236.00" in text, text)
        check(exchange.ledger()["joined:120000:110"] == -723600, "the ledger: %s" % exchange.ledger())
        both = [[(each["position"], each["transfer"]["state"]) for each in regions.mailbox(party) if each.get("event") == "transfer" and
                 each["kind"] == "OUTCOME_KIND_MOVED"] for party in (SOURCE, TARGET)]
        check(set(both[0]) - {(again["position"], "TRANSFER_STATE_FUNDS_SENT")} <= set(both[1]), "the mailboxes tell different things: %s" % both)
    finally:
        exchange.close()


def certificates():
    """On the real clock: ticks tell what is due."""
    exchange = Exchange("certificates", partitions=2)
    try:
        exchange.up()
        regions = Regions(exchange)
        pensioner = identity("11010119490101001")
        due = int(time.strftime("%Y%m%d", time.gmtime(time.time() + 8 * 3600 + 30 * 86400)))
        head = {"certificationId": "C-1", "payingArea": SOURCE, "residenceArea": "131000"}
        regions.send(SOURCE, person=pensioner, certification={**head, "request": {"dueDate": due, "monthlyPensionFen": "400000"}})
        today = int(time.strftime("%Y%m%d", time.gmtime(time.time() + 8 * 3600)))
        regions.send("130000", person=pensioner, certification={**head, "result": {"status": "PENSIONER_STATUS_ALIVE", "method": "face",
                                                                                   "date": today}})
        certificates = exchange.json("certificate", pensioner)[0]["certificates"]
        check(certificates and certificates[0]["certifiedUntil"] in (today + 10000, today + 9999), "hutong certificate: %s" % certificates)
        notices(exchange, regions, head)
        exchange.ledger()
    finally:
        exchange.close()


def both():
    transfer()
    certificates()


main(both)
