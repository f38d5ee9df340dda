// SPDX-License-Identifier: Apache-2.0
// Links of any kind: what is there, and the requests that change or remove one (rtnetlink(7), linux/if_link.h).
//
// Requests name their link; text() is the line of ip(8) that does the same.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/net/ifname.h"
#include "lib/net/mac.h"
#include "lib/netlink/socket.h"

namespace netlink {

struct Link {
  std::uint32_t index = 0;
  std::string name;
  std::string alias;  // IFLA_IFALIAS; "" when there is none
  std::string kind;   // "veth", "bridge", ...; "" for lo and hardware
  std::optional<net::Mac> mac;
  // veth: our number for the namespace of the other end, if that is another one, as a container's is (IFLA_LINK_NETNSID).
  std::optional<std::uint32_t> peer_netns;
  std::uint32_t mtu = 0;              // bytes
  std::uint32_t tx_queue_length = 0;  // packets: IFLA_TXQLEN
  std::uint32_t master = 0;           // index of the bridge that it is a port of; 0: none
  std::uint32_t peer = 0;             // veth: index of the other end, in its own namespace; 0: unknown
  std::uint32_t group = 0;            // IFLA_GROUP
  bool is_up = false;                 // administratively: IFF_UP
  bool is_promiscuous = false;        // administratively: IFF_PROMISC; not so by a sniffer alone
  bool is_all_multicast = false;      // administratively: IFF_ALLMULTI
  bool is_running = false;            // operational state UP or UNKNOWN (RFC 2863): a bridge forwards to it
  bool is_hairpin = false;            // as a bridge's port: frames may go out where they came in
  bool is_isolated = false;           // as a bridge's port: no frames to other isolated ports
  std::string data = {};              // IFLA_INFO_DATA as the kernel sent it, for lib/netlink/kind
};

// The link of that name or index; nullopt when there is none.
std::optional<Link> observe_link(Socket& socket, const net::IfName& name);
std::optional<Link> observe_link(Socket& socket, std::uint32_t index);

// ... or that alternative name.
std::optional<Link> observe_link_by_alt_name(Socket& socket, const std::string& alt_name);

// All links, or those with that master only, in the kernel's order.
std::vector<Link> observe_links(Socket& socket, std::uint32_t master = 0);

// Has that bridge a port of which this is true? The first one ends the search: a bridge may have a thousand.
bool has_port(std::uint32_t bridge, const std::function<bool(const Link&)>& is_meant);

// Changes what is set and leaves the rest. With the index of a link that was seen, that one is meant, whatever name it has since.
struct SetLink {
  net::IfName name;
  std::optional<bool> up = {};
  std::optional<bool> promiscuous = {};
  std::optional<net::Mac> mac = {};
  std::optional<std::string> alias = {};
  std::optional<std::uint32_t> mtu = {};  // bytes
  std::optional<bool> all_multicast = {};
  std::optional<std::uint32_t> tx_queue_length = {};  // packets
  std::uint32_t index = 0;                            // 0: whatever has the name
  std::optional<net::IfName> new_name = {};           // needs the index, and a link that is down
};
Request request(const SetLink& change);
std::string text(const SetLink& change);

// One more name for a link (ip-link(8), "property add altname"), 1 to 127 bytes. The kernel refuses one that another link of
// the namespace has (EEXIST). A kernel before 5.5 has no alternative names, which is success.
struct NewAltName {
  net::IfName link;
  std::string alt_name;
};
Request request(const NewAltName& change);
std::string text(const NewAltName& change);

// Success when it is gone already. With the index of the link that was seen under the name, another that took the name since
// is left alone.
struct DeleteLink {
  net::IfName name;
  std::uint32_t index = 0;  // 0: whatever has the name
};
Request request(const DeleteLink& change);
std::string text(const DeleteLink& change);

// A MAC for a link: random, locally administered, unicast (IEEE 802, U/L and I/G bits), from getrandom(2).
net::Mac random_mac();

}  // namespace netlink
