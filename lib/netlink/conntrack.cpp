// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/conntrack.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <system_error>
#include <vector>

#include "lib/netlink/attributes.h"

namespace netlink {
namespace {

// The parts of the tuple that CTA_FILTER compares. The bits are only in net/netfilter/nf_internals.h; since Linux 5.8.
constexpr std::uint32_t kFilterDestination = 1U << 1U;
constexpr std::uint32_t kFilterProtocol = 1U << 3U;
constexpr std::uint32_t kFilterDestinationPort = 1U << 5U;

constexpr std::array kUnsupported{EOPNOTSUPP, EINVAL, EPROTONOSUPPORT};  // a kernel without connection tracking

// AF_UNSPEC: both families.
Message conntrack_message(std::uint16_t message, std::uint8_t family, std::uint8_t version = NFNETLINK_V0) {
  Message result(static_cast<std::uint16_t>(NFNL_SUBSYS_CTNETLINK << 8U | message), 0);
  auto& header = result.header<nfgenmsg>();
  header.nfgen_family = family;
  header.version = version;
  return result;
}

// The kernel compares the protocol, and the port if there is only one, so that a table of a million entries is not
// transferred. The reply is checked again: older kernels ignore the filter.
Message udp_to(net::Family family, const PortsOfAddresses& ports) {
  const bool is_one = ports.size() == 1;
  Message message = conntrack_message(IPCTNL_MSG_CT_GET, static_cast<std::uint8_t>(family));
  {
    const Message::Nest tuple(message, CTA_TUPLE_ORIG);
    const Message::Nest protocol(message, CTA_TUPLE_PROTO);
    message.put_u8(CTA_PROTO_NUM, IPPROTO_UDP);
    if (is_one) message.put_u16(CTA_PROTO_DST_PORT, htons(ports.begin()->first));
  }
  const Message::Nest filter(message, CTA_FILTER);
  message.put_u32(CTA_FILTER_ORIG_FLAGS, kFilterProtocol | (is_one ? kFilterDestinationPort : 0));
  message.put_u32(CTA_FILTER_REPLY_FLAGS, 0);
  return message;
}

// Deletes the flows to one port, on every address unless an IPv4 address is given. Since Linux 6.12. Older kernels read
// the tuple as that of one flow, and reject it as incomplete (EINVAL).
Message delete_udp_to(net::Family family, std::uint16_t port, const net::Address* address) {
  constexpr std::uint8_t kFamilyCounts = 1;  // version; with 0 the kernel ignores the family
  Message message = conntrack_message(IPCTNL_MSG_CT_DELETE, static_cast<std::uint8_t>(family), kFamilyCounts);
  {
    const Message::Nest tuple(message, CTA_TUPLE_ORIG);
    if (address != nullptr) {
      const Message::Nest ip(message, CTA_TUPLE_IP);
      message.put(CTA_IP_V4_DST, address->bytes());
    }
    const Message::Nest protocol(message, CTA_TUPLE_PROTO);
    message.put_u8(CTA_PROTO_NUM, IPPROTO_UDP);
    message.put_u16(CTA_PROTO_DST_PORT, htons(port));
  }
  const Message::Nest filter(message, CTA_FILTER);
  message.put_u32(CTA_FILTER_ORIG_FLAGS,
                  kFilterProtocol | kFilterDestinationPort | (address != nullptr ? kFilterDestination : 0));
  message.put_u32(CTA_FILTER_REPLY_FLAGS, 0);
  return message;
}

constexpr std::uint32_t kTranslated = IPS_SRC_NAT | IPS_DST_NAT;
constexpr std::uint32_t kSettled = kTranslated | IPS_SEEN_REPLY;

Message unanswered(net::Family family) {
  Message message = conntrack_message(IPCTNL_MSG_CT_GET, static_cast<std::uint8_t>(family));
  message.put_u32(CTA_STATUS, 0);
  message.put_u32(CTA_STATUS_MASK, htonl(kSettled));
  return message;
}

struct Flow {
  std::uint8_t family = AF_UNSPEC;
  std::vector<std::uint8_t> original;  // CTA_TUPLE_ORIG as it came
  std::vector<std::uint8_t> id;
};

std::optional<net::Address> address_in(const Attributes& tuple, std::uint16_t v4, std::uint16_t v6) {
  const auto addresses = tuple.nest(CTA_TUPLE_IP);
  if (!addresses) return std::nullopt;
  const auto bytes = addresses->bytes(addresses->has(v4) ? v4 : v6);
  if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
  return net::Address::from_bytes(bytes);
}

bool is_to(const Attributes& flow, const PortsOfFamilies& ports) {
  const auto tuple = flow.nest(CTA_TUPLE_ORIG);
  const auto protocol = tuple ? tuple->nest(CTA_TUPLE_PROTO) : std::nullopt;
  if (!protocol || protocol->u8(CTA_PROTO_NUM) != IPPROTO_UDP) return false;
  const auto address = address_in(*tuple, CTA_IP_V4_DST, CTA_IP_V6_DST);
  const auto port = protocol->u16(CTA_PROTO_DST_PORT);
  const auto of_family = address ? ports.find(address->family()) : ports.end();
  if (of_family == ports.end() || !port) return false;
  const auto found = of_family->second.find(ntohs(*port));
  if (found == of_family->second.end()) return false;
  return found->second.empty() || found->second.contains(*address);
}

bool is_from(const Attributes& flow, const std::set<net::Address>& sources) {
  const auto tuple = flow.nest(CTA_TUPLE_ORIG);
  const auto address = tuple ? address_in(*tuple, CTA_IP_V4_SRC, CTA_IP_V6_SRC) : std::nullopt;
  return address && sources.contains(*address);
}

bool has_status(const Attributes& flow, std::uint32_t bits) {
  return (ntohl(flow.u32(CTA_STATUS).value_or(0)) & bits) != 0;
}

// The number of flows in this namespace. All namespaces share one table, and a dump visits all its buckets: 10 ms for
// 262,144.
std::uint32_t count_flows(Socket& socket) {
  std::uint32_t count = 0;
  const auto read = [&count](const nlmsghdr* reply) {
    count = ntohl(Attributes(reply, sizeof(nfgenmsg)).u32(CTA_STATS_GLOBAL_ENTRIES).value_or(0));
  };
  socket.exchange({conntrack_message(IPCTNL_MSG_CT_GET_STATS, AF_UNSPEC),
                   "count flows",
                   {kUnsupported.begin(), kUnsupported.end()},
                   read,
                   true});
  return count;
}

std::vector<Flow> observe_flows(Socket& socket, Message wanted,
                                const std::function<bool(const Attributes&)>& is_wanted) {
  std::vector<Flow> flows;
  const auto keep = [&](const nlmsghdr* reply) {
    const Attributes flow(reply, sizeof(nfgenmsg));
    if (!is_wanted(flow)) return;
    const auto original = flow.bytes(CTA_TUPLE_ORIG);
    const auto id = flow.bytes(CTA_ID);
    const auto* const header = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(reply));
    flows.push_back({header->nfgen_family, {original.begin(), original.end()}, {id.begin(), id.end()}});
  };
  try {
    socket.dump(std::move(wanted), "list flows", keep, [&] { flows.clear(); });
  } catch (const std::system_error& error) {
    if (std::find(kUnsupported.begin(), kUnsupported.end(), error.code().value()) == kUnsupported.end()) throw;
  }
  return flows;
}

unsigned delete_flows(Socket& socket, const std::vector<Flow>& flows, const std::string& what) {
  for (const Flow& flow : flows) {
    Message message = conntrack_message(IPCTNL_MSG_CT_DELETE, flow.family);
    message.put(NLA_F_NESTED | CTA_TUPLE_ORIG, flow.original);
    if (!flow.id.empty()) message.put(CTA_ID, flow.id);
    socket.exchange({std::move(message), "delete " + what, {ENOENT}});
  }
  return static_cast<unsigned>(flows.size());
}

// Lets the kernel delete the flows, which takes a thirtieth of the time of a dump. Returns false if this kernel cannot,
// if there are many ports (each costs a walk over the table), or if a port is on an IPv6 address: Linux 6.18 then
// deletes all flows except those to the address (ctnetlink_filter_match_tuple).
bool delete_udp(Socket& socket, const PortsOfFamilies& ports) {
  constexpr std::size_t kMost = 16;
  std::vector<Request> requests;
  bool has_address6 = false;
  const auto add = [&](net::Family family, std::uint16_t port, const net::Address* address) {
    if (requests.size() <= kMost)
      requests.push_back({delete_udp_to(family, port, address), "delete UDP flows", {ENOENT}});
  };
  for (const auto& [family, of_family] : ports) {
    for (const auto& [port, addresses] : of_family) {
      if (addresses.empty()) add(family, port, nullptr);
      for (const net::Address& address : addresses) add(family, port, &address);
      has_address6 = has_address6 || (family == net::Family::v6 && !addresses.empty());
    }
  }
  if (requests.size() > kMost || has_address6) return false;
  try {
    socket.exchange(requests);
    return true;
  } catch (const std::system_error& error) {
    if (std::find(kUnsupported.begin(), kUnsupported.end(), error.code().value()) == kUnsupported.end()) throw;
    return false;
  }
}

}  // namespace

void flush_udp(Socket& socket, const PortsOfFamilies& ports, Flows which) {
  constexpr std::uint32_t kFew = 4096;  // transferring them takes less time than a second walk
  const std::uint32_t count = ports.empty() ? 0 : count_flows(socket);
  if (count == 0 || (which == Flows::all && delete_udp(socket, ports))) return;
  std::vector<Message> walks;
  if (ports.size() > 1 && count <= kFew)
    walks.push_back(conntrack_message(IPCTNL_MSG_CT_GET, AF_UNSPEC));  // the kernel can filter only by one family
  else
    for (const auto& [family, of_family] : ports) walks.push_back(udp_to(family, of_family));
  for (Message& walk : walks) {
    const auto flows = observe_flows(socket, std::move(walk), [&](const Attributes& flow) {
      return is_to(flow, ports) && (which == Flows::all || !has_status(flow, kTranslated));
    });
    delete_flows(socket, flows, "UDP flow to a published port");
  }
}

unsigned flush_unanswered(Socket& socket, net::Family family, const std::set<net::Address>& sources) {
  if (count_flows(socket) == 0) return 0;
  const auto flows = observe_flows(socket, unanswered(family), [&](const Attributes& flow) {
    return is_from(flow, sources) && !has_status(flow, kSettled);
  });
  return delete_flows(socket, flows, "unanswered flow");
}

}  // namespace netlink
