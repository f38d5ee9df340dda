// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/kind/new_link.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <cerrno>
#include <system_error>

namespace netlink {
namespace {

bool has_own_mac(const Kind& kind) {
  return std::visit([](const auto& one) { return one.kHasOwnMac; }, kind);
}

// name: "" lets the kernel choose one.
Request request_named(const NewLink& link, const std::string& name) {
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  auto& info = message.header<ifinfomsg>();
  info.ifi_family = AF_UNSPEC;
  info.ifi_flags = link.is_up ? IFF_UP : 0;
  info.ifi_change = info.ifi_flags;
  if (!name.empty()) message.put_text(IFLA_IFNAME, name);
  if (link.mac || has_own_mac(link.kind)) put_mac(message, link.mac);
  put_sizes(message, link);
  if (link.parent.index != 0) message.put_u32(IFLA_LINK, link.parent.index);
  if (link.master.index != 0) message.put_u32(IFLA_MASTER, link.master.index);
  if (link.netns.fd >= 0) message.put_u32(IFLA_NET_NS_FD, static_cast<std::uint32_t>(link.netns.fd));
  {
    const Message::Nest linkinfo(message, IFLA_LINKINFO);
    std::visit(
        [&](const auto& kind) {
          message.put_text(IFLA_INFO_KIND, kind.kName);
          const Message::Nest data(message, IFLA_INFO_DATA);
          put_data(message, kind, link);
        },
        link.kind);
  }
  Request request{std::move(message), std::visit([&](const auto& kind) { return failure(kind, link); }, link.kind)};
  if (link.may_exist) request.accepted = {EEXIST};
  return request;
}

}  // namespace

Request request(const NewLink& link) { return request_named(link, link.name.text()); }

std::string text(const NewLink& link) {
  std::string line = "ip link add " + link.name.text() + (link.is_up ? " up" : "");
  if (link.parent.index != 0) line += " link " + link.parent.name;
  if (link.mac) line += " address " + link.mac->text();
  line += text_of_sizes(link);
  if (link.master.index != 0) line += " master " + link.master.name;
  if (link.netns.fd >= 0) line += " netns " + link.netns.path;
  return line +
         std::visit([&](const auto& kind) { return " type " + std::string(kind.kName) + text(kind, link); }, link.kind);
}

bool is_supported(Socket& socket, const Kind& kind) {
  constexpr std::uint32_t kTooMany = 0x7fffffff;
  NewLink probe{net::IfName("probe"), kind};
  probe.tx_queues = kTooMany;
  try {
    socket.exchange(request_named(probe, {}));  // no name: the kernel would first check whether it exists
  } catch (const std::system_error& error) {
    if (error.code().value() == EOPNOTSUPP) return false;
    if (error.code().value() != EINVAL) throw;
  }
  return true;
}

void put_mac(Message& message, const std::optional<net::Mac>& mac) {
  message.put(IFLA_ADDRESS, mac ? mac->bytes : random_mac().bytes);
}

void put_sizes(Message& message, const NewLink& link) {
  if (link.mtu != 0) message.put_u32(IFLA_MTU, link.mtu);
  if (link.tx_queues != 0) message.put_u32(IFLA_NUM_TX_QUEUES, link.tx_queues);
  if (link.rx_queues != 0) message.put_u32(IFLA_NUM_RX_QUEUES, link.rx_queues);
  if (std::holds_alternative<Veth>(link.kind)) message.put_u32(IFLA_TXQLEN, Veth::kTxQueueLength);
}

std::string text_of_sizes(const NewLink& link) {
  std::string words;
  if (link.mtu != 0) words += " mtu " + std::to_string(link.mtu);
  if (link.tx_queues != 0) words += " numtxqueues " + std::to_string(link.tx_queues);
  if (link.rx_queues != 0) words += " numrxqueues " + std::to_string(link.rx_queues);
  if (std::holds_alternative<Veth>(link.kind)) words += " txqueuelen " + std::to_string(Veth::kTxQueueLength);
  return words;
}

}  // namespace netlink
