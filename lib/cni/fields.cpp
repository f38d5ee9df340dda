// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/fields.h"

#include <algorithm>
#include <stdexcept>

namespace cni {
namespace {

constexpr std::string_view kPrefix = "failed to load netconf: ";

char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte; }

bool equal_but_for_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view kind(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  if (value.is_string()) return "a string";
  if (value.is_boolean()) return "a boolean";
  if (value.is_number()) return "a number";
  return "null";
}

Error wrong_type(const std::string& path, const Json& value, std::string_view wanted) {
  return {kBadConfiguration, std::string(kPrefix) + (path.empty() ? "the configuration" : path) + ": " +
                                 excerpt(value) + " is " + std::string(kind(value)) +
                                 "; allowed: " + std::string(wanted)};
}

const std::string& as_text(const Json& value, const std::string& path) {
  if (!value.is_string()) throw wrong_type(path, value, "a string");
  const auto& text = value.get_ref<const std::string&>();
  if (text.find('\0') != std::string::npos) throw wrong_type(path, value, "a string without NUL");
  return text;
}

const Json& as_list(const Json& value, const std::string& path, std::string_view wanted) {
  if (!value.is_array()) throw wrong_type(path, value, wanted);
  return value;
}

std::string item(const std::string& path, std::size_t index) { return path + "[" + std::to_string(index) + "]"; }

std::vector<Fields> as_objects(const Json& value, const std::string& path) {
  std::vector<Fields> result;
  for (const Json& element : as_list(value, path, "a list of objects")) {
    result.emplace_back(element, item(path, result.size()));
  }
  return result;
}

constexpr int kDeepest = 1000;
constexpr std::size_t kMostWords = 400;  // bytes of the parser's message, which quotes the bad value

// Counted before parsing: the parser's own callback would be called for every value.
bool is_deeper(std::string_view text, int most) {
  int depth = 0;
  bool is_in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char byte = text[i];
    if (byte == '"') {
      is_in_string = !is_in_string;
    } else if (is_in_string) {
      if (byte == '\\') ++i;
    } else if (byte == '{' || byte == '[') {
      if (++depth > most) return true;
    } else if (byte == '}' || byte == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

Json parse_json(std::string_view text) {
  if (is_deeper(text, kDeepest)) {
    throw std::invalid_argument("nested deeper than " + std::to_string(kDeepest) + " levels");
  }
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    throw std::invalid_argument(shortened(error.what(), kMostWords));
  }
}

const Json* find(const Json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto& members = object.get_ref<const Json::object_t&>();
  auto found = members.find(key);
  if (found == members.end()) {
    for (auto member = members.begin(); member != members.end(); ++member) {
      if (equal_but_for_case(member->first, key)) found = member;
    }
  }
  return found == members.end() || found->second.is_null() ? nullptr : &found->second;
}

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  const std::size_t half = most / 2;
  return std::string(text.substr(0, half)) + " ... " + std::string(text.substr(text.size() - half));
}

std::string excerpt(const Json& value) {
  constexpr std::size_t kMost = 100;
  std::string whole = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (whole.size() > kMost) whole = whole.substr(0, kMost) + "...";
  return whole;
}

Fields::Fields(const Json& object, std::string path) : object_(&object), path_(std::move(path)) {
  if (!object.is_object()) throw wrong_type(path_, object, "an object");
}

std::string Fields::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

std::optional<std::string> Fields::text(std::string_view key) const {
  const Json* value = find(*object_, key);
  if (value == nullptr) return std::nullopt;
  return as_text(*value, path_of(key));
}

std::string Fields::text_or(std::string_view key, std::string_view fallback) const {
  return text(key).value_or(std::string(fallback));
}

bool Fields::flag(std::string_view key, bool fallback) const {
  const Json* value = find(*object_, key);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) throw wrong_type(path_of(key), *value, "true or false");
  return value->get<bool>();
}

std::optional<std::int64_t> Fields::number(std::string_view key, std::int64_t least, std::int64_t most,
                                           std::string_view allowed) const {
  const Json* value = find(*object_, key);
  if (value == nullptr) return std::nullopt;
  std::string wanted(allowed);
  if (wanted.empty()) wanted = "an integer from " + std::to_string(least) + " to " + std::to_string(most);
  if (!value->is_number_integer()) throw wrong_type(path_of(key), *value, wanted);
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
    throw error(key, wanted);
  }
  const auto number = value->get<std::int64_t>();
  if (number < least || number > most) throw error(key, wanted);
  return number;
}

std::optional<Fields> Fields::object(std::string_view key) const {
  const Json* value = find(*object_, key);
  if (value == nullptr) return std::nullopt;
  return Fields(*value, path_of(key));
}

std::vector<Fields> Fields::objects(std::string_view key) const {
  const Json* value = find(*object_, key);
  return value == nullptr ? std::vector<Fields>{} : as_objects(*value, path_of(key));
}

std::vector<std::string> Fields::texts(std::string_view key) const {
  std::vector<std::string> result;
  const Json* value = find(*object_, key);
  if (value == nullptr) return result;
  for (const Json& element : as_list(*value, path_of(key), "a list of strings")) {
    result.push_back(as_text(element, item(path_of(key), result.size())));
  }
  return result;
}

std::vector<std::vector<Fields>> Fields::lists_of_objects(std::string_view key) const {
  std::vector<std::vector<Fields>> result;
  const Json* value = find(*object_, key);
  if (value == nullptr) return result;
  for (const Json& element : as_list(*value, path_of(key), "a list of lists of objects")) {
    result.push_back(as_objects(element, item(path_of(key), result.size())));
  }
  return result;
}

Error Fields::error(std::string_view key, std::string_view allowed) const {
  const Json* value = find(*object_, key);
  return {kBadConfiguration, std::string(kPrefix) + path_of(key) + ": " +
                                 (value == nullptr ? "it is missing" : "bad value " + excerpt(*value)) +
                                 "; allowed: " + std::string(allowed)};
}

}  // namespace cni
