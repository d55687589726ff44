# SPDX-License-Identifier: Apache-2.0
"""What the exchange said can be proved to a stranger, and cannot be unsaid: checkpoints, proofs verified offline, tiles read by a judge that
nobody here wrote (tests/judge), witnesses with a quorum, data directories that were rolled back (A1 to A6)."""
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import books
from exchange import BIN, REGIONS, ROOT, Exchange, check, free_ports, main, wait

TOOL = os.path.abspath(os.path.join(BIN, "hutong"))
ORIGIN = "hutong.example/transparency"


def build_judge(directory):
    """None: there is no Go here."""
    program = os.path.join(directory, "judge")
    environment = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOCACHE=os.path.join(directory, "go-cache"))
    try:
        subprocess.run(["go", "build", "-o", program, os.path.join(ROOT, "tests/judge/judge.go")], check=True, env=environment, cwd=directory)
        return program
    except FileNotFoundError:
        return None


class Witness:
    def __init__(self, directory, name):
        self.key, self.state = os.path.join(directory, name + ".pem_secret"), os.path.join(directory, name)
        self.port, = free_ports(1)
        self.name, self.process = name, None
        made = subprocess.run([TOOL, "witness", "new", "--key", self.key, "--name", name + ".example"],
                              stdout=subprocess.PIPE, check=True)
        self.vkey = made.stdout.decode().strip()

    def start(self, log):
        self.process = subprocess.Popen([TOOL, "witness", "run", "--key", self.key, "--state", self.state, "--log", log,
                                         "--listen", "127.0.0.1:%d" % self.port], stderr=subprocess.DEVNULL)
        wait(self.answers, "witness %s does not answer" % self.name)

    def answers(self):
        try:
            return urllib.request.urlopen("http://127.0.0.1:%d/healthz" % self.port, timeout=2).status == 200
        except OSError:
            return False

    def stop(self, number=signal.SIGTERM):
        if self.process is None:
            return 0
        self.process.send_signal(number)
        code, self.process = self.process.wait(30), None
        return code

    def evidence(self):
        place = os.path.join(self.state, "evidence")
        return os.listdir(place) if os.path.isdir(place) else []


def write_policy(path, witnesses, quorum):
    with open(path, "w") as file:
        for each in witnesses:
            file.write("witness %s %s http://127.0.0.1:%d\n" % (each.name, each.vkey, each.port))
        file.write("group regions %d %s\nquorum regions\n" % (quorum, " ".join(each.name for each in witnesses)))


def sizes(exchange):
    """Of the latest checkpoint, and of the latest that is final."""
    latest, final = (exchange.run("--json", "audit", "checkpoint", *words, codes=(0, 1)) for words in ((), ("--final",)))
    read = [int(each.stdout.split(b'"size":')[1].split(b",")[0]) if each.returncode == 0 else 0 for each in (latest, final)]
    return tuple(read)


def bills(exchange, first, count=200):
    events = exchange.gen("--only-bills", "--bills", str(count), "--first-bill", str(first), "--sender", REGIONS[0])
    exchange.run("--as", REGIONS[0], "submit", "--binary", "--quiet", "--await", "-", stdin=events)


def settled(exchange):
    wait(lambda: sizes(exchange)[1] == exchange.position(), "the whole log does not become final: %s" % (sizes(exchange),), 30)
    return sizes(exchange)[1]


def tool(*words, codes=(0,)):
    """Without configuration, in a directory where there is nothing: offline."""
    done = subprocess.run([TOOL, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/")
    check(done.returncode in codes, "hutong %s: %d\n%s%s" % (" ".join(words), done.returncode, done.stdout.decode(), done.stderr.decode()))
    return done


def proofs(exchange, policy, strict):
    """A stranger with the file and the keys; whatever is flipped is seen."""
    vkey = os.path.join(exchange.directory, "keys/audit-signing.vkey")
    trust = ("--key", vkey, "--policy", policy)
    path = os.path.join(exchange.directory, "bill.tlog-proof")
    for position in (0, 1, 255, 256, exchange.position() - 1):
        exchange.run("audit", "prove", str(position), "--out", path)
        said = tool("audit", "verify", path, *trust).stdout.decode()
        check("position %d," % position in said and "is what the leaf commits to" in said, "proof of %d: %s" % (position, said))
    binds(exchange, vkey, policy)
    check("not by as many" in tool("audit", "verify", path, "--key", vkey, "--policy", strict, codes=(1,)).stderr.decode(), "two are not three")
    with open(path, "rb") as file:
        whole = file.read()
    broken = os.path.join(exchange.directory, "broken.tlog-proof")
    cosignatures = whole.rindex(b"\n\n")
    for at in list(range(0, cosignatures, max(1, cosignatures // 150))) + [cosignatures + 60]:
        with open(broken, "wb") as file:
            file.write(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        tool("audit", "verify", broken, *trust, codes=(1, 4))
    exchange.run("audit", "prove", "300", "--bare", "--out", path)
    check("is what the leaf commits to" not in tool("audit", "verify", path, *trust).stdout.decode(), "a bare proof holds no record")
    check(os.path.getsize(path) < 2500, "a bare proof is small: %d" % os.path.getsize(path))


def binds(exchange, vkey, policy):
    """A receipt and a proof of its position, two signatures of two keys: both hold, and of another position nothing is said."""
    receipts, own, late = (os.path.join(exchange.directory, name) for name in ("receipts.bin", "own.tlog-proof", "late.checkpoint"))
    key = os.path.join(exchange.directory, "keys/exchange-signing.pub")
    exchange.run("--as", "120000", "submit", "--receipts", receipts, "--await", "-", stdin=b'{"personId": "110101198506150013", "billReversal": {"reason": "x"}}',
                 codes=(0, 1))
    told = json.loads(tool("--json", "verify", "receipt", receipts, "--key", key).stdout)
    wait(lambda: sizes(exchange)[0] > told["position"], "no checkpoint")
    for position, code, said in ((told["position"], 0, ""), (told["position"] - 1, 0, "of another position")):
        exchange.run("audit", "prove", str(position), "--out", own)
        words = ("verify", "receipt", receipts, "--key", key, "--proof", own, "--log-key", vkey)
        check(said in tool(*words, codes=(code,)).stderr.decode(), "proof of %d" % position)
    exchange.run("audit", "prove", str(told["position"]), "--bare", "--out", own)
    tool("verify", "receipt", receipts, "--key", key, "--proof", own, "--log-key", vkey, codes=(1,))
    with open(late, "wb") as file:
        file.write(exchange.run("audit", "checkpoint", "--final").stdout)
    tool("verify", "receipt", receipts, "--key", key, "--checkpoint", late, "--log-key", vkey, "--policy", policy)
    tool("verify", "receipt", receipts, "--key", key, "--checkpoint", late, "--log-key", vkey, codes=(2,))


def judged(exchange, judge, vkey, witnesses):
    place = "http://127.0.0.1:%d/log" % exchange.http_port("audit")
    for path, code in (("/tile/0/000.p/999", 404), ("/tile/0/999", 404), ("/tile/9/000", 404), ("/tile/0/../000", 404), ("/checkpoint", 200)):
        try:
            got = urllib.request.urlopen(place + path, timeout=5).status
        except urllib.error.HTTPError as error:
            got = error.code
        check(got == code, "%s: %d" % (path, got))
    answer = urllib.request.urlopen(place + "/tile/0/000", timeout=5)
    check("immutable" in answer.headers["Cache-Control"] and len(answer.read()) == 8192, "a whole tile")
    directory = os.path.join(exchange.directory, "exported")
    exchange.run("audit", "export", directory)
    if judge is None:
        print("skipped: no Go, so no judge")
        return
    words = [judge, *(word for each in witnesses for word in ("-witness", each.vkey))]
    for where in (place, directory):
        done = subprocess.run([*words, where, vkey], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        check(done.returncode == 0, "the judge, of %s: %s" % (where, done.stdout.decode()))
        print(done.stdout.decode().strip())
    for name in ("tile/0/000", "tile/entries/001", "checkpoint"):
        path = os.path.join(directory, name)
        with open(path, "r+b") as file:
            file.seek(50)
            byte = file.read(1)
            file.seek(50)
            file.write(bytes([byte[0] ^ 1]))
        check(subprocess.run([*words, directory, vkey], stderr=subprocess.DEVNULL).returncode != 0, "the judge did not see a flip in %s" % name)
        with open(path, "r+b") as file:
            file.seek(50)
            file.write(byte)


def quorum(exchange, witnesses):
    """Two are enough; one is not; the third joins later."""
    witnesses[1].stop()
    before = sizes(exchange)
    bills(exchange, 1000)
    wait(lambda: sizes(exchange)[0] == exchange.position() > before[0], "no checkpoint")
    check(sizes(exchange)[1] == before[1], "final with one witness: %s after %s" % (sizes(exchange), before))
    with open(os.path.join(exchange.directory, "keys/audit-signing.vkey")) as file:
        witnesses[2].start(file.read().strip())
    settled(exchange)


def rolled_back(exchange, older, witnesses):
    """The older copy of the data, first with what was signed since beside it, then everything as it was then."""
    data = os.path.join(exchange.directory, "data")
    late = data + ".late"
    exchange.down()
    os.rename(data, late)
    shutil.copytree(older, data)
    shutil.copy(os.path.join(late, "checkpoint"), os.path.join(data, "checkpoint"))
    refused = exchange.run("up", "--detach", timeout=90, codes=None)
    check(refused.returncode != 0, "an exchange on a log that ends before its checkpoint came up")
    wait(lambda: exchange.pid("gate") == 0 and exchange.pid("ingest") == 0, "the exchange did not stop")
    said = exchange.run("audit", "evidence", codes=(1,)).stdout.decode()
    check("ends before its last signed checkpoint" in said, "evidence: %s" % said)
    exchange.run("down", codes=None)
    shutil.rmtree(data)
    shutil.copytree(older, data)
    exchange.run("up", "--detach", timeout=90, codes=None)
    wait(lambda: exchange.run("audit", "evidence", codes=(0, 1)).returncode == 1, "a rollback of everything was not noticed", 30)
    said = exchange.run("audit", "evidence", codes=(1,)).stdout.decode()
    check("a witness holds a checkpoint of ours" in said, "evidence: %s" % said)
    wait(lambda: exchange.pid("ingest") == 0, "the exchange did not stop")
    exchange.run("down", codes=None)
    shutil.rmtree(data)
    os.rename(late, data)
    exchange.up()
    settled(exchange)


def consistency(exchange, first):
    latest = os.path.join(exchange.directory, "data/checkpoint")
    said = exchange.run("audit", "consistency", first, latest).stdout.decode()
    check(said.startswith("consistent"), said)
    exchange.run("audit", "consistency", latest, first, codes=(2,))


def test():
    with Exchange("transparency", http=True, log_origin=ORIGIN, witness_policy="policy", partitions=2) as exchange:
        witnesses = [Witness(exchange.directory, name) for name in ("beijing", "tianjin", "hebei")]
        policy, strict = os.path.join(exchange.directory, "policy"), os.path.join(exchange.directory, "strict")
        write_policy(policy, witnesses, 2)
        write_policy(strict, witnesses, 3)
        judge = build_judge(exchange.directory)
        try:
            exchange.up()
            with open(os.path.join(exchange.directory, "keys/audit-signing.vkey")) as file:
                vkey = file.read().strip()
            for each in witnesses[:2]:
                each.start(vkey)
            exchange.load_reference()
            exchange.quieten()
            settled(exchange)
            first = os.path.join(exchange.directory, "first.checkpoint")
            shutil.copy(os.path.join(exchange.directory, "data/checkpoint"), first)
            exchange.down()
            older = os.path.join(exchange.directory, "older")
            shutil.copytree(os.path.join(exchange.directory, "data"), older)
            exchange.up()
            bills(exchange, 1)
            settled(exchange)
            proofs(exchange, policy, strict)
            judged(exchange, judge, vkey, witnesses[:2])
            quorum(exchange, witnesses)
            consistency(exchange, first)
            rolled_back(exchange, older, witnesses)
        finally:
            for each in witnesses:
                each.stop()


def paper():
    """A table is printed, to be signed, only under a final checkpoint."""
    with Exchange("finality", log_origin=ORIGIN, witness_policy="policy", trace_clock=True, tick_interval_ms=0) as exchange:
        witness = Witness(exchange.directory, "hebei")
        write_policy(os.path.join(exchange.directory, "policy"), [witness], 1)
        try:
            exchange.up()
            books.take_in(exchange)
            books.reconcile(exchange, exchange.directory)
            books.tick(exchange, 20250621, 3)
            books.last(exchange, "110000", "CLEARING_TABLE", "clearingTable", lambda table: table["state"] == "CLEARING_STATE_GENERATED", "generated")
            said = exchange.run("clearing", "print", "2025-05", codes=(1,)).stderr.decode()
            check("SYS-0007" in said, "printed without a final checkpoint: %s" % said)
            with open(os.path.join(exchange.directory, "keys/audit-signing.vkey")) as file:
                witness.start(file.read().strip())
            wait(lambda: sizes(exchange)[1] == exchange.position(), "not final", 30)
            said = exchange.run("clearing", "print", "2025-05").stdout.decode()
            check("final checkpoint of" in said, "a statement: %s" % said)
        finally:
            witness.stop()


def both():
    test()
    paper()


if __name__ == "__main__":
    main(paper if "--paper" in sys.argv else both)
