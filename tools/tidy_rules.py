# SPDX-License-Identifier: Apache-2.0
"""The rules of the house that a text can be asked about, and the purity of the cores. Called by tools/tidy.

  tidy_rules.py rules ROOT            layers, foreign headers, banned words, licence lines, sizes (a ratchet)
  tidy_rules.py purity ROOT BUILD     object files of base, codes and cores: each undefined symbol is ours or on the list below
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
    ("common/bus", ["common/base", "common/pb", "common/bus", "common/net", "common/observe"]),
    ("common/net", ["common/base", "common/net", "common/observe"]),
    ("common/observe", ["common/base", "common/observe"]),
    ("common/http", ["common/base", "common/observe", "common/http"]),
    ("common/config", ["common/base", "common/config"]),
    ("common/client", ["common/base", "common/codes", "common/pb", "common/net", "common/client"]),
    ("common/runtime", ["common/"]),
    ("broker", ["common/", "broker/"]),
    ("services/settlement/benefit", ["common/base", "common/codes", "common/pb", "services/settlement/benefit"]),
    ("services/settlement/ledger", ["common/base", "common/codes", "common/pb", "common/store", "common/runtime/core.h", "services/settlement/ledger"]),
    ("services/settlement", ["common/", "services/settlement"]),
    ("services/books/reconcile", ["common/base", "common/codes", "common/pb", "services/books/reconcile"]),
    ("services/books/clearing", ["common/base", "common/codes", "common/pb", "services/books/clearing"]),
    ("services/books/advance", ["common/base", "common/codes", "common/pb", "services/books/advance"]),
    ("services/books/tree", ["common/base", "common/codes", "common/pb", "services/books/tree"]),
    ("services/books/policy", ["common/base", "common/codes", "common/config/schema.h", "common/pb", "services/books/policy"]),
    ("services/books", ["common/", "services/books", "services/settlement/ledger"]),
    ("services/validation", ["common/", "services/validation", "services/settlement/policy", "services/settlement/transfer", "services/books/policy"]),
    ("services/ingest", ["common/", "services/ingest"]),
    ("services/audit", ["common/", "services/audit"]),
]
FOREIGN = {  # header -> where it may be included
    r"czmq\.h|zmq\.h": ("common/net", "tests", "bench"),
    r"lmdb\.h": ("common/store", "broker", "tests", "bench"),
    r"microhttpd\.h": ("common/http",),
    r"jansson\.h": ("common/pb", "tools", "bench", "tests"),
    r"cyaml/.*|yaml\.h": ("common/config",),
    r"openssl/.*": ("common/base", "common/pb", "bench", "tests"),
    r"hutong/v1/.*": ("common/pb",),
}
BANNED = [  # what, why, where not
    (r"\bgoto\b", "goto", ()),
    (r"\b(sprintf|vsprintf|strcpy|strcat|strtok|gets|atoi|atol|atoll|alloca)\s*\(", "an unbounded or unchecked function", ("bench", "tests")),
    (r"(?<![_\w])assert\s*\(", "libc's assert: NDEBUG deletes it; PRE, POST, INVARIANT", ("tests",)),
    (r"\b(float|double)\b", "floating point", ("bench", "tests", "tools/cmd_trace.c", "tools/cli.c", "common/observe/metrics.c")),
    (r"\b(TODO|FIXME|XXX)\b", "a note to oneself", ()),
]
SIZE_MAX = 500
PURE = ["common/base", "common/codes", "validation_core", "bill_rules", "references", "settlement_core", "settled", "policy_book", "ledger",
        "benefit", "policy_check", "transfers", "transfer_forms", "certifications", "transferred", "deadlines", "transfer_query", "transit",
        "transfer_machine", "paid", "months", "contribution", "parameters", "steps", "pension_funds", "pension_place", "pension_admission",
        "unemployment", "waiting",
        "books_core", "book_bill", "statements", "calendar", "replies", "payments", "investigations", "supervision", "tables",
        "journal", "record", "tally", "books_query", "reconcile", "clearing", "advance", "sum_tree", "tree_wire", "clearing_policy_check",
        "audit_core", "mailbox_core", "gate_core", "stream_core"]
PURE_EXTERNAL = re.compile(
    r"^(mem\w+|str(len|nlen|cmp|ncmp|chr|rchr|spn|cspn|str|pbrk|toul|toull|tol|toll)|v?snprintf|qsort|bsearch|"
    r"malloc|calloc|realloc|free|__\w+[dt]i\d|__stack_chk_fail|__\w+_chk|__errno_location|abort|"
    r"_GLOBAL_OFFSET_TABLE_|XXH\w+|EVP_\w+|__(asan|ubsan|sanitizer)\w*|__isoc\w+|isdigit|isxdigit|__ctype_\w+)$")
PURE_EXTRA = {"check.c": {"stderr", "fprintf", "exit"},  # where a broken invariant ends the process
              "references.c": {"exit"}}  # uthash's own end of memory


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
            if re.fullmatch(pattern, name) and not path.startswith(tuple(each + "/" for each in places)):
                yield number, "%s is for %s alone" % (name, ", ".join(places))
        if found.group(1) != '"' or name.endswith(".inc"): # generated while building
            continue
        if not re.match(r"(common|services|broker|tools|tests|bench|hutong)/", name):
            yield number, "%s: includes are written from the root" % name
        for place, allowed in LAYERS:
            if path.startswith(place + "/"):
                is_main = re.search(r"/(main|[a-z]+)\.c$", path) and path.endswith("main.c")
                if not is_main and not name.startswith(tuple(allowed)):
                    yield number, "%s stands above %s" % (name, place)
                break


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
        if not path.endswith((".c", ".h")):
            continue
        findings += ["%s:%d: %s" % (path, number, what) for number, what in includes(path, text)]
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


def is_pure(path):
    for each in PURE:
        if each.startswith("common/") and each + "/" in path or os.path.basename(path) == each + ".c.o":
            return True
    return False


def purity(build):
    objects = [os.path.join(top, name) for top, _, names in os.walk(build) for name in names if name.endswith(".c.o")]
    ours = set()
    for path in objects:
        if re.search(r"/(common/(base|codes|pb|store)|proto|services)/", path) and not re.search(r"/(main|gate|mailbox|orderer)\.c\.o$", path):
            ours |= symbols(path, "--defined-only")
    pure = [path for path in objects if is_pure(path) and "/tests/" not in path]
    if len(pure) < 15:
        return ["%s holds only %d objects of cores: build it first" % (build, len(pure))]
    findings = []
    for path in sorted(pure):
        extra = PURE_EXTRA.get(os.path.basename(path)[:-2], set())
        for name in sorted(symbols(path, "-u") - ours - extra):
            if not PURE_EXTERNAL.match(name):
                findings.append("%s: refers to %s" % (os.path.relpath(path, build), name))
    return findings


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
    for name, wanted in (("memcpy", True), ("clock_gettime", False), ("getrandom", False), ("socket", False), ("time", False), ("getenv", False),
                         ("rand", False), ("open", False), ("zmq_send", False), ("printf", False), ("setlocale", False), ("strtod", False)):
        if bool(PURE_EXTERNAL.match(name)) != wanted:
            print("self-test: %s" % name)
            failed += 1
    return failed


def main(words):
    if words[0] == "self-test":
        sys.exit(1 if self_test() else 0)
    root = words[1]
    if words[0] == "rules":
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, stdout=subprocess.PIPE, check=True).stdout.decode().split("\0")
        paths = [each for each in listed if each.endswith((".c", ".h", ".proto", ".py", ".sh", ".awk")) or each.startswith("scripts/")]
        findings = rules(root, [each for each in paths if os.path.exists(os.path.join(root, each))])
    else:
        findings = purity(words[2])
    for each in findings:
        print(each)
    sys.exit(1 if findings else 0)


main(sys.argv[1:])
