// SPDX-License-Identifier: Apache-2.0
#include "lib/ruleset/element.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <doctest/doctest.h>

#include "lib/netlink/message.h"
#include "lib/ruleset/object.h"
#include "lib/ruleset/sets.h"

namespace {

nft::Value address(const std::string& text) { return nft::value(net::Address::parse(text).value()); }

ruleset::Element published() {
  return {"hostip4",
          {address("192.168.1.2"), nft::Protocol{17}, nft::Port{53}},
          {address("10.1.0.2"), nft::Port{5353}},
          "n/c1/eth0"};
}

// The element as the kernel would send it: the message that adds it has the same attributes.
std::vector<ruleset::Element> sent_and_read(const ruleset::Element& element, std::string_view as) {
  std::vector<char> buffer(4096);
  nlmsghdr* header = nftnl_nlmsg_build_hdr(buffer.data(), NFT_MSG_NEWSETELEM, NFPROTO_INET, 0, 0);
  nftnl_set_elems_nlmsg_build_payload(header, ruleset::set_with(ruleset::set_named(element.set), element, true).get());
  std::vector<ruleset::Element> read;
  ruleset::read_elements(header, ruleset::set_named(as), as, read);
  return read;
}

std::string text_in(const std::vector<std::uint8_t>& data, std::uint8_t type) {
  return nft::text_in(data.data(), static_cast<std::uint32_t>(data.size()), type);
}

}  // namespace

TEST_CASE("an element is added with its data and deleted by its key, as in nft commands") {
  CHECK(ruleset::text(ruleset::AddElement{published()}) ==
        "add element inet footbridge hostip4 { 192.168.1.2 . udp . 53 comment \"n/c1/eth0\" : 10.1.0.2 . 5353 }");
  CHECK(ruleset::text(ruleset::RemoveElement{published()}) ==
        "delete element inet footbridge hostip4 { 192.168.1.2 . udp . 53 }");
  CHECK(ruleset::text(ruleset::AddElement{{"localnet", {std::string("cni0")}}}) ==
        "add element inet footbridge localnet { \"cni0\" }");
}

TEST_CASE("an element is parsed from the message that adds it") {
  CHECK(sent_and_read(published(), "hostip4") == std::vector{published()});
  const ruleset::Element bare{"masq6", {address("fd00::2")}, {}, {}};
  CHECK(sent_and_read(bare, "masq6") == std::vector{bare});
  const ruleset::Element interval{
      "local4", {*net::Prefix::parse("10.1.0.0/24"), *net::Prefix::parse("10.1.0.0/24")}, {}, "n"};
  CHECK(sent_and_read(interval, "local4") == std::vector{interval});
}

TEST_CASE("an element that does not fit the set is skipped") {
  CHECK(sent_and_read({"masq4", {address("10.1.0.2")}, {}, {}}, "masq6").empty());
  CHECK(sent_and_read({"masq4", {address("10.1.0.2")}, {}, {}}, "owners4").empty());
}

TEST_CASE("the longest comment is not truncated") {
  ruleset::Element longest = published();
  longest.comment = std::string(127, 'x');
  CHECK(sent_and_read(longest, "hostip4").at(0).comment == longest.comment);
}

TEST_CASE("user data is parsed part by part, never beyond its end") {
  CHECK(text_in({0, 3, 'a', 'b', 0}, 0) == "ab");
  CHECK(text_in({7, 1, 9, 0, 3, 'a', 'b', 0}, 0) == "ab");
  CHECK(text_in({0, 2, 'a', 'b'}, 0) == "ab");
  CHECK(text_in({0, 3, 'a', 'b', 0}, 1) == "");
  CHECK(text_in({0, 0}, 0) == "");
  CHECK(text_in({0, 3, 'a', 'b'}, 0) == "");  // shorter than it claims
  CHECK(text_in({0}, 0) == "");
  CHECK(text_in({}, 0) == "");
  CHECK(nft::text_in(nullptr, 0, 0) == "");
}
