// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/keys.h"

#include <algorithm>
#include <array>

#include "lib/cni/args.h"
#include "lib/cni/capability.h"
#include "lib/cni/result_json.h"
#include "lib/log/log.h"

namespace attachment {
namespace {

constexpr std::int64_t kLargestMtu = 65535;  // ETH_MAX_MTU, linux/if_ether.h

std::string text_of(const cni::Json& object, const char* key) {
  const cni::Json* text = cni::find(object, key);
  return text != nullptr && text->is_string() ? text->get<std::string>() : std::string();
}

void append_range(const cni::Json& range, std::vector<AddressRange>& into) {
  const auto subnet = net::Prefix::parse(text_of(range, "subnet"));
  if (!subnet) return;
  const auto start = net::Address::parse(text_of(range, "rangeStart"));
  const auto end = net::Address::parse(text_of(range, "rangeEnd"));
  const auto gateway = net::Address::parse(text_of(range, "gateway"));
  into.push_back({subnet->network(), start.value_or(subnet->first()), end.value_or(subnet->last()),
                  gateway.value_or(subnet->first().next())});
}

void append_sets(const cni::Json* sets, std::vector<AddressRange>& into) {
  if (sets == nullptr || !sets->is_array()) return;
  for (const cni::Json& set : *sets) {
    if (!set.is_array()) continue;
    for (const cni::Json& range : set) append_range(range, into);
  }
}

void append_addresses(const cni::Json* addresses, std::vector<AddressRange>& into) {
  if (addresses == nullptr || !addresses->is_array()) return;
  for (const cni::Json& address : *addresses) {
    const auto prefix = net::Prefix::parse(text_of(address, "address"));
    const auto gateway = net::Address::parse(text_of(address, "gateway"));
    if (prefix) into.push_back({prefix->network(), prefix->address, prefix->address, gateway});
  }
}

std::optional<net::Mac> as_mac(const std::string& text, const std::string& place) {
  if (text.empty()) return std::nullopt;
  const auto mac = net::Mac::parse(text);
  if (mac && mac->is_unicast()) return mac;
  throw cni::Error(cni::kBadConfiguration, "failed to load netconf: " + place + ": bad value \"" + text +
                                               "\"; allowed: a unicast MAC address like 0a:58:0a:01:00:02");
}

}  // namespace

Mtu parse_mtu(const cni::Fields& fields, std::int64_t least) {
  if (const cni::Json* mtu = cni::find(fields.json(), "mtu"); mtu != nullptr && *mtu == "auto") return {0, true};
  const auto mtu = fields.number("mtu", least, kLargestMtu, "\"auto\", or an integer: 0 (default), or 68 to 65535");
  return {static_cast<std::uint32_t>(std::max<std::int64_t>(mtu.value_or(0), 0))};
}

std::uint32_t parse_queues(const cni::Fields& fields) {
  constexpr std::int64_t kMost = 4096;  // rtnl_create_link() in net/core/rtnetlink.c
  return static_cast<std::uint32_t>(fields.number("queues", 1, kMost).value_or(0));
}

std::optional<net::Mac> parse_mac(const cni::Request& request) {
  const cni::Fields fields = request.fields();
  constexpr std::array<std::string_view, 1> kKnown{"MAC"};
  const std::string by_args = cni::value_of(cni::parse_args(request.args, kKnown), "MAC");
  std::string by_convention;
  if (const auto args = fields.object("args")) {
    if (const auto ours = args->object("cni")) by_convention = ours->text_or("mac", "");
  }
  std::string by_runtime;
  if (const auto runtime = fields.object("runtimeConfig")) by_runtime = runtime->text_or("mac", "");
  if (!by_runtime.empty()) return as_mac(by_runtime, "runtimeConfig.mac");
  if (!by_convention.empty()) return as_mac(by_convention, "args.cni.mac");
  return as_mac(by_args, "MAC in CNI_ARGS");
}

std::optional<net::Mac> parse_mac_or_key(const cni::Request& request) {
  const auto requested = parse_mac(request);
  return requested ? requested : as_mac(request.fields().text_or("mac", ""), "mac");
}

std::optional<net::IfName> parse_link_name(const cni::Fields& fields, std::string_view key) {
  const std::string name = fields.text_or(key, "");
  if (name.empty()) return std::nullopt;
  const std::string_view flaw = net::IfName::flaw(name);
  if (flaw.empty()) return net::IfName(name);
  throw fields.error(key, "a link name of 1 to 15 bytes without / : or white space (" + std::string(flaw) + ")");
}

Parent parse_parent(const cni::Fields& fields) {
  return {parse_link_name(fields, "master"), fields.flag("linkInContainer")};
}

bool parse_host_access(const cni::Fields& fields) {
  const bool has_access = fields.flag("hostAccess");
  if (!has_access || !fields.flag("linkInContainer")) return has_access;
  throw fields.error("hostAccess", "false with linkInContainer: the host is not in the network of that link");
}

void check_masquerade_backend(const cni::Fields& fields) {
  const std::string backend = fields.text_or("ipMasqBackend", "");
  if (backend.empty() || backend == "nftables") return;
  if (backend == "iptables") return logging::info("ipMasqBackend iptables: nftables is used, with the same effect");
  throw cni::Error(cni::kBadConfiguration, "unknown ipmasq backend \"" + backend + "\"",
                   "ipMasqBackend: allowed: iptables, nftables");
}

std::optional<cni::Dns> parse_dns(const cni::Fields& fields) {
  const auto dns = fields.object("dns");
  if (!dns) return std::nullopt;
  cni::Dns parsed = cni::parse_dns(*dns);
  const bool replaces = dns->has("nameservers") || dns->has("search") || dns->has("options") || !parsed.domain.empty();
  return replaces ? std::optional(std::move(parsed)) : std::nullopt;
}

std::vector<AddressRange> find_ranges(const cni::Request& request) {
  std::vector<AddressRange> ranges;
  if (const cni::Json* runtime = cni::find(request.config, "runtimeConfig")) {
    append_sets(cni::find(*runtime, "ipRanges"), ranges);
  }
  const cni::Json* ipam = cni::find(request.config, "ipam");
  if (ipam == nullptr) return ranges;
  append_range(*ipam, ranges);
  append_sets(cni::find(*ipam, "ranges"), ranges);
  if (!cni::declares(request.config, "ips")) append_addresses(cni::find(*ipam, "addresses"), ranges);
  return ranges;
}

void reject_small_mtu(std::uint32_t mtu, const cni::Request& request) {
  constexpr std::uint32_t kMin = 68;
  constexpr std::uint32_t kMinIpv6 = 1280;
  if (mtu == 0 || mtu >= kMinIpv6) return;
  const std::vector<AddressRange> ranges = find_ranges(request);
  const bool has_ipv6 = std::any_of(ranges.begin(), ranges.end(),
                                    [](const AddressRange& range) { return range.subnet.family() == net::Family::v6; });
  if (mtu >= (has_ipv6 ? kMinIpv6 : kMin)) return;
  throw request.fields().error(
      "mtu", has_ipv6 ? "0 (default), or 1280 to 65535 with an IPv6 range" : "0 (default), or 68 to 65535");
}

}  // namespace attachment
