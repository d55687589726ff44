# SPDX-License-Identifier: Apache-2.0
"""clients/python as its user has it: the wheel is built offline, installed elsewhere, and its own tests run against the installed files.
`--fast`: those that need no exchange."""
import os
import subprocess
import sys
import tempfile

from exchange import BIN, ROOT, check, main

SOURCE = os.path.join(ROOT, "clients/python")
WANTED = {"setuptools": "python3-setuptools", "wheel": "python3-wheel", "pip": "python3-pip", "pytest": "python3-pytest",
          "google.protobuf": "python3-protobuf", "zmq": "python3-zmq"}


def lacking():
    for module, package in WANTED.items():
        if subprocess.run([sys.executable, "-c", "import " + module], stderr=subprocess.DEVNULL).returncode != 0:
            yield package


def shell(*words, **options):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=280, **options)
    check(done.returncode == 0, "%s: %s" % (" ".join(words[:5]), done.stdout[-4000:]))
    return done.stdout


def installed(place):
    """The build leaves nothing in the source tree: it is copied first; --no-index asks nobody."""
    tree, site = os.path.join(place, "tree"), os.path.join(place, "site")
    shell("cp", "-r", SOURCE, tree)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    environment = dict(os.environ, HUTONG_SOURCE=ROOT)
    shell(*pip, "wheel", "--no-index", "--no-build-isolation", "--no-deps", "--wheel-dir", place, tree, env=environment)
    wheel, = [os.path.join(place, each) for each in os.listdir(place) if each.endswith(".whl")]
    shell(*pip, "install", "--no-index", "--no-deps", "--target", site, wheel, env=environment)
    for wanted in ("py.typed", "v1/envelope_pb2.py", "v1/envelope_pb2.pyi", "_rules.py"):
        check(os.path.exists(os.path.join(site, "hutong", wanted)), "the wheel lacks %s" % wanted)
    return site


def python_client():
    missing = list(lacking())
    if missing:
        print("skipped: not installed: %s" % " ".join(missing))
        sys.exit(77)
    tests = os.path.join(SOURCE, "tests")
    with tempfile.TemporaryDirectory(prefix="hutong-wheel-") as place:
        environment = dict(os.environ, HUTONG_SOURCE=ROOT, PYTHONPATH=installed(place), PYTHONDONTWRITEBYTECODE="1")
        said = shell(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers", "-rs",
                     "--hutong", os.path.abspath(os.path.join(BIN, "hutong")),
                     os.path.join(tests, "test_values.py") if "--fast" in sys.argv else tests, cwd=place, env=environment)
        print("        " + said.strip().splitlines()[-1])


main(python_client)
