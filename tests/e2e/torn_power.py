# SPDX-License-Identifier: Apache-2.0
"""Power cuts: every process dies at once and every write that was not synced is lost (tests/fault/sync_shim.c keeps what was
overwritten; here it is put back). No receipt may have been given for anything lost. A result may have been delivered whose record was
lost: it is computed again, to the same bytes, in the same place of its mailbox, and what was confirmed of it stays confirmed."""
import glob
import os
import random
import re
import signal
import struct
import subprocess
import threading
import time

from exchange import BIN, SERVICES, Exchange, check, main
from stranger import bill, connect, gate_pb, load_demo, outcome_pb

CUTS = int(os.environ.get("HUTONG_CUTS", "12"))
SHIM = os.path.abspath(os.path.join(BIN, "../lib/libsync_shim.so"))


def cut_power(exchange):
    """The supervisor first, so that nobody comes back, then everybody."""
    with open(os.path.join(exchange.directory, "run/hutong.pid")) as file:
        pids = [int(file.read())]
    pids += [exchange.pid(service) for service in SERVICES]
    os.kill(pids[0], signal.SIGSTOP)
    for pid in pids[1:] + pids[:1]:
        if pid > 1:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    for pid in pids:
        while pid > 1 and os.path.exists("/proc/%d" % pid) and open("/proc/%d/stat" % pid).read().split(") ")[1][0] != "Z":
            time.sleep(0.005)


def lose_what_was_not_synced(exchange):
    lost = 0
    for undo in glob.glob(os.path.join(exchange.directory, "data/**/*.undo"), recursive=True):
        data, at, records = open(undo, "rb").read(), 0, []
        while at + 32 <= len(data):
            offset, size, kept, file_size = struct.unpack_from("<qqqq", data, at)
            if at + 32 + kept > len(data):
                break
            records.append((offset, data[at + 32:at + 32 + kept], file_size))
            lost += size
            at += 32 + kept
        if records:
            with open(undo[:-5], "r+b") as file:
                for offset, old, _ in reversed(records):
                    file.seek(offset)
                    file.write(old)
                file.truncate(records[0][2])
        os.unlink(undo)
    return lost


def outcomes_on_disk(exchange):
    dump = subprocess.run([os.path.join(BIN, "hutong-broker"), "--dump", os.path.join(exchange.directory, "data/broker")], stdout=subprocess.PIPE, check=True)
    return int(re.search(rb"^outcomes\.0 .* end (\d+)", dump.stdout, re.M).group(1))


def fetch_all(mailbox, places):
    """The mailbox from its beginning; waits until all of `places` lie in it again."""
    found, until = {}, time.time() + 30
    while len(found) <= max(places, default=-1) and time.time() < until:
        page = mailbox.fetch(len(found), 100).mailbox_page
        found.update((page.first + i, bytes(each)) for i, each in enumerate(page.outcomes))
    return found


def send(exchange, first, receipts, stop, pause=0.0):
    gate, _ = connect(exchange, "120000")
    number = first
    while not stop.is_set():
        envelopes = [bill(bill_id="T%d" % (number + i), message_id="0193a000-2222-7000-8000-%012x" % (number + i)) for i in range(5)]
        request = gate.request()
        request.submit.envelopes.extend(envelopes)
        reply = gate.ask(request, 1000, 1000)
        if reply is None or not reply.HasField("receipts"):
            continue
        for envelope, receipt in zip(envelopes, reply.receipts.receipts):
            if gate_pb.Receipt.FromString(receipt).kind == gate_pb.RECEIPT_KIND_ACCEPTED:
                receipts[envelope] = bytes(receipt)
        number += 5
        stop.wait(pause)


def torn_power():
    check(os.path.exists(SHIM), "no %s: build it first" % SHIM)
    chance = random.Random(7)
    receipts, places, lost, again, confirmed = {}, {}, 0, 0, 0  # places of the mailbox, with what was delivered there
    with Exchange("torn", tick_interval_ms=300, state_map_mib=64, seccomp="off") as exchange:
        os.environ["HUTONG_SHIM_ROOT"] = os.path.join(exchange.directory, "data")
        exchange.up(SHIM)
        load_demo(exchange)
        for cut in range(CUTS):
            stop = threading.Event()
            pause = cut % 2 * 0.15  # on a slow disk a lone message is synced before its outcome is there; of many, both at once
            sender = threading.Thread(target=send, args=(exchange, cut * 1000000, receipts, stop, pause))
            sender.start()
            _, mailbox = connect(exchange, "120000")
            until = time.time() + chance.uniform(0.3, 1.2)
            page, fresh = None, cut % 2 == 0  # or right behind a result, whose record a slow disk cannot have yet
            while time.time() < until or not fresh:
                page = mailbox.fetch(len(places), 100)
                fresh = fresh or (time.time() >= until and page is not None and len(page.mailbox_page.outcomes) > 0)
                if page is not None:
                    places.update((page.mailbox_page.first + i, bytes(each)) for i, each in enumerate(page.mailbox_page.outcomes))
                if page is not None and chance.random() < 0.1:
                    answer = mailbox.request()
                    answer.confirm.through = len(places)
                    reply = mailbox.ask(answer)
                    confirmed = max(confirmed, reply.confirmed.through if reply is not None else 0)
            cut_power(exchange)
            stop.set()
            sender.join(10)
            lost += lose_what_was_not_synced(exchange)
            end = outcomes_on_disk(exchange)
            again += sum(outcome_pb.Outcome.FromString(each).position >= end for each in places.values())
            os.environ["HUTONG_SHIM_SYNC_MS"] = str((cut + 1) % 2 * 30)  # quick and slow disks in turn
            exchange.up(SHIM)
            gate, mailbox = connect(exchange, "120000")
            for envelope, receipt in list(receipts.items())[-300:]:
                check(gate.submit(envelope)[0] == receipt, "after cut %d a receipt's message is gone, or stands elsewhere" % cut)
            found = fetch_all(mailbox, places)
            check(all(found.get(place) == each for place, each in places.items()), "after cut %d a delivered result is gone, or another" % cut)
            check(mailbox.fetch(0).mailbox_page.confirmed >= confirmed, "after cut %d a confirmation is gone" % cut)
        exchange.quieten()
        exchange.ledger()
        check(lost > 0, "nothing was ever lost: the cuts came too late")
        check(again > 0, "no delivered result was ever lost from the log: nothing was computed again")
        print("        %d cuts, %d bytes of unsynced writes lost, %d receipts and %d delivered results held, %d of them computed again" %
              (CUTS, lost, len(receipts), len(places), again))


main(torn_power)
