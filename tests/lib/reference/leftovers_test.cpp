// SPDX-License-Identifier: Apache-2.0
#include "lib/reference/leftovers.h"

#include <linux/netfilter.h>

#include <doctest/doctest.h>

TEST_CASE("the reference's names are truncated SHA-512 digests") {
  // From the reference's own unit tests.
  CHECK(reference::hashed_name("", "unit-test", 16) == "6fd94d501e58f0aa");
  CHECK(reference::hashed_name("", "eth0:one", 16) == "287fc69eff0574a2");
  CHECK(reference::hashed_name("", "eth0:two", 16) == "d750b2c8f0f25d5f");
  CHECK(reference::hashed_name("CNI-", "nc1", 28).size() == 28);
  CHECK(reference::hashed_name("CNI-DN-", "nc1", 28).starts_with("CNI-DN-"));
  // The example of FIPS 180-4, as a chain name of the reference.
  CHECK(reference::hashed_name("CNI-", "abc", 28) == "CNI-ddaf35a193617abacc417349");
}

TEST_CASE("rules of the reference are deleted first, then the chains that they lead to") {
  const foreign::Chain postrouting{NFPROTO_IPV4, "nat", "POSTROUTING"};
  const foreign::Chain chain{NFPROTO_IPV4, "nat", "CNI-9b00b9b7c2795a8a61a6eec1"};
  reference::Seen seen{7, {{postrouting, 12, "name: \"n\" id: \"c1\"", chain.name, {}, {}}}, {chain}};
  seen.rules.push_back({{NFPROTO_INET, "cni_plugins_masquerade", "masq_checks"}, 5, {}, {}, {}, {}});
  const plan::Plan plan = reference::plan_removal(seen);
  CHECK(plan::text(plan) ==
        "nft delete rule ip nat POSTROUTING handle 12\n"
        "nft delete rule inet cni_plugins_masquerade masq_checks handle 5\n"
        "nft flush chain ip nat CNI-9b00b9b7c2795a8a61a6eec1; delete chain ip nat CNI-9b00b9b7c2795a8a61a6eec1\n");
  CHECK(plan.generation == 7);
  CHECK(reference::plan_removal({}).empty());
  CHECK(foreign::lines(seen.rules).at(0) == "name: \"n\" id: \"c1\": delete rule ip nat POSTROUTING handle 12");
}
