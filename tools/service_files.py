# SPDX-License-Identifier: Apache-2.0
"""Blocks of committed files that say what common/config/service.def says. A block stands between "service.def: NAME" and
"end of service.def".

  python3 tools/service_files.py          writes them
  python3 tools/service_files.py check    names the files that differ; exit code 1"""
import re
import sys

TABLE = "common/config/service.def"
HTTP_PORT_BASE = 7710  # docker/hutong.yaml


def rows():
    """(name, partitioned, does, keeps, stopping): the texts are a row's last three columns."""
    table = re.sub(r"/\*.*?\*/", "", open(TABLE, encoding="utf-8").read(), flags=re.S)
    for row in re.findall(r'^(?:DAEMON|SERVICE)\(((?:"[^"]*"|[^")])*)\)', table, flags=re.M):
        columns = re.findall(r'"[^"]*"|[^,\s]+', row)
        yield (columns[0], columns[1] == "EACH", *[each.strip('"') for each in columns[-3:]])


def processes():
    yield "| process | does | state under `data_directory` | exits without harm | HTTP port, from `http_port_base` |"
    yield "|---|---|---|---|---|"
    single, groups = 0, 0
    for name, partitioned, does, keeps, stopping in rows():
        port = "+%d" % single + ("", "+P", "+%dP" % groups)[min(groups, 2)] + ("+*p*" if partitioned else "")
        yield "| hutong-%s%s | %s | %s | %s | %s |" % (name, " *p*" if partitioned else "", does, keeps, stopping, port)
        single, groups = single + (not partitioned), groups + partitioned


def targets():
    for number, (name, partitioned, *_) in enumerate(rows()):
        yield '      - targets: ["127.0.0.1:%d"]' % (HTTP_PORT_BASE + number)
        yield "        labels: {service: %s%s}" % (name, ', partition_of: "0"' if partitioned else "")


def containers():
    """Daemons of compose.yaml but the broker, whose network they share."""
    for number, (name, partitioned, *_) in enumerate(rows()):
        if number > 0:
            yield "  %s:" % name
            yield "    <<: *daemon"
            yield '    command: ["hutong-%s", "--config", "/etc/hutong/hutong.yaml"%s]' % (name, ', "--partition", "0"' if partitioned else "")
            yield '    environment: {HUTONG_HTTP_PORT: "%d"}' % (HTTP_PORT_BASE + number)
            yield '    network_mode: "service:broker"'
            yield "    depends_on:"
            yield "      broker: {condition: service_healthy}"


FILES = {"docs/OPERATING.md": processes, "docker/prometheus.yml": targets, "docker/compose.yaml": containers}


def main(check):
    differing = 0
    for path, block in FILES.items():
        text = open(path, encoding="utf-8").read()
        right, blocks = re.subn(r"(service\.def: %s\b[^\n]*\n).*?([^\n]*end of service\.def)" % block.__name__,
                                lambda found: found.group(1) + "\n".join(block()) + "\n" + found.group(2), text, flags=re.S)
        wrong = text != right or blocks != 1
        differing += wrong
        if wrong and check:
            print("%s is not what %s says: python3 tools/service_files.py mends it" % (path, TABLE))
        elif wrong:
            open(path, "w", encoding="utf-8").write(right)
    return 1 if check and differing else 0


sys.exit(main(sys.argv[1:] == ["check"]))
