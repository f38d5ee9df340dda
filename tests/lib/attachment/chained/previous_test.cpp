// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/chained/previous.h"

#include <doctest/doctest.h>

#include "lib/cni/result_json.h"
#include "tests/lib/cni/call.h"

namespace {

cni::Result result_of(const std::string& text) {
  return cni::parse_result(cni::Json::parse(text), cni::Version::v1_0_0, "prevResult");
}

std::string text(const std::vector<net::Prefix>& addresses) {
  std::string words;
  for (const net::Prefix& address : addresses) words += (words.empty() ? "" : " ") + address.text();
  return words;
}

}  // namespace

TEST_CASE("an attachment's own addresses are those of its interface in the container, or of no interface") {
  const cni::Result previous = result_of(R"({
    "interfaces": [{"name": "cni0"}, {"name": "eth0"}, {"name": "eth0", "sandbox": "/x"},
                   {"name": "eth1", "sandbox": "/x"}],
    "ips": [{"address": "10.1.0.1/24", "interface": 0}, {"address": "10.1.0.2/24", "interface": 2},
            {"address": "10.2.0.2/24", "interface": 3}, {"address": "10.3.0.2/24"},
            {"address": "10.4.0.2/24", "interface": 9}, {"address": "10.5.0.2/24", "interface": 1}]})");
  CHECK(text(attachment::addresses_of(attachment::own_part(previous, "eth0"))) ==
        "10.1.0.2/24 10.3.0.2/24 10.4.0.2/24");
  CHECK(attachment::own_part(previous, "eth0").interfaces == previous.interfaces);
}

TEST_CASE("an interface without a sandbox counts if the result lists none in the container with that name") {
  const cni::Result previous = result_of(R"({"interfaces": [{"name": "eth0"}, {"name": "eth1"}],
    "ips": [{"address": "10.1.0.2/24", "interface": 0}, {"address": "10.2.0.2/24", "interface": 1}]})");
  CHECK(text(attachment::addresses_of(attachment::own_part(previous, "eth0"))) == "10.1.0.2/24");
}

TEST_CASE("an address of a result counts once") {
  CHECK(text(attachment::addresses_of(result_of(R"({"interfaces": [{"name": "eth0", "sandbox": "/x"}],
    "ips": [{"address": "10.1.0.2/24", "interface": 0}, {"address": "10.1.0.2/24"}, {"address": "fd00::2/64"}]})"))) ==
        "10.1.0.2/24 fd00::2/64");
}

TEST_CASE("an interface is found by its name and by its side") {
  const cni::Result previous = result_of(R"({"interfaces": [{"name": "eth0", "mac": "0a:58:0a:01:00:01"},
    {"name": "eth0", "mac": "0a:58:0a:01:00:02", "sandbox": "/x"}]})");
  CHECK(attachment::find_interface(previous, "eth0", false)->mac == "0a:58:0a:01:00:01");
  CHECK(attachment::find_interface(previous, "eth0", true)->mac == "0a:58:0a:01:00:02");
  CHECK(attachment::find_interface(previous, "eth1", true) == nullptr);
}

TEST_CASE("a plugin that needs prevResult reports its absence with its own text; DEL continues without it") {
  const std::string config = R"({"cniVersion": "1.0.0", "name": "n", "type": "portmap"})";
  const cni::Request without = request_of(config, environment_of("CHECK"));
  CHECK(error_of([&] { attachment::require_previous(without, "must be chained"); }) == "7: must be chained");
  CHECK(error_of([&] { attachment::require_previous(without); }) == "7: Required prevResult missing");
  CHECK(!attachment::previous_if_readable(without));
  const cni::Request bad =
      request_of(R"({"cniVersion": "1.0.0", "name": "n", "type": "portmap", "prevResult": {"ips": 7}})");
  CHECK(!attachment::previous_if_readable(bad));
}

TEST_CASE("attachments in our tables are not looked up in the reference's") {
  bool is_observed = false;
  const auto observe = [&] {
    is_observed = true;
    reference::Seen seen;
    seen.chains.push_back({2, "nat", "CNI-1"});
    return seen;
  };
  CHECK(!attachment::is_of_reference(true, observe));
  CHECK(!is_observed);
  CHECK(attachment::is_of_reference(false, observe));
  CHECK(!attachment::is_of_reference(false, [] { return reference::Seen(); }));
}

TEST_CASE("ADD of a chained plugin that is first in the list advises to put it after the plugin with the interface") {
  const cni::Request first = request_of(R"({"cniVersion": "1.0.0", "name": "n", "type": "portmap"})");
  CHECK(error_of([&] { attachment::require_previous(first, "must be called as chained plugin"); }) ==
        "7: must be called as chained plugin [put it after bridge or another plugin that creates the interface]");
}
