# SPDX-License-Identifier: Apache-2.0
"""The cores are pure: shown over whole libraries, not over a list of names. Called by tools/tidy.

  tidy_purity.py check BUILD    every object of every library that hutong_pure_library made (BUILD/pure_libraries.txt)
  tidy_purity.py self-test      each way of leaking is found

An object of a pure library may refer to an object of a pure library, to a function of store.h that works inside a
transaction which it was handed, and to what stands on the lists below; whatever is defined in another library of ours
is a leak. It keeps no variables. Memory is taken by the objects of MAY_ALLOCATE alone."""
import os
import re
import subprocess
import sys

# Rooms whose libraries are pure, wherever they stand in them, and the few that are not, and why.
PURE_ROOM = re.compile(r"(^|/)common/(base|codes|pb|engines)/|_core\.a$")
NOT_PURE = {
    "hutong_json": "jansson; for the tools alone",
    "hutong_tlog_note": "texts that are signed and verified with OpenSSL's keys; no core links it",
    "hutong_tree_signer": "signs by OpenSSL's keys; trees and statements are hutong_signed_tree, pure",
    "hutong_policy_file": "reads YAML files, for the tools and the tests",
    "hutong_checked_file": "reads YAML files, for the tools and the tests",
    "hutong_clearing_policy_file": "reads YAML files, for the tools and the tests",
}
EXTERNAL = re.compile(
    r"^(mem(chr|cmp|cpy|move|set)|str(len|nlen|cmp|ncmp|chr|rchr|spn|cspn|str|pbrk|toul|toull|tol|toll)|v?snprintf|qsort|bsearch|"
    r"__\w+[dt]i\d|__stack_chk_fail|__\w+_chk|__errno_location|__ctype_\w+|_GLOBAL_OFFSET_TABLE_|XXH\w+|EVP_(MD|Digest)\w+|"
    r"protobuf_c_\w+)$")
MEMORY = re.compile(r"^(malloc|calloc|realloc|aligned_alloc|free)$")
MAY_ALLOCATE = {  # see "Memory" in common/runtime/core.h
    "buffer.c": "grows to the largest record that it held",
    "digest.c": "OpenSSL's context, when it is made",
    "books_core.c": "an arena, when opened", "settlement_core.c": "an arena, when opened",
    "ledger.c": "a cache of fixed size, when opened", "tally.c": "a cache of fixed size, when opened",
    "catalogue.c": "reference data of the state, held in memory as well", "references.c": "the same", "policy_book.c": "the same",
    "gazette_book.c": "the same",
}
EXTRA = {"check.c": {"stderr", "fprintf", "abort"}}  # where a broken invariant ends the process


def members(library):
    """{object: (what it defines, what it refers to, bytes of its variables)} of an archive."""
    def ask(*words):
        return subprocess.run(words + (library,), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode().splitlines()
    found, current = {}, None
    for line in ask("nm"):
        words = line.split()
        if line.endswith(".o:"):
            current = found.setdefault(line[:-1], (set(), set(), []))
        elif words and words[-2] in "Uwv":
            current[1].add(words[-1].split("@")[0])
        elif words and words[-2].isupper():
            current[0].add(words[-1].split("@")[0])
    for line in ask("objdump", "-h"):
        words = line.split()
        if ": " in line and "file format" in line:
            current = found[line.split(":")[0]]
        elif len(words) > 2 and re.fullmatch(r"\.(t?data|t?bss)(\.(?!rel\.ro).*)?", words[1]) and int(words[2], 16):
            current[2].append(words[1])
    return found


def doors(header):
    """What store.h lets a core do: the functions that take a transaction or a walk, and neither begin nor end one."""
    return set(re.findall(r"\b(store_\w+)\((?:const )?struct store_(?:txn|walk) \*(?!\*)", header))


def leaks(libraries, pure, store_doors):
    """libraries: {name: {object: (defines, refers, variables)}} of all of ours; pure: names of those that must be."""
    pure_symbols = {each for name in pure for defines, _, _ in libraries[name].values() for each in defines}
    ours = {each for objects in libraries.values() for defines, _, _ in objects.values() for each in defines}
    for name in sorted(pure):
        for member, (_, refers, variables) in sorted(libraries[name].items()):
            source = member[:-2]
            for section in variables:
                yield "%s: %s keeps variables (%s)" % (name, source, section)
            for symbol in sorted(refers - pure_symbols - EXTRA.get(source, set())):
                if MEMORY.match(symbol):
                    if source not in MAY_ALLOCATE:
                        yield "%s: %s takes memory (%s)" % (name, source, symbol)
                elif symbol in ours:
                    if symbol not in store_doors:
                        yield "%s: %s calls %s, which is not in a pure library" % (name, source, symbol)
                elif not EXTERNAL.match(symbol):
                    yield "%s: %s refers to %s" % (name, source, symbol)


def check(build, root):
    listed = os.path.join(build, "pure_libraries.txt")
    if not os.path.exists(listed):
        return ["%s is not there: build first" % listed]
    pure = set(open(listed).read().split())
    paths = {name[3:-2]: os.path.join(top, name) for top, _, names in os.walk(build) for name in names if name.endswith(".a")}
    missing = sorted(pure - set(paths))
    if missing:
        return ["%s: not built" % name for name in missing]
    with open(os.path.join(root, "common/store/store.h"), encoding="utf-8") as header:
        store_doors = doors(header.read())
    findings = ["%s stands in a pure room: hutong_pure_library, or a reason in NOT_PURE" % name for name, path in sorted(paths.items())
                if PURE_ROOM.search(os.path.relpath(path, build)) and name not in pure and name not in NOT_PURE]
    findings += ["%s is said to be pure and not to be" % name for name in sorted(pure & set(NOT_PURE))]
    libraries = {name: members(path) for name, path in paths.items()}
    sources = {member[:-2] for name in pure for member in libraries[name]}
    findings += ["%s may take memory and is not there: take it off the list" % each for each in sorted(set(MAY_ALLOCATE) - sources)]
    return findings + list(leaks(libraries, pure, store_doors))


def self_test():
    def found(defines=(), refers=(), variables=(), member="core.c.o"):
        libraries = {"core": {member: (set(defines), set(refers), list(variables))}, "base": {"money.c.o": ({"money_add"}, set(), [])},
                     "net": {"loop.c.o": ({"loop_run"}, {"epoll_wait"}, [])}, "store": {"lmdb.c.o": ({"store_get", "store_open"}, {"open"}, [])}}
        return list(leaks(libraries, {"core", "base"}, {"store_get"}))
    cases = [(found(refers=["money_add", "memcpy", "store_get"]), False), (found(refers=["loop_run"]), True), (found(refers=["store_open"]), True),
             (found(refers=["malloc"]), True), (found(refers=["malloc"], member="buffer.c.o"), False), (found(variables=[".bss"]), True),
             (found(refers=["abort"]), True), (found(refers=["abort"], member="check.c.o"), False)]
    cases += [(found(refers=[name]), True) for name in ("clock_gettime", "getrandom", "socket", "time", "getenv", "rand", "open", "zmq_send",
                                                        "printf", "setlocale", "strtod", "environ", "EVP_PKEY_keygen", "fopen")]
    cases.append(([] if doors("void store_get(struct store_txn *txn);\nvoid store_abort(struct store_txn **txn);") == {"store_get"} else ["doors"], False))
    for number, (findings, wanted) in enumerate(cases):
        if bool(findings) != wanted:
            print("self-test: case %d: %s" % (number, findings))
    return [None for findings, wanted in cases if bool(findings) != wanted]


def main(words):
    findings = self_test() if words[0] == "self-test" else check(words[1], os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    for each in findings:
        if each:
            print(each)
    sys.exit(1 if findings else 0)


main(sys.argv[1:])
