# SPDX-License-Identifier: Apache-2.0
"""scripts/bench --large: how the cost of a bill grows with the persons and the bills that are there already."""
import machine
from figures import quantity

SIXTH = 6  # the step whose speed is compared, besides the last
SMALL_PERSONS, SMALL_BILLS = 2000, 200000


def memory_of(exchange):
    by_process = exchange.memory()
    return {"memory": by_process, "resident_mib": sum(each[0] for each in by_process.values()), "own_mib": sum(each[1] for each in by_process.values())}


def step_of(exchange, bills, log_before):
    row = exchange.load(bills)
    row.update(memory_of(exchange), kept_bytes=machine.kept(exchange.directory))
    row["kept_bytes_per_bill"] = (row["kept_bytes"] - log_before) / bills
    return row


def run(options, measured, recoveries, disk, result, say):
    result.update(persons=options.persons, step=options.step)
    steps = max(1, options.bills // options.step)
    compared = sorted({min(SIXTH, steps), steps})
    with measured("small", SMALL_PERSONS, disk) as small, measured("large", options.persons, disk) as large:
        small.up()
        small.load_reference()
        large.up()
        say("reference data of %d persons" % options.persons)
        result["reference_s"] = large.load_reference()
        large.settled()
        result["reference"] = dict(memory_of(large), kept_bytes=machine.kept(large.directory), events=large.end())
        say("loaded in %.0f s: %.0f events/s" % (result["reference_s"], large.end() / result["reference_s"]))
        result["small"], result["steps"], kept = [small.load(min(SMALL_BILLS, options.step))], [], result["reference"]["kept_bytes"]
        say("%d persons: %.0f/s" % (SMALL_PERSONS, result["small"][0]["bills_per_s"]))
        for number in range(1, steps + 1):
            row = step_of(large, options.step, kept)
            kept = row["kept_bytes"]
            result["steps"].append(row)
            say("step %d of %d: %.0f/s, %.0f us of CPU a bill, %s bytes on the disk, %.0f MiB resident" %
                (number, steps, row["bills_per_s"], row["cpu_us_per_bill"], quantity(row["disk_bytes_per_bill"]), row["resident_mib"]))
            if number in compared:
                result["small"].append(small.load(min(SMALL_BILLS, options.step)))
                say("%d persons: %.0f/s" % (SMALL_PERSONS, result["small"][-1]["bills_per_s"]))
        result["over_small"] = {}
        for at, number in enumerate(compared):  # against what was measured right before and right after
            beside = (result["small"][at]["bills_per_s"] + result["small"][at + 1]["bills_per_s"]) / 2
            result["over_small"][number] = result["steps"][number - 1]["bills_per_s"] / beside
        rate = result["steps"][-1]["bills_per_s"] / 4
        say("a quarter of full speed: %.0f/s" % rate)
        result["quarter"] = large.load(int(rate * 2 * options.seconds), rate)
        say("20 bills/s")
        result["lone"] = large.load(20 * options.seconds, rate=20)
        say("each process killed under full load")
        recoveries(large, result["steps"][-1]["bills_per_s"], options.seconds, result)
