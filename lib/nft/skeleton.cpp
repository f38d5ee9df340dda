#include "lib/nft/skeleton.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

namespace nft {
namespace {

// Where the addresses and ports are: RFC 791, RFC 8200, and the first four bytes of TCP, UDP and SCTP alike.
struct Layout {
  std::uint8_t protocol;  // NFPROTO_*
  std::uint32_t source;   // bytes into the network header
  std::uint32_t destination;
  std::uint32_t size;  // bytes of an address
};
constexpr Layout kV4{NFPROTO_IPV4, 12, 16, 4};
constexpr Layout kV6{NFPROTO_IPV6, 8, 24, 16};
constexpr std::uint32_t kDestinationPort = 2;

// The 4-byte register `words` behind the beginning of register 1; whole registers are named by their own numbers, as
// nft(8) does, where a part begins at a multiple of 16 bytes.
std::uint32_t register_at(std::uint32_t bytes) { return bytes % 16 == 0 ? kFirst + bytes / 16 : kFirst32 + bytes / 4; }

class Builder {
 public:
  Builder& add(Expression expression) {
    expressions_.push_back(std::move(expression));
    return *this;
  }
  Builder& family(const Layout& layout) {
    return add(load_meta(NFT_META_NFPROTO, kFirst)).add(is_equal(layout.protocol, 1));
  }
  Builder& destination_was_translated() {
    return add(load_ct_status(kFirst)).add(keep_bits(IPS_DST_NAT, 4)).add(is_not_zero());
  }
  Builder& destination_in(const Layout& layout, std::string_view set) {
    return add(load_network(layout.destination, layout.size, kFirst)).add(is_in(set));
  }
  Builder& source_in(const Layout& layout, std::string_view set) {
    return add(load_network(layout.source, layout.size, kFirst)).add(is_in(set));
  }
  Builder& pair_in(const Layout& layout, std::string_view set) {
    return add(load_network(layout.source, layout.size, kFirst))
        .add(load_network(layout.destination, layout.size, register_at(layout.size)))
        .add(is_in(set));
  }
  Builder& first_byte_is(std::uint32_t offset, std::uint8_t byte) {
    return add(load_network(offset, 1, kFirst)).add(is_equal(byte, 1));
  }
  // Protocol and destination port into the registers behind `offset` bytes of register 1.
  Builder& service_at(std::uint32_t offset) {
    return add(load_meta(NFT_META_L4PROTO, register_at(offset)))
        .add(load_transport(kDestinationPort, 2, kFirst32 + offset / 4 + 1));
  }
  Rule rule(const char* chain, std::string_view text) { return {chain, text, std::move(expressions_)}; }

 private:
  Expressions expressions_;
};

Rule publish_on_address(const Layout& layout, net::Family family, const char* map, std::string_view text) {
  Builder builder;
  builder.family(layout).add(load_network(layout.destination, layout.size, kFirst)).service_at(layout.size);
  builder.add(map_by(map)).add(destination_nat(family, kFirst, register_at(layout.size)));
  return builder.rule("hostports", text);
}

Rule publish_everywhere(const Layout& layout, net::Family family, const char* map, std::string_view text) {
  Builder builder;
  builder.service_at(0).add(map_by(map)).add(destination_nat(family, kFirst, register_at(layout.size)));
  return builder.rule("hostports", text);
}

Rule jump_for_own_addresses(const char* chain) {
  return Builder()
      .add(load_fib_daddr_type(kFirst))
      .add(is_equal(RTN_LOCAL, 4))
      .add(verdict(NFT_JUMP, "hostports"))
      .rule(chain, "fib daddr type local jump hostports");
}

// A client in the container's own network would be answered past the NAT, and the answer would not be known to it.
Rule hairpin(const Layout& layout, const char* published, const char* local, std::string_view text) {
  return Builder()
      .destination_was_translated()
      .family(layout)
      .destination_in(layout, published)
      .pair_in(layout, local)
      .add(masquerade())
      .rule("postrouting", text);
}

Rule from_localhost() {
  return Builder()
      .destination_was_translated()
      .family(kV4)
      .destination_in(kV4, "snat4")
      .first_byte_is(kV4.source, 127)
      .add(masquerade())
      .rule("postrouting", "ct status dnat ip daddr @snat4 ip saddr 127.0.0.0/8 masquerade");
}

Rule leave_multicast4() {
  return Builder()
      .family(kV4)
      .add(load_network(kV4.destination, kV4.size, kFirst))
      .add(keep_bits(htonl(0xf0000000U), kV4.size))
      .add(is_equal(htonl(0xe0000000U), kV4.size))
      .add(verdict(NFT_RETURN))
      .rule("postrouting", "ip daddr 224.0.0.0/4 return");
}

Rule leave_multicast6() {
  return Builder()
      .family(kV6)
      .first_byte_is(kV6.destination, 0xff)
      .add(verdict(NFT_RETURN))
      .rule("postrouting", "ip6 daddr ff00::/8 return");
}

Rule leave_local(const Layout& layout, const char* set, std::string_view text) {
  return Builder().family(layout).pair_in(layout, set).add(verdict(NFT_RETURN)).rule("postrouting", text);
}

Rule masquerade_source(const Layout& layout, const char* set, std::string_view text) {
  return Builder().family(layout).source_in(layout, set).add(masquerade()).rule("postrouting", text);
}

// route_localnet lets packets to 127.0.0.0/8 in by the bridge, which no container has any business to send. Before
// connection tracking, so the answers to the host's own connections, which get that address only there, pass.
Rule guard_localnet() {
  return Builder()
      .add(load_meta(NFT_META_IIFNAME, kFirst))
      .add(is_in("localnet"))
      .family(kV4)
      .first_byte_is(kV4.destination, 127)
      .add(verdict(NF_DROP))
      .rule("guard", "iifname @localnet ip daddr 127.0.0.0/8 drop");
}

}  // namespace

const std::vector<Chain>& chains() {
  // Priorities: after kube-proxy's and everybody else's at dstnat (-100), whose services come first (behaviour of the
  // reference since its 0.7.5); masquerading at srcnat (100).
  static const std::vector<Chain> all{
      {"hostports", nullptr, 0, 0, "published ports; those on one address come first"},
      {"guard", "filter", NF_INET_PRE_ROUTING, -300, "keeps containers off the host's 127.0.0.0/8"},
      {"prerouting", "nat", NF_INET_PRE_ROUTING, -90, "from outside and from containers to the host's addresses"},
      {"output", "nat", NF_INET_LOCAL_OUT, -90, "from the host to its own addresses"},
      {"postrouting", "nat", NF_INET_POST_ROUTING, 100, "what leaves under the host's address"},
  };
  return all;
}

std::vector<Rule> rules() {
  std::vector<Rule> all;
  all.push_back(publish_on_address(kV4, net::Family::v4, "hostip4",
                                   "dnat ip to ip daddr . meta l4proto . th dport map @hostip4"));
  all.push_back(
      publish_everywhere(kV4, net::Family::v4, "hostport4", "dnat ip to meta l4proto . th dport map @hostport4"));
  all.push_back(publish_on_address(kV6, net::Family::v6, "hostip6",
                                   "dnat ip6 to ip6 daddr . meta l4proto . th dport map @hostip6"));
  all.push_back(
      publish_everywhere(kV6, net::Family::v6, "hostport6", "dnat ip6 to meta l4proto . th dport map @hostport6"));
  all.push_back(guard_localnet());
  all.push_back(jump_for_own_addresses("prerouting"));
  all.push_back(jump_for_own_addresses("output"));
  all.push_back(
      hairpin(kV4, "snat4", "local4", "ct status dnat ip daddr @snat4 ip saddr . ip daddr @local4 masquerade"));
  all.push_back(from_localhost());
  all.push_back(
      hairpin(kV6, "snat6", "local6", "ct status dnat ip6 daddr @snat6 ip6 saddr . ip6 daddr @local6 masquerade"));
  all.push_back(leave_multicast4());
  all.push_back(leave_multicast6());
  all.push_back(leave_local(kV4, "local4", "ip saddr . ip daddr @local4 return"));
  all.push_back(masquerade_source(kV4, "masq4", "ip saddr @masq4 masquerade"));
  all.push_back(leave_local(kV6, "local6", "ip6 saddr . ip6 daddr @local6 return"));
  all.push_back(masquerade_source(kV6, "masq6", "ip6 saddr @masq6 masquerade"));
  return all;
}

}  // namespace nft
