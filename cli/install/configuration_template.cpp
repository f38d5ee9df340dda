// SPDX-License-Identifier: Apache-2.0
#include "cli/install/configuration_template.h"

#include <cerrno>
#include <set>
#include <stdexcept>
#include <string_view>

#include "cli/cni/conflist.h"
#include "lib/cni/fields.h"
#include "lib/cni/version.h"
#include "lib/os/error.h"
#include "lib/os/file.h"

namespace cli {
namespace {

constexpr std::string_view kKeyCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

struct Setting {
  std::string key;
  std::string value;
};

Setting parse_setting(const std::string& text, const std::string& option, const std::string& value) {
  const std::size_t equals = text.find('=');
  const std::string key = text.substr(0, equals);
  if (equals == std::string::npos || key.empty() || key.find_first_not_of(kKeyCharacters) != std::string::npos) {
    throw std::invalid_argument(option + " " + text + ": allowed: KEY=" + value);
  }
  if (equals + 1 == text.size()) throw std::invalid_argument(option + " " + text + ": the value is empty");
  return {key, text.substr(equals + 1)};
}

std::string trimmed(const std::string& text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  return begin == std::string::npos ? std::string() : text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string value_in(const std::string& file, const std::string& key) {
  constexpr std::size_t kMostBytes = 65536;
  const auto content = os::read_file(file, kMostBytes);
  if (!content) throw os::error(ENOENT, "read the value of " + key + ", " + file);
  std::string value = trimmed(*content);
  if (value.empty()) throw os::error(ENODATA, "read the value of " + key + ", " + file);
  return value;
}

void add(TemplateValues& values, const Setting& setting) {
  if (values.emplace(setting.key, setting.value).second) return;
  throw std::invalid_argument(setting.key + " is set twice");
}

// The value as it is written between the quotes of a JSON string.
std::string escaped(const std::string& value, const std::string& key) {
  try {
    const std::string quoted = cni::Json(value).dump();
    return quoted.substr(1, quoted.size() - 2);
  } catch (const cni::Json::exception&) {
    throw cni::Error(cni::kBadConfiguration, "the value of " + key + " is not UTF-8");
  }
}

std::string placeholder(const std::string& key) { return "${" + key + "}"; }

std::string list(const std::set<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) text += (text.empty() ? "" : ", ") + placeholder(key);
  return text.empty() ? "none" : text;
}

// In a template that is not JSON, placeholders could be outside strings.
void require_json(const std::string& text, const std::string& what) {
  reject_byte_order_mark(text, what);
  try {
    cni::parse_json(text);
  } catch (const std::invalid_argument& error) {
    throw cni::Error(cni::kNotJson, what + ": not JSON: " + error.what());
  }
}

}  // namespace

TemplateValues parse_template_values(const std::vector<std::string>& settings, const std::vector<std::string>& files) {
  TemplateValues values;
  for (const std::string& text : settings) add(values, parse_setting(text, "--set", "VALUE"));
  for (const std::string& text : files) {
    const Setting setting = parse_setting(text, "--set-file", "FILE");
    add(values, {setting.key, value_in(setting.value, setting.key)});
  }
  return values;
}

std::string fill_template(const std::string& text, const TemplateValues& values, const std::string& what) {
  require_json(text, what);
  std::string filled;
  std::set<std::string> used;
  std::set<std::string> missing;
  std::size_t at = 0;
  for (std::size_t begin = text.find("${"); begin != std::string::npos; begin = text.find("${", at)) {
    filled += text.substr(at, begin - at);
    const std::size_t end = text.find_first_not_of(kKeyCharacters, begin + 2);
    if (end == begin + 2 || end == std::string::npos || text[end] != '}') {
      throw cni::Error(cni::kBadConfiguration, what + ": \"" + cni::shortened(text.substr(begin), 40) +
                                                   "\" is not a placeholder; allowed: ${KEY}");
    }
    const std::string key = text.substr(begin + 2, end - begin - 2);
    used.insert(key);
    const auto value = values.find(key);
    value == values.end() ? static_cast<void>(missing.insert(key))
                          : static_cast<void>(filled += escaped(value->second, key));
    at = end + 1;
  }
  if (!missing.empty()) throw cni::Error(cni::kBadConfiguration, what + ": no value for " + list(missing));
  for (const auto& [key, value] : values) {
    if (used.contains(key)) continue;
    throw cni::Error(cni::kBadConfiguration,
                     what + ": no placeholder " + placeholder(key) + "; placeholders: " + list(used));
  }
  return filled + text.substr(at);
}

std::string offer_versions(const std::string& text) {
  const std::string newest(cni::text(cni::Version::v1_1_0));
  const std::string older(cni::text(cni::Version::v1_0_0));
  const cni::Json any_case = cni::parse_json(text);
  const cni::Json* version = cni::find(any_case, "cniVersion");
  const bool is_newest = version == nullptr || (any_case.contains("cniVersion") && *version == newest);
  if (!any_case.is_object() || cni::find(any_case, "cniVersions") != nullptr || !is_newest) return text;
  auto json = nlohmann::ordered_json::parse(text);
  json["cniVersion"] = older;
  json["cniVersions"] = {older, newest};
  return json.dump(2) + "\n";
}

}  // namespace cli
