// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <tuple>
#include <variant>

#include "cli/show/observation.h"

namespace cli {
namespace {

// The owner in an alias or comment. In a shortened one, all after the network is taken for the container id.
net::Owner owner_in(std::string_view mark) {
  if (auto owner = net::Owner::parse(mark)) return std::move(*owner);
  const std::size_t network = mark.find('/') == std::string_view::npos ? 0 : mark.find('/');
  return {std::string(mark.substr(0, network)), std::string(mark.substr(network == 0 ? 0 : network + 1)), ""};
}

std::string protocol_text(const nft::Value& value) { return nft::text(std::get<nft::Protocol>(value)); }
std::uint16_t port_number(const nft::Value& value) { return std::get<nft::Port>(value).number; }
net::Address address_of(const nft::Value& value) { return std::get<net::Prefix>(value).address; }

// Keys are [address .] protocol . port, data are address . port. In a standby map both have further parts.
SeenPort port_of(const ruleset::Element& element) {
  SeenPort port;
  std::size_t at = 0;
  port.container_ip = address_of(element.data.at(0));
  port.host_ip = *net::Address::parse(port.container_ip.is_v4() ? "0.0.0.0" : "::");
  if (element.key.size() > 2) port.host_ip = address_of(element.key.at(at++));
  port.is_standby = element.key.size() > 3;
  port.protocol = protocol_text(element.key.at(at++));
  port.host_port = port_number(element.key.at(at));
  port.container_port = port_number(element.data.at(1));
  return port;
}

bool is_before(const SeenPort& left, const SeenPort& right) {
  return std::tie(left.host_port, left.protocol, left.host_ip) <
         std::tie(right.host_port, right.protocol, right.host_ip);
}

class Assembly {
 public:
  explicit Assembly(const Observation& seen) : seen_(seen) {}

  Snapshot snapshot() {
    for (const netlink::Link& link : seen_.links) add_link(link);
    for (const ruleset::Element& element : seen_.owners) add_owned(element);
    for (const ruleset::Element& element : seen_.published)
      attachment_of(element.comment).ports.push_back(port_of(element));
    for (const ruleset::Element& element : seen_.local) add_network(element);
    sort();
    for (SeenNetwork& known : snapshot_.networks) {
      for (SeenAttachment& attachment : known.attachments) {
        const auto pod = seen_.pods.find(attachment.owner);
        if (pod != seen_.pods.end()) attachment.pod = pod->second;
      }
    }
    return std::move(snapshot_);
  }

 private:
  SeenNetwork& network(const std::string& name, const std::string& bridge) {
    for (SeenNetwork& known : snapshot_.networks) {
      if (known.name == name && (known.bridge == bridge || bridge.empty())) return known;
    }
    snapshot_.networks.push_back({name, bridge, {}, {}});
    return snapshot_.networks.back();
  }

  const netlink::Link* link(std::uint32_t index) const {
    const auto found = std::find_if(seen_.links.begin(), seen_.links.end(),
                                    [&](const netlink::Link& candidate) { return candidate.index == index; });
    return found == seen_.links.end() ? nullptr : &*found;
  }

  static std::vector<net::Prefix> addresses_of(std::uint32_t index,
                                               const std::map<std::uint32_t, std::vector<net::Prefix>>& seen) {
    const auto found = seen.find(index);
    if (found == seen.end()) return {};
    std::vector<net::Prefix> addresses = found->second;
    std::erase_if(addresses, is_link_local);
    return addresses;
  }

  static bool is_link_local(const net::Prefix& address) {
    static const net::Prefix link_local = *net::Prefix::parse("fe80::/10");
    return link_local.contains(address.address);
  }

  void add_link(const netlink::Link& host_end) {
    const auto alias = owner_of(host_end);
    if (!alias) return;
    const netlink::Link* master = link(host_end.master);
    SeenNetwork& known = network(alias->owner.network, master == nullptr ? "" : master->name);
    if (master != nullptr) known.bridge_addresses = addresses_of(master->index, seen_.bridge_addresses);
    SeenAttachment attachment{alias->owner, host_end.name, host_end.kind, host_end.is_up, {}, {}, alias->is_finished};
    attachment.addresses = addresses_of(host_end.index, seen_.inner_addresses);
    known.attachments.push_back(std::move(attachment));
  }

  // Finds it by the comment of an element, which may be a shortened owner (Owner::comment()).
  SeenAttachment& attachment_of(const std::string& comment) {
    for (SeenNetwork& known : snapshot_.networks) {
      for (SeenAttachment& attachment : known.attachments) {
        if (attachment.owner.comment() == comment || attachment.owner == owner_in(comment)) return attachment;
      }
    }
    const net::Owner owner = owner_in(comment);
    SeenNetwork& known = network(owner.network, "");
    known.attachments.push_back({owner, "", "", false, {}, {}});
    return known.attachments.back();
  }

  void add_owned(const ruleset::Element& element) {
    SeenAttachment& attachment = attachment_of(element.comment);
    const net::Address address = address_of(element.data.at(0));
    const bool is_known = std::any_of(attachment.addresses.begin(), attachment.addresses.end(),
                                      [&](const net::Prefix& known) { return known.address == address; });
    if (!is_known) attachment.addresses.push_back(net::Prefix::host(address));
  }

  // The first pair of a network is its prefix twice. The other pairs are destinations that are not masqueraded.
  void add_network(const ruleset::Element& element) {
    const auto known = std::any_of(snapshot_.networks.begin(), snapshot_.networks.end(),
                                   [&](const SeenNetwork& candidate) { return candidate.name == element.comment; });
    const auto& prefix = std::get<net::Prefix>(element.key.at(0));
    if (known || element.comment.empty() || element.key.at(0) != element.key.at(1)) return;
    for (const auto& [index, addresses] : seen_.bridge_addresses) {
      const bool is_here = std::any_of(addresses.begin(), addresses.end(),
                                       [&](const net::Prefix& address) { return address.network() == prefix; });
      if (!is_here) continue;
      network(element.comment, link(index)->name).bridge_addresses = addresses_of(index, seen_.bridge_addresses);
      return;
    }
  }

  void sort() {
    std::sort(snapshot_.networks.begin(), snapshot_.networks.end(),
              [](const SeenNetwork& left, const SeenNetwork& right) {
                return std::tie(left.name, left.bridge) < std::tie(right.name, right.bridge);
              });
    for (SeenNetwork& known : snapshot_.networks) {
      std::sort(known.attachments.begin(), known.attachments.end(),
                [](const SeenAttachment& left, const SeenAttachment& right) { return left.owner < right.owner; });
      for (SeenAttachment& attachment : known.attachments) {
        std::sort(attachment.ports.begin(), attachment.ports.end(), is_before);
      }
    }
  }

  const Observation& seen_;
  Snapshot snapshot_;
};

}  // namespace

std::optional<net::Owner::Alias> owner_of(const netlink::Link& link) {
  if (!net::Owner::is_host_end(link.name, link.alias)) return std::nullopt;
  const std::string_view mark = net::Owner::without_state(link.alias);
  return net::Owner::Alias{owner_in(mark), mark == link.alias};
}

Snapshot assemble(const Observation& observation) { return Assembly(observation).snapshot(); }

}  // namespace cli
