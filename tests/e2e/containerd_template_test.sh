#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The real containerd receives a pod CIDR as from the kubelet and fills in
# conf-examples/kubernetes/containerd-template.conflist. The resulting network works.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need setpriv
python=/usr/bin/python3
"$python" -c 'import grpc' 2>/dev/null || skip "needs python3-grpcio"
private_host "$@"
lay_over_usr "$source_dir/build/runtimes"
mkdir "$files/net.d"
cat >"$files/config.toml" <<TOML
version = 2
root = "$files/root"
state = "$files/state"
[grpc]
  address = "$files/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "$files/opt"
[plugins."io.containerd.grpc.v1.cri"]
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$bin"
    conf_dir = "$files/net.d"
    conf_template = "$source_dir/conf-examples/kubernetes/containerd-template.conflist"
TOML

# RuntimeService.UpdateRuntimeConfig of the CRI: field 1 in field 1 in field 1, with lengths below 128.
send_pod_cidr() {
  "$python" - "$1" <<PY
import grpc, sys
message = sys.argv[1].encode()
for _ in range(3):
    message = bytes([1 << 3 | 2, len(message)]) + message
channel = grpc.insecure_channel("unix://$files/containerd.sock", options=[("grpc.default_authority", "localhost")])
call = channel.unary_unary("/runtime.v1.RuntimeService/UpdateRuntimeConfig", request_serializer=bytes,
                           response_deserializer=bytes)
call(message, timeout=10)
PY
}

background containerd --config "$files/config.toml" >"$files/log" 2>&1
wait_for "containerd to accept the pod CIDR" send_pod_cidr 10.244.7.0/24,fd00:10:244:7::/64
wait_for "the configuration" test -e "$files/net.d/10-containerd-net.conflist"
claim_equal "the configuration contains both pod CIDRs" \
  '[[{"subnet":"10.244.7.0/24"}],[{"subnet":"fd00:10:244:7::/64"}]]' \
  "$(jq -c '.plugins[0].ipam.ranges' "$files/net.d/10-containerd-net.conflist")"
new_netns pod
claim_equal "ADD allocates an address of each" "10.244.7.2/24 fd00:10:244:7::2/64" \
  "$("$bin/footbridge" add --conf "$files/net.d" pods pod | jq -r '[.ips[].address] | join(" ")')"
claim "DEL" "$bin/footbridge" del --conf "$files/net.d" pods pod
claim "nothing is left" holds_nothing_of footbridge-pod
finish
