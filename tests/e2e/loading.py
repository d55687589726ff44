# SPDX-License-Identifier: Apache-2.0
"""Large loads with `hutong submit`: a stream without an end is sent while it is read, in bounded memory, with a line of progress; what
fits into the first 16 MiB is read and checked before anything is sent, what is longer names its fault and what went before; and while
the gate is killed under it, every message is accepted once, in the order of the input, with its outcome."""
import json
import os
import re
import subprocess
import threading
import time

from exchange import TODAY, check, main, records, wait
from stranger import connect, envelope_pb

MEMORY_MIB = 160
SECONDS = 6


def submit(exchange, *words, **options):
    return subprocess.Popen(exchange.command("--as", "120000", *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def resident_mib(pid):
    with open("/proc/%d/status" % pid) as file:
        return int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1)) / 1024


def log_end(exchange):
    gate, _ = connect(exchange, "120000")
    request = gate.request()
    request.ping.SetInParent()
    reply = gate.ask(request, 10000)
    gate.close()
    return reply.pong.submissions_end if reply is not None and reply.HasField("pong") else 0


def plain(record):
    start = 0
    while record[start] > 0x7F:
        start += 1
    return record[start + 1:]


def without_end(exchange):
    """Persons come from a generator that would never be through; it is stopped after a while, in the midst of a record."""
    read, write = os.pipe()
    generator = subprocess.Popen(exchange.command("gen", "--seed", "5", "--persons", "400000000", "--today", TODAY, "--only-reference",
                                                  "--sender", "120000", "--binary"), stdout=write)
    os.close(write)
    process = submit(exchange, "submit", "--binary", "--quiet", "--await", "--reason", "a test", "-", stdin=read)
    os.close(read)
    before = log_end(exchange)
    wait(lambda: log_end(exchange) > before + 20000, "nothing is accepted while the input goes on", 60)
    time.sleep(SECONDS)
    memory = resident_mib(process.pid)
    generator.kill()
    generator.wait()
    out, err = process.communicate(timeout=120)
    check(memory < MEMORY_MIB, "%d MiB for a stream" % memory)
    check(process.returncode in (0, 4), "a stream that breaks off: exit code %d: %s" % (process.returncode, err))
    check(process.returncode == 0 or b"before that were sent" in err, "what was sent is not told: %s" % err)
    submitted, accepted = map(int, re.match(rb"(\d+) submitted: (\d+) accepted", out.splitlines()[-1]).groups())
    check(accepted > 20000 and accepted == submitted, "%d of %d accepted" % (accepted, submitted))
    print("        a stream: %d accepted, %d MiB" % (accepted, memory), flush=True)


def envelopes(count, start):
    return [json.dumps({"messageId": "0197f1a2-0000-7000-8000-%012d" % (start + number), "sentAtMs": 1,
                        "institution": {"code": "H12010199%03d" % (number % 1000), "name": "院" * 100, "area": "120000", "level": 3,
                                        "status": 1, "effectiveDate": 20200101}}, ensure_ascii=False) + "\n" for number in range(count)]


def faults_have_their_line(exchange):
    before, lines = exchange.position(), envelopes(2000, 0)
    lines[1500] = '{"institution": {"level": 1.5}}\n'
    done = exchange.run("--as", "120000", "submit", "--quiet", "-", stdin="".join(lines).encode(), codes=(4,))
    check(b"-:1501: " in done.stderr and b"were sent" not in done.stderr, "a fault in front: %s" % done.stderr)
    check(exchange.position() == before, "something was sent of a file with a fault")
    lines = envelopes(60000, 10000)
    lines[59000] = '{"institution": {"level": 1.5}}\n'
    text = "".join(lines).encode()
    check(len(text) > 24 << 20, "%d bytes are no long file" % len(text))
    done = exchange.run("--as", "120000", "submit", "--quiet", "--await", "-", stdin=text, codes=(4,))
    sent = int(re.search(rb"the (\d+) before that were sent", done.stderr).group(1))
    check(b"-:59001: " in done.stderr and 30000 < sent <= 59000, "a fault behind: %s" % done.stderr)
    check(exchange.position() == before + sent, "%d records for %d that were sent" % (exchange.position() - before, sent))
    lines[59000] = "\n"
    done = exchange.json("--as", "120000", "submit", "--quiet", "--await", "-", stdin="".join(lines).encode(), codes=(0, 1))
    check(done[-1]["summary"]["accepted"] == done[-1]["summary"]["decided"] == 59999, "the mended file: %s" % done[-1])
    check(exchange.position() == before + 59999, "a message stands twice")


def gate_is_killed(exchange):
    events = exchange.gen("--only-reference", "--sender", "120000", seed=9, persons=200000)
    ids = [envelope_pb.Envelope.FromString(plain(each)).message_id for each in records(events)]
    before = exchange.position()
    process = submit(exchange, "--json", "submit", "--binary", "--await", "--progress", "--reason", "a test", "-", stdin=subprocess.PIPE)
    killed = 0

    def kill():
        nonlocal killed
        for _ in range(3):
            seen = log_end(exchange)
            wait(lambda: process.poll() is not None or log_end(exchange) > seen + 5000, "nothing goes on", 60)
            if process.poll() is not None:
                return
            exchange.kill("ingest")
            exchange.up_again()
            killed += 1

    killer = threading.Thread(target=kill)
    killer.start()
    out, err = process.communicate(events, timeout=200)
    killer.join()
    check(process.returncode == 0, "exit code %d: %s" % (process.returncode, err[-1000:]))
    lines = list(map(json.loads, out.splitlines()))
    receipts = [line for line in lines if "receipt" in line]
    outcomes = [line for line in lines if "kind" in line]
    positions = [receipt["position"] for receipt in receipts]
    check([receipt["messageId"] for receipt in receipts] == ids, "not the receipts of the input in its order")
    check(positions == sorted(set(positions)) and positions[0] >= before, "the log's order is not the input's")
    check([outcome["messageId"] for outcome in outcomes] == ids, "not the outcomes of the input in its order")
    check(re.search(rb"\d+ sent, \d+ a second, 0 refused, \d+ decided", err), "no line of progress: %s" % err[-500:])
    check(killed > 0, "the gate was never killed: too fast")
    print("        the gate was killed %d times under %d messages" % (killed, len(ids)), flush=True)


def loading(exchange):
    faults_have_their_line(exchange)
    gate_is_killed(exchange)
    without_end(exchange)


main(loading, "loading", tick_interval_ms=0)
