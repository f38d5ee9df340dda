// What the reference's regular expressions (RE2) match, and what is said of those that are not understood.
#include "plugins/tuning/pattern.h"

#include <stdexcept>

#include <doctest/doctest.h>

#include "plugins/tuning/character_set.h"

namespace {

bool matches(std::string_view pattern, const std::string& key) { return tuning::Pattern(pattern).matches(key); }

std::string flaw(std::string_view pattern) {
  try {
    tuning::Pattern{pattern};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

std::string set(std::string_view text) {
  std::size_t at = 0;
  return tuning::CharacterSet::parse(text, at).text() + std::string(text.substr(at));
}

}  // namespace

TEST_CASE("an expression is looked for anywhere in a key") {
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
  CHECK(matches("^.*?x$", "net.x"));
  CHECK(matches("^a+?b??$", "aab"));
}

TEST_CASE("letters behind a backslash") {
  CHECK(matches("^eth\\d+$", "eth12"));
  CHECK(!matches("^eth\\d+$", "eth"));
  CHECK(matches("^\\w+\\.\\D$", "net_1.x"));
  CHECK(!matches("^\\W$", "_"));
  CHECK(matches("^\\S+\\s\\S+$", "a b"));
  CHECK(matches("\\bipv4\\b", "net.ipv4.x"));
  CHECK(!matches("\\bipv4\\b", "net.ipv46.x"));
  CHECK(matches("\\Anet\\z", "net"));
  CHECK(!matches("\\Anet\\z", "net.x"));
}

TEST_CASE("punctuation behind a backslash is itself, also where the C library gives it a meaning") {
  CHECK(matches("^a\\/b\\-c\\<d\\>$", "a/b-c<d>"));
  CHECK(matches("^\\[\\]\\(\\)\\{\\}\\^\\$\\|\\*\\+\\?\\\\\\.$", "[](){}^$|*+?\\."));
}

TEST_CASE("brackets") {
  CHECK(matches("^[\\w.]+$", "net.ipv4.x_1"));
  CHECK(!matches("^[\\w.]+$", "net/ipv4"));
  CHECK(matches("^[^\\d/]+$", "net.x"));
  CHECK(!matches("^[^\\d/]+$", "net.1"));
  CHECK(matches("^[]a]+$", "]a]"));
  CHECK(matches("^[a\\]\\-\\\\]+$", "a]-\\"));
  CHECK(matches("^[a-]+$", "-a"));
  CHECK(matches("^[[:alpha:]_]+$", "a_b"));
  CHECK(!matches("^[[:alpha:]_]+$", "a1"));
  CHECK(matches("^[[.a]+$", "[.a"));
}

TEST_CASE("a set is told in the order that the C library wants") {
  CHECK(set("[ab]c") == "[ab]c");
  CHECK(set("[\\^a\\-\\]\\[]") == "[]a[^-]");
  CHECK(set("[\\^\\-]") == "[-^]");
  CHECK(set("[\\^]") == "\\^");
  CHECK(set("[.]") == "\\.");
  CHECK(set("[/]") == "/");
}

TEST_CASE("what is not understood is refused in words") {
  CHECK(flaw("(?i)net") == "\"(?\" is only understood as \"(?:\"");
  CHECK(flaw("\\pL") == "\"\\p\" is not understood");
  CHECK(flaw("\\1") == "\"\\1\" is not understood");
  CHECK(flaw("net\\") == "a backslash at the end");
  CHECK(flaw("a**") == "a repetition of a repetition");
  CHECK(flaw("[a") == "a [ without its ]");
  CHECK(flaw("[z-a]") == "a range that ends before it begins");
  CHECK(flaw("[[:letter:]]") == "the class [:letter:] is not known");
  CHECK(flaw("[\\pL]") == "\"\\p\" in brackets is not understood");
  CHECK(!flaw("(a").empty());
  CHECK(!flaw("*a").empty());
}
