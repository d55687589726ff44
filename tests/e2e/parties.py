# SPDX-License-Identifier: Apache-2.0
"""Who is slow, who is refused, and for what, as the operator sees it: counts and times by party in the metrics and in `hutong status`,
what lies unconfirmed in each mailbox, limits that have passed by region, advance funds that are red."""
import json
import os
import time
import uuid

from exchange import REGIONS, ROOT, check, main, wait
from letters import BEIJING, HEBEI, TIANJIN, Letters, identity


def metric(exchange, service, name, **labels):
    wanted = sorted('%s="%s"' % each for each in labels.items())
    for key, value in exchange.metrics(service).items():
        found, _, rest = key.partition("{")
        if found == name and all(each in rest for each in wanted):
            return value
    return 0


def submit(exchange, party, *envelopes, codes=(0, 1)):
    return exchange.json("--as", party, "submit", "--await", "-", stdin=json.dumps(list(envelopes)).encode(), codes=codes)


def edge(exchange):
    """Accepted, the same again, other bytes under its id, another's name; a bill that a rule refuses."""
    with open(os.path.join(ROOT, "data/demo/bills.120000.json")) as file:
        bill = dict(json.load(file)[0], sender=TIANJIN, messageId=str(uuid.uuid4()))
    check('hutong_party_refusals_total{party="%s",code="BIL-0001"}' % HEBEI in exchange.metrics("ingest"), "a first burst would not be seen as an increase")
    before = time.time() - 2
    check(submit(exchange, TIANJIN, bill)[0]["receipt"] == "accepted", "the bill")
    submit(exchange, TIANJIN, bill)
    submit(exchange, TIANJIN, dict(bill, sentAtMs="1"))
    submit(exchange, TIANJIN, dict(bill, sender=BEIJING))
    for receipt, count in (("accepted", 1), ("duplicate", 1), ("conflict", 1), ("refused", 1), ("busy", 0)):
        found = metric(exchange, "ingest", "hutong_party_receipts_total", party=TIANJIN, receipt=receipt)
        check(found == count, "%s: %s" % (receipt, found))
        check(metric(exchange, "ingest", "hutong_party_receipts_total", party=HEBEI, receipt=receipt) == 0, "Hebei sent nothing")
    for code in ("ENV-0005", "AUT-0001", "REF-0001", "REF-0003"):
        found = metric(exchange, "ingest", "hutong_party_refusals_total", party=TIANJIN, code=code)
        check(found == 1, "%s: %s" % (code, found))
    check(metric(exchange, "ingest", "hutong_party_outcomes_refused_total", party=TIANJIN) == 1, "refused by a rule")
    for name in ("seen", "receipt"):
        at = metric(exchange, "ingest", "hutong_party_last_%s_timestamp_seconds" % name, party=TIANJIN)
        check(before <= at <= time.time() + 1, "last %s: %s" % (name, at))
        check(metric(exchange, "ingest", "hutong_party_last_%s_timestamp_seconds" % name, party=HEBEI) == 0, "Hebei was not seen")


def backlog(exchange):
    def lies(count):
        wait(lambda: metric(exchange, "ingest", "hutong_party_mailbox_backlog_records", party=TIANJIN, box="outcomes") == count,
             "%d unconfirmed in Tianjin's mailbox: %s" % (count, exchange.metrics("ingest")), 10)
    lies(1)
    tianjin = [each for each in exchange.json("status")[0]["services"][0]["parties"] if each["party"] == TIANJIN][0]
    check((tianjin["backlog"], tianjin["accepted"], tianjin["refused"]) == ("1", "1", "3"), "hutong status: %s" % tianjin)
    lines = [line for line in exchange.run("status").stdout.decode().splitlines() if line.startswith("  %s " % TIANJIN)]
    check(len(lines) == 1 and "1+0 unconfirmed, 1 accepted, 3 refused, 0 busy" in lines[0], "hutong status: %s" % lines)
    exchange.run("--as", TIANJIN, "mailbox", "--confirm")
    lies(0)


def overdue(exchange):
    """A certificate that was due yesterday: the region that should answer is late."""
    yesterday = int(time.strftime("%Y%m%d", time.gmtime(time.time() + 8 * 3600 - 86400)))
    head = {"certificationId": "C-1", "payingArea": BEIJING, "residenceArea": "131000", "request": {"dueDate": yesterday}}
    Letters(exchange).send(BEIJING, identity("11010119490101001"), certification=head)
    for region, count in ((HEBEI, 1), (TIANJIN, 0), (BEIJING, 0), ("", 0)):
        wait(lambda: metric(exchange, "settlement", "hutong_limits_overdue", party=region) == count,
             "%d overdue of %s: %s" % (count, region, exchange.metrics("settlement")), 20)
    check(metric(exchange, "settlement", "hutong_limits_running") == 1, "limits that run")


def parties(exchange):
    edge(exchange)
    backlog(exchange)
    overdue(exchange)


main(parties, "parties", http=True)
