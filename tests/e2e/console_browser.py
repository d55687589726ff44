# SPDX-License-Identifier: Apache-2.0
"""The console in a browser (Debian's chromium, driven by playwright-core; axe-core): every screen in both languages, light and dark, at a
desk's and a phone's width, and what people do there (tests/browser/scenarios). Skipped where a browser or npm's packages cannot be had.

  console_browser.py [--screenshots] [--only NAME]     pictures go to docs/console"""
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

import console_day
from exchange import REGIONS, ROOT, SERVICES, Exchange, Failed, check, free_ports

PACKAGES = ("playwright-core@1.65.1", "axe-core@4.14.1")
USERS = "users:\n  - name: operator\n    roles: [operator, clearing, auditor]\n  - name: viewer\n    roles: [viewer]\n"
PERSONS, BILLS = 500, 400


def skipped(why):
    print("skipped: %s" % why)
    sys.exit(77)


def browser():
    """What drives, in a cache outside the tree, and what is driven."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        skipped("chromium is not installed (scripts/install-deps --with-browser)")
    if shutil.which("node") is None or shutil.which("npm") is None:
        skipped("node and npm are not installed")
    cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "hutong-browser")
    there = [os.path.join(cache, "node_modules", each.split("@")[0], "package.json") for each in PACKAGES]
    if not all(os.path.exists(each) for each in there):
        os.makedirs(cache, exist_ok=True)
        if subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", cache, *PACKAGES], stdout=subprocess.DEVNULL).returncode != 0:
            skipped("playwright-core and axe-core cannot be fetched")
    return chromium, cache


def a_day(exchange):
    """What a day brings to the three regions, and a key that ends in three weeks."""
    exchange.load_reference(persons=PERSONS)
    for region in REGIONS:
        bills = exchange.gen("--only-bills", "--bills", str(BILLS), "--sender", region, persons=PERSONS)
        exchange.run("--as", region, "submit", "--binary", "--quiet", "--await", "-", stdin=bills)
    exchange.run("keys", "new", "--signing", "110000", "--days", "20", "--reason", "bills are signed from this month on")


def prometheus_of(exchange, port, directory):
    """A Prometheus over all processes of the exchange, with the rules that are shipped; what waits fires at once."""
    with open(os.path.join(ROOT, "docker/alerts.yml")) as rules, open(os.path.join(directory, "alerts.yml"), "w") as file:
        file.write(re.sub(r"^ *for: .*\n", "", rules.read(), flags=re.M))
    targets = ["127.0.0.1:%d" % (exchange.http_base + each) for each in range(len(SERVICES))]
    with open(os.path.join(directory, "prometheus.yml"), "w") as file:
        file.write("global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [alerts.yml]\nscrape_configs:\n"
                   "  - job_name: hutong\n    static_configs: [{targets: %s}]\n" % json.dumps(targets))
    return ["prometheus", "--config.file=%s/prometheus.yml" % directory, "--storage.tsdb.path=%s/tsdb" % directory, "--web.listen-address=127.0.0.1:%d" % port, "--log.level=error"]


@contextlib.contextmanager
def watched(exchange, port):
    """Where Debian's prometheus is installed; without it the screen says that alerts are not known."""
    if shutil.which("prometheus") is None:
        yield
        return
    directory = os.path.join(exchange.directory, "prometheus")
    os.mkdir(directory)
    process = subprocess.Popen(prometheus_of(exchange, port, directory))
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def link(exchange, user):
    made = exchange.json("console", "--user", user)[0]
    return "%s/#login=%s" % (made["url"], made["token"])


def driven(exchange, base, only, screenshots, users=("operator", "viewer"), **more):
    chromium, cache = browser()
    given = {"base": base, "links": {user: link(exchange, user) for user in users}, "run": os.path.join(exchange.directory, "run"),
             "hutong": exchange.command(), "config": exchange.config, "modules": cache, "chromium": chromium, "only": only,
             "screenshots": os.path.join(ROOT, "docs/console") if screenshots else None, **more}
    if screenshots:
        os.makedirs(given["screenshots"], exist_ok=True)
    return subprocess.run(["node", os.path.join(ROOT, "tests/browser/run.mjs"), json.dumps(given)], timeout=280).returncode


def main(arguments):
    browser()
    started, (port, prometheus) = time.time(), free_ports(2)
    only = arguments[arguments.index("--only") + 1] if "--only" in arguments else None
    with Exchange("console", http=True, console_endpoint="tcp://127.0.0.1:%d" % port, console_users="users.yaml",
                  console_prometheus="http://127.0.0.1:%d" % prometheus) as exchange, contextlib.ExitStack() as beside:
        with open(os.path.join(exchange.directory, "users.yaml"), "w") as file:
            file.write(USERS)
        console_day.late_transfers(exchange)
        beside.enter_context(watched(exchange, prometheus))
        a_day(exchange)
        console_day.dead_letters(exchange)
        check(driven(exchange, "http://127.0.0.1:%d" % port, only, "--screenshots" in arguments) == 0, "something in the browser is wrong")
    print("passed in %.1f s" % (time.time() - started))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Failed as failure:
        print("FAILED: %s" % failure, file=sys.stderr)
        sys.exit(1)
