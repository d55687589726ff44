# SPDX-License-Identifier: Apache-2.0
"""A whole exchange in a directory of its own, driven through the hutong tool as a user would. Standard library only."""
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

os.environ["HUTONG_BY"] = "tester"
os.environ["LC_ALL"] = "C.UTF-8"  # what a test reads is English, unless it says otherwise
BIN = os.environ.get("HUTONG_BIN") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build/release/bin")
ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
REGIONS = ("110000", "120000", "130000")
with open(os.path.join(ROOT, "common/config/service.def")) as table:
    ROWS = [line.split("(")[1].split(", ")[:2] for line in table if line.startswith(("DAEMON(", "SERVICE(")) and "(console," not in line]
SERVICES = tuple(name for name, _ in ROWS)
PARTITIONED = tuple(name for name, instances in ROWS if instances == "EACH")
TODAY = "20251124"


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def free_base(count):
    """First of `count` free ports in a row, below those that the system gives to clients: what is taken between two starts stays free."""
    while True:
        base, sockets = random.randrange(1000, 1600) * 20, []
        try:
            for port in range(base, base + count):
                sockets.append(socket.socket())
                sockets[-1].bind(("127.0.0.1", port))
            return base
        except OSError:
            continue
        finally:
            for each in sockets:
                each.close()


class Failed(Exception):
    pass


def check(condition, what):
    if not condition:
        raise Failed(what)


def wait(condition, what, seconds=30):
    until = time.time() + seconds
    while not condition():
        check(time.time() < until, what)
        time.sleep(0.05)


@contextlib.contextmanager
def small_disk():
    """A tmpfs on which the exchanges made in the meantime lie; skipped where that may not be mounted."""
    place = tempfile.mkdtemp(prefix="hutong-disk-")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=768m", "tmpfs", place], stderr=subprocess.DEVNULL).returncode != 0:
        os.rmdir(place)
        print("skipped: a tmpfs may not be mounted here")
        sys.exit(77)
    os.environ["HUTONG_TEST_DIR"] = place
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place])
        os.rmdir(place)


def fill_disk(place):
    """All but a megabyte; what to remove to have room again."""
    ballast, room = os.path.join(place, "ballast"), os.statvfs(place)
    with open(ballast, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, room.f_bavail * room.f_frsize - (1 << 20)))
    return ballast


class Exchange:
    def __init__(self, name="exchange", partitions=1, http=False, bare=False, **settings):
        """`bare`: the log begins empty, without the published tables and the newest version of logic."""
        self.bare, self.trace_clock = bare, settings.get("trace_clock", False)
        self.directory = tempfile.mkdtemp(prefix="hutong-%s-" % name, dir=os.environ.get("HUTONG_TEST_DIR"))
        self.partitions = partitions
        gate, mailbox = free_ports(2)
        self.gate, self.mailbox = "tcp://127.0.0.1:%d" % gate, "tcp://127.0.0.1:%d" % mailbox
        lines = {"data_directory": "data", "run_directory": "run", "key_directory": "keys", "gate_endpoint": self.gate,
                 "mailbox_endpoint": self.mailbox, "partitions": partitions, "http_port_base": 0, "state_map_mib": 4096,
                 "log_limit_mib": 4096, "segment_size_mib": 256, "tick_interval_ms": 200}
        lines.update(settings)
        if http:
            lines["http_port_base"] = self.http_base = free_base(len(SERVICES) * partitions + 1)
        self.config = os.path.join(self.directory, "hutong.yaml")
        with open(self.config, "w") as file:
            for key, value in lines.items():
                file.write("%s: %s\n" % (key, str(value).lower() if isinstance(value, bool) else value))

    def command(self, *words):
        return [os.path.join(BIN, "hutong"), "--config", self.config, *words]

    def run(self, *words, stdin=None, timeout=120, codes=(0,)):
        done = subprocess.run(self.command(*words), input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)
        check(codes is None or done.returncode in codes,
              "hutong %s: exit code %d\n%s%s" % (" ".join(words), done.returncode, done.stdout[-2000:].decode("utf-8", "replace"),
                                                done.stderr[-2000:].decode("utf-8", "replace")))
        return done

    def json(self, *words, **options):
        return [json.loads(line) for line in self.run("--json", *words, **options).stdout.splitlines()]

    def up(self, shim=None):
        """`shim`: a library that stands before the system's in every daemon, and in none of the tools after it."""
        if shim:
            os.environ["LD_PRELOAD"] = shim
        try:
            self.run("up", "--detach", "--unrecorded", *(["--bare"] if self.bare else []), timeout=90)
        finally:
            os.environ.pop("LD_PRELOAD", None)

    def up_again(self):
        """Waits until every service that was killed serves again."""
        wait(lambda: self.run("status", codes=None).returncode == 0, "not ready again", 60)

    def down(self):
        self.run("down", "--unrecorded", timeout=90, codes=(0, 1))

    def pid(self, service, partition=0):
        try:
            with open(os.path.join(self.directory, "run", "%s-%d.pid" % (service, partition))) as file:
                return int(file.read() or 0)
        except (OSError, ValueError):
            return 0

    def http_port(self, service):
        before = SERVICES if service == "console" else SERVICES[:SERVICES.index(service)]
        return self.http_base + sum(self.partitions if each in PARTITIONED else 1 for each in before)

    def kill(self, service, partition=0):
        """SIGKILL; False if it is not running at this moment."""
        pid = self.pid(service, partition)
        if pid <= 1:
            return False
        try:
            os.kill(pid, signal.SIGKILL)
            return True
        except ProcessLookupError:
            return False

    def load_reference(self, seed=1, persons=2000, institutions=48):
        policies = sorted(os.path.join(ROOT, "data/policies", each) for each in os.listdir(os.path.join(ROOT, "data/policies")))
        for region in REGIONS:
            events = self.run("policy", "events", "--sender", region, *policies).stdout
            self.run("--as", region, "submit", "--quiet", "--await", "-", stdin=events)
            events = self.gen("--only-reference", "--sender", region, seed=seed, persons=persons, institutions=institutions)
            self.run("--as", region, "submit", "--binary", "--quiet", "--await", "-", stdin=events)

    def gen(self, *words, seed=1, persons=2000, institutions=48, today=TODAY):
        return self.run("gen", "--seed", str(seed), "--persons", str(persons), "--institutions", str(institutions), "--today", today,
                        "--binary", *words).stdout

    def digests(self):
        """By service and partition: position and digest. On a quiet log."""
        return {(each["service"], each["partition"]): (each["position"], each["digest"])
                for each in self.json("digest", "--wait", "60", timeout=200)}

    def ledger(self):
        """Balances by account, once the books have read to the log's end; they sum to zero."""
        self.json("digest", "--wait", "60", timeout=200)
        *rows, last = self.json("ledger", "balances")
        check(last["sumFen"] == 0 and last["accounts"] == len(rows), "the ledger sums to %s" % last)
        return {row["account"]: int(row.get("amountFen", 0)) for row in rows}

    def quieten(self):
        """No more ticks: the log ends where it ends."""
        self.down()
        with open(self.config) as file:
            lines = [line for line in file if not line.startswith("tick_interval_ms")]
        with open(self.config, "w") as file:
            file.writelines(lines + ["tick_interval_ms: 0\n"])
        self.up()

    def position(self):
        return max(each["position"] for each in self.json("digest", "--wait", "60", timeout=200))

    def replays_equally(self):
        """Every digest is that of an undisturbed run of the same log. On a quiet log."""
        trace = os.path.join(self.directory, "whole.trace")
        end = self.position()  # which waits until all is decided: a trace holds what is
        recorded = self.json("trace", "record", trace)[0]["submissions"]
        check(recorded == end + (not self.trace_clock), "the trace holds %d submissions of %d, and that it was recorded" % (recorded, end))
        with Exchange("undisturbed", partitions=self.partitions, bare=True, trace_clock=True) as fresh:
            fresh.up()
            fresh.run("trace", "replay", trace)
            mine, theirs = self.digests(), fresh.digests()
            for key in mine:
                check(mine[key] == theirs.get(key), "digest of %s-%d differs from the undisturbed run's: %s %s" % (key + (mine[key], theirs.get(key))))

    def metrics(self, service):
        """By name with labels."""
        text = urllib.request.urlopen("http://127.0.0.1:%d/metrics" % self.http_port(service), timeout=5).read().decode()
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in text.splitlines() if line[:1] not in ("", "#"))}

    def close(self, keep=False):
        try:
            self.down()
        finally:
            if not keep and not os.environ.get("HUTONG_KEEP"):
                shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def records(binary):
    """Length-delimited records, each with its length."""
    at, out = 0, []
    while at < len(binary):
        size = shift = 0
        start = at
        while True:
            byte = binary[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        at += size
        out.append(binary[start:at])
    return out


def main(test, name=None, prepare=None, **settings):
    """Runs a test, of an exchange of that name that is up and prepared, and prints what it says; exit code 0, 1 or 77 (skipped). Nothing
    where the script is imported."""
    if test.__module__ != "__main__":
        return
    started = time.time()
    try:
        if name is None:
            test()
        else:
            with Exchange(name, **settings) as exchange:
                exchange.up()
                if prepare:
                    prepare(exchange)
                test(exchange)
    except Failed as failure:
        print("FAILED: %s" % failure, file=sys.stderr)
        sys.exit(1)
    print("passed in %.1f s" % (time.time() - started))
