# SPDX-License-Identifier: Apache-2.0
"""What a day beside its bills brings to the console's screens: transfers that are late, messages that nobody can decode."""
import time

from letters import TIANJIN, Letters, Talk, identity
from stranger import bill, connect, envelope_pb

LATE_DAYS, UNKNOWN = 60, (b"\xb2\x06\x02\x08\x01", b"\xba\x06\x02\x08\x01")  # fields 102 and 103


def set_trace_clock(exchange, on):
    exchange.trace_clock = on
    with open(exchange.config) as file:
        lines = [line for line in file if not line.startswith("trace_clock")]
    with open(exchange.config, "w") as file:
        file.writelines(lines + ["trace_clock: %s\n" % str(on).lower()])


def late_transfers(exchange):
    """Applied for two months ago, on a trace's clock; then the exchange is up, by its own."""
    then = int(time.strftime("%Y%m%d", time.gmtime(time.time() + 8 * 3600 - LATE_DAYS * 86400)))
    set_trace_clock(exchange, True)
    exchange.up()
    letters = Letters(exchange)
    letters.day(then, ticks=1)
    for number in range(1, 4):
        talk = Talk(letters, "T-LATE-%d" % number, identity("110101198506150%02d" % (2 * number + 1)))
        letters.enrol(talk.person, TIANJIN, "110")
        talk.moves(TIANJIN, "APPLIED", told=[TIANJIN], application={"sourceType": "110", "targetType": "110", "householdDivision": "120101"})
        if number > 1:
            talk.moves(TIANJIN, "ACCEPTED", contactLetter={"office": "Tianjin", "bank": "Bank", "bankAccount": "6222000000000001"})
    exchange.down()
    set_trace_clock(exchange, False)
    exchange.up()


def dead_letters(exchange, count=5):
    """Bodies that no service knows, of two kinds."""
    gate, _ = connect(exchange, TIANJIN)
    for number in range(count):
        envelope = envelope_pb.Envelope.FromString(bill(bill_id="dead-%d" % number))
        envelope.ClearField("bill_settle")
        gate.receipt(envelope.SerializeToString(deterministic=True) + UNKNOWN[number % 2])
    gate.close()
