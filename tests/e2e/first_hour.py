#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The first hour of a new operator: docs/FIRST-HOUR.md, every command as it is written, in one shell, in both languages' pages. A block
```shown holds lines that the block before it prints (of each its words, in their order, within one line); a block whose last line says
`# exit code N` (or `N or M`) ends so, any other with 0."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import manuals
from exchange import ROOT, Failed, check

PAGES = ("docs/FIRST-HOUR.md", "docs/FIRST-HOUR.zh-CN.md")
END = "---- end of block"


def blocks(page):
    """[command, what it prints, its line]"""
    found, kind = [], None
    with open(os.path.join(ROOT, page), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            fence = re.match(r"```(.*)$", line)
            if fence and kind is None:
                kind = fence.group(1)
                if kind == "":
                    found.append(["", [], number + 1])
            elif fence:
                kind = None
            elif kind == "":
                found[-1][0] += line
            elif kind == "shown":
                found[-1][1].append(line.split())
    return found


def script(page):
    text = "set -u\n"
    for command, _, _ in blocks(page):
        code = re.search(r"# (?:exit code|退出码) (\d+)(?: (?:or|或) (\d+))?\n$", command)
        text += ("set +e\n%scode=$?\nset -e\n[[ $code = [%s%s] ]]\n" % (command, code.group(1), code.group(2) or "") if code else "set -e\n" + command) + "echo '%s'; echo '%s' >&2\n" % (END, END)
    return text


def shows(words, printed):
    return any(re.search(".*".join(map(re.escape, words)), line) for line in printed.splitlines())


def run(page, language):
    place, started = tempfile.mkdtemp(prefix="hutong-first-hour-"), time.time()
    manuals.clone(place)
    environment = {key: value for key, value in os.environ.items() if not re.match("LC_|LANG|HUTONG_", key)}
    environment.update(LANG=language, HUTONG_BY="li")
    done = None
    try:
        done = subprocess.run(["bash", "-c", script(page)], cwd=place, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=250)
        printed, said = (each.decode("utf-8", "replace").split(END) for each in (done.stdout, done.stderr))
        for at, (command, wanted, line) in enumerate(blocks(page)):
            check(at + 1 < len(printed), "%s:%d: this ended with code %d:\n%s%s\n%s" % (page, line, done.returncode, command, printed[-1][-3000:], said[-1][-3000:]))
            for words in wanted:
                check(shows(words, printed[at] + said[at]), "%s:%d: %s was not shown by\n%s%s\n%s" % (page, line, " ".join(words), command, printed[at][-3000:], said[at][-3000:]))
    finally:
        if os.environ.get("HUTONG_SHOW") and done:
            print(done.stdout.decode(), done.stderr.decode())
        stop = "for each in hutong-data proof rehearsal; do build/release/bin/hutong --config $each/hutong.yaml down --unrecorded; done"
        subprocess.run(["bash", "-c", stop], cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
        shutil.rmtree(place, ignore_errors=True)
    print("%s: %d blocks, %.1f s" % (page, len(blocks(page)), time.time() - started))


def alone(page):
    """In a network of its own: the ports are the page's."""
    if not manuals.own_network():
        print("skipped: no network of its own may be had here")
        return 77
    try:
        run(page, "zh_CN.UTF-8" if "zh-CN" in page else "C.UTF-8")
    except Failed as failure:
        print("FAILED: %s" % failure, file=sys.stderr)
        return 1
    return 0


def main(pages):
    if shutil.which("prometheus") is None:
        print("skipped: prometheus is not installed (scripts/install-deps)")
        return 77
    if len(pages) == 1:
        return alone(pages[0])
    running = [subprocess.Popen([sys.executable, os.path.abspath(__file__), page]) for page in pages]
    return max(each.wait() for each in running)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or PAGES))
