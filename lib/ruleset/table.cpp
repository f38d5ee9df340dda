// SPDX-License-Identifier: Apache-2.0
#include "lib/ruleset/table.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>

#include "lib/netlink/attributes.h"
#include "lib/os/error.h"
#include "lib/ruleset/object.h"
#include "lib/ruleset/repair.h"
#include "lib/ruleset/sets.h"
#include "lib/ruleset/transaction.h"

namespace ruleset {
namespace {

constexpr std::size_t kLargestLookup = 1024;  // bytes; for names and a key of a hundred

// A GETSETELEM message, built by libnftnl, as our own type.
netlink::Message get_element(const Set& set, const Element& key) {
  const nft::SetObject object = set_with(set, key, false);
  std::array<char, kLargestLookup> buffer{};
  nlmsghdr* header = nftnl_nlmsg_build_hdr(buffer.data(), NFT_MSG_GETSETELEM, nft::protocol_of(set.family), 0, 0);
  nftnl_set_elems_nlmsg_build_payload(header, object.get());
  netlink::Message message(NFNL_SUBSYS_NFTABLES << 8U | NFT_MSG_GETSETELEM, 0, kLargestLookup);
  const auto* const payload = static_cast<const std::uint8_t*>(mnl_nlmsg_get_payload(header));
  message.append({payload, mnl_nlmsg_get_payload_len(header)});
  return message;
}

netlink::Request read_generation(std::uint32_t& into) {
  const auto read = [&into](const nlmsghdr* reply) {
    const netlink::Attributes attributes(reply, sizeof(nfgenmsg));
    into = ntohl(attributes.u32(NFTA_GEN_ID).value_or(0));
  };
  return {nft::make_message(NFT_MSG_GETGEN, AF_UNSPEC), "read the nf_tables generation", {}, read, true};
}

// Keeps the element with exactly that key. For an interval set the kernel may also return an interval that contains
// only the beginning of the requested one.
netlink::Request look_up(const Set& set, const Element& wanted, std::vector<Element>& into) {
  const auto keep = [&set, &wanted, &into](const nlmsghdr* reply) {
    std::vector<Element> found;
    read_elements(reply, set, wanted.set, found);
    if (!found.empty() && found.front().key == wanted.key) into.push_back(std::move(found.front()));
  };
  return {get_element(set, wanted), "look up an element of " + wanted.set, {ENOENT}, keep, true};
}

void put(Transaction& transaction, const AddElement& change) { transaction.add(change.element); }
void put(Transaction& transaction, const RemoveElement& change) { transaction.remove(change.element); }
void put(Transaction& transaction, const foreign::RemoveRule& change) { transaction.remove(change.rule); }
void put(Transaction& transaction, const foreign::RemoveChain& change) { transaction.remove(change.chain); }
void put(Transaction& transaction, const foreign::AddAccept& change) { transaction.add(change); }
void put(Transaction& transaction, const AddConditions& change) { transaction.add(change.conditions, !change.has_map); }
void put(Transaction& transaction, const RemoveConditions& change) { transaction.remove(change); }
void put(Transaction& transaction, const AddAdminChain& change) { transaction.add(change); }

// The table to which a change adds; nullopt if it adds nothing.
std::optional<nft::TableFamily> table_of(const Change& change, std::span<const Set> all) {
  if (const auto* addition = std::get_if<AddElement>(&change)) return set_named(addition->element.set, all).family;
  const bool adds = std::holds_alternative<AddConditions>(change) || std::holds_alternative<AddAdminChain>(change);
  return adds ? std::optional(nft::TableFamily::inet) : std::nullopt;
}

// Without nf_tables or CAP_NET_ADMIN the errno alone is not helpful.
[[noreturn]] void explain(const std::system_error& error) {
  const int code = error.code().value();
  if (code == EOPNOTSUPP || code == EPROTONOSUPPORT || code == EINVAL || code == ENOENT || code == EAFNOSUPPORT) {
    const std::string what = error.what();
    const bool is_bridge = what.find(text(nft::TableFamily::bridge)) != std::string::npos;
    throw os::error(code, what + (is_bridge ? "; does this kernel have nf_tables for bridges (CONFIG_NF_TABLES_BRIDGE)?"
                                            : "; does this kernel have nf_tables with inet NAT (nf_tables, nft_nat, "
                                              "nft_masq, nft_fib_inet)?"));
  }
  throw std::system_error(error);
}

}  // namespace

bool Table::is_supported() const {
  bool answered = false;
  // A kernel without the subsystem rejects the message (nfnetlink: EINVAL).
  socket_.exchange({nft::make_message(NFT_MSG_GETGEN, AF_UNSPEC),
                    "read the nf_tables generation",
                    {EINVAL, EOPNOTSUPP},
                    [&](const nlmsghdr*) { answered = true; },
                    true});
  return answered;
}

std::uint32_t Table::generation() const {
  std::uint32_t result = 0;
  socket_.exchange(read_generation(result));
  return result;
}

std::optional<Element> Table::find(std::string_view set, const nft::Values& key) const {
  const Element wanted{std::string(set), key, {}, {}};
  std::vector<Element> found;
  socket_.exchange(look_up(set_named(set, sets_), wanted, found));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Table::Found Table::find(std::span<const Element> wanted) const {
  constexpr std::size_t kAtOnce = 200;  // a container may publish a thousand ports
  Found found;
  std::vector<netlink::Request> requests;
  requests.reserve(std::min(wanted.size(), kAtOnce) + 1);
  requests.push_back(read_generation(found.generation));
  for (const Element& element : wanted) {
    requests.push_back(look_up(set_named(element.set, sets_), element, found.elements));
    if (requests.size() < kAtOnce) continue;
    socket_.exchange(requests);
    requests.clear();
  }
  socket_.exchange(requests);
  return found;
}

Table::Listing Table::list_once(std::string_view set, const Claim& matches) const {
  Listing listing;
  const Set& description = set_named(set, sets_);
  netlink::Message message = nft::make_message(NFT_MSG_GETSETELEM, nft::protocol_of(description.family));
  message.put_text(NFTA_SET_ELEM_LIST_TABLE, nft::kTable);
  message.put_text(NFTA_SET_ELEM_LIST_SET, set);
  std::vector<Element> part;
  const auto keep = [&](const nlmsghdr* reply) {
    part.clear();
    read_elements(reply, description, set, part);
    listing.seen += part.size();
    for (Element& element : part) {
      if (matches && !matches(element)) continue;
      std::string key = text(std::span<const nft::Value>(element.key));
      listing.matching.emplace(std::move(key), std::move(element));
    }
  };
  try {
    socket_.dump(std::move(message), "list set " + std::string(set), keep, [&] { listing = {}; });
  } catch (const std::system_error& error) {
    if (error.code().value() != ENOENT) throw;
  }
  return listing;
}

// The kernel resizes a large hash set while it is in use. A dump in several parts during that may contain some elements
// twice and miss others. Two equal dumps were not affected.
std::vector<Element> Table::list(std::string_view set, const Claim& matches) const {
  constexpr std::size_t kNeverResized = 500;  // nft_set_hash.c starts with room for 1024
  constexpr int kTries = 20;
  Listing found = list_once(set, matches);
  for (int i = 0; i < kTries && found.seen > kNeverResized; ++i) {
    Listing again = list_once(set, matches);
    if (again == found) break;
    found = std::move(again);
  }
  std::vector<Element> result;
  result.reserve(found.matching.size());
  for (auto& [key, element] : found.matching) result.push_back(std::move(element));
  return result;
}

std::vector<std::string> Table::owned_sets(Part part) const {
  std::vector<std::string> names;
  for (const Set& set : sets_) {
    if (set.part == part && set.lifetime == Lifetime::attachment) names.push_back(set.name);
  }
  if (part != Part::condition) return names;
  for (const SeenConditions& one : list_conditions()) names.push_back(one.conditions.map_name());
  return names;
}

bool Table::exists(nft::TableFamily family) const { return ruleset::exists(socket_, family); }

bool Table::is_intact(nft::TableFamily family) const { return observe_state(socket_, family) == State::intact; }

std::vector<std::string> Table::admin_chains() const { return ruleset::admin_chains(socket_); }

std::vector<Table::SeenConditions> Table::list_conditions() const {
  std::vector<SeenConditions> all;
  for (Conditions& conditions : ruleset::conditions(socket_)) all.push_back({std::move(conditions), std::nullopt});
  if (all.empty()) return all;
  for (const foreign::Rule& rule :
       foreign::list_rules(socket_, {nft::protocol_of(nft::TableFamily::inet), nft::kTable, kConditions})) {
    for (SeenConditions& one : all) {
      if (rule.looked_up == std::vector{one.conditions.map_name()}) one.rule = rule.handle;
    }
  }
  return all;
}

bool Table::ensure(nft::TableFamily family, Transaction& transaction, std::optional<std::uint32_t>& generation) const {
  const State state = observe_state(socket_, family);
  if (state == State::intact) return false;
  if (state == State::absent) {
    add_all(family, transaction);
    return true;
  }
  // The repair is planned from the present state, which must not change until it is applied.
  if (!generation) generation = this->generation();
  add_missing(socket_, family, transaction);
  return true;
}

void Table::dry_run(nft::TableFamily family) const {
  Transaction transaction(sets_);
  std::optional<std::uint32_t> generation;
  try {
    ensure(family, transaction, generation);
    transaction.dry_run(socket_);
  } catch (const nft::Raced&) {
    return;  // another process is creating it right now, so it works
  } catch (const std::system_error& error) {
    explain(error);
  }
}

void Table::repair() const {
  Transaction transaction(sets_);
  std::optional<std::uint32_t> generation;
  bool is_broken = false;
  for (const nft::TableFamily family : nft::kTableFamilies) {
    if (!exists(family) || is_intact(family)) continue;
    is_broken = true;
    ensure(family, transaction, generation);
  }
  if (!is_broken) return;
  try {
    transaction.commit(socket_, generation);
  } catch (const std::system_error& error) {
    explain(error);
  }
}

void Table::apply(std::span<const Change> changes, std::optional<std::uint32_t> generation) const {
  Transaction transaction(sets_);
  std::vector<std::string> linked;  // admin chains to which the repair adds the jump
  for (const nft::TableFamily family : nft::kTableFamilies) {
    const bool adds = std::any_of(changes.begin(), changes.end(),
                                  [&](const Change& change) { return table_of(change, sets_) == family; });
    if (adds && ensure(family, transaction, generation) && family == nft::TableFamily::inet) linked = admin_chains();
  }
  for (const Change& change : changes) {
    const auto* admin = std::get_if<AddAdminChain>(&change);
    if (admin != nullptr && std::find(linked.begin(), linked.end(), admin->name) != linked.end()) continue;
    std::visit([&transaction](const auto& one) { put(transaction, one); }, change);
  }
  try {
    transaction.commit(socket_, generation);
  } catch (const std::system_error& error) {
    explain(error);
  }
}

}  // namespace ruleset
