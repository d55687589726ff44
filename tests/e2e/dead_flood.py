# SPDX-License-Identifier: Apache-2.0
"""D8: a flood of submissions that nobody can decode, more bytes than validation's map has room for, and 20,000 small ones. Bills go on,
every letter has its outcome, the last one can be shown and sent through again, and a state made again after a kill is the same."""
import threading
import time

from bad_input import well_behaved
from exchange import Exchange, check, main
from half_open import delimited
from stranger import bill, connect, envelope_pb, gate_pb, load_demo, outcome_pb

MAP_MIB = 128  # of which 80 % may be used
LARGE, LARGE_SIZE = 256, 450000  # 110 MiB
SMALL = 20000


def letter(number, size):
    """An envelope whose body has a number that no service knows (102)."""
    envelope = envelope_pb.Envelope.FromString(bill(message_id="0193d800-0000-7000-8000-%012x" % number))
    envelope.ClearField("bill_settle")
    body = b"\x0a" + delimited(b"d" * size)
    return envelope.SerializeToString(deterministic=True) + b"\xb2\x06" + delimited(body)


def flood(exchange, receipts, problems):
    gate, _ = connect(exchange, "120000")
    try:
        sizes = [(8, LARGE_SIZE)] * (LARGE // 8) + [(500, 20)] * (SMALL // 500)
        for count, size in sizes:
            letters = [letter(len(receipts) + each, size) for each in range(count)]
            receipts += [(bytes_, gate_pb.Receipt.FromString(receipt)) for bytes_, receipt in zip(letters, gate.submit(*letters, timeout_ms=60000))]
    except Exception as problem:
        problems.append("the flood: %r" % problem)


def dead_flood():
    exchange = Exchange("flood", state_map_mib=MAP_MIB, tick_interval_ms=0)
    stop, problems, settled, receipts = threading.Event(), [], [], []
    try:
        exchange.up()
        load_demo(exchange)
        good = threading.Thread(target=well_behaved, args=(exchange, stop, problems, settled))
        flooding = threading.Thread(target=flood, args=(exchange, receipts, problems))
        good.start()
        flooding.start()
        flooding.join(120)
        _, mailbox = connect(exchange, "120000")
        bytes_, last = receipts[-1]
        outcome = mailbox.outcome(last.position, 60)
        time.sleep(0.5)
        stop.set()
        good.join(30)
        check(not problems, "bills do not go on: %s" % problems[:3])
        check(all(each.kind == gate_pb.RECEIPT_KIND_ACCEPTED for _, each in receipts), "a letter was not accepted")
        check(outcome.kind == outcome_pb.OUTCOME_KIND_DEAD_LETTER, "the last letter: %s" % outcome)
        status = {each["service"]: each for each in exchange.json("status")[0]["services"]}
        check(int(status["validation"]["deadLetters"]) == len(receipts), "dead letters: %s of %d" % (status["validation"]["deadLetters"], len(receipts)))
        used = int(status["validation"]["stateBytes"]) >> 20
        check(used < MAP_MIB * 0.8, "%d MiB of validation's map" % used)
        late = receipts[LARGE - 1]
        shown = exchange.json("dead", "show", str(late[1].position))[0]
        check(shown["bytes"] == len(late[0]) and shown["unknown"][0]["field"] == 102, "a late letter's bytes are gone: %s" % shown)
        check(len(exchange.json("dead", "list")) == len(receipts), "not every letter is listed")
        again = exchange.json("dead", "requeue", str(last.position), "--reason", "a test")[0]
        check(mailbox.outcome(again["position"]).kind == outcome_pb.OUTCOME_KIND_DEAD_LETTER, "sent through again, it is not dead again")
        exchange.kill("validation")
        exchange.up_again()
        exchange.quieten()
        exchange.replays_equally()
        print("        %d dead letters, %d MiB of %d in validation's map; meanwhile %d bills, the slowest %.0f ms"
              % (len(receipts), used, MAP_MIB, len(settled), max(settled) * 1000))
    finally:
        stop.set()
        exchange.close()


main(dead_flood)
