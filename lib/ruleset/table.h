// SPDX-License-Identifier: Apache-2.0
// Our tables, `inet footbridge` and `bridge footbridge`: what is in them, and changes to them.
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
  // A netfilter socket in the host's namespace, kept by reference; the list of sets whose elements are read and written.
  explicit Table(netlink::Socket& socket, std::span<const Set> sets = ruleset::sets()) : socket_(socket), sets_(sets) {}

  // The sets of a part whose elements live with an attachment, by name.
  [[nodiscard]] std::vector<std::string> owned_sets(Part part) const;

  // Has the kernel nf_tables?
  [[nodiscard]] bool is_supported() const;

  // The number of the ruleset's last change, whoever made it.
  [[nodiscard]] std::uint32_t generation() const;

  // Is there such a table, whatever is in it?
  [[nodiscard]] bool is_there(nft::Home home = nft::Home::inet) const;

  // Does it have our layout, with every chain and rule? Not after `nft flush table`, for one.
  [[nodiscard]] bool is_intact(nft::Home home = nft::Home::inet) const;

  // Could apply() work here? Tries to make or repair the table, without doing it. Throws std::system_error with what the
  // kernel lacks or refuses.
  void rehearse(nft::Home home = nft::Home::inet) const;

  // The lists of conditions that have a map, each with its rule's handle: nullopt when the rule is lost.
  struct SeenConditions {
    Conditions conditions;
    std::optional<std::uint64_t> rule;
  };
  [[nodiscard]] std::vector<SeenConditions> list_conditions() const;

  // The names of the chains of administrators.
  [[nodiscard]] std::vector<std::string> admin_chains() const;

  // Makes the tables that are there intact, as apply() does on its way, and keeps their elements. Throws as apply().
  void repair() const;

  // The element with that key, whatever its data and comment; nullopt when it, the set or the table is not there.
  [[nodiscard]] std::optional<Element> find(std::string_view set, const nft::Values& key) const;

  // The same for many at once, by set and key of what is `wanted`: those that are there, in that order.
  struct Found {
    std::uint32_t generation = 0;  // read before them
    std::vector<Element> elements;
  };
  [[nodiscard]] Found find(std::span<const Element> wanted) const;

  // All elements of a set, or those that are meant, each once, by key; none when there is no such set. O(n): for the few per
  // network, for GC and for people. Only what is meant takes memory.
  using Claim = std::function<bool(const Element&)>;
  [[nodiscard]] std::vector<Element> list(std::string_view set, const Claim& is_meant = {}) const;

  // One transaction. A table that something is to be added to is made first when there is none, and repaired when it is
  // not intact: its elements stay. Throws Raced when it was changed in between (then nothing happened) and
  // std::system_error when the kernel refuses.
  void apply(std::span<const Change> changes, std::optional<std::uint32_t> generation) const;

 private:
  struct Listing {
    std::map<std::string, Element> meant;  // by key
    std::size_t seen = 0;                  // whether meant or not
    friend bool operator==(const Listing&, const Listing&) = default;
  };
  [[nodiscard]] Listing list_once(std::string_view set, const Claim& is_meant) const;
  bool ensure(nft::Home home, Transaction& transaction, std::optional<std::uint32_t>& generation) const;  // did it add?
  netlink::Socket& socket_;
  std::span<const Set> sets_;
};

}  // namespace ruleset
