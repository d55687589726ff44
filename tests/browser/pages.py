# SPDX-License-Identifier: Apache-2.0
"""What can be said of the console's pages without a browser: words complete in both languages, none missing, none unused; every question that a
page asks is one that the console knows, with the arguments that it takes; every screen stands in the table; nothing inline, vendored files
as they were published.

  pages.py               checks web/
  pages.py self-test     each check finds a page that was made false"""
import json
import os
import re
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
TABLE = "services/console/question.def"
BY_TABLE = ("screen", "question")  # words of a screen that app.js shows
NOT_ROWS = ("login", "logout", "session")


def pages():
    """Path below web/ and text, but for what others wrote."""
    found = {}
    for folder, _, names in os.walk(os.path.join(ROOT, "web")):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), os.path.join(ROOT, "web"))
            if not path.startswith("vendor"):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    found[path] = file.read()
    with open(os.path.join(ROOT, TABLE), encoding="utf-8") as file:
        found[TABLE] = file.read()
    return found


def screens(files):
    return re.findall(r"\{path: '([\w-]+)', group: '(\w+)', role: '(\w+)'\}", files["screens.js"])


def table_is_whole(files):
    rows = [path for path, _, _ in screens(files)]
    modules = [os.path.basename(each)[:-3] for each in files if each.startswith("screens/") and re.search(r"export const screen = ", files[each])]
    for each in sorted(set(rows) ^ set(modules)):
        yield "screens.js and screens/: %s stands in one of them alone" % each
    for path, group, role in screens(files):
        head = re.search(r"export const screen = \{path: '([\w-]+)', order: \d+, words: '([\w-]+)', role: '(\w+)', View\}", files.get("screens/%s.js" % path, ""))
        if head and head.groups() != (path, path, role):
            yield "screens/%s.js: its row says otherwise" % path
        if "'%s'" % group not in re.search(r"GROUPS = \[(.*)\]", files["screens.js"]).group(1):
            yield "screens.js: %s: no group %s" % (path, group)
        if "words/%s.json" % path not in files:
            yield "words/%s.json is not there" % path


def users_of(files):
    """Words' table: the scripts that say its words, as `const say = wordsOf('NAME')`."""
    users = {}
    for path, text in files.items():
        for name in set(re.findall(r"wordsOf\('([\w-]+)'\)", text)) if path.endswith(".js") else ():
            users.setdefault(name, []).append(path)
    return users


def said_in(text):
    """Keys that are written out, and beginnings of those that are put together."""
    keys = set(re.findall(r"\bsay\('(\w+)'\s*[,)]", text))
    parts = set(re.findall(r"\bsay\(`(\w+)\$\{", text)) | set(re.findall(r"\bsay\('(\w+)' \+", text))
    for choice in re.findall(r"\bsay\(([^'`()]+\? *'\w+' *: *'\w+')\)", text):
        keys |= set(re.findall(r"'(\w+)'", choice.split("?", 1)[1]))
    if re.search(r"\bsay\((?!['`])[^()]*[\w.]+\)", text):  # a variable: any word that stands in the script as a text
        parts |= {None}
    return keys, parts


def words_are_whole(files):
    users = users_of(files)
    for path in sorted(each for each in files if each.startswith("words/")):
        name, words = path[len("words/"):-len(".json")], json.loads(files[path])
        texts = "\n".join(files[each] for each in users.get(name, []))
        keys, parts = said_in(texts)
        beside = [os.path.normpath(os.path.join("screens", each)) for each in re.findall(r"from '(\.\./parts/\w+\.js)'", texts) if "index" not in each]
        literals = set(re.findall(r"'(\w+)'", "\n".join([texts] + [files[each] for each in beside]))) if None in parts else set()
        for key, word in words.items():
            if sorted(word) != ["en", "zh"] or not all(isinstance(each, str) and each.strip() for each in word.values()):
                yield "%s: %s is not there in both languages" % (path, key)
            elif set(re.findall(r"\{\w+\}", word["zh"])) != set(re.findall(r"\{\w+\}", word["en"])):
                yield "%s: %s is filled in differently" % (path, key)
            elif key not in keys | literals and key not in BY_TABLE and not any(each and key.startswith(each) for each in parts):
                yield "%s: %s is used nowhere" % (path, key)
        for key in sorted(keys - set(words)):
            yield "%s: %s is said and is not there" % (path, key)
        for key in BY_TABLE if "screens/%s.js" % name in files else ():
            if key not in words:
                yield "%s: no word %s" % (path, key)
    for name in sorted(set(users) - {each[len("words/"):-len(".json")] for each in files if each.startswith("words/")}):
        yield "words/%s.json is not there" % name


def rows(files):
    """Of the table: name, whether it acts, its arguments."""
    found = {}
    for kind, name, text in re.findall(r'^(QUESTION|ACTION)\(([\w-]+), [^"]*"((?:[^"\\]|\\.)*)"', files[TABLE], re.M):
        found[name] = kind + (" OWN" if text.startswith("--own") else ""), set(re.findall(r"\{(\w+)(?:\.\.\.)?\}", text)) | set(re.findall(r"\[--([\w-]+)\]", text))
    return found


def questions_are_known(files):
    known = rows(files)
    for path in sorted(each for each in files if each.endswith(".js")):
        text = files[path]
        asked = re.findall(r"\b(useQuestion|usePages|ask|act|mayAsk|offer)\('([\w-]+)'(?:, \{([^{}]*)\})?", text)
        asked += [("act", name, None) for name in re.findall(r"\['([a-z]+-[a-z-]+)', say\(", text)]
        for how, name, given in asked:
            if name in NOT_ROWS:
                continue
            if name not in known:
                yield "%s: the console does not know %s" % (path, name)
                continue
            acts, takes = known[name][0].startswith("ACTION"), known[name][1]
            if acts != (how in ("act", "offer")) and how != "mayAsk":
                yield "%s: %s is %s" % (path, name, "an action" if acts else "no action")
            for each in sorted(set(re.findall(r"(?:^|, )(\w+)(?=[:,]|$)", given or "")) - takes):
                yield "%s: %s takes no %s" % (path, name, each)
            if how == "usePages" and not {"from", "limit"} <= takes:
                yield "%s: %s has no pages" % (path, name)
    for name, (kind, takes) in known.items():  # what a party says by its own key is its word, and needs none
        if kind == "ACTION" and "reason" not in takes:
            yield "%s: %s: without a reason" % (TABLE, name)


def nothing_inline(files):
    for path, text in files.items():
        if path.endswith(".html") and re.search(r"<style|<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", text):
            yield "%s: the policy allows nothing inline" % path
        if path.endswith(".js") and re.search(r"\.innerHTML\b|\beval\(|new Function\(|\bstyle=\"|https?://(?!www\.w3\.org)", text):
            yield "%s: writes markup, makes code or names another host" % path
        if not re.search("SPDX-License-Identifier: Apache-2.0", text) and path.endswith((".js", ".css", ".html")):
            yield "%s: no licence line" % path


CHECKS = (table_is_whole, words_are_whole, questions_are_known, nothing_inline)


def findings_of(files):
    return [each for check in CHECKS for each in check(files)]


def self_test(files):
    lies = [("screens.js", "{path: 'streams'", "{path: 'stream'"), ("words/now.json", '"en": "ready"', '"en": ""'), ("words/now.json", '"lag"', '"lack"'),
            ("words/shell.json", "{left}\", \"en\"", "{right}\", \"en\""), ("screens/now.js", "say('flow')", "say('flaw')"),
            ("screens/streams.js", "useQuestion('status'", "useQuestion('statsu'"), (TABLE, "[--prefix {prefix}]", ""), (TABLE, "ACTION(keys-revoke", "QUESTION(keys-revoke"),
            ("index.html", "<body>", "<body onload=\"x()\">"), ("app.js", "render(html", "document.body.innerHTML = 1; render(html"), (TABLE, "QUESTION(actions, ", "QUESTION(deeds, ")]
    for path, true, false in lies:
        if true not in files[path] or not findings_of({**files, path: files[path].replace(true, false)}):
            print("not found: %s without \"%s\"" % (path, true))
            return 1
    return 0


def main():
    files = pages()
    if sys.argv[1:] == ["self-test"]:
        return self_test(files)
    found = findings_of(files)
    print("".join(each + "\n" for each in found), end="")
    return 1 if found or subprocess.run([os.path.join(ROOT, "scripts/vendor-web"), "--check"], stdout=subprocess.DEVNULL).returncode != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
