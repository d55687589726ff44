# SPDX-License-Identifier: Apache-2.0
"""The messages and the texts of the rules are made while building, of the schema and of rule.def: of $HUTONG_SOURCE, or of the tree
that this directory lies in. Needs protoc."""
import os
import re
import subprocess

from setuptools import setup
from setuptools.command.build_py import build_py

SOURCE = os.environ.get("HUTONG_SOURCE") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
STRING = r'((?:"(?:\\.|[^"\\])*"\s*)+)'
RULE = re.compile(r'^RULE\((\d+),\s*"([A-Z]+-\d+)",\s*\w+,\s*\w+,\s*(true|false),\s*' + r",\s*".join([STRING] * 5) + r"\)", re.M)


def text(literal):
    return "".join(re.findall(r'"((?:\\.|[^"\\])*)"', literal)).replace('\\"', '"')


def rules():
    with open(os.path.join(SOURCE, "common/codes/rule.def"), encoding="utf-8") as file:
        table = file.read()
    rows = [(code, (int(number), retry == "true", *map(text, texts)))
            for number, code, retry, _, *texts in RULE.findall(table)]
    if len(rows) != len(re.findall(r"^RULE\(\d", table, re.M)):
        raise SystemExit("rule.def: a row that is not understood")
    lines = ["    %r: %r,\n" % row for row in rows]
    return "# code: number, the same bytes can pass later, zh, en, remedy zh, remedy en\nRULES = {\n%s}\n" % "".join(lines)


class Build(build_py):
    def run(self):
        super().run()
        proto, there = os.path.join(SOURCE, "proto"), os.path.join(self.build_lib, "hutong", "v1")
        os.makedirs(there, exist_ok=True)
        names = ["hutong/v1/" + each for each in sorted(os.listdir(os.path.join(proto, "hutong/v1"))) if each.endswith(".proto")]
        subprocess.run(["protoc", "-I", proto, "--python_out", self.build_lib, "--pyi_out", self.build_lib, *names], check=True)
        with open(os.path.join(there, "__init__.py"), "w") as file:
            file.write('"""The schema, as protoc makes it."""\n')
        with open(os.path.join(self.build_lib, "hutong", "_rules.py"), "w", encoding="utf-8") as file:
            file.write(rules())


setup(cmdclass={"build_py": Build})
