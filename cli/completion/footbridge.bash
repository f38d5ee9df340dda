# SPDX-License-Identifier: Apache-2.0
# bash completion for footbridge(1): commands, options, networks in the folder of --conf or NETCONFPATH, namespaces in
# /run/netns, and current attachments. It needs only bash, not the package bash-completion.
# shellcheck shell=bash disable=SC2207  # no candidate has white space in it

_footbridge_commands="add del check exec show ipam reload install pause version help"

# The options of a command: _footbridge_options COMMAND
_footbridge_options() {
  local attach="--conf --plugins --cache --id --ifname --args --port --ip --mac --help"
  case $1 in
    add) echo "$attach --force --quiet" ;;
    exec) echo "$attach --force" ;;
    del | check) echo "$attach" ;;
    show) echo "--json --help" ;;
    "ipam ls") echo "--json --dir --help" ;;
    "ipam gc") echo "--dry-run --dir --help" ;;
    reload) echo "--cache --help" ;;
    install) echo "--dest --only --link --config --config-dest --set --set-file --help" ;;
    *) echo "--help" ;;
  esac
}

# The key "name" at the top of a network configuration: _footbridge_name FILE
_footbridge_name() {
  awk '
    { text = text $0 " " }
    END {
      for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (!inside) {
          if (c == "\"") { inside = 1; token = "" }
          else if (c == "{" || c == "[") depth++
          else if (c == "}" || c == "]") depth--
          else if (depth == 1 && c == ":") is_value = 1
          else if (depth == 1 && c == ",") is_value = 0
        } else if (c == "\\") {
          token = token substr(text, ++i, 1)
        } else if (c != "\"") {
          token = token c
        } else {
          inside = 0
          if (depth == 1 && is_value && tolower(key) == "name") { print token; exit }
          if (depth == 1 && !is_value) key = token
        }
      }
    }' "$1" 2>/dev/null
}

# The networks of a folder or a file: _footbridge_networks PATH
_footbridge_networks() {
  local file
  for file in "$1" "$1"/*.conflist "$1"/*.conf "$1"/*.json; do
    [ ! -f "$file" ] || _footbridge_name "$file"
  done
}

# "NETWORK CONTAINER INTERFACE" of each attachment: _footbridge_attachments PROGRAM
_footbridge_attachments() {
  "$1" show 2>/dev/null </dev/null | awk '
    /^network / { network = $2; sub(/,$/, "", network) }
    /^  [^ ]/ && $1 != "CONTAINER" { print network, $1, $2 }'
}

_footbridge_plugins() {
  "$1" version 2>/dev/null </dev/null | sed -n 's/^plugins: //p'
}

# Namespaces: for del and check those attached to the network, else all with a name.
# _footbridge_namespaces PROGRAM COMMAND NETWORK
_footbridge_namespaces() {
  local attached=""
  case $2 in
    del | check)
      attached=$(_footbridge_attachments "$1" |
        awk -v network="$3" '$1 == network && sub(/^footbridge-/, "", $2) { print $2 }')
      ;;
  esac
  if [ -n "$attached" ]; then
    echo "$attached"
  else
    (cd /run/netns 2>/dev/null && compgen -f)
  fi
}

# The words for the value of an option: _footbridge_value PROGRAM OPTION TEXT
_footbridge_value() {
  case $2 in
    --plugins | --cache | --dir | --dest | --config-dest) compgen -d -- "$3" ;;
    --conf | --config) compgen -f -- "$3" ;;
    --set-file) [[ $3 != *=* ]] || compgen -P "${3%%=*}=" -f -- "${3#*=}" ;;
    --link) [[ $3 != *=* ]] || compgen -P "${3%%=*}=" -W "$(_footbridge_plugins "$1")" -- "${3#*=}" ;;
    --only) compgen -W "$(_footbridge_plugins "$1")" -- "$3" ;;
    --id) compgen -W "$(_footbridge_attachments "$1" | awk '{ print $2 }')" -- "$3" ;;
    --ifname) compgen -W "$(_footbridge_attachments "$1" | awk '{ print $3 }' | sort -u)" -- "$3" ;;
  esac
}

# The words for a positional argument: _footbridge_argument PROGRAM COMMAND TEXT CONF STORE POSITIONALS...
_footbridge_argument() {
  local program=$1 command=$2 text=$3 conf=$4 store=$5
  shift 5
  case $command/$# in
    help/0) compgen -W "$_footbridge_commands" -- "$text" ;;
    ipam/*) compgen -W "ls gc" -- "$text" ;;
    add/0 | del/0 | check/0 | exec/0) compgen -W "$(_footbridge_networks "$conf")" -- "$text" ;;
    reload/0) compgen -W "$(_footbridge_attachments "$program" | awk '{ print $1 }' | sort -u)" -- "$text" ;;
    ipam\ */0) (cd "$store" 2>/dev/null && compgen -d -- "$text") ;;
    add/1 | del/1 | check/1)
      case $text in
        /* | .*) compgen -f -- "$text" ;;
        *) compgen -W "$(_footbridge_namespaces "$program" "$command" "$1")" -- "$text" ;;
      esac
      ;;
  esac
}

# The words of the line up to the cursor as they were typed: readline splits --conf=PATH into three. Sets words, and at:
# the index in COMP_WORDS at which each of them begins.
_footbridge_words() {
  local i is_open=""
  words=() at=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    if [[ ${#words[@]} -gt 1 && (-n $is_open || ${COMP_WORDS[i]} =~ ^[=:]+$) ]]; then
      words[${#words[@]} - 1]+=${COMP_WORDS[i]}
    else
      words+=("${COMP_WORDS[i]}")
      at+=("$i")
    fi
    is_open=""
    [[ ! ${COMP_WORDS[i]} =~ ^[=:]+$ ]] || is_open=yes
  done
}

# Completes the command after "--" of exec: _footbridge_inner INDEX
_footbridge_inner() {
  if declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif [ "$1" -eq "$COMP_CWORD" ]; then
    COMPREPLY=($(compgen -c -- "${COMP_WORDS[COMP_CWORD]}"))
  else
    COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
  fi
}

# Reads the words before the cursor. Sets command, positionals, conf and store, and expects: the option whose value
# comes next. Fails after the "--" of exec, with `inner` set to the index in COMP_WORDS at which the command begins.
_footbridge_read() {
  local i word
  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    word=${words[i]}
    if [ -n "$expects" ]; then
      word=$expects=$word
      expects=""
    fi
    case $word in
      --) inner=${at[i + 1]} && [ "$command" != exec ] || return ;;
      --conf=*) conf=${word#*=} ;;
      --dir=*) store=${word#*=} ;;
      --*=* | --help | --force | --quiet | --json | --dry-run) ;;
      --*) expects=$word ;;
      -*) ;;
      *)
        case $command in
          "") command=$word ;;
          ipam) command="ipam $word" ;;
          *) positionals+=("$word") ;;
        esac
        ;;
    esac
  done
}

_footbridge() {
  local words at inner command="" expects="" positionals=()
  local conf=${NETCONFPATH:-/etc/cni/net.d} store=/var/lib/cni/networks
  _footbridge_words
  _footbridge_read || { _footbridge_inner "$inner" && return; }
  local program=${words[0]} text=${words[${#words[@]} - 1]}
  if [[ -z $expects && $text == --*=* ]]; then
    expects=${text%%=*} text=${text#*=}
  fi
  if [ -n "$expects" ]; then
    COMPREPLY=($(_footbridge_value "$program" "$expects" "$text"))
  elif [[ $text == -* ]]; then
    COMPREPLY=($(compgen -W "$(_footbridge_options "$command")" -- "$text"))
  elif [ -z "$command" ]; then
    COMPREPLY=($(compgen -W "$_footbridge_commands" -- "$text"))
  else
    COMPREPLY=($(_footbridge_argument "$program" "$command" "$text" "$conf" "$store" "${positionals[@]}"))
  fi
  [[ -z $expects && $text != [/.]* ]] || compopt -o filenames 2>/dev/null  # folders end in a slash
  # readline replaces only the text after the last "=" or ":".
  local i rest=${COMP_WORDS[COMP_CWORD]}
  [[ ! $rest =~ ^[=:]+$ ]] || rest=""
  for i in "${!COMPREPLY[@]}"; do
    COMPREPLY[i]=${COMPREPLY[i]#"${text%"$rest"}"}
  done
}

complete -F _footbridge footbridge
