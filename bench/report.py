# SPDX-License-Identifier: Apache-2.0
"""The figures of scripts/bench as Markdown and a picture."""
import os

from figures import growth_picture, mean, quantity, ratios, replaced_block, table, told

RUNS = (("full", "as fast as it goes (the last turn)"), ("quarter", "a quarter of full speed"), ("half", "10,000 bills/s"), ("slow", "500 bills/s"),
        ("mix", "every kind of care, no catalogue"), ("catalogue", "every kind of care, catalogues of 100,000 items"))


def heading(result):
    on = result["machine"]
    return ("%s, commit %s: `%s`.\nMachine: %s, %d cores, %d GiB, disk %s, kernel %s.\n\n" %
            (result["date"], on["commit"], result["command"].strip(), on["cpu"], on["cores"], on["memory_gib"], on["disk"], on["kernel"]))


def compared(result):
    turns, postgres = result["turns"], result["postgres"]
    each = lambda run, key: [turn[run][key] for turn in turns]
    speed = {run: each(run, "bills_per_s") for run in ("full", "hundred", "single")}
    rows = [["full speed ÷ PostgreSQL in batches of 100", told(ratios(speed["full"], speed["hundred"])), 4, 6],
            ["full speed ÷ PostgreSQL, one bill a transaction, 32 clients", told(ratios(speed["full"], speed["single"])), 12, 20],
            ["lone bill, p50 ÷ (fdatasync + 10 × ZeroMQ one way)", told(each("lone", "over_floor")), 2.5, 1.5]]
    text = table(["ratio, turn by turn", "median (min–max) of %d" % len(turns), "bar", "goal"], rows) + "\n"
    names = [("full", "Hutong"), ("hundred", "PostgreSQL %s, batches of 100, %d clients" % (postgres["version"], postgres["batch_clients"])),
             ("single", "PostgreSQL %s, one bill a transaction, 32 clients" % postgres["version"])]
    rows = [[name, told(speed[run]), told(each(run, "cpu_us_per_bill")), told(each(run, "disk_bytes_per_bill")),
             told(each(run, "bytes_written_per_bill")), told(each(run, "others_percent"))] for run, name in names]
    text += table(["as fast as it goes", "bills/s", "CPU, µs a bill", "disk bytes a bill", "bytes a bill by its own count",
                   "processors used by others, %"], rows) + "\n"
    floor = lambda key: told([turn["floor"][key] for turn in turns])
    rows = [["lone bill (20/s): p50, ms", told(each("lone", "p50_ms"))], ["lone bill: p99, ms", told(each("lone", "p99_ms"))],
            ["lone bill: CPU, ms", told([value / 1000 for value in each("lone", "cpu_us_per_bill")])],
            ["lone bill: context switches of all processes", told(each("lone", "switches_per_bill"))],
            ["append of 4 kB and fdatasync, µs", floor("fdatasync_us")], ["the same after a rest of 20 ms, µs", floor("fdatasync_rested_us")],
            ["ZeroMQ one way, both asleep, µs", floor("zmq_one_way_us")], ["the same after a rest of 20 ms, µs", floor("zmq_one_way_rested_us")]]
    text += table(["a bill alone, and the machine's floor", "median (min–max)"], rows) + "\n"
    tried = ", ".join("%s: %s" % (clients, quantity(value)) for clients, value in postgres["batch_clients_tried"].items())
    return text + "PostgreSQL in batches, bills/s by clients before the turns: %s.\n\n" % tried


def recovered(rows):
    reached = lambda row, name: "%.2f" % row[name + "_s"] + ("" if row[name + "_under_load"] else " (load was over)")
    lines = [[service, reached(row, "ready"), reached(row, "caught_up"), reached(row, "as_before"), quantity(row["behind_before"]),
              "%.2f" % row["longest_gap_s"]] for service, row in rows.items()]
    return table(["killed under full load", "ready, s", "caught up, s (bar 5, goal 2)", "as close as before, s", "behind before, records",
                  "longest time without a result, s"], lines) + "\n"


def by_process(run):
    rows = [[name, quantity(use["cpu_us_per_bill"]), quantity(use.get("bytes_written_per_bill")), quantity(use.get("peak_mib"))]
            for name, use in sorted(run["processes"].items())]
    return table(["at full speed", "CPU, µs a bill", "bytes a bill by its own count", "peak, MiB"], rows) + "\n"


def runs_of(result):
    rows = [[name, *[quantity(result["runs"][run][key]) for key in ("bills_per_s", "p50_ms", "p99_ms", "p999_ms", "cpu_us_per_bill",
                                                                   "disk_bytes_per_bill", "syncs_per_1000_bills")]]
            for run, name in RUNS if run in result["runs"]]
    return table(["run", "bills/s", "p50 ms", "p99 ms", "p99.9 ms", "CPU, µs a bill", "disk bytes a bill", "syncs per 1,000 bills"], rows) + "\n"


def usual(result):
    text = heading(result)
    if "turns" in result:
        text += compared(result)
    text += by_process(result["runs"]["full"]) + runs_of(result)
    if "recovery" in result:
        text += recovered(result["recovery"])
    if "engine" in result:
        alone = lambda of: ", ".join("%s %s" % (name.replace("_", " "), quantity(value)) for name, value in of.items() if not name.endswith("check"))
        text += "Engine alone: %s.\nLook-up of ten items alone: %s.\n" % (alone(result["engine"]), alone(result["look_up"]))
    return text


def millions(result):
    return [result["step"] * (i + 1) / 1e6 for i in range(len(result["steps"]))]


def large(result):
    steps, last, middle = result["steps"], result["steps"][-1], result["steps"][min(6, len(result["steps"])) - 1]
    bar = lambda number: ("0.75", "") if number == 6 else ("", "0.9") if number * result["step"] == 10 ** 7 else ("", "")
    rows = [["step %s: speed ÷ speed at 2,000 persons" % number, quantity(ratio), *bar(int(number))] for number, ratio in result["over_small"].items()]
    rows += [["disk bytes a bill, step %d" % (steps.index(middle) + 1), quantity(middle["disk_bytes_per_bill"]), "8,000", "5,000"],
             ["disk bytes a bill, last step", quantity(last["disk_bytes_per_bill"]), "8,000", "5,000"],
             ["disk bytes a bill, all steps", quantity(mean([row["disk_bytes_per_bill"] for row in steps])), "8,000", "5,000"],
             ["p99 at a quarter of the last step's speed (%s/s), ms" % quantity(result["quarter"]["rate"]), quantity(result["quarter"]["p99_ms"]), 50, 25],
             ["p50 and p99 of a lone bill (20/s), ms", "%s, %s" % (quantity(result["lone"]["p50_ms"]), quantity(result["lone"]["p99_ms"])), "", ""],
             ["resident at the end, all processes, MiB", quantity(last["resident_mib"]), "stated", "flat"],
             ["resident at the end, but for pages of files, MiB", quantity(last["own_mib"]), "stated", "flat"],
             ["reference data of %s persons, s" % quantity(result["persons"]), quantity(result["reference_s"]), "", ""],
             ["reference data, events/s", quantity(result["reference"]["events"] / result["reference_s"]), "30,000", ""]]
    text = heading(result) + table(["%s persons" % quantity(result["persons"]), "measured", "bar", "goal"], rows) + "\n"
    text += "![Growth](performance-growth.svg)\n\n"
    keys = ("bills_per_s", "cpu_us_per_bill", "disk_bytes_per_bill", "bytes_written_per_bill", "kept_bytes_per_bill", "resident_mib", "own_mib",
            "others_percent")
    rows = [["%g" % million, *[quantity(row[key]) for key in keys]] for million, row in zip(millions(result), steps)]
    text += table(["bills so far, millions", "bills/s", "CPU, µs a bill", "disk bytes a bill", "bytes a bill by its own count", "kept, bytes a bill",
                   "resident, MiB", "of that no file's, MiB", "processors used by others, %"], rows) + "\n"
    text += "At 2,000 persons, before, after step %s, at the end: %s bills/s.\n\n" % (
        min(6, len(steps)), ", ".join(quantity(row["bills_per_s"]) for row in result["small"]))
    first = result["reference"]["memory"]
    rows = [[service, *map(quantity, (*first[service], *middle["memory"][service], *last["memory"][service]))] for service in first]
    text += table(["MiB resident, of that no file's", "reference data loaded", "", "step %d" % (steps.index(middle) + 1), "", "last step", ""], rows) + "\n"
    return text + by_process(last) + recovered(result["recovery"])


def picture(result):
    steps, small = result["steps"], result["small"]
    speed = mean([row["bills_per_s"] for row in small])
    curves = [("full speed, bills/s", [row["bills_per_s"] for row in steps], (speed, "at 2,000 persons")),
              ("CPU, µs a bill", [row["cpu_us_per_bill"] for row in steps], None),
              ("written to the disk, kB a bill", [(row["disk_bytes_per_bill"] or 0) / 1000 for row in steps], None),
              ("resident memory of all processes but for pages of files, MiB", [row["own_mib"] for row in steps], None)]
    return growth_picture(millions(result), curves)


def write(result, name, path):
    text = (large if name == "bench-large" else usual)(result)
    page = ""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            page = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(replaced_block(page, name, text))
    if name == "bench-large":
        with open(os.path.join(os.path.dirname(path), "performance-growth.svg"), "w", encoding="utf-8") as file:
            file.write(picture(result))
    print(text + "kept in build/%s.json and %s" % (name, os.path.relpath(path)))
