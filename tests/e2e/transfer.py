# SPDX-License-Identifier: Apache-2.0
"""A pension moves from Beijing to Tianjin through a whole exchange of two partitions: every letter by the region whose step it is, read in
the other's mailbox, and both mailboxes compared with what they should hold; the same letter again; a refused one; `hutong transfer` and
`hutong certificate`; the ledger sums to zero; a crash of settlement in the middle is not seen."""
import time

from exchange import check, main
from letters import BEIJING, HEBEI, TIANJIN, Letters, Talk, identity

ROWS = [{"fromMonth": 200401, "toMonth": 200412, "months": 12, "baseFen": "100000"},
        {"fromMonth": 200501, "toMonth": 200512, "months": 12, "baseFen": "110000"},
        {"fromMonth": 200601, "toMonth": 200606, "months": 6, "baseFen": "120000"}]
FORM = {"contributionMonths": 30, "accountToLastYearFen": "334800", "accountTotalFen": "334800", "pooledTotalFen": "388800",
        "transferTotalFen": "723600", "rows": ROWS}


def notices(exchange, letters, head):
    """Certificates that were due yesterday, of persons in both partitions: each is told soon once and overdue once, in one mailbox."""
    yesterday = int(time.strftime("%Y%m%d", time.gmtime(time.time() + 8 * 3600 - 86400)))
    wanted = sorted("C-%d" % i for i in range(10, 22))
    for i in range(10, 22):
        letters.send(BEIJING, identity("110101194902%02d001" % i),
                     certification={**head, "certificationId": "C-%d" % i, "request": {"dueDate": yesterday}})
    until = time.time() + 20
    while True:
        read = [each for each in letters.mailbox(HEBEI) if each["kind"] == "OUTCOME_KIND_NOTICE"]
        lines = [line for each in read for line in each["due"]]
        soon = sorted(line["transferId"] for line in lines if not line.get("overdue"))
        late = sorted(line["transferId"] for line in lines if line.get("overdue"))
        if soon == wanted and late == wanted:
            break
        check(len(soon) <= len(wanted) and len(late) <= len(wanted), "told more than once: %s, %s" % (soon, late))
        check(time.time() < until, "not told: %s, %s" % (soon, late))
        time.sleep(0.2)
    check(all(each["deliverTo"] == [HEBEI] and each["event"] == "tick" for each in read), "a notice for others: %s" % read[:1])
    time.sleep(1)
    again = [each for each in letters.mailbox(HEBEI) if each["kind"] == "OUTCOME_KIND_NOTICE"]
    check(len(again) == len(read), "told again")
    listed = exchange.json("transfer", "list", "--scheme", "certification", "--overdue", "--region", HEBEI)[0]["certificates"]
    check(sorted(each["certificationId"] for each in listed) == wanted, "hutong transfer list --overdue: %s" % listed)
    status = [each for each in exchange.json("status")[0]["services"] if each["service"] == "settlement"]
    check(sum(each["limitsOverdue"] for each in status) == len(wanted), "hutong status: %s" % status)


def transfer(exchange):
    letters = Letters(exchange)
    letters.day(20251124, ticks=1)
    talk = Talk(letters, "T-1", identity("11010119850615001"))
    letters.enrol(talk.person, TIANJIN, "110")
    talk.moves(TIANJIN, "APPLIED", told=[TIANJIN], application={"sourceType": "110", "targetType": "110", "householdDivision": "120101"})
    check(letters.mailbox(BEIJING) == [], "the source hears of it before the contact letter")
    talk.moves(TIANJIN, "ACCEPTED", contactLetter={"office": "Tianjin", "bank": "Bank", "bankAccount": "6222000000000001"})
    read = letters.mailbox(BEIJING)
    check(read[0]["transfer"]["letter"]["contactLetter"]["bankAccount"] == "6222000000000001", "the contact letter is not in its mailbox")
    talk.refuses(BEIJING, 713, 713, informationForm=dict(FORM, pooledTotalFen="388900", transferTotalFen="723700"))
    talk.moves(BEIJING, "INFORMATION_SENT", informationForm=FORM)
    notice = {"amountFen": "723600", "reference": "B-1", "sentOn": 20251124}
    first = talk.moves(BEIJING, "FUNDS_SENT", fundsNotice=notice)
    exchange.kill("settlement", 0)
    exchange.kill("settlement", 1)
    exchange.up_again()
    talk.repeats(BEIJING, first, fundsNotice=notice)
    talk.moves(TIANJIN, "MATCHED", fundsReceipt={"amountFen": "723600", "reference": "B-1", "receivedOn": 20251124})
    listed = exchange.json("transfer", "list", "--scheme", "pension", "--region", TIANJIN)[0]
    check([each["transferId"] for each in listed["transfers"]] == ["T-1"], "hutong transfer list: %s" % listed)
    check(talk.person not in str(listed), "an identity number is shown whole")
    talk.moves(TIANJIN, "JOINED", joining={"joinedOn": 20251124})
    talk.moves(TIANJIN, "CONFIRMED", confirmation={})
    talk.moves(BEIJING, "CLOSED", closing={})
    view = talk.shown()
    check(view["sentFen"] == view["receivedFen"] == view["joinedFen"] == "723600", "the money is not equal: %s" % view)
    exchange.run("transfer", "show", "T-9", codes=(1,))
    text = exchange.run("transfer", "show", "T-1").stdout.decode()
    check("CLOSED" in text and "contact_letter" in text and "7236.00" in text, text)
    letters.agree()
    check(exchange.ledger()["joined:120000:110"] == -723600, "the ledger: %s" % exchange.ledger())


def certificates(exchange):
    """On the real clock: ticks tell what is due."""
    letters = Letters(exchange)
    pensioner = identity("11010119490101001")
    due = int(time.strftime("%Y%m%d", time.gmtime(time.time() + 8 * 3600 + 30 * 86400)))
    head = {"certificationId": "C-1", "payingArea": BEIJING, "residenceArea": "131000"}
    letters.send(BEIJING, pensioner, certification={**head, "request": {"dueDate": due, "monthlyPensionFen": "400000"}})
    today = int(time.strftime("%Y%m%d", time.gmtime(time.time() + 8 * 3600)))
    letters.send(HEBEI, pensioner, certification={**head, "result": {"status": "PENSIONER_STATUS_ALIVE", "method": "face", "date": today}})
    certificates = exchange.json("certificate", pensioner)[0]["certificates"]
    check(certificates and certificates[0]["certifiedUntil"] in (today + 10000, today + 9999), "hutong certificate: %s" % certificates)
    notices(exchange, letters, head)
    exchange.ledger()


main(transfer, "transfer", partitions=2, trace_clock=True)
main(certificates, "certificates", partitions=2)
