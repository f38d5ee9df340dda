// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/chained/previous.h"

#include <algorithm>

#include "lib/cni/error.h"
#include "lib/log/log.h"

namespace attachment {

cni::Result require_previous(const cni::Request& request, const std::string& missing) {
  auto previous = request.previous_result();
  if (!previous) {
    const std::string advice = "put it after bridge or another plugin that creates the interface";
    throw cni::Error(cni::kBadConfiguration, missing, request.verb == cni::Verb::add ? advice : "");
  }
  return std::move(*previous);
}

std::optional<cni::Result> previous_if_readable(const cni::Request& request) {
  try {
    return request.previous_result();
  } catch (const cni::Error& error) {
    logging::debug(error.msg());
    return std::nullopt;
  }
}

const cni::Interface* find_interface(const cni::Result& previous, const std::string& name, bool in_container) {
  const auto found =
      std::find_if(previous.interfaces.begin(), previous.interfaces.end(), [&](const cni::Interface& interface) {
        return interface.name == name && interface.sandbox.empty() != in_container;
      });
  return found == previous.interfaces.end() ? nullptr : &*found;
}

cni::Result own_part(const cni::Result& previous, const std::string& ifname) {
  cni::Result own = previous;
  const bool is_listed = find_interface(previous, ifname, true) != nullptr;
  std::erase_if(own.ips, [&](const cni::Ip& ip) {
    const auto index = static_cast<std::size_t>(ip.interface.value_or(-1));
    if (index >= previous.interfaces.size()) return false;
    return previous.interfaces[index].name != ifname || (is_listed && previous.interfaces[index].sandbox.empty());
  });
  return own;
}

std::vector<net::Prefix> addresses_of(const cni::Result& result) {
  std::vector<net::Prefix> addresses;
  for (const cni::Ip& ip : result.ips) {
    const bool is_new = std::none_of(addresses.begin(), addresses.end(),
                                     [&](const net::Prefix& one) { return one.address == ip.address.address; });
    if (is_new) addresses.push_back(ip.address);
  }
  return addresses;
}

bool is_of_reference(bool is_ours, const std::function<reference::Seen()>& observe) {
  if (is_ours) return false;
  const reference::Seen seen = observe();
  return !seen.rules.empty() || !seen.chains.empty();
}

}  // namespace attachment
