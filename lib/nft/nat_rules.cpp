// Masquerading and published ports.
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include <array>
#include <string>

#include "lib/nft/builder.h"
#include "lib/nft/skeleton.h"

namespace nft {
namespace {

// The rules of both families read alike: "ip" and "4" become "ip6" and "6".
class Words {
 public:
  explicit Words(const Layout& layout) : is_v4_(layout.family == net::Family::v4) {}
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

Rule publish_on_address(const Layout& layout) {
  const Words words(layout);
  Builder builder;
  builder.family(layout).add(load_network(layout.destination, layout.size, kFirst)).service_at(layout.size);
  builder.add(map_by(words.set("hostip"))).add(destination_nat(layout.family, kFirst, register_at(layout.size)));
  return builder.rule("hostports", "dnat " + words.ip() + " to " + words.ip() +
                                       " daddr . meta l4proto . th dport map @" + words.set("hostip"));
}

Rule publish_everywhere(const Layout& layout) {
  const Words words(layout);
  Builder builder;
  builder.service_at(0).add(map_by(words.set("hostport")));
  builder.add(destination_nat(layout.family, kFirst, register_at(layout.size)));
  return builder.rule("hostports", "dnat " + words.ip() + " to meta l4proto . th dport map @" + words.set("hostport"));
}

Rule jump_for_own_addresses(const char* chain) {
  return Builder()
      .destination_is_local()
      .add(verdict(NFT_JUMP, "hostports"))
      .rule(chain, "fib daddr type local jump hostports");
}

// A client in the container's own network would be answered past the NAT, and the answer would not be known to it.
Rule hairpin(const Layout& layout) {
  const Words words(layout);
  return Builder()
      .family(layout)
      .destination_in(layout, words.set("snat"))
      .pair_in(layout, words.set("local"))
      .add(masquerade())
      .rule("published", words.to("snat") + " " + words.pair("local") + " masquerade");
}

Rule from_localhost6(const Layout& layout) {
  std::array<std::uint8_t, 16> loopback{};
  loopback.back() = 1;
  return Builder()
      .family(layout)
      .destination_in(layout, "snat6")
      .add(load_network(layout.source, layout.size, kFirst))
      .add(is_equal(loopback))
      .add(masquerade())
      .rule("published", "ip6 daddr @snat6 ip6 saddr ::1 masquerade");
}

Rule from_localhost4(const Layout& layout) {
  return Builder()
      .family(layout)
      .destination_in(layout, "snat4")
      .first_byte_is(layout.source, 127)
      .add(masquerade())
      .rule("published", "ip daddr @snat4 ip saddr 127.0.0.0/8 masquerade");
}

Rule every_client(const Layout& layout) {
  const Words words(layout);
  return Builder()
      .family(layout)
      .destination_in(layout, words.set("masqall"))
      .add(masquerade())
      .rule("published", words.to("masqall") + " masquerade");
}

Rule jump_for_published_ports() {
  return Builder()
      .destination_was_translated()
      .add(verdict(NFT_JUMP, "published"))
      .rule("postrouting", "ct status dnat jump published");
}

Rule leave_multicast4(const Layout& layout) {
  return Builder()
      .family(layout)
      .add(load_network(layout.destination, layout.size, kFirst))
      .add(keep_bits(htonl(0xf0000000U), layout.size))
      .add(is_equal(htonl(0xe0000000U), layout.size))
      .add(verdict(NFT_RETURN))
      .rule("postrouting", "ip daddr 224.0.0.0/4 return");
}

Rule leave_multicast6(const Layout& layout) {
  return Builder()
      .family(layout)
      .first_byte_is(layout.destination, 0xff)
      .add(verdict(NFT_RETURN))
      .rule("postrouting", "ip6 daddr ff00::/8 return");
}

// 255.255.255.255 and the broadcast addresses of the host's own networks.
Rule leave_broadcast() {
  return Builder()
      .add(load_fib_daddr_type(kFirst))
      .add(is_equal(RTN_BROADCAST, 4))
      .add(verdict(NFT_RETURN))
      .rule("postrouting", "fib daddr type broadcast return");
}

Rule goto_outward(const Layout& layout) {
  const Words words(layout);
  return Builder()
      .family(layout)
      .source_in(layout, words.set("masq"))
      .add(verdict(NFT_GOTO, words.set("outward")))
      .rule("postrouting", words.from("masq") + " goto " + words.set("outward"));
}

Rule leave_pair(const Layout& layout, std::string_view set) {
  const Words words(layout);
  return Builder()
      .family(layout)
      .pair_in(layout, words.set(set))
      .add(verdict(NFT_RETURN))
      .rule(words.set("outward"), words.pair(set) + " return");
}

Builder source_address(const Layout& layout) {
  Builder builder;
  builder.family(layout).add(load_network(layout.source, layout.size, kFirst));
  builder.add(map_by(Words(layout).set("source")));
  return builder;
}

Rule translate(const Layout& layout) {
  const Words words(layout);
  return source_address(layout)
      .add(source_nat(layout.family, kFirst, false))
      .rule(words.set("outward"), "snat " + words.ip() + " to " + words.ip() + " saddr map @" + words.set("source"));
}

// The port at random too: first what has both, then what has this alone.
Rule translate_randomly(const Layout& layout) {
  const Words words(layout);
  Builder builder;
  builder.family(layout).source_in(layout, words.set("random"));
  builder.add(load_network(layout.source, layout.size, kFirst)).add(map_by(words.set("source")));
  return builder.add(source_nat(layout.family, kFirst, true))
      .rule(words.set("outward"), words.from("random") + " snat " + words.ip() + " to " + words.ip() + " saddr map @" +
                                      words.set("source") + " fully-random");
}

Rule masquerade_randomly(const Layout& layout) {
  const Words words(layout);
  return Builder()
      .family(layout)
      .source_in(layout, words.set("random"))
      .add(masquerade(true))
      .rule(words.set("outward"), words.from("random") + " masquerade fully-random");
}

Rule masquerade_rest(const Layout& layout) {
  return Builder().add(masquerade()).rule(Words(layout).set("outward"), "masquerade");
}

// route_localnet lets packets to 127.0.0.0/8 in by the bridge, which no container has any business to send. Before
// connection tracking, so the answers to the host's own connections, which get that address only there, pass.
Rule guard_localnet(const Layout& layout) {
  return Builder()
      .name_in(NFT_META_IIFNAME, "localnet")
      .family(layout)
      .first_byte_is(layout.destination, 127)
      .add(verdict(NF_DROP))
      .rule("guard", "iifname @localnet ip daddr 127.0.0.0/8 drop");
}

void add_outward(std::vector<Rule>& all, const Layout& layout) {
  for (const char* set : {"local", "exclude"}) all.push_back(leave_pair(layout, set));
  all.push_back(translate_randomly(layout));
  all.push_back(masquerade_randomly(layout));
  all.push_back(translate(layout));
  all.push_back(masquerade_rest(layout));
}

}  // namespace

std::vector<Chain> nat_chains() {
  // Priorities: after kube-proxy's and everybody else's at dstnat (-100), whose services come first (behaviour of the
  // reference since its 0.7.5); masquerading at srcnat (100).
  return {
      {"hostports", nullptr, 0, 0, 7, "published ports; those on one address come first; layout 2"},
      {kConditions, nullptr, 0, 0, 1, "published ports with conditions", Home::inet, true},
      {"published", nullptr, 0, 0, 7, "clients of published ports that the container sees as its gateway"},
      {"outward4", nullptr, 0, 0, 7, "what containers send: as it is inside, under the host's address outside"},
      {"outward6", nullptr, 0, 0, 7, "the same for IPv6"},
      {"guard", "filter", NF_INET_PRE_ROUTING, -300, 1, "keeps containers off the host's 127.0.0.0/8"},
      {"prerouting", "nat", NF_INET_PRE_ROUTING, -90, 1, "from outside and from containers to the host's addresses"},
      {"output", "nat", NF_INET_LOCAL_OUT, -90, 1, "from the host to its own addresses"},
      {"postrouting", "nat", NF_INET_POST_ROUTING, 100, 6, "what leaves under the host's address"},
  };
}

std::vector<Rule> nat_rules() {
  const Layout& v4 = layout_of(net::Family::v4);
  const Layout& v6 = layout_of(net::Family::v6);
  std::vector<Rule> all;
  all.push_back(Builder().add(verdict(NFT_JUMP, kConditions)).rule("hostports", "jump conditions"));
  for (const Layout* layout : {&v4, &v6}) {
    all.push_back(publish_on_address(*layout));
    all.push_back(publish_everywhere(*layout));
  }
  all.push_back(guard_localnet(v4));
  all.push_back(jump_for_own_addresses("prerouting"));
  all.push_back(jump_for_own_addresses("output"));
  all.push_back(jump_for_published_ports());
  all.push_back(from_localhost4(v4));
  all.push_back(from_localhost6(v6));
  for (const Layout* layout : {&v4, &v6}) {
    all.push_back(hairpin(*layout));
    all.push_back(every_client(*layout));
  }
  all.push_back(leave_multicast4(v4));
  all.push_back(leave_multicast6(v6));
  all.push_back(leave_broadcast());
  for (const Layout* layout : {&v4, &v6}) all.push_back(goto_outward(*layout));
  for (const Layout* layout : {&v4, &v6}) add_outward(all, *layout);
  return all;
}

}  // namespace nft
