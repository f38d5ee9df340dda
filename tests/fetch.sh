# SPDX-License-Identifier: Apache-2.0
# Fetches packages of other programs and other releases into build/, for tests and benchmarks. Sourced by `run`, whose
# functions it uses.
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2046,SC2086,SC2154  # lists of packages are words; open_suite sets $apt and $suite
# Unpacked for a network namespace: an installed firewalld would become this machine's firewall.
firewalld_packages="firewalld python3-firewall python3-nftables"
# Mounted over /usr in a mount namespace: installed packages would start daemons and add their own networks.
runtime_packages="containerd runc podman conmon golang-github-containers-common libgpgme11 libassuan0 libsubid4
  libseccomp2 libdevmapper1.02.1 slirp4netns libslirp0 uidmap"
# The root in which the Debian package is installed: what dpkg needs, and nothing that configures networks.
debian_packages="base-files bash coreutils dash debianutils diffutils dpkg findutils grep libacl1 libattr1 libbz2-1.0
  libc-bin libc6 libgcc-s1 libgmp10 liblzma5 libmd0 libpcre2-8-0 libselinux1 libtinfo6 libzstd1 sed tar zlib1g"
# nft(8) of other releases, with its libraries.
nft_packages="nftables libnftables1 libnftnl11 libmnl0 libjansson4 libxtables12 libgmp10 libedit2 libbsd0 libmd0
  libtinfo6 libc6"

# The compiler packages of the newest Go, which libcni 1.3 needs; their names contain the version.
newest_go() {
  apt-cache -c "$apt/apt.conf" depends golang-go golang-src | grep -o 'golang-[0-9.]*-\(go\|src\)$'
}

# Debian's newest reference plugins, in build/reference. The tests (-with-others) also get the newest containerd in
# build/containerd, and libcni 1.3 with a Go compiler in build/libcni.
fetch_reference() {
  open_suite sid || return 1
  [ -d build/reference ] || fetch_into build/reference containernetworking-plugins || return 1
  [ "${1:-}" != -with-others ] || [ -d build/containerd ] || fetch_into build/containerd containerd || return 1
  if [ "${1:-}" = -with-others ] && [ ! -d build/libcni ]; then
    go=$(newest_go) || go=
    if [ -z "$go" ]; then
      echo "Cannot find the package of the newest Go in Debian $suite."
      return 1
    fi
    fetch_into build/libcni golang-github-appc-cni-dev $go || return 1
  fi
  close_suite
}

# If they cannot be fetched, the tests that need them are skipped.
fetch_for_tests() {
  fetch_reference -with-others || echo "The tests that need them will be skipped."
}

# fetch_once SUITE FOLDER PACKAGE...: unpacks packages into a build folder, once. If that fails, tests are skipped.
fetch_once() {
  [ "$1 $2 $(cat "$2/.packages" 2>/dev/null)" = "$*" ] || step "fetch ${2#build/}" fetch_of "$@"
}

fetch_of() {
  (open_suite "$1" && shift && fetch_into "$@" && close_suite) || echo "The tests that need it will be skipped."
}

# The kernel packages that linux-image-amd64 of the open suite depends on.
kernel_packages() {
  apt-cache -c "$apt/apt.conf" depends --recurse --important linux-image-amd64 |
    grep -E '^linux-(image|binary|modules|base)-[0-9]' | sort -u
}

kernel_suites="bullseye bookworm trixie sid"

# fetch_kernel SUITE: the newest kernel of a Debian suite in build/kernels/SUITE, prepared for tests/kernels.
fetch_kernel() {
  [ -e "build/kernels/$1/ready" ] || step "fetch a kernel of $1" prepare_kernel "$1"
}

prepare_kernel() {
  (open_suite "$1" && fetch_into "build/kernels/$1" $(kernel_packages) && close_suite &&
    python3 -B tests/kernels/prepare.py "build/kernels/$1") || echo "Tests that need this kernel are skipped."
}
