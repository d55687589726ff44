# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL of its own for scripts/bench: initialised in the bench's folder, a socket in it and no port, another user than root,
synced as ours is. Stopped and removed at the end."""
import glob
import os
import pwd
import re
import shutil
import signal
import subprocess
import time

import machine

HERE = os.path.dirname(os.path.abspath(__file__))
PERSONS_MAX = 1000000
# What a machine given to PostgreSQL would have. No checkpoint falls into a run: one stands between the runs.
SETTINGS = """listen_addresses = ''
unix_socket_directories = '{directory}'
max_connections = 100
shared_buffers = {shared}MB
effective_cache_size = {cache}MB
huge_pages = try
fsync = on
synchronous_commit = on
full_page_writes = on
wal_level = minimal
max_wal_senders = 0
wal_buffers = 64MB
wal_compression = lz4
min_wal_size = 2GB
max_wal_size = 16GB
checkpoint_timeout = 30min
autovacuum_naptime = 10s
jit = off
"""
SINGLE = """\\set person random(1, :persons)
SELECT settle(next_message_id(), :client_id, :person, :quantities, :prices, :amounts, :total, :envelope);
"""
# Persons are visited in order: two batches would wait for each other otherwise.
HUNDRED = """SELECT count(settle(next_message_id(), :client_id, person, :quantities, :prices, :amounts, :total, :envelope))
  FROM (SELECT 1 + floor(random() * :persons)::bigint AS person FROM generate_series(1, 100) ORDER BY 1 OFFSET 0) AS visited;
"""
BATCH = {"single": 1, "hundred": 100}


class Postgres:
    def __init__(self, directory, persons, envelope):
        self.programs = sorted(glob.glob("/usr/lib/postgresql/*/bin/"), key=lambda each: int(each.split("/")[4]))[-1]
        self.directory, self.persons, self.process = directory, min(persons, PERSONS_MAX), None
        os.mkdir(directory, 0o700)
        self.user = {}
        if os.getuid() == 0:  # it refuses to run as root
            owner = pwd.getpwnam("postgres")
            above = directory
            while (above := os.path.dirname(above)) != "/":
                if not os.stat(above).st_mode & 0o001:
                    raise RuntimeError("PostgreSQL's user cannot pass through %s: let HUTONG_BENCH_DIR name a folder elsewhere" % above)
            os.chown(directory, owner.pw_uid, owner.pw_gid)
            self.user = {"user": "postgres", "group": "postgres", "extra_groups": []}
        quantities = [1 + i % 12 for i in range(10)]
        prices = [1234 + 371 * i for i in range(10)]
        amounts = [a * b for a, b in zip(quantities, prices)]
        self.variables = {"persons": self.persons, "total": sum(amounts), "envelope": "\\x" + envelope.hex()}
        for name, values in (("quantities", quantities), ("prices", prices), ("amounts", amounts)):
            self.variables[name] = "{%s}" % ",".join(map(str, values))
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def call(self, program, *words, stdin=None):
        done = subprocess.run([self.programs + program, *words], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.directory,
                              env={"PGHOST": self.directory, "PGUSER": "postgres", "PGDATABASE": "postgres", "PATH": "/usr/bin:/bin"}, **self.user)
        if done.returncode != 0:
            raise RuntimeError("%s: %s" % (program, done.stderr.decode()[-2000:]))
        return done.stdout.decode()

    def start(self):
        data, memory = os.path.join(self.directory, "data"), os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
        self.call("initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "--locale=C.UTF-8")
        with open(os.path.join(data, "postgresql.conf"), "a") as file:
            file.write(SETTINGS.format(directory=self.directory, shared=min(4096, memory // 4), cache=memory // 2))
        for name, text in (("single", SINGLE), ("hundred", HUNDRED)):
            with open(os.path.join(self.directory, name), "w") as file:
                file.write(text)
            os.chmod(file.name, 0o644)
        with open(os.path.join(self.directory, "diary"), "w") as diary:
            self.process = subprocess.Popen([self.programs + "postgres", "-D", data], stdout=diary, stderr=diary, cwd=self.directory, **self.user)
        for _ in range(200):
            if subprocess.run([self.programs + "pg_isready", "-q", "-h", self.directory]).returncode == 0:
                break
            if self.process.poll() is not None:
                raise RuntimeError("postgres: %s" % machine.read(os.path.join(self.directory, "diary"))[-2000:])
            time.sleep(0.1)
        with open(os.path.join(HERE, "postgres.sql"), "rb") as file:
            self.call("psql", "-q", "-v", "ON_ERROR_STOP=1", "-v", "persons=%d" % self.persons, stdin=file.read())
        self.version = self.ask("SHOW server_version").split()[0]
        self.ask("CHECKPOINT")

    def ask(self, question):
        return self.call("psql", "-tA", "-c", question).strip()

    def processes(self):
        return [self.process.pid, *machine.children(self.process.pid)]

    def signal(self, which):
        """While ours is measured, its vacuum and writers stand still; and it has the whole machine in its own turns but for our idle processes."""
        for pid in self.processes():
            try:
                os.kill(pid, which)
            except ProcessLookupError:
                pass

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def bench(self, script, clients, seconds, disk):
        """pgbench for so long; then a checkpoint, so that what was put off is written and counted."""
        own = "SELECT wal_bytes + 8192 * (buffers_checkpoint + buffers_clean + buffers_backend) FROM pg_stat_wal, pg_stat_bgwriter"
        cpu = lambda: sum(map(machine.cpu_seconds, self.processes()))
        before, own_before, used, theirs, others = disk.written(), int(self.ask(own)), cpu(), os.times(), machine.Others()
        variables = [word for name, value in self.variables.items() for word in ("-D", "%s=%s" % (name, value))]
        said = self.call("pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, os.cpu_count())), "-T", str(seconds),
                         "-f", os.path.join(self.directory, script), *variables)
        spent = cpu() - used
        after = os.times()
        spent += after.children_user + after.children_system - theirs.children_user - theirs.children_system
        others = others.percent(spent)
        self.ask("CHECKPOINT")
        bills = BATCH[script] * int(re.search(r"transactions actually processed: (\d+)", said).group(1))
        written = disk.written()
        return {"clients": clients, "bills": bills, "bills_per_s": BATCH[script] * float(re.search(r"^tps = ([\d.]+)", said, re.M).group(1)),
                "latency_ms": float(re.search(r"latency average = ([\d.]+)", said).group(1)), "cpu_us_per_bill": spent * 1e6 / bills, "others_percent": others,
                "disk_bytes_per_bill": None if before is None else (written - before) / bills,
                "bytes_written_per_bill": (int(self.ask(own)) - own_before) / bills}

    def check(self):
        """What was settled is there, and sums to zero: a bench that lost bills would be quick. Returns their number."""
        bills, chained, postings, total = map(int, self.ask("SELECT (SELECT count(*) FROM bill), (SELECT count(*) FROM chain), count(*), "
                                                            "sum(amount) FROM posting").split("|"))
        if not (bills == chained == postings / 4 and total == 0):
            raise RuntimeError("PostgreSQL: %d bills, %d of them chained, %d postings that sum to %d" % (bills, chained, postings, total))
        return bills

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.resume()
            self.process.send_signal(signal.SIGINT)  # ends all connections, then itself
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)
