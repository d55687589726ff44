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
    "log_level: verbose": "log_level is verbose; it must be debug, info, warn or error",
    "gate_endpoint: 127.0.0.1:7701": "gate_endpoint is 127.0.0.1:7701; it must be like tcp://",
    "gate_endpoint: tcp://127.0.0.1": "gate_endpoint is tcp://127.0.0.1; it must",
    "mailbox_endpoint: tcp://127.0.0.1:77020": "mailbox_endpoint is tcp://127.0.0.1:77020; it must",
    "broker_endpoint: ipc://broker": "broker_endpoint is ipc://broker; it must",
    "gate_endpoint: tcp://127.0.0.1:7702": "gate_endpoint and mailbox_endpoint are both tcp://127.0.0.1:7702",
    "partitions: 99": "partitions is 99; it must be within 1..16",
    "gate: tcp://127.0.0.1:7701": "Unexpected key: gate",
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


main(configuration, "configuration", http=True, tick_interval_ms=0)
