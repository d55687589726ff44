# SPDX-License-Identifier: Apache-2.0
"""What a machine can check of the pages: links and their anchors, commands and their options, codes of refusals, sources of
rules, limits. Called by tools/tidy and by CTest.

  tidy_docs.py check [HUTONG]    HUTONG: the tool itself, asked for its help (build/release/bin/hutong unless named)
  tidy_docs.py self-test         each check finds a page that was made false"""
import csv
import os
import re
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
QUOTED = [  # bound, where it stands, page, how the page says it
    ("ENVELOPE_SIZE_MAX", "common/base/limits.h", "docs/PROTOCOL.md", "at most {:,} |"),
    ("SUBMIT_ENVELOPES_MAX", "common/base/limits.h", "docs/PROTOCOL.md", "1 to {:,} encoded envelopes"),
    ("MAILBOX_PAGE_RECORDS_MAX", "common/base/limits.h", "docs/PROTOCOL.md", "`count_max` 0 means {:,}"),
    ("MAILBOX_WAIT_MS_MAX", "common/base/limits.h", "docs/PROTOCOL.md", "`wait_ms` up to {:,}"),
    ("BOOKS_PAGE_ROWS_MAX", "common/base/limits.h", "docs/PROTOCOL.md", "at most {:,};"),
    ("WIRE_DEPTH_MAX", "common/base/limits.h", "docs/PROTOCOL.md", "nesting at most {} deep"),
    ("WIRE_UNKNOWN_FIELDS_MAX", "common/base/limits.h", "docs/PROTOCOL.md", "at most {} fields whose number"),
    ("STREAM_NAME_SIZE_MAX", "common/base/limits.h", "docs/PROTOCOL-BUS.md", "(1 to {} bytes)"),
    ("BATCH_RECORDS_MAX", "common/base/limits.h", "docs/PROTOCOL-BUS.md", "or {:,} records"),
    ("DUE_ITEMS_MAX", "common/pb/outcome.h", "docs/PROTOCOL.md", "{:,} lines in `due`"),
    ("HEARTBEAT_TIMEOUT_MS", "common/net/socket.c", "docs/PROTOCOL.md", "silent for {0:.0f} s are dropped"),
    ("REMOTE_QUEUE_MESSAGES_MAX", "common/net/socket.c", "docs/PROTOCOL.md", "{} answers wait for a connection"),
    ("LOG_STREAMS_COUNT_MAX", "broker/stream_core.h", "docs/PROTOCOL-BUS.md", "at most {}."),
]


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def listed(*patterns):
    said = subprocess.run(("git", "ls-files", "-z") + patterns, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout.decode()
    return [each for each in said.split("\0") if each and os.path.exists(os.path.join(ROOT, each))]


def anchors(text):
    """As the pages' readers make them of headings: lower case, no punctuation, hyphens for blanks."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ +(.*)$", text, re.M)}


def links(pages):
    for page, text in pages.items():
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"https?:", target):
                continue
            path, _, anchor = target.partition("#")
            path = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
            if not os.path.exists(os.path.join(ROOT, path)):
                yield "%s: %s is not there" % (page, target)
            elif anchor and path in pages and anchor not in anchors(pages[path]):
                yield "%s: %s: no such heading" % (page, target)


def commands(pages, tool):
    known = set(re.findall(r"COMMAND\((\w+)\)", read("tools/command.def")))
    for page, text in pages.items():
        for word in re.findall(r"(?:`|^|\| )hutong (?:--as \S+ |--json )*([a-z]+)", text, re.M):
            if word not in known:
                yield "%s: there is no `hutong %s`" % (page, word)
    for page in ("docs/CLI.md", "docs/CLI.zh-CN.md"):
        manual = pages[page]
        for command in sorted(known):
            if not re.search(r"`hutong (--as \S+ )?%s\b|^### (\w+, )*%s\b" % (command, command), manual, re.M):
                yield "%s: says nothing of %s" % (page, command)
            if os.path.exists(tool):
                usage = subprocess.run([tool, command, "--help"], stdout=subprocess.PIPE, check=True).stdout.decode()
                for option in sorted(set(re.findall(r"^  (--[a-z][a-z-]+)", usage, re.M))):
                    if not re.search(re.escape(option) + r"(?![a-z-])", manual):
                        yield "%s: %s of %s is not told" % (page, option, command)


def shape(text):
    """What a page and its translation share: headings, rows with what they name as code, blocks but for their remarks. What is shown rather
    than said is in the page's language."""
    found, tag, parts = [], None, set()
    for line in text.split("\n"):
        fence = re.match(r" *```(.*)$", line)
        if fence:
            tag = fence.group(1) if tag is None else None
            found.append("```" + (tag or ""))
        elif tag == "":
            found.append(re.sub(r"\s+# .*| '[^']*'", "", line).rstrip())
        elif tag is None and re.match("#+ ", line):
            found.append(line.split(" ")[0])
        elif tag is None and line.startswith("|"):
            found.append("|" + " ".join(sorted(set(re.findall(r"`(.*?)`", line.split("|")[1])))))
    parts = sorted(set(re.findall(r"`([^`\n]*--[a-z][^`\n]*|hutong [^`\n]*)`", text)))
    return found + [re.sub(r"'[^']*'", "", each) for each in parts]


def twins(pages):
    for page, text in pages.items():
        if page.endswith(".zh-CN.md"):
            other = page.replace(".zh-CN.md", ".md")
            here, there = shape(text), shape(pages[other])
            for line in sorted(set(here) ^ set(there)) or (["the order"] if here != there else []):
                yield "%s and %s differ: %s" % (other, page, line)


def codes(pages):
    known = set(re.findall(r'RULE\(\d+, "([A-Z]{3}-\d{4})"', read("common/codes/rule.def")))
    for page, text in pages.items():
        for code in sorted(set(re.findall(r"\b(?:ENV|IDN|AUT|REF|BIL|FIL|TR[PMU]|BOK|CLR|PRI|SYS)-\d{4}\b", text)) - known):
            yield "%s: there is no %s" % (page, code)


def source_is_there(source, pages, documents):
    page = re.match(r"(docs/[\w-]+\.md)(?:#([\w-]+))?", source)
    if page:
        return page.group(1) in pages and (page.group(2) is None or page.group(2) in anchors(pages[page.group(1)]))
    return os.path.exists(os.path.join(ROOT, source)) or source == "M" or any(source.startswith(each) for each in documents)


def sources(pages):
    """`M`: a row of a table that says itself, in its heading or its page, why."""
    documents = [row.strip() for row in re.findall(r"^\| ([^|]+) \|", pages["docs/SOURCES.md"].split("## Documents")[1].split("\n## ")[0], re.M)]
    cited = {each: "rule.def" for each in re.findall(r'RULE\([^"]*"[^"]*"[^"]*"([^"]*)"', read("common/codes/rule.def"))}
    for path in listed("*.def"):
        if "transfer" in path:
            cited.update({each: path for each in re.findall(r'^STEP\([A-Z].*"([^"]*)"\)$', read(path), re.M) if re.search(r"〔|^M$", each)})
    for path in listed("data/gazette/transfer_parameters.csv", "data/gazette/unemployment_standard.*.csv"):
        cited.update({row["source"]: path for row in csv.DictReader(read(path).splitlines())})
    for source, path in sorted(cited.items()):
        if path == "rule.def" and source == "M" or not source_is_there(source.split(";")[0], pages, documents):
            yield "%s: %s: docs/SOURCES.md does not know it" % (path, source)


def value_of(name, text, known):
    """The constant's value, as C would reckon it without the preset `tiny`."""
    found = re.search(r"\b%s\s*=\s*((?:[^,}(]|\([^)]*\))+)" % name, re.sub(r"/\*.*?\*/", "", text, flags=re.S))
    expression = re.sub(r"LIMIT\(([^,]+),[^)]*\)", r"(\1)", found.group(1))
    return eval(re.sub(r"\b[A-Z][A-Z0-9_]+\b", lambda each: str(value_of(each.group(0), known, known)), expression.strip()), {})


def limits(pages):
    shared = read("common/base/limits.h")
    for name, path, page, text in QUOTED:
        value = value_of(name, read(path), shared)
        said = text.format(value / 1000 if name.endswith("_MS") else value)
        if said not in " ".join(pages[page].split()):
            yield "%s: %s is %s (%s), and the page does not say \"%s\"" % (page, name, value, path, said)


# Tests of docs/SECURITY.md that other parts of the work bring: a name leaves this list when its file comes, or tidy says so.
EXPECTED = ()


def scenarios(pages):
    """Each scenario names tests, and they are there."""
    rows = pages["docs/SECURITY.md"].split("## Scenarios")[1].split("\n## ")[0].strip().split("\n")[2:]
    for row in rows:
        scenario, *_, shown = [each.strip() for each in row.strip("|").split("|")]
        tests = re.findall(r"`((?:tests|tools)/[^`]*)`", shown)
        if not tests:
            yield "docs/SECURITY.md: nothing shows \"%s\"" % scenario
        for each in tests:
            if not os.path.exists(os.path.join(ROOT, each)) and each not in EXPECTED:
                yield "docs/SECURITY.md: %s is not there (\"%s\")" % (each, scenario)
    for each in EXPECTED:
        if os.path.exists(os.path.join(ROOT, each)):
            yield "tools/tidy_docs.py: %s is there: take it off EXPECTED" % each


def numbers_of_failures(pages):
    """L4, D10, ...: of a list that operators do not have."""
    number = r"\((?:FAILURES )?[LZPDTSAO]\d{1,2}(?:, [LZPDTSAO]\d{1,2})*\)"
    for page, text in pages.items():
        if page != "docs/TESTING.md" and re.search(number, text):
            yield "%s: %s" % (page, re.search(number, text).group(0))
    for path in listed("common/*.c", "broker/*.c", "services/*.c", "tools/*.c", "docker/*"):
        for text in re.findall(r'"(?:[^"\\\n]|\\.)*"', read(path)) if path.endswith(".c") else [read(path)]:
            if re.search(number, text):
                yield "%s: %s" % (path, text[:80])


def findings_of(pages, tool):
    found = [each for check in (links, codes, sources, limits, numbers_of_failures, scenarios, twins) for each in check(pages)]
    return found + list(commands(pages, tool))


def self_test(pages):
    lies = [("docs/CLI.md", "hutong trim POSITION", "hutong trimm POSITION"), ("docs/CLI.md", "### digest", "### digests"),
            ("docs/CLI.md", "(#up-down)", "(#up-and-down)"), ("README.md", "(docs/CLI.md)", "(docs/CLIENT.md)"),
            ("docs/PROTOCOL.md", "AUT-0003", "AUT-0903"), ("docs/PROTOCOL.md", "524,288", "524,287"), ("docs/PROTOCOL.md", "7 s are", "8 s are"),
            ("docs/OPERATING.md", "## Clocks", "## Clocks (T1)"), ("docs/SECURITY.md", "`tests/e2e/clock.py`", "`tests/e2e/clocks.py`"),
            ("docs/SECURITY.md", "`tests/e2e/clock.py`", "by looking"),
            ("docs/OPERATING.zh-CN.md", "hutong keys list", "hutong keys lists"), ("docs/CLI.zh-CN.md", "### digest", "#### digest"),
            ("README.zh-CN.md", "hutong status ", "hutong track "), ("docs/SOURCES.md", "### Reversals", "### Reversal"),
            ("docs/SOURCES.md", "### Payments", "### Payment"), ("docs/SOURCES.md", "| GB 11643-1999 |", "| GB 11643 of 1999 |")]
    for page, true, false in lies:
        if true not in pages[page] or not findings_of({**pages, page: pages[page].replace(true, false)}, ""):
            yield "self-test: %s: %s, and nobody sees it" % (page, false)


def main(words):
    pages = {path: read(path) for path in listed("*.md")}
    tool = words[1] if len(words) > 1 else os.path.join(ROOT, "build/release/bin/hutong")
    findings = list(self_test(pages)) if words[0] == "self-test" else findings_of(pages, tool)
    for each in findings:
        print(each)
    sys.exit(1 if findings else 0)


main(sys.argv[1:])
