#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Replays traces, each into a fresh exchange, and leaves a JUnit report of each:  replay.sh REPORTS TRACE...
# Ends with 1 if an outcome differs. HUTONG_BIN: where the programs are (else of PATH). REPLAY_OPTIONS: which differences count,
# e.g. "--ignore outcome.steps --tolerate amounts.cashPayFen=1".
set -euo pipefail
reports=${1:?usage: replay.sh REPORTS TRACE...}
shift
[ $# -gt 0 ] || { echo "usage: replay.sh REPORTS TRACE..." >&2; exit 2; }
mkdir -p "$reports"
[ -z "${HUTONG_BIN:-}" ] || PATH="$HUTONG_BIN:$PATH"
read -ra options <<<"${REPLAY_OPTIONS:-}"
failed=0

# One exchange over ipc and two ports of its own that go with it.
replay() {
    local trace=$1 work code=0
    work=$(mktemp -d)
    cat >"$work/hutong.yaml" <<X
data_directory: data
run_directory: run
key_directory: keys
gate_endpoint: tcp://127.0.0.1:${GATE_PORT:-7611}
mailbox_endpoint: tcp://127.0.0.1:${MAILBOX_PORT:-7612}
http_port_base: 0
trace_clock: true
tick_interval_ms: 0
log_limit_mib: 1024
state_map_mib: 1024
X
    hutong --config "$work/hutong.yaml" up --detach --bare --unrecorded || code=$?
    [ $code -ne 0 ] || hutong --config "$work/hutong.yaml" trace replay "$trace" --junit "$reports/$(basename "$trace" .trace).xml" "${options[@]}" || code=$?
    hutong --config "$work/hutong.yaml" down --unrecorded || true
    rm -rf "$work"
    return $code
}

for trace; do
    echo "== $trace"
    replay "$trace" || { echo "FAILED ($?): $trace"; failed=1; }
done
exit $failed
