# SPDX-License-Identifier: Apache-2.0
"""D16: what is wrong with a configuration is said when it is read, with exit code 4; a port that is taken is said by `up` at once, in the
daemon's own words and with its diary's name, with exit code 5."""
import os
import socket
import time

from exchange import Exchange, check, main

FAULTS = {
    "": "it is empty",
    "# nothing\n": "it is empty",
    "log_level: verbose": "log_level is verbose; it must be one of: debug info warn error",
    "gate_endpoint: 127.0.0.1:7701": "gate_endpoint is 127.0.0.1:7701; it must be like tcp://",
    "gate_endpoint: tcp://127.0.0.1": "gate_endpoint is tcp://127.0.0.1; it must",
    "mailbox_endpoint: tcp://127.0.0.1:77020": "mailbox_endpoint is tcp://127.0.0.1:77020; it must",
    "broker_endpoint: ipc://broker": "broker_endpoint is ipc://broker; it must",
    "gate_endpoint: tcp://127.0.0.1:7702": "gate_endpoint and mailbox_endpoint are both tcp://127.0.0.1:7702",
    "partitions: 99": "partitions is 99; it must be within 1..16",
    "gate: tcp://127.0.0.1:7701": "there is no key gate; did you mean gate_endpoint?",
    "log_level: info\nlog_level: warn": ":2: log_level stands in line 1 already",
    "partitions: [1]": "partitions: one short value is wanted",
    "trace_clock: perhaps": "trace_clock is perhaps; it must be true or false",
    "data_directory:": "data_directory: a value is wanted",
    "- partitions": "keys and values are wanted",
    "partitions: 'x": "it is no YAML",
}
UP_S = 3  # it is said within a second; a crowded machine takes longer


def d16_faults_are_said_when_read(exchange):
    sound = open(exchange.config).read()
    for text, words in FAULTS.items():
        open(exchange.config, "w").write(text)
        for command in (("status",), ("up", "--detach"), ("track", "1")):
            done = exchange.run(*command, codes=(4,))
            check(words in done.stderr.decode(), "%r: %s says %s" % (text, command[0], done.stderr.decode()))
    open(exchange.config, "w").write(sound)


# What reading alone does not show: of `config check`, with the line that is named.
BEYOND = {
    "http_port_base: 7700": (1, "the port of gate_endpoint, 7701, is one of them"),
    "log_limit_mib: 1024\nsegment_size_mib: 2048": (2, "more than log_limit_mib, 1024"),
    "run_directory: /tmp/%s" % ("x" * 100): (1, "run_directory is too long"),
    "data_directory: /dev/null/data": (1, "data_directory is /dev/null/data"),
    "witness_policy: nothing": (1, "it cannot be used"),
    "log_origin: a+b": (1, "at most 128 bytes without blank or plus"),
    "gate_endpoint: tcp://192.0.2.1:7701": (1, "cannot be had"),
}


def check_tells_all_faults(exchange):
    place = os.path.join(exchange.directory, "faulty.yaml")
    for text, (line, words) in BEYOND.items():
        open(place, "w").write(text)
        said = exchange.run("config", "check", place, codes=(4,)).stderr.decode()
        check("faulty.yaml:%d: " % line in said and words in said, "%r: %s" % (text, said))
    open(place, "w").write("partitons: 3\npartitions: 99\nseccomp: maybe\n")
    said = exchange.run("config", "check", place, codes=(4,)).stderr.decode().splitlines()
    check([each.split(": ")[1].rsplit(":")[-1] for each in said] == ["1", "2", "3"], "all three, with their lines: %s" % said)
    found = exchange.json("config", "check", place, codes=(4,))
    check([each["line"] for each in found] == [1, 2, 3] and all(each["zh"] and each["en"] for each in found), "as JSON: %s" % found)
    said = exchange.run("--language", "zh", "config", "check", place, codes=(4,)).stderr.decode()
    check("是否指 partitions" in said and "must" not in said, "in Chinese: %s" % said)


def a_running_exchange_is_sound(exchange):
    exchange.up()
    exchange.run("config", "check")
    exchange.run("down")
    exchange.run("config", "check")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(exchange.gate.rsplit(":", 1)[1])))
        taken.listen()
        said = exchange.run("config", "check", codes=(4,)).stderr.decode()
    check("gate_endpoint: 127.0.0.1" in said and "Address already in use" in said, "a taken port: %s" % said)


def show_is_yaml_that_reads_back(exchange):
    place = os.path.join(exchange.directory, "shown.yaml")
    for words in ((), ("--effective",)):
        shown = exchange.run("config", "show", *words).stdout.decode()
        open(place, "w").write(shown)
        again = exchange.run("--config", place, "config", "show", "--effective").stdout.decode()
        values = lambda text: [line.split(" #")[0].rstrip() for line in text.splitlines()[1:]]
        check(values(again) == values(exchange.run("config", "show", "--effective").stdout.decode()), "another configuration: %s" % again)
    rows = {each["key"]: each for each in exchange.json("config", "show", "--effective")}
    check(rows["log_level"] == {"key": "log_level", "value": "info", "from": "default", "line": None}, "of a default: %s" % rows["log_level"])
    check(rows["partitions"]["from"] == exchange.config and rows["partitions"]["line"] > 0, "of the file: %s" % rows["partitions"])
    check({each["key"] for each in exchange.json("config", "keys")} == set(rows), "keys")


def d16_a_taken_port_is_said(exchange):
    ports = {exchange.gate.rsplit(":", 1)[1]: "ingest-0", exchange.mailbox.rsplit(":", 1)[1]: "ingest-0", str(exchange.http_port("audit")): "audit-0"}
    for port, daemon in ports.items():
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", int(port)))
            taken.listen()
            begun = time.monotonic()
            said = exchange.run("up", "--detach", "--bare", codes=(5,)).stderr.decode()
            took = time.monotonic() - begun
        check(daemon in said and "127.0.0.1:%s" % port in said, "port %s: %s" % (port, said))
        check(os.path.join(exchange.directory, "data/log", daemon + ".log") in said, "no diary is named: %s" % said)
        check(took < UP_S, "said after %.1f s" % took)
        exchange.run("down")
        print("        port %s said after %.1f s" % (port, took))


def configuration(exchange):
    exchange.run("down")
    d16_faults_are_said_when_read(exchange)
    d16_a_taken_port_is_said(exchange)
    check_tells_all_faults(exchange)
    a_running_exchange_is_sound(exchange)
    show_is_yaml_that_reads_back(exchange)


main(configuration, "configuration", http=True, tick_interval_ms=0)
