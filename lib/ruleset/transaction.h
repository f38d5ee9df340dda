// SPDX-License-Identifier: Apache-2.0
// A batch of nf_tables changes, applied completely or not at all (nfnetlink batches, linux/netfilter/nfnetlink.h).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/foreign/accept.h"
#include "lib/foreign/rule.h"
#include "lib/netlink/socket.h"
#include "lib/nft/raced.h"
#include "lib/ruleset/admin.h"
#include "lib/ruleset/condition.h"
#include "lib/ruleset/element.h"
#include "lib/ruleset/sets.h"
#include "lib/ruleset/skeleton.h"

namespace ruleset {

class Transaction {
 public:
  // sets: the descriptions of the sets whose elements are written.
  explicit Transaction(std::span<const Set> sets = ruleset::sets()) : all_sets_(sets) {}

  void add_table(nft::TableFamily family, bool exclusive);
  void add_chain(const nft::Chain& chain, bool exclusive = false);
  void add_set(const nft::Set& set);  // keeps an existing one
  void add_rule(nft::TableFamily family, nft::Rule rule);
  void flush_chain(nft::TableFamily family, std::string_view chain);
  void remove_chain(nft::TableFamily family, std::string_view chain);
  void add(const Element& element);
  void remove(const Element& element);
  void add(const foreign::AddAccept& change);
  void remove(const foreign::Rule& rule);
  void remove(const foreign::Chain& chain);
  void add(const Conditions& conditions, bool exclusive);  // the map and the rule
  void remove(const RemoveConditions& conditions);
  void add(const AddAdminChain& chain);
  void add_jump_to_admin(const std::string& chain);

  [[nodiscard]] bool empty() const { return steps_.empty(); }

  // generation: throws Raced if the ruleset's generation differs. Also throws Raced if an added element exists or a
  // removed one does not; std::system_error "<step>: <kernel's message>: <strerror>" for all other errors.
  void commit(netlink::Socket& socket, std::optional<std::uint32_t> generation) const;

  // The kernel checks everything but applies nothing: it discards a batch without an end, as for `nft --check`.
  void dry_run(netlink::Socket& socket) const;

 private:
  struct Step {
    std::vector<char> message;
    std::string what;
  };
  template <class Build>
  void step(std::uint8_t family, std::uint16_t type, std::uint16_t flags, std::string what, const Build& build);
  void send(netlink::Socket& socket, std::optional<std::uint32_t> generation, bool is_dry_run) const;

  void add_set(const nft::Set& set, const std::string& name, const std::string& comment, bool exclusive);

  std::span<const Set> all_sets_;
  std::vector<Step> steps_;
  std::uint32_t sets_ = 0;  // number of sets added by this transaction
};

}  // namespace ruleset
