// SPDX-License-Identifier: Apache-2.0
#include "lib/masquerade/plan.h"

#include <doctest/doctest.h>

#include "lib/ruleset/sets.h"

using masquerade::Seen;

namespace {

const net::Owner kOwner{"n", "c1", "eth0"};
const net::Owner kOther{"n", "c2", "eth0"};

net::Prefix prefix(const std::string& text) { return net::Prefix::parse(text).value(); }

std::vector<net::Prefix> prefixes(const std::vector<std::string>& texts) {
  std::vector<net::Prefix> result;
  for (const std::string& text : texts) result.push_back(prefix(text));
  return result;
}

ruleset::Element masqueraded(const std::string& address, const net::Owner& owner) {
  const net::Prefix one = prefix(address);
  return {ruleset::masquerade_set(one.family()).name, {one}, {}, owner.comment()};
}

ruleset::Element owned(const std::string& address, std::uint32_t ordinal, const net::Owner& owner) {
  const net::Prefix one = prefix(address);
  return {ruleset::owner_map(one.family()).name, {owner.host_end().text(), nft::Mark{ordinal}}, {one}, owner.comment()};
}

ruleset::Element pair(const std::string& source, const std::string& destination = {}) {
  const net::Prefix one = prefix(source);
  return {ruleset::local_set(one.family()).name, {one, destination.empty() ? one : prefix(destination)}, {}, "n"};
}

// The plan's text, shortened to "+ masq4 { 10.1.0.2 }" and "- masq4 { 10.1.0.2 }"; HOSTEND stands for the host end's
// name.
std::string shown(const plan::Plan& plan) {
  std::string text = plan::text(plan);
  const auto replace = [&text](const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from)) {
      text.replace(at, from.size(), to);
    }
  };
  replace("nft add element inet footbridge ", "+ ");
  replace("nft delete element inet footbridge ", "- ");
  replace(kOwner.host_end().text(), "HOSTEND");
  return text;
}

std::string masquerade_text(const std::vector<std::string>& addresses, const Seen& seen,
                            const masquerade::Options& wanted = {}) {
  return shown(masquerade::plan_masquerade(kOwner, prefixes(addresses), wanted, seen));
}

std::string local_text(const std::vector<std::string>& subnets, const std::vector<ruleset::Element>& local) {
  plan::Plan plan;
  masquerade::plan_local(plan, "n", prefixes(subnets), local);
  return shown(plan);
}

// The table after an ADD with 10.1.0.2.
Seen seen_after_add() {
  return {7, {owned("10.1.0.2/32", 0, kOwner)}, {masqueraded("10.1.0.2/32", kOwner)}, {pair("10.1.0.0/24")}};
}

}  // namespace

TEST_CASE("a network's first container adds its address and the network's pair") {
  CHECK(masquerade_text({"10.1.0.2/24"}, {}) ==
        "+ masq4 { 10.1.0.2 comment \"n/c1/eth0\" }\n"
        "+ owners4 { \"HOSTEND\" . 0 comment \"n/c1/eth0\" : 10.1.0.2 }\n"
        "+ local4 { 10.1.0.0/24 . 10.1.0.0/24 comment \"n\" }\n");
}

TEST_CASE("each family has its own sets and ordinals") {
  CHECK(masquerade_text({"fd00::2/64", "10.1.0.2/24", "10.2.0.2/24"}, {}) ==
        "+ masq4 { 10.1.0.2 comment \"n/c1/eth0\" }\n"
        "+ owners4 { \"HOSTEND\" . 0 comment \"n/c1/eth0\" : 10.1.0.2 }\n"
        "+ masq4 { 10.2.0.2 comment \"n/c1/eth0\" }\n"
        "+ owners4 { \"HOSTEND\" . 1 comment \"n/c1/eth0\" : 10.2.0.2 }\n"
        "+ masq6 { fd00::2 comment \"n/c1/eth0\" }\n"
        "+ owners6 { \"HOSTEND\" . 0 comment \"n/c1/eth0\" : fd00::2 }\n"
        "+ local6 { fd00::/64 . fd00::/64 comment \"n\" }\n"
        "+ local4 { 10.1.0.0/24 . 10.1.0.0/24 comment \"n\" }\n"
        "+ local4 { 10.2.0.0/24 . 10.2.0.0/24 comment \"n\" }\n");
}

TEST_CASE("repeating ADD plans nothing, at any generation") {
  const plan::Plan plan = masquerade::plan_masquerade(kOwner, prefixes({"10.1.0.2/24"}), {}, seen_after_add());
  CHECK(shown(plan) == "");
  CHECK(!plan.generation);
}

TEST_CASE("a plan that only adds does not depend on the generation") {
  CHECK(!masquerade::plan_masquerade(kOwner, prefixes({"10.1.0.2/24"}), {}, {7, {}, {}, {}}).generation);
}

TEST_CASE("another address replaces the first") {
  const plan::Plan plan = masquerade::plan_masquerade(kOwner, prefixes({"10.1.0.3/24"}), {}, seen_after_add());
  CHECK(shown(plan) ==
        "- masq4 { 10.1.0.2 }\n"
        "+ masq4 { 10.1.0.3 comment \"n/c1/eth0\" }\n"
        "- owners4 { \"HOSTEND\" . 0 }\n"
        "+ owners4 { \"HOSTEND\" . 0 comment \"n/c1/eth0\" : 10.1.0.3 }\n");
  CHECK(plan.generation == 7);
}

TEST_CASE("an address of another container is taken over") {
  Seen seen{9, {}, {masqueraded("10.1.0.2/32", kOther)}, {pair("10.1.0.0/24")}};
  const plan::Plan plan = masquerade::plan_masquerade(kOwner, prefixes({"10.1.0.2/24"}), {}, seen);
  CHECK(shown(plan) ==
        "- masq4 { 10.1.0.2 }\n"
        "+ masq4 { 10.1.0.2 comment \"n/c1/eth0\" }\n"
        "+ owners4 { \"HOSTEND\" . 0 comment \"n/c1/eth0\" : 10.1.0.2 }\n");
  CHECK(plan.generation == 9);
}

TEST_CASE("ordinals of former addresses are removed") {
  const Seen seen{7,
                  {owned("10.1.0.2/32", 0, kOwner), owned("10.2.0.2/32", 1, kOwner)},
                  {masqueraded("10.1.0.2/32", kOwner), masqueraded("10.2.0.2/32", kOwner)},
                  {pair("10.1.0.0/24"), pair("10.2.0.0/24")}};
  CHECK(masquerade_text({"10.1.0.2/24"}, seen) ==
        "- owners4 { \"HOSTEND\" . 1 }\n"
        "- masq4 { 10.2.0.2 }\n");
}

TEST_CASE("DEL removes the owner's elements and leaves the network's pair") {
  const plan::Plan plan = masquerade::plan_no_masquerade(kOwner, seen_after_add());
  CHECK(shown(plan) ==
        "- owners4 { \"HOSTEND\" . 0 }\n"
        "- masq4 { 10.1.0.2 }\n");
  CHECK(plan.generation == 7);
}

TEST_CASE("DEL leaves an address that already belongs to the next container") {
  const Seen seen{7, {owned("10.1.0.2/32", 0, kOwner)}, {masqueraded("10.1.0.2/32", kOther)}, {}};
  CHECK(shown(masquerade::plan_no_masquerade(kOwner, seen)) == "- owners4 { \"HOSTEND\" . 0 }\n");
}

TEST_CASE("DEL without elements plans nothing, twice") {
  CHECK(masquerade::plan_no_masquerade(kOwner, {}).empty());
  CHECK(!masquerade::plan_no_masquerade(kOwner, {7, {}, {}, {}}).generation);
}

TEST_CASE("a subnet that a pair covers gets no pair") {
  CHECK(local_text({"10.1.0.2/24"}, {pair("10.1.0.0/24")}) == "");
  CHECK(local_text({"10.1.0.2/24"}, {pair("10.0.0.0/8")}) == "");
  CHECK(local_text({"10.1.0.2/24", "10.1.0.3/24"}, {}) == "+ local4 { 10.1.0.0/24 . 10.1.0.0/24 comment \"n\" }\n");
  CHECK(local_text({"10.1.0.2/16", "10.1.0.3/24"}, {}) == "+ local4 { 10.1.0.0/16 . 10.1.0.0/16 comment \"n\" }\n");
}

TEST_CASE("a subnet's pair replaces the pairs that it covers") {
  CHECK(local_text({"10.1.0.2/16"}, {pair("10.1.0.0/24"), pair("10.1.7.0/24"), pair("10.2.0.0/24")}) ==
        "- local4 { 10.1.0.0/24 . 10.1.0.0/24 }\n"
        "- local4 { 10.1.7.0/24 . 10.1.7.0/24 }\n"
        "+ local4 { 10.1.0.0/16 . 10.1.0.0/16 comment \"n\" }\n");
  CHECK(local_text({"10.1.0.2/24", "10.1.0.2/16"}, {}) ==
        "+ local4 { 10.1.0.0/24 . 10.1.0.0/24 comment \"n\" }\n"
        "- local4 { 10.1.0.0/24 . 10.1.0.0/24 }\n"
        "+ local4 { 10.1.0.0/16 . 10.1.0.0/16 comment \"n\" }\n");
}

TEST_CASE("a subnet of one address has no pair") {
  CHECK(local_text({"10.1.0.2/32", "fd00::2/128"}, {}) == "");
  CHECK(local_text({"10.1.0.2/31"}, {}) == "+ local4 { 10.1.0.2/31 . 10.1.0.2/31 comment \"n\" }\n");
}

TEST_CASE("pairs of the other family do not count") {
  CHECK(local_text({"10.1.0.2/24"}, {pair("::/0")}) == "+ local4 { 10.1.0.0/24 . 10.1.0.0/24 comment \"n\" }\n");
}

TEST_CASE("an operator's pair with another destination neither covers the subnet nor is it removed") {
  const std::string added = "+ local4 { 10.1.0.0/24 . 10.1.0.0/24 comment \"n\" }\n";
  CHECK(local_text({"10.1.0.2/24"}, {pair("10.1.0.0/24", "192.168.0.0/16")}) == added);
  CHECK(local_text({"10.1.0.2/24"}, {pair("0.0.0.0/0", "192.168.0.0/16")}) == added);
  CHECK(local_text({"10.1.0.2/24"}, {pair("10.1.0.0/25", "192.168.0.0/16")}) == added);
  CHECK(local_text({"10.1.0.2/24"}, {pair("10.1.0.0/24", "10.0.0.0/8")}) == "");
  CHECK(local_text({"10.1.0.2/24"}, {pair("10.1.0.0/25", "10.1.0.0/24")}) ==
        "- local4 { 10.1.0.0/25 . 10.1.0.0/24 }\n" + added);
}

TEST_CASE("the comment of a pair is no longer than nft can read") {
  plan::Plan plan;
  masquerade::plan_local(plan, std::string(300, 'n'), prefixes({"10.1.0.2/24"}), {});
  const auto& added = std::get<ruleset::AddElement>(std::get<ruleset::Change>(plan.steps.at(0).what));
  CHECK(added.element.comment == std::string(127, 'n'));
}

TEST_CASE("source sets another source address, randomFully a random port, or both") {
  masquerade::Options wanted;
  wanted.sources = {net::Address::parse("192.0.2.7").value()};
  CHECK(masquerade_text({"10.1.0.2/24"}, {}, wanted).find("+ source4 { 10.1.0.2 comment \"n/c1/eth0\" : 192.0.2.7 }") !=
        std::string::npos);
  CHECK(masquerade_text({"fd00::2/64"}, {}, wanted).find("source") == std::string::npos);
  wanted.is_random = true;
  CHECK(masquerade_text({"fd00::2/64"}, {}, wanted).find("+ random6 { fd00::2 comment \"n/c1/eth0\" }") !=
        std::string::npos);
}

TEST_CASE("a family that is not masqueraded has no elements") {
  masquerade::Options wanted;
  wanted.has_ipv4 = false;
  const std::string text = masquerade_text({"10.1.0.2/24", "fd00::2/64"}, {}, wanted);
  CHECK(text.find("10.1.0") == std::string::npos);
  CHECK(text.find("+ masq6 { fd00::2") != std::string::npos);
}

TEST_CASE("masquerading options of an address's former owner are removed") {
  Seen seen;
  seen.addresses = {{"masq4", {prefix("10.1.0.2/32")}, {}, kOther.comment()},
                    {"random4", {prefix("10.1.0.2/32")}, {}, kOther.comment()},
                    {"source4", {prefix("10.1.0.2/32")}, {prefix("192.0.2.7/32")}, kOther.comment()}};
  const std::string text = masquerade_text({"10.1.0.2/24"}, seen);
  CHECK(text.find("- random4 { 10.1.0.2 }") != std::string::npos);
  CHECK(text.find("- source4 { 10.1.0.2 }") != std::string::npos);
}
