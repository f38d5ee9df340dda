#include "lib/nft/table.h"

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
#include "lib/nft/object.h"
#include "lib/nft/transaction.h"
#include "lib/os/error.h"

namespace nft {
namespace {

// A GETSETELEM message made by libnftnl, in our own wrapping.
netlink::Message get_element(const Element& key) {
  const SetObject object = set_with(key, false);
  std::array<char, 1024> buffer{};
  nlmsghdr* header = nftnl_nlmsg_build_hdr(buffer.data(), NFT_MSG_GETSETELEM, NFPROTO_INET, 0, 0);
  nftnl_set_elems_nlmsg_build_payload(header, object.get());
  netlink::Message message(NFNL_SUBSYS_NFTABLES << 8U | NFT_MSG_GETSETELEM, 0);
  const auto* const payload = static_cast<const std::uint8_t*>(mnl_nlmsg_get_payload(header));
  message.append({payload, mnl_nlmsg_get_payload_len(header)});
  return message;
}

void build_skeleton(Transaction& transaction, bool exclusive) {
  transaction.add_table(exclusive);
  std::uint32_t id = 0;
  for (const Set& set : sets()) transaction.add_set(set, ++id);
  for (const Chain& chain : chains()) transaction.add_chain(chain);
  for (Rule& rule : rules()) transaction.add_rule(std::move(rule));
}

// What the kernel counts as uses of a chain: its rules, and the jumps to it.
std::uint32_t expected_uses(const Chain& chain) {
  std::uint32_t uses = 0;
  const std::string jump = std::string("jump ") + chain.name;
  for (const Rule& rule : rules()) {
    if (std::string_view(rule.chain) == chain.name) ++uses;
    if (rule.text.ends_with(jump)) ++uses;
  }
  return uses;
}

void put(Transaction& transaction, const AddElement& change) { transaction.add(change.element); }
void put(Transaction& transaction, const RemoveElement& change) { transaction.remove(change.element); }
void put(Transaction& transaction, const RemoveRule& change) { transaction.remove(change.rule); }
void put(Transaction& transaction, const RemoveChain& change) { transaction.remove(change.chain); }
void put(Transaction& transaction, const AddAccept& change) { transaction.add(change); }

// Of a kernel without nf_tables, or of a process without CAP_NET_ADMIN, the bare errno says too little.
[[noreturn]] void explain(const std::system_error& error) {
  const int code = error.code().value();
  if (code == EOPNOTSUPP || code == EPROTONOSUPPORT || code == EINVAL || code == ENOENT) {
    throw os::error(code, std::string(error.what()) +
                              "; does this kernel have nf_tables with inet NAT (nf_tables, nft_nat, "
                              "nft_masq, nft_fib_inet)?");
  }
  throw std::system_error(error);
}

}  // namespace

bool Table::is_supported() const {
  bool answered = false;
  // A kernel without the subsystem knows no such message (nfnetlink: EINVAL).
  socket_.exchange({make_message(NFT_MSG_GETGEN, AF_UNSPEC),
                    "read the nf_tables generation",
                    {EINVAL, EOPNOTSUPP},
                    [&](const nlmsghdr*) { answered = true; }});
  return answered;
}

std::uint32_t Table::generation() const {
  std::uint32_t result = 0;
  socket_.exchange(
      {make_message(NFT_MSG_GETGEN, AF_UNSPEC), "read the nf_tables generation", {}, [&](const nlmsghdr* reply) {
         const netlink::Attributes attributes(reply, sizeof(nfgenmsg));
         result = ntohl(attributes.u32(NFTA_GEN_ID).value_or(0));
       }});
  return result;
}

std::optional<std::string> Table::comment() const {
  std::optional<std::string> result;
  netlink::Message message = make_message(NFT_MSG_GETTABLE, NFPROTO_INET);
  message.put_text(NFTA_TABLE_NAME, kTable);
  socket_.exchange({std::move(message), "look table inet footbridge up", {ENOENT}, [&](const nlmsghdr* reply) {
                      const auto data = netlink::Attributes(reply, sizeof(nfgenmsg)).bytes(NFTA_TABLE_USERDATA);
                      result = text_in(data.data(), static_cast<std::uint32_t>(data.size()), NFTNL_UDATA_TABLE_COMMENT);
                    }});
  return result;
}

std::optional<Element> Table::find(std::string_view set, const Values& key) const {
  std::vector<Element> found;
  socket_.exchange({get_element({set, key, {}, {}}),
                    "look up an element of " + std::string(set),
                    {ENOENT},
                    [&](const nlmsghdr* reply) { read_elements(reply, set_named(set), found); }});
  // Of an interval set the kernel also answers with an interval that only holds the beginning of the one asked for.
  return found.empty() || found.front().key != key ? std::nullopt : std::optional(found.front());
}

std::map<std::string, Element> Table::list_once(std::string_view set) const {
  std::vector<Element> result;
  netlink::Message message = make_message(NFT_MSG_GETSETELEM, NFPROTO_INET);
  message.put_text(NFTA_SET_ELEM_LIST_TABLE, kTable);
  message.put_text(NFTA_SET_ELEM_LIST_SET, set);
  const auto keep = [&](const nlmsghdr* reply) { read_elements(reply, set_named(set), result); };
  try {
    socket_.dump(std::move(message), "list set " + std::string(set), keep, [&] { result.clear(); });
  } catch (const std::system_error& error) {
    if (error.code().value() != ENOENT) throw;
  }
  std::map<std::string, Element> by_key;
  for (Element& element : result) {
    std::string key = text(std::span<const Value>(element.key));
    by_key.emplace(std::move(key), std::move(element));
  }
  return by_key;
}

// The kernel grows and shrinks a large hash set beside its users' work, and a dump of several parts that meets this shows
// some elements twice and may pass others over. Two dumps that agree met nothing of the kind.
std::vector<Element> Table::list(std::string_view set) const {
  constexpr std::size_t kNeverResized = 500;  // nft_set_hash.c begins with room for 1024
  constexpr int kTries = 20;
  std::map<std::string, Element> found = list_once(set);
  for (int i = 0; i < kTries && found.size() > kNeverResized; ++i) {
    std::map<std::string, Element> again = list_once(set);
    if (again == found) break;
    found = std::move(again);
  }
  std::vector<Element> result;
  result.reserve(found.size());
  for (auto& [key, element] : found) result.push_back(std::move(element));
  return result;
}

bool Table::is_whole() const {
  if (comment() != kTableComment) return false;
  std::vector<netlink::Request> requests;
  std::size_t whole = 0;
  for (const Chain& chain : chains()) {
    netlink::Message message = make_message(NFT_MSG_GETCHAIN, NFPROTO_INET);
    message.put_text(NFTA_CHAIN_TABLE, kTable);
    message.put_text(NFTA_CHAIN_NAME, chain.name);
    requests.push_back({std::move(message),
                        std::string("look chain ") + chain.name + " up",
                        {ENOENT},
                        [&whole, expected = expected_uses(chain)](const nlmsghdr* reply) {
                          const auto uses = netlink::Attributes(reply, sizeof(nfgenmsg)).u32(NFTA_CHAIN_USE);
                          if (uses && ntohl(*uses) == expected) ++whole;
                        }});
  }
  socket_.exchange(requests);
  return whole == chains().size();
}

// Makes the table, or replaces one that is not whole by one with the same elements. The generation guards what is carried
// over: an element added meanwhile would be lost with the old table.
void Table::add_skeleton(Transaction& transaction, std::optional<std::uint32_t>& generation) const {
  if (!comment()) return build_skeleton(transaction, true);
  if (is_whole()) return;
  if (!generation) generation = this->generation();
  std::vector<Element> kept;
  for (const Set& set : sets()) {
    for (Element& element : list(set.name)) kept.push_back(std::move(element));
  }
  transaction.remove_table();
  build_skeleton(transaction, false);
  for (const Element& element : kept) transaction.add(element);
}

void Table::rehearse() const {
  Transaction transaction;
  std::optional<std::uint32_t> generation;
  try {
    add_skeleton(transaction, generation);
    transaction.rehearse(socket_);
  } catch (const Raced&) {
    return;  // somebody else is just making it: it works
  } catch (const std::system_error& error) {
    explain(error);
  }
}

void Table::apply(std::span<const Change> changes, std::optional<std::uint32_t> generation) const {
  Transaction transaction;
  const bool adds = std::any_of(changes.begin(), changes.end(),
                                [](const Change& change) { return std::holds_alternative<AddElement>(change); });
  if (adds) add_skeleton(transaction, generation);
  for (const Change& change : changes) {
    std::visit([&transaction](const auto& one) { put(transaction, one); }, change);
  }
  try {
    transaction.commit(socket_, generation);
  } catch (const std::system_error& error) {
    explain(error);
  }
}

}  // namespace nft
