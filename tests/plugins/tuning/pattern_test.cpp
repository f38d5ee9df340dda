// SPDX-License-Identifier: Apache-2.0
// Which keys a pattern matches, and which patterns are rejected. The expected values are those of RE2 (Go's package
// regexp).
#include "plugins/tuning/pattern.h"

#include <stdexcept>

#include <doctest/doctest.h>

namespace {

bool matches(const std::string& pattern, const std::string& key) {
  return tuning::is_match(tuning::parse_pattern(pattern), key);
}

// The reason for the rejection; "" if the pattern is supported.
std::string rejection(const std::string& pattern) {
  try {
    tuning::parse_pattern(pattern);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

std::string unsupported(const std::string& token) { return "\"" + token + "\" is not supported"; }

}  // namespace

TEST_CASE("a pattern matches anywhere in a key, unless it has anchors") {
  CHECK(matches("ip_forward", "net.ipv4.ip_forward"));
  CHECK(matches("net.ipv4", "net/ipv4/x"));
  CHECK(!matches("^ip_forward", "net.ipv4.ip_forward"));
  CHECK(!matches("^net\\.ipv4$", "net.ipv4.x"));
  CHECK(matches("^net\\.ipv4\\.conf\\.IFNAME\\.[a-z_]*$", "net.ipv4.conf.IFNAME.arp_filter"));
  CHECK(!matches("^net\\.ipv4\\.conf\\.IFNAME\\.[a-z_]*$", "net.ipv4.conf.eth0.arp_filter"));
}

TEST_CASE("alternatives, groups and repetitions") {
  CHECK(matches("^net\\.(ipv4|ipv6)\\.x$", "net.ipv6.x"));
  CHECK(matches("^(?:a|b)+$", "abba"));
  CHECK(!matches("^(?:a|b)+$", "abc"));
  CHECK(matches("^a{2,3}$", "aaa"));
  CHECK(!matches("^a{2,3}$", "aaaa"));
  CHECK(matches("^(ab?)*x$", "abax"));
}

TEST_CASE("\\d, \\w, \\s and their complements") {
  CHECK(matches("^eth\\d+$", "eth12"));
  CHECK(!matches("^eth\\d+$", "eth"));
  CHECK(matches("^\\w+\\.\\D$", "net_1.x"));
  CHECK(!matches("^\\W$", "_"));
  CHECK(matches("^\\W{2}$", ".^"));
  CHECK(matches("^\\S+\\s\\S+$", "a b"));
}

TEST_CASE("an escaped punctuation character is literal") {
  CHECK(matches("^a\\/b\\-c\\_$", "a/b-c_"));
  CHECK(matches("^\\[\\]\\(\\)\\{\\}\\^\\$\\|\\*\\+\\?\\\\\\.$", "[](){}^$|*+?\\."));
  CHECK(!matches("^net\\.x$", "net/x"));
}

TEST_CASE("brackets") {
  CHECK(matches("^[\\w.-]+$", "net.ipv4.x-1"));
  CHECK(!matches("^[\\w.]+$", "net/ipv4"));
  CHECK(matches("^[^\\W\\d]+$", "arp_filter"));
  CHECK(!matches("^[^\\W\\d]+$", "arp1"));
  CHECK(!matches("^[^\\W\\d]+$", "arp-filter"));
  CHECK(matches("^[\\W\\d]+$", "1.[-]^"));
  CHECK(matches("^[a\\\\\\.\\-]+$", "a\\.-"));
  CHECK(matches("^[-a-c]+$", "-b"));
  CHECK(!matches("^[\\.-]$", "\\"));
  CHECK(matches("^[[:alpha:]_]+$", "a_b"));
  CHECK(!matches("^[[:alpha:]_]+$", "a1"));
}

TEST_CASE("a key with characters other than printable ASCII does not match") {
  CHECK(!matches("net", "net.\xc3\xa9"));
  CHECK(!matches("^net", "net\n"));
  CHECK(!matches("net", std::string("net\0x", 5)));
}

// regex(7) accepts each of these, but with another meaning than RE2.
TEST_CASE("a token with another meaning in the C library is rejected") {
  CHECK(rejection("^.*?x$") == unsupported("*?"));
  CHECK(rejection("a+?") == unsupported("+?"));
  CHECK(rejection("a{2}?") == unsupported("}?"));
  CHECK(rejection("a{,3}") == unsupported("a{"));
  CHECK(rejection("a**") == unsupported("**"));
  CHECK(rejection("a)") == unsupported("a)"));
  CHECK(rejection("\\<net\\>") == unsupported("\\<"));
  CHECK(rejection("\\`net") == unsupported("\\`"));
  CHECK(rejection("net\\'") == unsupported("\\'"));
  CHECK(rejection("(a)\\1") == unsupported("\\1"));
  CHECK(rejection("[a\\]b]") == unsupported("[a\\]"));
  CHECK(rejection("[\\\\-a]") == unsupported("[\\\\-a]"));
  CHECK(rejection("[\\^a]") == unsupported("[\\^a]"));
  CHECK(rejection("[[.a.]]") == unsupported("[[.a.]"));
  CHECK(rejection("[[=a=]]") == unsupported("[[=a=]"));
  CHECK(!rejection(std::string("net\0x", 5)).empty());
  CHECK(rejection("\xc3\xa9*") == unsupported("\xc3"));
}

TEST_CASE("a token that only RE2 supports is rejected") {
  CHECK(rejection("(?i)net") == unsupported("(?"));
  CHECK(rejection("x(?P<name>net)") == unsupported("(?"));
  for (const char* escape : {"\\b", "\\B", "\\A", "\\z", "\\x", "\\p", "\\Q", "\\n"}) {
    CHECK(rejection(std::string("net") + escape) == unsupported(escape));
    CHECK(rejection(std::string("[a") + escape + "]") == unsupported(std::string("[a") + escape + "]"));
  }
  CHECK(rejection("a{x}") == unsupported("a{"));
  CHECK(rejection("a{1001}") == unsupported("a{"));
  CHECK(rejection("[+-/]") == unsupported("[+-/]"));
  CHECK(rejection("[[:^alpha:]]") == unsupported("[[:^alpha:]"));
}

TEST_CASE("text that is not a regular expression is rejected") {
  CHECK(rejection("net\\") == unsupported("\\"));
  CHECK(rejection("[a") == unsupported("[a"));
  CHECK(rejection("x[") == unsupported("["));
  CHECK(rejection("*a") == unsupported("*"));
  CHECK(rejection("(a") == "Unmatched ( or \\(");
  CHECK(rejection("[z-a]") == "Invalid range end");
  CHECK(rejection("[[:letter:]]") == "Invalid character class name");
}
