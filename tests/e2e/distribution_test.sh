#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds and installs the product as debhelper does for a distribution: from a tree without tests/, with shared
# libraries and the distribution's flags, into DESTDIR. Compares the installed files with the expected ones. With --all
# (./run package) it also builds the executable, which takes minutes; otherwise it checks the compiler flags and builds
# one library.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
with_executable=
[ "${1:-}" != --all ] || with_executable=yes
for program in cmake ninja dpkg-buildflags go-md2man readelf; do
  command -v "$program" >/dev/null || skip "needs $program"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tree"
for entry in "$source_dir"/*; do
  case ${entry##*/} in build | tests) ;; *) cp -a "$entry" "$work/tree/" ;; esac
done

# ---- configure, build, install ----
# Less optimisation than a distribution uses, for a faster build. CMake ignores CPPFLAGS; debhelper adds them.
export DEB_BUILD_OPTIONS=nostrip DEB_CFLAGS_APPEND="-O1 -g1" DEB_CXXFLAGS_APPEND="-O1 -g1"
flags() { (cd "$work/tree" && DEB_BUILD_MAINT_OPTIONS=hardening=+all dpkg-buildflags --get "$1"); }
CFLAGS="$(flags CFLAGS) $(flags CPPFLAGS)"
CXXFLAGS="$(flags CXXFLAGS) $(flags CPPFLAGS)"
LDFLAGS=$(flags LDFLAGS)
export CFLAGS CXXFLAGS LDFLAGS
# configure FOLDER OPTIONS...
configure() {
  cmake -S "$work/tree" -B "$work/$1" -G Ninja -DCMAKE_CXX_COMPILER=g++ -DBUILD_TESTING=OFF \
    -DCMAKE_INSTALL_PREFIX=/usr \
    -DFOOTBRIDGE_BINDIR=/usr/lib/cni "${@:2}" >"$work/$1.log" 2>&1 || fail "cannot configure $1: $(cat "$work/$1.log")"
}
# build FOLDER TARGET
build() { cmake --build "$work/$1" --target "$2" >"$work/$1.log" 2>&1 ||
  fail "cannot build $1: $(tail -n 50 "$work/$1.log")"; }
configure distribution -DCMAKE_BUILD_TYPE=None -DFOOTBRIDGE_HARDENING=OFF
[ -n "${CMAKE_CXX_COMPILER_LAUNCHER:-}" ] ||
  claim_not "no compiler cache is used unless it is configured" grep -qw ccache "$work/distribution/build.ninja"
if [ -n "$with_executable" ]; then
  build distribution all
  claim_equal "the compiler warns of nothing" "" "$(grep -i warning "$work/distribution.log" || true)"
  DESTDIR=$work/root cmake --install "$work/distribution" >/dev/null
else
  build distribution man_pages
  for component in host man units; do
    DESTDIR=$work/root cmake --install "$work/distribution" --component "$component" >/dev/null
  done
fi

# ---- what is installed ----
cd "$work/tree"
expected() {
  local entry plugin
  printf '%s\n' bin/footbridge share/man/man1/footbridge.1 share/bash-completion/completions/footbridge \
    share/doc/footbridge/{README.md,SECURITY.md,conf-examples}
  [ -z "$with_executable" ] || echo lib/cni/footbridge
  for entry in plugins/* ipam/*; do
    plugin=$(basename "$entry" .cpp)
    if [ -d "$entry" ] || [ "$plugin.cpp" = "${entry##*/}" ]; then
      [ -z "$with_executable" ] || echo "lib/cni/$plugin"
      echo "share/man/man8/footbridge-$plugin.8"
    fi
  done
  find conf-examples -type f -printf 'share/doc/footbridge/examples/%P\n'
  find docs -type f \( -name '*.md' -o -name '*.svg' \) -printf 'share/doc/footbridge/docs/%P\n'
  find conf-examples/systemd -type f -printf 'lib/systemd/system/%P\n'
}
claim_equal "exactly the expected files are installed" "$(expected | sort)" \
  "$(cd "$work/root/usr" && find . ! -type d -printf '%P\n' | sort)"
claim_equal "all files are below the prefix" usr "$(ls -A "$work/root")"
claim_equal "footbridge is in the operators' PATH" /usr/lib/cni/footbridge "$(readlink "$work/root/usr/bin/footbridge")"
claim_equal "the units start this executable" "/usr/lib/cni/footbridge" \
  "$(grep -ohE '[^ =-]*/footbridge\b' "$work"/root/usr/lib/systemd/system/footbridge-reload.service | sort -u)"

# ---- the executable ----
headers() { LC_ALL=C readelf -W "$@" "$exe"; }
if [ -n "$with_executable" ]; then
  exe=$work/root/usr/lib/cni/footbridge
  claim_contains "a plugin's link leads to the executable" "CNI bridge plugin " \
    "$(env -u CNI_COMMAND "${exe%/*}/bridge" 2>&1 </dev/null)"
  claim_contains "it is linked to shared libraries" INTERP "$(headers -l)"
  needed=$(headers -d | grep NEEDED)
  for library in mnl nftnl; do
    claim_contains "lib$library is linked" "lib$library.so" "$needed"
  done
  claim_equal "header-only libraries are not linked" "" "$(grep -E 'fmt|spdlog' <<<"$needed" || true)"
  claim_contains "it has symbols for a debug package" .symtab "$(headers -S)"
  claim_contains "and line numbers" .debug_line "$(headers -S)"
fi
commands=$work/distribution/compile_commands.json
claim "the distribution's flags are used" grep -q -- -D_FORTIFY_SOURCE=2 "$commands"
claim_not "none of our flags is added" grep -qE -- '_FORTIFY_SOURCE=3|GLIBCXX_ASSERTIONS|-Werror |-Os' "$commands"

# ---- our hardening flags replace the distribution's, without a warning ----
configure hardened -DCMAKE_BUILD_TYPE=Release -DFOOTBRIDGE_WERROR=ON
build hardened fb_net
claim "our flags are used" grep -q -- -D_FORTIFY_SOURCE=3 "$work/hardened/compile_commands.json"
claim_equal "the compiler warns of nothing" "" "$(grep -i warning "$work/hardened.log" || true)"
finish
