// SPDX-License-Identifier: Apache-2.0
// Links of any kind: reading them, and requests that change or delete them (rtnetlink(7), linux/if_link.h).
//
// Requests name their link; text() is the equivalent ip(8) command.
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

// A reference to another link.
struct LinkRef {
  std::uint32_t index = 0;  // 0: none
  std::string name = {};    // for the text
};

// A reference to a network namespace.
struct NetnsRef {
  int fd = -1;            // -1: the socket's own namespace
  std::string path = {};  // for the text
};

struct Link {
  std::uint32_t index = 0;
  std::string name;
  std::string alias;  // IFLA_IFALIAS; "" if there is none
  std::string kind;   // "veth", "bridge", ...; "" for lo and hardware
  std::optional<net::Mac> mac;
  // veth: this namespace's number of the peer's namespace if that is another one (IFLA_LINK_NETNSID).
  std::optional<std::uint32_t> peer_netns;
  std::uint32_t mtu = 0;              // bytes
  std::uint32_t tx_queue_length = 0;  // packets: IFLA_TXQLEN
  std::uint32_t master = 0;           // index of the bridge whose port it is; 0: none
  std::uint32_t peer = 0;             // veth: index of the peer in its own namespace; 0: unknown
  std::uint32_t group = 0;            // IFLA_GROUP
  bool is_up = false;                 // administratively: IFF_UP
  bool is_promiscuous = false;        // administratively: IFF_PROMISC; false if only a sniffer enabled it
  bool is_all_multicast = false;      // administratively: IFF_ALLMULTI
  bool is_running = false;            // operational state UP or UNKNOWN (RFC 2863): a bridge forwards to it
  bool is_hairpin = false;            // bridge port: frames may leave through their ingress port
  bool is_isolated = false;           // bridge port: no frames to other isolated ports
  std::string data = {};              // IFLA_INFO_DATA as the kernel sent it, for lib/netlink/kind
  std::vector<std::string> alt_names = {};
};

// The link with that name or index; nullopt if there is none.
std::optional<Link> observe_link(Socket& socket, const net::IfName& name);
std::optional<Link> observe_link(Socket& socket, std::uint32_t index);

// The link with that alternative name.
std::optional<Link> observe_link_by_alt_name(Socket& socket, const std::string& alt_name);

// All links, or only those with that master, in the kernel's order.
std::vector<Link> observe_links(Socket& socket, std::uint32_t master = 0);

// True if the bridge has a port that matches. Stops at the first: a bridge may have a thousand ports.
bool has_port(std::uint32_t bridge, const std::function<bool(const Link&)>& matches);

// Changes the fields that are set. An index identifies an observed link even if it was renamed since.
struct SetLink {
  net::IfName name;
  std::optional<bool> up = {};
  std::optional<bool> promiscuous = {};
  std::optional<net::Mac> mac = {};
  std::optional<std::string> alias = {};
  std::optional<std::uint32_t> mtu = {};  // bytes
  std::optional<bool> all_multicast = {};
  std::optional<std::uint32_t> tx_queue_length = {};  // packets
  std::uint32_t index = 0;                            // 0: the link with that name
  std::optional<net::IfName> new_name = {};           // needs the index, and a link that is down or moves
  NetnsRef netns = {};                                // moves the link there; it loses its addresses and is down
};
Request request(const SetLink& change);
std::string text(const SetLink& change);

// Adds an alternative name to a link (ip-link(8), "property add altname"), 1 to 127 bytes. The kernel rejects a name of
// another link in the namespace (EEXIST). Kernels before 5.5 have no alternative names; that counts as success.
struct NewAltName {
  net::IfName link;
  std::string alt_name;
};
Request request(const NewAltName& change);
std::string text(const NewAltName& change);

// Succeeds if the link is gone.
struct DeleteAltName {
  net::IfName link;
  std::string alt_name;
};
Request request(const DeleteAltName& change);
std::string text(const DeleteAltName& change);

// Succeeds if the link is already gone. An index protects another link that took the name since.
struct DeleteLink {
  net::IfName name;
  std::uint32_t index = 0;  // 0: the link with that name
};
Request request(const DeleteLink& change);
std::string text(const DeleteLink& change);

// A random MAC address: locally administered, unicast (IEEE 802, U/L and I/G bits), from getrandom(2).
net::Mac random_mac();

}  // namespace netlink
