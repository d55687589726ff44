# SPDX-License-Identifier: Apache-2.0
"""Packages where they are meant to run: a clean Debian root under a systemd of its own, without a network.

  packages.py DIRECTORY          the files of the packages (scripts/package), lintian, protections
  packages.py --root DIRECTORY   and installed: nothing starts by itself; two exchanges by their units; the worked bills; a killed service
                                 comes back; an upgrade drains, restarts once and goes on with state and log; installed again; removed;
                                 purged: data and keys stay, and nothing else

Skipped (77, with the reason) where a tool is missing or namespaces may not be made. The root comes from debootstrap and is kept, with
the packages that ours depend on, in a cache outside the tree."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from exchange import ROOT, SERVICES, check, Failed, wait

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "hutong-packages")
PACKAGES = ("hutong-common", "hutong-broker", "hutong-services", "hutong-console", "libhutong0", "libhutong-dev", "hutong-doc")
OLD = "0.0.9"  # the version before: the same tree, so that the scripts of the packages are what is tried
MIRROR = "http://deb.debian.org/debian"
# What may change below these is nobody's package.
VOLATILE = re.compile(r"^/(proc|sys|dev|run|tmp|var/(cache|log|tmp)|var/lib/(apt|dpkg|systemd|dbus|pam)|root|etc/(passwd|group|shadow|gshadow|ld\.so\.cache|"
                      r"machine-id|\.pwd\.lock|sub[ug]id|\.updated)|var/\.updated|debs)")


def skip(reason):
    print("skipped: %s" % reason)
    sys.exit(77)


def run(*words, codes=(0,), **options):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)
    text = done.stdout.decode("utf-8", "replace")
    check(codes is None or done.returncode in codes, "%s: exit code %d\n%s" % (" ".join(words), done.returncode, text[-3000:]))
    return text


# ---- the files ----

def debs_of(directory):
    debs = {os.path.basename(path).split("_")[0]: path for path in glob.glob(os.path.join(directory, "*.deb")) if "dbgsym" not in path}
    check(all(name in debs for name in PACKAGES), "in %s there are %s" % (directory, sorted(debs)))
    return debs


def files_of(deb):
    return {line.split()[5][1:] for line in run("dpkg-deb", "-c", deb).splitlines() if not line.split()[5].endswith("/")}


def has_its_files(debs):
    files = {name: files_of(path) for name, path in debs.items()}
    wanted = {"hutong-common": ["/usr/bin/hutong", "/usr/bin/hutong-prepare", "/etc/hutong/hutong.yaml", "/lib/systemd/system/hutong.target",
                                "/lib/systemd/system/hutong@.target", "/usr/share/man/man1/hutong.1.gz", "/usr/share/man/zh_CN/man1/hutong.1.gz",
                                "/usr/share/bash-completion/completions/hutong", "/usr/lib/sysusers.d/hutong.conf", "/usr/lib/tmpfiles.d/hutong.conf",
                                "/usr/share/hutong/gazette/calendar.csv", "/usr/share/hutong/policies/110000-310.yaml"],
              "hutong-broker": ["/usr/bin/hutong-broker", "/lib/systemd/system/hutong-broker.service", "/lib/systemd/system/hutong-broker@.service"],
              "hutong-services": ["/usr/bin/hutong-%s" % name for name in SERVICES if name not in ("broker", "console")]
              + ["/lib/systemd/system/hutong-validation-15@.service"],
              "hutong-console": ["/usr/bin/hutong-console", "/lib/systemd/system/hutong-console.service", "/usr/share/hutong/web/index.html.gz",
                                 "/usr/share/hutong/web/screens/now.js.gz"],
              "libhutong-dev": ["/usr/include/hutong.h", "/usr/share/hutong/proto/hutong.binpb", "/usr/share/hutong/proto/hutong/v1/envelope.proto"],
              "hutong-doc": ["/usr/share/doc/hutong/docs/OPERATING.md", "/usr/share/doc/hutong/examples/prometheus.yml"]}
    for name, paths in wanted.items():
        for path in paths:
            check(path in files[name], "%s has no %s" % (name, path))
    programs = [path for each in files.values() for path in each if path.startswith("/usr/bin/")]
    check(not [path for path in programs if "bench" in path or "unit_" in path], "programs that stay at home: %s" % programs)
    check(any(path.endswith("/libhutong.so.0") for path in files["libhutong0"]), "no soname: %s" % files["libhutong0"])
    names = list(files)
    for i, name in enumerate(names):
        for other in names[i + 1:]:
            check(not files[name] & files[other], "%s and %s both have %s" % (name, other, files[name] & files[other]))


def is_protected(debs):
    with tempfile.TemporaryDirectory() as place:
        for name in ("hutong-common", "hutong-broker", "hutong-services", "hutong-console", "libhutong0"):
            run("dpkg-deb", "-x", debs[name], place)
        for path in glob.glob(place + "/usr/bin/hutong-*") + [place + "/usr/bin/hutong"] + glob.glob(place + "/usr/lib/*/libhutong.so.0.*"):
            with open(path, "rb") as file:
                if file.read(4) != b"\x7fELF":
                    continue
            headers, symbols = run("readelf", "-Whldn", path), run("readelf", "-Ws", "--dyn-syms", path)
            for sign in ("BIND_NOW", "GNU_RELRO", "DYN ("):
                check(sign in headers, "%s is built without %s" % (os.path.basename(path), sign))
            check(not re.search(r"R(UN)?PATH", headers), "%s looks for libraries elsewhere" % path)
            check("__stack_chk_fail" in symbols and re.search(r"__\w+_chk@", symbols), "%s: neither stack nor copies are guarded" % path)


def is_clean(directory):
    # No address is made up: whoever publishes packages puts his own into docker/debian/control and changelog.
    nobody = "bogus-mail-host,bogus-mail-host-in-debian-changelog"
    said = run("lintian", "--allow-root", "--suppress-tags", nobody, *glob.glob(directory + "/*.changes"), codes=None)
    faults = [line for line in said.splitlines() if line.startswith(("E:", "W:"))]
    check(not faults, "lintian:\n%s" % "\n".join(faults))


# ---- a machine ----

def base():
    """The root, tarred: minbase, systemd, lists and archives that need no network later."""
    tar = os.path.join(CACHE, "base-2.tar")
    if os.path.exists(tar):
        return tar
    os.makedirs(CACHE, exist_ok=True)
    place = tempfile.mkdtemp(prefix="base-", dir=CACHE)
    try:
        if subprocess.run(["debootstrap", "--variant=minbase", "bookworm", place, MIRROR], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
            skip("debootstrap cannot reach a Debian mirror")
        with open(place + "/etc/apt/apt.conf.d/99hutong", "w") as file:
            file.write('Acquire::Check-Valid-Until "false";\nAPT::Install-Recommends "false";\n')
        shutil.copy("/etc/resolv.conf", place + "/etc/resolv.conf")
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        run("chroot", place, "apt-get", "update", "-qq")
        run("chroot", place, "apt-get", "install", "-y", "-qq", "systemd", env=environment)
        libraries = ("libczmq4 libprotobuf-c1 liblmdb0 libssl3 libmicrohttpd12 libcurl4 libjansson4 libcyaml1 libyaml-0-2 libxxhash0 libzstd1 libseccomp2 "
                     "pkg-config").split()
        run("chroot", place, "apt-get", "install", "-y", "-qq", "--download-only", *libraries, env=environment)
        run("tar", "-C", place, "-cf", tar + ".new", ".")
        os.rename(tar + ".new", tar)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return tar


START = """set -e
mount --make-rprivate /
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount -t sysfs sysfs "$1/sys"
mount -t cgroup2 cgroup2 "$1/sys/fs/cgroup"
mount -t tmpfs tmpfs "$1/run"
mount -t tmpfs tmpfs "$1/tmp"
cd "$1"
mkdir -p old
pivot_root . old # not chroot, within which no user namespace may be made (PrivateUsers)
exec env -i container=hutong PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c 'umount -l /old; exec /lib/systemd/systemd --system --log-target=journal --show-status=0'
"""


class Machine:
    """A root in which systemd runs as the first process, in namespaces of its own."""

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix="hutong-root-", dir="/var/tmp")
        run("tar", "-C", self.root, "-xf", base())
        os.chmod(self.root, 0o755)
        os.makedirs(self.root + "/debs")
        os.symlink("/dev/null", self.root + "/etc/systemd/system/systemd-logind.service")  # nobody logs in, and it waits for a bus
        self.unshare = subprocess.Popen(["unshare", "--pid", "--mount", "--net", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child",
                                         "bash", "-c", START, "bash", self.root], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.init = 0
        wait(self.has_booted, "systemd does not start", 30)

    def has_booted(self):
        if self.unshare.poll() is not None:
            skip("no namespaces here: %s" % self.unshare.stdout.read().decode().strip())
        with open("/proc/%d/task/%d/children" % (self.unshare.pid, self.unshare.pid)) as file:
            children = file.read().split()
        self.init = int(children[0]) if children else 0
        return bool(self.init) and "running" in self.sh("systemctl is-system-running", codes=None).replace("degraded", "running")

    def command(self, script):
        return ["nsenter", "-t", str(self.init), "-a", "-r", "-w", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/root",
                "DEBIAN_FRONTEND=noninteractive", "sh", "-c", script]

    def sh(self, script, **options):
        return run(*self.command(script), timeout=240, **options)

    def hutong(self, words, config="/etc/hutong/hutong.yaml", **options):
        return self.sh("cd /tmp && setpriv --reuid hutong --regid hutong --clear-groups hutong --config %s %s" % (config, words), **options)

    def put(self, debs):
        for old in glob.glob(self.root + "/debs/*.deb"):
            os.remove(old)
        for path in debs:
            shutil.copy(path, self.root + "/debs/")

    def files(self):
        found = set()
        for place, directories, names in os.walk(self.root):
            inside = place[len(self.root):] or "/"
            directories[:] = [name for name in directories if not VOLATILE.match(os.path.join(inside, name) + "/")]
            found |= {os.path.join(inside, name) for name in names + directories if not VOLATILE.match(os.path.join(inside, name))}
        return found

    def close(self):
        if self.init:
            os.kill(self.init, 9)  # the first process of the namespace, and with it all others
        self.unshare.wait()
        wait(lambda: not os.path.exists("/proc/%d" % self.init), "systemd does not end")
        shutil.rmtree(self.root, ignore_errors=True)


def older(debs, place):
    """The same packages as version OLD, with a file that the next version lacks."""
    out = []
    for name, path in debs.items():
        tree = os.path.join(place, name)
        version = run("dpkg-deb", "-f", path, "Version").strip()
        run("dpkg-deb", "-R", path, tree)
        with open(tree + "/DEBIAN/control") as file:
            text = file.read()
        with open(tree + "/DEBIAN/control", "w") as file:
            file.write(re.sub(r"^Version: .*", "Version: " + OLD, text.replace("(= %s)" % version, "(= %s)" % OLD), flags=re.M))
        if name == "hutong-common":
            open(tree + "/usr/share/hutong/of_before", "w").close()
        out.append(os.path.join(place, "%s_%s.deb" % (name, OLD)))
        run("dpkg-deb", "--root-owner-group", "-b", tree, out[-1])
        shutil.rmtree(tree)
    return out


# ---- what happens there ----

UNITS = ["hutong-%s%s.service" % (name, "@0" if name in ("validation", "settlement") else "") for name in SERVICES if name != "console"]


def installed_and_at_rest(machine):
    said = machine.sh("apt-get install -y -qq /debs/*.deb 2>&1")
    check("no keys were made" in said, "it does not say that nothing runs: %s" % said)
    check(machine.sh("systemctl list-units --plain --no-legend 'hutong*' | grep -v '^hutong.*slice'", codes=None).strip() == "", "something runs")
    check(not os.path.exists(machine.root + "/etc/hutong/keys"), "keys were made without a word")
    check(machine.sh("stat -c '%U %a' /var/lib/hutong").split() == ["hutong", "750"], "/var/lib/hutong")
    said = machine.sh("systemd-analyze verify hutong.target hutong-validation@0.service hutong@north.target hutong-settlement-3@north.service 2>&1", codes=None)
    faults = [line for line in said.splitlines() if "hutong" in line and "man hutong" not in line]
    check(not faults, "systemd-analyze verify: %s" % faults)
    check("hutong-broker" in machine.sh("hutong-broker --version"), "the broker does not run")


def all_runs(machine, units):
    for unit in units:
        shown = dict(line.split("=", 1) for line in machine.sh("systemctl show %s -p ActiveState,StatusText,Type,User,MainPID" % unit).splitlines())
        check(shown["ActiveState"] == "active" and shown["Type"] == "notify" and shown["StatusText"] == "ready" and shown["User"] == "hutong",
              "%s: %s" % (unit, shown))
    return {unit: machine.sh("systemctl show %s -p MainPID --value" % unit).strip() for unit in units}


def runs_by_its_units(machine):
    machine.sh("systemctl enable --now hutong.target 2>&1")
    all_runs(machine, UNITS)
    check(machine.sh("stat -c '%U %a' /etc/hutong/keys/server.key_secret").split() == ["hutong", "600"], "the server's key")
    machine.hutong("status")
    machine.hutong("--language zh status")
    check(machine.sh("journalctl -u hutong-broker --no-pager -q | grep -c serving", codes=None).strip() != "", "no diary")


def submit(machine, region, path, config="/etc/hutong/hutong.yaml", options="--quiet"):
    return machine.hutong("--as %s submit %s --await %s" % (region, options, path), config)


def does_the_main_job(machine):
    demo = "/usr/share/hutong/demo/"
    machine.sh("cd /tmp && hutong policy events --sender 110000 /usr/share/hutong/policies/110000-310.yaml >/tmp/policy && chmod 644 /tmp/policy")
    submit(machine, "110000", "/tmp/policy")
    submit(machine, "120000", demo + "institutions.120000.json")
    submit(machine, "110000", demo + "enrolments.110000.json")
    outcomes = machine.hutong("--json --as 120000 submit --await %sbills.120000.json" % demo)
    with open(os.path.join(ROOT, "data/demo/published.json")) as file:
        published = json.load(file)
    right = 0
    for line in outcomes.splitlines():
        outcome = json.loads(line)
        if outcome.get("billId") in published:
            _, fund, person = published[outcome["billId"]]
            right += [int(outcome["amounts"].get(key, 0)) for key in ("fundPayTotalFen", "personPayTotalFen")] == [fund, person]
    check(right == len(published), "%d of %d worked bills are as published" % (right, len(published)))


NORTH = "/etc/hutong/north/hutong.yaml"


def another_beside_it(machine):
    """An exchange of its own name, with two partitions."""
    machine.sh("""install -d /etc/hutong/north && sed -e 's|/var/lib/hutong|&/north|; s|/run/hutong|&/north|; s|/etc/hutong/keys|/etc/hutong/north/keys|
        s/7701/7801/; s/7702/7802/; s/7710/7810/; s/partitions: 1/partitions: 2/' /etc/hutong/hutong.yaml >%s
        systemctl enable hutong-validation-1@north hutong-settlement-1@north hutong@north.target 2>&1 && systemctl start hutong@north.target""" % NORTH)
    units = ["hutong-%s@north.service" % name for name in ("broker", "ingest", "audit", "books", "validation-0", "validation-1", "settlement-0", "settlement-1")]
    all_runs(machine, units)
    machine.hutong("status", NORTH)
    submit(machine, "120000", "/usr/share/hutong/demo/institutions.120000.json", NORTH)
    # A name that is a state's of the one without a name; a configuration that cannot be.
    for name, fault in (("log", ""), ("south", "gate_endpoint: nowhere\n")):
        machine.sh("install -d /etc/hutong/%s && sed 's|/north|/%s|; s/78/79/' %s >/etc/hutong/%s/hutong.yaml" % (name, name, NORTH, name))
        with open(machine.root + "/etc/hutong/%s/hutong.yaml" % name, "a") as file:
            file.write(fault)
        machine.sh("systemctl start hutong-broker@%s 2>&1" % name, codes=(1,))
        said = machine.sh("journalctl -u hutong-prepare@%s --no-pager -q" % name)
        check(("this name" if not fault else "gate_endpoint") in said, "%s: %s" % (name, said))
        machine.sh("systemctl stop hutong@%s.target hutong-broker@%s; rm -r /etc/hutong/%s; rmdir /var/lib/hutong/%s" % (name, name, name, name), codes=None)
    return units


def comes_back(machine):
    unit = "hutong-settlement@0.service"
    before = all_runs(machine, [unit])[unit]
    machine.sh("kill -9 %s" % before)
    wait(lambda: machine.sh("systemctl show %s -p ActiveState,MainPID --value" % unit).split()[::-1] not in ([before, "active"],) and
         "active" in machine.sh("systemctl is-active %s" % unit, codes=None).split(), "settlement does not come back", 30)
    all_runs(machine, [unit])


def ends(machine, config):
    status = json.loads(machine.hutong("--json status", config))
    return {each["stream"]: int(each["end"]) for each in status["broker"]["streams"]}


def upgraded(machine, debs, north):
    configs = ("/etc/hutong/hutong.yaml", NORTH)
    machine.sh("echo 'log_level: info' >>/etc/hutong/hutong.yaml")
    before, pids = {config: ends(machine, config) for config in configs}, all_runs(machine, UNITS + north)
    machine.put(debs.values())
    said = machine.sh("apt-get install -y -qq /debs/*.deb 2>&1")
    check(said.count("hutong: restarting") == 1 and "hutong.target" in said and "hutong@north.target" in said, "restarted once, both? %s" % said)
    check(not os.path.exists(machine.root + "/usr/share/hutong/of_before"), "a file of the old version is there")
    now = all_runs(machine, UNITS + north)
    check(not [unit for unit in now if now[unit] == pids[unit]], "not all were started again: %s %s" % (pids, now))
    for config in configs:
        after = ends(machine, config)
        check(all(after[stream] >= end for stream, end in before[config].items()), "the log: %s, then %s" % (before[config], after))
    for unit in ("hutong-ingest.service", "hutong-ingest@north.service"):
        check('"draining"' in machine.sh("journalctl -u %s --no-pager -q -o cat" % unit), "%s was not drained" % unit)
    check("log_level: info" in machine.sh("cat /etc/hutong/hutong.yaml"), "the configuration was overwritten")
    # The same bytes as before have their old outcomes: states and log went on.
    does_the_main_job(machine)
    machine.sh("apt-get install -y -qq --reinstall /debs/*.deb 2>&1")
    all_runs(machine, UNITS + north)
    changed = [line for line in machine.sh("dpkg -V %s" % " ".join(PACKAGES), codes=None).splitlines() if "/etc/hutong/hutong.yaml" not in line]
    check(not changed, "files of the packages were changed: %s" % changed)


def stop_all(machine):
    """As docs/INSTALL.md says; in order, which the diary of the drain tells."""
    machine.sh("systemctl stop hutong.target 'hutong@*.target' && systemctl stop 'hutong*'")
    for unit in ("hutong-drain.service", "hutong-drain@north.service"):
        check("drained:" in machine.sh("journalctl -u %s --no-pager -q -o cat -n 4" % unit), "%s did not drain before the others stopped" % unit)


def up_by_hand(machine):
    stop_all(machine)
    machine.sh("cd /tmp && setpriv --reuid hutong --regid hutong --clear-groups sh -c 'hutong up --directory /tmp/mine --detach && cd /tmp/mine && hutong status && hutong down'")
    machine.sh("systemctl start hutong.target hutong@north.target")


def removed_and_purged(machine, before):
    machine.sh("apt-get remove -y -qq %s 2>&1" % " ".join(PACKAGES))
    check(machine.sh("pgrep -u hutong -l", codes=(1,)) == "" if os.path.exists(machine.root + "/usr/bin/pgrep") else
          not any("hutong" in name for name in machine.sh("cat /proc/[0-9]*/comm").split()), "something runs on")
    for path in ("/etc/hutong/hutong.yaml", "/var/lib/hutong/broker", "/var/lib/hutong/north/broker", "/etc/hutong/keys/server.key_secret"):
        check(os.path.exists(machine.root + path), "%s went with remove" % path)
    said = machine.sh("dpkg --purge %s 2>&1; apt-get autoremove --purge -y -qq 2>&1" % " ".join(PACKAGES))
    check("/var/lib/hutong stays" in said and "/etc/hutong/keys stays" in said, "purge does not say what stays: %s" % said)
    for path in ("/var/lib/hutong/broker", "/var/lib/hutong/north/broker", "/etc/hutong/keys/server.key_secret"):
        check(os.path.exists(machine.root + path), "%s went with purge" % path)
    check(not os.path.exists(machine.root + "/etc/hutong/hutong.yaml"), "the configuration stays after purge")
    left = sorted(path for path in machine.files() - before if not re.match(r"/(var/lib|etc)/hutong(/|$)", path))
    # What an operator enabled by hand for an exchange of a name of his own is his.
    left = [path for path in left if not re.match(r"/etc/systemd/system/.*north", path)]
    check(not left, "left behind: %s" % left)
    check(not before - machine.files(), "gone: %s" % (before - machine.files()))


def whole(debs):
    machine = Machine()
    place = tempfile.mkdtemp(prefix="hutong-older-")
    try:
        before = machine.files()
        steps = [(installed_and_at_rest, ()), (runs_by_its_units, ()), (does_the_main_job, ())]
        machine.put(older(debs, place))
        for step, more in steps:
            say(step)
            step(machine, *more)
        say(another_beside_it)
        north = another_beside_it(machine)
        for step, more in ((comes_back, ()), (upgraded, (debs, north)), (up_by_hand, ()), (removed_and_purged, (before,))):
            say(step)
            step(machine, *more)
    finally:
        if os.environ.get("HUTONG_KEEP"):
            print("kept: %s, first process %d" % (machine.root, machine.init))
            sys.stdin.readline()
        machine.close()
        shutil.rmtree(place, ignore_errors=True)


STARTED = time.time()


def say(step):
    print("[%3ds] %s" % (time.time() - STARTED, step.__name__.replace("_", " ")), flush=True)


def main():
    words = sys.argv[1:]
    root = "--root" in words
    directory = [word for word in words if word != "--root"][0]
    for tool in ("dpkg-deb", "lintian", *(("debootstrap", "unshare", "nsenter") if root else ())):
        if shutil.which(tool) is None:
            skip("%s is not installed (scripts/install-deps --with-packaging)" % tool)
    if root and os.getuid() != 0:
        skip("namespaces and a root of its own need root")
    debs = debs_of(directory)
    has_its_files(debs)
    is_protected(debs)
    is_clean(directory)
    if root:
        whole(debs)


try:
    main()
except Failed as failure:
    print("FAILED: %s" % failure, file=sys.stderr)
    sys.exit(1)
print("passed in %.1f s" % (time.time() - STARTED))
