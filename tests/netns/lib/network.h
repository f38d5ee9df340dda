// SPDX-License-Identifier: Apache-2.0
// Shared by the kernel tests of the libraries: requests to the kernel, and links as ip(8) prints them.
#pragma once

#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include "lib/net/prefix.h"
#include "lib/netlink/bridge_port.h"
#include "lib/netlink/kind/new_link.h"
#include "lib/netlink/link.h"
#include "tests/netns/host.h"

namespace test {

inline net::Prefix prefix(const std::string& text) { return net::Prefix::parse(text).value(); }
inline net::Address address(const std::string& text) { return net::Address::parse(text).value(); }
inline const net::Mac kMac{{0x0a, 0x58, 0x0a, 0x01, 0x00, 0x01}};

// Makes one change; throws if the kernel rejects it.
template <class Change>
void make(netlink::Socket& socket, const Change& change) {
  socket.exchange(netlink::request(change));
}

// A request for a bridge with that MAC address. `mtu`: bytes; 0: the kernel's default. An existing bridge is not an
// error.
inline netlink::NewLink new_bridge(const net::IfName& name, const net::Mac& mac = kMac, std::uint32_t mtu = 0) {
  netlink::NewLink bridge{name, netlink::Bridge{}};
  bridge.mac = mac;
  bridge.mtu = mtu;
  bridge.may_exist = true;
  return bridge;
}

// The text of the std::system_error that the function throws; "" if it throws none.
inline std::string failure_of(const std::function<void()>& function) {
  try {
    function();
  } catch (const std::system_error& error) {
    return error.what();
  }
  return "";
}

// The link as `ip -j -d link show` prints it; null if it does not exist.
inline Json shown_link(const Host& host, const std::string& name, const std::string& netns = {}) {
  const os::ProcessOutput output = host.try_run(netns, {"ip", "-j", "-d", "link", "show", "dev", name});
  return output.exit_code == 0 ? Json::parse(output.out).at(0) : Json();
}

inline bool has_flag(const Json& link, const std::string& flag) {
  for (const Json& one : link.at("flags")) {
    if (one == flag) return true;
  }
  return false;
}

// The index of an existing link.
inline std::uint32_t index_of(netlink::Socket& socket, const std::string& name) {
  return netlink::observe_link(socket, net::IfName(name)).value().index;
}

// Creates a veth pair with both ends up; the peer's name is "p" and the name. Not every kernel has dummy links.
inline void add_link(const Host& host, const std::string& name, const std::string& netns = {}) {
  const std::string peer = ("p" + name).substr(0, 15);
  host.run({"ip", "link", "add", name, "up", "type", "veth", "peer", "name", peer}, netns);
  host.run({"ip", "link", "set", peer, "up"}, netns);
}

}  // namespace test
