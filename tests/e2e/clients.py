# SPDX-License-Identifier: Apache-2.0
"""The example clients of docs/clients and clients/java, each against a whole exchange: a bill is settled once, run again it is the same bill, and killed
anywhere and run again it is still one. What a language lacks here is said, and that client is left out."""
import glob
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

from exchange import BIN, ROOT, check, main
from stranger import load_demo

CLIENTS, PROTO, KILLS = os.path.join(ROOT, "docs/clients"), os.path.join(ROOT, "proto"), 6
PARTS = [os.path.join("hutong/v1", each) for each in sorted(os.listdir(os.path.join(PROTO, "hutong/v1"))) if each.endswith(".proto")]
JAVA, DEBIAN_JARS, JARS = os.path.join(ROOT, "clients/java"), "/usr/share/java/", os.environ.get("HUTONG_CLIENT_JARS")
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "hutong-clients")
MODULES = os.environ.get("HUTONG_CLIENT_MODULES") or os.path.join(CACHE, "node_modules")


def shell(*words, **options):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, **options)
    check(done.returncode == 0, "%s: %s" % (" ".join(words[:6]), done.stdout[-1500:].decode("utf-8", "replace")))
    return done.stdout.decode()


def python(place):
    shell("protoc", "-I", PROTO, "--python_out", place, *PARTS)
    return [sys.executable, os.path.join(CLIENTS, "client.py")], {"PYTHONPATH": place}


def c(place):
    if not shutil.which("protoc-c"):
        return "protoc-c is not installed"
    shell("protoc-c", "--descriptor_set_in", os.path.join(BIN, "../proto/plain.binpb"), "--c_out", place,
          *[each for each in PARTS if not each.endswith("/options.proto")])  # protoc-c alone knows no `optional`
    library, program = os.path.join(BIN, "../common/client"), os.path.join(place, "client")
    sanitized = os.environ.get("HUTONG_BIN", "").endswith("fuzz/bin")
    if sanitized:
        return "a client of a sanitized library would have to be one as well"
    shell("cc", "-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-I", os.path.join(ROOT, "common/client"), "-I", place,
          os.path.join(CLIENTS, "client.c"), *glob.glob(os.path.join(place, "hutong/v1/*.c")), "-L", library, "-lhutong", "-lprotobuf-c",
          "-o", program)
    return [program], {"LD_LIBRARY_PATH": library}


def compile_java(place, jars, sources=""):
    """By source path: what is used of the schema alone, a third of the time."""
    shell("protoc", "-I", PROTO, "--java_out", place, *PARTS)
    classes = os.path.join(place, "classes")
    path = ":".join(jars + [classes])
    shell("javac", "-J-XX:TieredStopAtLevel=1", "-nowarn", "-proc:none", "-cp", path, "-sourcepath", "%s:%s" % (place, sources), "-d", classes,
          os.path.join(JAVA, "Client.java"))
    return ["java", "-XX:TieredStopAtLevel=1", "-cp", path, "Client"], {}


def lacking_for_java(*jars):
    lacking = [each for each in jars if not os.path.exists(each)]
    if not shutil.which("javac") or lacking:
        return "scripts/install-deps --with-java: no %s" % (", ".join(lacking) or "JDK")
    return ""


def java(place):
    """Over the system's libzmq through JNA, which Debian has: its JeroMQ is 0.3.6, without CURVE, and its jzmq does not offer it."""
    jars = [DEBIAN_JARS + "protobuf.jar", DEBIAN_JARS + "jna.jar"]
    return lacking_for_java(*jars) or compile_java(place, jars, os.path.join(JAVA, "jna"))


def jeromq(place):
    found = [each for each in glob.glob(os.path.join(JARS, "*.jar")) if "jeromq" in each or "jnacl" in each] if JARS else []
    if not found:
        return "no JeroMQ from 0.5 on in $HUTONG_CLIENT_JARS"
    return lacking_for_java(DEBIAN_JARS + "protobuf.jar") or compile_java(place, [DEBIAN_JARS + "protobuf.jar"] + found)


def javascript(place):
    """From npm, since Debian has none of the two; fetched once, as scripts/check-proto does."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "node and npm are not installed"
    if not os.path.isdir(os.path.join(MODULES, "zeromq")):
        os.makedirs(CACHE, exist_ok=True)
        words = ["npm", "install", "--silent", "--prefix", CACHE, "zeromq@6.8.0", "protobufjs@8.8.1"]
        if subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=200).returncode != 0:
            return "zeromq and protobufjs cannot be fetched with npm"
    os.symlink(MODULES, os.path.join(place, "node_modules"))
    shutil.copy(os.path.join(CLIENTS, "client.js"), place)
    return ["node", os.path.join(place, "client.js")], {"HUTONG_PROTO": PROTO}


def clients(exchange):
    chance, keys, ran = random.Random(20251124), os.path.join(exchange.directory, "keys"), 0
    for prepare in (python, c, java, jeromq, javascript):
        with tempfile.TemporaryDirectory(prefix="hutong-client-") as place:
            made = prepare(place)
            if isinstance(made, str):
                print("        skipped: %s: %s" % (prepare.__name__, made), flush=True)
                continue
            command, environment = made
            environment = dict(os.environ, **environment)

            def words(bill):
                return [*command, exchange.gate, exchange.mailbox, os.path.join(keys, "server.key"),
                        os.path.join(keys, "clients/120000.key_secret"), os.path.join(place, "outbox"), bill]
            before, started = exchange.position(), time.time()
            first = shell(*words(prepare.__name__), env=environment)
            took = time.time() - started
            check(first.startswith("SETTLED %d funds " % before), "%s says %s" % (prepare.__name__, first))
            check(shell(*words(prepare.__name__), env=environment) == first, "%s run again says something else" % prepare.__name__)
            check(exchange.position() == before + 1, "%s: %d records of one bill" % (prepare.__name__, exchange.position() - before))
            for _ in range(KILLS):
                process = subprocess.Popen(words(prepare.__name__ + "-k"), env=environment, stdout=subprocess.DEVNULL)
                time.sleep(chance.uniform(0, 1.2 * took))
                process.kill()
                process.wait()
            last = shell(*words(prepare.__name__ + "-k"), env=environment)
            check(last.startswith("SETTLED %d funds " % (before + 1)), "%s, killed: %s" % (prepare.__name__, last))
            check(exchange.position() == before + 2, "%s, killed: %d records of two bills" % (prepare.__name__, exchange.position() - before))
            ran += 1
            print("        %s: %s" % (prepare.__name__, first.strip()), flush=True)
    check(ran > 0, "no client ran")


main(clients, "clients", load_demo, tick_interval_ms=0)
