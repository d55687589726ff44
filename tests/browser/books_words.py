# SPDX-License-Identifier: Apache-2.0
"""The screens' words for what the books number and name are those of the exchange's own tables."""
import json
import os
import re
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
STRINGS = r'"([^"]*)",\s*"([^"]*)"\)'
TABLES = (  # words, table, row, how its key begins
    ("clearing", "common/engines/reconcile/difference.def", r"DIFFERENCE\(\w+, \w+, (\d+), " + STRINGS, "difference_"),
    ("clearing", "services/books/open_reason.def", r"OPEN_REASON\(\w+, (\d+), " + STRINGS, "reason_"),
    ("institutions", "services/books/flag.def", r'FLAG\(\w+, "([^"]*)", ' + STRINGS, "flag_"),
)


def main():
    wrong = []
    for name, path, row, begins in TABLES:
        with open(os.path.join(ROOT, "web/words/%s.json" % name)) as file:
            words = json.load(file)
        with open(os.path.join(ROOT, path)) as file:
            rows = re.findall(row, file.read())
        if not rows:
            wrong.append("%s: no row is read" % path)
        for key, zh, en in rows:
            key = begins + re.sub(r"[ -]", "_", key)
            if words.get(key) != {"zh": zh, "en": en}:
                wrong.append("web/words/%s.json: %s is not what %s says: %s, %s" % (name, key, path, zh, en))
    print("\n".join(wrong) or "the books' words are those of their tables")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
