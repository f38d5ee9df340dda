// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/request.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "lib/cni/result_json.h"
#include "lib/net/ifname.h"

namespace cni {
namespace {

constexpr std::array<std::string_view, 6> kVerbs{"ADD", "DEL", "CHECK", "STATUS", "GC", "VERSION"};

bool is_letter_or_digit(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
}

bool names_an_attachment(std::string_view verb) { return verb == "ADD" || verb == "DEL" || verb == "CHECK"; }

constexpr const char* kIdentifier = "; allowed: letters, digits, _ . and -; the first must be a letter or a digit";

void check_container_id(const std::string& id) {
  if (id.empty() || is_identifier(id)) return;
  throw Error(kBadEnvironment, "invalid characters in containerID", id + kIdentifier);
}

// ADD cannot use some valid names. DEL of such a name has nothing to do and succeeds.
void check_ifname(const std::string& name, bool is_new) {
  if (name.empty()) return;
  const std::string_view flaw = is_new ? net::IfName::flaw_of_new(name) : net::IfName::flaw(name);
  if (flaw.empty()) return;
  const bool is_long = name.size() > 15;
  throw Error(kBadEnvironment, std::string(flaw),
              (is_long ? "interface name should be less than 16 characters: " : "") + ("CNI_IFNAME=" + name));
}

// In the reference's order: a bad value before missing variables, and all missing variables together.
void check_environment(const Environment& environment) {
  const std::string verb = value(environment, "CNI_COMMAND");
  const bool attachment = names_an_attachment(verb);
  if (attachment) check_container_id(value(environment, "CNI_CONTAINERID"));
  if (attachment) check_ifname(value(environment, "CNI_IFNAME"), verb == "ADD");
  std::string missing;
  const auto need = [&](std::string_view name, bool needed) {
    if (!needed || !value(environment, name).empty()) return;
    missing += (missing.empty() ? "" : ",") + std::string(name);
  };
  need("CNI_COMMAND", true);
  need("CNI_CONTAINERID", attachment);
  need("CNI_NETNS", verb == "ADD" || verb == "CHECK");
  need("CNI_IFNAME", attachment);
  need("CNI_PATH", std::find(kVerbs.begin(), kVerbs.end(), verb) != kVerbs.end());
  if (!missing.empty()) throw Error(kBadEnvironment, "required env variables [" + missing + "] missing");
}

Verb parse_verb(const std::string& text) {
  const auto* const found = std::find(kVerbs.begin(), kVerbs.end(), text);
  if (found == kVerbs.end()) throw Error(kBadEnvironment, "unknown CNI_COMMAND: " + text);
  return static_cast<Verb>(found - kVerbs.begin());
}

bool is_true(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char byte) { return static_cast<char>(byte >= 'a' && byte <= 'z' ? byte - ('a' - 'A') : byte); });
  return text == "TRUE" || text == "1";
}

Json parse_config(const std::string& input) {
  if (input.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw Error(kNotJson, "error unmarshall network config: unexpected end of JSON input");
  }
  try {
    return parse_json(input);
  } catch (const std::invalid_argument& error) {
    throw Error(kNotJson, std::string("error unmarshall network config: ") + error.what());
  }
}

std::string network_name(const Json& config) {
  if (!config.is_object()) {
    throw Error(kNotJson, "error unmarshall network config: " + excerpt(config) + " is not an object");
  }
  const Json* name = find(config, "name");
  if (name != nullptr && !name->is_string()) {
    throw Error(kNotJson, "error unmarshall network config: name: " + excerpt(*name) + " is not a string");
  }
  std::string text = name == nullptr ? std::string() : name->get<std::string>();
  if (text.empty()) throw Error(kBadConfiguration, "missing network name", "the key \"name\" must name the network");
  if (!is_identifier(text)) {
    throw Error(kBadConfiguration, "invalid characters found in network name", text + kIdentifier);
  }
  return text;
}

Version config_version(const Json& config, std::span<const Version> supported) {
  const Json* own = find(config, "cniVersion");
  if (own != nullptr && !own->is_string()) {
    throw Error(kNotJson, "decoding version from network config: cniVersion: " + excerpt(*own) + " is not a string");
  }
  const std::string text = own == nullptr ? std::string() : own->get<std::string>();
  const auto version = parse_version(text);
  if (!version || std::find(supported.begin(), supported.end(), *version) == supported.end()) {
    throw Error(kIncompatibleVersion, "incompatible CNI versions",
                "config is \"" + text + "\", plugin supports [" + list(supported, " ", true) + "]");
  }
  return *version;
}

// One entry of cni.dev/valid-attachments.
net::Owner parse_attachment(const Fields& fields, const std::string& network) {
  net::Owner owner{network, fields.text_or("containerID", ""), fields.text_or("ifname", "")};
  if (!is_identifier(owner.container_id)) throw fields.error("containerID", "a container id");
  if (!net::IfName::flaw(owner.ifname).empty()) throw fields.error("ifname", "the name of an interface");
  return owner;
}

}  // namespace

std::string_view text(Verb verb) { return kVerbs.at(static_cast<std::size_t>(verb)); }

std::string value(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

Environment environment_of_process() {
  Environment result;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view pair = *entry;
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos) result.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return result;
}

bool is_identifier(std::string_view text) {
  if (text.empty() || !is_letter_or_digit(text[0])) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char byte) { return is_letter_or_digit(byte) || byte == '_' || byte == '.' || byte == '-'; });
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> result;
  if (text.empty()) return result;
  for (;;) {
    const std::size_t end = text.find(separator);
    result.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return result;
    text.remove_prefix(end + 1);
  }
}

Request parse_request(const Environment& environment, std::span<const Version> supported,
                      const std::function<std::string()>& input) {
  return parse_request(Environment(environment), supported, input);
}

Request parse_request(Environment&& environment, std::span<const Version> supported,
                      const std::function<std::string()>& input) {
  check_environment(environment);
  Request request;
  request.input = input();
  request.config = parse_config(request.input);
  request.network = network_name(request.config);
  request.verb = parse_verb(value(environment, "CNI_COMMAND"));
  request.version = config_version(request.config, supported);
  request.container_id = value(environment, "CNI_CONTAINERID");
  request.netns = value(environment, "CNI_NETNS");
  request.ifname = value(environment, "CNI_IFNAME");
  request.args = value(environment, "CNI_ARGS");
  request.path = split(value(environment, "CNI_PATH"), ':');
  request.netns_override = is_true(value(environment, "CNI_NETNS_OVERRIDE"));
  request.environment = std::move(environment);
  return request;
}

std::optional<Result> Request::previous_result() const {
  const Json* previous = find(config, "prevResult");
  if (previous == nullptr) return std::nullopt;
  return parse_result(*previous, version, "could not parse prevResult");
}

std::optional<net::Attachments> Request::alive() const {
  for (const char* key : {"cni.dev/valid-attachments", "cni.dev/attachments"}) {
    if (find(config, key) == nullptr && !config.contains(key)) continue;  // null counts as present
    std::vector<net::Owner> owners;
    for (const Fields& attachment : fields().objects(key)) owners.push_back(parse_attachment(attachment, network));
    return net::Attachments(network, owners);
  }
  return std::nullopt;
}

void check_verb(const Request& request) {
  const Verb verb = request.verb;
  const Version since = verb == Verb::check                        ? Version::v0_4_0
                        : verb == Verb::gc || verb == Verb::status ? Version::v1_1_0
                                                                   : Version::v0_1_0;
  if (request.version >= since) return;
  throw Error(kIncompatibleVersion, "config version does not allow " + std::string(text(verb)),
              "cniVersion is " + std::string(text(request.version)) + ", " + std::string(text(verb)) +
                  " exists since " + std::string(text(since)));
}

std::optional<std::string> Request::ipam_type() const {
  const auto ipam = fields().object("ipam");
  if (!ipam) return std::nullopt;
  const std::string type = ipam->text_or("type", "");
  return type.empty() ? std::nullopt : std::optional(type);
}

}  // namespace cni
