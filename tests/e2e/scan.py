# SPDX-License-Identifier: Apache-2.0
"""Looks for persons in what an exchange leaves behind: identity numbers that it was given, and words (names, diagnoses), as they are, in
base64 and in hex. By hand, over any files or directories: scan.py --secrets FILE PATH..., a secret a line; exit code 1: found."""
import argparse
import base64
import glob
import os
import re
import subprocess
import sys

NUMBER = re.compile(rb"(?=(\d{17}[\dXx]))")
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){18,}")
ZSTD = b"\x28\xb5\x2f\xfd"


class Secrets:
    def __init__(self, numbers=(), words=()):
        self.numbers = {each.upper().encode() for each in numbers}
        self.words = [each.encode() for each in words]

    def add_envelopes(self, envelopes):
        """Of generated envelopes (hutong.v1.Envelope): numbers and diagnoses."""
        diagnoses = set()
        for each in envelopes:
            if each.person_id:
                self.numbers.add(each.person_id.upper().encode())
            if each.WhichOneof("body") in ("bill_settle", "bill_trial") and each.bill_settle.diagnosis + each.bill_trial.diagnosis:
                diagnoses.add((each.bill_settle.diagnosis or each.bill_trial.diagnosis).encode())
        self.words = sorted(set(self.words) | diagnoses)

    def found_in(self, data):
        """What of them stands there, plainly."""
        found = {each.upper() for each in NUMBER.findall(data)} & self.numbers
        return found | {word for word in self.words if word in data}

    def found_behind(self, data):
        """And in what is written as base64 or hex."""
        found = self.found_in(data)
        for run in BASE64.findall(data):
            for shift in range(4):  # the run may have begun with a word that is none of it
                part = run[shift:].translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
                found |= self.found_in(base64.b64decode(part[:len(part) // 4 * 4]))
        for run in HEX.findall(data):
            found |= self.found_in(bytes.fromhex(run.decode()))
        return found


def files(paths):
    for path in paths:
        if os.path.isdir(path):
            yield from (each for each in glob.glob(os.path.join(path, "**"), recursive=True) if os.path.isfile(each))
        elif os.path.exists(path):
            yield path


def contents(path):
    """A trace is looked through as it was before it was compressed."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] == ZSTD:
        return subprocess.run(["zstd", "-dc"], input=data, stdout=subprocess.PIPE, check=True).stdout
    return data


def scan(secrets, paths, texts=()):
    """Lines "where: what", of files below `paths` and of `texts`, pairs of a name and bytes."""
    lines = []
    for where, data in [(path, contents(path)) for path in files(paths)] + list(texts):
        for each in sorted(secrets.found_behind(data)):
            at = data.find(each)
            around = data[max(0, at - 80):at + 80] if at >= 0 else b"(encoded)"
            lines.append("%s: %s in %r" % (where, each.decode(), around))
    return lines


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="identity numbers and words in files")
    parser.add_argument("--secrets", required=True)
    parser.add_argument("paths", nargs="+")
    given = parser.parse_args()
    with open(given.secrets, encoding="utf-8") as file:
        all_of_them = [line.strip() for line in file if line.strip()]
    numbers = [each for each in all_of_them if re.fullmatch(r"\d{17}[\dXx]", each)]
    told = scan(Secrets(numbers, [each for each in all_of_them if each not in numbers]), given.paths)
    print("\n".join(told) or "nothing")
    sys.exit(1 if told else 0)
