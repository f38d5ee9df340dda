// SPDX-License-Identifier: Apache-2.0
#include "cli/cni/conflist.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <stdexcept>

#include "lib/cni/capability.h"
#include "lib/cni/request.h"
#include "lib/os/error.h"
#include "lib/os/file.h"

namespace cli {
namespace {

constexpr std::size_t kMostBytes = 4U << 20U;

[[noreturn]] void reject(const std::string& what, const std::string& why) {
  throw cni::Error(cni::kBadConfiguration, what + ": " + why);
}

cni::Json parse_object(const std::string& text, const std::string& what) {
  reject_byte_order_mark(text, what);
  try {
    cni::Json json = cni::parse_json(text);
    if (!json.is_object()) reject(what, "not a JSON object");
    return json;
  } catch (const std::invalid_argument& error) {
    throw cni::Error(cni::kNotJson, what + ": not JSON: " + error.what());
  }
}

// cniVersions is new in version 1.1.0 of the specification: the runtime takes the highest version that it supports.
cni::Version choose_version(const cni::Fields& list, const std::string& what) {
  std::vector<std::string> offered = list.texts("cniVersions");
  if (offered.empty() || list.has("cniVersion")) offered.push_back(list.text_or("cniVersion", ""));
  std::optional<cni::Version> highest;
  for (const std::string& text : offered) {
    const auto version = cni::parse_version(text);
    if (version && (!highest || *version > *highest)) highest = version;
  }
  if (highest) return *highest;
  throw cni::Error(cni::kIncompatibleVersion,
                   what + ": cniVersion \"" + offered.back() +
                       "\" is not supported; supported: " + cni::list(cni::kAllVersions, ", ", false));
}

PluginConfig parse_plugin(const cni::Fields& plugin, const std::string& what) {
  const std::string type = plugin.text_or("type", "");
  if (type.empty()) reject(what, plugin.path_of("type") + " is missing");
  return {type, plugin.json()};
}

Conflist parse_list(const cni::Json& json, const std::string& what) {
  Conflist list;
  const cni::Fields fields(json);
  list.name = fields.text_or("name", "");
  if (list.name.empty()) reject(what, "name is missing");
  if (!cni::is_identifier(list.name)) {
    reject(what, "name: \"" + list.name + "\" is not allowed; allowed: " + kIdentifierRule);
  }
  list.version = choose_version(fields, what);
  list.disable_check = fields.flag("disableCheck");
  for (const cni::Fields& plugin : fields.objects("plugins")) list.plugins.push_back(parse_plugin(plugin, what));
  if (list.plugins.empty()) reject(what, "plugins is missing or empty");
  return list;
}

// Messages of cni::Fields name the key. This puts the file's name in front.
template <class Parse>
Conflist in_file(const std::string& what, const Parse& parse) {
  try {
    return parse();
  } catch (const cni::Error& error) {
    if (error.msg().starts_with(what)) throw;
    throw cni::Error(error.code(), what + ": " + error.msg(), error.details());
  }
}

bool ends_with_any(const std::string& name, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}

[[noreturn]] void not_found(const std::string& name, const std::string& why) {
  throw cni::Error(cni::kBadConfiguration, "network \"" + name + "\" not found: " + why);
}

// Looks for one network. Remembers the others, for the message if it does not exist.
class Search {
 public:
  Search(std::string folder, std::string name) : folder_(std::move(folder)), name_(std::move(name)) {}

  std::optional<Conflist> among(const std::vector<std::string>& files, std::initializer_list<std::string_view> endings,
                                Conflist (*parse)(const std::string&, const std::string&)) {
    for (const std::string& file : files) {
      if (!ends_with_any(file, endings)) continue;
      try {
        Conflist list = parse(os::read_file(folder_ + "/" + file, kMostBytes).value_or(""), file);
        if (list.name == name_) return list;
        seen_ += (seen_.empty() ? "" : ", ") + list.name;
      } catch (const std::exception& error) {
        errors_ += error.what() + std::string("; ");
      }
    }
    return std::nullopt;
  }

  [[noreturn]] void give_up() const {
    const std::string others = errors_.empty() ? "no network configuration" : "no other network configuration";
    throw cni::Error(cni::kBadConfiguration, errors_ + "network \"" + name_ + "\" not found: " + folder_ +
                                                 " contains " + (seen_.empty() ? others : seen_));
  }

 private:
  std::string folder_;
  std::string name_;
  std::string seen_;
  std::string errors_;  // of files that cannot be read
};

Conflist load_file(const std::string& file, const std::string& name) {
  const auto text = os::read_file(file, kMostBytes);
  if (!text) not_found(name, "no such file: " + file);
  Conflist network = parse_network(*text, file);
  if (network.name == name) return network;
  not_found(name, file + " contains " + network.name);
}

}  // namespace

void reject_byte_order_mark(const std::string& text, const std::string& what) {
  if (!text.starts_with("\xef\xbb\xbf")) return;
  throw cni::Error(cni::kNotJson, what + ": not JSON: begins with a byte order mark, which every runtime rejects");
}

bool PluginConfig::declares(std::string_view capability) const { return cni::declares(config, capability); }

Conflist parse_conflist(const std::string& text, const std::string& what) {
  return in_file(what, [&] {
    Conflist list = parse_list(parse_object(text, what), what);
    list.bytes = text;
    return list;
  });
}

Conflist parse_single_conf(const std::string& text, const std::string& what) {
  return in_file(what, [&] {
    const cni::Json plugin = parse_object(text, what);
    cni::Json json{{"plugins", cni::Json::array({plugin})}};
    for (const char* key : {"name", "cniVersion", "cniVersions"}) {
      if (const cni::Json* value = cni::find(plugin, key)) json[key] = *value;
    }
    Conflist list = parse_list(json, what);
    list.bytes = json.dump();
    return list;
  });
}

Conflist parse_network(const std::string& text, const std::string& what) {
  const cni::Json json = parse_object(text, what);
  return cni::find(json, "plugins") != nullptr ? parse_conflist(text, what) : parse_single_conf(text, what);
}

Conflist load_conflist(const std::string& path, const std::string& name) {
  const os::Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder && errno == ENOTDIR) return load_file(path, name);
  if (!folder && errno == ENOENT) not_found(name, "no such file or folder: " + path);
  if (!folder) throw os::last_error("open " + path);
  std::vector<std::string> files;
  os::for_each_entry(folder.get(), [&](const std::string& file) { files.push_back(file); });
  std::sort(files.begin(), files.end());
  Search search(path, name);
  if (auto list = search.among(files, {".conflist"}, parse_conflist)) return *std::move(list);
  if (auto list = search.among(files, {".conf", ".json"}, parse_single_conf)) return *std::move(list);
  search.give_up();
}

}  // namespace cli
