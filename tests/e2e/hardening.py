# SPDX-License-Identifier: Apache-2.0
"""A whole exchange under load, as it is hardened: every thread of every daemon is confined, no core file, no secret among arguments,
environments and data, locked pages. Somebody else's code in each daemon in turn (tests/fault/forbidden_shim.c) ends it by code 12, named in the diary,
and nothing of the log is lost. Keys that others may read or place are refused, by daemons and tool, in both languages."""
import glob
import json
import os
import re
import resource
import signal
import subprocess
import threading

from exchange import BIN, ROOT, SERVICES, Exchange, check, main, wait

SHIM = os.path.join(BIN, "../lib/libforbidden_shim.so")
BILLS = 12000  # of three regions; one sends its own


def read(path):
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "replace")


def secrets(exchange):
    for path in glob.glob(os.path.join(exchange.directory, "keys/**/*.key_secret"), recursive=True):
        yield re.search(r'secret-key = "(.{40})"', read(path)).group(1)


def looks(exchange):
    """What the kernel says of each process."""
    threads = 0
    for service in SERVICES:
        pid = exchange.pid(service)
        for status in glob.glob("/proc/%d/task/*/status" % pid):
            fields = dict(line.split(":\t", 1) for line in read(status).splitlines() if ":\t" in line)
            threads += 1
            check(fields["Seccomp"] == "2" and fields["NoNewPrivs"] == "1", "%s: a thread (%s) is not confined" % (service, fields["Name"]))
        check(re.search(r"Max core file size +0 +0 ", read("/proc/%d/limits" % pid)), "%s may write core files" % service)
        for place in ("cmdline", "environ"):
            found = read("/proc/%d/%s" % (pid, place))
            check(not any(each in found for each in secrets(exchange)), "%s: a secret in its %s" % (service, place))
    found = subprocess.run(["grep", "-rlF", *[word for each in secrets(exchange) for word in ("-e", each)], os.path.join(exchange.directory, "data")],
                           stdout=subprocess.PIPE)
    check(found.returncode == 1, "a secret among what a backup holds: %s" % found.stdout.decode())
    flags = re.findall(r"VmFlags:(.*)", read("/proc/%d/smaps" % exchange.pid("ingest")))
    check(any(" lo" in each and " dd" in each for each in flags), "ingest locks no page")
    print("        %d threads of %d daemons: confined, no core file, no secret in arguments, environment and data" % (threads, len(SERVICES)), flush=True)


def ended_by_it(exchange, service, place):
    """A daemon may also end for the broker's sake, and the next one of its kind finds the file."""
    def named():
        return [json.loads(each) for each in read(os.path.join(exchange.directory, "data/log/%s-0.log" % service)).splitlines() if '"forbidden_call"' in each]
    before = len(named())
    open(os.path.join(place, "hutong-" + service), "w").close()
    wait(lambda: len(named()) > before, "%s: its diary does not tell of a program that it ran" % service)
    check(named()[-1]["call"] == "execve" and named()[-1]["service"] == service, "%s: the diary says %s" % (service, named()[-1]))
    log = os.path.join(exchange.directory, "data/log/hutong.log")
    wait(lambda: any("daemon_ended" in each and '"%s"' % service in each and '"code":"12"' in each for each in read(log).splitlines()), "%s: not code 12" % service)


def foreign_code(exchange, place):
    bills = exchange.gen("--only-bills", "--bills", str(BILLS), "--sender", "110000")
    result = {}

    def send():
        result["lines"] = exchange.json("--as", "110000", "submit", "--binary", "--await", "--timeout", "120", "-", stdin=bills, timeout=150)
    sender = threading.Thread(target=send)
    sender.start()
    for service in SERVICES:
        ended_by_it(exchange, service, place)
        exchange.up_again()
    sender.join(200)
    summary = [each["summary"] for each in result["lines"] if "summary" in each][0]
    check(summary["submitted"] > BILLS / 10 and summary["accepted"] == summary["decided"] == summary["submitted"], "after it: %s" % summary)
    print("        code of somebody else's in each of %d daemons: code 12, execve named; %d bills decided all the same" % (len(SERVICES), summary["decided"]), flush=True)


def refused(exchange, path, mode, words):
    """The exchange does not start while the mode is that, and says so."""
    full, diary = os.path.join(exchange.directory, "keys", path), os.path.join(exchange.directory, "data/log/ingest-0.log")
    before = os.stat(full).st_mode & 0o7777
    exchange.down()
    os.chmod(full, mode)
    size = os.path.getsize(diary)
    said = exchange.run("up", "--detach", timeout=90, codes=None)
    new = read(diary)[-max(1, os.path.getsize(diary) - size):]
    check(said.returncode != 0, "it starts with %s %o" % (path, mode))
    check(all(each in new for each in words), "%s %o: the diary does not say %s: %s" % (path, mode, words, new[-400:]))
    exchange.down()
    os.chmod(full, before)
    exchange.up()


def keys(exchange):
    refused(exchange, "server.key_secret", 0o644, ("私钥", "chmod 600"))
    refused(exchange, "server.key_secret", 0o640, ("私钥", "chmod 600"))
    refused(exchange, "parties", 0o777, ("密钥目录", "chmod o-w"))
    mine = os.path.join(exchange.directory, "keys/clients/110000.key_secret")
    os.chmod(mine, 0o640)
    said = exchange.run("--as", "110000", "mailbox", "--party", "110000", codes=None)
    check(said.returncode == 4 and "chmod 600" in said.stderr.decode() and "私钥" in said.stderr.decode(), "the tool takes a key that others may read: %s" % said)
    os.chmod(mine, 0o600)
    exchange.run("--as", "110000", "mailbox", "--party", "110000")
    print("        keys that others may read or place: refused by daemons and tool, and taken again", flush=True)


def crash_leaves_nothing(exchange):
    before, pid = set(glob.glob("core*") + glob.glob("/tmp/core*")), exchange.pid("settlement")
    os.kill(pid, signal.SIGSEGV)
    wait(lambda: exchange.pid("settlement") not in (0, pid), "settlement does not come back")
    left = set(glob.glob("core*") + glob.glob("/tmp/core*") + glob.glob(os.path.join(exchange.directory, "**/core*"), recursive=True)) - before
    check(not left, "a core file: %s" % left)
    exchange.up_again()


def hardening():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
    os.chdir(ROOT)
    with Exchange("hardening", http=True) as exchange:
        place = os.path.join(exchange.directory, "shim")
        os.mkdir(place)
        os.environ["HUTONG_SHIM_FORBIDDEN"] = place
        exchange.up(shim=os.path.abspath(SHIM))
        exchange.load_reference()
        looks(exchange)
        foreign_code(exchange, place)
        looks(exchange)
        crash_leaves_nothing(exchange)
        exchange.quieten()
        exchange.replays_equally()
        check(len(exchange.ledger()) > 5, "the ledger is nearly empty")
        keys(exchange)


main(hardening)
