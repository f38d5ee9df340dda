// SPDX-License-Identifier: Apache-2.0
// Our tables, `inet footbridge` and `bridge footbridge`: reading and changing them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "lib/foreign/accept.h"
#include "lib/foreign/rule.h"
#include "lib/netlink/socket.h"
#include "lib/nft/raced.h"
#include "lib/ruleset/admin.h"
#include "lib/ruleset/condition.h"
#include "lib/ruleset/element.h"
#include "lib/ruleset/sets.h"

namespace ruleset {

class Transaction;

using Change = std::variant<AddElement, RemoveElement, foreign::RemoveRule, foreign::RemoveChain, foreign::AddAccept,
                            AddConditions, RemoveConditions, AddAdminChain>;

class Table {
 public:
  // A netfilter socket in the host's namespace, kept by reference; the sets whose elements are read and written.
  explicit Table(netlink::Socket& socket, std::span<const Set> sets = ruleset::sets()) : socket_(socket), sets_(sets) {}

  // The names of a part's sets whose elements belong to an attachment.
  [[nodiscard]] std::vector<std::string> owned_sets(Part part) const;

  // True if the kernel has nf_tables.
  [[nodiscard]] bool is_supported() const;

  // The number of the ruleset's last change, by any process.
  [[nodiscard]] std::uint32_t generation() const;

  // True if there is such a table, with any content.
  [[nodiscard]] bool exists(nft::TableFamily family = nft::TableFamily::inet) const;

  // True if the table has our layout, with every chain and rule. False for example after `nft flush table`.
  [[nodiscard]] bool is_intact(nft::TableFamily family = nft::TableFamily::inet) const;

  // Checks whether apply() would work here: creates or repairs the table without committing. Throws std::system_error
  // that names what the kernel lacks or rejects.
  void dry_run(nft::TableFamily family = nft::TableFamily::inet) const;

  // The lists of conditions that have a map, each with its rule's handle; nullopt if the rule is missing.
  struct SeenConditions {
    Conditions conditions;
    std::optional<std::uint64_t> rule;
  };
  [[nodiscard]] std::vector<SeenConditions> list_conditions() const;

  // The names of the administrators' chains.
  [[nodiscard]] std::vector<std::string> admin_chains() const;

  // Repairs the tables that exist, as apply() does, and keeps their elements. Throws like apply().
  void repair() const;

  // The element with that key; nullopt if the element, the set or the table does not exist.
  [[nodiscard]] std::optional<Element> find(std::string_view set, const nft::Values& key) const;

  // Looks up many elements by their sets and keys; returns those that exist, in the same order.
  struct Found {
    std::uint32_t generation = 0;  // read before the elements
    std::vector<Element> elements;
  };
  [[nodiscard]] Found find(std::span<const Element> wanted) const;

  // All elements of a set, or those that match, each once, sorted by key; none if the set does not exist. O(n): for
  // sets with few elements per network, for GC and for listings. Only matching elements take memory.
  using Claim = std::function<bool(const Element&)>;
  [[nodiscard]] std::vector<Element> list(std::string_view set, const Claim& matches = {}) const;

  // Applies the changes in one transaction. Before elements are added to a table, creates it if it is absent and
  // repairs it if it is broken; its elements stay. Throws Raced if the ruleset changed in between (nothing was
  // applied), and std::system_error if the kernel rejects a change.
  void apply(std::span<const Change> changes, std::optional<std::uint32_t> generation) const;

 private:
  struct Listing {
    std::map<std::string, Element> matching;  // by key
    std::size_t seen = 0;                     // all elements, matching or not
    friend bool operator==(const Listing&, const Listing&) = default;
  };
  [[nodiscard]] Listing list_once(std::string_view set, const Claim& matches) const;
  // Adds the steps that make the table intact; returns whether there are any.
  bool ensure(nft::TableFamily family, Transaction& transaction, std::optional<std::uint32_t>& generation) const;
  netlink::Socket& socket_;
  std::span<const Set> sets_;
};

}  // namespace ruleset
