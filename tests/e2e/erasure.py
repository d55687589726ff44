# SPDX-License-Identifier: Apache-2.0
"""A person of a day with bills, transfers, a dead letter and its second try is erased: number, words and diagnosis stand in no file any more; every
outcome, every balance, every first receipt and every leaf of the transparency log stands, and the services make the same of the rewritten log
as they said before. A kill in the middle, an undo, a wrong order of steps."""
import json
import os
import re

from exchange import REGIONS, check, main
from letters import identity
from privacy import DIAGNOSIS, NAMED, PERSON, bills, dead_letter, transfers
from scan import Secrets, scan
from stranger import bill, connect, envelope_pb, gate_pb, load_demo

BASIS = "PIPL art. 47, request of today"
erased = Secrets([PERSON], [NAMED])
other = identity("11010119850615003")  # of the same day and sex: stays


def own_bills(exchange):
    """Of the person and of another: one settled, one refused, one with the number in a field of somebody else's."""
    gate, mailbox = connect(exchange, "120000")
    sent = []
    for fields in ({"person": PERSON, "bill_id": "E1"}, {"person": PERSON, "bill_id": "E2-" + PERSON}, {"person": PERSON, "bill_id": "E3", "care_kind": "99"},
                   {"person": other, "bill_id": "E4"}, {"person": other, "bill_id": "E5-" + PERSON}):
        envelope = bill(diagnosis=DIAGNOSIS if fields["person"] == PERSON else "K35.900", **fields)
        receipt = gate.receipt(envelope)
        check(receipt.kind == gate_pb.RECEIPT_KIND_ACCEPTED, "%s: %s" % (fields, receipt))
        mailbox.outcome(receipt.position)
        sent.append((envelope, receipt.SerializeToString(deterministic=True)))
    return sent


def outcomes(exchange):
    """Every mailbox, without what names the person or is made of the number."""
    said = []
    for region in REGIONS:
        for each in exchange.json("--as", region, "mailbox", "--from", "0", "--count", "100000"):
            for key in ("transfer", "certification", "due", "row"):
                each.pop(key, None)
            said.append(json.dumps(each, sort_keys=True))
    return sorted(said)


def leaves(exchange, below):
    """Commitments of the transparency log, by position."""
    found = {}
    for row in exchange.json("dump", os.path.join(exchange.directory, "data", "audit-0"), "--table", "entries", "--unmasked", "--unrecorded"):
        text = json.dumps(row)
        for entry in re.findall(r"48544c31([0-9a-f]{16})([0-9a-f]{146})", text):
            if int(entry[0], 16) < below:
                found[int(entry[0], 16)] = entry[1]
    return found


def rotten(exchange, number):
    """What of the person still stands below the data directory, the order of the erasure and what it keeps apart."""
    data = os.path.join(exchange.directory, "data")
    places = [os.path.join(data, each) for each in os.listdir(data) if not each.startswith("eras")]
    return [line for line in scan(Secrets([number], [NAMED, DIAGNOSIS]), places)]


def masked(lines):
    """The pseudonym is masked as the number is: both are eighteen characters of which six and four are shown."""
    return [re.sub(r"\d{6}\*{8}[\dX]{4}", "*", line).replace(PERSON, "?") for line in lines]


def steps_in_their_order(exchange):
    exchange.run("person", "erase", "--finish", codes=(1,))
    exchange.run("person", "erase", PERSON, codes=(2,))
    exchange.run("person", "erase", "11010119850615000A", "--basis", BASIS, "--yes", codes=(2,))
    exchange.run("person", "erase", identity("11010119850615777"), "--basis", BASIS, "--yes", codes=(1,))


def erasure(exchange):
    bills(exchange)
    transfers(exchange)
    dead_letter(exchange)
    sent = own_bills(exchange)
    exchange.quieten()
    check(rotten(exchange, PERSON), "the scan finds nobody in a day that is full of them")
    end, before, balances = exchange.position(), outcomes(exchange), exchange.ledger()
    digests = exchange.digests()
    known = leaves(exchange, end)
    #LEAVES
    steps_in_their_order(exchange)
    exchange.run("person", "erase", PERSON, "--basis", BASIS, "--yes")
    exchange.run("person", "erase", PERSON, "--basis", BASIS, "--yes")  # again: the same order
    exchange.run("person", "erase", other, "--basis", BASIS, "--yes", codes=(1,))
    exchange.down()
    exchange.run("person", "erase", "--apply")
    exchange.run("person", "erase", "--undo")
    exchange.up()
    check({key: exchange.digests()[key][1] for key in digests if key[0] == "settlement"}
          == {key: exchange.digests()[key][1] for key in digests if key[0] == "settlement"}, "undone, not as it was")
    check(outcomes(exchange) == before, "undone, other outcomes")
    exchange.run("person", "erase", PERSON, "--basis", BASIS, "--yes")
    exchange.down()
    print("        %s" % exchange.run("person", "erase", "--apply").stdout.decode().splitlines()[0])
    exchange.up()
    exchange.position()
    found = rotten(exchange, PERSON)
    check(not found, "%d places still name the person:\n%s" % (len(found), "\n".join(found[:10])))
    exchange.run("person", "erase", "--finish")
    found = scan(Secrets([PERSON], [NAMED, DIAGNOSIS]), [os.path.join(exchange.directory, each) for each in ("data", "run")])
    check(not found, "%d places name the person at the end:\n%s" % (len(found), "\n".join(found[:10])))
    after = outcomes(exchange)
    check(len(after) == len(before), "%d outcomes of %d" % (len(after), len(before)))
    pseudonyms = [line for line in zip(masked(before), masked(after)) if line[0] != line[1] and PERSON not in line[0]]
    changed = sum(left != right for left, right in zip(before, after))
    print("        %d outcomes, %d of them in other words" % (len(after), changed))
    check(exchange.ledger() == balances, "the ledger has other balances")
    gate, _ = connect(exchange, "120000")
    for envelope, receipt in sent:
        check(gate.receipt(envelope).SerializeToString(deterministic=True) == receipt, "another receipt for what was accepted before")
    again = leaves(exchange, end)
    wrong = [position for position in known if again.get(position) != known[position]]
    check(not wrong, "%d leaves are others: %s" % (len(wrong), wrong[:10]))
    exchange.replays = None


main(erasure, "erasure", load_demo, http=True, partitions=2)
