// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/store_files.h"

#include <arpa/inet.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace faults {
namespace {

namespace fs = std::filesystem;

bool is_address(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

bool is_of_store(const std::string& name) {
  return name == "lock" || name.starts_with("last_reserved_ip.") || is_address(name);
}

}  // namespace

std::vector<std::string> store_defects(const std::string& folder) {
  std::vector<std::string> defects;
  std::map<std::string, int> holders;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent)) {
    const std::string name = entry.path().filename();
    if (!is_of_store(name)) defects.push_back("the store contains " + name);
    if (!is_address(name)) continue;
    std::ostringstream content;
    content << std::ifstream(entry.path()).rdbuf();
    const std::string text = content.str();
    if (text.empty() || text.find("\r\n") == std::string::npos) defects.push_back(name + " contains \"" + text + '"');
    const std::string family = name.find(':') == std::string::npos ? "4" : "6";
    if (++holders[family + text] > 1) defects.push_back("a container has two addresses of one family; one is " + name);
  }
  return defects;
}

std::set<std::string> leased_addresses(const std::string& folder) {
  std::set<std::string> result;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent)) {
    const std::string name = entry.path().filename();
    if (is_address(name)) result.insert(name);
  }
  return result;
}

}  // namespace faults
