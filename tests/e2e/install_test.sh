#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# install_test.sh SOURCE BUILD: what `cmake --install` lays down is what a stranger needs, and nothing else. A client is built
# against the installed package alone, the manual is read, and the benches stay at home.
set -euo pipefail
source=$1 build=$2
fail() { echo "FAILED: $*" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/moved
cmake --install "$build" --prefix "$work/first" >"$work/log" || { cat "$work/log"; fail "it does not install"; }
mv "$work/first" "$prefix" # an installed package can be moved

programs=$(cd "$prefix/bin" && echo *)
[ "$programs" = "hutong hutong-audit hutong-books hutong-broker hutong-console hutong-ingest hutong-prepare hutong-settlement hutong-validation" ] ||
    fail "programs: $programs"
for file in share/man/man1/hutong.1 share/man/zh_CN/man1/hutong.1 share/bash-completion/completions/hutong share/hutong/proto/hutong/v1/envelope.proto share/hutong/proto/hutong.binpb share/hutong/policies/110000-310.yaml \
    share/hutong/clearing/2025.yaml share/doc/hutong/docs/PROTOCOL.md share/doc/hutong/docs/OPERATING.zh-CN.md share/doc/hutong/LICENSE lib/systemd/system/hutong-broker.service; do
    [ -s "$prefix/$file" ] || fail "$file is not there"
done
# No pipe into grep -q, which ends at its first find: what writes into it may then fail of it.
"$prefix/bin/hutong" --help --language en >"$work/help"
grep -q 'hutong help COMMAND' "$work/help" || fail "the installed tool does not run"
if command -v man >/dev/null; then
    for page in man1 zh_CN/man1; do
        [ -z "$(LC_ALL=C.UTF-8 man --warnings -l "$prefix/share/man/$page/hutong.1" 2>&1 >/dev/null)" ] || fail "the manual is not well-formed: $page"
    done
fi

cat >"$work/client.c" <<'C'
#include <hutong.h>
#include <string.h>
int main(void)
{
    char id[37];
    ht_uuid7(id);
    return strlen(id) == 36 ? 0 : 1;
}
C
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name hutong.pc)")
export PKG_CONFIG_PATH
# D11: where it lies is found from where it lies; what it is linked with is named.
[ "$(realpath "$(pkg-config --variable=prefix hutong)")" = "$(realpath "$prefix")" ] || fail "hutong.pc: $(pkg-config --variable=prefix hutong)"
ldd "$(pkg-config --variable=libdir hutong)/libhutong.so" >"$work/linked"
for library in $(sed -n 's/^Requires.private: //p' "$PKG_CONFIG_PATH/hutong.pc"); do
    grep -q "${library#lib}" "$work/linked" || fail "hutong.pc names $library, which is not linked"
done
grep -q xxhash "$work/linked" && ! grep -q xxhash "$PKG_CONFIG_PATH/hutong.pc" && fail "hutong.pc does not name libxxhash"
# shellcheck disable=SC2046 # words are what pkg-config gives
(cd "$work" && ${CC:-cc} -std=c17 -Wall -Wextra -Werror client.c $(pkg-config --cflags --libs hutong) -o client) || fail "a client does not build"
LD_LIBRARY_PATH=$(pkg-config --variable=libdir hutong) "$work/client" || fail "the client does not run"

cmake -S "$source" -B "$work/plain" -G Ninja -DHUTONG_TESTS=OFF -DHUTONG_WERROR=OFF >"$work/log" || { cat "$work/log"; fail "without tests"; }
! grep -q ^CMOCKA_ "$work/plain/CMakeCache.txt" || fail "cmocka is asked for without tests"
! grep -q -- -Werror "$work/plain/build.ninja" || fail "warnings are errors though it was said that they are not"
echo "passed: $(find "$prefix" -type f | wc -l) files"
