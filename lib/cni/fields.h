// SPDX-License-Identifier: Apache-2.0
// Parsing a JSON object of a configuration: typed and bounded, with errors that name key and value.
//
// Keys match exactly; if no key does, regardless of ASCII case, as in Go's encoding/json. Runtimes rely on that:
// containerd writes "HostPort", Podman "hostPort". null counts as absent. Unknown keys are ignored. Every error is
// cni::Error code 7: "failed to load netconf: <path>: <value> ...; allowed: ...".
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

// Parses JSON text. Throws std::invalid_argument with the parser's text. It also throws for more than 1000 nested
// levels, because code that visits a JSON tree is recursive.
Json parse_json(std::string_view text);

// The value of `key`; nullptr if it is absent or null, or if `object` is not an object.
const Json* find(const Json& object, std::string_view key);

class Fields {
 public:
  // path: the object's name in messages: "" for the configuration itself, "ipam", "runtimeConfig.portMappings[0]". The
  // JSON must outlive this object. Throws if `object` is not a JSON object.
  explicit Fields(const Json& object, std::string path = {});

  [[nodiscard]] bool has(std::string_view key) const { return find(*object_, key) != nullptr; }
  [[nodiscard]] std::optional<std::string> text(std::string_view key) const;
  [[nodiscard]] std::string text_or(std::string_view key, std::string_view fallback) const;
  [[nodiscard]] bool flag(std::string_view key, bool fallback = false) const;

  // An integer within [least, most]. allowed: the documented range, for messages; default: "an integer from <least> to
  // <most>".
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view key, std::int64_t least, std::int64_t most,
                                                   std::string_view allowed = {}) const;

  [[nodiscard]] std::optional<Fields> object(std::string_view key) const;

  // Lists: absent and null are empty. Every element must have the type.
  [[nodiscard]] std::vector<Fields> objects(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
  [[nodiscard]] std::vector<std::vector<Fields>> lists_of_objects(std::string_view key) const;

  // The error for a value of the right type that is not allowed: names path, value and allowed values.
  [[nodiscard]] Error error(std::string_view key, std::string_view allowed) const;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string path_of(std::string_view key) const;
  [[nodiscard]] const Json& json() const { return *object_; }

 private:
  const Json* object_;
  std::string path_;
};

// The text; if it has more than `most` bytes, its beginning, " ... " and its end.
std::string shortened(std::string_view text, std::size_t most);

// The value for a message: JSON text, shortened if it is long.
std::string excerpt(const Json& value);

}  // namespace cni
