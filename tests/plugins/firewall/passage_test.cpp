// SPDX-License-Identifier: Apache-2.0
// Whether a chain lets forwarded packets pass, for chains of Docker, ufw and administrators.
#include "plugins/firewall/passage.h"

#include <map>

#include <doctest/doctest.h>

using firewall::Passage;
using foreign::Effect;
using foreign::Effects;
using foreign::Verdict;

namespace {

const Effect kAcceptSome{Verdict::accept, {}, false, true};
const Effect kAcceptAnswers{Verdict::accept, {}, false, false};
const Effect kAcceptAll{Verdict::accept, {}, true, true};
const Effect kDropSome{Verdict::drop, {}, false, false};
const Effect kDropAll{Verdict::drop, {}, true, false};
const Effect kLog{Verdict::none, {}, true, false};
const Effect kReturn{Verdict::leave, {}, true, false};

Effect jump(const std::string& chain) { return {Verdict::jump, chain, true, true}; }
Effect go_to(const std::string& chain) { return {Verdict::go_to, chain, true, true}; }
Effect jump_for_some(const std::string& chain) { return {Verdict::jump, chain, false, true}; }

Passage passage(const Effects& forward, bool policy_drops, const std::map<std::string, Effects>& others = {}) {
  const auto chain = [&](const std::string& name) { return name == "FORWARD" ? forward : others.at(name); };
  return firewall::passage_of(chain, "FORWARD", policy_drops);
}

}  // namespace

TEST_CASE("an empty chain applies its policy") {
  CHECK(passage({}, false) == Passage{});
  CHECK(passage({}, true) == Passage{true, {}, false});
}

TEST_CASE("a rule that drops every packet is found after other rules, with its index") {
  CHECK(passage({kAcceptAnswers, kLog, kDropAll}, false) == Passage{true, 2, false});
  CHECK(passage({kAcceptSome, kDropAll, kAcceptAll}, false) == Passage{true, 1, true});
}

TEST_CASE("a rule that drops only some packets does not count") { CHECK(!passage({kDropSome}, false).drops); }

TEST_CASE("a chain that first accepts everything drops nothing") {
  CHECK(!passage({kAcceptAll, kDropAll}, true).drops);
  CHECK(!passage({jump("all")}, true, {{"all", {kAcceptAll}}}).drops);
}

TEST_CASE("an unconditional jump is followed, and its own index is returned") {
  const std::map<std::string, Effects> ufw{
      {"ufw-before", {kAcceptAnswers, jump("ufw-user")}}, {"ufw-user", {}}, {"ufw-reject", {kDropAll}}};
  CHECK(passage({jump("ufw-before"), jump("ufw-reject")}, true, ufw) == Passage{true, 1, false});
}

TEST_CASE("a return ends a chain, and a goto does not return") {
  const std::map<std::string, Effects> chains{{"user", {kReturn, kDropAll}}};
  CHECK(!passage({jump("user")}, false, chains).drops);
  CHECK(passage({jump("user"), kDropAll}, false, chains) == Passage{true, 1, false});
  CHECK(!passage({go_to("user"), kDropAll}, false, chains).drops);
}

TEST_CASE("a conditional jump is not followed: it might accept packets") {
  CHECK(passage({jump_for_some("DOCKER")}, true) == Passage{true, {}, true});
}

TEST_CASE("endless chains are abandoned, and might accept packets") {
  const std::map<std::string, Effects> endless{{"a", {jump("a"), jump("a")}}};
  CHECK(passage({jump("a")}, true, endless) == Passage{true, {}, true});
}
