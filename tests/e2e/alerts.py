# SPDX-License-Identifier: Apache-2.0
"""Each alert of docker/alerts.yml fires: those of FAULTS before a Prometheus that scrapes this exchange (each brought on by a fault of it),
the others by docker/alerts_test.yml. Whoever adds a rule adds its fault. The dashboard asks that Prometheus: each query parses, names
what /metrics has, and gives a series."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import uuid

import yaml
from console_day import dead_letters
from exchange import REGIONS, ROOT, SERVICES, Exchange, check, free_ports, main, wait
from letters import TIANJIN
from stranger import bill, connect

DAY_SECONDS = 86400
PERSONS = 200
RULES = os.path.join(ROOT, "docker/alerts.yml")
DASHBOARD = os.path.join(ROOT, "docker/grafana/hutong.json")


def rules_of(path):
    with open(path) as file:
        return {rule["alert"]: rule for group in yaml.safe_load(file)["groups"] for rule in group["rules"]}


class Prometheus:
    """Over all processes of the exchange, labelled as docker/prometheus.yml does; what waits (`for`) fires at once, and windows of
    minutes are what was seen until now."""

    def __init__(self, exchange, port):
        self.directory = os.path.join(exchange.directory, "prometheus")
        os.mkdir(self.directory)
        self.base = "http://127.0.0.1:%d" % port
        with open(RULES) as file, open(os.path.join(self.directory, "alerts.yml"), "w") as copy:
            copy.write(re.sub(r"^ *for: .*\n", "", file.read(), flags=re.M))
        targets = [{"targets": ["127.0.0.1:%d" % exchange.http_port(each)], "labels": {"service": each}} for each in SERVICES + ("console",)]
        with open(os.path.join(self.directory, "prometheus.yml"), "w") as file:
            yaml.safe_dump({"global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": ["alerts.yml"],
                            "scrape_configs": [{"job_name": "hutong", "static_configs": targets}]}, file)
        self.process = subprocess.Popen(
            ["prometheus", "--config.file=%s/prometheus.yml" % self.directory, "--storage.tsdb.path=%s/tsdb" % self.directory,
             "--web.listen-address=127.0.0.1:%d" % port, "--log.level=error", "--enable-feature=exemplar-storage"])

    def __enter__(self):
        wait(self.answers, "Prometheus does not answer")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def answers(self):
        try:
            return urllib.request.urlopen(self.base + "/-/ready", timeout=2).status == 200
        except OSError:
            return False

    def ask(self, path, **arguments):
        try:
            with urllib.request.urlopen(self.base + path + "?" + urllib.parse.urlencode(arguments), timeout=10) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as refusal:
            check(False, "Prometheus refuses %s: %s" % (arguments, refusal.read().decode()))

    def firing(self):
        return {each["labels"]["alertname"]: each for each in self.ask("/api/v1/alerts")["alerts"] if each["state"] == "firing"}

    def fires(self, *names):
        wait(lambda: set(names) <= set(self.firing()), "%s does not fire" % (set(names) - set(self.firing())), 20)


# ---- the faults; each function brings on what its row names ----

def nothing_yet(_):
    """No backup was made of a new exchange."""


def calendars_and_keys(exchange):
    """A key that ends within a day, a week, a month."""
    for region, days in zip(REGIONS, (1, 6, 20)):
        exchange.run("keys", "new", "--signing", region, "--days", str(days), "--reason", "a key that ends soon")


def undecodable(exchange):
    dead_letters(exchange)


def old_backup(exchange):
    """One was made, and then none for three days."""
    exchange.run("backup", os.path.join(exchange.directory, "backup"))
    path = os.path.join(exchange.directory, "data/last_backup")
    with open(path) as file:
        noted = json.load(file)
    noted["at"] -= 3 * DAY_SECONDS * 1000
    with open(path, "w") as file:
        json.dump(noted, file, separators=(",", ":"))


def refused_bills(exchange):
    """Bills of persons whom nobody ever enrolled: a rule refuses them all. In turns: a series that begins with its count has no increase."""
    for turn in range(4):
        bills = exchange.gen("--only-bills", "--bills", "500", "--sender", REGIONS[1], seed=70 + turn, persons=90000, institutions=3)
        exchange.run("--as", REGIONS[1], "submit", "--binary", "--quiet", "--await", "-", stdin=bills, codes=(0, 1))
        time.sleep(1.5)  # a scrape between two


def one_id_two_contents(exchange):
    gate, _ = connect(exchange, TIANJIN)
    name = str(uuid.uuid4())
    for turn in range(3):
        gate.receipt(bill(message_id=name, bill_id="conflict-%d" % turn))
        time.sleep(1.5)  # a scrape between two
    gate.close()


def killed(exchange):
    exchange.kill("validation")
    exchange.up_again()


def settlement_stands_still(exchange):
    os.kill(exchange.pid("settlement"), signal.SIGSTOP)
    bills = exchange.gen("--only-bills", "--bills", "100", "--sender", REGIONS[0], seed=9, persons=PERSONS)
    exchange.run("--as", REGIONS[0], "submit", "--binary", "--quiet", "-", stdin=bills)


def settlement_goes_on(exchange):
    os.kill(exchange.pid("settlement"), signal.SIGCONT)
    exchange.up_again()


def strangers_at_the_console(exchange):
    """A page that is not the console's asks it."""
    for _ in range(30):
        try:
            urllib.request.urlopen(urllib.request.Request("http://127.0.0.1:%d/" % exchange.console, headers={"Host": "elsewhere.example"}), timeout=5)
        except urllib.error.HTTPError as refusal:
            refusal.close()


def supervisor_gone(exchange):
    with open(os.path.join(exchange.directory, "run", "hutong.pid")) as file:
        os.kill(int(file.read()), signal.SIGKILL)


FAULTS = [
    (nothing_yet, ["HutongBackupNone"], None),
    (calendars_and_keys, ["HutongSigningKeyEndsIn1", "HutongSigningKeyEndsIn7", "HutongSigningKeyEndsIn30"], None),
    (undecodable, ["HutongDeadLetters"], None),
    (old_backup, ["HutongBackupOld"], None),
    (refused_bills, ["HutongRefusalsJump", "HutongPartyRefused"], None),
    (one_id_two_contents, ["HutongConflicts"], None),
    (killed, ["HutongRestarts"], None),
    (strangers_at_the_console, ["HutongConsoleRefuses"], None),
    (settlement_stands_still, ["HutongDown"], settlement_goes_on),
    (supervisor_gone, ["HutongExchangeGone"], None),
]


def told_in_both_languages(rules):
    with open(os.path.join(ROOT, "docs/OPERATING.md")) as english, open(os.path.join(ROOT, "docs/OPERATING.zh-CN.md")) as chinese:
        pages = english.read(), chinese.read()
    for name, rule in rules.items():
        told = rule["annotations"]
        check(set(told) == {"summary", "summary_zh", "do", "do_zh", "runbook"}, "%s: annotations %s" % (name, sorted(told)))
        for page, key in zip(pages, ("do", "do_zh")):
            rows = [line for line in page.splitlines() if re.match(r"\| (Hutong\w+(, |、))*%s(, |、| \|)" % name, line)]
            check(len(rows) == 1 and rows[0].endswith("| %s |" % told[key]), "%s: OPERATING says otherwise than `%s`" % (name, key))


def each_is_provoked(rules):
    """By a fault here or by series there; nobody is provoked who is not a rule."""
    with open(os.path.join(ROOT, "docker/alerts_test.yml")) as file:
        tests = yaml.safe_load(file)["tests"]
    by_series = {row["alertname"] for test in tests for row in test["alert_rule_test"] if row.get("exp_alerts")}
    by_fault = {name for _, names, _ in FAULTS for name in names}
    check(by_series | by_fault == set(rules), "nobody provokes %s; no rule: %s" % (set(rules) - by_series - by_fault, (by_series | by_fault) - set(rules)))


def series_are_ours(rules, metrics):
    """What the rules name is in /metrics, by name."""
    named = {name for rule in rules.values() for name in re.findall(r"\bhutong_[a-z_]+", rule["expr"])}
    check(named <= metrics | UNSEEN, "rules name what no daemon has: %s" % (named - metrics - UNSEEN))


# Metrics of what a test of seconds does not have: a standalone witness, a table that ends, a limit that is overdue.
UNSEEN = {"hutong_witness_contradictions_total"}


def a_day(exchange):
    exchange.load_reference(persons=PERSONS)
    for region in REGIONS:
        bills = exchange.gen("--only-bills", "--bills", "200", "--sender", region, persons=PERSONS)
        exchange.run("--as", region, "submit", "--binary", "--quiet", "--await", "-", stdin=bills)


def exemplar_is_a_message(exchange, prometheus):
    """From a bucket of the latency to one message that was in it, and where that has been."""
    now = time.time()
    ask = {"query": "hutong_end_to_end_seconds_bucket", "start": now - 600, "end": now + 60}
    wait(lambda: prometheus.ask("/api/v1/query_exemplars", **ask), "Prometheus has no exemplar")
    for series in prometheus.ask("/api/v1/query_exemplars", **ask):
        for each in series["exemplars"]:
            bound, position = float(series["seriesLabels"]["le"]), each["labels"]["position"]
            check(float(each["value"]) <= bound, "%s stands in the bucket of %g" % (each, bound))
            track = exchange.json("track", position)[0]
            check(str(track["position"]) == position and track["hops"], "%s is tracked as %s" % (each, track))
    with urllib.request.urlopen("http://127.0.0.1:%d/metrics" % exchange.http_port("ingest"), timeout=5) as answer:
        text = answer.read().decode()
        check(answer.headers["Content-Type"].startswith("text/plain; version=0.0.4") and " # {" not in text, "who does not ask for OpenMetrics gets it")


def told_by_command(exchange):
    """`hutong alerts` of one that fires: with what to do, in the language asked for, and both in JSON."""
    for language, key in (("zh", "do_zh"), ("en", "do")):
        told = rules_of(RULES)["HutongBackupNone"]["annotations"][key]
        page = exchange.run("--language", language, "alerts", codes=(1,)).stdout.decode()
        check(told in page, "hutong alerts in %s does not say `%s`: %s" % (language, told, page))
    row = [each for each in exchange.json("alerts", codes=(1,)) if each["alert"] == "HutongBackupNone"][0]
    told = rules_of(RULES)["HutongBackupNone"]["annotations"]
    check((row["do"], row["doZh"], row["summaryZh"]) == (told["do"], told["do_zh"], told["summary_zh"]), "in JSON: %s" % row)


def names_of(prometheus):
    return {name for name in prometheus.ask("/api/v1/label/__name__/values") if name.startswith("hutong_")}


def dashboard_answers(prometheus):
    """Variables of the dashboard stand for all."""
    with open(DASHBOARD) as file:
        panels = json.load(file)["panels"]
    names, asked = names_of(prometheus), 0
    for panel in panels:
        for target in panel.get("targets", []):
            query = target["expr"].replace("$__rate_interval", "1m")
            named = set(re.findall(r"\bhutong_[a-z_]+", query))
            check(named <= names, "%s: no such metric: %s" % (panel["title"], named - names))
            check(prometheus.ask("/api/v1/query", query=query)["result"], "%s is empty: %s" % (panel["title"], query))
            asked += 1
    check(asked > 20, "only %d queries" % asked)


def alerts():
    if shutil.which("prometheus") is None:
        print("skipped: prometheus is not installed")
        sys.exit(77)
    rules, (console, port) = rules_of(RULES), free_ports(2)
    told_in_both_languages(rules)
    each_is_provoked(rules)
    with Exchange("alerts", http=True, console_endpoint="tcp://127.0.0.1:%d" % console, console_users="users.yaml", console_prometheus="http://127.0.0.1:%d" % port) as exchange:
        exchange.console = console
        with open(os.path.join(exchange.directory, "users.yaml"), "w") as file:
            file.write("users:\n  - name: operator\n    roles: [operator]\n")
        exchange.up()
        with Prometheus(exchange, port) as prometheus:
            a_day(exchange)
            exemplar_is_a_message(exchange, prometheus)
            for fault, names, mend in FAULTS[:-1]:
                fault(exchange)
                prometheus.fires(*names)
                if fault is nothing_yet:
                    told_by_command(exchange)
                if mend:
                    mend(exchange)
            series_are_ours(rules, names_of(prometheus))
            if os.path.exists(DASHBOARD):
                dashboard_answers(prometheus)
            fault, names, _ = FAULTS[-1]
            fault(exchange)
            prometheus.fires(*names)


main(alerts)
