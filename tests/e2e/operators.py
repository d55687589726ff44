# SPDX-License-Identifier: Apache-2.0
"""O5: two operators at once, and one who presses Ctrl-C. The same file sent twice at the same time, and after an interruption: one
position a bill. Two supervisors, two makers of one key, two who send one dead letter through again: one of them is told no, or the
second changes nothing."""
import os
import random
import signal
import subprocess
import time

from exchange import check, main
from stranger import bill, connect, envelope_pb, gate_pb, load_demo, outcome_pb, read_key
from half_open import delimited

TOGETHER = 6


def start(exchange, *words, stdin=None):
    process = subprocess.Popen(exchange.command(*words), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if stdin is not None:
        process.stdin.write(stdin)
    process.stdin.close()
    process.stdin = None
    return process


def ends(processes, seconds=60):
    return [(*process.communicate(timeout=seconds), process.returncode) for process in processes]


def one_file_twice(exchange):
    bills = [bill(bill_id="twice%d" % number) for number in range(400)]
    before, stdin = exchange.position(), b"".join(map(delimited, bills))
    done = ends([start(exchange, "--as", "120000", "--json", "submit", "--binary", "--await", "-", stdin=stdin) for _ in range(TOGETHER)])
    check(all(code == 0 or code == 1 for _, _, code in done), "exit codes %s" % [code for _, _, code in done])
    check(len({out for out, _, _ in done}) == 1, "they tell different stories")
    check(exchange.position() == before + len(bills), "%d records for %d bills" % (exchange.position() - before, len(bills)))


def interrupted(exchange, chance):
    """SIGINT somewhere in the middle, and the same file again until it is through."""
    bills = [bill(bill_id="ctrlc%d" % number) for number in range(2000)]
    before, stdin, cut = exchange.position(), b"".join(map(delimited, bills)), 0
    for _ in range(12):
        process = start(exchange, "--as", "120000", "submit", "--binary", "--quiet", "--await", "-", stdin=stdin)
        time.sleep(chance.uniform(0.01, 0.25))
        process.send_signal(signal.SIGINT)
        code = ends([process])[0][2]
        check(code in (0, -signal.SIGINT, 130), "interrupted: exit code %d" % code)
        cut += code != 0
    check(cut > 3, "only %d were interrupted" % cut)
    exchange.run("--as", "120000", "submit", "--binary", "--quiet", "--await", "-", stdin=stdin, codes=(0, 1))
    check(exchange.position() == before + len(bills), "%d records for %d bills" % (exchange.position() - before, len(bills)))
    return cut


def two_supervisors(exchange):
    pid = exchange.pid("broker")
    done = exchange.run("up", "--detach", codes=None)
    check(done.returncode != 0 and b"runs already" in done.stderr, "a second supervisor: %d %s" % (done.returncode, done.stderr))
    check(exchange.pid("broker") == pid, "the second one touched the first one's broker")


def one_key_twice(exchange):
    for number in range(10):
        name = "k%d" % number
        done = ends([start(exchange, "keys", "new", "120000", "--name", name, "--reason", "a test") for _ in range(TOGETHER)])
        check(sorted(code for _, _, code in done) == [0] + [1] * (TOGETHER - 1), "exit codes %s" % [code for _, _, code in done])
        keys = os.path.join(exchange.directory, "keys")
        public = read_key(os.path.join(keys, "parties", name + ".key"))[0]
        check(read_key(os.path.join(keys, "clients", name + ".key_secret"))[0] == public, "%s: the halves do not belong together" % name)
    gate, mailbox = connect(exchange, "120000", "k0")
    check(gate.receipt(bill(bill_id="by k0")).kind == gate_pb.RECEIPT_KIND_ACCEPTED, "the key does not work")


def one_letter_twice(exchange):
    """Requeues at once are so many messages: the first is dead again, for the others there is no such letter any more. One message, one letter."""
    gate, mailbox = connect(exchange, "120000")
    envelope = envelope_pb.Envelope.FromString(bill(bill_id="dead"))
    envelope.ClearField("bill_settle")
    receipt = gate.receipt(envelope.SerializeToString(deterministic=True) + b"\xb2\x06\x02\x08\x01")
    check(mailbox.outcome(receipt.position).kind == outcome_pb.OUTCOME_KIND_DEAD_LETTER, "no dead letter")
    done = ends([start(exchange, "--json", "dead", "requeue", str(receipt.position), "--reason", "a test") for _ in range(TOGETHER)])
    codes = [code for _, _, code in done]
    check(0 in codes and set(codes) <= {0, 1}, "exit codes %s" % codes)
    exchange.json("digest", "--wait", "60")
    check(len(exchange.json("dead", "list")) == 1, "dead letters: %d" % len(exchange.json("dead", "list")))
    exchange.run("ledger", "balances")  # exit code 1 if they did not sum to zero


def operators(exchange):
    chance = random.Random(5)
    one_file_twice(exchange)
    cut = interrupted(exchange, chance)
    two_supervisors(exchange)
    one_key_twice(exchange)
    one_letter_twice(exchange)
    print("        %d at once; %d interrupted" % (TOGETHER, cut))


main(operators, "operators", load_demo, tick_interval_ms=0)
