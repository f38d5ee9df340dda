#include "lib/plan/reference.h"

#include <linux/netfilter.h>

#include <doctest/doctest.h>

TEST_CASE("the reference's names are beginnings of SHA-512") {
  // The vectors of the reference's own unit tests.
  CHECK(plan::reference_name("", "unit-test", 16) == "6fd94d501e58f0aa");
  CHECK(plan::reference_name("", "eth0:one", 16) == "287fc69eff0574a2");
  CHECK(plan::reference_name("", "eth0:two", 16) == "d750b2c8f0f25d5f");
  CHECK(plan::reference_name("CNI-", "nc1", 28).size() == 28);
  CHECK(plan::reference_name("CNI-DN-", "nc1", 28).starts_with("CNI-DN-"));
  // FIPS 180-4's example, as the reference's chains would have it.
  CHECK(plan::reference_name("CNI-", "abc", 28) == "CNI-ddaf35a193617abacc417349");
}

TEST_CASE("what the reference left goes rule by rule, and then the chains that they led to") {
  const nft::ForeignChain postrouting{NFPROTO_IPV4, "nat", "POSTROUTING"};
  const nft::ForeignChain chain{NFPROTO_IPV4, "nat", "CNI-9b00b9b7c2795a8a61a6eec1"};
  plan::ReferenceSeen seen{7, {{postrouting, 12, "name: \"n\" id: \"c1\"", chain.name, {}, {}}}, {chain}};
  seen.rules.push_back({{NFPROTO_INET, "cni_plugins_masquerade", "masq_checks"}, 5, {}, {}, {}, {}});
  const plan::Plan plan = plan::plan_no_reference(seen);
  CHECK(plan::text(plan) ==
        "nft delete rule ip nat POSTROUTING handle 12\n"
        "nft delete rule inet cni_plugins_masquerade masq_checks handle 5\n"
        "nft flush chain ip nat CNI-9b00b9b7c2795a8a61a6eec1; delete chain ip nat CNI-9b00b9b7c2795a8a61a6eec1\n");
  CHECK(plan.generation == 7);
  CHECK(plan::plan_no_reference({}).empty());
  CHECK(nft::lines(seen.rules).at(0) == "name: \"n\" id: \"c1\": delete rule ip nat POSTROUTING handle 12");
}
