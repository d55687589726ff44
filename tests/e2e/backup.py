# SPDX-License-Identifier: Apache-2.0
"""Backups of an exchange under load: increments, one that is killed, a bit that flips, everything deleted and restored; archive, trim and whatever
reads the log behind it; states made again; a person who is erased stands in no backup that is kept."""
import datetime
import json
import os
import shutil
import signal
import subprocess
import threading
import time

from exchange import BIN, check, main, wait
from letters import identity
from stranger import bill, connect, gate_pb, load_demo

SHIM = os.path.abspath(os.path.join(BIN, "../lib/libclock_shim.so"))
DAY_MS = 24 * 3600 * 1000
PERSON = identity("11010119850615001")  # of the bills whose receipts are kept


class Load:
    """Bills of one region in bulk, and of another one by one, whose receipts are kept byte for byte."""

    def __init__(self, exchange):
        self.exchange, self.kept, self.stop, self.sent = exchange, [], threading.Event(), 0
        self.threads = [threading.Thread(target=each) for each in (self.in_bulk, self.one_by_one)]
        for thread in self.threads:
            thread.start()

    def in_bulk(self):
        while not self.stop.is_set():
            events = self.exchange.gen("--only-bills", "--bills", "600", "--first-bill", str(1 + 600 * self.sent), "--sender", "110000")
            self.exchange.run("--as", "110000", "submit", "--binary", "--quiet", "-", stdin=events, codes=(0, 1))
            self.sent += 1
            time.sleep(0.3)  # enough for a segment a second; the whole test runs over what is sent here

    def one_by_one(self):
        gate, _ = connect(self.exchange, "120000")
        while not self.stop.is_set():
            envelope = bill(bill_id="B%d" % len(self.kept), person=PERSON[:-1], diagnosis="J18.900")
            receipt = gate.submit(envelope)[0]
            self.kept.append((gate_pb.Receipt.FromString(receipt).position, envelope, receipt))
            time.sleep(0.02)

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(60)


def backup(exchange, *words):
    return exchange.json("backup", exchange.backup, *words)[0]


def generations(exchange):
    return [each["generation"] for each in exchange.json("backup", "list", exchange.backup)]


def under_load(exchange):
    """Two increments; a sealed segment is copied once."""
    load = Load(exchange)
    try:
        made = [backup(exchange)]
        for _ in range(2):
            time.sleep(1.5)
            made.append(backup(exchange))
        killed(exchange)
    finally:
        load.end()
    check(all(each["states"] == 9 for each in made), "a state was left out: %s" % made)
    check(made[0]["position"] < made[1]["position"] < made[2]["position"], "no bills flowed: %s" % made)
    check(sum(each["segmentsCopied"] for each in made) == made[-1]["segments"] - 1, "segments were copied again, or not at all: %s" % made)
    check(made[-1]["segments"] > 3, "the log is too short for this test: %s" % made)
    with open(os.path.join(exchange.directory, "data/last_backup")) as file:
        last = json.load(file)
    check(last["position"] >= made[-1]["position"] and last["directory"] == exchange.backup and abs(last["at"] / 1000 - time.time()) < 60, last)
    print("        %d segments, %d positions, increments of %s KiB" % (made[-1]["segments"], made[-1]["position"], [each["copiedBytes"] >> 10 for each in made]))
    return load.kept


def killed(exchange):
    """Half a backup is none, and in nobody's way."""
    before = generations(exchange)
    process = subprocess.Popen(exchange.command("backup", exchange.backup, "--rate", "1"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.8)
    check(process.poll() is None, "it had ended before it was killed")
    exchange.run("backup", exchange.backup, codes=(5,))  # one at a time
    process.send_signal(signal.SIGKILL)
    process.wait()
    check(generations(exchange) == before and os.path.exists(os.path.join(exchange.backup, "generations/new.part")), "a killed backup counts")
    backup(exchange)
    check(len(generations(exchange)) == len(before) + 1 and not os.path.exists(os.path.join(exchange.backup, "generations/new.part")), "no backup after a killed one")


def flips(exchange):
    """A bit in a shared segment, in a state, in a manifest: found and named."""
    exchange.run("backup", "check", exchange.backup)
    newest = os.path.join(exchange.backup, "generations", generations(exchange)[-1])
    segments = os.path.join(exchange.backup, "segments")
    shared = os.path.join(segments, sorted(os.listdir(segments))[0])
    state = [each for each in os.listdir(os.path.join(newest, "states")) if each.startswith("settlement-0")][0]
    for path in (os.path.join(shared, os.listdir(shared)[0], "data.mdb"), os.path.join(newest, "states", state, "data.mdb"), os.path.join(newest, "manifest.json")):
        flip(path)
        said = exchange.run("backup", "check", exchange.backup, codes=(1,)).stderr.decode()
        check(path in said, "%s is not named: %s" % (path, said))
        restored = os.path.join(exchange.directory, "damaged")
        exchange.run("restore", exchange.backup, "--to", restored, codes=(1,))
        check(not os.path.exists(os.path.join(restored, "data")), "a damaged backup was restored")
        flip(path)
    exchange.run("backup", "check", exchange.backup)


def flip(path):
    with open(path, "r+b") as file:
        file.seek(os.path.getsize(path) // 2)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 4]))


def restored(exchange, kept):
    """Everything deleted but the backup."""
    said = exchange.run("restore", exchange.backup, codes=(1,)).stderr.decode()
    check("--over" in said, said)
    exchange.run("restore", exchange.backup, "--over", "--reason", "a test", codes=(1,))  # it runs
    exchange.run("rebuild", "settlement", codes=(1,))
    exchange.down()
    for name in ("data", "keys"):
        shutil.rmtree(os.path.join(exchange.directory, name))
    last = exchange.json("restore", exchange.backup)[0]
    check(last["states"] == 9 and last["rebuilt"] == 0 and last["secretKeys"], last)
    exchange.run("restore", exchange.backup, codes=(1,))
    for state in ("settlement", "books", "mailbox", "ingest"):  # from position 0 to where the backup has it: the same digest
        one = exchange.json("rebuild", state)[0]
        check(one["equal"] and one["position"] == last["position"], one)
    exchange.up()
    gate, _ = connect(exchange, "120000")
    lost = 0
    for position, envelope, receipt in kept:
        again = gate.submit(envelope)[0]
        lost += position >= last["end"]
        check((again == receipt) or position >= last["end"], "another receipt of position %d, the log ends at %d" % (position, last["end"]))
    check(lost < len(kept), "all receipts were lost")
    exchange.ledger()
    exchange.run("ledger", "verify", timeout=200)
    print("        %d receipts stand, %d were given later and are sent again" % (len(kept) - lost, lost))


def without_states(exchange):
    """A state that the backup lacks is made again from its log, as it was."""
    place = os.path.join(exchange.directory, "lacking")
    generation = os.path.join(exchange.backup, "generations", generations(exchange)[-1])
    with open(os.path.join(generation, "manifest.json")) as file:
        manifest = json.load(file)
    gone = [each for each in manifest["states"] if each["state"] == "audit-0"]
    manifest["states"] = [each for each in manifest["states"] if each["state"] != "audit-0"]
    manifest["files"] = [each for each in manifest["files"] if not each["path"].startswith("states/audit-0")]
    lacking = os.path.join(exchange.directory, "lacking-backup")
    shutil.copytree(exchange.backup, lacking)
    generation = os.path.join(lacking, "generations", os.path.basename(generation))
    with open(os.path.join(generation, "manifest.json"), "w") as file:
        json.dump(manifest, file)
    with open(os.path.join(generation, "manifest.sha256"), "w") as file:
        file.write(subprocess.run(["sha256sum", "manifest.json"], cwd=generation, stdout=subprocess.PIPE).stdout.decode())
    done = exchange.json("restore", lacking, "--to", place)[0]
    check(done["rebuilt"] == 1 and done["states"] == 8, done)
    other = [os.path.join(BIN, "hutong"), "--json", "--config", os.path.join(place, "hutong.yaml"), "rebuild", "audit"]
    one = json.loads(subprocess.run(other, stdout=subprocess.PIPE).stdout)
    check(one["equal"] and one["digest"] == gone[0]["digest"], "%s, %s" % (one, gone))


def names(directory):
    """Files below that name the person."""
    found = []
    for place, _, files in os.walk(directory):
        for name in files:
            with open(os.path.join(place, name), "rb") as file:
                if PERSON.encode() in file.read():
                    found.append(os.path.join(place, name))
    return found


def erased(exchange):
    exchange.run("archive")
    check(names(exchange.backup), "nobody to erase")
    exchange.run("person", "erase", PERSON, "--basis", "PIPL art. 47", "--yes", "--reason", "asked")
    exchange.down()
    exchange.run("person", "erase", "--apply")
    exchange.up()
    exchange.position()
    exchange.run("person", "erase", "--finish")
    made = backup(exchange)
    check(made["outlived"] > 0 and made["segmentsCopied"] > 0, "the rewritten log is not seen: %s" % made)
    check(backup(exchange, "--forget")["removed"] > 0 and len(generations(exchange)) == 1, "older generations stay")
    check(not names(exchange.backup), "the erased person stands in %s" % names(exchange.backup))
    archived = exchange.json("archive")[0]
    check(archived["rewritten"] > 0 and archived["added"] == 0, archived)
    exchange.run("archive", "check")


def archived(exchange):
    """Trimmed behind the archive, and whoever reads the log reads on."""
    archive = os.path.join(exchange.directory, "archive")
    made = exchange.json("archive", "list")
    below = made[-2]["below"]
    wait(lambda: exchange.run("trim", str(below), "--dry-run", codes=(0, 1)).returncode == 0, "the readers' places are not told")
    packed = os.path.join(archive, "seg-00000001.mdb.zst")
    flip(packed)
    said = exchange.run("trim", str(below), "--yes", "--reason", "room", codes=(1,)).stderr.decode()
    check("seg-00000001.mdb.zst" in said, said)
    flip(packed)
    trimmed = exchange.json("trim", str(below), "--yes", "--reason", "room")[0]
    check(trimmed["removed"] and trimmed["segments"] >= 2, trimmed)
    trace = os.path.join(exchange.directory, "whole.trace")
    end = exchange.position()
    check(exchange.json("trace", "record", trace)[0]["submissions"] >= end, "the trace lacks what was trimmed")
    exchange.run("ledger", "verify", timeout=200)
    exchange.run("person", "export", "110101198001011015", "--reason", "a test", codes=(0, 1))
    exchange.down()
    one = exchange.json("rebuild", "books")[0]
    check(one["equal"], one)
    shutil.move(packed, packed + ".away")
    exchange.run("rebuild", "books", codes=(1, 5))
    shutil.move(packed + ".away", packed)
    exchange.up()
    ratio = sum(each["bytes"] for each in made) / sum(each["packedBytes"] for each in made)
    print("        %d segments trimmed, archived at 1 : %.1f" % (trimmed["segments"], ratio))


def at(exchange, now_ms, *words):
    """A command on another day."""
    offset = os.path.join(exchange.directory, "offset")
    with open(offset, "w") as file:
        file.write("%d" % (now_ms - time.time() * 1000))
    done = subprocess.run(exchange.command("--json", *words), env=dict(os.environ, LD_PRELOAD=SHIM, HUTONG_SHIM_CLOCK=offset), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(done.returncode == 0, "%s: %s" % (words, done.stderr))
    return [json.loads(line) for line in done.stdout.splitlines()]


def more(exchange, first):
    for region in ("110000", "120000"):
        events = exchange.gen("--only-bills", "--bills", "3000", "--first-bill", str(first), "--sender", region)
        exchange.run("--as", region, "submit", "--binary", "--quiet", "--await", "-", stdin=events, codes=(0, 1))
    exchange.position()


def old_ones_go(exchange):
    """A segment that is older than the policy leaves the disk, into the archive; a younger one stays, and one that no backup holds."""
    more(exchange, 500000)
    time.sleep(1)
    more(exchange, 510000)
    backup(exchange)
    elsewhere = os.path.join(exchange.directory, "elsewhere")
    exchange.run("archive", elsewhere)
    stored = [datetime.datetime.fromisoformat(each["storedAt"]).timestamp() * 1000 for each in exchange.json("archive", "list", elsewhere)]
    more(exchange, 520000)
    gap = max(range(len(stored) - 1), key=lambda i: stored[i + 1] - stored[i])
    between = (stored[gap] + stored[gap + 1]) / 2 + DAY_MS
    check(at(exchange, between, "retention", "--dry-run")[0]["due"] == gap + 1, "not the older ones are due: %s" % stored)
    log = os.path.join(exchange.directory, "data/broker")
    before = len([each for each in os.listdir(log) if each.startswith("seg-")])
    wait(lambda: at(exchange, between, "retention")[-1].get("removed"), "the older ones stay", 60)
    after = sorted(each for each in os.listdir(log) if each.startswith("seg-"))
    check(before - len(after) == gap + 1, "%d segments, then %s; %d were due" % (before, after, gap + 1))
    archived = {each["segment"] for each in exchange.json("archive", "list")}
    check(int(after[0][4:]) - 1 in archived and int(after[0][4:]) not in archived, "in the archive: %s, on the disk: %s" % (archived, after))
    due = at(exchange, stored[-1] + 30 * DAY_MS, "retention", "--dry-run")[0]
    check(due["due"] == len(stored) - gap - 1 and due["heldBy"], "what no backup holds is due: %s of %s" % (due, stored))
    exchange.run("ledger", "verify", timeout=200)
    print("        %d segments were old, and went; %d were younger, %d in no backup" % (gap + 1, due["due"], len(after) - due["due"] - 1))


def retained(exchange):
    """By policy: old enough, backed up, archived; nothing else."""
    settings = open(exchange.config).read()
    exchange.run("retention")
    with open(exchange.config, "w") as file:
        file.write(settings + "retention_log_days: 1\n")
    check(exchange.json("retention", "--dry-run")[0]["due"] == 0, "what is of today is due")
    with open(exchange.config, "w") as file:
        file.write(settings.replace("archive_directory", "#") + "retention_log_days: 1\n")
    check("archive_directory" in exchange.run("retention", codes=(4,)).stderr.decode(), "retention without an archive")
    with open(exchange.config, "w") as file:
        file.write(settings + "retention_log_days: 1\n")
    old_ones_go(exchange)
    with open(exchange.config, "w") as file:
        file.write(settings)


def backups(exchange):
    exchange.backup = os.path.join(exchange.directory, "backup")
    kept = under_load(exchange)
    flips(exchange)
    restored(exchange, kept)
    without_states(exchange)
    backup(exchange)
    erased(exchange)
    archived(exchange)
    retained(exchange)


def prepared(exchange):
    load_demo(exchange)
    exchange.load_reference()


main(backups, "backup", prepared, partitions=2, segment_size_mib=1, backup_directory="backup", archive_directory="archive")
