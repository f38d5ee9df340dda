#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The plugins start only our own executables.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need strace
private_host "$@"
export PATH=$bin:$PATH
export ASAN_OPTIONS=detect_leaks=0  # for a sanitizer build: LeakSanitizer does not work under strace
new_netns red
examples=$source_dir/conf-examples

# traced COMMAND...: the programs that the command started or tried to start, one per line, without the first.
traced() {
  strace -f -qq -e trace=execve,execveat -o "$files/trace" "$@" >/dev/null 2>"$files/stderr" ||
    fail "command failed under strace: $*
$(cat "$files/stderr" "$files/trace")"
  sed -n 's/.*execve\(at\)\{0,1\}([^"]*"\([^"]*\)".*/\2/p' "$files/trace" | tail -n +2
}

# only_ours WORDS EXPECTED COMMAND...: all started programs are ours; EXPECTED has their sorted names, one for each
# start.
only_ours() {
  local what=$1 expected=$2 program names=
  shift 2
  for program in $(traced "$@"); do
    [ "$(readlink -f "$program")" = "$(readlink -f "$bin/footbridge")" ] || fail "$what: it started $program"
    names="$names${program##*/}
"
  done
  claim_equal "$what" "$expected" "$(printf '%s' "$names" | sort | tr '\n' ' ' | sed 's/ $//')"
}

# bridge calls its IPAM plugin without a process (builtin_test.sh).
only_ours "ADD starts only bridge and portmap" "bridge portmap" \
  footbridge add --conf "$examples" --port 8080:80 --port 5353:53/udp port-mapping-example red
only_ours "reload starts nothing" "" footbridge reload
only_ours "CHECK starts only bridge and portmap" "bridge portmap" footbridge check --conf "$examples" \
  port-mapping-example red
only_ours "DEL starts only bridge and portmap" "bridge portmap" footbridge del --conf "$examples" port-mapping-example \
  red
only_ours "a second DEL starts only bridge and portmap" "bridge portmap" footbridge del --conf "$examples" \
  port-mapping-example red
only_ours "show starts nothing" "" footbridge show
finish
