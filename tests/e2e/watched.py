# SPDX-License-Identifier: Apache-2.0
"""Who watches sees what is: another number of partitions is refused at once (D4), a full log is red everywhere (D6), daemons end with their
supervisor and down means down (D7), restarts are told (D8)."""
import os
import signal
import time
import urllib.error
import urllib.request

from exchange import SERVICES, Exchange, check, fill_disk, main, small_disk, wait


def set_key(exchange, key, value):
    with open(exchange.config) as file:
        lines = [line for line in file if not line.startswith(key + ":")]
    with open(exchange.config, "w") as file:
        file.writelines(lines + ["%s: %s\n" % (key, value)])


def lives(pid):
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def D4_partitions_are_the_logs(exchange):
    exchange.down()
    set_key(exchange, "partitions", 2)
    started = time.time()
    said = exchange.run("up", "--detach", codes=(5,)).stderr.decode()
    check("partitions is 2" in said and "begun with 1" in said, "both numbers: %s" % said)
    check(time.time() - started < 10, "not at once: %.1f s" % (time.time() - started))
    exchange.run("down")
    set_key(exchange, "partitions", 1)
    exchange.up()


def D7_down_means_down(exchange):
    with open(os.path.join(exchange.directory, "run", "hutong.pid")) as file:
        supervisor = int(file.read())
    pids = [exchange.pid(service) for service in SERVICES]
    os.kill(pids[-1], signal.SIGSTOP)  # one that does not end by itself
    os.kill(supervisor, signal.SIGKILL)
    wait(lambda: not any(map(lives, pids[:-1])), "daemons outlive their supervisor", 10)
    exchange.run("down", codes=(0,), timeout=60)
    check(not any(map(lives, pids)), "down, and a daemon lives")
    exchange.up()
    with open(os.path.join(exchange.directory, "run", "hutong.pid")) as file:
        os.kill(int(file.read()), signal.SIGKILL)
    exchange.up()  # at once: what still ends is waited for
    exchange.run("status")


def D8_restarts_are_told(exchange):
    exchange.kill("settlement")
    exchange.up_again()
    wait(lambda: {each["service"]: int(each.get("restarts", 0)) for each in exchange.json("status", codes=(0, 1))[0]["services"]}["settlement"] == 1,
         "status does not tell the restart")
    status = exchange.json("status")[0]
    check(all(each["version"] and each["build"] for each in status["services"] + [status["broker"]]), "version and build: %s" % status)
    metrics = exchange.metrics("settlement")
    check(metrics["hutong_restarts_total"] == 1 and metrics["hutong_start_time_seconds"] > time.time() - 60, "metrics: %s" % metrics)
    check(any(name.startswith("hutong_build_info{") for name in metrics), "no build")
    with open(os.path.join(exchange.directory, "data/log/hutong.log")) as file:
        check('"event":"daemon_ended","daemon":"settlement"' in file.read(), "not in the supervisor's diary")


def lag_is_told_in_time(exchange):
    """A stopped service is one that is not known, its readers lag in records and in seconds; a mailbox says how old its oldest is."""
    services = {each["service"]: each for each in exchange.json("status")[0]["services"]}
    check(all(each["lagRecords"] == 0 and each["lagMs"] == 0 for each in services.values()), "nothing waits: %s" % services)
    os.kill(exchange.pid("settlement"), signal.SIGSTOP)
    try:
        exchange.run("--as", "110000", "submit", "-", stdin=exchange.run("gen", "--only-reference", "--sender", "110000", "--persons", "5").stdout)
        time.sleep(1.2)
        services = {each["service"]: each for each in exchange.json("status", codes=(1,))[0]["services"]}
        check("lagMs" not in services["settlement"], "lag of who does not answer: %s" % services["settlement"])
        check(services["audit"]["lagRecords"] > 0 and 1000 < services["audit"]["lagMs"] < 60000, "lag: %s" % services["audit"])
        check(services["validation"]["lagMs"] == 0 and services["audit"]["checkpointAgeMs"] >= 0, "no lag: %s" % services)
    finally:
        os.kill(exchange.pid("settlement"), signal.SIGCONT)
    wait(lambda: "oldest" in exchange.json("status", codes=(0, 1))[0]["services"][0]["parties"][0], "no oldest unconfirmed")
    oldest = exchange.json("status")[0]["services"][0]["parties"][0]["oldest"]
    check(oldest["position"] > 0 and 0 < oldest["ageMs"] < 600000, "oldest: %s" % oldest)
    wait(lambda: exchange.metrics("ingest")['hutong_mailbox_oldest_unconfirmed_seconds{party="110000",box="outcomes"}'] > 0, "no age in the metrics")
    wait(lambda: exchange.metrics("settlement")['hutong_lag_seconds{core="settlement",partition="0"}'] == 0, "it still lags")


def readyz(exchange, service):
    try:
        return 200, urllib.request.urlopen("http://127.0.0.1:%d/readyz" % exchange.http_port(service), timeout=5).read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def D6_full_is_red(exchange, place):
    ballast = fill_disk(place)
    for service in ("broker", "ingest"): # each looks once a second
        def says_why():
            """A broker that a full disk holds up is silent for a moment, and that is the cause until it has looked."""
            code, cause = readyz(exchange, service)
            return code == 503 and "磁盘" in cause and "the disk" in cause
        wait(says_why, "%s does not say that the disk is full" % service, 15)
    said = exchange.run("status", codes=(1,)).stdout.decode()
    check("磁盘" in said and "the disk" in said, "status: %s" % said)
    check(not exchange.json("status", codes=(1,))[0]["ready"], "ready")
    check(exchange.metrics("broker")["hutong_broker_disk_free_bytes"] < 256 << 20, "free disk")
    exchange.down()
    check("the disk" in exchange.run("up", "--detach", codes=(5,)).stderr.decode(), "up does not name it")
    os.unlink(ballast)
    wait(lambda: exchange.run("status", codes=None).returncode == 0, "it does not take up again")


def watched():
    with small_disk() as place, Exchange("watched", http=True, tick_interval_ms=0) as exchange:
        exchange.up()
        D4_partitions_are_the_logs(exchange)
        D8_restarts_are_told(exchange)
        lag_is_told_in_time(exchange)
        D7_down_means_down(exchange)
        D6_full_is_red(exchange, place)


main(watched)
