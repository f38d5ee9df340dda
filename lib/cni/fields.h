// SPDX-License-Identifier: Apache-2.0
// Reading a JSON object of a configuration: typed, bounded, and with errors that name the key and the value.
//
// Keys are matched exactly and, when there is no such key, without regard to ASCII case, as Go's encoding/json does and as
// runtimes rely on (containerd writes "HostPort", Podman "hostPort"). null is the same as an absent key. Unknown keys are
// not looked at. Every error is cni::Error code 7: "failed to load netconf: <path>: <value> ...; allowed: ...".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "lib/cni/error.h"

namespace cni {

using Json = nlohmann::json;

// Reads JSON text. Throws std::invalid_argument with the parser's words; also for text nested deeper than 1000 levels,
// because everything that goes through a tree of JSON does it by recursion.
Json parse_json(std::string_view text);

// The value of `key` in `object`; nullptr when it is absent or null, or when `object` is not an object.
const Json* find(const Json& object, std::string_view key);

class Fields {
 public:
  // path: how messages call the object, "" for the configuration itself, "ipam" or "runtimeConfig.portMappings[0]" below.
  // Keeps a reference: the JSON must outlive it. Throws when `object` is not a JSON object.
  explicit Fields(const Json& object, std::string path = {});

  [[nodiscard]] bool has(std::string_view key) const { return find(*object_, key) != nullptr; }
  [[nodiscard]] std::optional<std::string> text(std::string_view key) const;
  [[nodiscard]] std::string text_or(std::string_view key, std::string_view fallback) const;
  [[nodiscard]] bool flag(std::string_view key, bool fallback = false) const;

  // An integer literal within [least, most]. allowed: the range as the key's page has it, for messages; default: "an
  // integer from <least> to <most>".
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view key, std::int64_t least, std::int64_t most,
                                                   std::string_view allowed = {}) const;

  [[nodiscard]] std::optional<Fields> object(std::string_view key) const;

  // Lists: absent and null are empty; every element must have the type.
  [[nodiscard]] std::vector<Fields> objects(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
  [[nodiscard]] std::vector<std::vector<Fields>> lists_of_objects(std::string_view key) const;

  // The error for a value that has the right type and is wrong all the same: names path, value and what is allowed.
  [[nodiscard]] Error error(std::string_view key, std::string_view allowed) const;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string path_of(std::string_view key) const;
  [[nodiscard]] const Json& json() const { return *object_; }

 private:
  const Json* object_;
  std::string path_;
};

// The text, or when it is longer than `most` bytes its beginning and its end with " ... " between them.
std::string shortened(std::string_view text, std::size_t most);

// The value as a message shows it: JSON text, shortened when it is long.
std::string excerpt(const Json& value);

}  // namespace cni
