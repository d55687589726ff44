# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Shared by the scripts: where we are, and how we say what we do.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
STARTED=$SECONDS

say() { printf '\033[1m[%4ds] %s\033[0m\n' "$((SECONDS - STARTED))" "$*"; }
note() { printf '        %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

# build PRESET [TARGET...]: configures and builds, quietly unless it fails.
build() {
    say "build ($1)"
    local log="build/build-$1.log"
    mkdir -p build
    if ! { cmake --preset "$1" >"$log" 2>&1 && cmake --build "build/$1" ${2:+--target "${@:2}"} >>"$log" 2>&1; }; then
        tail -n 40 "$log"
        fail "build ($1)"
    fi
    tail -n 1 "$log"
}
