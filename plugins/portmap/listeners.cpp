// SPDX-License-Identifier: Apache-2.0
#include "plugins/portmap/listeners.h"

#include <linux/netlink.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "lib/log/log.h"
#include "lib/netlink/sock_diag.h"
#include "lib/os/waited_for.h"

namespace portmap {
namespace {

// A mapping, and the families that it is published in.
struct Published {
  const Mapping* mapping = nullptr;
  bool in_v4 = false;
  bool in_v6 = false;

  [[nodiscard]] bool conflicts_with(const netlink::Listener& listener) const {
    const bool is_family = (in_v4 && listener.takes_ipv4) || (in_v6 && !listener.address.is_v4());
    const bool is_address =
        !mapping->is_on_one_address() || listener.address.is_unspecified() || listener.address == *mapping->host_ip;
    return listener.port == mapping->host_port && is_family && is_address;
  }
};

std::vector<Published> published_over(std::uint8_t protocol, const Config& config,
                                      const std::vector<net::Prefix>& addresses) {
  const auto is_in = [&](const Mapping& mapping, net::Family family) {
    return config.publishes(mapping, family) &&
           std::any_of(addresses.begin(), addresses.end(),
                       [&](const net::Prefix& address) { return address.family() == family; });
  };
  std::vector<Published> result;
  for (const Mapping& mapping : config.mappings) {
    const Published one{&mapping, is_in(mapping, net::Family::v4), is_in(mapping, net::Family::v6)};
    if (mapping.protocol.number == protocol && (one.in_v4 || one.in_v6)) result.push_back(one);
  }
  return result;
}

// Always queries IPv6 sockets: they may also accept IPv4.
std::vector<netlink::Listener> observe(netlink::Socket& socket, std::uint8_t protocol,
                                       const std::vector<Published>& published) {
  const std::uint16_t port = published.size() == 1 ? published[0].mapping->host_port : 0;
  auto listeners = netlink::observe_listeners(socket, protocol, net::Family::v6, port);
  if (std::any_of(published.begin(), published.end(), [](const Published& one) { return one.in_v4; })) {
    const auto of_v4 = netlink::observe_listeners(socket, protocol, net::Family::v4, port);
    listeners.insert(listeners.end(), of_v4.begin(), of_v4.end());
  }
  return listeners;
}

struct Conflict {
  const Mapping* mapping;
  netlink::Listener listener;
};

std::vector<Conflict> observe_conflicts(const Config& config, const std::vector<net::Prefix>& addresses) {
  netlink::Socket socket(NETLINK_SOCK_DIAG);
  std::vector<Conflict> conflicts;
  for (const std::uint8_t protocol : {IPPROTO_TCP, IPPROTO_UDP}) {
    const std::vector<Published> published = published_over(protocol, config, addresses);
    if (published.empty()) continue;
    for (const netlink::Listener& listener : observe(socket, protocol, published)) {
      const auto found = std::find_if(published.begin(), published.end(),
                                      [&](const Published& one) { return one.conflicts_with(listener); });
      if (found != published.end()) conflicts.push_back({found->mapping, listener});
    }
  }
  return conflicts;
}

}  // namespace

void warn_of_listeners(const Config& config, const std::vector<net::Prefix>& container_addresses) {
  try {
    const std::vector<Conflict> conflicts = observe_conflicts(config, container_addresses);
    std::set<std::uint32_t> inodes;
    for (const Conflict& conflict : conflicts) inodes.insert(conflict.listener.inode);
    const auto holders = inodes.empty() ? std::map<std::uint32_t, pid_t>() : netlink::observe_processes(inodes);
    for (const auto& [mapping, listener] : conflicts) {
      const auto holder = holders.find(listener.inode);
      if (holder != holders.end() && holder->second == ::getppid()) continue;
      const std::string process = holder == holders.end() ? "a process" : os::process_text(holder->second);
      logging::warn("host " + text(*mapping) + ": " + process + " on the host listens on " + listener.address.text() +
                    " port " + std::to_string(listener.port) +
                    "; new connections go to the container instead; stop the process or choose another hostPort");
    }
  } catch (const std::exception& error) {
    logging::info(std::string("cannot check for processes that listen on published ports: ") + error.what());
  }
}

}  // namespace portmap
