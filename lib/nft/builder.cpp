// SPDX-License-Identifier: Apache-2.0
#include "lib/nft/builder.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

namespace nft {

const Layout& layout_of(net::Family family) {
  static constexpr Layout kV4{NFPROTO_IPV4, 12, 16, 4, net::Family::v4};
  static constexpr Layout kV6{NFPROTO_IPV6, 8, 24, 16, net::Family::v6};
  return family == net::Family::v4 ? kV4 : kV6;
}

std::uint32_t register_at(std::uint32_t bytes) { return bytes % 16 == 0 ? kFirst + bytes / 16 : kFirst32 + bytes / 4; }

Builder& Builder::add(Expression expression) {
  expressions_.push_back(std::move(expression));
  return *this;
}

Builder& Builder::family(const Layout& layout) {
  return add(load_meta(NFT_META_NFPROTO, kFirst)).add(is_equal(layout.protocol, 1));
}

Builder& Builder::destination_was_translated() {
  return add(load_ct(NFT_CT_STATUS, kFirst)).add(keep_bits(IPS_DST_NAT, 4)).add(is_not_zero());
}

Builder& Builder::destination_is_local() { return add(load_fib_daddr_type(kFirst)).add(is_equal(RTN_LOCAL, 4)); }

Builder& Builder::source_in(const Layout& layout, std::string_view set) {
  return add(load_network(layout.source, layout.size, kFirst)).add(is_in(set));
}

Builder& Builder::destination_in(const Layout& layout, std::string_view set) {
  return add(load_network(layout.destination, layout.size, kFirst)).add(is_in(set));
}

Builder& Builder::pair_in(const Layout& layout, std::string_view set) {
  return add(load_network(layout.source, layout.size, kFirst))
      .add(load_network(layout.destination, layout.size, register_at(layout.size)))
      .add(is_in(set));
}

Builder& Builder::first_byte_is(std::uint32_t offset, std::uint8_t byte) {
  return add(load_network(offset, 1, kFirst)).add(is_equal(byte, 1));
}

Builder& Builder::name_in(std::uint32_t key, std::string_view set) {
  return add(load_meta(key, kFirst)).add(is_in(set));
}

Builder& Builder::links_in(std::string_view set) {
  constexpr std::uint32_t kLongestName = 16;  // IFNAMSIZ
  return add(load_meta(NFT_META_IIFNAME, kFirst))
      .add(load_meta(NFT_META_OIFNAME, register_at(kLongestName)))
      .add(is_in(set));
}

Builder& Builder::is_established() {
  constexpr std::uint32_t kStates = NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED);
  return add(load_ct(NFT_CT_STATE, kFirst)).add(keep_bits(kStates, sizeof kStates)).add(is_not_zero());
}

Builder& Builder::service_at(std::uint32_t offset) {
  constexpr std::uint32_t kDestinationPort = 2;  // byte offset in the headers of TCP, UDP and SCTP
  return add(load_meta(NFT_META_L4PROTO, register_at(offset)))
      .add(load_transport(kDestinationPort, 2, kFirst32 + offset / 4 + 1));
}

Rule Builder::rule(std::string_view chain, std::string text) {
  return {std::string(chain), std::move(text), std::move(expressions_)};
}

}  // namespace nft
