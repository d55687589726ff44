# SPDX-License-Identifier: Apache-2.0
"""O4: /readyz is red within 5 s, and says why, while keys are missing, the disk is full or read-only, the broker or a service hangs;
and green again when the cause is gone. On a small tmpfs of its own; skipped where that may not be mounted."""
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request

from exchange import SERVICES, Exchange, check, fill_disk, main, small_disk, wait
from stranger import load_demo

RED_S = 5


def ready(exchange, service):
    """200 or 503 and the sentence; 0 where nobody answers."""
    try:
        with urllib.request.urlopen("http://127.0.0.1:%d/readyz" % exchange.http_port(service), timeout=1) as answer:
            return answer.status, answer.read().decode().strip()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode().strip()
    except OSError:
        return 0, "does not answer"


def turns(exchange, service, code, cause, what, seconds=RED_S):
    started = time.time()
    while True:
        found = ready(exchange, service)
        if found[0] == code and cause in found[1]:
            print("        %s: %s says %d after %.1f s: %s" % (what, service, code, time.time() - started, found[1]), flush=True)
            return
        check(time.time() - started < seconds, "%s: after %d s %s says %d: %s" % (what, seconds, service, *found))
        time.sleep(0.1)


def missing_keys(exchange):
    keys = os.path.join(exchange.directory, "keys")
    for name, cause in (("parties", "no party's key"), ("server.key_secret", "own secret key")):
        os.rename(os.path.join(keys, name), os.path.join(keys, "away"))
        turns(exchange, "ingest", 503, cause, "%s gone" % name)
        os.rename(os.path.join(keys, "away"), os.path.join(keys, name))
        turns(exchange, "ingest", 200, "ready", "%s back" % name)


def full_disk(exchange, place):
    ballast = fill_disk(place)
    turns(exchange, "broker", 503, "the disk has less free", "a full disk")
    os.unlink(ballast)
    turns(exchange, "broker", 200, "ready", "room again")


def hanging(exchange):
    os.kill(exchange.pid("broker"), signal.SIGSTOP)
    try:
        turns(exchange, "broker", 0, "does not answer", "the broker hangs")
        for service in SERVICES[1:]:
            turns(exchange, service, 503, "the broker does not answer", "the broker hangs")
    finally:
        os.kill(exchange.pid("broker"), signal.SIGCONT)
    for service in SERVICES:
        turns(exchange, service, 200, "ready", "the broker goes on")
    os.kill(exchange.pid("settlement"), signal.SIGSTOP)
    try:
        turns(exchange, "settlement", 0, "does not answer", "settlement hangs")
        status = exchange.run("status", codes=(1,), timeout=20).stdout.decode()
        lines = [line for line in status.splitlines() if "does not answer" in line]
        check(len(lines) == 1 and "settlement" in lines[0], "hutong status: %s" % status)
    finally:
        os.kill(exchange.pid("settlement"), signal.SIGCONT)
    turns(exchange, "settlement", 200, "ready", "settlement goes on")


def read_only_disk(exchange, place):
    """The daemons cannot write a byte more: they do not come up, and their logs, elsewhere, would say why; `up` says so itself."""
    exchange.down()
    check(subprocess.run(["mount", "-o", "remount,ro", place]).returncode == 0, "cannot make %s read-only" % place)
    try:
        started = time.time()
        done = exchange.run("up", "--detach", codes=None, timeout=60)
        check(done.returncode != 0 and time.time() - started < 40, "up over a read-only disk: exit code %d" % done.returncode)
        check(b"ead-only" in done.stderr, "up does not say why: %s" % done.stderr[-500:])
        print("        a read-only disk: %s" % done.stderr.decode().strip().splitlines()[0], flush=True)
    finally:
        check(subprocess.run(["mount", "-o", "remount,rw", place]).returncode == 0, "cannot make %s writable again" % place)
    exchange.up()
    turns(exchange, "ingest", 200, "ready", "writable again")


def all_told_at_once(exchange):
    """The machine goes down: the broker as soon as the others, and each is told twice (the supervisor is killed). Each ends in order."""
    for turn in range(3):
        pids = {service: exchange.pid(service) for service in SERVICES}
        with open(os.path.join(exchange.directory, "run/hutong.pid")) as file:
            os.kill(int(file.read()), signal.SIGKILL)
        for pid in pids.values():
            os.kill(pid, signal.SIGTERM)
        wait(lambda: not any(os.path.exists("/proc/%d/exe" % pid) for pid in pids.values()), "they do not end")
        for service in SERVICES:
            with open(os.path.join(exchange.directory, "data/log/%s-0.log" % service)) as file:
                last = file.read().strip().splitlines()[-1]
            check('"event":"stopped"' in last, "%s did not end in order, turn %d: %s" % (service, turn, last))
        exchange.up()


def health():
    with small_disk() as place, Exchange("health", http=True) as exchange:
        exchange.up()
        load_demo(exchange)
        for service in SERVICES:
            turns(exchange, service, 200, "ready", "at first")
        missing_keys(exchange)
        full_disk(exchange, place)
        hanging(exchange)
        all_told_at_once(exchange)
        read_only_disk(exchange, place)


main(health)
