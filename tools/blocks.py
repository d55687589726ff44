# SPDX-License-Identifier: Apache-2.0
"""Blocks of committed files that say what a table of the code says. A block stands between "TABLE: NAME" and "end of TABLE".

  python3 tools/blocks.py          writes them
  python3 tools/blocks.py check    names the files that differ; exit code 1"""
import re
import sys

SERVICES = "common/config/service.def"
STEPS = "common/engines/benefit/step.def"
EVENTS = "common/codes/event.def"
STORES = "common/store/store.def"
KEYS = "common/config/key.def"
HTTP_PORT_BASE = 7710  # docker/hutong.yaml


def rows(table):
    """The columns of each row: words, and texts without their quotation marks."""
    text = re.sub(r"/\*.*?\*/", "", open(table, encoding="utf-8").read(), flags=re.S)
    for row in re.findall(r'^[A-Z]+\(((?:"[^"]*"|[^")])*)\)', text, flags=re.M):
        yield [column.strip('"') for column in re.findall(r'"[^"]*"|[^,\s]+', row)]


def services():
    """(name, partitioned, does, keeps, stopping, the same in Chinese): the texts are a row's last six columns."""
    for columns in rows(SERVICES):
        yield (columns[0], columns[1] == "EACH", *columns[-6:])


def processes(first=2):
    if first == 2:
        yield "| process | does | state under `data_directory` | exits without harm | HTTP port, from `http_port_base` |"
    else:
        yield "| 进程 | 做什么 | `data_directory` 下的状态 | 退出有无损害 | HTTP 端口，自 `http_port_base` 起 |"
    yield "|---|---|---|---|---|"
    single, groups = 0, 0
    for name, partitioned, *texts in services():
        does, keeps, stopping = texts[first - 2:first + 1]
        port = "+%d" % single + ("", "+P", "+%dP" % groups)[min(groups, 2)] + ("+*p*" if partitioned else "")
        yield "| hutong-%s%s | %s | %s | %s | %s |" % (name, " *p*" if partitioned else "", does, keeps, stopping, port)
        single, groups = single + (not partitioned), groups + partitioned


def processes_zh():
    return processes(5)


def targets():
    for number, (name, partitioned, *_) in enumerate(services()):
        yield '      - targets: ["127.0.0.1:%d"]' % (HTTP_PORT_BASE + number)
        yield "        labels: {service: %s%s}" % (name, ', partition_of: "0"' if partitioned else "")


def containers():
    """Daemons of compose.yaml but the broker, whose network they share."""
    for number, (name, partitioned, *_) in enumerate(services()):
        if number > 0:
            yield "  %s:" % name
            yield "    <<: *daemon"
            yield '    command: ["hutong-%s", "--config", "/etc/hutong/hutong.yaml"%s]' % (name, ', "--partition", "0"' if partitioned else "")
            yield '    environment: {HUTONG_HTTP_PORT: "%d"}' % (HTTP_PORT_BASE + number)
            yield '    network_mode: "service:broker"'
            yield "    depends_on:"
            yield "      broker: {condition: service_healthy}"


# How a step's amount comes about, by its form.
FORMS = {"SHOWN": "", "STATED": "", "PARAMETER": "for what follows", "SUM": "sum of the bands", "TIMES": "a × b", "DIVIDED": "a ÷ b", "PLUS": "a + b",
         "LESS": "a - b, at least 0", "AT_MOST": "the lesser of a and b", "AT_LEAST": "the greater of a and b", "OWN_SHARE": "1 - (1 - a) × b",
         "POINTS_MORE": "a + b, at most 100 %", "POINTS_LESS": "a - b, at least 0"}


def steps():
    yield "| | step | 步骤 | amount | source |"
    yield "|---|---|---|---|---|"
    for number, _, form, *_, source, chinese, english in rows(STEPS):
        yield "| %s | %s | %s | %s | %s |" % (number, english, chinese, FORMS[form[5:]], source)


def events():
    """Kinds of event, with the numbers that the schema gives them."""
    envelope = open("proto/hutong/v1/envelope.proto", encoding="utf-8").read()
    whom_words, who_words = {"PERSON": "a person", "EVERYBODY": "everybody", "EITHER": "a person, or several"}, {"PARTY": "a party", "OPERATOR": "the operator", "EXCHANGE": "the exchange"}
    yield "| number | body | message | concerns | sent by |"
    yield "|---|---|---|---|---|"
    for kind, whom, who in re.findall(r"^EVENT\((\w+), (\w+), (\w+),", open(EVENTS, encoding="utf-8").read(), flags=re.M):
        message, number = re.search(r"^    (\w+) %s = (\d+)" % kind.lower(), envelope, flags=re.M).groups()
        yield "| %s | `%s` | `%s` | %s | %s |" % (number, kind.lower(), message, whom_words[whom], who_words[who])


def stores():
    """A heading a store and a row a table; a table that holds several kinds of rows has a line for each."""
    origins = {"DERIVED": "made again from the log", "KEPT": "nowhere else"}
    for row, columns in re.findall(r"^([A-Z]+)\((.*)\)$", open(STORES, encoding="utf-8").read(), flags=re.M):
        first, *texts = re.findall(r'"[^"]*"|\w+', columns)
        texts = [each.strip('"') for each in texts]
        if row == "STORE" or row == "RUNTIME":
            yield ""
            yield "### runtime.dead" if row == "RUNTIME" else "### %s" % texts[0]
            if row == "STORE":
                yield "`%s`, format %s, %s: %s." % (texts[1], texts[2], origins[texts[3]], texts[4])
            yield ""
            yield "| table | key | value | holds |"
            yield "|---|---|---|---|"
        if row != "STORE":
            name, seen, layout, holds = texts
            kinds = [each.replace("|", "\\|").rpartition(": ")[2].split(" -> ") for each in layout.split("; ")]
            yield "| `%s`%s | %s | %s | %s |" % (name, {"DECIDED": "", "OBSERVED": ", observed", "LATE": ", not in the digest while empty",
                                                           "COUNTED": ", counted from the others"}[seen], "<br>".join(key for key, _ in kinds),
                                               "<br>".join(value for _, value in kinds), holds)
    yield ""


def key_rows():
    """(key, default, zh, en) of the configuration."""
    text = re.sub(r'"\s*\n\s*"', "", open(KEYS, encoding="utf-8").read())
    for row, columns in re.findall(r'^(TEXT|WORD|NUMBER|TRUTH)\((.*?"(?:\s*\n)?)\)$', text, flags=re.M | re.S):
        first, *texts = [each.strip('"') for each in re.findall(r'"[^"]*"|[\w.]+', columns)]
        yield first, texts[-3], texts[-2], texts[-1]


def keys():
    yield "| key | default | meaning |"
    yield "|---|---|---|"
    for key, default, _, english in key_rows():
        yield "| `%s` | %s | %s |" % (key, default or "none", english)


def keys_zh():
    yield "| 键 | 缺省 | 含义 |"
    yield "|---|---|---|"
    for key, default, chinese, _ in key_rows():
        yield "| `%s` | %s | %s |" % (key, default or "无（none）", chinese)


BLOCKS = [("docs/OPERATING.md", KEYS, keys), ("docs/OPERATING.zh-CN.md", KEYS, keys_zh), ("docs/OPERATING.zh-CN.md", SERVICES, processes_zh), ("docs/STORES.md", STORES, stores), ("docs/PROTOCOL.md", EVENTS, events), ("docs/OPERATING.md", SERVICES, processes), ("docker/prometheus.yml", SERVICES, targets),
          ("docker/compose.yaml", SERVICES, containers), ("docs/BENEFITS.md", STEPS, steps)]


def main(check):
    differing = 0
    for path, table, block in BLOCKS:
        text = open(path, encoding="utf-8").read()
        name = re.escape(table.split("/")[-1])
        right, blocks = re.subn(r"(%s: %s\b[^\n]*\n).*?([^\n]*end of %s)" % (name, block.__name__, name),
                                lambda found: found.group(1) + "\n".join(block()) + "\n" + found.group(2), text, flags=re.S)
        wrong = text != right or blocks != 1
        differing += wrong
        if wrong and check:
            print("%s is not what %s says: python3 tools/blocks.py mends it" % (path, table))
        elif wrong:
            open(path, "w", encoding="utf-8").write(right)
    return 1 if check and differing else 0


sys.exit(main(sys.argv[1:] == ["check"]))
