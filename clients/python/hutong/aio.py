# SPDX-License-Identifier: Apache-2.0
"""The same client for asyncio: each call runs on the one thread that owns the connections, one after the other."""
from __future__ import annotations

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor
from typing import AsyncIterator, Sequence

from .client import Client, Receipt
from .store import Delivery, Store
from .v1 import outcome_pb2


class AsyncClient:
    """Made with Client's arguments; `async with`. A cancelled call ends the waiting, not the sending: it says nothing of the message."""

    def __init__(self, *arguments, **options):
        self._thread = ThreadPoolExecutor(1, "hutong")
        self._client = self._thread.submit(Client, *arguments, **options).result()

    async def _run(self, call, *arguments, **options):
        return await asyncio.get_running_loop().run_in_executor(self._thread, functools.partial(call, *arguments, **options))

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, *_) -> None:
        await self.close()

    async def close(self) -> None:
        await self._run(self._client.close)
        self._thread.shutdown(wait=False)

    async def submit(self, envelopes: "Sequence[bytes]", timeout_s: "float | None" = None) -> "list[Receipt]":
        return await self._run(self._client.submit, envelopes, timeout_s)

    async def outcome(self, position: int, timeout_s: "float | None" = None) -> outcome_pb2.Outcome:
        return await self._run(self._client.outcome, position, timeout_s)

    async def mailbox(self, store: Store, box: int = 0, wait_ms: int = 0) -> "AsyncIterator[Delivery]":
        """As Client.mailbox; `store` is the event loop's own, the connections are the thread's."""
        while True:
            page = await self._run(self._client.fetch, store.next(box), wait_ms=wait_ms, box=box)
            try:
                for place, data in enumerate(page.outcomes, page.first):
                    yield Delivery(place, data, box)
                    store.must_be_behind(place, box)
            finally:
                if store.next(box) > page.confirmed:
                    await self._run(self._client.confirm, store.next(box), box)
            if not page.outcomes:
                return
