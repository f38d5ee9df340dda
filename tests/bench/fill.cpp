// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/fill.h"

#include <fstream>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

#include "tests/bench/chain.h"
#include "tests/bench/copies.h"

namespace bench {
namespace {

const Scene kOnePort;

void fill_store(const std::vector<Attachment>& attachments) {
  for (const Attachment& attachment : attachments) {
    std::ofstream file(std::string(kStore) + "/" + attachment.address);
    file << attachment.id << "\r\neth0";
    if (!file.flush()) throw std::runtime_error("cannot fill the store");
  }
}

}  // namespace

void fill(const test::Host& host, const Side& side, const std::string& address, int first, int count) {
  const Attachment model{container_id(0), address.substr(0, address.find('/')), {host_port(kOnePort, 0)}};
  std::vector<Attachment> copies;
  for (int i = 0; i < count; ++i) {
    copies.push_back(
        {container_id(first + i), fmt::format("10.1.{}.{}", 100 + i / 200, i % 200), {host_port(kOnePort, first + i)}});
  }
  fill_store(copies);
  copy_rules(host, side.backend, model, copies);
}

}  // namespace bench
