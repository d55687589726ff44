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

# build PRESET: configures and builds, quietly unless it fails.
build() {
    say "build ($1)"
    cmake --preset "$1" >"/tmp/hutong-configure-$$.log" 2>&1 || { cat "/tmp/hutong-configure-$$.log"; fail "cmake --preset $1"; }
    cmake --build "build/$1" 2>&1 | tail -n 1
    rm -f "/tmp/hutong-configure-$$.log"
}
