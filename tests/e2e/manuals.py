#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command of the manuals, run as it is written, in both languages: README, OPERATING and CLI, each from the files of a clean clone
and an exchange of its own. A block without a word behind its fence is run; ```text is what cannot be (the system's own services, what
takes minutes, what is shown rather than said). The network is the test's own, so the ports are the pages' too."""
import ctypes
import fcntl
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

from exchange import BIN, ROOT, check

CLONE_NEWUSER, CLONE_NEWNET, SIOCSIFFLAGS, IFF_UP_RUNNING = 0x10000000, 0x40000000, 0x8914, 0x41
PAIRS = (("README.md", "README.zh-CN.md"), ("docs/OPERATING.md", "docs/OPERATING.zh-CN.md"), ("docs/CLI.md", "docs/CLI.zh-CN.md"))
FIRST_BILL = {"docs/OPERATING.md": "README.md", "docs/OPERATING.zh-CN.md": "README.zh-CN.md"}  # the page speaks of that page's exchange


def own_network():
    """False: this machine lets nobody have one."""
    system = ctypes.CDLL(None)
    if system.unshare(CLONE_NEWNET) != 0 and system.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return False
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP_RUNNING))
    return True


def blocks(page):
    """The blocks that are run, without what indents them."""
    found, tag = [], None
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        for line in file:
            fence = re.match(r"( *)```(.*)$", line)
            if not fence:
                if tag == "":
                    found[-1] += line[indent:]
            elif tag is not None:
                tag = None
            else:
                indent, tag = len(fence.group(1)), fence.group(2)
                if tag == "":
                    found.append("")
    return found


def clone(place):
    """What is committed, and the programs where a build puts them."""
    files = subprocess.run(["git", "ls-files", "-z", "data", "docs", "docker", "scripts"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout.decode()
    for each in files.split("\0"):
        if each and os.path.exists(os.path.join(ROOT, each)):
            os.makedirs(os.path.dirname(os.path.join(place, each)), exist_ok=True)
            shutil.copy(os.path.join(ROOT, each), os.path.join(place, each))
    os.makedirs(os.path.join(place, "build/release"))
    os.symlink(os.path.abspath(BIN), os.path.join(place, "build/release/bin"))


def run(page):
    place = tempfile.mkdtemp(prefix="hutong-manual-")
    clone(place)
    environment = {key: value for key, value in os.environ.items() if not re.match("LC_|LANG|HUTONG_CONFIG", key)}
    environment["LANG"] = "zh_CN.UTF-8" if "zh-CN" in page else "C.UTF-8"
    path = "export PATH=$PWD/build/release/bin:$PATH\n"
    before = [path + blocks(FIRST_BILL[page])[0].replace("hutong down\n", "")] if page in FIRST_BILL else []
    try:
        for text in before + [path + each for each in blocks(page)]:
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=place, env=environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
            check(done.returncode == 0, "%s: exit code %d of\n%s\n%s%s" % (page, done.returncode, text, done.stdout[-2000:].decode("utf-8", "replace"), done.stderr[-2000:].decode("utf-8", "replace")))
            said = done.stdout.decode()
            if "explain" in text:
                check("15895.00" in said, "%s: the first bill is not explained: %s" % (page, said))
                check(("统筹基金支付" in said) == ("zh-CN" in page), "%s: in another language: %s" % (page, said))
    finally:
        subprocess.run(["bash", "-c", path + "for each in hutong-data fresh; do hutong --config $each/hutong.yaml down; done"], cwd=place,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    started = time.time()
    if not own_network():
        print("skipped: no network of its own may be had here")
        sys.exit(77)
    pages = sys.argv[1:] or [page for pair in PAIRS for page in pair]
    for each in pages:
        check(len(blocks(each)) > 0, "%s: nothing to run" % each)
        run(each)
        print("%s: %d blocks, %.1f s" % (each, len(blocks(each)), time.time() - started))
    print("passed in %.1f s" % (time.time() - started))
