# SPDX-License-Identifier: Apache-2.0
"""What browsers that look on cost the bills: 20 who poll every question of the table that needs no argument, each his own and the state, once a
second, while bills flow on a schedule; in turns with nobody looking. Prints bills' latency side by side, and the console's memory.

  bench/console.py [--rate 10000] [--seconds 10] [--turns 3] [--browsers 20]
  bench/console.py --soak MINUTES     polls alone, the console's memory each minute"""
import argparse
import contextlib
import http.client
import json
import multiprocessing
import os
import re
import signal
import statistics
import subprocess
import sys
import threading
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(ROOT, "tests/e2e"))
from exchange import BIN, Exchange, free_ports  # noqa: E402


def questions():
    with open(os.path.join(ROOT, "services/console/question.def")) as table:
        rows = re.findall(r'^QUESTION\(([a-z-]+),.*?"([^"]*)"', table.read(), re.M | re.S)
    return [name for name, line in rows if "{" not in re.sub(r"\[[^\]]*\]", "", line) and name not in ("scrub", "digest")]


def memory(pid):
    with open("/proc/%d/status" % pid) as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def processes(exchange):
    pid = exchange.pid("console")
    return [pid, int(open("/proc/%d/task/%d/children" % (pid, pid)).read().split()[0])]


def poll(port, headers, names, until, results):
    asked, slowest, wrong = 0, 0.0, 0
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as line:
        while time.time() < until:
            began = time.time()
            for name in names:
                line.request("POST", "/api/" + name, b"{}", headers)
                answer = line.getresponse()
                answer.read()
                wrong += answer.status != 200
                asked += 1
            slowest = max(slowest, time.time() - began)
            time.sleep(max(0, began + 1 - time.time()))
    results.append((asked, slowest, wrong))


def browsers(port, headers, count, seconds, said):
    """In a process of their own, which yields: browsers are other machines."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    names, results = questions(), []
    threads = [threading.Thread(target=poll, args=(port, headers[i % len(headers)], ["status", names[i % len(names)], names[(i * 7 + 3) % len(names)]], time.time() + seconds, results))
               for i in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    said.put((sum(each[0] for each in results), max(each[1] for each in results), sum(each[2] for each in results)))


@contextlib.contextmanager
def looking(port, headers, count, seconds):
    said = multiprocessing.Queue()
    process = multiprocessing.Process(target=browsers, args=(port, headers, count, seconds, said))
    process.start()
    yield said
    process.join()


def log_in(exchange, port):
    headers = {"Host": "127.0.0.1:%d" % port, "Origin": "http://127.0.0.1:%d" % port, "Content-Type": "application/json"}
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("POST", "/api/login", json.dumps({"token": exchange.json("console")[0]["token"]}), headers)
    answer = line.getresponse()
    token = json.loads(answer.read())["token"]
    return {**headers, "Cookie": answer.getheader("Set-Cookie").split(";")[0], "X-Hutong-Token": token, "X-Hutong-Active": "1"}


def load(exchange, options, first):
    words = [os.path.join(BIN, "hutong-load"), "--config", exchange.config, "--bills", str(options.rate * options.seconds), "--rate", str(options.rate), "--first", str(first)]
    return json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)


def soak(exchange, port, headers, options):
    for minute in range(options.soak):
        with looking(port, headers, options.browsers, 60) as said:
            asked, slowest, wrong = said.get()
        print("minute %2d: %d questions, slowest round %.0f ms, refused %d, memory %s kB" % (minute + 1, asked, slowest * 1000, wrong, [memory(pid) for pid in processes(exchange)]), flush=True)


def main():
    parser = argparse.ArgumentParser()
    for name, default in (("rate", 10000), ("seconds", 10), ("turns", 3), ("browsers", 20), ("soak", 0)):
        parser.add_argument("--" + name, type=int, default=default)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended, when time is up too
    port = free_ports(1)[0]
    with Exchange("bench-console", console_endpoint="tcp://127.0.0.1:%d" % port) as exchange:
        exchange.up()
        headers = [log_in(exchange, port) for _ in range(8)]
        if options.soak:
            soak(exchange, port, headers, options)
            return
        exchange.load_reference()
        load(exchange, options, 0)  # warm
        alone, seen = [], []
        print("%-16s %10s %8s %8s %8s   %s" % ("", "bills/s", "p50 ms", "p99 ms", "max ms", "browsers"))
        for turn in range(options.turns * 2):
            watched, said = turn % 2 == 1, None
            count = options.rate * options.seconds
            with looking(port, headers, options.browsers, options.seconds + 1) if watched else contextlib.nullcontext() as said:
                row = load(exchange, options, (turn + 1) * count)
                (seen if watched else alone).append(row["p99_ms"])
                looked = "%d questions, slowest round %.0f ms, refused %d" % (lambda asked, slowest, wrong: (asked, 1000 * slowest, wrong))(*said.get()) if watched else ""
            print("%-16s %10.0f %8.2f %8.2f %8.1f   %s" % ("20 look" if watched else "nobody looks", row["bills_per_s"], row["p50_ms"], row["p99_ms"], row["max_ms"], looked), flush=True)
        print("median p99: %.2f ms alone, %.2f ms with %d browsers: %+.1f %%; memory of the console's processes %s kB"
              % (statistics.median(alone), statistics.median(seen), options.browsers, 100 * (statistics.median(seen) / statistics.median(alone) - 1),
                 [memory(pid) for pid in processes(exchange)]))


main()
