#include "lib/netlink/conntrack.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <system_error>
#include <vector>

#include "lib/netlink/attributes.h"

namespace netlink {
namespace {

// Which parts of the tuple CTA_FILTER compares; the bits are in net/netfilter/nf_internals.h only, since Linux 5.8.
constexpr std::uint32_t kFilterProtocol = 1U << 3U;
constexpr std::uint32_t kFilterDestinationPort = 1U << 5U;

Message conntrack_message(std::uint16_t message, net::Family family) {
  Message result(static_cast<std::uint16_t>(NFNL_SUBSYS_CTNETLINK << 8U | message), 0);
  auto& header = result.header<nfgenmsg>();
  header.nfgen_family = static_cast<std::uint8_t>(family);
  header.version = NFNETLINK_V0;
  return result;
}

// The kernel compares the protocol, and the port when it is one, so that a table of a million entries is not carried here.
// What it sends is looked at again all the same: an older kernel does not know the filter.
Message udp_to(net::Family family, const PortsOfAddresses& ports) {
  const bool is_one = ports.size() == 1;
  Message message = conntrack_message(IPCTNL_MSG_CT_GET, family);
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

constexpr std::uint32_t kTranslated = IPS_SRC_NAT | IPS_DST_NAT;
constexpr std::uint32_t kSettled = kTranslated | IPS_SEEN_REPLY;

Message unanswered(net::Family family) {
  Message message = conntrack_message(IPCTNL_MSG_CT_GET, family);
  message.put_u32(CTA_STATUS, 0);
  message.put_u32(CTA_STATUS_MASK, htonl(kSettled));
  return message;
}

struct Flow {
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

bool is_to(const Attributes& flow, const PortsOfAddresses& ports) {
  const auto tuple = flow.nest(CTA_TUPLE_ORIG);
  const auto protocol = tuple ? tuple->nest(CTA_TUPLE_PROTO) : std::nullopt;
  if (!protocol || protocol->u8(CTA_PROTO_NUM) != IPPROTO_UDP) return false;
  const auto port = protocol->u16(CTA_PROTO_DST_PORT);
  const auto found = port ? ports.find(ntohs(*port)) : ports.end();
  if (found == ports.end()) return false;
  const auto address = address_in(*tuple, CTA_IP_V4_DST, CTA_IP_V6_DST);
  return found->second.empty() || (address && found->second.contains(*address));
}

bool is_from(const Attributes& flow, const std::set<net::Address>& sources) {
  const auto tuple = flow.nest(CTA_TUPLE_ORIG);
  const auto address = tuple ? address_in(*tuple, CTA_IP_V4_SRC, CTA_IP_V6_SRC) : std::nullopt;
  return address && sources.contains(*address);
}

bool has_status(const Attributes& flow, std::uint32_t bits) {
  return (ntohl(flow.u32(CTA_STATUS).value_or(0)) & bits) != 0;
}

std::vector<Flow> observe_flows(Socket& socket, Message wanted,
                                const std::function<bool(const Attributes&)>& is_wanted) {
  std::vector<Flow> flows;
  const auto keep = [&](const nlmsghdr* reply) {
    const Attributes flow(reply, sizeof(nfgenmsg));
    if (!is_wanted(flow)) return;
    const auto original = flow.bytes(CTA_TUPLE_ORIG);
    const auto id = flow.bytes(CTA_ID);
    flows.push_back({{original.begin(), original.end()}, {id.begin(), id.end()}});
  };
  try {
    socket.dump(std::move(wanted), "list flows", keep, [&] { flows.clear(); });
  } catch (const std::system_error& error) {
    const int code = error.code().value();
    if (code != EOPNOTSUPP && code != EINVAL && code != EPROTONOSUPPORT) throw;
  }
  return flows;
}

unsigned forget(Socket& socket, net::Family family, const std::vector<Flow>& flows, const std::string& what) {
  for (const Flow& flow : flows) {
    Message message = conntrack_message(IPCTNL_MSG_CT_DELETE, family);
    message.put(NLA_F_NESTED | CTA_TUPLE_ORIG, flow.original);
    if (!flow.id.empty()) message.put(CTA_ID, flow.id);
    socket.exchange({std::move(message), "delete " + what, {ENOENT}});
  }
  return static_cast<unsigned>(flows.size());
}

}  // namespace

unsigned flush_udp(Socket& socket, net::Family family, const PortsOfAddresses& ports, Flows which) {
  if (ports.empty()) return 0;
  const auto flows = observe_flows(socket, udp_to(family, ports), [&](const Attributes& flow) {
    return is_to(flow, ports) && (which == Flows::all || !has_status(flow, kTranslated));
  });
  return forget(socket, family, flows, "UDP flow to a published port");
}

unsigned flush_unanswered(Socket& socket, net::Family family, const std::set<net::Address>& sources) {
  const auto flows = observe_flows(socket, unanswered(family), [&](const Attributes& flow) {
    return is_from(flow, sources) && !has_status(flow, kSettled);
  });
  return forget(socket, family, flows, "flow that nobody answered");
}

}  // namespace netlink
