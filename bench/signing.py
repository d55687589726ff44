# SPDX-License-Identifier: Apache-2.0
"""What signatures cost: throughput of bills unsigned, signed with Ed25519 and with SM2, in turns on one exchange. `python3 bench/signing.py
[--bills N] [--rounds N] [--frame N]` prints each run and the shares of the medians."""
import argparse
import json
import os
import statistics
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests/e2e"))
from exchange import BIN, REGIONS, Exchange

KINDS = ("", "ed25519", "sm2")


def run(exchange, kind, first, words):
    command = [os.path.join(BIN, "hutong-load"), "--config", exchange.config, "--first", str(first), "--persons", "2000", "--bills",
               str(words.bills), "--frame", str(words.frame), *(["--signing", kind] if kind else [])]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)["bills_per_s"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bills", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--frame", type=int, default=512)
    words = parser.parse_args()
    found = {kind: [] for kind in KINDS}
    with Exchange("signing-bench", tick_interval_ms=60000, pipeline_lag_max=400000) as exchange:
        exchange.up()
        exchange.load_reference(persons=2000)
        for region in REGIONS:
            for kind in KINDS[1:]:
                exchange.run("keys", "new", "--signing", region, "--name", "%s-%s" % (region, kind), "--algorithm", kind, "--reason", "bench")
        run(exchange, "", 10 ** 9, words)  # warm
        for turn in range(words.rounds):
            for at, kind in enumerate(KINDS[turn % 3:] + KINDS[:turn % 3]):  # a bill costs more the more there are: nobody is always first
                found[kind].append(run(exchange, kind, (turn * len(KINDS) + at) * words.bills, words))
                print("%-8s %8.0f bills/s" % (kind or "unsigned", found[kind][-1]), flush=True)
    unsigned = statistics.median(found[""])
    for kind in KINDS[1:]:
        print("%-8s %5.1f %% of unsigned" % (kind, 100 * statistics.median(found[kind]) / unsigned))


main()
