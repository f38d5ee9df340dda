// SPDX-License-Identifier: Apache-2.0
// footbridge install: this executable and its plugin links in a folder of plugins, and a node's network configuration.

#include <fcntl.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <utility>

#include "cli/cni/conflist.h"
#include "cli/cni/setting.h"
#include "cli/commands.h"
#include "cli/install/configuration_check.h"
#include "cli/install/configuration_template.h"
#include "cli/install/installation.h"
#include "footbridge_plugins.h"
#include "footbridge_version.h"
#include "lib/cni/builtin.h"
#include "lib/os/error.h"
#include "lib/os/file.h"

namespace cli {
namespace {

constexpr const char* kExecutable = "footbridge";

// A configuration that is ready to be written.
struct NodeConfiguration {
  std::string file;
  std::string text;
  std::string network;
};

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// The file names that libcni reads.
bool is_single(const std::string& file) { return file.ends_with(".conf") || file.ends_with(".json"); }
bool is_configuration(const std::string& file) { return file.ends_with(".conflist") || is_single(file); }

NodeConfiguration parse_configuration(const InstallOptions& options) {
  constexpr std::size_t kMostBytes = 4U << 20U;
  const std::string file = file_name(options.config);
  if (file.starts_with('.') || !is_configuration(file)) {
    throw std::invalid_argument("--config " + options.config +
                                ": no runtime reads a file of that name; allowed: NAME.conflist");
  }
  const TemplateValues values = parse_template_values(options.settings, options.setting_files);
  const auto text = os::read_file(options.config, kMostBytes);
  if (!text) throw os::error(ENOENT, "read " + options.config);
  NodeConfiguration configuration{file, fill_template(*text, values, file), {}};
  if (!is_single(file)) configuration.text = offer_versions(configuration.text);
  const Conflist network =
      is_single(file) ? parse_single_conf(configuration.text, file) : parse_conflist(configuration.text, file);
  std::vector<std::string> links;
  for (const std::string& link : options.links) links.push_back(link.substr(0, link.find('=')));
  require_readable(network, file, links, options.dest.empty() ? plugin_folders({}) : std::vector{options.dest});
  configuration.network = network.name;
  return configuration;
}

std::string own_executable() {
  constexpr std::size_t kMostBytes = 1U << 30U;
  const auto content = os::read_file("/proc/self/exe", kMostBytes);
  if (!content) throw os::error(ENOENT, "read this executable, /proc/self/exe");
  return *content;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The NAME of --link NAME=PLUGIN, under which the executable is that plugin (main.cpp).
std::string parse_link(const std::string& text, const std::vector<std::string>& plugins) {
  const std::size_t equals = text.find('=');
  std::string name = text.substr(0, equals);
  const std::string plugin = equals == std::string::npos ? "" : text.substr(equals + 1);
  const cni::Builtin* found = cni::find_by_file_name(kPlugins, name);
  if (found != nullptr && found->name == plugin && name != plugin && name.find_first_of("-./") != 0 &&
      name.find('/') == std::string::npos) {
    return name;
  }
  throw std::invalid_argument(
      "--link " + text + " is not allowed; allowed: PREFIX-PLUGIN=PLUGIN, such as cnv-bridge=bridge, with a PREFIX " +
      "that does not begin with footbridge, and as PLUGIN one of " + joined(plugins));
}

// The executable first, then the links to it.
std::vector<Item> parse_programs(const InstallOptions& options, std::span<const cni::Plugin* const> plugins) {
  constexpr mode_t kMode = 0755;
  std::vector<std::string> names;
  for (const cni::Plugin* plugin : plugins) names.emplace_back(plugin->name);
  std::vector<Item> items{{kExecutable, own_executable(), kMode}};
  for (const std::string& name : options.only) {
    if (contains(names, name)) continue;
    throw std::invalid_argument("--only " + name + ": no such plugin; allowed: " + joined(names));
  }
  for (const std::string& name : options.only.empty() ? names : options.only) items.push_back({name, kExecutable});
  for (const std::string& link : options.links) items.push_back({parse_link(link, names), kExecutable});
  return items;
}

void validate(const InstallOptions& options) {
  if (options.dest.empty() && options.config.empty()) throw std::invalid_argument("--dest or --config is missing");
  if (options.config.empty() && !(options.settings.empty() && options.setting_files.empty())) {
    throw std::invalid_argument("--set and --set-file need --config");
  }
  if (options.dest.empty() && !(options.only.empty() && options.links.empty())) {
    throw std::invalid_argument("--only and --link need --dest");
  }
}

void print_programs(const std::string& folder, const std::vector<std::string>& changed) {
  if (changed.empty()) {
    std::printf("%s: footbridge %s is already installed\n", folder.c_str(), FOOTBRIDGE_VERSION);
    return;
  }
  std::string names;
  for (const std::string& name : changed) names += " " + name;
  std::printf("%s: footbridge %s: installed%s\n", folder.c_str(), FOOTBRIDGE_VERSION, names.c_str());
}

// A runtime with one network uses the first configuration, in the order of the file names.
void warn_of_others(const std::string& folder, const std::string& file) {
  const os::Fd directory = os::open_file(folder, O_RDONLY | O_DIRECTORY);
  os::for_each_entry(directory.get(), [&](const std::string& other) {
    if (other >= file || !is_configuration(other)) return;
    std::fprintf(stderr, "footbridge: warning: %s/%s comes before %s; a runtime with one network uses the first file\n",
                 folder.c_str(), other.c_str(), file.c_str());
  });
}

void print_configuration(const std::string& folder, const NodeConfiguration& configuration, bool is_changed) {
  std::printf("%s/%s: network %s%s\n", folder.c_str(), configuration.file.c_str(), configuration.network.c_str(),
              is_changed ? "" : " is already installed");
  warn_of_others(folder, configuration.file);
}

}  // namespace

// The configuration comes last, when its plugins are placed.
int install(const InstallOptions& options, std::span<const cni::Plugin* const> plugins) {
  constexpr mode_t kMode = 0644;
  validate(options);
  std::optional<NodeConfiguration> configuration;
  if (!options.config.empty()) configuration = parse_configuration(options);
  std::optional<Placement> programs;
  std::optional<Placement> networks;
  if (!options.dest.empty()) programs = prepare(options.dest, parse_programs(options, plugins));
  if (configuration) networks = prepare(options.config_dest, {{configuration->file, configuration->text, kMode}});
  if (programs) print_programs(options.dest, place(std::move(*programs)));
  if (!networks) return 0;
  const bool is_changed = !place(std::move(*networks)).empty();
  print_configuration(options.config_dest, *configuration, is_changed);
  return 0;
}

}  // namespace cli
