#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is installed: one static executable of at most 3 MB, with a link for each plugin, that says what it is.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

exe=$bin/footbridge

# headers OPTIONS...: what readelf(1) tells of the executable.
headers() { LC_ALL=C readelf -W "$@" "$exe"; }

if headers -l | grep INTERP >/dev/null; then
  echo "SKIP: a build with shared libraries (debug): its size and linking are not looked at"
else
  claim_equal "the executable needs no shared library" "" "$(headers -d | grep NEEDED || true)"
  claim "it has at most 3,000,000 bytes" test "$(stat -c %s "$exe")" -le 3000000
  claim_contains "it is position-independent" DYN "$(headers -h | grep Type:)"
  # Starting a plugin is most of what a call of it costs. Streams and locales would come with one std::ostringstream, and
  # bring their initialisation with them; what is initialised now is the C++ library's own memory for exceptions.
  claim_not "no locale of C++ is in it" grep -qaF NSt6locale5facetE "$exe"
  claim_not "no stream is in it" grep -qaF St8ios_base "$exe"
  claim "nothing of ours is initialised before main()" \
    test $((16#$(headers -S | sed -nE 's/.* \.init_array +[A-Z_]+ +[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) .*/\1/p'))) -le 24
  # What makes a mistake in it hard to use.
  claim_contains "its stack is not executable" "RW " "$(headers -l | grep GNU_STACK)"
  claim_contains "what is relocated is read-only before main()" "R  " "$(headers -l | grep GNU_RELRO)"
  claim_contains "and all of it is, at once" BIND_NOW "$(headers -d)"
  claim_equal "no relocation is in the code" "" "$(headers -d | grep TEXTREL || true)"
  claim_equal "nothing can be written to and executed" "" "$(headers -l | grep -E ' RWE ' || true)"
  # The names of the functions that check are only in our own archives: the executable is stripped, and the C library in it
  # has been compiled in its own way.
  build=${FOOTBRIDGE_BUILD:?the build folder}
  undefined=$(nm -u "$build"/{lib,plugins,ipam,cli}/*.a)
  claim_contains "its functions notice a stack that was written over" __stack_chk_fail "$undefined"
  claim_contains "the C library's functions know how large their buffers are" __snprintf_chk "$undefined"
  claim_contains "the C++ library's containers look at their indices" __glibcxx_assert_fail "$undefined"
  claim "buffers whose size is known at run time alone are looked at" grep -q -- -D_FORTIFY_SOURCE=3 "$build/build.ninja"
  claim_not "and nowhere less is asked for" grep -qE '_FORTIFY_SOURCE=[0-2]' "$build/build.ninja"
  claim "a large stack frame is touched page by page" \
    grep -qE 'orq +\$0x0,\(%rsp\)' <(objdump -d "$build/lib/libfb_ipam.a")
fi

version=$("$exe" version)
plugins=$(sed -n 's/^plugins: //p' <<<"$version")
# A plugin is a folder or one file.
entries=$(cd "$source_dir" && find plugins ipam -mindepth 1 -maxdepth 1 \( -type d -o -name '*.cpp' \) -printf '%f\n')
claim_equal "its plugins are those of the tree" "$(sed 's/\.cpp$//' <<<"$entries" | LC_ALL=C sort | xargs)" "$plugins"
for plugin in $plugins; do
  claim_equal "$plugin is a link to it" footbridge "$(readlink "$bin/$plugin")"
  own=$(env -u CNI_COMMAND "$bin/$plugin" 2>&1 >/dev/null </dev/null | sed -n "1s/^CNI $plugin plugin //p")
  claim "$plugin says which version it is" test -n "$own"
  claim_contains "$plugin has the version that footbridge tells" "$own" "$version"
done

# OpenShift calls bridge cnv-bridge.
links=$(mktemp -d)
trap 'rm -rf "$links"' EXIT
answer_as() {
  ln -sf "$exe" "$links/$1"
  env -u CNI_COMMAND "$links/$1" 2>&1 </dev/null || true
}
for plugin in $plugins; do
  claim_contains "a link that ends in -$plugin is $plugin" "CNI $plugin plugin " "$(answer_as "cnv-$plugin")"
done
claim_contains "the words before it are ignored" "CNI host-local plugin " "$(answer_as my-own-host-local)"
for name in mybridge bridge- cnv-bridge2 local; do
  claim_contains "$name is no plugin" "no plugin \"$name\"; this is the operator" "$(answer_as "$name")"
  claim_contains "a runtime gets an error that it understands of $name" "footbridge has no plugin \\\"$name\\\"" \
    "$(CNI_COMMAND=VERSION "$links/$name" </dev/null || true)"
done
# A usual name for a static build, and a copy beside another version.
for name in footbridge-static footbridge-0.1-bridge; do
  ln -s "$exe" "$links/$name"
  claim_equal "$name is the operator's command" "$version" "$("$links/$name" version 2>&1 </dev/null)"
  claim_contains "a runtime gets an error of $name" "footbridge has no plugin \\\"$name\\\"" \
    "$(CNI_COMMAND=VERSION "$links/$name" </dev/null || true)"
done
well_done
