// SPDX-License-Identifier: Apache-2.0
#include "lib/ruleset/repair.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <optional>
#include <utility>

#include "lib/netlink/attributes.h"
#include "lib/os/error.h"
#include "lib/ruleset/object.h"
#include "lib/ruleset/sets.h"
#include "lib/ruleset/skeleton.h"

namespace ruleset {
namespace {

struct SeenChain {
  std::string name;
  std::string comment;
  std::uint32_t uses = 0;
};

std::string comment_in(const netlink::Attributes& attributes, std::uint16_t user_data, std::uint8_t type) {
  const auto data = attributes.bytes(user_data);
  return nft::text_in(data.data(), static_cast<std::uint32_t>(data.size()), type);
}

SeenChain read_chain(const nlmsghdr* message) {
  const netlink::Attributes attributes(message, sizeof(nfgenmsg));
  return {attributes.text(NFTA_CHAIN_NAME), comment_in(attributes, NFTA_CHAIN_USERDATA, NFTNL_UDATA_CHAIN_COMMENT),
          ntohl(attributes.u32(NFTA_CHAIN_USE).value_or(0))};
}

netlink::Request look_up(nft::TableFamily family, bool& found) {
  netlink::Message message = nft::make_message(NFT_MSG_GETTABLE, nft::protocol_of(family));
  message.put_text(NFTA_TABLE_NAME, nft::kTable);
  return {
      std::move(message), "look up table " + text(family), {ENOENT}, [&found](const nlmsghdr*) { found = true; }, true};
}

netlink::Request look_up(const nft::Chain& chain, std::vector<SeenChain>& seen) {
  netlink::Message message = nft::make_message(NFT_MSG_GETCHAIN, nft::protocol_of(chain.family));
  message.put_text(NFTA_CHAIN_TABLE, nft::kTable);
  message.put_text(NFTA_CHAIN_NAME, chain.name);
  return {std::move(message),
          std::string("look up chain ") + chain.name,
          {ENOENT},
          [&seen](const nlmsghdr* reply) { seen.push_back(read_chain(reply)); },
          true};
}

netlink::Request look_up(nft::TableFamily family, std::string_view set, std::function<void(const nlmsghdr*)> read) {
  netlink::Message message = nft::make_message(NFT_MSG_GETSET, nft::protocol_of(family));
  message.put_text(NFTA_SET_TABLE, nft::kTable);
  message.put_text(NFTA_SET_NAME, set);
  return {std::move(message), "look up set " + std::string(set), {ENOENT}, std::move(read), true};
}

// The skeleton's chains that exist, in one exchange.
std::vector<SeenChain> observe_chains(netlink::Socket& socket, const std::vector<nft::Chain>& wanted) {
  std::vector<netlink::Request> requests;
  std::vector<SeenChain> seen;
  requests.reserve(wanted.size());
  for (const nft::Chain& chain : wanted) requests.push_back(look_up(chain, seen));
  socket.exchange(requests);
  return seen;
}

std::vector<nft::Set> sets_of(nft::TableFamily family) {
  std::vector<nft::Set> result;
  for (const Set& set : sets()) {
    if (set.family == family) result.push_back(set);
  }
  return result;
}

// What decides whether our elements fit into a set. Type numbers do not: they only choose how nft(8) prints elements.
struct Layout {
  std::uint32_t key = 0;   // bytes
  std::uint32_t data = 0;  // likewise; 0 for a set
  std::uint32_t flags = 0;
  friend bool operator==(const Layout&, const Layout&) = default;
};

Layout layout_of(const nft::Set& set) {
  Layout layout{nft::length(set.key), nft::length(set.data), 0};
  if (set.is_interval) layout.flags |= NFT_SET_INTERVAL;
  if (!set.data.empty()) layout.flags |= NFT_SET_MAP;
  return layout;
}

Layout read_layout(const nlmsghdr* message) {
  const netlink::Attributes attributes(message, sizeof(nfgenmsg));
  const auto number = [&](std::uint16_t type) { return ntohl(attributes.u32(type).value_or(0)); };
  return {number(NFTA_SET_KEY_LEN), number(NFTA_SET_DATA_LEN),
          number(NFTA_SET_FLAGS) & (NFT_SET_INTERVAL | NFT_SET_MAP)};
}

// A set with our layout is kept: an earlier version of Footbridge may have used another type number, and the kernel
// rejects adding the set again with ours. Throws EEXIST for one with another layout, which Linux 5.10 would accept.
std::vector<nft::Set> observe_missing_sets(netlink::Socket& socket, nft::TableFamily family) {
  std::vector<nft::Set> wanted = sets_of(family);
  std::vector<std::optional<Layout>> layouts(wanted.size());
  std::vector<netlink::Request> requests;
  requests.reserve(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto read = [&layouts, i](const nlmsghdr* reply) { layouts[i] = read_layout(reply); };
    requests.push_back(look_up(family, wanted[i].name, read));
  }
  socket.exchange(requests);
  std::vector<nft::Set> missing;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (layouts[i] && layouts[i] != layout_of(wanted[i])) {
      throw os::error(EEXIST,
                      "add set " + text(family) + " " + wanted[i].name + ": a set of another type has that name");
    }
    if (!layouts[i]) missing.push_back(std::move(wanted[i]));
  }
  return missing;
}

void add_all(Transaction& transaction, nft::TableFamily family, const std::vector<nft::Set>& sets, bool exclusive) {
  transaction.add_table(family, exclusive);
  for (const nft::Set& set : sets) transaction.add_set(set);
  for (const nft::Chain& chain : chains(family)) transaction.add_chain(chain);
  for (nft::Rule& rule : rules(family)) transaction.add_rule(family, std::move(rule));
}

// Dumps nf_tables' objects in our inet table; clears `found` when a change of the ruleset interrupts the dump. Finds
// none if the table does not exist.
template <class Found, class Keep>
void list_inet(netlink::Socket& socket, std::uint16_t type, std::uint16_t table, Found& found, const Keep& keep) {
  netlink::Message message = nft::make_message(type, nft::protocol_of(nft::TableFamily::inet));
  if (table != 0) message.put_text(table, nft::kTable);
  try {
    socket.dump(std::move(message), "list table " + text(nft::TableFamily::inet), keep, [&] { found.clear(); });
  } catch (const std::system_error& error) {
    if (error.code().value() != ENOENT) throw;
  }
}

}  // namespace

bool exists(netlink::Socket& socket, nft::TableFamily family) {
  bool found = false;
  socket.exchange(look_up(family, found));
  return found;
}

void add_all(nft::TableFamily family, Transaction& transaction) { add_all(transaction, family, sets_of(family), true); }

State observe_state(netlink::Socket& socket, nft::TableFamily family) {
  const std::vector<nft::Chain> wanted = chains(family);
  const std::vector<std::string_view> sets = sets_without_rule(family);
  std::vector<netlink::Request> requests;
  bool has_table = false;
  std::vector<SeenChain> seen;
  std::size_t found_sets = 0;
  requests.reserve(wanted.size() + sets.size() + 1);
  requests.push_back(look_up(family, has_table));
  for (const nft::Chain& chain : wanted) requests.push_back(look_up(chain, seen));
  for (const std::string_view set : sets)
    requests.push_back(look_up(family, set, [&found_sets](const nlmsghdr*) { ++found_sets; }));
  socket.exchange(requests);
  if (!has_table) return State::absent;
  const bool has_chains = std::all_of(wanted.begin(), wanted.end(), [&](const nft::Chain& chain) {
    const auto found =
        std::find_if(seen.begin(), seen.end(), [&](const SeenChain& one) { return one.name == chain.name; });
    if (found == seen.end() || found->comment != chain.comment) return false;
    return chain.is_open ? found->uses >= chain.uses : found->uses == chain.uses;
  });
  return has_chains && found_sets == sets.size() ? State::intact : State::broken;
}

void add_missing(netlink::Socket& socket, nft::TableFamily family, Transaction& transaction) {
  const std::vector<SeenChain> present = observe_chains(socket, chains(family));
  for (const SeenChain& chain : present) transaction.flush_chain(family, chain.name);
  for (const SeenChain& chain : present) transaction.remove_chain(family, chain.name);
  add_all(transaction, family, observe_missing_sets(socket, family), false);
  if (family != nft::TableFamily::inet) return;
  for (const Conditions& one : conditions(socket)) transaction.add(one, false);
  for (const std::string& chain : admin_chains(socket)) transaction.add_jump_to_admin(chain);
}

std::vector<std::string> admin_chains(netlink::Socket& socket) {
  std::vector<std::string> names;
  list_inet(socket, NFT_MSG_GETCHAIN, 0, names, [&](const nlmsghdr* message) {
    const netlink::Attributes attributes(message, sizeof(nfgenmsg));
    const SeenChain chain = read_chain(message);
    if (attributes.text(NFTA_CHAIN_TABLE) == nft::kTable && chain.comment == kAdminComment) names.push_back(chain.name);
  });
  return names;
}

std::vector<Conditions> conditions(netlink::Socket& socket) {
  std::vector<Conditions> all;
  list_inet(socket, NFT_MSG_GETSET, NFTA_SET_TABLE, all, [&](const nlmsghdr* message) {
    const netlink::Attributes attributes(message, sizeof(nfgenmsg));
    const std::string name = attributes.text(NFTA_SET_NAME);
    if (!name.starts_with("when")) return;
    auto one = Conditions::parse(name, comment_in(attributes, NFTA_SET_USERDATA, NFTNL_UDATA_SET_COMMENT));
    if (one) all.push_back(std::move(*one));
  });
  return all;
}

}  // namespace ruleset
