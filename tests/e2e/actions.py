# SPDX-License-Identifier: Apache-2.0
"""The operators' log: each command that acts leaves who, what, why and what became of it, in the order of the log; one that reads leaves
nothing; without a reason nothing is done. Every command of tools/command.def is one or the other, every row of tools/action.def is tried."""
import json
import os
import shutil
import time

from exchange import ROOT, check, main, wait
from letters import identity
from stranger import bill, connect, envelope_pb, load_demo, outcome_pb

PERSON = identity("11010119850615001")
READS = ("status", "digest", "dump", "doctor", "mailbox", "track", "explain", "verify", "policy", "calc", "transfer", "certificate", "place",
         "ledger", "books", "investigate", "reconcile", "clearing", "audit", "witness", "gen", "trace", "rule", "help",
         "watch", "config", "console", "flow", "metrics", "alerts")  # explain, certificate, dump, mailbox, trace: accesses, which tests/e2e/privacy.py tries


def rows(path, macro):
    with open(os.path.join(ROOT, path), encoding="utf-8") as table:
        return [line[len(macro) + 1:] for line in table if line.startswith(macro + "(")]


ACTIONS = {each.split('"')[1]: [word.strip() for word in each.split('"')[2].split(",") if word.strip()] for each in rows("tools/action.def", "ACTION")}


def listed(exchange, *words):
    """What stands there, once audit has read to the log's end."""
    exchange.json("digest", "--wait", "60")
    return exchange.json("actions", "--limit", "1000", *words)


def dead_letter(exchange):
    gate, mailbox = connect(exchange, "120000")
    envelope = envelope_pb.Envelope.FromString(bill(bill_id="dead%d" % time.monotonic_ns()))
    envelope.ClearField("bill_settle")
    position = gate.receipt(envelope.SerializeToString(deterministic=True) + b"\xb2\x06\x02\x08\x01").position
    check(mailbox.outcome(position).kind == outcome_pb.OUTCOME_KIND_DEAD_LETTER, "no dead letter")
    return str(position)


def ways(exchange):
    """action.def's word: the commands' words, and what the operators' log calls its object. Without the reason."""
    again, dropped = dead_letter(exchange), dead_letter(exchange)
    demo = os.path.join(ROOT, "data/gazette/calendar.csv")
    return {
        "keys new": (("keys", "new", "110000", "--name", "b2"), "b2 110000"),
        "keys revoke": (("keys", "revoke", "b2"), "b2"),
        "signing new": (("keys", "new", "--signing", "110000"), "110000"),
        "signing demand": (("keys", "demand", "--signing", "110000", "wanted"), "110000 2"),
        "signing revoke": (("keys", "revoke", "--signing", "110000"), "110000"),
        "snapshot": (("snapshot", os.path.join(exchange.directory, "snaps")), os.path.join(exchange.directory, "snaps")),
        "dead requeue": (("dead", "requeue", again), "position " + again),
        "dead drop": (("dead", "drop", "validation", dropped), "validation " + dropped),
        "submit": (("submit", "--await", "-"), "-"),
        "reference load": (("reference", "load", demo), demo),
        "access": (("person", "export", PERSON), "person"),
        "actions acknowledge": (("actions", "acknowledge", "HutongNotFinal"), "HutongNotFinal"),
        "actions clear": (("actions", "clear", "HutongNotFinal"), "HutongNotFinal"),
    }


def newest(exchange, action):
    found = listed(exchange, "--action", action)
    return found[0] if found else None


def each_act_stands_there(exchange):
    elsewhere = {"up", "down", "logic", "trim", "person erase"} | {each for each in ACTIONS if each in ("drain", "backup", "restore", "archive", "rebuild", "retention")}
    first = newest(exchange, "logic")
    check((first["by"], first["reason"], first["outcome"]) == ("tester", "first start", "applied"), "the version of the rules: %s" % first)
    table = ways(exchange)
    check(set(table) == set(ACTIONS) - elsewhere, "not tried: %s" % (set(table) ^ (set(ACTIONS) - elsewhere)))
    for action, (words, subject) in table.items():
        how, why = ACTIONS[action][:2]
        stdin = exchange.run("clearing", "policy", "events", os.path.join(ROOT, "data/clearing/2025.yaml")).stdout if action == "submit" else None
        before = len(listed(exchange))
        if why == "WANTED":
            done = exchange.run(*words, stdin=stdin, codes=(2,))
            check(b"--reason" in done.stderr, "%s without a reason: %s" % (action, done.stderr))
            check(len(listed(exchange)) == before, "%s without a reason stands there" % action)
        exchange.run("--by", "王五", *words, "--reason", "because of " + action, stdin=stdin, codes=(0, 1))
        row = newest(exchange, action)
        check(row is not None and len(listed(exchange)) == before + 1, "%s is not there, or is more than one row" % action)
        check((row["by"], row["reason"], row["subject"].split(" ")[0]) == ("王五", "because of " + action, subject.split(" ")[0]),
              "%s: %s" % (action, row))
        check(row["subject"].startswith(subject), "%s is done to %s: %s" % (action, subject, row))
        check(PERSON not in json.dumps(row), "%s names the person" % action)
        check((row["result"] != "") == (how == "RECORDED") and row["outcome"] not in ("", "unknown"), "what became of %s: %s" % (action, row))
        check(how != "RECORDED" or row["command"].startswith(action.split(" ")[0]), "the command of %s: %s" % (action, row))


def every_command_is_known(exchange):
    acting = {{"signing": "keys", "access": "person"}.get(each.split(" ")[0], each.split(" ")[0]) for each in ACTIONS}
    for command in rows("tools/command.def", "COMMAND"):
        name = command.split(")")[0]
        check((name in acting) != (name in READS), "%s: tools/action.def or READS, and not both" % name)


def who_reads_leaves_nothing(exchange):
    before = listed(exchange)
    for words in (("status",), ("digest",), ("dead", "list"), ("keys", "list"), ("keys", "list", "--signing"), ("track", "1"), ("ledger", "balances"),
                  ("actions",), ("actions", "acknowledged"), ("logic",), ("books", "journal"), ("clearing", "months"), ("rule", "BIL"), ("doctor",),
                  ("trim", "10", "--dry-run"), ("reference", "load", "--dry-run", os.path.join(ROOT, "data/gazette/calendar.csv")),
                  ("--as", "120000", "mailbox"), ("transfer", "list"), ("audit", "head")):
        exchange.run(*words, codes=None)
    check(listed(exchange) == before, "somebody who looked left something")


def pages_and_filters(exchange):
    whole = listed(exchange)
    positions = [each["position"] for each in whole]
    check(positions == sorted(positions, reverse=True) and len(set(positions)) == len(positions), "not newest first: %s" % positions)
    paged, start = [], []
    while True:
        page = exchange.json("actions", "--limit", "3", *start)
        if not page:
            break
        paged += page
        start = ["--from", str(page[-1]["position"] - 1)]
    check(paged == whole, "by pages of 3 it is another log")
    check(listed(exchange, "--who", "王五") == [each for each in whole if each["by"] == "王五"], "--who")
    check(listed(exchange, "--since", "20990101") == [], "--since")
    check(listed(exchange, "--since", "20250101") == whole, "--since a day before")
    exchange.run("actions", "--since", "20250231", codes=(2,))
    exchange.run("actions", "--who", "x" * 65, codes=(3,))


def alerts(exchange):
    def standing():
        exchange.json("digest", "--wait", "60")
        return {each["subject"]: each for each in exchange.json("actions", "acknowledged")}
    check(standing() == {}, "what was cleared still stands")
    exchange.run("actions", "acknowledge", "HutongLag", "--reason", "known", "--until", "20990101")
    exchange.run("actions", "acknowledge", "HutongDisk", "--reason", "over", "--until", "20200101")
    check(list(standing()) == ["HutongLag"] and standing()["HutongLag"]["until"].startswith("2099-01-02"), "stands: %s" % standing())
    exchange.run("actions", "acknowledge", "no alert; 王", "--reason", "known", codes=(2,))
    exchange.run("--by", "two", "actions", "acknowledge", "HutongLag", "--reason", "known")
    check(standing()["HutongLag"]["by"] == "two" and standing()["HutongLag"]["until"] == "", "the later one counts: %s" % standing())
    exchange.run("actions", "clear", "HutongLag", "--reason", "mended")
    check(standing() == {}, "cleared, and stands")


def bad_ones_are_refused(exchange):
    long = "为" * 201
    done = exchange.run("actions", "acknowledge", "HutongLag", "--reason", long, codes=(1,))
    check(b"OPR-0001" in done.stderr and b"nothing is done" in done.stderr, "a reason of 603 bytes: %s" % done.stderr)
    exchange.run("--by", "two\nlines", "status", codes=(2,))


def over_a_restart(exchange):
    """up and down stand there, and the log of before; a state that is made again tells the same."""
    before = listed(exchange)
    exchange.run("--by", "li", "down", "--reason", "upgrade", timeout=90)
    done = exchange.run("keys", "new", "130000", "--name", "offline", timeout=30)  # needs no reason: nobody could be told
    check(b"stopped" in done.stderr, "a key on a stopped exchange: %s" % done.stderr)
    exchange.run("--by", "li", "up", "--detach", timeout=90)
    wait(lambda: len(listed(exchange)) == len(before) + 2, "up and down are not there")
    up, down = listed(exchange)[:2]
    check((up["action"], up["by"], down["action"], down["by"], down["reason"]) == ("up", "li", "down", "li", "upgrade"), "%s, %s" % (up, down))
    whole = listed(exchange)
    check(whole[2:] == before, "other acts than before")
    exchange.down()
    shutil.rmtree(os.path.join(exchange.directory, "data", "audit-0"))
    exchange.up()
    check(listed(exchange) == whole, "made again from the log it tells another story")


def actions(exchange):
    every_command_is_known(exchange)
    each_act_stands_there(exchange)
    who_reads_leaves_nothing(exchange)
    pages_and_filters(exchange)
    alerts(exchange)
    bad_ones_are_refused(exchange)
    over_a_restart(exchange)
    print("        %d acts of %d kinds" % (len(listed(exchange)), len({each["action"] for each in listed(exchange)})))


main(actions, "actions", load_demo, tick_interval_ms=0)
