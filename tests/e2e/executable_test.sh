#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The installed files: one static executable of at most 3 MB, with a link for each plugin, that prints its version.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

exe=$bin/footbridge

# headers OPTIONS...: readelf(1) of the executable.
headers() { LC_ALL=C readelf -W "$@" "$exe"; }

if headers -l | grep INTERP >/dev/null; then
  echo "SKIP: a build with shared libraries (debug): size and linking are not checked"
else
  claim_equal "the executable needs no shared library" "" "$(headers -d | grep NEEDED || true)"
  claim "it has at most 3,000,000 bytes" test "$(stat -c %s "$exe")" -le 3000000
  claim_contains "it is position-independent" DYN "$(headers -h | grep Type:)"
  # Most of a call's time is the start of the plugin. A single std::ostringstream would link streams and locales with
  # their initialisers. The only initialiser left is the C++ library's emergency memory for exceptions.
  claim_not "it contains no C++ locale" grep -qaF NSt6locale5facetE "$exe"
  claim_not "it contains no C++ stream" grep -qaF St8ios_base "$exe"
  claim "none of our objects is initialised before main()" \
    test $((16#$(headers -S | sed -nE 's/.* \.init_array +[A-Z_]+ +[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) .*/\1/p'))) -le 24
  # Hardening.
  claim_contains "its stack is not executable" "RW " "$(headers -l | grep GNU_STACK)"
  claim_contains "relocated data is read-only before main()" "R  " "$(headers -l | grep GNU_RELRO)"
  claim_contains "all relocations are done at the start" BIND_NOW "$(headers -d)"
  claim_equal "the code has no relocations" "" "$(headers -d | grep TEXTREL || true)"
  claim_equal "no segment is writable and executable" "" "$(headers -l | grep -E ' RWE ' || true)"
  # The names of the checking functions are only in our archives: the executable is stripped, and its C library is
  # compiled with other flags.
  build=${FOOTBRIDGE_BUILD:?the build folder}
  undefined=$(nm -u "$build"/{lib,plugins,ipam,cli}/*.a)
  claim_contains "functions detect an overwritten stack" __stack_chk_fail "$undefined"
  claim_contains "C library functions check the size of their buffers" __snprintf_chk "$undefined"
  claim_contains "C++ containers check their indices" __glibcxx_assert_fail "$undefined"
  claim "buffers whose size is known only at run time are checked" grep -q -- -D_FORTIFY_SOURCE=3 "$build/build.ninja"
  claim_not "no file has a lower level" grep -qE '_FORTIFY_SOURCE=[0-2]' "$build/build.ninja"
  claim "a large stack frame is probed page by page" \
    grep -qE 'orq +\$0x0,\(%rsp\)' <(objdump -d "$build/lib/libfb_ipam.a")
fi

version=$("$exe" version)
plugins=$(sed -n 's/^plugins: //p' <<<"$version")
# A plugin is a folder or one file.
entries=$(cd "$source_dir" && find plugins ipam -mindepth 1 -maxdepth 1 \( -type d -o -name '*.cpp' \) -printf '%f\n')
claim_equal "it contains the plugins of the tree" "$(sed 's/\.cpp$//' <<<"$entries" | LC_ALL=C sort | xargs)" "$plugins"
for plugin in $plugins; do
  claim_equal "$plugin is a link to it" footbridge "$(readlink "$bin/$plugin")"
  own=$(env -u CNI_COMMAND "$bin/$plugin" 2>&1 >/dev/null </dev/null | sed -n "1s/^CNI $plugin plugin //p")
  claim "$plugin prints its version" test -n "$own"
  claim_contains "$plugin has the version of footbridge" "$own" "$version"
done

# OpenShift calls bridge cnv-bridge.
links=$(mktemp -d)
trap 'rm -rf "$links"' EXIT
output_as() {
  ln -sf "$exe" "$links/$1"
  env -u CNI_COMMAND "$links/$1" 2>&1 </dev/null || true
}
for plugin in $plugins; do
  claim_contains "a link that ends in -$plugin is $plugin" "CNI $plugin plugin " "$(output_as "cnv-$plugin")"
done
claim_contains "the words before it are ignored" "CNI host-local plugin " "$(output_as my-own-host-local)"
for name in mybridge bridge- cnv-bridge2 local; do
  claim_contains "$name is no plugin" "no plugin \"$name\"; this is the operator" "$(output_as "$name")"
  claim_contains "a runtime gets an error object from $name" "footbridge has no plugin \\\"$name\\\"" \
    "$(CNI_COMMAND=VERSION "$links/$name" </dev/null || true)"
done
# Usual names of a static build, and of a copy beside another version.
for name in footbridge-static footbridge-0.1-bridge; do
  ln -s "$exe" "$links/$name"
  claim_equal "$name is the operator's command" "$version" "$("$links/$name" version 2>&1 </dev/null)"
  claim_contains "a runtime gets an error object from $name" "footbridge has no plugin \\\"$name\\\"" \
    "$(CNI_COMMAND=VERSION "$links/$name" </dev/null || true)"
done
finish
