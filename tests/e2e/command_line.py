#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command line: options as people write them, help of every command in both languages within 80
columns, what was meant by a slip, the language by the locale, versions, completion; keys by name and file (D10); busy alone
is nothing stored (D18); keys stay here (D19). D17, the first bill of the README by its id: manuals.py."""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import unicodedata

from exchange import BIN, ROOT, Exchange, check

HERE = tempfile.mkdtemp(prefix="hutong-command-line-")


def hutong(*words, **variables):
    environment = {key: value for key, value in os.environ.items() if not re.match("LC_|LANG|HUTONG_CONFIG", key)}
    done = subprocess.run([os.path.join(BIN, "hutong"), *words], cwd=HERE, env={**environment, **variables}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def columns(line):
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line)


def help_fits():
    for language in ("zh", "en"):
        code, page, _ = hutong("help", "--language", language)
        names = re.findall(r"^  ([a-z]+) ", page, re.M)
        check(code == 0 and len(names) > 20, "commands: %s" % page)
        with open(os.path.join(ROOT, "tools/verb.def"), encoding="utf-8") as file:
            verbs = [" ".join(each) for each in re.findall(r'^VERB\("(.*?)", "(.*?)"', file.read(), re.M)]
        check(len(verbs) > 20, "verbs: %s" % verbs)
        for name in [None] + names + verbs:
            said = page if name is None else hutong(*name.split(), "--help", "--language=" + language)[1]
            check(name is None or hutong("help", *name.split(), "--language", language)[1] == said, "help %s is %s --help" % (name, name))
            for line in said.split("\n"):
                check(columns(line) <= 80, "help of %s: %d columns: %s" % (name, columns(line), line))
            check(name is None or (re.search("[\u4e00-\u9fff]", said) is not None) == (language == "zh"), "language of %s: %s" % (name, said))


def options_are_read():
    one = hutong("gen", "--seed", "3", "--bills", "2", "--today", "20251124", "--only-bills")[1]
    check(one.count("\n") == 2, "two bills: %s" % one)
    for words in (("--seed=3", "gen", "--bills=2", "--today=20251124", "--only-bills"), ("gen", "--see", "3", "--bil=2", "--tod=20251124", "--only-b")):
        check(hutong(*words)[1] == one, "the same command: %s" % (words,))
    for words, said in ((("statsu",), "did you mean status?"), (("status", "--josn"), "did you mean --json?"), (("gen", "--b"), "several"), (("keys", "lsit"), "did you mean list?"),
                        (("books", "advnaces"), "did you mean advances?"), (("transfer", "sned"), "did you mean send?"), (("trace", "frob"), "usage: hutong trace"),
                        (("gen", "--mix=1"), "takes no value"), (("gen", "--seed"), "wants a value"), (("gen", "--bills", "many"), "a number")):
        code, _, complaint = hutong(*words)
        check(code == 2 and said in complaint, "%s: %s" % (words, complaint))


def no_word_is_asked_for_where_a_usage_has_none():
    check(hutong("reconcile", "--side", "care", "--region", "110000", "no.csv")[0] == 4, "a file's name is taken for a word")


def tables_speak_chinese():
    """Every row of the tables that people read; what is said elsewhere: tools/tidy_rules.py."""
    for table in ("tools/finding.def", "common/config/key.def"):
        with open(os.path.join(ROOT, table), encoding="utf-8") as file:
            text = file.read()
        rows = re.findall(r"^[A-Z]+\(.*?\)$", text, re.M | re.S)
        check(len(rows) > 15, "rows of %s" % table)
        for each in rows:
            zh = [word for word in re.findall(r'"([^"]*)"', each) if re.search("[\u4e00-\u9fff]", word)]
            check(zh or re.search('"debug info|"hutong ', each), "%s: no Chinese in %s" % (table, each))
    check(all(re.search("[\u4e00-\u9fff]", json.loads(line)["zh"]) or json.loads(line)["key"] == "log_level" for line in hutong("--json", "config", "keys")[1].splitlines()), "keys")
    for name in ("broker", "ingest", "audit", "validation", "settlement", "books"):
        zh, en = (hutong("help", "hutong-" + name, "--language", language)[1] for language in ("zh", "en"))
        check("用法" in zh and "usage: hutong-%s --config" % name in en and not re.search("usage|Options", zh), "page of %s: %s" % (name, zh))
        check(all(columns(line) <= 80 for line in (zh + en).split("\n")), "page of %s is too wide" % name)


def verbs_are_read_by_the_same_table():
    words = ("--person", "110101198506150019", "--source=110000", "--target", "120000", "--sch", "pension", "--message-id", "0197f1a2-0000-7000-8000-000000000001")
    one = hutong("transfer", "send", "T-1", "--amount", "7236.00", "--print", *words)
    check(one[0] == 0 and '"amountFen": "723600"' in one[1], "a letter: %s %s" % one[1:])
    for line in (("--amount=7236.00", "transfer", *words, "--print", "send", "T-1"), ("transfer", "send", *words, "--pri", "--amount", "7236.00", "--", "T-1")):
        check(hutong(*line) == one, "the same letter: %s" % (line,))
    code, _, complaint = hutong("transfer", "send", "T-1", "--amount", "1.00", "--amount", "2.00", "--print", *words)
    check(code == 2 and "given twice" in complaint, "two amounts: %s" % complaint)
    code, _, complaint = hutong("transfer", "send", "T-1", "--amuont", "1.00", *words)
    check(code == 2 and "did you mean --amount?" in complaint, "a slip: %s" % complaint)
    numbers = hutong("clearing", "confirm", "2025-03", "--number", "3", "--number=4", "--sender", "110000", "--print")[1]
    check('"numbers": [' in numbers and '"3"' in numbers and '"4"' in numbers, "again and again: %s" % numbers)


def language_is_the_locales():
    for variables, zh in (({}, False), ({"LANG": "zh_CN.UTF-8"}, True), ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
                          ({"LC_MESSAGES": "zh_HK"}, True), ({"LANG": "de_DE.UTF-8"}, False)):
        check(("用法" in hutong("help", **variables)[1]) == zh, "language under %s" % variables)


def programs_name_their_version():
    versions = {hutong("--version")[1].split(" ", 1)[1]}
    for name in ("broker", "ingest", "audit", "validation", "settlement", "books"):
        said = subprocess.run([os.path.join(BIN, "hutong-" + name), "--version"], stdout=subprocess.PIPE, check=True).stdout.decode()
        check(said.startswith("hutong-%s " % name), "version: %s" % said)
        versions.add(said.split(" ", 1)[1])
    check(len(versions) == 1, "one version: %s" % versions)


def completion_completes():
    script = hutong("help", "--completion")[1] + "COMP_WORDS=(hutong submit --aw); COMP_CWORD=2; _hutong; echo ${COMPREPLY[@]}\n" \
        "COMP_WORDS=(hutong sta); COMP_CWORD=1; _hutong; echo ${COMPREPLY[@]}\n"
    said = subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE, check=True).stdout.decode()
    check(said == "--await\nstatus\n", "completed: %s" % said)


def d10_keys_by_name_and_file():
    for directory in ("keys/parties", "keys/clients"):
        os.makedirs(os.path.join(HERE, directory))
    with open(os.path.join(HERE, "hutong.yaml"), "w", encoding="utf-8") as file:
        file.write("data_directory: data\nrun_directory: run\nkey_directory: keys\n")
    check(hutong("keys", "new", "110000", "--name", "beijing-2")[0] == 0, "a second key")
    check(hutong("--as", "beijing-2", "gen", "--bills", "1")[0] == 0, "by name")
    check(hutong("--as", "keys/clients/beijing-2.key_secret", "gen", "--bills", "1")[0] == 0, "by file")
    code, _, complaint = hutong("--as", "999999", "status")
    check(code == 4 and "no secret key of 999999" in complaint, "a stranger: %s" % complaint)
    check(hutong("keys", "revoke", "beijing-2")[0] == 0, "revoked")
    code, _, complaint = hutong("keys", "new", "110000", "--name", "beijing-2")
    check(code == 1 and "was revoked" in complaint, "the name again: %s" % complaint)
    listed = hutong("keys", "list")[1]
    check(re.search(r"beijing-2 .*revoked \d{4}-\d\d-\d\d", listed) is not None, "revoked ones are listed: %s" % listed)


def d10_a_second_key_speaks_as_its_party(exchange):
    exchange.run("keys", "new", "110000", "--name", "beijing-2", "--reason", "a test")
    key, server = (os.path.join(exchange.directory, "keys", each) for each in ("clients/beijing-2.key_secret", "server.key"))
    with open(server, encoding="utf-8") as file:
        public = re.search(r'public-key = "(.*)"', file.read()).group(1)
    body = json.dumps({"personId": "110101198001011013", "enrolment": {"area": "110000", "insuranceType": "310", "category": "1101", "effectiveDate": 20250101}})
    far = ("--gate", exchange.gate, "--mailbox", exchange.mailbox, "--server-key", public)
    by_file = far[:-1] + (server,)
    for words, at in ((exchange.command("--as", "beijing-2"), exchange.directory), (exchange.command("--as", key), exchange.directory),
                      ([os.path.join(BIN, "hutong"), "--as", key, *far], HERE),
                      ([os.path.join(BIN, "hutong"), "--as", key, *by_file], HERE)):
        done = subprocess.run([*words, "submit", "--await", "-"], cwd=at, input=body.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        check(done.returncode == 0 and b"APPLIED" in done.stdout, "as %s: %s%s" % (words, done.stdout, done.stderr))
    for wrong in ("no key", public[:-1], " " * 40, os.path.join(HERE, "exchange.py")):
        done = subprocess.run([os.path.join(BIN, "hutong"), "--as", key, *far[:-1], wrong, "mailbox"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        check(done.returncode == 4 and b"public key" in done.stderr, "%s for a key: code %d, %s" % (wrong, done.returncode, done.stderr))


def d18_busy_alone_stores_nothing(exchange):
    stopped = exchange.pid("settlement")
    os.kill(stopped, signal.SIGSTOP)
    try:
        for place in range(3):
            event = json.dumps({"personId": "110101198001011013", "enrolment": {"area": "110000", "insuranceType": "310", "category": "1101",
                                                                              "effectiveDate": 20250102 + place}}).encode()
            done = exchange.run("--as", "110000", "submit", "--timeout", "2", "-", stdin=event, codes=(0, 3))
            if done.returncode == 3:
                break
        check(done.returncode == 3 and b"nothing was stored" in done.stderr and b"unknown" not in done.stderr, "busy alone: %s" % done.stderr)
    finally:
        os.kill(stopped, signal.SIGCONT)


def d19_keys_stay_out_of_git_and_images():
    ignored = subprocess.run(["git", "check-ignore", "-q", "hutong-data/keys/clients/110000.key_secret"], cwd=ROOT).returncode
    check(ignored in (0, 128), "hutong-data is not ignored by git")
    with open(os.path.join(ROOT, ".dockerignore"), encoding="utf-8") as file:
        check("/hutong-data/" in file.read().split(), "hutong-data goes into the image")


def on_an_exchange():
    with Exchange("command-line", tick_interval_ms=0, pipeline_lag_max=1) as exchange:
        exchange.up()
        d10_a_second_key_speaks_as_its_party(exchange)
        d18_busy_alone_stores_nothing(exchange)


if __name__ == "__main__":
    for test in (help_fits, options_are_read, verbs_are_read_by_the_same_table, tables_speak_chinese, no_word_is_asked_for_where_a_usage_has_none, language_is_the_locales, programs_name_their_version, completion_completes, d10_keys_by_name_and_file,
                 d19_keys_stay_out_of_git_and_images, on_an_exchange):
        test()
    sys.exit(0)
