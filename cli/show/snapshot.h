// SPDX-License-Identifier: Apache-2.0
// What of ours is on this host, and how it is told: a table for people, JSON for programs. No system calls here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/net/address.h"
#include "lib/net/owner.h"
#include "lib/net/prefix.h"

namespace cli {

struct SeenPort {
  std::optional<net::Address> host_ip;  // nullopt: every address of the host
  std::uint16_t host_port = 0;
  std::string protocol;  // "tcp"
  net::Address container_ip;
  std::uint16_t container_port = 0;
  bool is_standby = false;  // another attachment of the container has it
};

struct SeenAttachment {
  net::Owner owner;
  std::string host_interface;  // "" when it is gone and only nftables elements are left
  std::string kind;            // of the host interface: "veth"; "" when it is gone
  bool is_up = false;          // the host interface
  std::vector<net::Prefix> addresses;
  std::vector<SeenPort> ports;
  bool is_finished = true;  // ADD came to its end; otherwise it is at work, or was killed
};

struct SeenNetwork {
  std::string name;
  std::string bridge;                         // "" when none was found
  std::vector<net::Prefix> bridge_addresses;  // the gateways
  std::vector<SeenAttachment> attachments;
};

struct Snapshot {
  std::vector<SeenNetwork> networks;
};

// A heading per network and an aligned line per attachment; an address or a port after the first has a line of its own.
std::string table(const Snapshot& snapshot);

// {"networks": [{"name", "bridge", "bridgeAddresses", "attachments": [{"containerID", "ifname", "hostInterface", "kind",
// "up", "finished", "addresses", "ports": [{"hostIP", "hostPort", "protocol", "containerIP", "containerPort", "standby"}]}]}]};
// "standby": true is only there for a port that stands by.
std::string json(const Snapshot& snapshot);

// "192.168.1.2:8080 -> 80/tcp", "*:53 -> 53/udp", "[::1]:8080 -> 80/tcp", "*:8080 -> 80/tcp (standby)".
std::string text(const SeenPort& port);

}  // namespace cli
