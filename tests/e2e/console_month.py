# SPDX-License-Identifier: Apache-2.0
"""A month of clearing in the browser: three regions, each officer with the region's own key. Bills, statements with faults in them, then what
people do in tests/browser/scenarios (data 'month'), on a trace's clock of the year after this one, so that what the officers send comes after it.

  console_month.py [--screenshots] [--only NAME] [--stay]     --stay: prints links and waits for Enter instead"""
import glob
import json
import os
import sys
import time

import console_browser
from exchange import REGIONS, ROOT, Exchange, Failed, check, free_ports

YEAR = time.gmtime(time.time() + 8 * 3600).tm_year + 1
USERS = "users:\n  - name: viewer\n    roles: [viewer]\n  - name: operator\n    roles: [operator, clearing, auditor]\n" + "".join(
    "  - name: officer.%s\n    roles: [clearing]\n    party: \"%s\"\n" % (region, region) for region in REGIONS)
GEN = ("--seed", "7", "--persons", "400", "--today", "%d0520" % YEAR, "--mix", "--catalogue", "1000")


def submit(exchange, day, stdin, *options):
    exchange.run("submit", "--await", "--quiet", "--at", "%d%s" % (YEAR, day), *options, "-", stdin=stdin, codes=(0, 1))


def take_in(exchange):
    submit(exchange, "0101", exchange.run("policy", "events", *glob.glob(os.path.join(ROOT, "data/policies/*.yaml"))).stdout)
    submit(exchange, "0101", exchange.run("clearing", "policy", "events", os.path.join(ROOT, "data/clearing/2025.yaml")).stdout)
    for region in REGIONS:
        submit(exchange, "0102", exchange.run("gen", *GEN, "--only-reference", "--sender", region, "--binary").stdout, "--binary")
    for week, day in enumerate(("0506", "0513", "0520", "0527")):
        for region in REGIONS:
            words = ("gen", *GEN, "--only-bills", "--bills", "120", "--first-bill", str(week * 600), "--sender", region, "--binary")
            submit(exchange, day, exchange.run(*words).stdout, "--binary")
    exchange.run("digest")


def faulty(side, region, lines):
    """What one side states of them: at the places of care a fen is wrong here and there, Beijing lacks an institution, Tianjin has a bill too many."""
    rows = [line.split(",") for line in lines]
    rows = [row for row in rows if (row[2][1:3] if side == "care" else row[5][:2]) == region[:2]]
    for at, row in enumerate(rows):
        if side == "care" and at % 61 == 3:
            row[9] = "%.2f" % (float(row[9]) + 0.01)
    if side == "insured" and region == "110000":
        rows = [row for row in rows if row[2] != rows[0][2]]
    if side == "care" and region == "120000":
        rows.append(["999999", rows[0][1], rows[0][2], "M0000009999"] + rows[0][4:])
    return [",".join(row) for row in rows]


def state(exchange, day, faults):
    head, *lines = exchange.run("clearing", "rows", "%d-05" % YEAR, "--open").stdout.decode().splitlines()
    for side in ("care", "insured"):
        for region in REGIONS:
            own = faulty(side, region, lines) if faults else [line for line in lines if (line.split(",")[2][1:3] if side == "care" else line.split(",")[5][:2]) == region[:2]]
            path = os.path.join(exchange.directory, "statement.csv")
            with open(path, "w") as file:
                file.write("\n".join([head] + own) + "\n")
            if own:
                submit(exchange, day, exchange.run("reconcile", "--side", side, "--region", region, "--events", path).stdout)
    exchange.run("digest")


def main(arguments):
    chromium, cache = console_browser.browser()
    started, port = time.time(), free_ports(1)[0]
    only = arguments[arguments.index("--only") + 1] if "--only" in arguments else None
    with Exchange("month", http=True, trace_clock=True, console_endpoint="tcp://127.0.0.1:%d" % port, console_users="users.yaml") as exchange:
        with open(os.path.join(exchange.directory, "users.yaml"), "w") as file:
            file.write(USERS)
        exchange.up()
        take_in(exchange)
        state(exchange, "0610", True)
        users = ["viewer", "operator"] + ["officer." + region for region in REGIONS]
        if "--stay" in arguments:
            print(exchange.config, json.dumps({user: console_browser.link(exchange, user) for user in users}), flush=True)
            sys.stdin.readline()
            return
        failed = console_browser.driven(exchange, "http://127.0.0.1:%d" % port, only, "--screenshots" in arguments, users=users, data="month", year=YEAR)
        check(failed == 0, "something in the browser is wrong")
    print("passed in %.1f s" % (time.time() - started))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Failed as failure:
        print("FAILED: %s" % failure, file=sys.stderr)
        sys.exit(1)
