// SPDX-License-Identifier: Apache-2.0
#include "plugins/tuning/backup.h"

#include <doctest/doctest.h>

namespace {

const net::Mac kMac = *net::Mac::parse("7a:fb:d1:aa:99:71");

tuning::Attributes all() { return {kMac, false, 1500U, true, 1000U}; }

// The reference's backup of all().
constexpr const char* kReferenceText =
    "{\n \"mac\": \"7a:fb:d1:aa:99:71\",\n \"promisc\": false,\n \"mtu\": 1500,\n \"allmulti\": true,\n \"txQLen\": "
    "1000\n}";

}  // namespace

TEST_CASE("a backup has the reference's bytes, followed by the owner and the link") {
  CHECK(text(tuning::Backup{all(), {}, {}}) == kReferenceText);
  CHECK(text(tuning::Backup{{.mtu = 1500U}, net::Owner{"n", "c1", "eth0"}, tuning::LinkId{15, 2}}) ==
        "{\n \"mtu\": 1500,\n \"footbridge\": {\"owner\": \"n/c1/eth0\", \"netns\": 15, \"index\": 2}\n}");
  CHECK(text(tuning::Backup{}) == "{}");
}

TEST_CASE("a backup of the reference is read, and may belong to any link") {
  const auto read = tuning::parse_backup(kReferenceText);
  REQUIRE(read);
  CHECK(read->previous == all());
  CHECK(!read->owner);
  CHECK(!read->link);
  CHECK(read->may_be_of({"n", "c1", "eth0"}));
}

TEST_CASE("our own backup is read, and belongs to one attachment") {
  const tuning::Backup ours{all(), net::Owner{"n", "c_1", "eth_0"}, tuning::LinkId{15, 2}};
  const auto read = tuning::parse_backup(text(ours));
  REQUIRE(read);
  CHECK(read->previous == ours.previous);
  CHECK(read->owner == ours.owner);
  CHECK(read->link == ours.link);
  CHECK(read->may_be_of({"n", "c_1", "eth_0"}));
  CHECK(read->may_be_of({"m", "c_1", "eth_0"}));
  CHECK(!read->may_be_of({"n", "c", "1_eth_0"}));
}

TEST_CASE("an interface may have any name that the kernel accepts") {
  for (const char* name : {"eth\"0", "eth\\0", "eth\1"}) {
    const tuning::Backup ours{all(), net::Owner{"n", "c1", name}, tuning::LinkId{15, 2}};
    const auto read = tuning::parse_backup(text(ours));
    REQUIRE(read);
    CHECK(read->previous == ours.previous);
    CHECK(read->owner == ours.owner);
  }
  CHECK(tuning::parse_backup(text(tuning::Backup{all(), net::Owner{"n", "c1", "eth\xff"}, tuning::LinkId{15, 2}})));
}

TEST_CASE("invalid values are skipped, and the others are read") {
  const auto read = tuning::parse_backup(
      R"({"mac": "x", "promisc": "no", "mtu": 0, "allmulti": true, "txQLen": -1,
          "footbridge": {"owner": 1, "index": 2}})");
  REQUIRE(read);
  CHECK(read->previous == tuning::Attributes{.all_multicast = true});
  CHECK(!read->owner);
  CHECK(!read->link);
}

TEST_CASE("a link index must be in the kernel's range") {
  for (const char* index : {"0", "-1", "2147483648"}) {
    CHECK(!tuning::parse_backup(std::string(R"({"footbridge": {"netns": 15, "index": )") + index + "}}")->link);
  }
}

TEST_CASE("the largest queue length that the reference can set is read") {
  CHECK(tuning::parse_backup(R"({"txQLen": 4294967295})")->previous.tx_queue_length == 4294967295U);
}

TEST_CASE("content that is not an object is not a backup") {
  for (const char* content : {"", "null", "[]", "{\"mtu\": 15", "1500"}) CHECK(!tuning::parse_backup(content));
}
