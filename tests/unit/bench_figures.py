# SPDX-License-Identifier: Apache-2.0
"""What scripts/bench makes of its measurements: medians, ratios, what the disk counted, tables, the picture."""
import os
import sys
import unittest
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../bench"))
import figures
import report

DISKSTATS = """   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
 254       0 vda 1747987 427196 70104554 5109829 48697494 680361 747940976 52702571 0 2946760 58972590 968012 177 357412984 319994 8946341 840193
 254       1 vda1 1 2 3 4 5 6 7 8 9 10 11
"""
MOUNTS = """22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
30 22 0:25 / /work rw shared:2 - btrfs /dev/vdb rw
31 22 0:26 / /workshop rw - tmpfs tmpfs rw
"""


def a_run(speed, **more):
    return {"bills_per_s": speed, "cpu_us_per_bill": 80.5, "disk_bytes_per_bill": None, "bytes_written_per_bill": 9000, "p50_ms": 2.5, "p99_ms": 5,
            "p999_ms": 6, "syncs_per_1000_bills": 3, "switches_per_bill": 60, "rate": 20, "kept_bytes_per_bill": 3000, "others_percent": 1.5,
            "resident_mib": 300, "own_mib": 200, "over_floor": 2.5, "memory": {"broker": (300, 200)},
            "processes": {"broker-0": {"cpu_us_per_bill": 80.5}}, **more}


def a_turn(ours, batches, singly):
    floor = {"fdatasync_us": 300, "fdatasync_rested_us": 400, "zmq_one_way_us": 33, "zmq_one_way_rested_us": 60}
    return {"floor": floor, "lone": a_run(20), "full": a_run(ours), "hundred": a_run(batches), "single": a_run(singly)}


RECOVERY = {"broker": {"ready_s": 0.1, "caught_up_s": 1.5, "as_before_s": 9, "ready_under_load": True, "caught_up_under_load": True,
                       "as_before_under_load": False, "behind_before": 1200, "longest_gap_s": 0.8}}
COMMON = {"date": "2025-11-24", "command": "scripts/bench ", "recovery": RECOVERY,
          "machine": {"cpu": "a", "cores": 2, "memory_gib": 24, "disk": "vda", "kernel": "6", "commit": "c"}}


class Figures(unittest.TestCase):
    def test_medians_and_ratios_are_turn_by_turn(self):
        self.assertEqual(figures.spread([5, 1, 3]), (1, 3, 5))
        self.assertEqual(figures.spread([4, 1]), (1, 2.5, 4))
        self.assertEqual((figures.mean([1, 2, 6]), figures.mean([1, None])), (3, None))
        # The machine was half as quick in the second turn, for both: the ratio does not move.
        self.assertEqual(figures.ratios([20000, 10000, 22000], [5000, 2500, 5500]), [4, 4, 4])
        self.assertRaises(ValueError, figures.ratios, [1], [1, 2])
        self.assertEqual(figures.told([4.0, 3.5, 5.25]), "4.00 (3.50–5.25)")
        self.assertEqual((figures.told([18900.4]), figures.told([None]), figures.told([])), ("18,900", "–", "–"))

    def test_quantities_have_three_figures(self):
        self.assertEqual([figures.quantity(each) for each in (1234567, 123.4, 12.34, 1.234, 0.01234, 0, None)],
                         ["1,234,567", "123", "12.3", "1.23", "0.0123", "0", "–"])

    def test_the_disk_is_told_from_its_partitions(self):
        self.assertEqual(figures.sectors_written(DISKSTATS, 254, 0), 747940976)
        self.assertEqual(figures.sectors_written(DISKSTATS, 254, 1), 7)
        self.assertIsNone(figures.sectors_written(DISKSTATS, 0, 26))

    def test_a_mount_without_a_device_is_told_by_its_source(self):
        self.assertEqual(figures.mounted_device(MOUNTS, "/work/hutong/build"), "/dev/vdb")
        self.assertEqual(figures.mounted_device(MOUNTS, "/workshop"), "tmpfs")
        self.assertEqual(figures.mounted_device(MOUNTS, "/working"), "/dev/root")

    def test_busy_is_all_but_idle_and_waiting(self):
        self.assertEqual(figures.busy_ticks("cpu  100 20 30 4000 500 6 7 8 9 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n"), (171, 4671))

    def test_positions_of_all_cores(self):
        read = {'hutong_position{core="ids"}': 3, 'hutong_position{core="mailbox"}': 2, 'hutong_position{core="mailbox_books"}': 1, "hutong_positions": 0}
        self.assertEqual((figures.positions(read), figures.positions(read, but="mailbox_books")), ([3, 2, 1], [3, 2]))

    def test_a_page_keeps_what_stands_around_its_block(self):
        page = figures.replaced_block("words\n", "bench", "old\n")
        other = figures.replaced_block(page + "more\n", "bench-large", "beside\n")
        again = figures.replaced_block(other, "bench", "new\n")
        self.assertIn("words\n", again)
        self.assertIn("more\n", again)
        self.assertIn("beside\n", again)
        self.assertIn("new\n", again)
        self.assertNotIn("old", again)
        self.assertEqual(again, figures.replaced_block(again, "bench", "new\n"))

    def test_axes_have_few_round_steps(self):
        for largest, step in ((4, 1), (5.1, 2), (18900, 5000), (10, 2), (0.3, 0.1)):
            self.assertAlmostEqual(figures.step_of(largest), step)

    def test_the_picture_holds_every_step_within_its_panel(self):
        curves = [("speed, bills/s", [18000, 12000, 9000.5], (19000, "at 2,000 persons")), ("CPU, µs a bill", [80, 100, 135], None)]
        picture = xml.fromstring(figures.growth_picture([0.5, 1, 1.5], curves))
        dots = [each for each in picture.iter() if each.tag.endswith("circle")]
        self.assertEqual(len(dots), 6)
        words = [each.text for each in picture.iter() if each.tag.endswith("text")]
        for text in ("speed, bills/s", "CPU, µs a bill", "bills settled, millions", "at 2,000 persons", "20,000", "1.5"):
            self.assertIn(text, words)
        first = [float(each.get("cy")) for each in dots[:3]]
        top = figures.TOP + 10
        self.assertTrue(top <= first[0] < first[1] < first[2] <= top + figures.PANEL, first)
        self.assertAlmostEqual(first[0], top + figures.PANEL * (1 - 18000 / 20000), delta=0.1)
        self.assertIn("prefers-color-scheme: dark", figures.growth_picture([1], [("one", [1], None)]))


class Pages(unittest.TestCase):
    def test_the_usual_run(self):
        result = dict(COMMON, turns=[a_turn(20000, 5000, 2000), a_turn(10000, 2500, 1250), a_turn(30000, 5000, 2500)], runs={"full": a_run(30000)},
                      postgres={"version": "15", "batch_clients": 4, "batch_clients_tried": {1: 6000, 4: 7000}}, engine={"bills_per_s": 1e6}, look_up={})
        text = report.usual(result)
        self.assertIn("| full speed ÷ PostgreSQL in batches of 100 | 4.00 (4.00–6.00) | 4 | 6 |", text)
        self.assertIn("| full speed ÷ PostgreSQL, one bill a transaction, 32 clients | 10.0 (8.00–12.0) | 12 | 20 |", text)
        self.assertIn("| Hutong | 20,000 (10,000–30,000) | 80.5 (80.5–80.5) | – |", text)
        self.assertIn("| broker | 0.10 | 1.50 | 9.00 (load was over) | 1,200 | 0.80 |", text)

    def test_the_large_run(self):
        steps = [a_run(20000 - 1000 * i) for i in range(20)]
        result = dict(COMMON, persons=10 ** 6, step=500000, steps=steps, small=[a_run(20000)] * 3, over_small={6: 0.75, 20: 0.05}, quarter=a_run(250),
                      lone=a_run(20), reference={"events": 10 ** 6, "memory": {"broker": (30, 20)}}, reference_s=50.0)
        text = report.large(result)
        self.assertIn("| step 6: speed ÷ speed at 2,000 persons | 0.75 | 0.75 |  |", text)
        self.assertIn("| step 20: speed ÷ speed at 2,000 persons | 0.05 |  | 0.9 |", text)
        self.assertIn("| reference data, events/s | 20,000 | 30,000 |  |", text)
        self.assertEqual(len([each for each in xml.fromstring(report.picture(result)).iter() if each.tag.endswith("circle")]), 80)


unittest.main()
