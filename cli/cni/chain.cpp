// SPDX-License-Identifier: Apache-2.0
#include "cli/cni/chain.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "lib/cni/delegate.h"
#include "lib/cni/request.h"
#include "lib/cni/result_json.h"

namespace cli {
namespace {

std::string joined(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& folder : path) text += (text.empty() ? "" : ":") + folder;
  return text;
}

// The output of ADD as the next plugin's prevResult. It is checked here, so that an error names the plugin that printed
// it and not the next one. A result without a version has the configuration's.
cni::Json parse_output(const std::string& output, cni::Version version) {
  cni::Json json;
  try {
    json = cni::parse_json(output);
  } catch (const std::invalid_argument& error) {
    throw cni::Error(cni::kNotJson, std::string("its result is not JSON: ") + error.what());
  }
  if (json.is_null()) json = cni::Json::object();
  const bool has_version = cni::find(json, "cniVersion") != nullptr;
  if (json.is_object() && !has_version) json["cniVersion"] = cni::text(version);
  static_cast<void>(cni::parse_result(json, version, "its result"));
  return json;
}

cni::Error of_plugin(const PluginConfig& plugin, std::string_view verb, const std::exception& any) {
  const cni::Error error = as_error(any);
  return {error.code(), "plugin " + plugin.type + " failed (" + std::string(verb) + "): " + error.msg(),
          error.details()};
}

void warn(const std::exception& error) {
  std::fprintf(stderr, "footbridge: warning: %s\n", describe(as_error(error)).c_str());
}

}  // namespace

cni::Json in_version(const cni::Json& result, cni::Version version) {
  const cni::Json* value = cni::find(result, "cniVersion");
  const auto own = cni::parse_version(value == nullptr || !value->is_string() ? "" : value->get<std::string>());
  if (own && *own == version) return result;
  return cni::parse_json(cni::print_result(cni::parse_result(result, own.value_or(version), "cached result"), version));
}

std::string plugin_input(const Conflist& network, const PluginConfig& plugin, const Attachment& attachment,
                         const std::optional<cni::Json>& previous) {
  cni::Json config = plugin.config;
  config["name"] = network.name;
  config["cniVersion"] = cni::text(network.version);
  if (previous) config["prevResult"] = *previous;
  cni::Json runtime_config = cni::Json::object();
  for (const auto& [capability, value] : attachment.capabilities.items()) {
    if (plugin.declares(capability)) runtime_config[capability] = value;
  }
  if (!runtime_config.empty()) config["runtimeConfig"] = runtime_config;
  return config.dump();
}

void require_declared(const Conflist& network, const Attachment& attachment) {
  for (const auto& item : attachment.capabilities.items()) {
    const std::string& capability = item.key();
    const bool is_declared = std::any_of(network.plugins.begin(), network.plugins.end(),
                                         [&](const PluginConfig& plugin) { return plugin.declares(capability); });
    if (is_declared) continue;
    throw cni::Error(cni::kUnsupportedField,
                     "no plugin of network " + network.name + " declares the capability \"" + capability + "\"",
                     "add \"capabilities\": {\"" + capability + "\": true} to the plugin that supports it" +
                         (capability == "portMappings" ? ", portmap" : ""));
  }
}

std::string Chain::call(const PluginConfig& plugin, std::string_view verb, const std::optional<cni::Json>& previous) {
  cni::Environment environment = cni::environment_of_process();
  const Attachment attachment = verb == "STATUS" ? Attachment() : attachment_;  // STATUS is for a network
  environment["CNI_COMMAND"] = verb;
  environment["CNI_CONTAINERID"] = attachment.container_id;
  environment["CNI_NETNS"] = attachment.netns;
  environment["CNI_IFNAME"] = attachment.ifname;
  environment["CNI_ARGS"] = attachment.args;
  environment["CNI_PATH"] = joined(path_);
  return cni::run_plugin(plugin.type, path_, environment, plugin_input(network_, plugin, attachment, previous));
}

void Chain::require_available() {
  if (network_.version < cni::Version::v1_1_0) return;
  for (const PluginConfig& plugin : network_.plugins) {
    try {
      call(plugin, "STATUS", std::nullopt);
    } catch (const cni::Error& any) {
      if (any.code() != cni::kNotAvailable && any.code() != cni::kLimitedConnectivity) continue;
      const cni::Error error = of_plugin(plugin, "STATUS", any);
      throw cni::Error(error.code(), error.msg(), error.details() + "; --force attaches nevertheless");
    }
  }
}

std::string Chain::add() {
  std::optional<cni::Json> previous;
  std::string output;
  const PluginConfig* current = nullptr;
  try {
    for (const PluginConfig& plugin : network_.plugins) {
      current = &plugin;
      output = call(plugin, "ADD", previous);
      previous = parse_output(output, network_.version);
    }
    current = nullptr;
    cache_.store(attachment_.owner(network_.name), {attachment_, network_.bytes, *previous});
  } catch (const std::exception& error) {
    const cni::Error reason = as_error(error);
    revert_failed_add(current == nullptr ? reason : of_plugin(*current, "ADD", error),
                      reason.code() == cni::kNotAvailable ? reason.msg() : "");
  }
  return output;
}

void Chain::revert_failed_add(const cni::Error& why, const std::string& missing) {
  try {
    del_every_plugin(std::nullopt, missing);
  } catch (const std::exception& error) {
    throw cni::Error(cni::kUnknown, describe(why) + "; not everything was reverted: " + describe(as_error(error)));
  }
  throw cni::Error(why);
}

std::optional<cni::Json> Chain::cached_result() {
  const auto entry = cache_.load(attachment_.owner(network_.name));
  if (!entry || !entry->result.is_object()) return std::nullopt;
  return in_version(entry->result, network_.version);
}

void Chain::check() {
  if (network_.version < cni::Version::v0_4_0) {
    throw cni::Error(cni::kIncompatibleVersion, "CHECK needs cniVersion 0.4.0 or newer, network " + network_.name +
                                                    " has " + std::string(cni::text(network_.version)));
  }
  if (network_.disable_check) return;
  const auto previous = cached_result();
  if (!previous) {
    const std::string ids = list_ids(cache_.load_readable(network_.name));
    throw cni::Error(cni::kUnknownContainer, "no result of ADD to compare with",
                     cache_.file(attachment_.owner(network_.name)) +
                         " is missing; a pod of a kubelet needs --id; known ids: " + (ids.empty() ? "none" : ids));
  }
  for (const PluginConfig& plugin : network_.plugins) {
    try {
      call(plugin, "CHECK", previous);
    } catch (const std::exception& error) {
      throw of_plugin(plugin, "CHECK", error);
    }
  }
}

void Chain::del_every_plugin(const std::optional<cni::Json>& previous, const std::string& missing) {
  std::vector<cni::Error> failures;
  const auto del_one = [&](const PluginConfig& plugin) {
    try {
      call(plugin, "DEL", previous);
    } catch (const std::exception& error) {  // also if no process or descriptor is available
      if (missing.empty() || as_error(error).msg() != missing) failures.push_back(of_plugin(plugin, "DEL", error));
    }
  };
  std::for_each(network_.plugins.rbegin(), network_.plugins.rend(), del_one);
  if (failures.empty()) return;
  if (failures.size() == 1) throw cni::Error(failures.front());
  std::string all;
  for (const cni::Error& failure : failures) all += (all.empty() ? "" : "; ") + describe(failure);
  throw cni::Error(cni::kUnknown, all);
}

void Chain::del() {
  std::optional<cni::Json> previous;
  try {
    previous = cached_result();
  } catch (const std::exception& error) {
    warn(error);  // the plugins need no result; the entry is deleted with the attachment
  }
  if (network_.version < cni::Version::v0_4_0) previous.reset();
  del_every_plugin(previous);
  try {
    cache_.remove(attachment_.owner(network_.name));
  } catch (const std::exception& error) {
    warn(error);  // the attachment is deleted nevertheless
  }
}

cni::Error as_error(const std::exception& error) {
  const auto* protocol_error = dynamic_cast<const cni::Error*>(&error);
  return protocol_error == nullptr ? cni::Error(cni::kInternal, error.what()) : *protocol_error;
}

std::string describe(const cni::Error& error) {
  std::string text = error.msg();
  if (!error.details().empty()) text += " (" + error.details() + ")";
  const bool is_specific = error.code() != cni::kUnknown && error.code() != cni::kInternal;
  if (is_specific) text += " [code " + std::to_string(error.code()) + "]";
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace cli
