# SPDX-License-Identifier: Apache-2.0
# Builds the client of the real libcni (main.go); sourced by bash after lib.sh and private_host.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # shared with lib.sh and with the scripts that source this

build_folder=${FOOTBRIDGE_BUILD:-$source_dir/build/release}

# build_client 1.1.2|1.3: builds the client with that libcni and sets $client. Fails and sets $why if libcni is missing.
build_client() {
  local packages=/usr/share/gocode tags=none go=go root=
  if [ "$1" = 1.3 ]; then
    local fetched=$source_dir/build/libcni/usr
    packages=$fetched/share/gocode tags=libcni_1_3
    root=$(find "$fetched/lib" -maxdepth 1 -name 'go-*' 2>/dev/null | head -n 1)
    go=$root/bin/go
  fi
  why="needs libcni $1: ./run test installs 1.1.2, and fetches 1.3 from Debian's sid"
  [ -d "$packages/src/github.com/containernetworking/cni/libcni" ] && command -v "$go" >/dev/null || return 1
  client=$files/libcni_client-$1
  (cd "$source_dir/tests/e2e/libcni" &&
    GO111MODULE=off GOFLAGS='' GOTOOLCHAIN=local GOROOT=$root GOPATH=$packages GOCACHE=$build_folder/gocache \
      CGO_ENABLED=0 "$go" build -tags "$tags" -o "$client" .) || fail "cannot build the client of libcni $1"
}
