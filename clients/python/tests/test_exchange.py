# SPDX-License-Identifier: Apache-2.0
"""Against a whole exchange: what is sent once is there once, whoever is killed when; what is wrong is told by its code."""
import asyncio
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from hutong import Conflict, Keys, Refused, SignatureWrong, Silence, Store, encode, new_id
from hutong.aio import AsyncClient
from hutong.v1 import envelope_pb2, outcome_pb2

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../README.md")


@pytest.fixture
def store(tmp_path):
    store = Store(str(tmp_path / "outbox.db"))
    yield store
    store.close()


def test_a_bill_settles_to_the_fen_at_the_clock_s_time(settled, bill, hutong_clients, hutong_exchange):
    amounts = settled(bill("P-1")).amounts
    receipt, = hutong_clients["120000"].submit([encode(bill("P-0"))])
    assert receipt.checked().accepted_at_ms == hutong_exchange.clock.ms < 1_750_000_000_000
    assert amounts.fund_pay_total_fen + amounts.person_pay_total_fen == 2000000 and amounts.fund_pay_total_fen > 0


def test_the_readme_is_true(hutong_exchange, tmp_path):
    code = re.search(r"```python\n(.*?)```", open(README, encoding="utf-8").read(), re.S).group(1)
    assert len(code.splitlines()) <= 30
    keys = os.path.join(hutong_exchange.directory, "keys")
    words = [hutong_exchange.gate, hutong_exchange.mailbox, keys + "/server.key", keys + "/clients/120000.key_secret"]
    first, again = (subprocess.run([sys.executable, "-c", code, *words], cwd=tmp_path, capture_output=True, timeout=60, text=True)
                    for _ in range(2))
    assert re.fullmatch(r"TJ-0001 .*SETTLED funds \d+\.\d\d person \d+\.\d\d\n", first.stdout), first.stderr
    assert again.returncode == 0 and again.stdout == "", again.stdout + again.stderr


def test_the_same_bytes_get_the_same_receipt(hutong_exchange, bill):
    data = encode(bill("P-2"))
    with hutong_exchange.client("120000") as one, hutong_exchange.client("120000") as other:
        receipts = one.submit([data, data]) + other.submit([data])
    assert len({each.data for each in receipts}) == 1 and not receipts[0].error


def test_another_content_under_an_id_is_a_conflict(hutong_clients, bill):
    number = new_id()
    hutong_clients["120000"].submit([encode(bill("P-3", message_id=number))])[0].checked()
    with pytest.raises(Conflict) as found:
        hutong_clients["120000"].submit([encode(bill("P-4", message_id=number))])[0].checked()
    assert found.value.code == "ENV-0005" and found.value.zh and found.value.remedy_en


def test_another_region_s_name_is_refused(hutong_exchange, bill):
    with hutong_exchange.client("130000", stamps=False) as other:
        receipt, = other.submit([encode(bill("P-5"))])
    with pytest.raises(Refused) as found:
        receipt.checked()
    assert found.value.code == "AUT-0001" and not found.value.retry_helps and found.value.remedy_zh


def test_the_check_before_sending_says_what_the_gate_says(hutong_clients, bill):
    """Each mutilation is refused by both, by the same code, or by neither. The gate is sent the bytes unchecked."""
    from hutong import NotCanonical, canonical
    good, seen = encode(bill("P-6")), 0
    frame = [good[:at] + bytes([good[at] ^ bit]) + good[at + 1:] for at in range(len(good)) for bit in (1, 0x80)]
    for data, receipt in zip(frame, hutong_clients["120000"].submit(frame)):
        try:
            canonical.check(envelope_pb2.Envelope.DESCRIPTOR, data)
            mine = ""
        except NotCanonical as found:
            mine, seen = found.code, seen + 1
        code = receipt.error.code if receipt.error else ""
        assert (mine == "ENV-0001") == (code == "ENV-0001"), "%s: %s here, %s there" % (data.hex(), mine, code)
    assert seen > 50


def test_a_wrong_key_is_silence_and_nothing_is_stored(hutong_exchange, bill):
    import zmq
    server, _ = hutong_exchange.keys("120000")
    public, secret = zmq.curve_keypair()
    from hutong import Client
    with Client(hutong_exchange.gate, hutong_exchange.mailbox, server, Keys("120000", public, secret)) as stranger:
        with pytest.raises(Silence) as found:
            stranger.submit([encode(bill("P-7"))], timeout_s=2)
    assert found.value.zh and secret.decode() not in repr(Keys("120000", public, secret))


def test_receipts_of_another_signer_are_not_believed(hutong_exchange, bill, tmp_path):
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    from cryptography.hazmat.primitives.asymmetric import ed25519
    import base64
    public = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    path = tmp_path / "foreign.pub"
    path.write_text("ed25519:%s\n" % base64.b64encode(public).decode())
    with hutong_exchange.client("120000", receipt_key=str(path)) as client:
        with pytest.raises(SignatureWrong):
            client.submit([encode(bill("P-8"))])


def test_large_batches_keep_their_order(hutong_exchange, bill):
    frames = [encode(bill("B-%d" % number, "%d.01" % (number + 1))) for number in range(3000)]
    with hutong_exchange.client("120000") as client:
        positions = [each.checked().position for each in client.submit(frames, timeout_s=60)]
    assert positions == sorted(set(positions))


def test_kept_once_under_the_caller_s_key(store, bill):
    first = store.keep("S-1", lambda: bill("S-1"))
    assert store.keep("S-1", lambda: pytest.fail("made a second time")) == first


def test_a_delivery_and_what_is_done_of_it_are_one_transaction(hutong_clients, store, bill, settled):
    settled(bill("M-1"))
    client = hutong_clients["110000"]
    store.database.execute("CREATE TABLE booked(place INTEGER PRIMARY KEY, kind INTEGER)")
    with pytest.raises(ZeroDivisionError):
        for delivery in client.mailbox(store):
            with store.processing(delivery) as database:
                database.execute("INSERT INTO booked VALUES(?, ?)", (delivery.place, delivery.outcome.kind))
                1 // 0
    assert store.next() == 0 and store.database.execute("SELECT count(*) FROM booked").fetchone() == (0,)
    with pytest.raises(RuntimeError, match="was not processed"):
        for _ in client.mailbox(store):
            pass
    for delivery in client.mailbox(store):
        with store.processing(delivery) as database:
            database.execute("INSERT INTO booked VALUES(?, ?)", (delivery.place, delivery.outcome.kind))
    page = client.fetch(store.next())
    assert page.end == page.confirmed == store.next() == store.database.execute("SELECT count(*) FROM booked").fetchone()[0] > 0


PROGRAM = """
import sys
from hutong import Client, Keys, Store
gate, mailbox, server, own, path, wait_ms = sys.argv[1:]
store = Store(path)
store.database.execute("CREATE TABLE IF NOT EXISTS booked(message TEXT PRIMARY KEY, kind INTEGER)")
with Client(gate, mailbox, Keys.read(server), Keys.read(own)) as client:
    for receipt in client.send(store):
        receipt.checked()
    for delivery in client.mailbox(store, wait_ms=int(wait_ms)):
        with store.processing(delivery) as database:
            database.execute("INSERT INTO booked VALUES(?, ?)", (delivery.outcome.message_id, delivery.outcome.kind))
"""


def test_killed_anywhere_each_bill_is_there_once(hutong_exchange, bill, tmp_path):
    """Sender, gate and mailbox are killed in turn; then each bill has one outcome, booked once."""
    path, count = str(tmp_path / "killed.db"), 400
    store = Store(path)
    ids = [envelope_pb2.Envelope.FromString(store.keep("K-%d" % number, lambda: bill("K-%d" % number, "%d.02" % (number + 1)))).message_id
           for number in range(count)]
    store.close()
    keys = os.path.join(hutong_exchange.directory, "keys")

    def start(wait_ms):
        words = [hutong_exchange.gate, hutong_exchange.mailbox, keys + "/server.key", keys + "/clients/120000.key_secret", path,
                 str(wait_ms)]
        return subprocess.Popen([sys.executable, "-c", PROGRAM, *words])
    for turn, victim in enumerate(("ingest", "", "settlement", "", "broker", "")):
        process = start(500)
        time.sleep(0.35 + 0.1 * turn)
        if victim:
            os.kill(hutong_exchange.pid(victim), signal.SIGKILL)
        process.kill()
        process.wait()
    hutong_exchange.wait_ready()
    assert start(3000).wait(120) == 0
    booked = dict(sqlite3.connect(path).execute("SELECT message, kind FROM booked"))
    assert {booked.get(each) for each in ids} == {outcome_pb2.OutcomeKind.Value("OUTCOME_KIND_SETTLED")}


def test_silence_is_waited_out_while_the_gate_starts_again(hutong_exchange, hutong_clients, bill):
    data, found = encode(bill("G-1")), []
    os.kill(hutong_exchange.pid("ingest"), signal.SIGKILL)
    with hutong_exchange.client("120000") as client:
        found += client.submit([data], timeout_s=60) + client.submit([data])
    assert found[0].data == found[1].data and not found[0].error
    hutong_exchange.wait_ready()


def test_asyncio_waits_for_nobody_else(hutong_exchange, store, bill):
    server, own = hutong_exchange.keys("120000")

    async def both():
        ticks = 0
        async with AsyncClient(hutong_exchange.gate, hutong_exchange.mailbox, server, own) as client:
            sending = asyncio.ensure_future(client.submit([encode(bill("A-1"))]))
            while not sending.done():
                await asyncio.sleep(0)
                ticks += 1
            outcome = await client.outcome((await sending)[0].checked().position)
            async for delivery in client.mailbox(store):
                with store.processing(delivery):
                    pass
            return ticks, outcome.kind
    ticks, kind = asyncio.run(both())
    assert ticks > 1 and kind == outcome_pb2.OutcomeKind.Value("OUTCOME_KIND_SETTLED") and store.next() > 0
    assert threading.active_count() <= 2


def test_signed_frames_are_taken_where_signing_is_required(hutong_exchange, bill):
    """Last here: what is demanded of a party is demanded from then on."""
    pytest.importorskip("cryptography")
    hutong_exchange.run("keys", "new", "--signing", "120000", "--reason", "a test")
    hutong_exchange.run("keys", "demand", "--signing", "120000", "required", "--reason", "a test")
    path = os.path.join(hutong_exchange.directory, "keys/clients/120000.pem_secret")
    frame = [encode(bill("Z-%d" % number)) for number in range(3)]
    with hutong_exchange.client("120000", stamps=False) as plain:
        assert {each.error.code for each in plain.submit(frame)} == {"ENV-0007"}
    with hutong_exchange.client("120000", stamps=False, signing_key=path) as signing:
        assert [each.checked().position for each in signing.submit(frame)]
        signing._signer.sign = lambda envelopes: b"\0" * 64
        assert {each.error.code for each in signing.submit([encode(bill("Z-9"))])} == {"ENV-0008"}
