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
    for fields in ({"person": PERSON[:-1], "bill_id": "E1"}, {"person": PERSON[:-1], "bill_id": "E2-" + PERSON}, {"person": PERSON[:-1], "bill_id": "E3", "care_kind": "99"},
                   {"person": other[:-1], "bill_id": "E4"}, {"person": other[:-1], "bill_id": "E5-" + PERSON}):
        envelope = bill(diagnosis=DIAGNOSIS if fields["person"] == PERSON[:-1] else "K35.900", **fields)
        receipt = gate.receipt(envelope)
        check(receipt.kind == gate_pb.RECEIPT_KIND_ACCEPTED, "%s: %s" % (fields, receipt))
        mailbox.outcome(receipt.position)
        sent.append((envelope, receipt.SerializeToString(deterministic=True)))
    return sent, receipt.position


def outcomes(exchange):
    """Every mailbox, without what names the person or is made of the number."""
    said = []
    for region in REGIONS:
        for each in exchange.json("--as", region, "mailbox", "--from", "0", "--count", "100000"):
            for key in ("transfer", "certification", "due", "row"):
                each.pop(key, None)
            said.append(json.dumps(each, sort_keys=True))
    return sorted(said)


def leaves(exchange, name, below):
    """Entries of the transparency log, a position each."""
    place = os.path.join(exchange.directory, name)
    exchange.run("audit", "export", place)
    files = [os.path.join(each, file) for each, _, names in os.walk(os.path.join(place, "tile/entries")) for file in names]
    found = {}
    for path in sorted(files):
        with open(path, "rb") as file:
            for entry in re.findall(rb"\x00\x55(HTL1.{81})", file.read(), re.DOTALL):
                found[int.from_bytes(entry[4:12], "big")] = entry
    return {position: entry for position, entry in found.items() if position < below}


def rotten(exchange, number):
    """What of the person still stands below the data directory, the order of the erasure and what it keeps apart."""
    data = os.path.join(exchange.directory, "data")
    places = [os.path.join(data, each) for each in os.listdir(data) if not each.startswith("eras")]
    return [line for line in scan(Secrets([number], [NAMED, DIAGNOSIS]), places)]


def steps_in_their_order(exchange):
    exchange.run("person", "erase", "--finish", codes=(1,))
    exchange.run("person", "erase", PERSON, codes=(2,))
    exchange.run("person", "erase", "11010119850615000A", "--basis", BASIS, "--yes", codes=(2,))
    exchange.run("person", "erase", identity("11010119850615777"), "--basis", BASIS, "--yes", codes=(1,))


def erasure(exchange):
    bills(exchange)
    transfers(exchange)
    dead_letter(exchange)
    sent, position = own_bills(exchange)
    exchange.run("person", "export", PERSON, "--reason", "asked by " + NAMED)  # which stands on the log, with the number
    exchange.quieten()
    check(rotten(exchange, PERSON), "the scan finds nobody in a day that is full of them")
    end, before, balances = exchange.position(), outcomes(exchange), exchange.ledger()
    known = leaves(exchange, "before", end)
    check(len(known) == end, "%d leaves below %d" % (len(known), end))
    proof, checkpoint = (os.path.join(exchange.directory, each) for each in ("own.tlog-proof", "before.checkpoint"))
    exchange.run("audit", "prove", str(position), "--bare", "--out", proof)
    with open(checkpoint, "wb") as file:
        file.write(exchange.run("audit", "checkpoint").stdout)
    steps_in_their_order(exchange)
    exchange.run("person", "erase", PERSON, "--basis", BASIS, "--yes")
    exchange.run("person", "erase", PERSON, "--basis", BASIS, "--yes")  # again: the same order
    exchange.run("person", "erase", other, "--basis", BASIS, "--yes", codes=(1,))
    exchange.down()
    exchange.run("person", "erase", "--apply")
    exchange.run("person", "erase", "--undo")
    exchange.up()
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
    changed = sum(left != right for left, right in zip(before, after))
    strangers = [left for left, right in zip(before, after) if left != right and PERSON not in left]
    check(not strangers, "outcomes that do not name the person changed: %s" % strangers[:3])
    print("        %d outcomes, %d of them in other words" % (len(after), changed))
    check(exchange.ledger() == balances, "the ledger has other balances")
    gate, _ = connect(exchange, "120000")
    for envelope, receipt in sent:
        check(gate.receipt(envelope).SerializeToString(deterministic=True) == receipt, "another receipt for what was accepted before")
    again = leaves(exchange, "after", end)
    wrong = [position for position in known if again.get(position) != known[position]]
    check(not wrong and len(again) == len(known), "%d leaves are others: %s" % (len(wrong), wrong[:10]))
    key = os.path.join(exchange.directory, "keys/audit-signing.vkey")
    check("is what the leaf commits to" not in exchange.run("audit", "verify", proof, "--key", key).stdout.decode(), "a bare proof holds no record")
    latest = os.path.join(exchange.directory, "data/checkpoint")
    exchange.run("audit", "consistency", checkpoint, latest)
    exchange.run("audit", "prove", str(position), "--out", proof)  # the record is another; its leaf says what it was
    check("a person was erased" in exchange.run("audit", "verify", proof, "--key", key).stdout.decode(), "nothing said of the erasure")
    exchange.replays = None


main(erasure, "erasure", load_demo, http=True, partitions=2)
