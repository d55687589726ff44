# SPDX-License-Identifier: Apache-2.0
"""Called by scripts/bench, which says what for. Measures, prints Markdown and keeps the figures; docs/PERFORMANCE.md explains each."""
import argparse
import datetime
import http.client
import itertools
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests/e2e"))
import growth
import machine
import report
from exchange import BIN, REGIONS, SERVICES, TODAY, Exchange, records
from figures import positions, spread
from postgres import Postgres

STARTED = time.time()
PARTS = ("compare", "rates", "recovery", "kinds", "engine")
COMMITTED_S = 6  # the books, whom nobody waits for, commit every five seconds
KEPT_BYTES = 6000  # a bill, roughly, while nothing is trimmed
HOPS = 10  # of ZeroMQ that a bill and its result make, one after another
SETTINGS = {"state_map_mib": 65536, "log_limit_mib": 131072, "segment_size_mib": 1024, "tick_interval_ms": 60000, "tick_rush_minutes": 0, "pipeline_lag_max": 400000}


def say(what):
    print("\033[1m[%4ds] %s\033[0m" % (time.time() - STARTED, what), flush=True)


def program(name, *words):
    return json.loads(subprocess.run([os.path.join(BIN, name), *words], stdout=subprocess.PIPE, check=True).stdout)


class Measured(Exchange):
    """An exchange with the settings of a machine that is its own, and what is read from it."""

    def __init__(self, name, persons, disk):
        super().__init__("bench-" + name, http=True, **SETTINGS)
        self.persons, self.disk = persons, disk
        self.bills = itertools.count(0, 10 ** 7)  # each run draws bills of its own

    def down(self):
        self.run("down", "--unrecorded", timeout=600, codes=(0, 1))

    def load_reference(self, *words):
        """Policies and reference data through the client; how long it took."""
        started = time.time()
        folder = os.path.join(ROOT, "data/policies")
        policies = sorted(os.path.join(folder, each) for each in os.listdir(folder))
        for region in REGIONS:
            if not words:
                events = self.run("policy", "events", "--sender", region, *policies).stdout
                self.run("--as", region, "submit", "--quiet", "--await", "-", stdin=events)
            made = subprocess.Popen(self.command("gen", "--today", TODAY, "--persons", str(self.persons), "--sender", region, "--only-reference",
                                                 "--binary", *words), stdout=subprocess.PIPE)
            subprocess.run(self.command("--as", region, "submit", "--binary", "--quiet", "--await", "-"), stdin=made.stdout,
                           stdout=subprocess.DEVNULL, check=True)
            if made.wait() != 0:
                raise RuntimeError("hutong gen: %d" % made.returncode)
        return time.time() - started

    def end(self):
        return self.metrics("ingest")["hutong_submissions_end"]

    def settled(self):
        """Waits until everybody, the books too, has applied what was accepted."""
        end = self.end()
        while not all(position >= end for service in SERVICES for position in positions(self.metrics(service))):
            time.sleep(0.05)

    def commits(self):
        return sum(value for service in SERVICES for name, value in self.metrics(service).items()
                   if name.startswith(("hutong_commits_total", "hutong_broker_commits_total")))

    def load_words(self, bills, rate, words):
        return [os.path.join(BIN, "hutong-load"), "--config", self.config, "--bills", str(bills), "--rate", str(int(rate)), "--first",
                str(next(self.bills)), "--persons", str(self.persons), *words]

    def load(self, bills, rate=0, words=()):
        """Bills, and what they cost: on the processors until everybody has applied them, which the load generator does not wait for; on the disk
        until everybody has committed besides."""
        pids = {service: self.pid(service) for service in SERVICES}
        read = lambda of: {service: of(pid) for service, pid in pids.items()}
        before, commits, others = self.disk.written(), self.commits(), machine.Others()
        own, cpu, switches = read(machine.written), read(machine.cpu_seconds), read(machine.switches)
        row = json.loads(subprocess.run(self.load_words(bills, rate, words), stdout=subprocess.PIPE, check=True).stdout)
        self.settled()
        row["switches_per_bill"] = (sum(read(machine.switches).values()) - sum(switches.values())) / bills
        for service, used in read(machine.cpu_seconds).items():
            row["processes"][service + "-0"]["cpu_us_per_bill"] = (used - cpu[service]) * 1e6 / bills
        row["cpu_us_per_bill"] = sum(use["cpu_us_per_bill"] for use in row["processes"].values())
        row["others_percent"] = others.percent(row["cpu_us_per_bill"] * bills / 1e6)
        time.sleep(COMMITTED_S)
        for service, written in read(machine.written).items():
            row["processes"][service + "-0"]["bytes_written_per_bill"] = (written - own[service]) / bills
        row["bytes_written_per_bill"] = sum(use.get("bytes_written_per_bill", 0) for use in row["processes"].values())
        row["disk_bytes_per_bill"] = None if before is None else (self.disk.written() - before) / bills
        row["syncs_per_1000_bills"] = (self.commits() - commits) * 1000 / bills
        return row

    def memory(self):
        """MiB by process: resident, and of that what is no file's."""
        return {service: machine.memory_mib(self.pid(service)) for service in SERVICES}

    def ready(self, service):
        try:
            return urllib.request.urlopen("http://127.0.0.1:%d/readyz" % self.http_port(service), timeout=5).status == 200
        except (OSError, http.client.HTTPException):  # also 503
            return False

    def read(self, service):
        """Its metrics; none while it is being started."""
        try:
            return self.metrics(service)
        except (OSError, http.client.HTTPException):
            return {}

    def applied(self, service):
        """Where the slowest of its cores is; 0 while it is being started. What ingest holds of the books waits for them, and nobody for it."""
        return min(positions(self.read(service), but="mailbox_books"), default=0)

    def behind(self, service):
        """What was accepted and not applied."""
        return self.read("ingest").get("hutong_submissions_end", float("inf")) - self.applied(service)


def recover(exchange, service, bills):
    """Full load; after three seconds of it the process is killed. Seconds from there until it is ready again, until it has applied all that
    had been accepted when it was killed (the broker: until gate, mailbox, validation and settlement have), and until it is no further
    behind than it was before. What was not reached when the load was over is told as such."""
    watched = ("ingest", "validation", "settlement") if service == "broker" else (service,)
    load = subprocess.Popen(exchange.load_words(bills, 0, ()), stdout=subprocess.PIPE)
    try:
        start = exchange.end()
        while exchange.end() == start and load.poll() is None:
            time.sleep(0.05)
        behind = 0
        for _ in range(30):
            time.sleep(0.1)
            behind = max(behind, *map(exchange.behind, watched))
        pid, end = exchange.pid(service), exchange.end()
        os.kill(pid, signal.SIGKILL)
        killed, row = time.time(), {"behind_before": behind, "under_load": load.poll() is None}
        until = {"ready_s": lambda: exchange.pid(service) not in (0, pid) and exchange.ready(service),
                 "caught_up_s": lambda: all(exchange.applied(each) >= end for each in watched),
                 "as_before_s": lambda: all(exchange.behind(each) <= behind for each in watched)}
        while until:  # each by itself: it is ready only once nothing is left to apply, the load going on
            for name in [each for each, reached in until.items() if reached()]:
                del until[name]
                row[name] = time.time() - killed
                row[name[:-2] + "_under_load"] = load.poll() is None
            if time.time() - killed > 120:
                raise RuntimeError("%s: two minutes after the kill: %s: %s" %
                                   (service, ", ".join(until), {each: exchange.behind(each) for each in watched}))
            time.sleep(0.02)
        said = json.loads(load.communicate()[0])
        if load.returncode != 0:
            raise RuntimeError("hutong-load, %s killed: %s" % (service, said))
    finally:
        load.kill()
        load.wait()
    exchange.settled()
    row.update(longest_gap_s=said["longest_gap_ms"] / 1000, asked_again=said["asked_again"], bills_per_s=said["bills_per_s"])
    print("        %s: ready %.2f s, caught up %.2f s" % (service, row["ready_s"], row["caught_up_s"]), flush=True)
    return row


def recoveries(exchange, speed, seconds, result):
    """Each in turn, under a load that lasts so long at least beyond the kill. What does not recover ends it, and the rest is told."""
    rows = result["recovery"] = {}
    try:
        for service in SERVICES:
            rows[service] = recover(exchange, service, int(speed * (3 + seconds)))
    except (RuntimeError, ValueError) as failure:
        result["failure"] = str(failure)


def a_bill(exchange):
    """The bytes of a bill of the usual size."""
    made = sorted(records(exchange.gen("--only-bills", "--bills", "300", "--sender", REGIONS[0])), key=len)
    middle = made[len(made) // 2]
    return middle[2 if middle[0] > 0x7F else 1:]


def compare(options, exchange, work, disk):
    """Turn by turn: the floor, a lone bill, ours, PostgreSQL in batches, PostgreSQL bill by bill."""
    say("PostgreSQL: how many clients are best for batches of 100")
    postgres = Postgres(os.path.join(work, "postgres"), exchange.persons, a_bill(exchange))
    try:
        postgres.bench("single", 32, max(1, options.seconds // 2), disk)  # warm
        tried = {clients: postgres.bench("hundred", clients, max(1, options.seconds // 2), disk)["bills_per_s"] for clients in (1, 2, 4, 8)}
        best = max(tried, key=tried.get)
        say("PostgreSQL %s, batches of 100 by clients: %s" % (postgres.version, ", ".join("%d: %.0f/s" % each for each in tried.items())))
        postgres.pause()
        turns = []
        for number in range(options.turns):
            turn = {"floor": program("hutong-floor", work), "lone": exchange.load(20 * options.seconds, rate=20), "full": exchange.load(options.bills)}
            postgres.resume()
            turn["hundred"] = postgres.bench("hundred", best, options.seconds, disk)
            turn["single"] = postgres.bench("single", 32, options.seconds, disk)
            postgres.pause()
            floor_ms = (turn["floor"]["fdatasync_us"] + HOPS * turn["floor"]["zmq_one_way_us"]) / 1000
            turn["lone"]["over_floor"] = turn["lone"]["p50_ms"] / floor_ms
            turns.append(turn)
            ours = turn["full"]["bills_per_s"]
            say("turn %d: %.0f/s; PostgreSQL in batches %.0f/s (x %.2f), singly %.0f/s (x %.2f); a lone bill %.2f ms (x %.2f)" %
                (number + 1, ours, turn["hundred"]["bills_per_s"], ours / turn["hundred"]["bills_per_s"], turn["single"]["bills_per_s"],
                 ours / turn["single"]["bills_per_s"], turn["lone"]["p50_ms"], turn["lone"]["over_floor"]))
        postgres.resume()
        say("PostgreSQL settled %d bills, all of them chained and posted" % postgres.check())
        return {"turns": turns, "postgres": {"version": postgres.version, "batch_clients": best, "batch_clients_tried": tried}}
    finally:
        postgres.close()


def usual(options, work, disk, result):
    parts = options.parts.split(",")
    with Measured("usual", options.persons, disk) as exchange:
        exchange.up()
        say("reference data of %d persons" % options.persons)
        result["reference_s"] = exchange.load_reference()
        runs = result["runs"] = {}
        if "compare" in parts:
            result.update(compare(options, exchange, work, disk))
            runs["full"] = result["turns"][-1]["full"]
        else:
            say("as fast as it goes")
            runs["full"] = exchange.load(options.bills)
        full = spread([each["full"]["bills_per_s"] for each in result.get("turns", [runs])])[1]
        if "rates" in parts:
            for name, rate in (("quarter", full / 4), ("half", 10000), ("slow", 500)):
                say("%d bills/s" % rate)
                runs[name] = exchange.load(int(rate * options.seconds), rate)
        if "recovery" in parts:
            say("each process killed under full load")
            recoveries(exchange, full, options.seconds, result)
        if "kinds" in parts:  # last: once stated, a catalogue refuses the bills above
            for name, items in (("mix", "0"), ("catalogue", "100000")):
                say("every kind of care, a catalogue of %s items for each region of care" % items)
                exchange.load_reference("--mix", "--catalogue", items)
                runs[name] = exchange.load(options.bills, words=("--mix", "--catalogue", items))
    if "engine" in parts:
        say("engine alone; look-up of ten items alone")
        result.update(engine=program("hutong-benefit-bench"), look_up=program("hutong-catalogue-bench"))


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--large", action="store_true", help="how the cost of a bill grows: many persons, many bills, step by step")
    parser.add_argument("--persons", type=int, help="2000; with --large 1,000,000")
    parser.add_argument("--bills", type=int, help="a run, 200,000; with --large all of them, 10,000,000")
    parser.add_argument("--step", type=int, default=500000, help="with --large: bills a step (500,000)")
    parser.add_argument("--turns", type=int, default=5, help="how often ours and PostgreSQL take turns (5)")
    parser.add_argument("--seconds", type=int, default=10, help="a turn of PostgreSQL, and a run at a rate (10)")
    parser.add_argument("--parts", default=",".join(PARTS), help="some of: %(default)s")
    parser.add_argument("--markdown", metavar="FILE", help="keep the figures in this page, between its marks; the picture beside it")
    options = parser.parse_args()
    if not set(options.parts.split(",")) <= set(PARTS):
        parser.error("--parts: some of %s" % ",".join(PARTS))
    options.persons = options.persons or (1000000 if options.large else 2000)
    options.bills = options.bills or (10000000 if options.large else 200000)
    return options


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    place = os.environ.get("HUTONG_BENCH_DIR") or os.path.join(ROOT, "build")
    work = tempfile.mkdtemp(prefix="bench-", dir=place)
    os.chmod(work, 0o711)  # PostgreSQL's user passes through
    os.environ["HUTONG_TEST_DIR"] = work
    disk = machine.Disk(work)
    result = {"command": "scripts/bench " + shlex.join(sys.argv[1:]), "date": datetime.date.today().isoformat(), "machine": machine.described(work)}
    try:
        if options.bills * KEPT_BYTES > shutil.disk_usage(work).free:
            say("this disk may be too small for %d bills: %d GB" % (options.bills, options.bills * KEPT_BYTES / 1e9))
        if options.large:
            growth.run(options, Measured, recoveries, disk, result, say)
        else:
            usual(options, work, disk, result)
    finally:
        shutil.rmtree(work, ignore_errors=True)
        name = "bench-large" if options.large else "bench"
        with open(os.path.join(ROOT, "build/%s.json" % name), "w") as file:
            json.dump(result, file, indent=1)
    report.write(result, name, options.markdown or os.path.join(ROOT, "build/%s.md" % name))
    if "failure" in result:
        sys.exit("FAILED: " + result["failure"])


main()
