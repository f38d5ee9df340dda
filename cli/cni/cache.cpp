// SPDX-License-Identifier: Apache-2.0
#include "cli/cni/cache.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "cli/cni/base64.h"
#include "lib/cni/request.h"
#include "lib/net/ifname.h"
#include "lib/os/error.h"
#include "lib/os/file.h"

namespace cli {
namespace {

constexpr std::size_t kMostBytes = 16U << 20U;

// A file name has at most 255 bytes (NAME_MAX); os::replace_file adds a dot and a pid for its temporary file.
constexpr std::size_t kLongestName = 255 - 8;
constexpr std::string_view kKind = "cniCacheV1";

// libcni's cniArgs: [["KEY", "value"], ...].
cni::Json pairs_of(const std::string& args) {
  cni::Json pairs = cni::Json::array();
  if (args.empty()) return pairs;
  for (const std::string& pair : cni::split(args, ';')) {
    const std::size_t equals = pair.find('=');
    const bool has_value = equals != std::string::npos;
    pairs.push_back({pair.substr(0, equals), has_value ? pair.substr(equals + 1) : std::string()});
  }
  return pairs;
}

std::string args_of(const cni::Json& pairs) {
  std::string args;
  for (const cni::Json& pair : pairs) {
    if (!args.empty()) args += ";";
    args += pair.at(0).get<std::string>() + "=" + pair.at(1).get<std::string>();
  }
  return args;
}

std::string text_of(const cni::Json& json, std::string_view key) {
  const cni::Json* value = cni::find(json, key);
  return value == nullptr ? std::string() : value->get<std::string>();
}

std::string file_name(const net::Owner& owner) { return owner.network + "-" + owner.container_id + "-" + owner.ifname; }

bool is_of(const net::Owner& owner, const cni::Json& json) {
  return text_of(json, "networkName") == owner.network && text_of(json, "containerId") == owner.container_id &&
         text_of(json, "ifName") == owner.ifname;
}

CacheEntry parse_version_1(const net::Owner& owner, const cni::Json& json) {
  CacheEntry entry;
  entry.attachment = {owner.container_id, text_of(json, "netns"), owner.ifname, {}, cni::Json::object()};
  if (const cni::Json* pairs = cni::find(json, "cniArgs")) entry.attachment.args = args_of(*pairs);
  if (const cni::Json* args = cni::find(json, "capabilityArgs")) entry.attachment.capabilities = *args;
  entry.config = decode_base64(text_of(json, "config")).value_or("");
  if (const cni::Json* result = cni::find(json, "result")) entry.result = *result;
  return entry;
}

void validate(const net::Owner& owner) {
  const bool is_valid = cni::is_identifier(owner.network) && cni::is_identifier(owner.container_id) &&
                        net::IfName::flaw(owner.ifname).empty();
  if (!is_valid)
    throw cni::Error(cni::kBadConfiguration, "its network, container id or interface is missing or invalid");
}

os::Fd open_folder(const std::string& path) {
  os::Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder && errno != ENOENT) throw os::last_error("open " + path);
  return folder;
}

bool is_regular(int folder, const std::string& name) {
  struct stat status {};
  return ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode);
}

// nullopt if the file is gone or no regular file any more. O_NONBLOCK, because it may be a fifo by now.
std::optional<std::string> read_regular(const std::string& path) {
  const os::Fd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file && (errno == ENOENT || errno == ELOOP)) return std::nullopt;
  if (!file) throw os::last_error("open " + path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw os::last_error("stat " + path);
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return os::read_all(file.get(), kMostBytes, "read " + path);
}

}  // namespace

std::string print_cache_entry(const net::Owner& owner, const CacheEntry& entry) {
  nlohmann::ordered_json json{{"kind", kKind},
                              {"containerId", owner.container_id},
                              {"config", encode_base64(entry.config)},
                              {"ifName", owner.ifname},
                              {"networkName", owner.network}};
  if (!entry.attachment.netns.empty()) json["netns"] = entry.attachment.netns;
  if (!entry.attachment.args.empty()) json["cniArgs"] = pairs_of(entry.attachment.args);
  if (!entry.attachment.capabilities.empty()) json["capabilityArgs"] = entry.attachment.capabilities;
  if (entry.result.is_object()) json["result"] = entry.result;
  return json.dump();
}

std::optional<CacheEntry> parse_cache_entry(const net::Owner& owner, const std::string& text) {
  try {
    const cni::Json json = cni::parse_json(text);
    if (text_of(json, "kind") == kKind) {
      if (!is_of(owner, json)) return std::nullopt;
      return parse_version_1(owner, json);
    }
    if (!json.is_object() || !json.contains("cniVersion")) throw cni::Error(cni::kNotJson, "no result in it");
    return CacheEntry{{owner.container_id, {}, owner.ifname, {}, cni::Json::object()}, {}, json};
  } catch (const cni::Json::exception& error) {
    throw cni::Error(cni::kNotJson, error.what());
  } catch (const std::invalid_argument& error) {
    throw cni::Error(cni::kNotJson, error.what());
  }
}

CachedAttachment parse_cached_attachment(const std::string& text) {
  try {
    const cni::Json json = cni::parse_json(text);
    if (text_of(json, "kind") != kKind) {
      throw cni::Error(cni::kNotJson, "not a cached result of libcni 0.8 or newer: it names no attachment");
    }
    net::Owner owner{text_of(json, "networkName"), text_of(json, "containerId"), text_of(json, "ifName")};
    validate(owner);
    CacheEntry entry = parse_version_1(owner, json);
    return {std::move(owner), std::move(entry)};
  } catch (const cni::Json::exception& error) {
    throw cni::Error(cni::kNotJson, error.what());
  } catch (const std::invalid_argument& error) {
    throw cni::Error(cni::kNotJson, error.what());
  }
}

void Cache::require_name(const net::Owner& owner) {
  if (file_name(owner).size() <= kLongestName) return;
  const std::size_t others = owner.network.size() + owner.ifname.size() + 2;
  const std::size_t allowed = others < kLongestName ? kLongestName - others : 0;
  throw cni::Error(cni::kBadEnvironment, "container id \"" + owner.container_id + "\" is too long",
                   "it has " + std::to_string(owner.container_id.size()) + " bytes; allowed: " +
                       std::to_string(allowed) + " on network " + owner.network + " as " + owner.ifname);
}

std::string Cache::file(const net::Owner& owner) const { return directory_ + "/results/" + file_name(owner); }

void Cache::store(const net::Owner& owner, const CacheEntry& entry) const {
  os::make_directories(directory_ + "/results", 0700);
  os::replace_file(file(owner), print_cache_entry(owner, entry), 0600);
}

std::optional<CacheEntry> Cache::load(const net::Owner& owner) const {
  const auto text = os::read_file(file(owner), kMostBytes);
  if (!text) return std::nullopt;
  try {
    return parse_cache_entry(owner, *text);
  } catch (const cni::Error& error) {
    throw cni::Error(error.code(), "cached result " + file(owner) + ": " + error.msg());
  }
}

std::vector<std::string> Cache::names() const {
  std::vector<std::string> names;
  const os::Fd folder = open_folder(directory_ + "/results");
  if (!folder) return names;
  os::for_each_entry(folder.get(), [&](const std::string& name) {
    if (is_regular(folder.get(), name)) names.push_back(name);
  });
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<CachedAttachment> Cache::load_named(const std::string& name) const {
  const auto text = read_regular(directory_ + "/results/" + name);
  if (!text) return std::nullopt;
  CachedAttachment cached = parse_cached_attachment(*text);
  if (file_name(cached.owner) == name) return cached;
  throw cni::Error(cni::kBadConfiguration,
                   "contains the result of " + cached.owner.text() + ", which belongs in another file");
}

std::vector<CachedAttachment> Cache::load_readable(const std::string& network) const try {
  std::vector<CachedAttachment> all;
  for (const std::string& name : names()) {
    try {
      auto cached = load_named(name);
      if (cached && (network.empty() || cached->owner.network == network)) all.push_back(std::move(*cached));
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): not readable
    }
  }
  return all;
} catch (const std::system_error&) {
  return {};
}

std::string list_ids(const std::vector<CachedAttachment>& attachments) {
  std::string list;
  for (const CachedAttachment& one : attachments) {
    const std::string pod = one.entry.attachment.pod();
    list += (list.empty() ? "" : ", ") + short_id(one.owner.container_id) + (pod.empty() ? "" : " (" + pod + ")");
  }
  return list;
}

void Cache::remove(const net::Owner& owner) const { os::remove_file(file(owner)); }

}  // namespace cli
