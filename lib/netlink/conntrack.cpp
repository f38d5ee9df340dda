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

// The kernel compares, so that a table of a million entries is not carried here for one port. What it sends is looked at
// again all the same: an older kernel does not know the filter.
Message udp_to(net::Family family, std::uint16_t port) {
  Message message = conntrack_message(IPCTNL_MSG_CT_GET, family);
  {
    const Message::Nest tuple(message, CTA_TUPLE_ORIG);
    const Message::Nest protocol(message, CTA_TUPLE_PROTO);
    message.put_u8(CTA_PROTO_NUM, IPPROTO_UDP);
    message.put_u16(CTA_PROTO_DST_PORT, htons(port));
  }
  const Message::Nest filter(message, CTA_FILTER);
  message.put_u32(CTA_FILTER_ORIG_FLAGS, kFilterProtocol | kFilterDestinationPort);
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

bool is_to(const Attributes& flow, std::uint16_t port, const std::optional<net::Address>& address) {
  const auto tuple = flow.nest(CTA_TUPLE_ORIG);
  const auto protocol = tuple ? tuple->nest(CTA_TUPLE_PROTO) : std::nullopt;
  if (!protocol || protocol->u8(CTA_PROTO_NUM) != IPPROTO_UDP) return false;
  if (protocol->u16(CTA_PROTO_DST_PORT) != htons(port)) return false;
  if (!address) return true;
  const auto addresses = tuple->nest(CTA_TUPLE_IP);
  if (!addresses) return false;
  const auto bytes = addresses->bytes(address->is_v4() ? CTA_IP_V4_DST : CTA_IP_V6_DST);
  return std::equal(bytes.begin(), bytes.end(), address->bytes().begin(), address->bytes().end());
}

bool is_from(const Attributes& flow, const std::set<net::Address>& sources) {
  const auto tuple = flow.nest(CTA_TUPLE_ORIG);
  const auto addresses = tuple ? tuple->nest(CTA_TUPLE_IP) : std::nullopt;
  if (!addresses) return false;
  const auto bytes = addresses->bytes(addresses->has(CTA_IP_V4_SRC) ? CTA_IP_V4_SRC : CTA_IP_V6_SRC);
  return (bytes.size() == 4 || bytes.size() == 16) && sources.contains(net::Address::from_bytes(bytes));
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

unsigned flush_udp(Socket& socket, net::Family family, std::uint16_t port, std::optional<net::Address> address,
                   Flows which) {
  const auto flows = observe_flows(socket, udp_to(family, port), [&](const Attributes& flow) {
    return is_to(flow, port, address) && (which == Flows::all || !has_status(flow, kTranslated));
  });
  return forget(socket, family, flows, "UDP flow to port " + std::to_string(port));
}

unsigned flush_unanswered(Socket& socket, net::Family family, const std::set<net::Address>& sources) {
  const auto flows = observe_flows(socket, unanswered(family), [&](const Attributes& flow) {
    return is_from(flow, sources) && !has_status(flow, kSettled);
  });
  return forget(socket, family, flows, "flow that nobody answered");
}

}  // namespace netlink
