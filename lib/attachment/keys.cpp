#include "lib/attachment/keys.h"

#include <algorithm>

#include "lib/cni/result_json.h"
#include "lib/log/log.h"

namespace attachment {
namespace {

constexpr std::int64_t kLargestMtu = 65535;  // ETH_MAX_MTU, linux/if_ether.h

void keep_prefix(const cni::Json& object, const char* key, std::vector<net::Prefix>& into) {
  const cni::Json* text = cni::find(object, key);
  if (text == nullptr || !text->is_string()) return;
  const auto prefix = net::Prefix::parse(text->get<std::string>());
  if (prefix) into.push_back(prefix->network());
}

void keep_ranges(const cni::Json* sets, std::vector<net::Prefix>& into) {
  if (sets == nullptr || !sets->is_array()) return;
  for (const cni::Json& set : *sets) {
    if (!set.is_array()) continue;
    for (const cni::Json& range : set) keep_prefix(range, "subnet", into);
  }
}

}  // namespace

std::uint32_t parse_mtu(const cni::Fields& fields) {
  const auto mtu = fields.number("mtu", -kLargestMtu, kLargestMtu);
  return static_cast<std::uint32_t>(std::max<std::int64_t>(mtu.value_or(0), 0));
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
  return parsed.empty() ? std::nullopt : std::optional(std::move(parsed));
}

std::vector<net::Prefix> find_subnets(const cni::Request& request) {
  std::vector<net::Prefix> subnets;
  if (const cni::Json* runtime = cni::find(request.config, "runtimeConfig")) {
    keep_ranges(cni::find(*runtime, "ipRanges"), subnets);
  }
  const cni::Json* ipam = cni::find(request.config, "ipam");
  if (ipam == nullptr) return subnets;
  keep_prefix(*ipam, "subnet", subnets);
  keep_ranges(cni::find(*ipam, "ranges"), subnets);
  const cni::Json* addresses = cni::find(*ipam, "addresses");
  if (addresses == nullptr || !addresses->is_array()) return subnets;
  for (const cni::Json& address : *addresses) keep_prefix(address, "address", subnets);
  return subnets;
}

}  // namespace attachment
