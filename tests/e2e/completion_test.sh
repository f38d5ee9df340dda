#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bash completion for footbridge: the words that it offers for a line, and that it knows each command and option of
# --help.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need awk
private_host "$@"
# shellcheck source=cli/completion/footbridge.bash
. "$source_dir/cli/completion/footbridge.bash"

# Command completion reads PATH.
PATH=$bin:$PATH

# offered WORD...: the completions of the last word, sorted on one line. Words are split at "=" and ":", as readline
# does.
offered() {
  local word
  COMP_WORDS=() COMPREPLY=()
  for word in "$@"; do
    if [[ $word == [!/]*[=:]* ]]; then
      mapfile -t -O "${#COMP_WORDS[@]}" COMP_WORDS < <(sed -E 's/[=:]/\n&\n/g' <<<"$word" | sed '/^$/d')
    else
      COMP_WORDS+=("$word")
    fi
  done
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  _footbridge || true
  [ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}" | sort -u | paste -sd ' '
}

claim_equal "bash calls it for footbridge" "complete -F _footbridge footbridge" "$(complete -p footbridge)"
claim_equal "a command is completed" "add" "$(offered footbridge a)"
claim_equal "all commands are offered" \
  "$(footbridge --help | sed -nE 's/^  ([a-z]+) .*/\1/p' | sort -u | paste -sd ' ')" \
  "$(offered footbridge '')"

# ---- options: those of --help ----
for command in $(footbridge --help | sed -nE 's/^  ([a-z]+) .*/\1/p'); do
  [ "$command" != ipam ] || continue
  claim_equal "all options of $command are offered" \
    "$(footbridge "$command" --help | grep -oE -- '^  (-.,)?--[a-z-]+' | grep -oE -- '--.*' | sort | paste -sd ' ')" \
    "$(offered footbridge "$command" --)"
done
claim_equal "commands are offered after help" "add" "$(offered footbridge help a)"
claim_equal "ipam has its own commands" "gc ls" "$(offered footbridge ipam '')"
for command in ls gc; do
  claim_equal "all options of ipam $command are offered" \
    "$(footbridge ipam "$command" --help | grep -oE -- '--[a-z-]+' | sort -u | paste -sd ' ')" \
    "$(offered footbridge ipam "$command" --)"
done

# ---- networks: from the folder that the command reads ----
mkdir "$files/net.d" "$files/other"
cat >"$files/net.d/10-blue.conflist" <<'JSON'
{ "cniVersion": "1.0.0", "plugins": [ { "type": "bridge", "name": "inner", "bridge": "blue0", "args": { "name": "no" },
  "ipam": { "type": "host-local", "ranges": [[{ "subnet": "10.77.0.0/24" }]] } } ],
  "name": "blue-net" }
JSON
echo '{ "name": "bare-net", "type": "loopback" }' >"$files/net.d/20.conf"
echo '{ "description": "\"name\": \"quoted\"", "name": "other-net", "plugins": [] }' >"$files/other/x.json"
echo 'no JSON' >"$files/other/y.conflist"
export NETCONFPATH=$files/net.d
claim_equal "networks are those of NETCONFPATH" "bare-net blue-net" "$(offered footbridge add '')"
claim_equal "the start of a name is completed" "blue-net" "$(offered footbridge exec bl)"
claim_equal "--conf names another folder" "other-net" "$(offered footbridge add --conf "$files/other" '')"
claim_equal "so does --conf=DIR" "other-net" "$(offered footbridge add --conf="$files/other" o)"
claim_equal "--conf may be a file" "bare-net" "$(offered footbridge add --conf "$files/net.d/20.conf" '')"
claim_equal "after an option without a value comes a network" "blue-net" "$(offered footbridge add --quiet bl)"
claim_equal "a published address is one word" "blue-net" "$(offered footbridge add --port 127.0.0.1:8080:80/tcp bl)"

# ---- namespaces and attachments ----
new_netns red green
claim_equal "namespaces of ip netns are offered" "green outside red" "$(offered footbridge add blue-net '')"
footbridge add --quiet blue-net red
claim_equal "del: attached namespaces" "red" "$(offered footbridge del blue-net '')"
claim_equal "all namespaces if none is attached" "green outside red" "$(offered footbridge del bare-net '')"
claim_equal "the container's id" "footbridge-red" "$(offered footbridge del --id '')"
claim_equal "the interface" "eth0" "$(offered footbridge check --ifname e)"
claim_equal "reload: networks with attachments" "blue-net" "$(offered footbridge reload '')"
claim_equal "ipam: networks with a store" "blue-net" "$(offered footbridge ipam ls '')"
claim_equal "ipam --dir: networks of that store" "net.d other" "$(cd / && offered footbridge ipam gc --dir "$files" '')"
claim_equal "there is no third argument" "" "$(offered footbridge add blue-net red '')"
footbridge del blue-net red

# ---- values ----
claim_equal "folders" "$files/net.d" "$(offered footbridge add --conf "$files/n")"
claim_equal "--conf=DIR: only the part after the equals sign" "$files/net.d" \
  "$(offered footbridge add --conf="$files/n")"
claim_equal "files" "$files/other/x.json" "$(offered footbridge install --config "$files/other/x")"
claim_contains "plugins" "portmap" "$(offered footbridge install --only p)"
claim_equal "--link NAME=PLUGIN: plugins after the equals sign" "bridge" \
  "$(offered footbridge install --link cnv-bridge=br)"
claim_equal "nothing is offered for an address" "" "$(offered footbridge add --ip '')"

# ---- exec: a command line after the two dashes ----
claim_equal "the command" "setpriv" "$(offered footbridge exec blue-net -- setpri)"
claim_equal "its files" "$files/net.d" "$(offered footbridge exec blue-net -- ls "$files/ne")"
finish
