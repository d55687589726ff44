# SPDX-License-Identifier: Apache-2.0
"""This build starts from the data directory that an older one left: states.py DIR. Each service stands where it stood, with the same digest, or
has read the log again to there; what it decided is what it decided then; and it goes on. The older trace replays in a fresh exchange."""
import glob
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "../e2e"))
from coverage import records  # noqa: E402
from exchange import ROOT, Exchange, check, main  # noqa: E402
from letters import identity  # noqa: E402

FORMAT = {"partitions": 2, "trace_clock": True, "segment_size_mib": 16, "state_map_mib": 256}


def kept_digests(history):
    """Of each service, as the exchange said them: ingest has two boxes."""
    kept, count = {}, 0
    for kind, bytes_, partition in records(history):
        count += kind == "S"
        if kind == "D":
            name, digest = bytes_[:-33].decode(), bytes_[-32:].hex()
            service, partition = {"mailbox": ("ingest", 0), "mailbox_books": ("ingest", 1)}.get(name, (name, partition))
            kept[service, partition] = digest
    return {each: (count, kept[each]) for each in kept}


def named(text):
    """Identity numbers; the books' hash of one is a number of as many digits."""
    return [each for each in re.findall(r'"person(?:Id)?":"([0-9]{17}[0-9X])"', text) if each == identity(each[:17]) and "1900" < each[6:10] < "2030"]


def dumps(exchange):
    """Each table of each state of the running exchange reads by its layout, all of it, and names nobody unless asked."""
    tables, persons = 0, 0
    data = os.path.join(exchange.directory, "data")
    aside = [os.path.basename(each) for each in glob.glob(os.path.join(data, "*.aside-*"))]
    check(aside == ["audit-0.aside-1"], "of another format than today's is audit's state alone: %s" % aside)
    for state in [each for each in glob.glob(os.path.join(data, "*-*")) if "." not in os.path.basename(each)]:
        for line in exchange.run("dump", state).stdout.decode().splitlines()[1:]:
            name, count = line.split()[:2]
            shown, bare = (exchange.run("dump", state, "--table", name, *more).stdout.decode() for more in ([], ["--unmasked", "--unrecorded"]))
            check(shown.count("\n") == int(count), "%s %s: %s rows" % (state, name, count))
            check(not named(shown), "%s %s names a person: %s" % (state, name, named(shown)[:1]))
            persons += len(named(bare))
            tables += 1
    check(tables > 50 and persons > 100, "%d tables, %d persons" % (tables, persons))


def goes_on(directory):
    exchange, trace = Exchange("states", **FORMAT), os.path.join(directory, "two.trace")
    try:
        unpack = subprocess.Popen(["zstd", "-dc", "--long=27", os.path.join(directory, "two.states.tar.zst")], stdout=subprocess.PIPE)
        subprocess.run(["tar", "x", "-C", exchange.directory], stdin=unpack.stdout, check=True)
        exchange.up()
        found, kept = exchange.digests(), kept_digests(os.path.join(directory, "two.history.zst"))
        check(found == kept, "digests differ: %s, kept %s" % (found, kept))
        dumps(exchange)
        again = os.path.join(exchange.directory, "again.trace")
        exchange.run("trace", "record", again)
        exchange.run("trace", "diff", trace, again)
        exchange.run("ledger", "verify")
        exchange.run("submit", "--quiet", "--await", "--at", "20260501", "-", stdin=b'{"version":1,"sender":"exchange","tick":{"number":"1"}}')
        check(exchange.position() == found["audit", 0][0] + 1, "it does not go on")
        exchange.run("ledger", "verify")
        switches(exchange)
    finally:
        exchange.close()


def switches(exchange):
    """The old log goes to the newest logic, and is made again from its first position."""
    tables = sorted(glob.glob(os.path.join(ROOT, "data/gazette/*.csv")))
    check(len(tables) > 8, "only %d tables" % len(tables))
    exchange.run("reference", "load", "--at", "20260502", *tables)
    for version in ("2", "3", "5"):
        exchange.run("logic", version, "--yes", "--reason", "the tables of the year")
        exchange.run("submit", "--quiet", "--await", "--at", "20260502", "-",
                     stdin=b'{"version":1,"sender":"exchange","tick":{"number":"2%s"}}' % version.encode())
    exchange.run("submit", "--quiet", "--await", "--at", "20260503", "-", stdin=b'{"version":1,"sender":"exchange","tick":{"number":"2"}}')
    exchange.run("ledger", "verify")
    before = exchange.digests()
    exchange.down()
    for state in glob.glob(os.path.join(exchange.directory, "data", "*-*")):
        if os.path.isdir(state) and not os.path.basename(state).startswith(("ingest", "confirmed")):
            shutil.rmtree(state)
    exchange.up()
    check(exchange.digests() == before, "made again from the log, the states are others")


def replays(directory):
    fresh = Exchange("states", bare=True, **FORMAT)
    try:
        fresh.up()
        fresh.run("trace", "replay", os.path.join(directory, "two.trace"))
        check(fresh.digests() == kept_digests(os.path.join(directory, "two.history.zst")), "the digests differ after the replay")
    finally:
        fresh.close()


def test():
    goes_on(sys.argv[1])
    replays(sys.argv[1])


if __name__ == "__main__":
    main(test)
