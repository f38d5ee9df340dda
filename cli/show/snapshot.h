// SPDX-License-Identifier: Apache-2.0
// Our networks and attachments on this host, as a table or as JSON. No system calls.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/net/address.h"
#include "lib/net/owner.h"
#include "lib/net/prefix.h"

namespace cli {

struct SeenPort {
  net::Address host_ip;  // 0.0.0.0 or ::, every address of the host in this family
  std::uint16_t host_port = 0;
  std::string protocol;  // "tcp"
  net::Address container_ip;
  std::uint16_t container_port = 0;
  bool is_standby = false;  // another attachment of the container serves it
};

struct SeenAttachment {
  net::Owner owner;
  std::string host_interface;  // "" if it is gone and only nftables elements are left
  std::string kind;            // of the host interface: "veth"; "" if it is gone
  bool is_up = false;          // the host interface
  std::vector<net::Prefix> addresses;
  std::vector<SeenPort> ports;
  bool is_finished = true;  // false: ADD is running, or was killed
  std::string pod = {};     // "namespace/name"; "" if it is unknown
};

struct SeenNetwork {
  std::string name;
  std::string bridge;                         // "" if none was found
  std::vector<net::Prefix> bridge_addresses;  // the gateways
  std::vector<SeenAttachment> attachments;
};

struct Snapshot {
  std::vector<SeenNetwork> networks;
};

// A heading for each network and an aligned row for each attachment. Further addresses and ports have a row each. The
// column POD exists if a pod is known.
std::string table(const Snapshot& snapshot);

// {"networks": [{"name", "bridge", "bridgeAddresses", "attachments": [{"containerID", "ifname", "pod", "hostInterface",
// "kind", "up", "finished", "addresses", "ports": [{"hostIP", "hostPort", "protocol", "containerIP", "containerPort",
// "standby"}]}]}]}. Only a port that stands by has "standby": true.
std::string json(const Snapshot& snapshot);

// "192.168.1.2:8080 -> 80/tcp", "0.0.0.0:53 -> 53/udp", "[::1]:8080 -> 80/tcp", "[::]:8080 -> 80/tcp (standby)".
std::string text(const SeenPort& port);

}  // namespace cli
