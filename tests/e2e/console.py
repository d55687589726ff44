# SPDX-License-Identifier: Apache-2.0
"""The console from outside, without a browser: links, sessions, roles, origins; certificates (an authority of openssl's); a proxy; slow and many
connections; twenty who poll; a command that hangs; no process left over. One exchange; beside its own console some with another configuration."""
import concurrent.futures
import contextlib
import glob
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import time

from exchange import BIN, ROOT, check, free_ports, main, wait
from scan import NUMBER, Secrets
from stranger import load_demo

SHIM = os.path.abspath(os.path.join(BIN, "../lib/libclock_shim.so"))
SECRET = "0123456789abcdef0123456789abcdef"
USERS = """users:
  - name: viewer
    roles: [viewer]
    certificate: "CN=Wang Fang,O=Hutong test"
  - name: operator
    roles: [operator]
  - name: root
    roles: [viewer, operator, clearing, auditor]
    party: "110000"
"""


class Console:
    """One that listens at `port`; `url`: what browsers call it."""

    def __init__(self, exchange, port, url=None, tls=None):
        self.exchange, self.port, self.tls = exchange, port, tls
        self.url = url or "http://127.0.0.1:%d" % port
        self.host = self.url.split("://")[1]

    def connect(self):
        if self.tls is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=self.tls)

    def call(self, method, path, body=None, **headers):
        """Status, headers, and JSON or bytes. A header that is None is left out."""
        given = {"Host": self.host}
        if method == "POST":
            given.update({"Origin": self.url, "Content-Type": "application/json"})
        given.update({name.replace("_", "-"): value for name, value in headers.items()})
        with contextlib.closing(self.connect()) as connection:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
            if method == "POST":
                given["Content-Length"] = str(len(data))
            for name, value in given.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders(data if method == "POST" else None)
            answer = connection.getresponse()
            read = answer.read()
            return answer.status, answer, json.loads(read) if answer.getheader("Content-Type") == "application/json" else read

    def refuses(self, status, code, method, path, body=None, **headers):
        found, _, answer = self.call(method, path, body, **headers)
        check((found, answer["code"]) == (status, code) and answer["zh"] and answer["en"], "%s %s %s: %s %s, and not %s %s" % (method, path, headers, found, answer, status, code))

    def link(self, user="root"):
        return self.exchange.json("console", "--user", user)[0]["token"]

    def log_in(self, user="root"):
        """Headers of a session's requests."""
        return self.session_of(*self.call("POST", "/api/login", {"token": self.link(user)}))

    @staticmethod
    def session_of(status, answer, session):
        check(status == 200, "not let in: %s %s" % (status, session))
        cookie = answer.getheader("Set-Cookie")
        check("HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie, "a cookie: " + cookie)
        return {"Cookie": cookie.split(";")[0], "X_Hutong_Token": session["token"]}

    def ask(self, name, session, /, **arguments):
        status, _, answer = self.call("POST", "/api/" + name, arguments, **session)
        check(status == 200, "%s: %s %s" % (name, status, answer))
        return answer


@contextlib.contextmanager
def beside(exchange, environment=None, tls=None, url=None, **settings):
    """Another console of the same exchange."""
    port = free_ports(1)[0]
    path = os.path.join(exchange.directory, "hutong-%d.yaml" % port)
    with open(exchange.config) as file:
        lines = [line for line in file if not line.startswith(("console_", "http_port_base"))]
    lines.append("console_endpoint: tcp://127.0.0.1:%d\n" % port)
    lines += ["console_%s: %s\n" % each for each in settings.items()]
    if url:
        lines.append("console_url: %s\n" % url)
    with open(path, "w") as file:
        file.writelines(lines)
    log = open(path + ".log", "wb")
    process = subprocess.Popen([os.path.join(BIN, "hutong-console"), "--config", path], env={**os.environ, **(environment or {})}, stderr=log)
    try:
        def listens():
            with contextlib.closing(socket.socket()) as one:
                return process.poll() is not None or one.connect_ex(("127.0.0.1", port)) == 0
        wait(listens, "a console does not begin")
        check(process.poll() is None, "a console ended: " + open(path + ".log").read())
        yield Console(exchange, port, url or ("https://127.0.0.1:%d" % port if tls else None), tls), process
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def doors(console):
    session = console.log_in()
    console.ask("status", session)
    for status, code, changes in ((421, "WRONG_HOST", {"Host": "evil.example"}), (421, "WRONG_HOST", {"Host": "127.0.0.1:1"}), (403, "FOREIGN_ORIGIN", {"Origin": "http://evil.example"}),
                                  (403, "FOREIGN_ORIGIN", {"Origin": None}), (403, "FOREIGN_ORIGIN", {"Sec_Fetch_Site": "cross-site"}), (415, "NOT_JSON", {"Content_Type": "text/plain"}),
                                  (403, "WRONG_TOKEN", {"X_Hutong_Token": "0" * 64}), (403, "WRONG_TOKEN", {"X_Hutong_Token": None}), (401, "NOT_LOGGED_IN", {"Cookie": None})):
        console.refuses(status, code, "POST", "/api/status", {}, **{**session, **changes})
    console.refuses(405, "METHOD", "GET", "/api/status", **session)
    console.refuses(405, "METHOD", "PUT", "/", **session)
    console.refuses(404, "NO_SUCH_QUESTION", "POST", "/api/person-export", {}, **session)
    console.refuses(413, "TOO_LARGE", "POST", "/api/status", b"{" + b" " * 70000, **session)
    console.refuses(400, "BAD_ARGUMENT", "POST", "/api/track", {"message": "--unmasked"}, **session)
    console.refuses(400, "BAD_ARGUMENT", "POST", "/api/status", b"\xff\xfe", **session)
    status, _, answer = console.call("GET", "/", X_Long="a" * 40000)
    check(status == 431, "a head of 40 kB: %s" % status)
    token = console.link()
    console.session_of(*console.call("POST", "/api/login", {"token": token}))
    console.refuses(401, "WRONG_LINK", "POST", "/api/login", {"token": token})
    console.refuses(401, "WRONG_LINK", "POST", "/api/login", {"token": "../../hutong.yaml"})
    check(console.call("POST", "/api/logout", {}, **session)[0] == 200, "logout")
    console.refuses(401, "NOT_LOGGED_IN", "POST", "/api/status", {}, **session)
    print("        hosts, origins, tokens, links, bodies: each its refusal", flush=True)


def pages(console):
    status, answer, body = console.call("GET", "/", Accept_Encoding="gzip")
    check(status == 200 and answer.getheader("Content-Encoding") == "gzip" and body[:2] == b"\x1f\x8b", "the page")
    policy = answer.getheader("Content-Security-Policy")
    check("default-src 'none'" in policy and "unsafe" not in policy and "require-trusted-types-for" in policy, policy)
    tag = answer.getheader("ETag")
    status, answer, body = console.call("GET", "/", If_None_Match=tag)
    check(status == 304 and body == b"", "an ETag that it has: %s" % status)
    for path in ("/../hutong.yaml", "/%2e%2e/hutong.yaml", "/index.html.gz", "//etc/passwd", "/nothing"):
        console.refuses(404, "NO_SUCH_FILE", "GET", path)
    console.refuses(406, "NO_GZIP", "GET", "/", Accept_Encoding="identity")


def roles(exchange, console):
    viewer, operator = console.log_in("viewer"), console.log_in("operator")
    console.refuses(403, "ROLE", "POST", "/api/dead-drop", {"service": "validation", "position": 1, "reason": "x"}, **viewer)
    console.refuses(400, "BAD_ARGUMENT", "POST", "/api/dead-drop", {"service": "validation", "position": 1}, **operator)
    answer = console.ask("dead-drop", operator, service="validation", position=1, reason="no such letter")
    check(answer["code"] == 1 and answer["said"], "there is no such letter: %s" % answer)
    session = console.call("GET", "/api/session", **viewer)[2]
    check(session["user"] == "viewer" and session["roles"] == ["viewer"] and "dead-drop" not in session["questions"] and "status" in session["questions"], session)
    check(exchange.run("console", "--user", "nobody", codes=None).returncode == 4, "a link for nobody")
    with open(exchange.users, "w") as file:
        file.write(USERS.replace("[operator]", "[viewer]"))
    console.refuses(403, "ROLE", "POST", "/api/dead-drop", {}, **operator)
    with open(exchange.users, "w") as file:
        file.write("users: nonsense\n")
    console.refuses(401, "NOT_LOGGED_IN", "POST", "/api/status", {}, **viewer)
    with open(exchange.users, "w") as file:
        file.write(USERS)
    console.ask("status", viewer)
    print("        a viewer acts in vain; a role taken away is gone with the next request", flush=True)


def certificates(exchange):
    place = exchange.directory

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=place, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    def make(name, subject, authority, *extension):
        with open(os.path.join(place, name + ".ext"), "w") as file:
            file.write("\n".join(extension))
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj", subject)
        openssl("x509", "-req", "-in", name + ".csr", "-CA", authority + ".pem", "-CAkey", authority + ".key", "-CAcreateserial", "-days", "2", "-extfile", name + ".ext", "-out", name + ".pem")
        os.chmod(os.path.join(place, name + ".key"), 0o600)
    for authority in ("ca", "other"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", authority + ".key", "-out", authority + ".pem", "-subj", "/CN=" + authority, "-days", "2")
    make("server", "/CN=127.0.0.1", "ca", "subjectAltName=IP:127.0.0.1")
    client = "extendedKeyUsage=clientAuth"
    make("wang", "/O=Hutong test/CN=Wang Fang", "ca", client)
    make("nobody", "/O=Hutong test/CN=Nobody", "ca", client)
    make("forged", "/O=Hutong test/CN=Wang Fang", "other", client)
    make("web", "/O=Hutong test/CN=Wang Fang", "ca", "extendedKeyUsage=serverAuth")

    def tls(name=None):
        context = ssl.create_default_context(cafile=os.path.join(place, "ca.pem"))
        if name:
            context.load_cert_chain(os.path.join(place, name + ".pem"), os.path.join(place, name + ".key"))
        return context
    with beside(exchange, tls=tls("wang"), certificate="server.pem", key="server.key", client_ca="ca.pem", users="users.yaml") as (console, _):
        status, answer, session = console.call("GET", "/api/session")
        check(status == 200 and session["user"] == "viewer", "a certificate: %s %s" % (status, session))
        cookie = answer.getheader("Set-Cookie")
        check(cookie.startswith("__Host-") and "Secure" in cookie and answer.getheader("Strict-Transport-Security"), cookie)
        asking = console.session_of(status, answer, session)
        console.ask("status", asking)
        console.tls = tls()
        console.refuses(401, "NOT_LOGGED_IN", "POST", "/api/status", {}, **asking)  # the cookie without its certificate
        console.ask("status", console.log_in("operator"))                            # the link works over TLS too
        console.tls = tls("nobody")
        console.refuses(403, "UNKNOWN_USER", "GET", "/api/session")
        for name in ("forged", "web"):
            console.tls = tls(name)
            console.refuses(401, "NOT_LOGGED_IN", "GET", "/api/session")
        plain = Console(exchange, console.port)
        try:
            plain.call("GET", "/")
            check(False, "plain HTTP where TLS is")
        except (OSError, http.client.HTTPException):
            pass
    print("        certificates: of its authority, meant for clients, named by a user", flush=True)


def proxies(exchange):
    with open(os.open(os.path.join(exchange.directory, "proxy.secret"), os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        file.write(SECRET + "\n")
    with beside(exchange, url="https://console.example", proxy="127.0.0.1", proxy_secret="proxy.secret", users="users.yaml") as (console, _):
        who = {"X_Hutong_User": "operator", "X_Hutong_Proxy_Secret": SECRET}
        status, answer, session = console.call("GET", "/api/session", **who)
        asking = {**console.session_of(status, answer, session), **who}
        console.ask("status", asking)
        console.refuses(403, "WRONG_PROXY", "GET", "/api/session", **{**who, "X_Hutong_Proxy_Secret": SECRET[:-1] + "0"})
        console.refuses(403, "WRONG_PROXY", "GET", "/api/session", X_Hutong_User="operator")
        console.refuses(403, "UNKNOWN_USER", "GET", "/api/session", **{**who, "X_Hutong_User": "nobody"})
        console.refuses(401, "NOT_LOGGED_IN", "POST", "/api/status", {}, **{**asking, "X_Hutong_User": "viewer"})  # another's cookie
        console.refuses(421, "WRONG_HOST", "GET", "/", Host="127.0.0.1:%d" % console.port)
    with beside(exchange, url="https://console.example", proxy="127.0.0.2", proxy_secret="proxy.secret", users="users.yaml") as (console, _):
        console.refuses(403, "WRONG_PROXY", "GET", "/api/session", **who)
    print("        a proxy: its address, its secret, its users", flush=True)


def refuses_to_begin(exchange):
    for cause, settings in (("console_certificate", {"endpoint": "tcp://0.0.0.0:%d" % free_ports(1)[0]}), ("console_key", {"certificate": "server.pem"}),
                            ("chmod 600", {"certificate": "server.pem", "key": "server.pem"}), ("console_proxy_secret", {"proxy": "127.0.0.1"}), ("console_url", {"url": "console.example"}),
                            ("no-such-users", {"users": "no-such-users.yaml"})):
        path = os.path.join(exchange.directory, "refused.yaml")
        with open(exchange.config) as file:
            lines = [line for line in file if not line.startswith(("console_", "http_port_base"))]
        lines += ["console_%s: %s\n" % each for each in {"endpoint": "tcp://127.0.0.1:%d" % free_ports(1)[0], **settings}.items()]
        with open(path, "w") as file:
            file.writelines(lines)
        done = subprocess.run([os.path.join(BIN, "hutong-console"), "--config", path], stderr=subprocess.PIPE, timeout=20)
        check(done.returncode == 2 and cause in done.stderr.decode(), "%s: %d %s" % (settings, done.returncode, done.stderr.decode()))


def idle(exchange):
    """By a clock that the test moves: a page that polls does not keep a session, a person does, and no one for more than a day."""
    clock = os.path.join(exchange.directory, "clock")

    def later(minutes):
        with open(clock + ".new", "w") as file:
            file.write("0 %d" % (minutes * 60000))
        os.rename(clock + ".new", clock)
        time.sleep(0.05)
    later(0)
    with beside(exchange, {"LD_PRELOAD": SHIM, "HUTONG_SHIM_CLOCK": clock}, users="users.yaml") as (console, _):
        session = console.log_in()
        later(14)
        console.ask("status", session)
        left = console.call("GET", "/api/session", **session)[2]
        check(30000 < left["expiresAtMs"] - left["nowMs"] <= 60000, "14 minutes of 15: %s" % (left["expiresAtMs"] - left["nowMs"]))
        later(15)
        console.refuses(401, "NOT_LOGGED_IN", "POST", "/api/status", {}, **session)
        session = console.log_in()
        for minutes in range(15, 15 + 12 * 60, 14):
            later(minutes)
            console.ask("status", {**session, "X_Hutong_Active": "1"})
        later(15 + 12 * 60)
        console.refuses(401, "NOT_LOGGED_IN", "POST", "/api/status", {}, **session)
    print("        a session ends 15 minutes after its user did something, or after twelve hours", flush=True)


def slow(exchange):
    """Every place taken by somebody who says a byte now and then: they are ended, and others get in."""
    clock = os.path.join(exchange.directory, "slow_clock")
    with open(clock, "w") as file:
        file.write("0 0")
    with beside(exchange, {"LD_PRELOAD": SHIM, "HUTONG_SHIM_CLOCK": clock}, users="users.yaml") as (console, process):
        session = console.log_in()
        lines = []
        for _ in range(300):
            line = socket.socket()
            line.settimeout(2)
            with contextlib.suppress(OSError):
                line.connect(("127.0.0.1", console.port))
                line.send(b"GET / HTTP/1.1\r\nHost: ")
            lines.append(line)
        files = len(os.listdir("/proc/%d/fd" % process.pid))
        check(files < 320, "%d files of a console that 300 connect to" % files)
        with open(clock, "w") as file:
            file.write("0 21000")

        def served():
            for line in lines:
                with contextlib.suppress(OSError):
                    line.send(b"x")  # never silent
            with contextlib.suppress(OSError, http.client.HTTPException):
                return console.call("GET", "/api/session", **session)[0] == 200
        wait(served, "slow connections keep everybody out")
        for line in lines:
            line.close()
    print("        300 slow connections are ended after their 20 s", flush=True)


def memory(pid):
    with open("/proc/%d/status" % pid) as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def twenty(exchange, console):
    """Twenty browsers' questions: few commands, short answers, memory that does not grow."""
    sessions = [console.log_in(user) for user in ("root", "viewer", "operator") for _ in range(7)][:20]
    names = ("status", "keys-list", "checkpoint", "transfer-list", "ledger-balances", "books-aging")
    pids = [exchange.pid("console"), *children(exchange.pid("console"))]
    before, sizes, took = len(glob.glob("/proc/[0-9]*")), [], []
    started = time.time()

    def poll(session, rounds):
        with contextlib.closing(console.connect()) as connection:
            for number in range(rounds):
                began = time.time()
                connection.request("POST", "/api/" + names[number % len(names)], b"{}", {"Host": console.host, "Origin": console.url, "Content-Type": "application/json",
                                                                                        **{name.replace("_", "-"): value for name, value in session.items()}})
                answer = connection.getresponse()
                body = json.loads(answer.read())
                check(answer.status == 200 and body["code"] in (0, 1), "%s: %s" % (answer.status, body))
                took.append(time.time() - began)
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        for _ in range(4):
            for done in [pool.submit(poll, session, 60) for session in sessions]:
                done.result()
            sizes.append([memory(pid) for pid in pids])
    asked, seconds = len(took), time.time() - started
    check(all(last < first * 1.1 + 512 for first, last in zip(sizes[0], sizes[-1])), "memory of both processes, kB: %s" % sizes)
    metrics = exchange.metrics("console")
    shared = metrics["hutong_console_shared_answers_total"] / metrics['hutong_console_requests_total{kind="question"}']
    check(shared > 0.9, "%d %% of the questions shared an answer" % (100 * shared))
    print("        20 poll: %d questions in %.1f s, %.1f %% shared an answer, p50 %.1f ms, p99 %.0f ms; memory %s kB (processes %d, before %d)"
          % (asked, seconds, 100 * shared, 1000 * sorted(took)[asked // 2], 1000 * sorted(took)[asked * 99 // 100], sizes[-1], len(glob.glob("/proc/[0-9]*")), before), flush=True)


def children(pid):
    """Of a process, by all its threads."""
    found = []
    for path in glob.glob("/proc/%d/task/*/children" % pid):
        with contextlib.suppress(OSError):
            with open(path) as file:
                found += [int(each) for each in file.read().split()]
    return found


def hanging(exchange, console):
    """A command that gets no answer is ended; the console goes away with all that it began, and comes back."""
    session = console.log_in()
    runner = children(exchange.pid("console"))[0]
    os.kill(exchange.pid("books"), signal.SIGSTOP)
    try:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            waiting = [pool.submit(console.call, "POST", "/api/" + name, {"month": "2024-01"}, **session) for name in ("clearing-show", "books-payments")]
            wait(lambda: len(children(runner)) == 2, "two commands under way", 10)
            commands = children(runner)
            for each in commands:
                wait(lambda: os.getpriority(os.PRIO_PROCESS, each) == 19 and os.sched_getscheduler(each) == os.SCHED_BATCH, "a command's nice value", 2)
            exchange.kill("console")
            for each in (runner, *commands):
                wait(lambda: not os.path.exists("/proc/%d" % each) or open("/proc/%d/stat" % each).read().split(") ")[1][0] == "Z", "process %d outlives the console" % each)
            for each in waiting:
                check(each.exception() is not None, "an answer of a console that was killed")
    finally:
        os.kill(exchange.pid("books"), signal.SIGCONT)
    wait(lambda: reachable(console), "the console does not come back")
    console.refuses(401, "NOT_LOGGED_IN", "POST", "/api/status", {}, **session)
    session = console.log_in()
    os.kill(children(exchange.pid("console"))[0], signal.SIGKILL)  # the process that runs commands: both begin again

    def begun_again():
        with contextlib.suppress(OSError, http.client.HTTPException):
            return console.call("POST", "/api/status", {}, **session)[0] == 401
    wait(begun_again, "the console does not come back without its other process")
    console.ask("status", console.log_in())
    print("        killed with two commands under way: nothing is left over, and it is back", flush=True)


def reachable(console):
    with contextlib.closing(socket.socket()) as one:
        return one.connect_ex(("127.0.0.1", console.port)) == 0


# What an argument of a row may be; a row with another one wants it here.
SAMPLES = {"position": 3, "message": "3", "id": "T-1", "home": "330000", "relation": "310000", "stays": ["440000:199001-199912"], "month": "2025-03", "from": "2025-03-01",
           "service": "validation", "reason": "a test's", "alert": "HutongNotFinal", "party": "110000", "name": "second", "days": 30, "algorithm": "ed25519", "public": "",
           "code": "BIL-0009", "insured": "110000", "care": "120000", "reply": 3, "payer": "110000", "payee": "120000", "amount": "1.00", "paid_on": "2025-04-01",
           "settlement": 3, "request": 3, "verdict": "confirmed", "first": "2025-03-01", "last": "2025-03-31", "institution": "H12010300001", "flag": "refusals", "before": 3,
           "after": 3, "kind": "calendar", "cause": "x", "day": "2025-03-01", "limit": 5,
           "bill": json.dumps({"version": 1, "sender": "120000", "billTrial": {
               "billId": "C-1", "institution": "H12010199001", "insuredArea": "110000", "insuranceType": "310", "careKind": "21", "admissionDate": 20250301,
               "dischargeDate": 20250310, "diagnosis": "J18.900", "credential": "01", "totalFen": "2000000", "items": [
                   {"code": "XN01AB00000000000000005", "level": "01", "unitPriceMicro": "20000000000", "quantityE4": "10000", "amountFen": "2000000"}]}})}


def people(exchange):
    """The position of a bill that was decided, and the numbers of everybody in the demo."""
    load_demo(exchange)
    data = os.path.join(ROOT, "data/demo")
    sent = exchange.json("--as", "120000", "submit", "--await", os.path.join(data, "bills.120000.json"), codes=(0, 1))
    secrets = Secrets()
    for path in glob.glob(os.path.join(data, "*.json")):
        with open(path, "rb") as file:
            secrets.numbers |= {each.upper() for each in NUMBER.findall(file.read())}
    check(len(secrets.numbers) > 2, "the demo has people")
    return sent[0]["position"], secrets


def every_row(exchange, console):
    """Each row of the table is a command that this build understands, none shows whom a bill is for, and every action is on the log with who
    and why."""
    with open(os.path.join(ROOT, "services/console/question.def")) as table:
        rows = re.findall(r'^(QUESTION|ACTION)\(([a-z-]+),.*?"((?:[^"\\]|\\.)*)"', table.read(), re.M | re.S)
    position, secrets = people(exchange)
    samples = {**SAMPLES, "position": position, "message": str(position)}
    root, viewer = console.log_in(), console.log_in("viewer")
    allowed = console.call("GET", "/api/session", **root)[2]["questions"]
    check(sorted(allowed) == sorted(name for _, name, _ in rows), "whoever has all roles may ask all")
    for kind, name, line in sorted(rows, key=lambda row: (row[0] == "ACTION", row[1])):
        needed = re.findall(r"[{](\w+)(?:\.\.\.)?[}]", re.sub(r"\[[^\]]*\]", "", line))
        check(all(each in SAMPLES for each in needed), "%s: say in SAMPLES what its arguments may be: %s" % (name, needed))
        answer = console.ask(name, root, **{each: samples[each] for each in needed})
        check(not secrets.found_in(json.dumps(answer, ensure_ascii=False).encode()), "%s shows a person's number" % name)
        check(answer["code"] != 2, "%s is not understood: %s" % (name, answer["said"]))
        if kind == "ACTION":
            console.refuses(403, "ROLE", "POST", "/api/" + name, {}, **viewer)
    found = [each for each in exchange.json("actions", "--limit", "100") if each.get("by") == "root" and each.get("reason") == "a test's"]
    check({"actions acknowledge", "actions clear", "keys new", "keys revoke", "signing new"} <= {each["action"] for each in found},
          "the operators' log: %s" % [(each["action"], each["subject"]) for each in found])
    print("        %d questions and %d actions are understood; %d acts stand on the log" % (sum(kind == "QUESTION" for kind, _, _ in rows), sum(kind == "ACTION" for kind, _, _ in rows), len(found)),
          flush=True)


def looks(exchange):
    for path in glob.glob("/proc/%d/task/*/status" % exchange.pid("console")):
        with open(path) as file:
            check("Seccomp:\t2" in file.read(), "a thread of the console is not confined")
    wait(lambda: exchange.metrics("console")["hutong_console_sessions"] > 0, "the metrics tell of no session", 5)
    check(exchange.metrics("console")['hutong_console_refused_total{reason="WRONG_HOST"}'] >= 2, "the metrics tell of no wrong host")
    with open(os.path.join(exchange.directory, "data/log/console-0.log")) as file:
        diary = file.read()
    check('"acted"' in diary and '"dead-drop"' in diary and '"operator"' in diary, "the diary does not tell of an action")


def beside_it(exchange):
    """Its ports are no fault of the configuration, and a word to the whole group (a manager's stop) does not take its runner from it."""
    exchange.run("config", "check")
    before = exchange.pid("console")
    for child in children(before):
        os.kill(child, signal.SIGTERM)
    time.sleep(0.5)
    check(exchange.pid("console") == before and children(before), "the console ended with its runner")
    exchange.run("config", "check")


def test(exchange):
    console = Console(exchange, exchange.console_port)
    pages(console)
    doors(console)
    roles(exchange, console)
    looks(exchange)
    beside_it(exchange)
    every_row(exchange, console)
    certificates(exchange)
    proxies(exchange)
    refuses_to_begin(exchange)
    idle(exchange)
    slow(exchange)
    twenty(exchange, console)
    hanging(exchange, console)


def run():
    from exchange import Exchange
    port = free_ports(1)[0]
    with Exchange("console", http=True, console_endpoint="tcp://127.0.0.1:%d" % port, console_users="users.yaml") as exchange:
        exchange.console_port, exchange.users = port, os.path.join(exchange.directory, "users.yaml")
        with open(exchange.users, "w") as file:
            file.write(USERS)
        exchange.up()
        test(exchange)


main(run)
