# SPDX-License-Identifier: Apache-2.0
"""A client's own disk: what it sends, once and for all, and where it stands in its mailbox. One SQLite file, which may hold the
caller's tables as well: what is done of an outcome and the place behind it are then one transaction."""
from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from typing import Callable, Iterator

from .values import encode
from .v1 import envelope_pb2, outcome_pb2

_TABLES = """
CREATE TABLE IF NOT EXISTS hutong_message(number INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, envelope BLOB NOT NULL, receipt BLOB);
CREATE INDEX IF NOT EXISTS hutong_unsent ON hutong_message(number) WHERE receipt IS NULL;
CREATE TABLE IF NOT EXISTS hutong_place(box INTEGER PRIMARY KEY, next INTEGER NOT NULL);
"""


@dataclass(frozen=True)
class Delivery:
    place: int
    data: bytes
    box: int = 0

    @property
    def outcome(self) -> outcome_pb2.Outcome:
        return outcome_pb2.Outcome.FromString(self.data)


class Store:
    def __init__(self, path: str):
        self.database = sqlite3.connect(path, isolation_level=None, timeout=30)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.executescript(_TABLES)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        self.database.execute("BEGIN IMMEDIATE")
        try:
            yield self.database
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")

    def keep(self, key: str, make: "Callable[[], envelope_pb2.Envelope]") -> bytes:
        """The envelope under the caller's own key (a bill's number): made the first time, the same bytes ever after."""
        with self.transaction() as database:
            row = database.execute("SELECT envelope FROM hutong_message WHERE key = ?", (key,)).fetchone()
            if row:
                return row[0]
            data = encode(make())
            database.execute("INSERT INTO hutong_message(key, envelope) VALUES(?, ?)", (key, data))
            return data

    def unsent(self, count: int = 1000) -> "list[tuple[int, bytes]]":
        return self.database.execute("SELECT number, envelope FROM hutong_message WHERE receipt IS NULL ORDER BY number LIMIT ?", (count,)).fetchall()

    def sent(self, receipts: "list[tuple[int, bytes]]") -> None:
        with self.transaction() as database:
            database.executemany("UPDATE hutong_message SET receipt = ? WHERE number = ?", [(data, number) for number, data in receipts])

    def receipt(self, key: str) -> "bytes | None":
        row = self.database.execute("SELECT receipt FROM hutong_message WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def next(self, box: int = 0) -> int:
        row = self.database.execute("SELECT next FROM hutong_place WHERE box = ?", (box,)).fetchone()
        return row[0] if row else 0

    @contextlib.contextmanager
    def processing(self, delivery: Delivery) -> Iterator[sqlite3.Connection]:
        """What is written through this connection, and that the delivery was processed, are on disk together or not at all."""
        with self.transaction() as database:
            if self.next(delivery.box) != delivery.place:
                raise RuntimeError("delivery %d is not the next one, %d is" % (delivery.place, self.next(delivery.box)))
            yield database
            database.execute("INSERT OR REPLACE INTO hutong_place VALUES(?, ?)", (delivery.box, delivery.place + 1))

    def must_be_behind(self, place: int, box: int = 0) -> None:
        if self.next(box) != place + 1:
            raise RuntimeError("delivery %d was not processed: use Store.processing" % place)

    def close(self) -> None:
        self.database.close()
