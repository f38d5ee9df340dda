#!/bin/bash
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
  claim_contains "its stack is not executable" "RW " "$(headers -l | grep GNU_STACK)"
fi

version=$("$exe" version)
for plugin in bridge loopback portmap host-local static; do
  claim_equal "$plugin is a link to it" footbridge "$(readlink "$bin/$plugin")"
  about=$(env -u CNI_COMMAND "$bin/$plugin" 2>&1 >/dev/null </dev/null)
  claim_equal "$plugin without CNI_COMMAND says nothing on stdout" "" "$(env -u CNI_COMMAND "$bin/$plugin" 2>/dev/null)"
  own=$(sed -n "1s/^CNI $plugin plugin //p" <<<"$about")
  claim "$plugin says which version it is" test -n "$own"
  claim_contains "$plugin has the version that footbridge tells" "$own" "$version"
  claim_contains "$plugin tells the protocol's versions" \
    "CNI protocol versions supported: 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0" "$about"
done
well_done
