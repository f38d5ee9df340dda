// SPDX-License-Identifier: Apache-2.0
#include "lib/ruleset/transaction.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <array>
#include <cerrno>

#include "lib/netlink/datagram.h"
#include "lib/os/error.h"
#include "lib/ruleset/object.h"
#include "lib/ruleset/sets.h"

namespace ruleset {
namespace {

constexpr std::size_t kLargestMessage = 8192;  // bytes; a rule takes about 400

// The user data of a set with its comment; nft's include/libnftnl has it since 1.2.0 as NFTNL_UDATA_SET_COMMENT.
void put_set_comment(nftnl_set* object, const nft::Set& set, const std::string& comment) {
  constexpr std::uint32_t kHostOrder = 1;  // nft's enum byteorder
  constexpr std::uint32_t kBigEndian = 2;
  const auto order = [](const std::vector<nft::Type>& types) -> std::uint32_t {
    if (types.size() > 1) return 0;  // concatenations: known from their parts
    return types[0] == nft::Type::ifname || types[0] == nft::Type::mark ? kHostOrder : kBigEndian;
  };
  const nft::UserData data = nft::make_user_data();
  nftnl_udata_put_u32(data.get(), NFTNL_UDATA_SET_KEYBYTEORDER, order(set.key));
  if (!set.data.empty()) nftnl_udata_put_u32(data.get(), NFTNL_UDATA_SET_DATABYTEORDER, order(set.data));
  if (set.key.back() == nft::Type::nd_target) nft::put_typeof_target(data.get());
  nftnl_udata_put_strz(data.get(), NFTNL_UDATA_SET_COMMENT, comment.c_str());
  nftnl_set_set_data(object, NFTNL_SET_USERDATA, nftnl_udata_buf_data(data.get()), nftnl_udata_buf_len(data.get()));
}

// The lengths of the fields in an interval set's key (pipapo).
void put_fields(nftnl_set* object, const nft::Set& set) {
  std::vector<std::uint8_t> lengths;
  for (const nft::Type& type : set.key) lengths.push_back(static_cast<std::uint8_t>(nft::length({&type, 1})));
  nftnl_set_set_data(object, NFTNL_SET_DESC_CONCAT, lengths.data(), static_cast<std::uint32_t>(lengths.size()));
}

std::uint32_t flags_of(const nft::Set& set) {
  std::uint32_t flags = 0;
  if (set.is_interval) flags |= NFT_SET_INTERVAL | NFT_SET_CONCAT;
  if (!set.data.empty()) flags |= NFT_SET_MAP;
  return flags;
}

std::vector<char> frame(std::uint16_t type, std::optional<std::uint32_t> generation) {
  netlink::Message message(type, 0);
  auto& header = message.header<nfgenmsg>();
  header.nfgen_family = AF_UNSPEC;
  header.version = NFNETLINK_V0;
  header.res_id = htons(NFNL_SUBSYS_NFTABLES);
  if (generation) message.put_u32(NFNL_BATCH_GENID, htonl(*generation));
  return {message.bytes().begin(), message.bytes().end()};
}

nlmsghdr* header_of(std::vector<char>& message) { return reinterpret_cast<nlmsghdr*>(message.data()); }

// EEXIST for a set that may exist means that it has another type. ENOTEMPTY: an interval overlaps one that was added
// meanwhile. ENOENT for a chain or a rule is not a race: the kernel lacks the chain's type or one of the expressions.
bool is_race(int error, const nlmsghdr* step) {
  const int message = step->nlmsg_type & 0xff;
  if (error == EEXIST && message == NFT_MSG_NEWSET) return (step->nlmsg_flags & NLM_F_EXCL) != 0;
  if (error == ENOENT) return message != NFT_MSG_NEWCHAIN && message != NFT_MSG_NEWRULE;
  return error == EEXIST || error == ENOTEMPTY || error == ERESTART || error == EAGAIN;
}

}  // namespace

template <class Build>
void Transaction::step(std::uint8_t family, std::uint16_t type, std::uint16_t flags, std::string what,
                       const Build& build) {
  std::array<char, kLargestMessage> buffer{};
  nlmsghdr* header = nftnl_nlmsg_build_hdr(buffer.data(), type, family, flags, 0);
  build(header);
  steps_.push_back({{buffer.data(), buffer.data() + MNL_ALIGN(header->nlmsg_len)}, std::move(what)});
}

void Transaction::add_table(nft::TableFamily family, bool exclusive) {
  const nft::TableObject table = make_table(family);
  const nft::UserData data = nft::make_user_data();
  nftnl_udata_put_strz(data.get(), NFTNL_UDATA_TABLE_COMMENT, std::string(table_comment(family)).c_str());
  nftnl_table_set_data(table.get(), NFTNL_TABLE_USERDATA, nftnl_udata_buf_data(data.get()),
                       nftnl_udata_buf_len(data.get()));
  step(nft::protocol_of(family), NFT_MSG_NEWTABLE, NLM_F_CREATE | (exclusive ? NLM_F_EXCL : 0),
       "add table " + text(family), [&](nlmsghdr* header) { nftnl_table_nlmsg_build_payload(header, table.get()); });
}

void Transaction::add_chain(const nft::Chain& chain, bool exclusive) {
  const nft::ChainObject object = make_chain();
  nftnl_chain_set_str(object.get(), NFTNL_CHAIN_NAME, chain.name);
  if (chain.type != nullptr) {
    nftnl_chain_set_str(object.get(), NFTNL_CHAIN_TYPE, chain.type);
    nftnl_chain_set_u32(object.get(), NFTNL_CHAIN_HOOKNUM, chain.hook);
    nftnl_chain_set_s32(object.get(), NFTNL_CHAIN_PRIO, chain.priority);
    nftnl_chain_set_u32(object.get(), NFTNL_CHAIN_POLICY, NF_ACCEPT);
  }
  const nft::UserData data = nft::make_user_data();
  nftnl_udata_put_strz(data.get(), NFTNL_UDATA_CHAIN_COMMENT, std::string(chain.comment).c_str());
  nftnl_chain_set_data(object.get(), NFTNL_CHAIN_USERDATA, nftnl_udata_buf_data(data.get()),
                       nftnl_udata_buf_len(data.get()));
  step(nft::protocol_of(chain.family), NFT_MSG_NEWCHAIN, NLM_F_CREATE | (exclusive ? NLM_F_EXCL : 0),
       "add chain " + text(chain.family) + " " + chain.name,
       [&](nlmsghdr* header) { nftnl_chain_nlmsg_build_payload(header, object.get()); });
}

void Transaction::remove_chain(nft::TableFamily family, std::string_view chain) {
  const nft::ChainObject object = make_chain();
  nftnl_chain_set_str(object.get(), NFTNL_CHAIN_NAME, std::string(chain).c_str());
  step(nft::protocol_of(family), NFT_MSG_DELCHAIN, 0, "delete chain " + text(family) + " " + std::string(chain),
       [&](nlmsghdr* header) { nftnl_chain_nlmsg_build_payload(header, object.get()); });
}

void Transaction::flush_chain(nft::TableFamily family, std::string_view chain) {
  const nft::RuleObject all = make_rule();
  nftnl_rule_set_str(all.get(), NFTNL_RULE_CHAIN, std::string(chain).c_str());
  step(nft::protocol_of(family), NFT_MSG_DELRULE, 0, "flush chain " + text(family) + " " + std::string(chain),
       [&](nlmsghdr* header) { nftnl_rule_nlmsg_build_payload(header, all.get()); });
}

void Transaction::add_set(const nft::Set& set) { add_set(set, std::string(set.name), std::string(set.comment), false); }

void Transaction::add_set(const nft::Set& set, const std::string& name, const std::string& comment, bool exclusive) {
  const nft::SetObject object = make_set(set, name);
  nftnl_set_set_u32(object.get(), NFTNL_SET_ID, ++sets_);
  nftnl_set_set_u32(object.get(), NFTNL_SET_FLAGS, flags_of(set));
  nftnl_set_set_u32(object.get(), NFTNL_SET_KEY_TYPE, nft::type_number(set.key));
  nftnl_set_set_u32(object.get(), NFTNL_SET_KEY_LEN, nft::length(set.key));
  if (!set.data.empty()) {
    nftnl_set_set_u32(object.get(), NFTNL_SET_DATA_TYPE, nft::type_number(set.data));
    nftnl_set_set_u32(object.get(), NFTNL_SET_DATA_LEN, nft::length(set.data));
  }
  if (set.is_interval) put_fields(object.get(), set);
  put_set_comment(object.get(), set, comment);
  step(nft::protocol_of(set.family), NFT_MSG_NEWSET, NLM_F_CREATE | (exclusive ? NLM_F_EXCL : 0),
       "add set " + text(set.family) + " " + name,
       [&](nlmsghdr* header) { nftnl_set_nlmsg_build_payload(header, object.get()); });
}

void Transaction::add_rule(nft::TableFamily family, nft::Rule rule) {
  const nft::RuleObject object = make_rule();
  nftnl_rule_set_str(object.get(), NFTNL_RULE_CHAIN, rule.chain.c_str());
  for (nft::Expression& expression : rule.expressions) nftnl_rule_add_expr(object.get(), expression.release());
  step(nft::protocol_of(family), NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND,
       "add rule " + text(family) + " " + rule.chain + " " + rule.text,
       [&](nlmsghdr* header) { nftnl_rule_nlmsg_build_payload(header, object.get()); });
}

void Transaction::add(const Conditions& conditions, bool exclusive) {
  const std::string name = conditions.map_name();
  add_set(set_named(name), name, conditions.comment(), exclusive);
  add_rule(nft::TableFamily::inet, conditions.rule());
}

void Transaction::remove(const RemoveConditions& conditions) {
  if (conditions.rule) {
    remove(foreign::Rule{
        {nft::protocol_of(nft::TableFamily::inet), nft::kTable, kConditions}, *conditions.rule, {}, {}, {}, {}, {}});
  }
  const nft::SetObject object = make_set(set_named(conditions.map), conditions.map);
  step(nft::protocol_of(nft::TableFamily::inet), NFT_MSG_DELSET, 0, text(conditions),
       [&](nlmsghdr* header) { nftnl_set_nlmsg_build_payload(header, object.get()); });
}

void Transaction::add(const AddAdminChain& chain) {
  if (!chain.has_chain) add_chain({chain.name.c_str(), nullptr, 0, 0, 0, kAdminComment}, true);
  add_jump_to_admin(chain.name);
}

void Transaction::add_jump_to_admin(const std::string& chain) {
  nft::Expressions jump;
  jump.push_back(nft::verdict(NFT_JUMP, chain));
  add_rule(nft::TableFamily::inet, {kAdminChains, "jump " + chain, std::move(jump)});
}

void Transaction::add(const Element& element) {
  const Set& set = set_named(element.set, all_sets_);
  const nft::SetObject object = set_with(set, element, true);
  step(nft::protocol_of(set.family), NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_EXCL, text(AddElement{element}),
       [&](nlmsghdr* header) { nftnl_set_elems_nlmsg_build_payload(header, object.get()); });
}

void Transaction::remove(const Element& element) {
  const Set& set = set_named(element.set, all_sets_);
  const nft::SetObject object = set_with(set, element, false);
  step(nft::protocol_of(set.family), NFT_MSG_DELSETELEM, 0, text(RemoveElement{element}),
       [&](nlmsghdr* header) { nftnl_set_elems_nlmsg_build_payload(header, object.get()); });
}

void Transaction::add(const foreign::AddAccept& change) {
  const auto rule = foreign::make_accept(change);
  const std::uint16_t place = change.before == 0 ? NLM_F_APPEND : 0;
  step(change.chain.family, NFT_MSG_NEWRULE, NLM_F_CREATE | place, text(change),
       [&](nlmsghdr* header) { nftnl_rule_nlmsg_build_payload(header, rule.get()); });
}

void Transaction::remove(const foreign::Rule& rule) {
  const nft::RuleObject object = make_rule();
  nftnl_rule_set_str(object.get(), NFTNL_RULE_TABLE, rule.chain.table.c_str());
  nftnl_rule_set_str(object.get(), NFTNL_RULE_CHAIN, rule.chain.name.c_str());
  nftnl_rule_set_u64(object.get(), NFTNL_RULE_HANDLE, rule.handle);
  step(rule.chain.family, NFT_MSG_DELRULE, 0, text(foreign::RemoveRule{rule}),
       [&](nlmsghdr* header) { nftnl_rule_nlmsg_build_payload(header, object.get()); });
}

void Transaction::remove(const foreign::Chain& chain) {
  const nft::RuleObject all = make_rule();
  nftnl_rule_set_str(all.get(), NFTNL_RULE_TABLE, chain.table.c_str());
  nftnl_rule_set_str(all.get(), NFTNL_RULE_CHAIN, chain.name.c_str());
  const nft::ChainObject object = make_chain();
  nftnl_chain_set_str(object.get(), NFTNL_CHAIN_TABLE, chain.table.c_str());
  nftnl_chain_set_str(object.get(), NFTNL_CHAIN_NAME, chain.name.c_str());
  const std::string what = text(foreign::RemoveChain{chain});
  step(chain.family, NFT_MSG_DELRULE, 0, what,
       [&](nlmsghdr* header) { nftnl_rule_nlmsg_build_payload(header, all.get()); });
  step(chain.family, NFT_MSG_DELCHAIN, 0, what,
       [&](nlmsghdr* header) { nftnl_chain_nlmsg_build_payload(header, object.get()); });
}

void Transaction::commit(netlink::Socket& socket, std::optional<std::uint32_t> generation) const {
  send(socket, generation, false);
}

void Transaction::dry_run(netlink::Socket& socket) const { send(socket, std::nullopt, true); }

void Transaction::send(netlink::Socket& socket, std::optional<std::uint32_t> generation, bool is_dry_run) const {
  if (steps_.empty()) return;
  std::vector<char> bytes;
  const auto append = [&](std::vector<char> message, std::uint16_t flags) {
    header_of(message)->nlmsg_seq = socket.next_sequence();
    header_of(message)->nlmsg_flags |= flags;
    bytes.insert(bytes.end(), message.begin(), message.end());
    return header_of(message)->nlmsg_seq;
  };
  const std::uint32_t begin = append(frame(NFNL_MSG_BATCH_BEGIN, generation), 0);
  std::uint32_t last = begin;
  // Only the last step is acknowledged. Errors of other steps arrive before its acknowledgement.
  for (const Step& step : steps_) last = append(step.message, &step == &steps_.back() ? NLM_F_ACK : 0);
  if (!is_dry_run) append(frame(NFNL_MSG_BATCH_END, std::nullopt), 0);
  socket.send(bytes, steps_.front().what);

  std::optional<std::system_error> failed;
  bool raced = false;
  for (bool answered = false; !answered;) {
    netlink::for_each_message(socket.receive(steps_.front().what), [&](const nlmsghdr* message) {
      const std::uint32_t index = message->nlmsg_seq - begin;
      if (message->nlmsg_type != NLMSG_ERROR || index > steps_.size()) return;
      const int error = netlink::error_of(message);
      answered = answered || message->nlmsg_seq == last || index == 0;
      if (error == 0 || failed) return;
      const Step& step = steps_[index == 0 ? 0 : index - 1];
      const auto* const sent = reinterpret_cast<const nlmsghdr*>(step.message.data());
      raced = is_race(error, sent);
      failed = netlink::failure(message, step.what);
    });
  }
  if (failed && raced) throw nft::Raced(failed->what());
  if (failed) throw std::system_error(*failed);
}

}  // namespace ruleset
