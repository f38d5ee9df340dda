// SPDX-License-Identifier: Apache-2.0
#include "cli/cni/conflist.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "lib/cni/capability.h"
#include "lib/cni/request.h"
#include "lib/os/file.h"

namespace cli {
namespace {

constexpr std::size_t kMostBytes = 4U << 20U;

[[noreturn]] void refuse(const std::string& what, const std::string& why) {
  throw cni::Error(cni::kBadConfiguration, what + ": " + why);
}

cni::Json parse_object(const std::string& text, const std::string& what) {
  try {
    cni::Json json = cni::parse_json(text);
    if (!json.is_object()) refuse(what, "not a JSON object");
    return json;
  } catch (const std::invalid_argument& error) {
    throw cni::Error(cni::kNotJson, what + ": not JSON: " + error.what());
  }
}

// cniVersions was added in version 1.1.0 of the specification; a list of versions among which the runtime chooses.
cni::Version choose_version(const cni::Fields& list, const std::string& what) {
  std::vector<std::string> offered = list.texts("cniVersions");
  if (offered.empty() || list.has("cniVersion")) offered.push_back(list.text_or("cniVersion", ""));
  std::optional<cni::Version> highest;
  for (const std::string& text : offered) {
    const auto version = cni::parse_version(text);
    if (version && (!highest || *version > *highest)) highest = version;
  }
  if (highest) return *highest;
  throw cni::Error(cni::kIncompatibleVersion, what + ": cniVersion \"" + offered.back() + "\" is none that we know",
                   "known: " + cni::list(cni::kAllVersions, ", ", false));
}

PluginConfig parse_plugin(const cni::Fields& plugin, const std::string& what) {
  const std::string type = plugin.text_or("type", "");
  if (type.empty()) refuse(what, plugin.path_of("type") + " is missing");
  return {type, plugin.json()};
}

Conflist parse_list(const cni::Json& json, const std::string& what) {
  Conflist list;
  const cni::Fields fields(json);
  list.name = fields.text_or("name", "");
  if (list.name.empty()) refuse(what, "the network's name is missing");
  if (!cni::is_identifier(list.name)) refuse(what, "\"" + list.name + "\" is no network's name");
  list.version = choose_version(fields, what);
  list.disable_check = fields.flag("disableCheck");
  for (const cni::Fields& plugin : fields.objects("plugins")) list.plugins.push_back(parse_plugin(plugin, what));
  if (list.plugins.empty()) refuse(what, "no plugins in the list");
  return list;
}

// Messages of cni::Fields name the key; here they are told which file it is in, too.
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

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  try {
    const os::Fd directory = os::open_file(folder, O_RDONLY | O_DIRECTORY);
    os::for_each_entry(directory.get(), [&](const std::string& name) { names.push_back(name); });
  } catch (const std::system_error& error) {
    if (error.code().value() != ENOENT) throw;
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Looks for one network, and remembers what else was seen, for the message if it is not there.
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
        unreadable_ += std::string("; passed over ") + error.what();
      }
    }
    return std::nullopt;
  }

  [[noreturn]] void give_up() const {
    throw cni::Error(cni::kBadConfiguration, "no network \"" + name_ + "\" in " + folder_ +
                                                 (seen_.empty() ? "; no other either" : "; there is " + seen_) +
                                                 unreadable_);
  }

 private:
  std::string folder_;
  std::string name_;
  std::string seen_;
  std::string unreadable_;
};

}  // namespace

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

Conflist load_conflist(const std::string& folder, const std::string& name) {
  Search search(folder, name);
  const std::vector<std::string> files = names_in(folder);
  if (auto list = search.among(files, {".conflist"}, parse_conflist)) return *std::move(list);
  if (auto list = search.among(files, {".conf", ".json"}, parse_single_conf)) return *std::move(list);
  search.give_up();
}

}  // namespace cli
