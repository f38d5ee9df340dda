#include "lib/nft/foreign.h"

#include <linux/netfilter.h>

#include <doctest/doctest.h>

TEST_CASE("steps on other tables read as one would type them") {
  const nft::ForeignChain chain{NFPROTO_IPV6, "nat", "CNI-x"};
  CHECK(nft::text(nft::RemoveRule{{chain, 7, "a comment", {}}}) == "delete rule ip6 nat CNI-x handle 7");
  CHECK(nft::text(nft::RemoveChain{{NFPROTO_INET, "t", "c"}}) == "flush chain inet t c; delete chain inet t c");
}
