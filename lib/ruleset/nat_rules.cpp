// SPDX-License-Identifier: Apache-2.0
// Masquerading and published ports.
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include <array>
#include <string>

#include "lib/nft/builder.h"
#include "lib/ruleset/skeleton.h"

namespace ruleset {
namespace {

// Words that differ between families: "ip" and "4" become "ip6" and "6".
class Words {
 public:
  explicit Words(const nft::Layout& layout) : is_v4_(layout.family == net::Family::v4) {}
  [[nodiscard]] std::string set(std::string_view name) const { return std::string(name) + (is_v4_ ? "4" : "6"); }
  [[nodiscard]] std::string ip() const { return is_v4_ ? "ip" : "ip6"; }
  [[nodiscard]] std::string from(std::string_view name) const { return ip() + " saddr @" + set(name); }
  [[nodiscard]] std::string to(std::string_view name) const { return ip() + " daddr @" + set(name); }
  [[nodiscard]] std::string pair(std::string_view name) const {
    return ip() + " saddr . " + ip() + " daddr @" + set(name);
  }

 private:
  bool is_v4_;
};

nft::Rule publish_on_address(const nft::Layout& layout) {
  const Words words(layout);
  nft::Builder builder;
  builder.family(layout).add(nft::load_network(layout.destination, layout.size, nft::kFirst)).service_at(layout.size);
  builder.add(nft::map_by(words.set("hostip")))
      .add(nft::destination_nat(layout.family, nft::kFirst, nft::register_at(layout.size)));
  return builder.rule("hostports", "dnat " + words.ip() + " to " + words.ip() +
                                       " daddr . meta l4proto . th dport map @" + words.set("hostip"));
}

nft::Rule publish_everywhere(const nft::Layout& layout) {
  const Words words(layout);
  nft::Builder builder;
  builder.service_at(0).add(nft::map_by(words.set("hostport")));
  builder.add(nft::destination_nat(layout.family, nft::kFirst, nft::register_at(layout.size)));
  return builder.rule("hostports", "dnat " + words.ip() + " to meta l4proto . th dport map @" + words.set("hostport"));
}

nft::Rule jump_for_own_addresses(const char* chain) {
  return nft::Builder()
      .destination_is_local()
      .add(nft::verdict(NFT_JUMP, "hostports"))
      .rule(chain, "fib daddr type local jump hostports");
}

// Without it, replies to a client in the container's own network would bypass NAT, and the client would not recognise
// them.
nft::Rule hairpin(const nft::Layout& layout) {
  const Words words(layout);
  return nft::Builder()
      .family(layout)
      .destination_in(layout, words.set("snat"))
      .pair_in(layout, words.set("local"))
      .add(nft::masquerade())
      .rule("published", words.to("snat") + " " + words.pair("local") + " masquerade");
}

nft::Rule masquerade_localhost6(const nft::Layout& layout) {
  std::array<std::uint8_t, 16> loopback{};
  loopback.back() = 1;
  return nft::Builder()
      .family(layout)
      .destination_in(layout, "snat6")
      .add(nft::load_network(layout.source, layout.size, nft::kFirst))
      .add(nft::is_equal(loopback))
      .add(nft::masquerade())
      .rule("published", "ip6 daddr @snat6 ip6 saddr ::1 masquerade");
}

nft::Rule masquerade_localhost4(const nft::Layout& layout) {
  return nft::Builder()
      .family(layout)
      .destination_in(layout, "snat4")
      .first_byte_is(layout.source, 127)
      .add(nft::masquerade())
      .rule("published", "ip daddr @snat4 ip saddr 127.0.0.0/8 masquerade");
}

nft::Rule masquerade_every_client(const nft::Layout& layout) {
  const Words words(layout);
  return nft::Builder()
      .family(layout)
      .destination_in(layout, words.set("masqall"))
      .add(nft::masquerade())
      .rule("published", words.to("masqall") + " masquerade");
}

nft::Rule jump_for_published_ports() {
  return nft::Builder()
      .destination_was_translated()
      .add(nft::verdict(NFT_JUMP, "published"))
      .rule("postrouting", "ct status dnat jump published");
}

nft::Rule skip_multicast4(const nft::Layout& layout) {
  return nft::Builder()
      .family(layout)
      .add(nft::load_network(layout.destination, layout.size, nft::kFirst))
      .add(nft::keep_bits(htonl(0xf0000000U), layout.size))
      .add(nft::is_equal(htonl(0xe0000000U), layout.size))
      .add(nft::verdict(NFT_RETURN))
      .rule("postrouting", "ip daddr 224.0.0.0/4 return");
}

nft::Rule skip_multicast6(const nft::Layout& layout) {
  return nft::Builder()
      .family(layout)
      .first_byte_is(layout.destination, 0xff)
      .add(nft::verdict(NFT_RETURN))
      .rule("postrouting", "ip6 daddr ff00::/8 return");
}

// 255.255.255.255 and the broadcast addresses of the host's own networks.
nft::Rule skip_broadcast() {
  return nft::Builder()
      .add(nft::load_fib_daddr_type(nft::kFirst))
      .add(nft::is_equal(RTN_BROADCAST, 4))
      .add(nft::verdict(NFT_RETURN))
      .rule("postrouting", "fib daddr type broadcast return");
}

nft::Rule goto_outward(const nft::Layout& layout) {
  const Words words(layout);
  return nft::Builder()
      .family(layout)
      .source_in(layout, words.set("masq"))
      .add(nft::verdict(NFT_GOTO, words.set("outward")))
      .rule("postrouting", words.from("masq") + " goto " + words.set("outward"));
}

nft::Rule skip_pair(const nft::Layout& layout, std::string_view set) {
  const Words words(layout);
  return nft::Builder()
      .family(layout)
      .pair_in(layout, words.set(set))
      .add(nft::verdict(NFT_RETURN))
      .rule(words.set("outward"), words.pair(set) + " return");
}

nft::Builder source_address(const nft::Layout& layout) {
  nft::Builder builder;
  builder.family(layout).add(nft::load_network(layout.source, layout.size, nft::kFirst));
  builder.add(nft::map_by(Words(layout).set("source")));
  return builder;
}

nft::Rule translate(const nft::Layout& layout) {
  const Words words(layout);
  return source_address(layout)
      .add(nft::source_nat(layout.family, nft::kFirst, false))
      .rule(words.set("outward"), "snat " + words.ip() + " to " + words.ip() + " saddr map @" + words.set("source"));
}

// With a random port too. This rule precedes that with only a source address.
nft::Rule translate_randomly(const nft::Layout& layout) {
  const Words words(layout);
  nft::Builder builder;
  builder.family(layout).source_in(layout, words.set("random"));
  builder.add(nft::load_network(layout.source, layout.size, nft::kFirst)).add(nft::map_by(words.set("source")));
  return builder.add(nft::source_nat(layout.family, nft::kFirst, true))
      .rule(words.set("outward"), words.from("random") + " snat " + words.ip() + " to " + words.ip() + " saddr map @" +
                                      words.set("source") + " fully-random");
}

nft::Rule masquerade_randomly(const nft::Layout& layout) {
  const Words words(layout);
  return nft::Builder()
      .family(layout)
      .source_in(layout, words.set("random"))
      .add(nft::masquerade(true))
      .rule(words.set("outward"), words.from("random") + " masquerade fully-random");
}

nft::Rule masquerade_rest(const nft::Layout& layout) {
  return nft::Builder().add(nft::masquerade()).rule(Words(layout).set("outward"), "masquerade");
}

// With route_localnet the bridge accepts packets to 127.0.0.0/8, which no container may send. Runs before connection
// tracking, so that replies to the host's own connections, which get that address only there, pass.
nft::Rule guard_localnet(const nft::Layout& layout) {
  return nft::Builder()
      .name_in(NFT_META_IIFNAME, "localnet")
      .family(layout)
      .first_byte_is(layout.destination, 127)
      .add(nft::verdict(NF_DROP))
      .rule("guard", "iifname @localnet ip daddr 127.0.0.0/8 drop");
}

void add_outward(std::vector<nft::Rule>& all, const nft::Layout& layout) {
  for (const char* set : {"local", "exclude"}) all.push_back(skip_pair(layout, set));
  all.push_back(translate_randomly(layout));
  all.push_back(masquerade_randomly(layout));
  all.push_back(translate(layout));
  all.push_back(masquerade_rest(layout));
}

}  // namespace

std::vector<nft::Chain> nat_chains() {
  // Priorities: published ports after all other dstnat (-100), so that kube-proxy's services take precedence, as in the
  // reference since 0.7.5; masquerading at srcnat (100).
  return {
      {"hostports", nullptr, 0, 0, 7, "published ports; those on one address come first; layout 2"},
      {kConditions, nullptr, 0, 0, 1, "published ports with conditions", nft::TableFamily::inet, true},
      {"published", nullptr, 0, 0, 7, "clients of published ports that the container sees as its gateway"},
      {"outward4", nullptr, 0, 0, 7, "packets from containers: unchanged inside a network, masqueraded outside"},
      {"outward6", nullptr, 0, 0, 7, "the same for IPv6"},
      {"guard", "filter", NF_INET_PRE_ROUTING, -300, 1, "containers must not reach the host's 127.0.0.0/8"},
      {"prerouting", "nat", NF_INET_PRE_ROUTING, -90, 1, "connections from outside and from containers to the host"},
      {"output", "nat", NF_INET_LOCAL_OUT, -90, 1, "connections from the host to its own addresses"},
      {"postrouting", "nat", NF_INET_POST_ROUTING, 100, 6, "masquerading"},
  };
}

std::vector<nft::Rule> nat_rules() {
  const nft::Layout& v4 = nft::layout_of(net::Family::v4);
  const nft::Layout& v6 = nft::layout_of(net::Family::v6);
  std::vector<nft::Rule> all;
  all.push_back(nft::Builder().add(nft::verdict(NFT_JUMP, kConditions)).rule("hostports", "jump conditions"));
  for (const nft::Layout* layout : {&v4, &v6}) {
    all.push_back(publish_on_address(*layout));
    all.push_back(publish_everywhere(*layout));
  }
  all.push_back(guard_localnet(v4));
  all.push_back(jump_for_own_addresses("prerouting"));
  all.push_back(jump_for_own_addresses("output"));
  all.push_back(jump_for_published_ports());
  all.push_back(masquerade_localhost4(v4));
  all.push_back(masquerade_localhost6(v6));
  for (const nft::Layout* layout : {&v4, &v6}) {
    all.push_back(hairpin(*layout));
    all.push_back(masquerade_every_client(*layout));
  }
  all.push_back(skip_multicast4(v4));
  all.push_back(skip_multicast6(v6));
  all.push_back(skip_broadcast());
  for (const nft::Layout* layout : {&v4, &v6}) all.push_back(goto_outward(*layout));
  for (const nft::Layout* layout : {&v4, &v6}) add_outward(all, *layout);
  return all;
}

}  // namespace ruleset
