// SPDX-License-Identifier: Apache-2.0
#include "lib/foreign/accept.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter/xt_conntrack.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <span>
#include <vector>

#include "lib/nft/expression.h"
#include "lib/nft/form.h"

namespace foreign {
namespace {

nft::Expression make(const char* name) {
  nft::Expression expression(nftnl_expr_alloc(name), nftnl_expr_free);
  if (!expression) throw std::bad_alloc();
  return expression;
}

// An iptables match, through nft_compat. The kernel expects the structure's size padded to 8 bytes (XT_ALIGN).
template <class Info>
nft::Expression match(const char* name, std::uint32_t revision, const Info& info) {
  constexpr std::size_t kAlignment = 8;
  constexpr std::size_t kSize = (sizeof(Info) + kAlignment - 1) / kAlignment * kAlignment;
  nft::Expression expression = make("match");
  nftnl_expr_set_str(expression.get(), NFTNL_EXPR_MT_NAME, name);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_MT_REV, revision);
  // libnftnl keeps the pointer and frees it with free(3).
  void* copy = std::calloc(1, kSize);  // NOLINT(cppcoreguidelines-no-malloc): the owner will be libnftnl
  if (copy == nullptr) throw std::bad_alloc();
  std::memcpy(copy, &info, sizeof info);
  nftnl_expr_set(expression.get(), NFTNL_EXPR_MT_INFO, copy, kSize);
  return expression;
}

// -m conntrack --ctstate RELATED,ESTABLISHED,DNAT
nft::Expression match_answers_and_published() {
  constexpr std::uint32_t kRevision = 3;
  xt_conntrack_mtinfo3 info{};
  info.match_flags = XT_CONNTRACK_STATE;
  info.state_mask =
      XT_CONNTRACK_STATE_BIT(IP_CT_ESTABLISHED) | XT_CONNTRACK_STATE_BIT(IP_CT_RELATED) | XT_CONNTRACK_STATE_DNAT;
  return match("conntrack", kRevision, info);
}

// -m comment --comment
nft::Expression match_comment(const std::string& comment) {
  xt_comment_info info{};
  comment.copy(info.comment, sizeof info.comment - 1);
  return match("comment", 0, info);
}

// Offset of the address in the IP header: RFC 791, RFC 8200.
std::uint32_t offset_of(const AddAccept& change) {
  const bool is_source = change.direction == Direction::from;
  if (change.address.is_v4()) return is_source ? 12 : 16;
  return is_source ? 8 : 24;
}

nft::Expression is_equal(const net::Address& address) {
  nft::Expression expression = make("cmp");
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_CMP_SREG, nft::kFirst);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_CMP_OP, NFT_CMP_EQ);
  nftnl_expr_set(expression.get(), NFTNL_EXPR_CMP_DATA, address.bytes().data(),
                 static_cast<std::uint32_t>(address.bytes().size()));
  return expression;
}

nft::Expressions expressions_of(const AddAccept& change) {
  nft::Expressions all;
  all.push_back(
      nft::load_network(offset_of(change), static_cast<std::uint32_t>(change.address.bytes().size()), nft::kFirst));
  all.push_back(is_equal(change.address));
  if (change.direction == Direction::to) all.push_back(match_answers_and_published());
  all.push_back(match_comment(change.comment));
  all.push_back(make("counter"));
  all.push_back(nft::verdict(NF_ACCEPT));
  return all;
}

}  // namespace

std::string text(const AddAccept& change) {
  std::string line = change.before == 0 ? "add rule " : "insert rule ";
  line += text(change.chain);
  if (change.before != 0) line += " handle " + std::to_string(change.before);
  line += change.address.is_v4() ? " ip" : " ip6";
  line += change.direction == Direction::from ? " saddr " : " daddr ";
  line += change.address.text();
  if (change.direction == Direction::to) line += " xt match conntrack \"RELATED,ESTABLISHED,DNAT\"";
  return line + " counter accept comment \"" + change.comment + "\"";
}

std::unique_ptr<nftnl_rule, void (*)(const nftnl_rule*)> make_accept(const AddAccept& change) {
  std::unique_ptr<nftnl_rule, void (*)(const nftnl_rule*)> rule(nftnl_rule_alloc(), nftnl_rule_free);
  if (!rule) throw std::bad_alloc();
  nftnl_rule_set_u32(rule.get(), NFTNL_RULE_FAMILY, change.chain.family);
  nftnl_rule_set_str(rule.get(), NFTNL_RULE_TABLE, change.chain.table.c_str());
  nftnl_rule_set_str(rule.get(), NFTNL_RULE_CHAIN, change.chain.name.c_str());
  if (change.before != 0) nftnl_rule_set_u64(rule.get(), NFTNL_RULE_POSITION, change.before);
  for (nft::Expression& expression : expressions_of(change)) nftnl_rule_add_expr(rule.get(), expression.release());
  return rule;
}

bool is_same(const Rule& rule, const AddAccept& change) {
  return rule.chain == change.chain && rule.form == nft::form_of(make_accept(change).get());
}

}  // namespace foreign
