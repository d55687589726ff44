# SPDX-License-Identifier: Apache-2.0
"""Signatures and receipts that bind: keys as events on the log, frames that are signed with Ed25519 and SM2, off, wanted and required,
what is wrong with a signature and its code, keys that rotate, end and are revoked, old signatures by the keys of their position, receipts
that the exchange signed, and a log that was rolled back."""
import base64
import glob
import hashlib
import json
import os
import shutil
import subprocess
import time
import uuid

import zmq

from exchange import ROOT, Exchange, check, main, wait

BEIJING, TIANJIN, HEBEI = "110000", "120000", "130000"


def envelopes(count, sender=TIANJIN):
    with open(os.path.join(ROOT, "data/demo/bills.120000.json")) as file:
        bill = json.load(file)[0]
    return json.dumps([dict(bill, sender=sender, messageId=str(uuid.uuid4())) for _ in range(count)]).encode()


def submit(exchange, party, stdin, *words, codes=(0, 1)):
    return [each for each in exchange.json("--as", party, *words, "submit", "-", stdin=stdin, codes=codes) if "receipt" in each]


def codes_of(receipts):
    return sorted({each["code"] or each["receipt"] for each in receipts})


def keys(exchange):
    return exchange.json("keys", "list", "--signing")[0]


def verify(exchange, position, codes=(0, 1)):
    return exchange.json("verify", "message", str(position), codes=codes)[0]


def secret(exchange, name):
    return os.path.join(exchange.directory, "keys", "clients", name + ".pem_secret")


def demands(exchange):
    """Off: unsigned is taken; wanted: taken and counted; required: refused, with nothing stored."""
    exchange.run("keys", "demand", "--signing", TIANJIN, "required", "--reason", "a test", codes=(1,))  # it has no key
    check(codes_of(submit(exchange, TIANJIN, envelopes(2))) == ["accepted"], "unsigned, nothing demanded")
    exchange.run("keys", "new", "--signing", TIANJIN, "--days", "20", "--reason", "a test")
    exchange.run("keys", "new", "--signing", TIANJIN, "--reason", "a test", codes=(1,))
    aside = secret(exchange, TIANJIN) + ".aside"
    os.rename(secret(exchange, TIANJIN), aside)
    exchange.run("keys", "demand", "--signing", TIANJIN, "wanted", "--reason", "a test")
    check(codes_of(submit(exchange, TIANJIN, envelopes(3))) == ["accepted"], "unsigned, wanted")
    check(exchange.metrics("ingest").get('hutong_unsigned_total{party="120000"}') == 3, "unsigned ones are not counted")
    exchange.run("keys", "demand", "--signing", TIANJIN, "required", "--reason", "a test")
    before = exchange.position()
    unsigned = envelopes(3)
    check(codes_of(submit(exchange, TIANJIN, unsigned)) == ["ENV-0007"], "unsigned, required")
    check(exchange.json("digest", "--wait", "60")[0]["position"] == before, "a refusal stored something")
    os.rename(aside, secret(exchange, TIANJIN))
    receipts = submit(exchange, TIANJIN, unsigned)
    check(codes_of(receipts) == ["accepted"], "the same ones, signed: %s" % receipts)
    positions = [each["position"] for each in receipts]
    check(all(verify(exchange, each)["holds"] for each in positions), "each record is not provable alone")
    os.rename(secret(exchange, TIANJIN), aside)
    again = submit(exchange, TIANJIN, unsigned)
    check([each["position"] for each in again] == positions, "a duplicate gets its first receipt, signed or not")
    os.rename(aside, secret(exchange, TIANJIN))
    return positions


def varint(number):
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def field(number, content):
    return b"" if not content else varint(number << 3 | 2) + varint(len(content)) + content


def raw_frame(exchange, envelope, key_id, signature):
    """As the operator over ipc: receipts of one frame whose signature is what it is."""
    context = zmq.Context()
    socket = context.socket(zmq.DEALER)
    socket.setsockopt(zmq.LINGER, 0)
    socket.connect("ipc://%s/run/gate.sock" % exchange.directory)
    submit_ = field(1, envelope) + field(4, field(1, key_id) + field(2, signature))
    socket.send(b"\x08\x01\x10\x07" + field(3, submit_))
    check(socket.poll(20000), "no answer")
    reply = socket.recv()
    socket.close()
    context.term()
    return reply


def operator_envelope(text):
    return b"\x08\x01" + field(2, b"operator") + field(3, str(uuid.uuid4()).encode()) + field(65, b"\x08\x02" + field(2, text))


def wrong_ones(exchange):
    """A signature of other bytes, a key of nobody, a key of another party."""
    exchange.run("keys", "new", "--signing", "operator", "--algorithm", "sm2", "--reason", "a test")
    own = [each for each in keys(exchange) if each["party"] == "operator"][0]
    check(own["algorithm"] == "sm2" and own["state"] == "speaks", "the operator's key: %s" % own)
    before = exchange.position()
    for key_id, signature, code in ((bytes.fromhex(own["keyId"]), b"\x30" * 70, b"ENV-0008"), (bytes.fromhex(own["keyId"]), b"", b"ENV-0008"),
                                    (b"12345678", b"\x30" * 64, b"ENV-0009"), (b"", b"x", b"ENV-0009")):
        reply = raw_frame(exchange, operator_envelope(b"wrong"), key_id, signature)
        check(code in reply, "%s: %s" % (code, reply))
    submit_other = submit(exchange, TIANJIN, envelopes(1), "--signing-key", secret(exchange, "operator"))
    check(codes_of(submit_other) == ["ENV-0009"], "another party's key: %s" % submit_other)
    check(exchange.json("digest", "--wait", "60")[0]["position"] == before, "a refusal stored something")


def rotations(exchange, old):
    """Three rotations, one of them to SM2: each old signature holds by the keys of its position; a revoked key signs nothing more."""
    for words in ((), ("--algorithm", "sm2"), ()):
        shutil.copy(secret(exchange, TIANJIN), secret(exchange, "old"))
        exchange.run("keys", "rotate", "--signing", TIANJIN, *words, "--reason", "a test")
        refused = submit(exchange, TIANJIN, envelopes(2), "--signing-key", secret(exchange, "old"))
        check(codes_of(refused) == ["ENV-0010"], "a revoked key: %s" % refused)
        os.remove(secret(exchange, "old"))
        old += [each["position"] for each in submit(exchange, TIANJIN, envelopes(2))]
    check(all(verify(exchange, each)["holds"] for each in old), "an old signature does not hold")
    mine = [each for each in keys(exchange) if each["party"] == TIANJIN]
    check([each["state"] for each in sorted(mine, key=lambda each: each["from"])] == ["revoked"] * 3 + ["speaks"], "keys: %s" % mine)
    check({each["algorithm"] for each in mine} == {"ed25519", "sm2"}, "algorithms: %s" % mine)
    started = time.time()
    exchange.run("keys", "revoke", "--signing", TIANJIN, "--reason", "lost")
    check(codes_of(submit(exchange, TIANJIN, envelopes(1))) == ["ENV-0010"] and time.time() - started < 2, "revoked within a second")
    exchange.run("keys", "revoke", "--signing", TIANJIN, "--reason", "a test", codes=(1,))
    check(verify(exchange, old[-1])["holds"], "what it signed before stands")
    os.remove(secret(exchange, TIANJIN))
    exchange.run("keys", "new", "--signing", TIANJIN, "--reason", "a test")


def ends(exchange):
    """A key that ends: told ahead, refused after."""
    exchange.run("keys", "new", "--signing", HEBEI, "--reason", "a test")
    path = secret(exchange, HEBEI)
    public = exchange.json("keys", "list", "--signing")[0]
    theirs = [each for each in public if each["party"] == HEBEI][0]
    exchange.run("keys", "revoke", "--signing", theirs["keyId"], "--reason", "a test")
    os.remove(path)
    exchange.run("keys", "new", "--signing", HEBEI, "--name", "short", "--days", "1", "--reason", "a test")
    check(codes_of(submit(exchange, HEBEI, envelopes(1, HEBEI), "--signing-key", secret(exchange, "short"))) == ["accepted"], "a key of a day")
    short = [each for each in keys(exchange) if each["party"] == HEBEI and each["state"] == "speaks"][0]
    gauge = 'hutong_signing_key_ends_seconds{party="130000",key="%s"}' % short["keyId"]
    wait(lambda: 86000 < exchange.metrics("ingest").get(gauge, 0) <= 86400, "no gauge of a key that ends", 5)
    with open(os.path.join(exchange.directory, "data", "log", "ingest-0.log")) as file:
        check("signing_key_ends" in file.read(), "no line in the diary")
    path = secret(exchange, "moment")
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path], check=True)
    os.chmod(path, 0o600)
    raw = subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-outform", "DER"], check=True, stdout=subprocess.PIPE).stdout[-32:]
    until = int(time.time() * 1000) + 2500
    exchange.run("submit", "--await", "--reason", "a test", "-", stdin=json.dumps({"signingKey": {"party": HEBEI, "algorithm": "SIGNING_ALGORITHM_ED25519",
                 "publicKey": base64.b64encode(raw).decode(), "validUntilMs": str(until)}}).encode())
    receipts = submit(exchange, HEBEI, envelopes(1, HEBEI), "--signing-key", path)
    check(codes_of(receipts) == ["accepted"], "a key that has not ended: %s" % receipts)
    time.sleep(max(0, until / 1000 - time.time()) + 0.1)
    check(codes_of(submit(exchange, HEBEI, envelopes(1, HEBEI), "--signing-key", path)) == ["ENV-0011"], "a key that has ended")
    check(verify(exchange, receipts[0]["position"])["holds"], "what it signed in time")
    os.chmod(path, 0o640)
    exchange.run("--signing-key", path, "--as", HEBEI, "submit", "-", stdin=envelopes(1, HEBEI), codes=(4,))
    exchange.run("--signing-key", path + ".not", "--as", HEBEI, "submit", "-", stdin=envelopes(1, HEBEI), codes=(4,))


def rollback(exchange, receipts):
    """The log from before, put back: each receipt of after it contradicts it; those of before hold."""
    key = os.path.join(exchange.directory, "keys", "exchange-signing.pub")
    broker = os.path.join(exchange.directory, "data", "broker")
    exchange.down()
    shutil.copytree(broker, broker + ".before")
    exchange.up()
    early = len(receipts_of(exchange, receipts, key))
    submit(exchange, TIANJIN, envelopes(5))
    exchange.run("--as", TIANJIN, "submit", "--receipts", receipts, "-", stdin=envelopes(300))
    exchange.run("verify", "receipt", receipts, "--key", key, "--exchange")
    exchange.down()
    exchange.run("verify", "receipt", receipts, "--key", key, "--log", broker)
    verdicts = exchange.json("verify", "receipt", receipts, "--key", key, "--log", broker + ".before", codes=(6,))
    found = [each["verdict"] for each in verdicts]
    check(found == ["holds"] * early + ["contradicted"] * 300, "%s" % found)
    shutil.rmtree(os.path.join(exchange.directory, "data"))  # all of it, rolled back to the log of before
    os.mkdir(os.path.join(exchange.directory, "data"))


def receipts_of(exchange, path, key):
    return exchange.json("verify", "receipt", path, "--key", key)


def receipts_bind(exchange):
    """Signed, kept, verified offline; one bit that flips, another key."""
    key = os.path.join(exchange.directory, "keys", "exchange-signing.pub")
    path = os.path.join(exchange.directory, "receipts.bin")
    sent = envelopes(700)
    exchange.run("--as", TIANJIN, "submit", "--receipts", path, "-", stdin=sent)
    verdicts = receipts_of(exchange, path, key)
    check([each["verdict"] for each in verdicts] == ["holds"] * 700, "of the receipts %s hold" % [each["verdict"] for each in verdicts].count("holds"))
    check([each["messageId"] for each in verdicts] == [each["messageId"] for each in json.loads(sent)], "whose receipts they are")
    exchange.run("verify", "receipt", path, "--key", key, "--exchange")
    with open(path, "rb") as file:
        whole = file.read()
    first = 2 + whole[0] % 128 + 128 * whole[1] if whole[0] > 127 else 1 + whole[0]
    altered = os.path.join(exchange.directory, "altered.bin")
    for at in range(2, first, 7):
        with open(altered, "wb") as file:
            file.write(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:first])
        check(exchange.json("verify", "receipt", altered, "--key", key, codes=(1,))[0]["verdict"] != "holds", "byte %d flipped, and it holds" % at)
    with open(altered, "wb") as file:
        file.write(whole[:first - 3])
    exchange.run("verify", "receipt", altered, "--key", key, codes=(4,))
    other = "ed25519:" + base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    exchange.run("verify", "receipt", path, "--key", other, codes=(1,))
    exchange.run("verify", "receipt", path, "--key", "nothing", codes=(4,))
    return path


def stays_so(exchange):
    """The gate forgets nothing over a restart, and the log replays to equal digests, signatures and salts among them."""
    before = keys(exchange)
    exchange.kill("ingest")
    exchange.up_again()
    check(codes_of(submit(exchange, TIANJIN, envelopes(2))) == ["accepted"] and keys(exchange) == before, "after a restart")
    aside = secret(exchange, TIANJIN) + ".aside"
    os.rename(secret(exchange, TIANJIN), aside)
    check(codes_of(submit(exchange, TIANJIN, envelopes(1))) == ["ENV-0007"], "still required")
    os.rename(aside, secret(exchange, TIANJIN))
    exchange.quieten()
    exchange.replays_equally()


def run():
    with Exchange("signing", http=True, tick_interval_ms=0) as exchange:
        exchange.up()
        old = demands(exchange)
        wrong_ones(exchange)
        rotations(exchange, old)
        ends(exchange)
        receipts = receipts_bind(exchange)
        stays_so(exchange)
        rollback(exchange, receipts)
        print("%d old signatures hold after 3 rotations; receipts bind" % len(old))


main(run)
