// SPDX-License-Identifier: Apache-2.0
#include "plugins/tuning/config.h"

#include <array>
#include <limits>

#include "lib/cni/args.h"

namespace tuning {
namespace {

net::Mac parse_mac(const std::string& text, const std::string& place) {
  const auto mac = net::Mac::parse(text);
  if (mac && mac->is_unicast()) return *mac;
  throw cni::Error(cni::kBadConfiguration, "failed to load netconf: " + place + ": bad value \"" + text +
                                               "\"; allowed: a unicast MAC address like 0a:58:0a:01:00:02");
}

// The last non-empty value wins. args.cni.mac wins even if it is empty, which means no MAC address.
std::optional<net::Mac> find_mac(const cni::Request& request, const cni::Fields& fields,
                                 const std::optional<cni::Fields>& conventions) {
  constexpr std::array<std::string_view, 1> kKnown{"MAC"};
  std::string text = fields.text_or("mac", "");
  std::string place = "mac";
  const auto prefer = [&](const std::string& other, const std::string& where) {
    if (other.empty()) return;
    text = other;
    place = where;
  };
  prefer(cni::value_of(cni::parse_args(request.args, kKnown), "MAC"), "MAC in CNI_ARGS");
  if (const auto runtime = fields.object("runtimeConfig")) prefer(runtime->text_or("mac", ""), "runtimeConfig.mac");
  if (conventions && conventions->has("mac")) {
    text = conventions->text_or("mac", "");
    place = "args.cni.mac";
  }
  if (text.empty()) return std::nullopt;
  return parse_mac(text, place);
}

std::optional<std::uint32_t> parse_number(const cni::Fields& fields, std::string_view key, std::string_view allowed) {
  const auto number = fields.number(key, 0, std::numeric_limits<std::int32_t>::max(), allowed);
  return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

bool has_auto_mtu(const cni::Fields& fields) {
  const cni::Json* mtu = cni::find(fields.json(), "mtu");
  return mtu != nullptr && *mtu == "auto";
}

// The attributes in this object, including zero and false.
Attributes parse_attributes(const cni::Fields& fields) {
  Attributes attributes;
  if (fields.has("promisc")) attributes.promiscuous = fields.flag("promisc");
  if (fields.has("allmulti")) attributes.all_multicast = fields.flag("allmulti");
  constexpr std::string_view kMtu = "\"auto\", or an integer: 0 (default: unchanged), or 68 to 65535";
  if (!has_auto_mtu(fields)) attributes.mtu = parse_number(fields, "mtu", kMtu);
  attributes.tx_queue_length = parse_number(fields, "txQLen", "the number of packets, 0 to 2147483647");
  return attributes;
}

std::string parse_data_dir(const cni::Fields& fields) {
  std::string data_dir = fields.text_or("dataDir", "");
  if (data_dir.empty()) return std::string(kDataDir);
  if (!data_dir.starts_with('/')) throw fields.error("dataDir", "an absolute path");
  return data_dir;
}

}  // namespace

Config parse_config(const cni::Request& request) {
  const cni::Fields fields = request.fields();
  const auto args = fields.object("args");
  const auto conventions = args ? args->object("cni") : std::nullopt;
  Config config;
  config.owner = request.owner();
  config.data_dir = parse_data_dir(fields);
  config.sysctls = parse_sysctls(request);
  config.wanted = parse_attributes(fields);
  if (conventions) config.wanted = merged(parse_attributes(*conventions), config.wanted);
  config.wanted.mac = find_mac(request, fields, conventions);
  config.has_auto_mtu = has_auto_mtu(conventions && conventions->has("mtu") ? *conventions : fields);
  if (config.wanted.mtu == 0U || config.has_auto_mtu) config.wanted.mtu.reset();
  if (config.wanted.promiscuous == false) config.wanted.promiscuous.reset();
  return config;
}

std::string parse_data_dir_leniently(const cni::Request& request) {
  try {
    return parse_data_dir(request.fields());
  } catch (const cni::Error&) {
    return std::string(kDataDir);
  }
}

}  // namespace tuning
