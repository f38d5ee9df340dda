// SPDX-License-Identifier: Apache-2.0
// Rules in iptables' chains, without the kernel. tests/netns/lib compares them with those of iptables.
#include "lib/foreign/accept.h"

#include <linux/netfilter.h>

#include <doctest/doctest.h>

#include "lib/nft/form.h"

namespace {

foreign::AddAccept accept(foreign::Direction direction, const char* address, std::uint64_t before = 0) {
  const net::Address parsed = net::Address::parse(address).value();
  const std::uint8_t family = parsed.is_v4() ? NFPROTO_IPV4 : NFPROTO_IPV6;
  return {{family, "filter", "FORWARD"}, direction, parsed, "n/c1/eth0", before};
}

foreign::Rule read(const foreign::AddAccept& change) {
  foreign::Rule rule;
  rule.chain = change.chain;
  rule.form = nft::form_of(make_accept(change).get());
  return rule;
}

}  // namespace

TEST_CASE("a rule's text is that of nft, with its position") {
  CHECK(text(accept(foreign::Direction::from, "10.1.0.2")) ==
        "add rule ip filter FORWARD ip saddr 10.1.0.2 counter accept comment \"n/c1/eth0\"");
  CHECK(text(accept(foreign::Direction::to, "fd00::2", 7)) ==
        "insert rule ip6 filter FORWARD handle 7 ip6 daddr fd00::2 xt match conntrack "
        "\"RELATED,ESTABLISHED,DNAT\" counter accept comment \"n/c1/eth0\"");
}

TEST_CASE("a rule is recognised by everything but its position") {
  const foreign::AddAccept from = accept(foreign::Direction::from, "10.1.0.2");
  CHECK(is_same(read(from), from));
  CHECK(is_same(read(from), accept(foreign::Direction::from, "10.1.0.2", 9)));
  CHECK(!is_same(read(from), accept(foreign::Direction::to, "10.1.0.2")));
  CHECK(!is_same(read(from), accept(foreign::Direction::from, "10.1.0.3")));
  foreign::AddAccept other = from;
  other.comment = "n/c2/eth0";
  CHECK(!is_same(read(from), other));
  other = from;
  other.chain.name = "INPUT";
  CHECK(!is_same(read(from), other));
}

TEST_CASE("the effect of such rules is known") {
  const foreign::Effect from = foreign::effect_of(make_accept(accept(foreign::Direction::from, "10.1.0.2")).get());
  CHECK(from == foreign::Effect{foreign::Verdict::accept, {}, false, true});
  const foreign::Effect to = foreign::effect_of(make_accept(accept(foreign::Direction::to, "10.1.0.2")).get());
  CHECK(to == foreign::Effect{foreign::Verdict::accept, {}, false, false});  // only replies
}
