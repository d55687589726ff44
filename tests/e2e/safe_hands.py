# SPDX-License-Identifier: Apache-2.0
"""What an operator does by the manual loses nothing: trimming stops below the position in every stream and wants what goes to stand
elsewhere (D1, D2); what is left is verified from a snapshot on."""
import os
import shutil

from exchange import REGIONS, check, main, wait


def firsts(exchange):
    return {each["stream"]: int(each.get("first", 0)) for each in exchange.json("status", codes=(0, 1))[0]["broker"]["streams"]}


def fill(exchange):
    exchange.load_reference()
    for region in REGIONS:
        bills = exchange.gen("--only-bills", "--bills", "4500", "--sender", region)
        exchange.run("--as", region, "submit", "--binary", "--quiet", "--await", "-", stdin=bills)
    exchange.quieten()
    exchange.down()
    exchange.up()  # so that every reader says where it stands


def trimming(exchange):
    fill(exchange)
    before = firsts(exchange)
    wanted = 4000
    would = exchange.json("trim", str(wanted), "--dry-run")[0]
    check(would["segments"] > 0 and not would["removed"], "nothing would go: %s" % would)
    check(all(int(each.get("to", 0)) <= wanted for each in would["streams"]), "beyond the position: %s" % would)
    said = exchange.run("trim", str(wanted), "--yes", codes=(1,)).stderr.decode()
    check("--without-archive" in said, "refused without a snapshot and an archive: %s" % said)
    place, copy = os.path.join(exchange.directory, "snapshots"), os.path.join(exchange.directory, "copy")
    words = ("trim", str(wanted), "--reason", "a test", "--snapshot", place, "--archive", copy)
    check("hutong snapshot" in exchange.run(*words, "--yes", codes=(1,)).stderr.decode(), "no snapshot")
    exchange.run("snapshot", place)
    exchange.run(*words, "--yes", codes=(1,))
    own = os.path.join(exchange.directory, "data")
    check("the log itself" in exchange.run(*words[:-1], own, "--yes", codes=(1,)).stderr.decode(), "the log is no archive of itself")
    exchange.down()
    shutil.copytree(own, copy)
    exchange.up()
    check("--yes" in exchange.run(*words, stdin=b"", codes=(1,)).stderr.decode(), "nobody was asked")
    check(firsts(exchange) == before, "something went all the same")
    done = exchange.json(*words, "--yes")[0]
    check(done["removed"] and done["streams"] == would["streams"], "other than was said: %s, %s" % (would, done))
    # How it ended is a record behind that of the act.
    wait(lambda: all(each["result"] for each in exchange.json("actions", "--action", "trim")), "the end of the trim in the operators' log")
    told = exchange.json("actions", "--action", "trim")
    check([(each["subject"], each["result"], each["by"]) for each in told] == [(str(wanted), "done", "tester")], "the operators' log: %s" % told)
    after = firsts(exchange)
    check(all(before[stream] <= after[stream] <= wanted for stream in after) and after != before, "%s, then %s" % (before, after))
    exchange.run("track", str(wanted))
    more = exchange.gen("--only-bills", "--bills", "300", "--first-bill", "5000", "--sender", REGIONS[0])
    exchange.run("--as", REGIONS[0], "submit", "--binary", "--quiet", "--await", "-", stdin=more)
    exchange.quieten()
    from_snapshot(exchange, place)


def from_snapshot(exchange, place):
    said = exchange.run("ledger", "verify", codes=(1,)).stdout.decode()
    check("--snapshot" in said, "a trimmed log is not verified from its beginning: %s" % said)
    services = [each for each in exchange.json("ledger", "verify", "--snapshot", place) if "service" in each]
    check(all(each["from"] > 0 and each["streamEqual"] and each["stateEqual"] for each in services), "from the snapshot: %s" % services)
    check(any(each["positions"] > 0 for each in services), "nothing came after the snapshot: %s" % services)
    said = exchange.run("ledger", "verify", "--snapshot", place).stdout.decode()
    check("on, a snapshot" in said and "with what the snapshot had" in said, "from where: %s" % said)
    empty = os.path.join(exchange.directory, "nothing")
    os.mkdir(empty)
    check("no validation-0-POSITION" in exchange.run("ledger", "verify", "--snapshot", empty, codes=(1,)).stderr.decode(), "no snapshot")
    wrong_snapshots(exchange, place)


def wrong_snapshots(exchange, place):
    """Of another service under this one's name, and one that says another position than its own."""
    names = os.listdir(place)
    books = next(name for name in names if name.startswith("books-0-"))
    audit = next(name for name in names if name.startswith("audit-0-"))
    for name, taken, complaint in ((books, audit, "is no snapshot of books"), ("books-0-99999", books, "was taken at")):
        wrong = os.path.join(exchange.directory, "wrong-" + name)
        shutil.copytree(place, wrong)
        shutil.rmtree(os.path.join(wrong, books))
        shutil.copytree(os.path.join(place, taken), os.path.join(wrong, name))
        run = exchange.run("ledger", "verify", "--snapshot", wrong, codes=(1,))
        check(complaint in run.stderr.decode(), "%s as %s: %s" % (taken, name, run.stderr.decode()))
        check("journal" not in run.stdout.decode(), "verified all the same: %s" % run.stdout.decode())


main(trimming, "safe_hands", segment_size_mib=1, tick_interval_ms=0)
