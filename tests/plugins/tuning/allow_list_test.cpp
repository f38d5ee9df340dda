// SPDX-License-Identifier: Apache-2.0
#include "plugins/tuning/allow_list.h"

#include <doctest/doctest.h>

#include "tests/lib/cni/call.h"

namespace {

std::string rejection(std::string_view list, const std::string& key) {
  return error_of([&] { tuning::AllowList::parse(list, "list").require({{key, "net/x", "1"}}); });
}

std::string flaw(std::string_view list) {
  return error_of([&] { tuning::AllowList::parse(list, "list"); });
}

constexpr const char* kDetails =
    " [each line of /etc/cni/tuning/allowlist.conf is a regular expression; it is matched with the key as written in "
    "the configuration]";

}  // namespace

TEST_CASE("a key that matches a line is allowed") {
  CHECK(rejection("^net\\.ipv4\\.a$\n^net\\.ipv4\\.b$\n", "net.ipv4.b") == "");
  CHECK(rejection("ipv4", "net.ipv4.b") == "");
}

TEST_CASE("a key that matches no line is rejected, and the error lists all lines") {
  CHECK(rejection("^net\\.a$\n\n \n^net\\.b$", "net.c") ==
        std::string("7: Sysctl net.c is not allowed. Only the following sysctls are allowed: [^net\\.a$ ^net\\.b$]") +
            kDetails);
}

TEST_CASE("an empty list allows nothing") {
  CHECK(rejection("", "net.c") ==
        std::string("7: Sysctl net.c is not allowed. Only the following sysctls are allowed: []") + kDetails);
  CHECK(rejection("\n \n", "net.c") != "");
}

TEST_CASE("the key is matched as written, and comments are not supported") {
  CHECK(rejection("^net\\.ipv4\\.conf\\.IFNAME\\.", "net.ipv4.conf.IFNAME.x") == "");
  CHECK(rejection("^net\\.ipv4\\.conf\\.IFNAME\\.", "net/ipv4/conf/IFNAME/x") != "");
  CHECK(rejection("# net.c", "net.c") != "");
}

TEST_CASE("lines may end with CR LF") { CHECK(rejection("^net\\.c$\r\n", "net.c") == ""); }

TEST_CASE("white space around a line is ignored") {
  CHECK(rejection("  ^net\\.c$ \t\n", "net.c") == "");
  CHECK(rejection(" ^net\\.a$ \n", "net.c").find("allowed: [^net\\.a$] ") != std::string::npos);
}

TEST_CASE("an unsupported line is rejected with its place, the token and what is allowed") {
  const std::string details =
      " [allowed: an extended regular expression (regex(7)), for example ^net\\.ipv4\\.conf\\.IFNAME\\.[a-z_]+$, with "
      "\\d "
      "\\w \\s \\D \\W \\S and (?:...); no flags, no non-greedy repetition, no other escaped letter]";
  CHECK(flaw("^net\n\n(?i)net\n") == "7: list:3: \"(?i)net\": \"(?\" is not supported" + details);
  CHECK(flaw("^net\\.(ipv4\n") == "7: list:1: \"^net\\.(ipv4\": Unmatched ( or \\(" + details);
}

TEST_CASE("an unsupported line is rejected even if another line allows the key") {
  CHECK(rejection("net.c\n\\bnet\n", "net.c").starts_with("7: list:2: \"\\bnet\": \"\\b\" is not supported"));
}
