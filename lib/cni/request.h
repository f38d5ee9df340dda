// SPDX-License-Identifier: Apache-2.0
// One call of a plugin: environment and stdin, validated once at the door (SPEC.md, "CNI Operations").
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

// The environment by name; a variable that is set but empty is the same as one that is not set.
using Environment = std::map<std::string, std::string, std::less<>>;
Environment environment_of_process();
std::string value(const Environment& environment, std::string_view name);  // "" when it is not set

struct Plugin;

// A plugin that this executable is, too, under another name: an IPAM plugin that is found as the very file that we are need
// not be started to be asked (delegate.h).
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

  // prevResult, if there is one. A DEL is not worth failing for a bad one: ask for it only where it is needed.
  [[nodiscard]] std::optional<Result> previous_result() const;

  // GC: the attachments that are alive, cni.dev/valid-attachments or, where only that is there, cni.dev/attachments (libcni
  // sends both). nullopt when the configuration has neither: then nothing is known to be abandoned. null is an empty list,
  // as Go writes one. Throws cni::Error code 7 for entries that are no {containerID, ifname}.
  [[nodiscard]] std::optional<net::Attachments> alive() const;

  // ipam.type; nullopt when there is no IPAM.
  [[nodiscard]] std::optional<std::string> ipam_type() const;
};

// Everything but VERSION: reads and checks environment and configuration. `input` is asked for stdin once the environment
// is known to be good. `supported`: the plugin's versions. Throws cni::Error with the reference's codes and texts
// (codes 1, 4, 5, 6, 7). Whether that version has the verb is for check_verb() to say.
Request parse_request(const Environment& environment, std::span<const Version> supported,
                      const std::function<std::string()>& input);

// The same, which takes the environment over instead of copying it, unless it throws.
Request parse_request(Environment&& environment, std::span<const Version> supported,
                      const std::function<std::string()>& input);

// Does the version of the configuration have that verb? Throws cni::Error code 1 when it is older: CHECK exists since 0.4.0,
// GC and STATUS since 1.1.0.
void check_verb(const Request& request);

// Why a container id or a network's name is not one: it must match [a-zA-Z0-9][a-zA-Z0-9_.-]*.
bool is_identifier(std::string_view text);

// Empty entries are kept: they mean nothing and match nothing.
std::vector<std::string> split(std::string_view text, char separator);

}  // namespace cni
