// SPDX-License-Identifier: Apache-2.0
#include "plugins/tuning/sysctls.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace tuning {
namespace {

constexpr std::string_view kPlaceholder = "IFNAME";

cni::Error invalid_key(std::string_view key) {
  return {
      cni::kBadConfiguration, "invalid net sysctl key: \"" + std::string(key) + "\"",
      "sysctl: allowed: names below net, for example net.ipv4.conf.IFNAME.arp_filter; IFNAME stands for the interface"};
}

cni::Error duplicated(const std::string& key) {
  return {cni::kBadConfiguration, "duplicated sysctl keys are not allowed: \"" + key + "\"",
          "sysctl: allowed: each key once, in one spelling"};
}

char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte; }

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), lower);
  return text;
}

// Detects duplicate sysctl keys in a JSON text: the parser keeps only the last one. path_: the keys that lead to the
// innermost object.
class DuplicateKeys {
 public:
  void add(std::size_t depth, const std::string& key) {
    path_.resize(depth - 1);
    if (holds_sysctls() && !seen_[path_.size()].insert(key).second) throw duplicated(key);
    path_.push_back(in_lower_case(key));
  }

 private:
  [[nodiscard]] bool holds_sysctls() const {
    return path_ == std::vector<std::string>{"sysctl"} || path_ == std::vector<std::string>{"args", "cni", "sysctl"};
  }
  std::vector<std::string> path_;
  std::map<std::size_t, std::set<std::string>> seen_;  // by the depth of the object, which distinguishes the two
};

void reject_duplicate_keys(const std::string& input) {
  DuplicateKeys keys;
  const auto look = [&](int depth, cni::Json::parse_event_t event, cni::Json& parsed) {
    if (event == cni::Json::parse_event_t::key) keys.add(static_cast<std::size_t>(depth), parsed.get<std::string>());
    return true;
  };
  [[maybe_unused]] const cni::Json again = cni::Json::parse(std::string_view(input), look);
}

// By path.
std::map<std::string, Sysctl> parse_object(const std::optional<cni::Fields>& fields, const std::string& ifname) {
  std::map<std::string, Sysctl> all;
  if (!fields) return all;
  for (const auto& member : fields->json().items()) {
    const auto value = fields->text(member.key());
    if (!value) continue;  // null
    Sysctl one{member.key(), path_of(member.key(), ifname), *value};
    if (!all.emplace(one.path, one).second) throw duplicated(one.key);
  }
  return all;
}

// net/ipv4/ip_forward is an alias of conf/all/forwarding.
bool is_for_all(const Sysctl& one) {
  return one.path.find("/conf/all/") != std::string::npos || one.path == "net/ipv4/ip_forward";
}

}  // namespace

std::string path_of(std::string_view key, std::string_view ifname) {
  // sysctl(8): the first separator separates the key's parts; the other character belongs to a name, as in the link
  // eth0.5.
  std::string text(key);
  const std::size_t first = text.find_first_of("./");
  if (first != std::string::npos && text[first] == '.') {
    for (char& byte : text) byte = byte == '.' ? '/' : byte == '/' ? '.' : byte;
  }
  const std::size_t at = text.find(kPlaceholder);
  if (at != std::string::npos && !ifname.empty()) text.replace(at, kPlaceholder.size(), ifname);
  std::string path;
  for (const std::string& part : cni::split(text, '/')) {
    if (part == "." || part == ".." || part.find('\0') != std::string::npos) throw invalid_key(key);
    if (!part.empty()) path += (path.empty() ? "" : "/") + part;
  }
  if (!path.starts_with("net/")) throw invalid_key(key);
  return path;
}

std::vector<Sysctl> parse_sysctls(const cni::Request& request) {
  const cni::Fields fields = request.fields();
  const auto args = fields.object("args");
  const auto conventions = args ? args->object("cni") : std::nullopt;
  std::map<std::string, Sysctl> all = parse_object(fields.object("sysctl"), request.ifname);
  for (auto& [path, one] : parse_object(conventions ? conventions->object("sysctl") : std::nullopt, request.ifname)) {
    all.insert_or_assign(path, std::move(one));
  }
  if (all.empty()) return {};
  reject_duplicate_keys(request.input);
  std::vector<Sysctl> ordered;
  ordered.reserve(all.size());
  for (auto& [path, one] : all) ordered.push_back(std::move(one));
  std::stable_partition(ordered.begin(), ordered.end(), is_for_all);
  return ordered;
}

}  // namespace tuning
