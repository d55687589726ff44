# SPDX-License-Identifier: Apache-2.0
"""Nothing changes unseen. A day's exchange is stopped. Then: thousands of single bits flip all over its files, each followed by what reads
the file (tests/fault/deployment.c); some dozens more, each followed by a start of all daemons and every answer compared; every state and the
confirmations are rolled back, removed, exchanged. An answer is the one of before, or there is none and it is said why; `hutong doctor --scrub`
says where. HUTONG_FLIPS, HUTONG_FLIP_STARTS: how many."""
import glob
import json
import os
import random
import shutil
import subprocess
import time

from exchange import BIN, REGIONS, SERVICES, Exchange, check, main, wait

FLIPS = int(os.environ.get("HUTONG_FLIPS", "2600"))
STARTS = int(os.environ.get("HUTONG_FLIP_STARTS", "14"))
STATES = ("ingest-0", "validation-0", "settlement-0", "audit-0", "books-0", "mailbox-0", "mailbox_books-0")
SEGMENT_MIB = 1


def a_day(exchange):
    exchange.load_reference(persons=300, institutions=12)
    for seed, region in enumerate(REGIONS):
        bills = exchange.gen("--bills", "1500", "--sender", region, seed=seed + 1, persons=300, institutions=12)
        exchange.run("--as", region, "submit", "--binary", "--quiet", "--await", "-", stdin=bills, codes=(0, 1))
        exchange.run("--as", region, "mailbox", "--count", "20", "--confirm")


class Refused(Exception):
    """An answer was refused, and it was said why."""


def track(exchange, position):
    done = exchange.run("--json", "track", str(position), codes=(0, 5))
    if done.returncode == 5 and b"the log is damaged here" in done.stderr:
        raise Refused
    check(done.returncode == 0, "track %d: %s" % (position, done.stderr))
    return done.stdout


class Answers:
    """What an exchange says to everybody who may ask, or that it says nothing."""

    def __init__(self, exchange):
        self.boxes = {party + box: exchange.run("--as", party, "mailbox", "--from", "0", *([box] if box else []), timeout=60).stdout
                      for party in REGIONS for box in ("", "--books")}
        self.digests = exchange.digests()
        self.ledger = exchange.run("ledger", "balances").stdout
        end = min(position for position, _ in self.digests.values())
        self.trail = [track(exchange, position) for position in range(0, end, max(1, end // 12))]
        self.rows = exchange.run("books", "reconciliation", "2025-11-01", "2025-11-30", codes=None).stdout

    def __eq__(self, other):
        return self.__dict__ == other.__dict__


def put_back(exchange, copy):
    data = os.path.join(exchange.directory, "data")
    shutil.rmtree(data)
    shutil.copytree(copy, data)


def diaries(exchange, word):
    return [json.loads(line) for path in glob.glob(os.path.join(exchange.directory, "data/log/*.log")) for line in open(path)
            if word in line and line.startswith("{")]


def start(exchange):
    """True: all is ready. False: somebody has ended for good, and the others need not be waited for. The diaries begin here."""
    for diary in glob.glob(os.path.join(exchange.directory, "data/log/*")):
        os.unlink(diary)
    up = subprocess.Popen(exchange.command("up", "--detach", "--unrecorded"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while up.poll() is None:
        if any(each["restarted"].startswith("no") for each in diaries(exchange, "daemon_ended")):
            up.kill()
            up.wait()
            return False
        time.sleep(0.05)
    return up.returncode == 0


def said_why(exchange):
    return [each for each in diaries(exchange, '"detail"') if each["level"] in ("error", "fatal", "warn")]


def doctor(exchange, codes=(0, 1)):
    return [each["finding"] for each in exchange.json("doctor", "--scrub", codes=codes)]


def many_flips(exchange, copy):
    """In one process, by the same openings as the daemons'."""
    place = os.path.join(exchange.directory, "struck")
    shutil.copytree(copy, place)
    began = time.time()
    done = subprocess.run([os.path.join(BIN, "fault_deployment"), place, str(SEGMENT_MIB), str(FLIPS), "15"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(done.returncode == 0, "flips: exit code %d, %s" % (done.returncode, done.stderr[-2000:].decode()))
    table = {}
    for line in done.stdout.splitlines():
        row = json.loads(line)
        name = row["file"].split("-000")[0].replace("/recent", "/recent-N").replace("/seg", "/seg-N/data.mdb") if "-000" in row["file"] else row["file"]
        kept = table.setdefault(name, [0, 0, 0])
        for i, key in enumerate(("bytes", "found", "same")):
            kept[i] += row[key]
    tried = sum(found + same for _, found, same in table.values())
    for name, (size, found, same) in sorted(table.items()):
        if found + same:
            print("        %-32s %9d bytes  %4d flips, %4d found, %4d change nothing" % (name, size, found + same, found, same))
    found = sum(found for _, found, _ in table.values())
    print("        %d flips: %d found, the others change nothing that can be read; %.0f s" % (tried, found, time.time() - began))
    check(tried >= FLIPS * 3 // 4 and found > tried / 4, "%d tried, %d found" % (tried, found))
    shutil.rmtree(place)


def flips_and_starts(exchange, copy, before):
    chance, refused, mended = random.Random(15), 0, 0
    files = [each for each in glob.glob(os.path.join(copy, "**/*"), recursive=True)
             if os.path.isfile(each) and os.path.getsize(each) > 1000 and "/log/" not in each and "lock" not in each]
    for number in range(STARTS):
        put_back(exchange, copy)
        name = os.path.relpath(chance.choice(files), copy)
        with open(os.path.join(exchange.directory, "data", name), "r+b") as file:
            at = chance.randrange(os.path.getsize(file.name))
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 1 << chance.randrange(8)]))
        if start(exchange):
            try:
                now = Answers(exchange)
                differs = [key for key in before.__dict__ if now.__dict__[key] != before.__dict__[key]]
                check(not differs, "flip %d at %d of %s: other answers: %s" % (number, at, name, [(now.__dict__[key], before.__dict__[key]) for key in differs] if os.environ.get("HUTONG_SHOW") else differs))
                mended += bool(diaries(exchange, "state_set_aside"))
            except Refused:
                refused += 1
        else:
            check(said_why(exchange), "flip %d at %d of %s: it does not start, and does not say why" % (number, at, name))
            refused += 1
        exchange.down()
    print("        %d flips and starts: %d states made again, %d starts or answers refused with the reason" % (STARTS, mended, refused))


def a_damaged_batch_stops_its_reader(exchange, copy, before):
    """In a sealed segment, where nobody looks but the scrub and who is behind: the service that must read it ends and says so, the doctor says
    which file; the file of a backup mends it."""
    put_back(exchange, copy)
    data = os.path.join(exchange.directory, "data")
    segment = os.path.join(data, "broker/seg-00000000/data.mdb")
    shutil.rmtree(os.path.join(data, "audit-0"))
    text = open(segment, "rb").read()
    found, at = {}, 0
    while "stream submissions" not in found.get("BATCH_DAMAGED", ""):  # other streams' batches hold the word too, and pages that are free again
        at = text.index(b"110000", at + 4096)
        with open(segment, "r+b") as file:
            file.write(text)
            file.seek(at)
            file.write(bytes([text[at] ^ 4]))
        found = {each["finding"]: each["where"] for each in exchange.json("doctor", "--scrub", codes=(0, 1))}
    check("STATE_GONE" in found, "the doctor finds %s" % found)
    check(not start(exchange), "audit reads a damaged batch")
    said = [each for each in diaries(exchange, "runtime_failed") if each["core"] == "audit"]
    check(said and said[0]["status"] == "FATAL_CORRUPT" and "doctor" in said[0]["detail"], "audit says %s" % said)
    wait(lambda: diaries(exchange, "log_damaged"), "the scrub of the log says nothing")
    exchange.down()
    shutil.copy(os.path.join(copy, "broker/seg-00000000/data.mdb"), segment)
    check(start(exchange) and Answers(exchange) == before, "with the segment of the backup it answers as before")
    exchange.down()


def rollbacks(exchange, early, copy, before):
    """Each state as it was earlier, or away: said, and caught up."""
    data = os.path.join(exchange.directory, "data")
    for how in ("older", "gone"):
        put_back(exchange, copy)
        for state in STATES:
            shutil.rmtree(os.path.join(data, state))
            if how == "older":
                shutil.copytree(os.path.join(early, state), os.path.join(data, state))
        found = doctor(exchange)
        check(found.count("STATE_OLDER" if how == "older" else "STATE_GONE") == len(STATES), "%s: the doctor finds %s" % (how, found))
        check(start(exchange) and Answers(exchange) == before, "%s states: another answer" % how)
        told = {each["core"] for each in diaries(exchange, "state_rolled_back")}
        check(len(told) == len(STATES), "%s: told of %s" % (how, told))
        exchange.down()
    put_back(exchange, copy)
    a, b, away = (os.path.join(data, each) for each in ("validation-0", "settlement-0", "away"))
    for source, target in ((a, away), (b, a), (away, b)):
        os.rename(source, target)
    check(doctor(exchange, codes=(1,)).count("STATE_OTHER") == 2, "the doctor sees no exchanged states")
    check(start(exchange) and Answers(exchange) == before, "exchanged states: another answer")
    check(len(diaries(exchange, "state_set_aside")) == 2, "exchanged states are set aside")
    exchange.down()


def confirmations_rolled_back(exchange, early, copy, before):
    data = os.path.join(exchange.directory, "data")
    for how in ("older", "gone"):
        put_back(exchange, copy)
        shutil.rmtree(os.path.join(data, "confirmed-0"))
        if how == "older":
            shutil.copytree(os.path.join(early, "confirmed-0"), os.path.join(data, "confirmed-0"))
        check("CONFIRMED_DAMAGED" in doctor(exchange, codes=(1,)), "%s: the doctor sees nothing" % how)
        check(not start(exchange), "confirmations are %s, and it starts" % how)
        check(any("confirmations and has held" in each["detail"] for each in diaries(exchange, '"detail"')), "%s: not said" % how)
        exchange.down()
    os.unlink(os.path.join(data, "confirmed-0.seen"))
    check(start(exchange) and Answers(exchange) == before, "without .seen it goes on")
    exchange.down()


def an_older_log(exchange, early, copy):
    """All of the log, with its checkpoint: the states have seen more."""
    put_back(exchange, copy)
    data = os.path.join(exchange.directory, "data/broker")
    shutil.rmtree(data)
    shutil.copytree(os.path.join(early, "broker"), data)
    check(not start(exchange), "an older log is taken up")
    check(any(each["status"] == "FATAL_CORRUPT" for each in diaries(exchange, "runtime_failed")), "an older log: not said")
    exchange.down()


def flips():
    with Exchange("flips", segment_size_mib=SEGMENT_MIB, state_map_mib=256, tick_interval_ms=0) as exchange:
        copies = [os.path.join(exchange.directory, name) for name in ("early", "copy")]
        exchange.up()
        exchange.run("digest", "--wait", "60")
        exchange.down()
        shutil.copytree(os.path.join(exchange.directory, "data"), copies[0])
        exchange.up()
        a_day(exchange)
        before = Answers(exchange)
        check(doctor(exchange, codes=(0,)) == [], "the doctor finds something in a running exchange")
        exchange.down()
        shutil.copytree(os.path.join(exchange.directory, "data"), copies[1])
        check(doctor(exchange, codes=(0,)) == [], "the doctor finds something in a stopped exchange")
        many_flips(exchange, copies[1])
        flips_and_starts(exchange, copies[1], before)
        a_damaged_batch_stops_its_reader(exchange, copies[1], before)
        rollbacks(exchange, *copies, before)
        confirmations_rolled_back(exchange, *copies, before)
        an_older_log(exchange, *copies)


main(flips)
