# SPDX-License-Identifier: Apache-2.0
"""A party's two connections, and what it asks over them. Of one thread."""
from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Callable, Iterator, Sequence

import zmq

from .errors import Conflict, HutongError, Refused, Silence
from .keys import Keys, Signer, Verifier
from .store import Delivery, Store
from .v1 import gate_pb2, outcome_pb2

FRAME_COUNT_MAX, FRAME_SIZE_MAX = 256, 1 << 20


@dataclass(frozen=True)
class Receipt:
    """`data` is the stored fact, byte for byte; `error` says why it is none."""
    data: bytes
    message_id: str
    position: int
    accepted_at_ms: int
    error: "HutongError | None" = None

    @classmethod
    def read(cls, data: bytes) -> "Receipt":
        receipt, error = gate_pb2.Receipt.FromString(data), None
        if receipt.kind == gate_pb2.RECEIPT_KIND_CONFLICT:
            error = Conflict("ENV-0005", detail="position %d" % receipt.position)
        elif receipt.kind != gate_pb2.RECEIPT_KIND_ACCEPTED:
            error = Refused.of(receipt.refusal)
        return cls(data, receipt.message_id, receipt.position, receipt.accepted_at_ms, error)

    def checked(self) -> "Receipt":
        if self.error:
            raise self.error
        return self


class _Connection:
    def __init__(self, endpoint: str, server: "Keys | None", own: "Keys | None"):
        self.endpoint, self.server, self.own, self.number, self.socket = endpoint, server, own, 0, None
        self.connect()

    def connect(self) -> None:
        self.close()
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger, self.socket.heartbeat_ivl = 0, 2000
        if self.server and self.own:
            if not self.own.secret:
                raise ValueError("a client speaks with a secret key: NAME.key_secret")
            self.socket.curve_serverkey = self.server.public
            self.socket.curve_publickey, self.socket.curve_secretkey = self.own.public, self.own.secret
        self.socket.connect(self.endpoint)

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()

    def ask(self, fill: "Callable[[gate_pb2.GateRequest], None]", until: float, quiet_s: float = 1.0) -> gate_pb2.GateReply:
        """Silence is no answer: the same bytes go out again, and over a new connection after some seconds (PROTOCOL, 9)."""
        self.number += 1
        request, asked = gate_pb2.GateRequest(version=1, request=self.number), time.monotonic()
        fill(request)
        frame, pause = request.SerializeToString(deterministic=True), 0.02
        while time.monotonic() < until:
            if time.monotonic() - asked > quiet_s + 4:
                self.connect()
                asked = time.monotonic()
            reply = self._once(frame, min(until, time.monotonic() + quiet_s))
            if reply is None:
                continue
            if not reply.HasField("refusal"):
                return reply
            if not reply.refusal.retry_helps:
                raise Refused.of(reply.refusal)
            asked = time.monotonic()
            time.sleep(max(0.0, min(pause, until - time.monotonic())))
            pause = min(1.0, pause * 2)
        raise Silence(self.endpoint)

    def _once(self, frame: bytes, until: float) -> "gate_pb2.GateReply | None":
        try:
            self.socket.send(frame, zmq.NOBLOCK)
        except zmq.Again:  # nobody lets us in
            time.sleep(0.05)
            return None
        while self.socket.poll(max(0, int((until - time.monotonic()) * 1000))):
            reply = gate_pb2.GateReply.FromString(self.socket.recv())
            if reply.request == 0:  # it could not be read, and never will be
                raise Refused.of(reply.refusal)
            if reply.request == self.number:
                return reply
        return None


class Client:
    """`own` and `server`: key files, or none on the exchange's own machine (ipc). `signing_key`: NAME.pem_secret; `receipt_key`:
    exchange-signing.pub, then every receipt is verified. `trace` is for exchanges on a trace's clock: the operator's keys, which alone
    stamp there and speak for everybody at the gate, and the time to stamp; the mailbox stays `own`'s."""

    def __init__(self, gate: str, mailbox: str, server: "Keys | None" = None, own: "Keys | None" = None, *, signing_key: str = "",
                 receipt_key: str = "", trace: "tuple[Keys, Callable[[], int]] | None" = None, timeout_s: float = 30.0):
        self._gate, self._mailbox = _Connection(gate, server, trace[0] if trace else own), _Connection(mailbox, server, own)
        self._signer = Signer(signing_key) if signing_key else None
        self._verifier = Verifier(receipt_key) if receipt_key else None
        self._clock, self.timeout_s = trace and trace[1], timeout_s

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        self._gate.close()
        self._mailbox.close()

    def _until(self, seconds: "float | None") -> float:
        return time.monotonic() + (self.timeout_s if seconds is None else seconds)

    def submit(self, envelopes: "Sequence[bytes]", timeout_s: "float | None" = None) -> "list[Receipt]":
        """Receipts in the same order; BUSY is waited out. Silence when time is up: then send the same bytes again."""
        until, found = self._until(timeout_s), {}
        waiting = list(range(len(envelopes)))
        while waiting:
            frame, size = [], 0
            for at in waiting[:FRAME_COUNT_MAX]:
                size += len(envelopes[at])
                if frame and size > FRAME_SIZE_MAX:
                    break
                frame.append(at)
            delay_ms = 0
            for at, data in zip(frame, self._frame([envelopes[at] for at in frame], until)):
                receipt = gate_pb2.Receipt.FromString(data)
                if receipt.kind == gate_pb2.RECEIPT_KIND_BUSY:
                    delay_ms = max(delay_ms, receipt.retry_after_ms, 20)
                else:
                    found[at] = Receipt.read(data)
            waiting = [at for at in waiting if at not in found]
            if delay_ms and time.monotonic() + delay_ms / 1000 >= until:
                raise Silence("busy")
            time.sleep(delay_ms / 1000)
        return [found[at] for at in range(len(envelopes))]

    def _frame(self, envelopes: "list[bytes]", until: float) -> "list[bytes]":
        def fill(request):
            request.submit.envelopes.extend(envelopes)
            if self._clock:
                request.submit.accepted_at_ms.extend([self._clock()] * len(envelopes))
            if self._signer:
                request.submit.signature.key_id = self._signer.key_id
                request.submit.signature.signature = self._signer.sign(envelopes)
        receipts = self._gate.ask(fill, until).receipts
        if len(receipts.receipts) != len(envelopes):
            raise HutongError(en="%d receipts of %d envelopes" % (len(receipts.receipts), len(envelopes)))
        if self._verifier:
            self._verifier.check(list(receipts.receipts), receipts.signature)
        return list(receipts.receipts)

    def send(self, store: Store, timeout_s: "float | None" = None) -> "list[Receipt]":
        """All that the store keeps and that has no receipt yet."""
        until, out = self._until(timeout_s), []
        while True:
            rows = store.unsent()
            if not rows:
                return out
            receipts = self.submit([data for _, data in rows], until - time.monotonic())
            store.sent([(number, receipt.data) for (number, _), receipt in zip(rows, receipts)])
            out += receipts

    def outcome(self, position: int, timeout_s: "float | None" = None) -> outcome_pb2.Outcome:
        """What became of a position, once it is decided."""
        until, pause = self._until(timeout_s), 0.005
        while time.monotonic() < until:
            answer = self._mailbox.ask(lambda request: setattr(request.query, "position", position), until).query_answer
            if answer.outcome:
                return outcome_pb2.Outcome.FromString(answer.outcome)
            time.sleep(pause)
            pause = min(0.2, pause * 2)
        raise Silence("outcome of %d" % position)

    def fetch(self, start: int, count_max: int = 0, wait_ms: int = 0, box: int = 0) -> gate_pb2.MailboxPage:
        def fill(request):
            request.fetch.count_max, request.fetch.wait_ms, request.fetch.box = count_max, wait_ms, box
            setattr(request.fetch, "from", start)
            request.fetch.SetInParent()
        return self._mailbox.ask(fill, self._until(None) + wait_ms / 1000, 1 + wait_ms / 1000).mailbox_page

    def confirm(self, through: int, box: int = 0) -> int:
        def fill(request):
            request.confirm.through, request.confirm.box = through, box
            request.confirm.SetInParent()
        return self._mailbox.ask(fill, self._until(None)).confirmed.through

    def mailbox(self, store: Store, box: int = 0, wait_ms: int = 0) -> "Iterator[Delivery]":
        """From where the store stands; ends when nothing came for `wait_ms`. Each is to be processed (Store.processing) before the
        next is asked for; a page that is processed is confirmed."""
        while True:
            start = store.next(box)
            page = self.fetch(start, wait_ms=wait_ms, box=box)
            try:
                for place, data in enumerate(page.outcomes, page.first):
                    yield Delivery(place, data, box)
                    store.must_be_behind(place, box)
            finally:
                if store.next(box) > page.confirmed:
                    self.confirm(store.next(box), box)
            if not page.outcomes:
                return
