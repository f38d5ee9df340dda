// SPDX-License-Identifier: Apache-2.0
// The filter tables of iptables-legacy. They are not part of nf_tables, but packets pass them too. They are only read:
// their interface replaces a whole table, and no lock of ours could keep iptables-legacy from doing so at the same
// time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/foreign/effect.h"
#include "lib/net/address.h"

namespace foreign {

class LegacyFilter {
 public:
  // The table of the thread's network namespace; nullopt if it has none. The kernel creates a table when a process
  // reads it by name, so only a table listed in /proc/net/ip_tables_names is read. Throws std::system_error.
  static std::optional<LegacyFilter> observe(net::Family family);

  // A table as returned by IPT_SO_GET_ENTRIES (linux/netfilter_ipv4/ip_tables.h, ip6_tables.h), with the offsets of the
  // FORWARD chain's first rule and of its policy. An offset outside of the table ends a chain.
  LegacyFilter(net::Family family, std::vector<std::uint8_t> entries, std::size_t forward, std::size_t policy);

  [[nodiscard]] bool drops_the_rest() const;  // the policy of FORWARD
  [[nodiscard]] const std::string& forward() const { return forward_; }
  // The rules of a chain, either forward() or an effect's target, up to the verdict that ends it.
  [[nodiscard]] Effects chain(const std::string& name) const;

 private:
  net::Family family_;
  std::vector<std::uint8_t> entries_;
  std::string forward_;  // a chain's name is the offset of its first rule
  std::size_t policy_;
};

}  // namespace foreign
