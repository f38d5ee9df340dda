// SPDX-License-Identifier: Apache-2.0
#include "plugins/tuning/allow_list.h"

#include <doctest/doctest.h>

#include "tests/lib/cni/call.h"

namespace {

std::string refusal(std::string_view list, const std::string& key) {
  return error_of([&] { tuning::AllowList::parse(list, "list").require({{key, "net/x", "1"}}); });
}

std::string flaw(std::string_view list) {
  return error_of([&] { tuning::AllowList::parse(list, "list"); });
}

constexpr const char* kDetails =
    " [each line of /etc/cni/tuning/allowlist.conf is a regular expression for a key as the configuration has it]";

}  // namespace

TEST_CASE("a key that one of the lines matches is allowed") {
  CHECK(refusal("^net\\.ipv4\\.a$\n^net\\.ipv4\\.b$\n", "net.ipv4.b") == "");
  CHECK(refusal("ipv4", "net.ipv4.b") == "");
}

TEST_CASE("one that none matches is refused with all lines") {
  CHECK(refusal("^net\\.a$\n\n \n^net\\.b$", "net.c") ==
        std::string("7: Sysctl net.c is not allowed. Only the following sysctls are allowed: [^net\\.a$ ^net\\.b$]") +
            kDetails);
}

TEST_CASE("a list without lines allows nothing") {
  CHECK(refusal("", "net.c") ==
        std::string("7: Sysctl net.c is not allowed. Only the following sysctls are allowed: []") + kDetails);
  CHECK(refusal("\n \n", "net.c") != "");
}

TEST_CASE("the key is looked at as it is written, and there are no comments") {
  CHECK(refusal("^net\\.ipv4\\.conf\\.IFNAME\\.", "net.ipv4.conf.IFNAME.x") == "");
  CHECK(refusal("^net\\.ipv4\\.conf\\.IFNAME\\.", "net/ipv4/conf/IFNAME/x") != "");
  CHECK(refusal("# net.c", "net.c") != "");
}

TEST_CASE("lines may end as on other systems") { CHECK(refusal("^net\\.c$\r\n", "net.c") == ""); }

TEST_CASE("white space around a line is not part of it") {
  CHECK(refusal("  ^net\\.c$ \t\n", "net.c") == "");
  CHECK(refusal(" ^net\\.a$ \n", "net.c").find("allowed: [^net\\.a$] ") != std::string::npos);
}

TEST_CASE("a line that is not supported is refused with its place, its token and what is allowed") {
  const std::string details =
      " [allowed: an extended regular expression (regex(7)), for example ^net\\.ipv4\\.conf\\.IFNAME\\.[a-z_]+$, with "
      "\\d "
      "\\w \\s \\D \\W \\S and (?:...); no flags, no non-greedy repetition, no other escaped letter]";
  CHECK(flaw("^net\n\n(?i)net\n") == "7: list:3: \"(?i)net\": \"(?\" is not supported" + details);
  CHECK(flaw("^net\\.(ipv4\n") == "7: list:1: \"^net\\.(ipv4\": Unmatched ( or \\(" + details);
}

TEST_CASE("a line that is not supported is refused even if another line allows the key") {
  CHECK(refusal("net.c\n\\bnet\n", "net.c").starts_with("7: list:2: \"\\bnet\": \"\\b\" is not supported"));
}
