# SPDX-License-Identifier: Apache-2.0
"""D9: track and explain tell *not there* (exit code 1, at once) from *no answer* (3), by position and by id, whoever it is that is silent."""
import os
import signal
import time
import uuid

from exchange import check, main
from stranger import bill, connect, load_demo

AT_ONCE_S = 2


def says(exchange, code, *words, within=None):
    begun = time.monotonic()
    said = exchange.run(*words, codes=(code,)).stderr.decode()
    took = time.monotonic() - begun
    check(within is None or took < within, "hutong %s took %.1f s" % (" ".join(words), took))
    return said


class Silent:
    """A daemon that stands still."""

    def __init__(self, exchange, service):
        self.pid = exchange.pid(service)

    def __enter__(self):
        os.kill(self.pid, signal.SIGSTOP)

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGCONT)


def d9_not_there(exchange, position, message_id):
    for command in ("track", "explain"):
        says(exchange, 0, command, str(position))
        says(exchange, 0, command, message_id)
        for far in (exchange.position() + 5, 99999, 1 << 60):
            said = says(exchange, 1, command, str(far), within=AT_ONCE_S)
            check("nothing stands at %d" % far in said, "%s %d says %s" % (command, far, said))
        check("never accepted" in says(exchange, 1, command, str(uuid.uuid4()), within=AT_ONCE_S), "an id that nobody sent")


def d9_no_answer(exchange, position, message_id):
    with Silent(exchange, "audit"):
        check("audit does not answer" in says(exchange, 3, "track", str(position)), "audit is silent")
        says(exchange, 0, "explain", str(position))
    with Silent(exchange, "ingest"):
        says(exchange, 3, "track", str(position))
        says(exchange, 3, "explain", message_id)
    with Silent(exchange, "settlement"):
        gate, _ = connect(exchange, "120000")
        waiting = gate.receipt(bill(bill_id="undecided")).position
        check("not decided yet" in says(exchange, 3, "explain", str(waiting)), "undecided")
        says(exchange, 0, "track", str(waiting))  # where it is, is known
        gate.close()
    exchange.down()
    for command in ("track", "explain"):
        for subject in ("99999", message_id):
            check("no answer" in (said := says(exchange, 3, command, subject)) or "does not answer" in said, "%s %s says %s" % (command, subject, said))


def not_there(exchange):
    gate, mailbox = connect(exchange, "120000")
    message_id = str(uuid.uuid4())
    position = gate.receipt(bill(bill_id="there", message_id=message_id)).position
    mailbox.outcome(position)
    exchange.json("digest", "--wait", "60")
    d9_not_there(exchange, position, message_id)
    d9_no_answer(exchange, position, message_id)


main(not_there, "not_there", load_demo, tick_interval_ms=0)
