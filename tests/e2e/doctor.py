# SPDX-License-Identifier: Apache-2.0
"""What the doctor finds, provoked one by one, in a running exchange and a stopped one; and the view of `hutong watch`: drawn, resized, ended
by a key and by a signal, piped. What answers alone can show (lag, builds, readers, letters, room of states): tests/unit/doctor_exchange.c."""
import fcntl
import json
import os
import pty
import re
import resource
import select
import shutil
import signal
import socket
import struct
import termios
import time
import unicodedata

from exchange import Exchange, ROOT, check, fill_disk, main, small_disk, wait

# Of the day, the machine and the half-built tree in which the test runs.
ALWAYS = {"CLOCK_FREE", "BACKUP_NONE", "ENDS", "ENDS_LATER", "MEMORY_UNLOCKED", "DISK_FILLS", "RESTARTED", "BUILDS_DIFFER"}


def found(exchange):
    """Names of what is found but always, each with where; each is told in full."""
    done = exchange.run("--json", "doctor", codes=(0, 1))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    check(all(each["what"] and each["do"] and each["severity"] in ("act", "note") for each in rows), "told in part: %s" % rows)
    check(done.returncode == any(each["severity"] == "act" for each in rows), "exit code %d of %s" % (done.returncode, rows))
    return {each["finding"]: each["file"] + " " + each["where"] for each in rows}


def new(exchange):
    return {name: where for name, where in found(exchange).items() if name not in ALWAYS}


def only(exchange, name, words, provoke, mend):
    """Nothing but this is found while it is provoked, and nothing after it was mended."""
    provoke()
    try:
        seen = found(exchange)
    finally:
        mend()
    check(words in seen.get(name, "") and name in seen, "%s: found %s" % (name, seen))
    rest = set(seen) - ALWAYS - {name, "NOT_RUNNING"}
    check(not rest, "%s: and %s" % (name, rest))
    print("        %s: %s" % (name, seen[name]))


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def files(exchange):
    """Keys, modes, directories, marks beside the log: the same whether it runs or not."""
    keys, data = os.path.join(exchange.directory, "keys"), os.path.join(exchange.directory, "data")
    secret, aside = os.path.join(keys, "server.key_secret"), os.path.join(exchange.directory, "aside")
    client = os.path.join(keys, "clients/110000.key_secret")
    only(exchange, "KEY_OPEN", "server.key_secret 644", lambda: os.chmod(secret, 0o644), lambda: os.chmod(secret, 0o600))
    only(exchange, "KEY_MISSING", "audit-signing.pem_secret", lambda: os.rename(keys + "/audit-signing.pem_secret", aside),
         lambda: os.rename(aside, keys + "/audit-signing.pem_secret"))
    only(exchange, "KEY_DAMAGED", "110000.key", lambda: (shutil.copy2(client, aside), write(client, "nothing\n")), lambda: os.replace(aside, client))
    only(exchange, "KEY_DIFFERS", "110000.key", lambda: (shutil.copy2(client, aside), shutil.copy2(keys + "/clients/120000.key_secret", client)),
         lambda: os.replace(aside, client))
    only(exchange, "DIRECTORY_OPEN", "parties", lambda: os.chmod(keys + "/parties", 0o777), lambda: os.chmod(keys + "/parties", 0o755))
    only(exchange, "CONTRADICTION", "evidence", lambda: write(data + "/evidence/one", "x"), lambda: shutil.rmtree(data + "/evidence"))
    only(exchange, "FIRST_START", "first_start", lambda: write(data + "/first_start", ""), lambda: os.unlink(data + "/first_start"))
    old = json.dumps({"at": int(time.time() - 3 * 86400) * 1000, "position": 3, "directory": "/backup"})
    only(exchange, "BACKUP_OLD", "3 days ago", lambda: write(data + "/last_backup", old), lambda: os.unlink(data + "/last_backup"))
    fresh = json.dumps({"at": int(time.time()) * 1000, "position": 3, "directory": "/backup"})
    write(data + "/last_backup", fresh)
    check("BACKUP_NONE" not in found(exchange), "a fresh backup is none")
    os.unlink(data + "/last_backup")
    if os.geteuid() == 0:
        only(exchange, "OWNER_DIFFERS", "server.key_secret", lambda: os.chown(secret, 65534, -1), lambda: os.chown(secret, 0, -1))


def stopped(exchange):
    check("NOT_RUNNING" in found(exchange) and set(new(exchange)) == {"NOT_RUNNING"}, "of a stopped one: %s" % found(exchange))
    sound = open(exchange.config).read()
    only(exchange, "CONFIG_FAULT", "log_limit_mib", lambda: write(exchange.config, sound.replace("segment_size_mib: 256", "segment_size_mib: 9999")),
         lambda: write(exchange.config, sound))
    with socket.socket() as taken:
        only(exchange, "CONFIG_FAULT", "gate_endpoint", lambda: (taken.bind(("127.0.0.1", int(exchange.gate.rsplit(":", 1)[1]))), taken.listen()), taken.close)
    segment = os.path.join(exchange.directory, "data/broker/seg-00000000/data.mdb")
    before = os.stat(segment)
    only(exchange, "CLOCK_BEHIND", "broker", lambda: os.utime(segment, (time.time() + 3600,) * 2), lambda: os.utime(segment, ns=(before.st_atime_ns, before.st_mtime_ns)))
    ended = os.path.join(exchange.directory, "run/books-0.ended")
    only(exchange, "GIVEN_UP", "books-0", lambda: write(ended, "exit code 4: diverged\n"), lambda: os.unlink(ended))
    files(exchange)


def running(exchange):
    check(not new(exchange), "of a sound one: %s" % found(exchange))
    os.kill(exchange.pid("books"), signal.SIGSTOP)
    check("SILENT" in new(exchange) and "books" in found(exchange)["SILENT"], "who does not answer: %s" % found(exchange))
    os.kill(exchange.pid("books"), signal.SIGCONT)
    wait(lambda: not new(exchange), "books are silent for ever")
    before = exchange.pid("settlement")
    exchange.kill("settlement")
    wait(lambda: exchange.pid("settlement") not in (0, before), "not started again")
    exchange.up_again()
    check(found(exchange)["RESTARTED"] == "settlement-0 1", "restarts: %s" % found(exchange))
    exchange.run("keys", "new", "--signing", "130000", "--days", "10")
    wait(lambda: "KEY_ENDS" in found(exchange), "a key that ends is not found", 10)
    check(found(exchange)["KEY_ENDS"].startswith("130000 in "), "the key that ends: %s" % found(exchange))
    policy = os.path.join(ROOT, "data/policies", sorted(os.listdir(os.path.join(ROOT, "data/policies")))[0])
    exchange.run("--as", "110000", "submit", "--quiet", "--await", "-", stdin=exchange.run("policy", "events", "--sender", "110000", policy).stdout)
    wait(lambda: "policy_" in found(exchange).get("ENDS", ""), "a policy that ended is not found: %s" % found(exchange), 10)
    said = exchange.run("--language", "zh", "doctor", codes=(1,)).stdout.decode()
    check("三十日内到期，或已到期" in said and "须处理" in said and not re.search("it ends|to be acted", said), "in Chinese: %s" % said)


def limits():
    """Of a process that may open few files; and of the newest build on a log of the oldest version of the rules."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Exchange("few", bare=True, tick_interval_ms=0) as exchange:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
        done = __import__("subprocess").run(["prlimit", "--nofile=1024:1024", *exchange.command("up", "--detach", "--bare")])
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        check(done.returncode == 0, "up with few files")
        check(found(exchange)["FILES_FEW"].endswith(" 1024"), "few files: %s" % found(exchange))
        check(found(exchange)["LOGIC_OLDER"].split()[1] == "1", "an old version of the rules: %s" % found(exchange))


def disk():
    with small_disk() as place, Exchange("small", tick_interval_ms=0) as exchange:
        exchange.up()
        check("DISK_LOW" in found(exchange), "768 MiB are enough: %s" % found(exchange))
        ballast = fill_disk(place)
        wait(lambda: "LOG_FULL" in found(exchange), "a full log is not found", 10)
        check("the disk" in found(exchange)["LOG_FULL"], "the cause: %s" % found(exchange))
        os.unlink(ballast)


# ---- watch ----


class Terminal:
    """hutong watch on a terminal of its own."""

    def __init__(self, exchange, *words, columns=80, lines=24, **variables):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(variables)
            time.sleep(0.2)  # until the terminal has its size
            os.execv(exchange.command()[0], exchange.command(*words))
        self.resize(columns, lines)
        self.out = b""

    def resize(self, columns, lines):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read(self, seconds):
        until = time.time() + seconds
        while time.time() < until and select.select([self.fd], [], [], max(0, until - time.time()))[0]:
            try:
                piece = os.read(self.fd, 65536)
            except OSError:
                return
            if not piece:
                return
            self.out += piece

    def frames(self):
        """Lines of each whole frame, colours aside."""
        text = re.sub("\x1b\\[[0-9;]*m", "", self.out.decode("utf-8", "replace"))
        return [[line.replace("\x1b[K", "").replace("\x1b[J", "") for line in each.split("\r\n")] for each in text.split("\x1b[H")[1:] if "\x1b[J" in each]

    def end(self):
        self.read(10)
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


def columns(line):
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line)


def watched(exchange):
    terminal = Terminal(exchange, "watch")
    terminal.read(2.6)
    terminal.resize(100, 12)
    terminal.read(0.5)
    os.write(terminal.fd, b"q")
    check(terminal.end() == 0, "q is no end")
    frames = terminal.frames()
    check(len(frames) >= 4, "%d frames in three seconds, and one for the other size" % len(frames))
    check(all(columns(line) <= 80 for line in frames[0]) and len(frames[0]) <= 24 and len(frames[-1]) <= 12, "too large: %s" % frames)
    check(any("READY" in line for line in frames[-1]) and any("settlement-0" in line for line in frames[0]), "what it shows: %s" % frames[-1])
    check(b"\x1b[2J" not in terminal.out and terminal.out.startswith(b"\x1b[?1049h"), "it flickers")
    check(terminal.out.endswith(b"\x1b[?25h\x1b[?1049l"), "the terminal is not given back: %r" % terminal.out[-40:])
    terminal = Terminal(exchange, "--language", "zh", "watch", NO_COLOR="1")
    terminal.read(1.5)
    os.kill(terminal.pid, signal.SIGTERM)
    check(terminal.end() == 0 and terminal.out.endswith(b"\x1b[?25h\x1b[?1049l"), "a signal leaves the terminal: %r" % terminal.out[-40:])
    check(b"\x1b[1m" not in terminal.out and "就绪" in terminal.out.decode(), "colours in spite of NO_COLOR, or English")
    check(all(columns(line) <= 80 for line in terminal.frames()[0]), "too wide in Chinese")


def piped(exchange):
    lines = exchange.run("watch", "--count", "2").stdout.decode().splitlines()
    check(len(lines) == 2 and all(re.search(r" accepted=\d+\.\d decided=\d+\.\d .* lag=\d+ .* ready$", each) for each in lines), "piped: %s" % lines)
    os.kill(exchange.pid("settlement"), signal.SIGSTOP)
    line = exchange.run("watch", "--count", "1").stdout.decode()
    os.kill(exchange.pid("settlement"), signal.SIGCONT)
    check("lag=?" in line and "NOT READY: settlement-0" in line, "what is not known: %s" % line)
    exchange.up_again()


def doctor():
    with Exchange("doctor", http=True) as exchange:
        exchange.up()
        watched(exchange)
        piped(exchange)
        running(exchange)
        exchange.down()
        stopped(exchange)
    limits()
    disk()


main(doctor)
