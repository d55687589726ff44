# SPDX-License-Identifier: Apache-2.0
"""What scripts/bench reads from this machine: its disk, its processes, what it is."""
import os
import platform
import re
import subprocess

import figures


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:  # a process that has ended
        return ""


class Disk:
    """The device that holds a folder."""

    def __init__(self, path):
        number = os.stat(path).st_dev
        if os.major(number) == 0:  # a file system that has no device of its own
            source = figures.mounted_device(read("/proc/self/mountinfo"), os.path.realpath(path)) or ""
            number = os.stat(source).st_rdev if source.startswith("/dev/") else number
        self.number = os.major(number), os.minor(number)

    def written(self):
        """Bytes that reached it so far, from whom ever, with what was still on its way; None where nobody counts."""
        os.sync()
        sectors = figures.sectors_written(read("/proc/diskstats"), *self.number)
        return None if sectors is None else sectors * 512

    def describe(self):
        at = "/sys/dev/block/%d:%d" % self.number
        name = os.path.basename(os.path.realpath(at)) if os.path.exists(at) else "none"
        sector = figures.sectors_written(read("/proc/diskstats"), *self.number)
        cache = read(at + "/queue/write_cache").strip() or read(at + "/../queue/write_cache").strip()
        return "%s%s%s" % (name, ", cache: " + cache if cache else "", "" if sector is not None else " (bytes are not counted)")


def kept(directory):
    """Bytes that a directory takes up on the disk; sparse files by what they hold."""
    return sum(os.lstat(os.path.join(at, name)).st_blocks * 512 for at, _, names in os.walk(directory) for name in names
               if os.path.exists(os.path.join(at, name)))


def stat_fields(pid):
    """Of /proc/PID/stat from the state on: [1] parent, [11..14] ticks of user, system, and of children that were waited for."""
    text = read("/proc/%d/stat" % pid)
    return text[text.rindex(")") + 2:].split() if ")" in text else []


class Others:
    """What of the processors went to others than those who are measured, from now on."""

    def __init__(self):
        self.before = figures.busy_ticks(read("/proc/stat"))

    def percent(self, own_seconds):
        busy, ticks = (after - before for after, before in zip(figures.busy_ticks(read("/proc/stat")), self.before))
        return max(0, busy - own_seconds * os.sysconf("SC_CLK_TCK")) * 100 / max(1, ticks)


def children(pid):
    return [int(each) for each in os.listdir("/proc") if each.isdigit() and stat_fields(int(each))[1:2] == [str(pid)]]


def cpu_seconds(pid):
    """With what its ended children used."""
    return sum(map(int, stat_fields(pid)[11:15])) / os.sysconf("SC_CLK_TCK")


def written(pid):
    """Bytes that it caused to be written, by the kernel's count: whole folios on new kernels, each time one is made dirty."""
    return sum(map(int, re.findall(r"^write_bytes: (\d+)", read("/proc/%d/io" % pid), re.M)))


def memory_mib(pid):
    """Resident, and what of that is no file's."""
    text = read("/proc/%d/status" % pid)
    return tuple(sum(map(int, re.findall(r"^%s:\s+(\d+) kB" % name, text, re.M))) / 1024 for name in ("VmRSS", "RssAnon"))


def switches(pid):
    """How often its threads were put to sleep or aside so far."""
    tasks = "/proc/%d/task" % pid
    return sum(sum(map(int, re.findall(r"ctxt_switches:\s+(\d+)", read("%s/%s/status" % (tasks, each))))) for each in os.listdir(tasks))


def described(path):
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    model = re.search(r"^model name\s*:\s*(.*)$", read("/proc/cpuinfo"), re.M)
    memory = re.search(r"^MemTotal:\s+(\d+)", read("/proc/meminfo"), re.M)
    git = lambda *words: subprocess.run(["git", *words], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode().strip()
    return {"cpu": model.group(1) if model else platform.machine(), "cores": os.cpu_count(), "memory_gib": round(int(memory.group(1)) / 1048576),
            "disk": Disk(path).describe(), "kernel": platform.release(),
            "commit": git("rev-parse", "--short=12", "HEAD") + (" with changes" if git("status", "--porcelain", "-uno") else "")}
