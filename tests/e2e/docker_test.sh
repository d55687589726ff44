#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The image is really built, started as the containers of one exchange, and carries a worked bill; 77 with the reason where there
# is no builder. buildah with chroot isolation needs no daemon and no registry: the base comes from debootstrap, kept between
# runs in a cache outside the tree.
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
skip() { echo "skipped: $*"; exit 77; }
fail() { echo "FAILED: $*" >&2; exit 1; }
say() { printf '[%4ds] %s\n' "$SECONDS" "$*"; }

[ "$(id -u)" = 0 ] || skip "buildah's chroot isolation needs root here"
for tool in buildah debootstrap python3; do
    command -v $tool >/dev/null || skip "$tool is not installed (apt-get install $tool)"
done
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hutong-image
work=$(mktemp -d /tmp/hutong-image-XXXXXX)
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
storage=(--root "$work/storage" --runroot "$work/runroot")
pids=()

# The daemons of this test: every process that was given this test's own configuration.
ours() { grep -alsz -- "$1" /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3 | grep -vx "$$" || true; }
daemons() {
    for pid in $(ours hutong-image-test.yaml); do
        case $({ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null) in /usr/bin/hutong* | hutong*) echo "$pid" ;; esac
    done
}
clean() {
    for pid in $(daemons); do kill -9 "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    buildah "${storage[@]}" rm --all >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap clean EXIT

if [ ! -f "$cache/base.tar" ]; then
    say "base: debootstrap bookworm"
    mkdir -p "$cache"
    debootstrap --variant=minbase bookworm "$work/base" http://deb.debian.org/debian >"$work/log" 2>&1 ||
        { tail -n 3 "$work/log"; skip "debootstrap cannot reach a Debian mirror"; }
    tar -C "$work/base" --exclude=./var/cache/apt/archives/* -cf "$cache/base.tar.new" . && mv "$cache/base.tar.new" "$cache/base.tar"
    rm -rf "$work/base"
fi
base=$(buildah "${storage[@]}" from scratch) || skip "buildah cannot make a container here"
buildah "${storage[@]}" add -q "$base" "$cache/base.tar" / >/dev/null
buildah "${storage[@]}" commit -q --rm "$base" localhost/debian:12 >/dev/null

say "image: docker/Dockerfile"
buildah "${storage[@]}" bud --format docker --build-arg BASE=localhost/debian:12 -f "$ROOT/docker/Dockerfile" -t hutong "$ROOT" \
    >"$work/build.log" 2>&1 || { tail -n 40 "$work/build.log"; fail "the image cannot be built"; }
inspected=$(buildah "${storage[@]}" inspect --type image hutong)
python3 - "$inspected" <<'P' || fail "the image is not what it should be"
import json, sys
config = json.loads(sys.argv[1])["Docker"]["config"]
assert config["User"] == "hutong", config["User"]
assert config["Healthcheck"]["Test"] == ["CMD", "hutong-healthy"], config
P

say "six containers, one exchange"
mkdir -p "$work"/exchange/{data,run,keys,etc}
chown -R 10001:10001 "$work/exchange"
chmod 755 "$work"
read -r gate mailbox http < <(python3 - <<'P'
import socket
def free(count):
    while True:
        first = socket.socket(); first.bind(("127.0.0.1", 0)); port = first.getsockname()[1]; first.close()
        try:
            held = [socket.socket() for _ in range(count)]
            for i, each in enumerate(held): each.bind(("127.0.0.1", port + i))
            for each in held: each.close()
            return port
        except OSError:
            continue
port = free(8)
print(port, port + 1, port + 2)
P
)
# Directories of its own: where an image declares a volume, `buildah run -v` over it is not certain to win.
config=/exchange/etc/hutong-image-test.yaml
sed "s/7701/$gate/; s/7702/$mailbox/; s/7710/$http/; s/0\.0\.0\.0/127.0.0.1/; s|/var/lib/hutong|/exchange/data|
     s|/run/hutong|/exchange/run|; s|/etc/hutong/keys|/exchange/keys|" "$ROOT/docker/hutong.yaml" >"$work$config"
container=$(buildah "${storage[@]}" from hutong)
mounts=(-v "$work/exchange:/exchange")
inside() { buildah "${storage[@]}" run --user hutong "${mounts[@]}" --env HUTONG_CONFIG=$config "$container" -- "$@"; }
[ "$(inside id -u)" = 10001 ] || fail "it runs as root"
inside hutong-prepare || fail "keys cannot be made"
[ -f "$work/exchange/keys/server.key_secret" ] || fail "no keys were made"
start() {
    local name=$1
    inside "/usr/bin/hutong-$name" --config $config >"$work/$name.log" 2>&1 &
    pids+=($!)
}
# healthy NAME PORT: as the image's HEALTHCHECK asks, until it says yes.
healthy() {
    for _ in $(seq 50); do
        buildah "${storage[@]}" run --user hutong "${mounts[@]}" --env HUTONG_CONFIG=$config --env HUTONG_HTTP_PORT="$2" "$container" -- hutong-healthy >/dev/null 2>&1 && return
        sleep 0.2
    done
    inside hutong-healthy || true
    tail -n 20 "$work"/*.log
    fail "$1 does not become healthy"
}
start broker
healthy broker "$http"
mapfile -t services < <(sed -nE 's/^(DAEMON|SERVICE)\(([a-z]+),.*/\2/p' "$ROOT/common/config/service.def")
for ((i = 1; i < ${#services[@]}; i++)); do start "${services[i]}"; done
for ((i = 1; i < ${#services[@]}; i++)); do healthy "${services[i]}" $((http + i)); done
for pid in $(daemons); do
    [ "$(awk '/^Uid:/ {print $2}' "/proc/$pid/status")" = 10001 ] || fail "process $pid runs as another user"
done
healthy exchange ""

say "a worked bill"
mkdir -p "$work/exchange/etc/demo" && cp "$ROOT"/data/demo/*.json "$work/exchange/etc/demo/"
hutong() { inside hutong --config $config "$@"; }
hutong policy events --sender 110000 /usr/share/hutong/policies/110000-310.yaml >"$work/exchange/etc/policy.json"
hutong --as 110000 submit --quiet --await /exchange/etc/policy.json
hutong --as 120000 submit --quiet --await /exchange/etc/demo/institutions.120000.json
hutong --as 110000 submit --quiet --await /exchange/etc/demo/enrolments.110000.json
hutong --json --as 120000 submit --await /exchange/etc/demo/bills.120000.json >"$work/outcomes"
python3 - "$work/outcomes" "$ROOT/data/demo/published.json" <<'P' || fail "a worked bill is not settled as published"
import json, sys
published, right = json.load(open(sys.argv[2])), 0
for line in open(sys.argv[1]):
    outcome = json.loads(line)
    if outcome.get("billId") in published:
        _, fund, person = published[outcome["billId"]]
        amounts = outcome["amounts"]
        right += [int(amounts.get("fundPayTotalFen", 0)), int(amounts.get("personPayTotalFen", 0))] == [fund, person]
print("        %d of %d worked bills as published" % (right, len(published)))
sys.exit(right != len(published))
P

say "stop"
for pid in $(daemons); do kill -TERM "$pid" 2>/dev/null || true; done
for pid in "${pids[@]}"; do
    wait "$pid" || { tail -n 5 "$work"/*.log; fail "a daemon did not end with exit code 0"; }
done
pids=()
size=$(du -sm "$work/storage" | cut -f1)
say "passed (storage of all layers: $size MiB)"
