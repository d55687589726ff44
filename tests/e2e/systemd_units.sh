#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# systemd_units.sh UNITS: `systemd-analyze security` says at most 1.2 of each unit, `verify` understands every line; a unit without the
# sandbox is told from one with it. Skipped (77) without systemd-analyze.
set -u
units=$1 threshold=12 code=0
command -v systemd-analyze >/dev/null || { echo "skipped: no systemd-analyze"; exit 77; }
exposed() { ! systemd-analyze security --offline=true --no-pager --threshold=$threshold "$1" >/dev/null 2>&1; }
count=0
for unit in "$units"/*.service; do
    count=$((count + 1))
    systemd-analyze security --offline=true --no-pager "$unit" 2>/dev/null | tail -n 1
    if exposed "$unit"; then echo "too exposed: $unit"; code=1; fi
done
[ "$count" -ge 7 ] || { echo "only $count units in $units"; code=1; }
# Programs and manual are not installed here; everything else that it says of a unit of ours is a fault.
faults=$(systemd-analyze verify "$units"/*.service "$units"/*.target 2>&1 | grep -F hutong | grep -v "is not executable\|Command 'man hutong" || true)
[ -z "$faults" ] || { echo "$faults"; code=1; }
# A partition of an exchange with a name is told by the unit's: each says its own number.
for unit in "$units"/hutong-validation-*@.service; do
    grep -q -- '^ExecStart=.*--config /etc/hutong/%i/hutong.yaml --partition %j$' "$unit" || { echo "which partition? $unit"; code=1; }
done
weak=$(mktemp -d)
trap 'rm -rf "$weak"' EXIT
grep -v '^PrivateUsers=\|^ProtectProc=\|^SystemCallFilter=~' "$units/hutong-ingest.service" >"$weak/weak.service"
exposed "$weak/weak.service" || { echo "a weaker unit is not found"; code=1; }
exit $code
