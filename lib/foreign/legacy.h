// SPDX-License-Identifier: Apache-2.0
// The filter tables of iptables-legacy, which are in no table of nf_tables and are passed as well. They are only looked at:
// their interface replaces a table as a whole, and no lock of ours would keep iptables-legacy from doing so at the same time.
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
  // Of the thread's network namespace; nullopt when it has none. The kernel makes a table when somebody asks for it by name:
  // only one that /proc/net/ip_tables_names lists is asked for. Throws std::system_error.
  static std::optional<LegacyFilter> observe(net::Family family);

  // A table as IPT_SO_GET_ENTRIES tells it (linux/netfilter_ipv4/ip_tables.h, ip6_tables.h), with the offsets of the FORWARD
  // chain's first rule and of its policy. Offsets that lead out of it end a chain.
  LegacyFilter(net::Family family, std::vector<std::uint8_t> entries, std::size_t forward, std::size_t policy);

  [[nodiscard]] bool drops_the_rest() const;  // the policy of FORWARD
  [[nodiscard]] const std::string& forward() const { return forward_; }
  // The rules of a chain: of forward(), or of an effect's target, up to the verdict that ends the chain.
  [[nodiscard]] Effects chain(const std::string& name) const;

 private:
  net::Family family_;
  std::vector<std::uint8_t> entries_;
  std::string forward_;  // chains are known by the offset of their first rule
  std::size_t policy_;
};

}  // namespace foreign
