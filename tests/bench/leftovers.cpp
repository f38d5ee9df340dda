// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/leftovers.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "lib/net/address.h"
#include "tests/bench/chain.h"

namespace bench {
namespace {

void observe_elements(const test::Host& host, Holdings& holdings) {
  const os::ProcessOutput listing = host.try_run({}, {"nft", "-j", "list", "table", "inet", "footbridge"});
  if (listing.exit_code != 0) return;  // this side has no such table
  const test::Json objects = test::Json::parse(listing.out);
  for (const test::Json& object : objects.at("nftables")) {
    for (const char* kind : {"set", "map"}) {
      if (!object.contains(kind)) continue;
      const std::size_t count = object.at(kind).value("elem", test::Json::array()).size();
      const std::string name = object.at(kind).at("name");
      if (count > 0) holdings.insert(name + ": " + std::to_string(count) + " elements");
    }
  }
}

}  // namespace

Holdings observe_holdings(const test::Host& host) {
  Holdings holdings;
  for (const test::Json& link : host.ip("link show")) {
    holdings.insert("link " + link.at("ifname").get<std::string>());
  }
  std::error_code none;  // the store may not exist yet
  for (const auto& entry : std::filesystem::directory_iterator(kStore, none)) {
    const std::string name = entry.path().filename();
    if (net::Address::parse(name)) holdings.insert("file " + name);
  }
  observe_elements(host, holdings);
  return holdings;
}

std::string left_over(const Holdings& before, const Holdings& after) {
  std::vector<std::string> more;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(), std::back_inserter(more));
  std::string line;
  for (const std::string& one : more) line += (line.empty() ? "" : ", ") + one;
  return line;
}

}  // namespace bench
