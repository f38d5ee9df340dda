// SPDX-License-Identifier: Apache-2.0
// Requests and observations of the libraries in the test's own host.
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

// One change; throws what the kernel refuses.
template <class Change>
void make(netlink::Socket& socket, const Change& change) {
  socket.exchange(netlink::request(change));
}

// A bridge with that MAC address; mtu: bytes, 0: the kernel's default. One that exists already is success.
inline netlink::NewLink new_bridge(const net::IfName& name, const net::Mac& mac = kMac, std::uint32_t mtu = 0) {
  netlink::NewLink bridge{name, netlink::Bridge{}};
  bridge.mac = mac;
  bridge.mtu = mtu;
  bridge.may_exist = true;
  return bridge;
}

// The sentence of the failure; "" when there is none.
inline std::string failure_of(const std::function<void()>& function) {
  try {
    function();
  } catch (const std::system_error& error) {
    return error.what();
  }
  return "";
}

// The link as `ip -j -d link show` tells it; null when there is none.
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

// The index of a link that is there.
inline std::uint32_t index_of(netlink::Socket& socket, const std::string& name) {
  return netlink::observe_link(socket, net::IfName(name)).value().index;
}

// A link that is up: a veth whose other end, "p" and the name, is up too. Not every kernel has a dummy.
inline void add_link(const Host& host, const std::string& name, const std::string& netns = {}) {
  const std::string peer = ("p" + name).substr(0, 15);
  host.run({"ip", "link", "add", name, "up", "type", "veth", "peer", "name", peer}, netns);
  host.run({"ip", "link", "set", peer, "up"}, netns);
}

}  // namespace test
