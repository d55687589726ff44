# SPDX-License-Identifier: Apache-2.0
"""The rules of the house that a text can be asked about. Called by tools/tidy.

  tidy_rules.py rules ROOT            layers, foreign headers, banned words, licence lines, sizes of files (a ratchet),
                                      lengths of functions, widths of pages
  tidy_rules.py circles ROOT BUILD    modules (x.h, x_internal.h, x.c) that include or call each other in a ring: none
  tidy_rules.py self-test             each rule finds what it is for, and nothing in a clean file"""
import os
import re
import subprocess
import sys
import tempfile

# Who may include what stands below, by directory; the first prefix that fits decides.
LAYERS = [
    ("common/base", ["common/base"]),
    ("common/codes", ["common/base", "common/codes"]),
    ("common/pb", ["common/base", "common/codes", "common/pb", "hutong/v1"]),
    ("common/store", ["common/base", "common/pb", "common/store"]),
    ("common/engines/ledger", ["common/base", "common/codes", "common/pb", "common/store", "common/engines/ledger"]),
    ("common/engines/gazette", ["common/base", "common/codes", "common/pb", "common/store", "common/engines/gazette", "hutong/v1"]),
    ("common/engines/checked_file", ["common/base", "common/pb", "common/config/schema.h", "common/engines/checked_file/"]),
    ("common/engines/signing", ["common/base", "common/codes", "common/pb", "common/store", "common/sign", "common/bus/bus.h", "common/engines/signing"]),
    *[("common/engines/" + room, ["common/base", "common/codes", "common/pb", "common/config/schema.h", "common/engines/checked_file/", "common/engines/gazette/", "common/engines/" + room + "/"])
      for room in ("policy", "benefit", "transfer", "clearing_policy", "clearing", "reconcile", "advance", "tree")],
    ("common/bus", ["common/base", "common/pb", "common/bus", "common/net", "common/observe"]),
    ("common/secret", ["common/base", "common/secret"]),
    ("common/sign", ["common/base", "common/secret", "common/sign"]),
    ("common/net", ["common/base", "common/secret", "common/net", "common/observe"]),
    ("common/observe", ["common/base", "common/observe"]),
    ("common/http", ["common/base", "common/observe", "common/http"]),
    ("common/config", ["common/base", "common/config"]),
    ("common/client", ["common/base", "common/codes", "common/pb", "common/net", "common/sign", "common/engines/signing/tree_signer.h", "common/client"]),
    ("common/runtime", ["common/"]),
    ("broker", ["common/", "broker/"]),
    ("services/settlement", ["common/", "services/settlement"]),
    ("services/books/keep", ["common/", "services/books/keep", "services/books/open_reason.def"]),
    ("services/books/decide", ["common/", "services/books/keep", "services/books/decide"]),
    ("services/books/ask", ["common/", "services/books/keep", "services/books/decide", "services/books/ask", "services/books/flag.def"]),
    ("services/books", ["common/", "services/books"]),
    ("services/validation", ["common/", "services/validation"]),
    ("services/mailbox", ["common/", "services/mailbox", "services/ingest/request.h", "services/ingest/party_counts.h", "services/ingest/durable_end.h"]),
    ("services/ingest", ["common/", "services/ingest"]),
    ("services/audit", ["common/", "services/audit"]),
]
FOREIGN = {  # header -> the rooms and modules that may include it
    r"czmq\.h|zmq\.h": ("common/net", "tests", "bench"),
    r"lmdb\.h": ("common/store", "broker", "tests", "bench"),
    r"microhttpd\.h": ("common/http",),
    r"jansson\.h": ("common/pb", "tools", "bench", "tests"),
    r"yaml\.h": ("common/config",),
    r"curl/.*": ("services/audit",),
    r"seccomp\.h": ("common/runtime/confine",),
    r"openssl/.*": ("common/base", "common/pb", "common/sign", "bench", "tests"),
    r"hutong/v1/.*\.pb-c\.h|hutong/v1/messages_internal\.h": ("common/pb", "bench", "docs/clients"),
}
BANNED = [  # what, why, where not
    (r"\bgoto\b", "goto", ()),
    (r"\b(sprintf|vsprintf|strcpy|strcat|strtok|gets|atoi|atol|atoll|alloca)\s*\(", "an unbounded or unchecked function", ("bench", "tests")),
    (r"(?<![_\w])assert\s*\(", "libc's assert: NDEBUG deletes it; PRE, POST, INVARIANT", ("tests",)),
    # json.c: what the JSON library makes of 2e5, taken where it is whole and exact.
    (r"\b(float|double)\b", "floating point", ("bench", "tests", "tools/cmd_trace.c", "tools/cli.c", "common/observe/metrics.c", "common/pb/json.c")),
    (r"\b(TODO|FIXME|XXX)\b", "a note to oneself", ()),
]
SIZE_MAX = 500
CIRCLES_LEFT = ()  # to be opened; may only shrink
FUNCTION_LINES_MAX = 70
PAGE_WIDTH_MAX = 160
CODE_WIDTH_MAX = 120  # clang-format leaves comments as they are


def without_comments(text):
    """Comments and literals blanked, lines kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0)) if match.group(0).startswith("/") else '""'
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def includes(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if not found:
            continue
        name = found.group(2)
        for pattern, places in FOREIGN.items():
            if re.fullmatch(pattern, name) and not path.startswith(tuple(each + end for each in places for end in "/.")):
                yield number, "%s is for %s alone" % (name, ", ".join(places))
        if found.group(1) != '"' or name.endswith(".inc"): # generated while building
            continue
        if not re.match(r"(common|services|broker|tools|tests|bench|hutong)/", name):
            yield number, "%s: includes are written from the root" % name
        if name == "hutong/v1/messages.h":  # the schema: everybody's
            continue
        for place, allowed in LAYERS:
            if path.startswith(place + "/"):
                is_main = re.search(r"/(main|[a-z]+)\.c$", path) and path.endswith("main.c")
                if not is_main and not name.startswith(tuple(allowed)):
                    yield number, "%s stands above %s" % (name, place)
                break


def long_functions(text):
    """Line and length of each; the layout puts a function's braces, and no other's, into the first column."""
    lines, begin = text.splitlines(), 0
    for number, line in enumerate(lines, 1):
        if line == "{":
            begin = number
        elif line == "}" and begin > 0:
            if number - begin + 1 > FUNCTION_LINES_MAX:
                yield begin, number - begin + 1
            begin = 0


def wide_lines(text):
    """Rows of tables and lines of code blocks cannot be wrapped and are spared."""
    block = False
    for number, line in enumerate(text.splitlines(), 1):
        block ^= line.lstrip().startswith("```")
        if len(line) > PAGE_WIDTH_MAX and not block and not line.startswith("|"):
            yield number, len(line)


def english_alone(path, text):
    """What a command says to people is said in Chinese too: said(zh, en), or a text with both. A shell's text, for completion, is no saying."""
    if not re.match(r"tools/[^/]*\.c$", path):
        return
    for found in re.finditer(r'\b(?:complain|printf|fputs)\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', text):
        words = re.sub(r"%[-+.0-9*]*[a-z]+|\\.|--[a-z-]+|hutong", "", found.group(1))
        if re.search("[A-Za-z]{2,} [a-z]{2,}", words) and not re.search("[\u4e00-\u9fff$]", words):
            yield text.count("\n", 0, found.start()) + 1, found.group(1).strip()[:60]


def rules(root, paths):
    ratchet = {}
    ratchet_path = os.path.join(root, "tools/tidy_ratchet")
    if os.path.exists(ratchet_path):
        for line in open(ratchet_path):
            if line.strip() and not line.startswith("#"):
                lines, name = line.split()
                ratchet[name] = int(lines)
    findings = []
    for path in paths:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = file.read()
        head = "\n".join(text.splitlines()[:3])
        source = path.endswith((".c", ".h", ".proto", ".py", ".sh", ".awk")) or path.startswith("scripts/")
        if source and not path.startswith(("data/", ".")) and "SPDX-License-Identifier: Apache-2.0" not in head:
            findings.append("%s:1: no licence line" % path)
        if path.endswith(".md"):
            findings += ["%s:%d: %d characters wide: wrap it at %d" % (path, *each, PAGE_WIDTH_MAX) for each in wide_lines(text)]
        if not path.endswith((".c", ".h")):
            continue
        findings += ["%s:%d: a function of %d lines: cut it at %d" % (path, *each, FUNCTION_LINES_MAX) for each in long_functions(text)]
        findings += ["%s:%d: %s" % (path, number, what) for number, what in includes(path, text)]
        findings += ["%s:%d: said in English alone: %s" % (path, *each) for each in english_alone(path, text)]
        findings += ["%s:%d: wider than %d" % (path, number, CODE_WIDTH_MAX) for number, line in enumerate(text.splitlines(), 1)
                     if len(line) > CODE_WIDTH_MAX]
        for number, line in enumerate(without_comments(text).splitlines(), 1):
            for pattern, what, spared in BANNED:
                if re.search(pattern, line) and not path.startswith(spared):
                    findings.append("%s:%d: %s" % (path, number, what))
        count = text.count("\n")
        most = max(SIZE_MAX, ratchet.get(path, 0))
        if count > most:
            findings.append("%s:%d: longer than %d lines: cut it (tools/tidy_ratchet may only shrink)" % (path, count, most))
    return findings


def symbols(path, flag):
    said = subprocess.run(["nm", flag, path], stdout=subprocess.PIPE, check=True).stdout.decode()
    return {line.split()[-1].split("@")[0] for line in said.splitlines() if line.strip()}


def module_of(path):
    return re.sub(r"(_internal)?\.[ch]$", "", path)


def include_edges(path, text):
    return {(module_of(path), module_of(name)) for name in re.findall(r'^\s*#\s*include\s*"([^"]+\.h)"', text, re.M)}


def call_edges(defined, wanted):
    """Who needs a symbol that another module has; of several that have it, the one in the same room."""
    edges = set()
    for module, names in wanted.items():
        for name in names:
            owners = defined.get(name, set())
            near = {each for each in owners if os.path.dirname(each) == os.path.dirname(module)}
            edges |= {(module, each) for each in (near or owners)}
    return edges


def rings(edges):
    """Sets of nodes that reach each other."""
    onward = {}
    for one, other in edges:
        if one != other:
            onward.setdefault(one, set()).add(other)
    reached = {}
    for start in onward:
        reached[start], left = set(), [start]
        while left:
            fresh = onward.get(left.pop(), set()) - reached[start]
            reached[start] |= fresh
            left += fresh
    return {frozenset(other for other in reached[one] if one in reached.get(other, ())) for one in reached if one in reached[one]}


def circles(root, build, paths):
    edges, defined, wanted = set(), {}, {}
    paths = [path for path in paths if re.match(r"(common|broker|services|tools)/.*\.[ch]$", path)]
    modules = {module_of(path) for path in paths}
    for path in paths:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            edges |= include_edges(path, file.read())
    for path in (os.path.join(top, name) for top, _, names in os.walk(build) for name in names if name.endswith(".c.o")):
        module = module_of(re.sub(r"CMakeFiles/[^/]+\.dir/", "", os.path.relpath(path, build))[:-2])
        if module in modules:
            wanted.setdefault(module, set()).update(symbols(path, "-u"))
            for name in symbols(path, "--defined-only"):
                defined.setdefault(name, set()).add(module)
    if len(wanted) < 100:
        return ["%s holds only %d modules: build it first" % (build, len(wanted))]
    found = rings(edges | call_edges(defined, wanted))
    return ["a circle: " + ", ".join(sorted(ring)) for ring in found if not all(each.startswith(CIRCLES_LEFT) for each in ring)]


def self_test():
    licence = "/* SPDX-License-Identifier: Apache-2.0 */\n"
    cases = [  # path, text, what must be found ("" : nothing)
        ("common/base/a.c", licence + '#include "common/base/span.h"\n/* goto, double, TODO */\nconst char *a = "goto";\n', ""),
        ("common/base/a.c", "int a;\n", "no licence line"),
        ("common/base/a.c", licence + '#include "common/codes/rule.h"\n', "stands above"),
        ("common/base/a.c", licence + '#include "span.h"\n', "from the root"),
        ("services/audit/a.c", licence + "#include <zmq.h>\n", "zmq.h is for"),
        ("services/audit/a.c", licence + '#include "services/ingest/ids.h"\n', "stands above"),
        ("broker/a.c", licence + "void f(void) { goto end; }\n", "goto"),
        ("broker/a.c", licence + "void f(char *a) { strcpy(a, a); }\n", "unbounded"),
        ("broker/a.c", licence + "void f(int a) { assert(a); }\n", "assert"),
        ("broker/a.c", licence + "_Static_assert(1, \"\");\n", ""),
        ("broker/a.c", licence + "double money;\n", "floating"),
        ("broker/a.c", licence + "int TODO;\n", "note"),
        ("broker/a.c", licence + "int a;\n" * (SIZE_MAX + 1), "longer than"),
        ("broker/a.c", licence + "int f(void)\n{\n" + "    a++;\n" * (FUNCTION_LINES_MAX - 2) + "}\n", ""),
        ("broker/a.c", licence + "int f(void)\n{\n" + "    a++;\n" * (FUNCTION_LINES_MAX - 1) + "}\n", "a function of"),
        ("broker/a.c", licence + "/* " + "a" * CODE_WIDTH_MAX + " */\n", "wider than"),
        ("tools/a.c", licence + 'void f(void) { complain("%s: there is none", a); }\n', "English alone"),
        ("tools/a.c", licence + 'void f(void) { (void)printf("%s %s\\n" "it is late", a); }\n', "English alone"),
        ("tools/a.c", licence + 'void f(void) { complain(said("没有", "there is none")); complain("%s: %s", a, b); }\n', ""),
        ("docs/A.md", "a" * (PAGE_WIDTH_MAX + 1) + "\n", "wide"),
        ("docs/A.md", "| " + "a" * PAGE_WIDTH_MAX + "\n```\n" + "a" * PAGE_WIDTH_MAX + "b\n```\n" + "a" * PAGE_WIDTH_MAX + "\n", ""),
    ]
    failed = 0
    for path, text, wanted in cases:
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, os.path.dirname(path)))
            with open(os.path.join(root, path), "w") as file:
                file.write(text)
            found = rules(root, [path])
        if (wanted == "") != (not found) or not any(wanted in each for each in found) and wanted:
            print("self-test: %r in %s: wanted %r, found %s" % (text[:80], path, wanted, found))
            failed += 1
    for edges, wanted in (
        ({("a", "b"), ("b", "c"), ("a", "c"), ("c", "c")}, set()),
        ({("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")}, {frozenset("abc")}),
        ({("a", "b"), ("b", "a"), ("c", "d"), ("d", "c"), ("a", "c")}, {frozenset("ab"), frozenset("cd")}),
        (include_edges("r/core.c", '#include "r/part.h"\n') | include_edges("r/part_internal.h", '# include "r/core.h"\n'), {frozenset(("r/core", "r/part"))}),
        (include_edges("r/a.c", '// "r/b.h"\n#include <c.h>\n#include "r/d.h"\n'), set()),
        (call_edges({"f": {"r/core"}, "g": {"r/part", "q/part"}}, {"r/part": {"f"}, "r/core": {"g"}}), {frozenset(("r/core", "r/part"))}),
    ):
        if rings(edges) != wanted:
            print("self-test: rings of %s" % edges)
            failed += 1
    return failed


def main(words):
    if words[0] == "self-test":
        sys.exit(1 if self_test() else 0)
    root = words[1]
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, stdout=subprocess.PIPE, check=True).stdout.decode().split("\0")
    paths = [each for each in listed if each.endswith((".c", ".h", ".proto", ".py", ".sh", ".awk", ".md")) or each.startswith("scripts/")]
    paths = [each for each in paths if os.path.exists(os.path.join(root, each))]
    findings = rules(root, paths) if words[0] == "rules" else circles(root, words[2], paths)
    for each in findings:
        print(each)
    sys.exit(1 if findings else 0)


main(sys.argv[1:])
