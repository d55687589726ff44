# SPDX-License-Identifier: Apache-2.0
"""Fixtures for a harness: an exchange of one's own in a temporary directory, on a clock that stands still until it is moved, and a
client of each region. `pytest -p hutong.pytest_plugin`, or `pytest_plugins = ["hutong.pytest_plugin"]` in a conftest.py."""
from __future__ import annotations

import contextlib
import datetime
import os
import shutil
import socket
import subprocess
import tempfile
import time
from typing import Callable, Iterator

import pytest

from .client import Client
from .keys import Keys
from .v1 import outcome_pb2
from .values import encode

REGIONS = ("110000", "120000", "130000")
ZONE = datetime.timezone(datetime.timedelta(hours=8))


class Clock:
    """The time that the exchange stamps. It goes on by a millisecond a reading, and where it is moved to, never back."""

    def __init__(self, day: datetime.date):
        self.ms = 0
        self.move_to(day)

    def __call__(self) -> int:
        self.ms += 1
        return self.ms

    def move_to(self, day: datetime.date) -> None:
        """Noon of that day in Asia/Shanghai."""
        noon = int(datetime.datetime(day.year, day.month, day.day, 12, tzinfo=ZONE).timestamp() * 1000)
        if noon < self.ms:
            raise ValueError("the exchange's time never goes back")
        self.ms = noon


def _ports(count: int) -> "list[int]":
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


class Exchange:
    """`hutong`: the program. The daemons are those beside it."""

    def __init__(self, directory: str, hutong: str, day: datetime.date):
        self.directory, self.hutong, self.clock = directory, hutong, Clock(day)
        self.gate, self.mailbox = ("tcp://127.0.0.1:%d" % port for port in _ports(2))
        self.config = os.path.join(directory, "hutong.yaml")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("data_directory: data\nrun_directory: run\nkey_directory: keys\nhttp_port_base: 0\ntrace_clock: true\n"
                       "state_map_mib: 1024\nlog_limit_mib: 1024\nsegment_size_mib: 16\ngate_endpoint: %s\nmailbox_endpoint: %s\n"
                       % (self.gate, self.mailbox))

    def run(self, *words: str, stdin: "bytes | None" = None, timeout_s: float = 120) -> bytes:
        done = subprocess.run([self.hutong, "--config", self.config, *words], input=stdin, capture_output=True, timeout=timeout_s)
        if done.returncode != 0:
            raise RuntimeError("hutong %s: exit code %d: %s" % (" ".join(words), done.returncode, (done.stdout + done.stderr).decode()[-2000:]))
        return done.stdout

    def start(self) -> None:
        self.run("up", "--detach", "--unrecorded")

    def stop(self) -> None:
        self.run("down", "--unrecorded")

    def pid(self, service: str) -> int:
        with open(os.path.join(self.directory, "run", "%s-0.pid" % service), encoding="ascii") as file:
            return int(file.read() or 0)

    def wait_ready(self, seconds: float = 60) -> None:
        """After a daemon was killed: until it serves again."""
        until = time.monotonic() + seconds
        while True:
            try:
                self.run("status")
                return
            except RuntimeError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def load(self, *files: str) -> None:
        """Reference data as of the clock: policies (.yaml), events (.json, .jsonl)."""
        policies = [each for each in files if each.endswith(".yaml")]
        events = self.run("policy", "events", *policies) if policies else b""
        for source in [["-"]] * bool(policies) + [[each] for each in files if each not in policies]:
            self.run("submit", "--await", "--quiet", "--at", self._day(), *source, stdin=events)

    def _day(self) -> str:
        return datetime.datetime.fromtimestamp(self.clock.ms / 1000, ZONE).strftime("%Y%m%d")

    def keys(self, party: str) -> "tuple[Keys, Keys]":
        """The exchange's, and the party's own."""
        there = os.path.join(self.directory, "keys")
        return Keys.read(os.path.join(there, "server.key")), Keys.read(os.path.join(there, "clients", party + ".key_secret"))

    def client(self, party: str, stamps: bool = True, **options) -> Client:
        """`stamps`: times are those of the clock. Else as in earnest: with the party's own key at the gate too, which stamps by its wall
        clock, and the clock here stands behind that from then on."""
        server, own = self.keys(party)
        options.setdefault("receipt_key", self.receipt_key)
        trace = (self.keys("operator")[1], self.clock) if stamps else None
        return Client(self.gate, self.mailbox, server, own, trace=trace, **options)

    @property
    def receipt_key(self) -> str:
        """Where receipts can be verified here: the exchange's public key."""
        try:
            import cryptography  # noqa: F401
        except ImportError:
            return ""
        return os.path.join(self.directory, "keys", "exchange-signing.pub")


def pytest_addoption(parser) -> None:
    group = parser.getgroup("hutong")
    group.addoption("--hutong", default=os.environ.get("HUTONG", "hutong"), help="the program hutong; else $HUTONG, else of PATH")
    group.addoption("--hutong-day", default="2025-04-01", type=datetime.date.fromisoformat, help="where the exchange's clock begins")


@pytest.fixture(scope="session")
def hutong_data() -> "list[str]":
    """Override: files that the exchange is to know before the first test (Exchange.load)."""
    return []


@pytest.fixture(scope="session")
def hutong_exchange(request, hutong_data) -> "Iterator[Exchange]":
    program = shutil.which(request.config.getoption("--hutong"))
    if program is None:
        pytest.skip("no program %s: --hutong, $HUTONG" % request.config.getoption("--hutong"))
    with tempfile.TemporaryDirectory(prefix="hutong-pytest-") as directory:
        exchange = Exchange(directory, program, request.config.getoption("--hutong-day"))
        try:
            exchange.start()
            exchange.load(*hutong_data)
            yield exchange
        finally:
            exchange.stop()


@pytest.fixture(scope="session")
def hutong_clients(hutong_exchange) -> "Iterator[dict[str, Client]]":
    """By region."""
    with contextlib.ExitStack() as stack:
        yield {party: stack.enter_context(hutong_exchange.client(party)) for party in REGIONS}


@pytest.fixture(scope="session")
def settled(hutong_clients) -> "Callable[..., outcome_pb2.Outcome]":
    """settled(envelope): sends it as its sender; its outcome, which must be SETTLED."""
    def settle(envelope) -> outcome_pb2.Outcome:
        client = hutong_clients[envelope.sender]
        outcome = client.outcome(client.submit([encode(envelope)])[0].checked().position)
        kinds = outcome_pb2.OutcomeKind
        assert outcome.kind == kinds.Value("OUTCOME_KIND_SETTLED"), "%s: %s" % (
            kinds.Name(outcome.kind), [(each.code, each.path, each.detail) for each in outcome.findings])
        return outcome
    return settle
