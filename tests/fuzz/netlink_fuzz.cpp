// SPDX-License-Identifier: Apache-2.0
// Replies of rtnetlink and conntrack. The first byte selects the request, the rest is the kernel's replies (kernel.h).
#include <linux/netlink.h>

#include <system_error>

#include "lib/netlink/address.h"
#include "lib/netlink/bridge_vlan.h"
#include "lib/netlink/conntrack.h"
#include "lib/netlink/link.h"
#include "lib/netlink/route.h"
#include "tests/fuzz/kernel.h"

namespace {

void ask_for_vlans(netlink::Socket& socket) {
  for (const auto& [port, vlans] : netlink::observe_vlans(socket)) {
    fuzz::require(netlink::normalized(vlans) == vlans, "VLANs are read in canonical form");
    netlink::text(vlans);
  }
}

void ask_for_routes(netlink::Socket& socket) {
  for (const netlink::Route& route : netlink::observe_routes(socket, {})) {
    route.dst.text();
    route.dst.overlaps(net::Prefix::any(route.dst.family()));
  }
}

void send_request(std::size_t what, netlink::Socket& socket) {
  const net::Address address = *net::Address::parse("10.1.0.2");
  switch (what) {
    case 0: netlink::observe_link(socket, net::IfName("eth0")); break;
    case 1: netlink::observe_links(socket); break;
    case 2: netlink::has_port(1, [](const netlink::Link& link) { return link.is_isolated; }); break;
    case 3: netlink::observe_addresses(socket, 1); break;
    case 4: ask_for_routes(socket); break;
    case 5: netlink::observe_route_to(socket, address); break;
    case 6: ask_for_vlans(socket); break;
    case 7: netlink::flush_udp(socket, {{net::Family::v4, {{53, {address}}, {80, {}}}}}); break;
    case 8: netlink::flush_unanswered(socket, net::Family::v4, {address}); break;
    default: socket.exchange(netlink::request(netlink::SetLink{net::IfName("eth0"), true})); break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kQuestions = 10;
  fuzz::Input input(data, size);
  const std::size_t selector = input.choice(kQuestions);
  const fuzz::Kernel kernel(input, true);
  try {
    netlink::Socket socket(NETLINK_ROUTE);
    send_request(selector, socket);
  } catch (const std::system_error& error) {
    fuzz::require(error.code().value() != 0, "an error has a number");
  }
  return 0;
}
