// SPDX-License-Identifier: Apache-2.0
// One call of a plugin: its environment and stdin, validated (SPEC.md, "CNI Operations").
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/cni/fields.h"
#include "lib/cni/result.h"
#include "lib/cni/version.h"
#include "lib/net/attachments.h"
#include "lib/net/owner.h"

namespace cni {

enum class Verb : std::uint8_t { add, del, check, status, gc, version };

std::string_view text(Verb verb);  // "ADD"

// The environment by name. An empty variable counts as not set.
using Environment = std::map<std::string, std::string, std::less<>>;
Environment environment_of_process();
std::string value(const Environment& environment, std::string_view name);  // "" if it is not set

struct Plugin;

// A plugin of this executable. An IPAM plugin whose file is our own executable is called without a process
// (delegate.h).
struct Builtin {
  std::string_view name;
  const Plugin& (*plugin)();
};

struct Request {
  Verb verb = Verb::version;
  std::string container_id;           // ADD, DEL, CHECK: [a-zA-Z0-9][a-zA-Z0-9_.-]*
  std::string netns;                  // CNI_NETNS, a path; may be empty in DEL
  std::string ifname;                 // ADD, DEL, CHECK: a valid interface name
  std::string args;                   // CNI_ARGS as it is; parse_args() reads it
  std::vector<std::string> path;      // CNI_PATH, split at ":"
  bool netns_override = false;        // CNI_NETNS_OVERRIDE: the caller's own namespace may be the container's
  Environment environment;            // all of it, for delegates
  std::string input;                  // stdin, byte for byte, for delegates
  Json config;                        // stdin, parsed
  std::string network;                // "name" of the configuration, checked like the container id
  Version version = Version::v0_1_0;  // "cniVersion" of the configuration
  std::span<const Builtin> builtins;

  [[nodiscard]] net::Owner owner() const { return {network, container_id, ifname}; }
  [[nodiscard]] Fields fields() const { return Fields(config); }

  // prevResult; nullopt if there is none. Throws for a bad one: DEL must not fail for that, so call it only if needed.
  [[nodiscard]] std::optional<Result> previous_result() const;

  // GC: the living attachments, from cni.dev/valid-attachments, or cni.dev/attachments if only that exists (libcni
  // sends both). nullopt without either key: nothing counts as abandoned then. null is an empty list, as Go prints it.
  // Throws cni::Error code 7 for entries that are not {containerID, ifname}.
  [[nodiscard]] std::optional<net::Attachments> alive() const;

  // ipam.type; nullopt without IPAM.
  [[nodiscard]] std::optional<std::string> ipam_type() const;
};

// Parses every verb except VERSION. Calls `input` for stdin after the environment is valid. `supported`: the plugin's
// versions. Throws cni::Error with the reference's codes and texts (codes 1, 4, 5, 6, 7). check_verb() checks the
// verb.
Request parse_request(const Environment& environment, std::span<const Version> supported,
                      const std::function<std::string()>& input);

// The same. Moves the environment instead of copying it, unless it throws.
Request parse_request(Environment&& environment, std::span<const Version> supported,
                      const std::function<std::string()>& input);

// Throws cni::Error code 1 if the configuration's version is older than the verb: CHECK exists since 0.4.0, GC and
// STATUS since 1.1.0.
void check_verb(const Request& request);

// Is it a valid container id or network name: [a-zA-Z0-9][a-zA-Z0-9_.-]*?
bool is_identifier(std::string_view text);

// Empty entries are kept.
std::vector<std::string> split(std::string_view text, char separator);

}  // namespace cni
