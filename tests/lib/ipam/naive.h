// SPDX-License-Identifier: Apache-2.0
// The content of a store's directory, read in the simplest way. The store must agree with it, whatever its index
// contains.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "lib/ipam/range.h"
#include "lib/net/address.h"

struct Naive {
  std::map<net::Address, std::string> contents;  // of regular files
  std::set<net::Address> taken;                  // all except empty files

  explicit Naive(const std::string& directory) {
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      const std::string name = entry.path().filename();
      const auto address = net::Address::parse(name);
      if (!address || address->text() != name) continue;
      struct stat status {};
      ::lstat(entry.path().c_str(), &status);
      if (!S_ISREG(status.st_mode) || status.st_size > 0) taken.insert(*address);
      if (!S_ISREG(status.st_mode)) continue;
      const std::ifstream file(entry.path(), std::ios::binary);
      std::ostringstream content;
      content << file.rdbuf();
      contents[*address] = content.str();
    }
  }

  [[nodiscard]] std::vector<net::Address> with(const std::string& content) const {
    std::vector<net::Address> result;
    for (const auto& [address, its] : contents) {
      if (its == content) result.push_back(address);
    }
    return result;
  }

  // The addresses that DEL releases.
  [[nodiscard]] std::vector<net::Address> to_release(const std::string& container) const {
    const auto exact = with(container + "\r\neth0");
    return exact.empty() ? with(container) : exact;
  }

  // The address that ADD allocates from a range after `last`; "": none; "duplicate": the container has one.
  [[nodiscard]] std::string next(const ipam::Range& range, const std::string& container,
                                 const std::optional<net::Address>& last) const {
    for (const std::string& content : {container + "\r\neth0", container}) {
      for (const net::Address& mine : with(content)) {
        if (range.contains(mine)) return "duplicate";
      }
    }
    net::Address begin = range.start;
    if (last && range.contains(*last) && *last != range.end) begin = last->next();
    net::Address one = begin;
    do {
      if (one != range.gateway && taken.count(one) == 0) return one.text();
      one = one == range.end ? range.start : one.next();
    } while (one != begin);
    return "";
  }
};
