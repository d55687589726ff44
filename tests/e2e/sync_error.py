# SPDX-License-Identifier: Apache-2.0
"""L1, L2, L3: the disk says no. While bills come in, one sync or one meta write of each service fails (tests/fault/error_shim.c).
The service must stop at the first error, come back, and know the truth: nothing that had a receipt is gone, no answer changes,
nothing is there twice, and the state is that of an undisturbed run."""
import os
import threading

from exchange import BIN, SERVICES, Exchange, check, main, wait
from stranger import connect, load_demo
from torn_power import send

SHIM = os.path.abspath(os.path.join(BIN, "../lib/liberror_shim.so"))
FAULTS = (("l1_an_error_of_a_sync", "sync"), ("l2_an_error_of_the_meta_write", "meta"), ("l3_a_torn_meta_write", "torn"))


def diary(exchange, service):
    with open(os.path.join(exchange.directory, "data/log/%s-0.log" % service), errors="replace") as file:
        return file.read()


def said_so(exchange, service):
    """The log of the service names the error once: FATAL_IO."""
    return diary(exchange, service).count("FATAL_IO")


def fail_once(exchange, service, name, what, order):
    wait(lambda: exchange.pid(service) != 0, "%s: %s has no process" % (name, service))
    pid, said = exchange.pid(service), said_so(exchange, service)
    with open(order + ".new", "w") as file:
        file.write("hutong-%s %s\n" % (service, what))
    os.rename(order + ".new", order)
    wait(lambda: not os.path.exists(order), "%s: %s never came to it" % (name, service))
    wait(lambda: exchange.pid(service) not in (0, pid), "%s: %s did not stop and come back" % (name, service))
    if what != "torn":
        check(said_so(exchange, service) > said,
              "%s: %s does not say why it stopped:\n%s" % (name, service, diary(exchange, service)[-4000:]))
    exchange.up_again()


def sync_error():
    check(os.path.exists(SHIM), "no %s: build it first" % SHIM)
    exchange = Exchange("error", tick_interval_ms=50, state_map_mib=64, seccomp="off")
    order = os.path.join(exchange.directory, "order")
    os.environ["HUTONG_SHIM_ORDER"] = order
    receipts, stop = {}, threading.Event()
    try:
        exchange.up(SHIM)
        load_demo(exchange)
        sender = threading.Thread(target=send, args=(exchange, 0, receipts, stop, 0.005))
        sender.start()
        for name, what in FAULTS:
            for service in SERVICES:
                fail_once(exchange, service, name, what, order)
            print("        %s: every service stopped, came back" % name, flush=True)
        stop.set()
        sender.join(30)
        gate, _ = connect(exchange, "120000")
        for envelope, receipt in receipts.items():
            check(gate.submit(envelope)[0] == receipt, "a receipt's message is gone, or stands elsewhere")
        check(len(receipts) > 100, "only %d receipts: the faults met an idle exchange" % len(receipts))
        exchange.quieten()
        exchange.replays_equally()
        exchange.ledger()
        print("        %d receipts held" % len(receipts))
    finally:
        stop.set()
        exchange.close()


main(sync_error)
