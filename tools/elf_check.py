# SPDX-License-Identifier: Apache-2.0
"""Protections of compiler and linker, read from the built files. What leaves no mark in them (stack clash) is looked for
among the commands that made them. Called by CTest.

  elf_check.py check BUILD    every program and library of BUILD that is installed
  elf_check.py self-test      a program that was made without them lacks every one"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

COMMANDS = ("-fstack-clash-protection", "-D_FORTIFY_SOURCE=3", "-fstack-protector-strong")
MARKS = {"X86-64": ("-fcf-protection=full", bytes.fromhex("f30f1efa")), "AArch64": ("-mbranch-protection=standard", None)}  # endbr64


def readelf(what, path):
    return subprocess.run(["readelf", "-W", what, path], stdout=subprocess.PIPE, check=True).stdout.decode()


def first_bytes(path, segments, symbols, names):
    """Of the first function that is there by one of the names."""
    for name in names:
        found = re.search(r"^ *\d+: ([0-9a-f]+) +\d+ FUNC .* %s$" % name, symbols, re.M)
        if found:
            address = int(found.group(1), 16)
            for offset, start, size in re.findall(r"^ *LOAD +0x([0-9a-f]+) 0x([0-9a-f]+) 0x[0-9a-f]+ 0x([0-9a-f]+)", segments, re.M):
                inside = address - int(start, 16)
                if 0 <= inside < int(size, 16):
                    with open(path, "rb") as file:
                        file.seek(int(offset, 16) + inside)
                        return file.read(4)
    return b""


def lacks(path):
    head, segments, dynamic, symbols = (readelf(each, path) for each in ("-h", "-l", "-d", "-s"))
    machine = next((each for each in MARKS if each in head), None)
    flags = " ".join(re.findall(r"\((?:FLAGS|FLAGS_1|BIND_NOW)\)(.*)", dynamic))
    library = ".so" in os.path.basename(path)
    if "Type:                              DYN" not in head or not library and "PIE" not in flags:
        yield "position-independent code"
    if "GNU_RELRO" not in segments:
        yield "RELRO"
    if not re.search(r"\bNOW\b|BIND_NOW", flags):
        yield "binding at start (full RELRO)"
    if not re.search(r"GNU_STACK .* RW +0x", segments):
        yield "a stack that is not executed"
    if re.search(r"LOAD .* RWE +0x", segments) or "TEXTREL" in dynamic:
        yield "memory either written or executed"
    if "__stack_chk_fail" not in symbols:
        yield "stack protector"
    if not re.search(r"UND __\w+_chk(?:@| |$)", symbols.replace("__stack_chk_fail", ""), re.M):
        yield "fortified functions"
    mark = MARKS[machine][1] if machine else None
    if mark and first_bytes(path, segments, symbols, ("main", "ht_open")) != mark:
        yield "marked targets of branches (CET)"


def unnamed(paths):
    """Libraries that a program needs and docs/DEPENDENCIES.md does not name. LMDB is linked as an archive."""
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    page = open(os.path.join(root, "docs/DEPENDENCIES.md"), encoding="utf-8").read()
    for path in paths:
        for name in re.findall(r"\(NEEDED\).*\[(lib[^\]]*|[^\]]*)\]", readelf("-d", path)):
            stem = re.sub(r"(-[\d.]+)?\.so.*", "", name)
            if stem not in ("libc", "libm", "libhutong", "ld-linux-x86-64", "ld-linux-aarch64") and not re.search(r"\b%s" % re.escape(stem), page):
                yield "%s needs %s, which docs/DEPENDENCIES.md does not name" % (path, name)


def check(build):
    paths = glob.glob(os.path.join(build, "bin/hutong")) + glob.glob(os.path.join(build, "bin/hutong-*")) + glob.glob(os.path.join(build, "**/libhutong.so"), recursive=True)
    if len(paths) < 8:
        yield "%s: only %d files to look at" % (build, len(paths))
    for path in sorted(paths):
        for each in lacks(path):
            yield "%s lacks: %s" % (path, each)
    yield from unnamed(sorted(paths))
    wanted = COMMANDS + tuple(flag for machine, (flag, _) in MARKS.items() if machine.lower().replace("-", "_") == os.uname().machine.lower())
    root = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    for row in json.load(open(os.path.join(build, "compile_commands.json"))):
        for flag in wanted:
            if flag not in row["command"] and re.match(re.escape(root) + "/(common|broker|services|tools)/", row["file"]):
                yield "%s is compiled without %s" % (row["file"], flag)


def self_test():
    with tempfile.TemporaryDirectory() as place:
        source, bad, good = (os.path.join(place, each) for each in ("bad.c", "bad", "good"))
        with open(source, "w") as file:
            file.write("#include <stdio.h>\n#include <string.h>\nint main(int argc, char **argv) { char text[64]; strncpy(text, argv[0], (size_t)argc * 8);\n"
                       "text[63] = 0; return printf(\"%s\", text) < 0; }\n")
        subprocess.run(["gcc", "-O2", "-w", "-U_FORTIFY_SOURCE", "-fno-stack-protector", "-fcf-protection=none", "-fno-pie", "-no-pie", "-Wl,-z,norelro,-z,lazy,-z,execstack",
                        "-o", bad, source], check=True)
        missed = {"position-independent code", "RELRO", "binding at start (full RELRO)", "a stack that is not executed", "stack protector", "fortified functions",
                  "marked targets of branches (CET)"} - set(lacks(bad)) - (set() if os.uname().machine == "x86_64" else {"marked targets of branches (CET)"})
        for each in sorted(missed):
            yield "self-test: %s is lacking, and nobody sees it" % each
        subprocess.run(["gcc", "-O2", "-w", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=3", "-fstack-protector-all", "-fcf-protection=full" if os.uname().machine == "x86_64" else "-O2", "-fPIE", "-pie",
                        "-Wl,-z,relro,-z,now,-z,noexecstack", "-o", good, source], check=True)
        for each in lacks(good):
            yield "self-test: %s is there, and is not seen" % each


found = list(self_test() if sys.argv[1] == "self-test" else check(sys.argv[2]))
for each in found:
    print(each)
sys.exit(1 if found else 0)
