// SPDX-License-Identifier: Apache-2.0
#include "lib/foreign/rule.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/xt_multiport.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <system_error>

#include <libnftnl/expr.h>

#include "lib/nft/form.h"
#include "lib/nft/object.h"

namespace foreign {
namespace {

// The table or chain does not exist, or the kernel does not support it.
constexpr std::array kAbsent{ENOENT, EOPNOTSUPP, EAFNOSUPPORT, EPROTONOSUPPORT};

// "-m comment" of iptables: struct xt_comment_info is just the text (linux/netfilter/xt_comment.h).
std::string comment_match(const nftnl_expr* expression) {
  const char* match = nftnl_expr_get_str(expression, NFTNL_EXPR_MT_NAME);
  std::uint32_t size = 0;
  const auto* info = static_cast<const char*>(nftnl_expr_get(expression, NFTNL_EXPR_MT_INFO, &size));
  if (match == nullptr || info == nullptr || std::strcmp(match, "comment") != 0) return {};
  return {info, ::strnlen(info, size)};
}

// "-m multiport --destination-ports" of iptables: the rule compares with each port.
void keep_ports(const nftnl_expr* expression, Rule& rule) {
  const char* match = nftnl_expr_get_str(expression, NFTNL_EXPR_MT_NAME);
  std::uint32_t size = 0;
  const void* raw = nftnl_expr_get(expression, NFTNL_EXPR_MT_INFO, &size);
  xt_multiport_v1 info{};
  if (match == nullptr || raw == nullptr || size < sizeof info || std::strcmp(match, "multiport") != 0) return;
  std::memcpy(&info, raw, sizeof info);
  if (info.flags != XT_MULTIPORT_DESTINATION || info.invert != 0) return;
  for (std::size_t i = 0; i < std::min<std::size_t>(info.count, XT_MULTI_PORTS); ++i) {
    const std::uint16_t port = info.ports[i];
    rule.compared.push_back({static_cast<std::uint8_t>(port >> 8U), static_cast<std::uint8_t>(port)});
  }
}

std::string user_comment(const nftnl_rule* rule) {
  std::uint32_t size = 0;
  const void* data = nftnl_rule_get_data(rule, NFTNL_RULE_USERDATA, &size);
  return data == nullptr ? std::string() : nft::text_in(data, size, NFTNL_UDATA_RULE_COMMENT);
}

void keep_value(const nftnl_expr* expression, std::uint16_t attribute, std::vector<std::vector<std::uint8_t>>& into) {
  std::uint32_t size = 0;
  const auto* data = static_cast<const std::uint8_t*>(nftnl_expr_get(expression, attribute, &size));
  if (data != nullptr) into.emplace_back(data, data + size);
}

void read_expression(const nftnl_expr* expression, Rule& rule) {
  const std::string name = nft::string_of(nftnl_expr_get_str(expression, NFTNL_EXPR_NAME));
  if (name == "match" && rule.comment.empty()) rule.comment = comment_match(expression);
  if (name == "match") keep_ports(expression, rule);
  if (name == "lookup") rule.looked_up.push_back(nft::string_of(nftnl_expr_get_str(expression, NFTNL_EXPR_LOOKUP_SET)));
  if (name == "cmp") keep_value(expression, NFTNL_EXPR_CMP_DATA, rule.compared);
  if (name != "immediate") return;
  if (nftnl_expr_is_set(expression, NFTNL_EXPR_IMM_DATA)) keep_value(expression, NFTNL_EXPR_IMM_DATA, rule.loaded);
  if (!nftnl_expr_is_set(expression, NFTNL_EXPR_IMM_CHAIN)) return;
  rule.target = nft::string_of(nftnl_expr_get_str(expression, NFTNL_EXPR_IMM_CHAIN));
}

Rule read_rule(const nftnl_rule* raw) {
  Rule rule;
  rule.chain = {static_cast<std::uint8_t>(nftnl_rule_get_u32(raw, NFTNL_RULE_FAMILY)),
                nft::string_of(nftnl_rule_get_str(raw, NFTNL_RULE_TABLE)),
                nft::string_of(nftnl_rule_get_str(raw, NFTNL_RULE_CHAIN))};
  rule.handle = nftnl_rule_get_u64(raw, NFTNL_RULE_HANDLE);
  rule.comment = user_comment(raw);
  rule.effect = effect_of(raw);
  rule.form = nft::form_of(raw);
  const std::unique_ptr<nftnl_expr_iter, void (*)(nftnl_expr_iter*)> iterator(
      nftnl_expr_iter_create(const_cast<nftnl_rule*>(raw)), nftnl_expr_iter_destroy);  // reads only
  if (!iterator) throw std::bad_alloc();
  while (const nftnl_expr* expression = nftnl_expr_iter_next(iterator.get())) read_expression(expression, rule);
  return rule;
}

void read_into(const nlmsghdr* message, std::vector<Rule>& rules) {
  if (NFNL_MSG_TYPE(message->nlmsg_type) != NFT_MSG_NEWRULE) return;
  const nft::RuleObject rule(nftnl_rule_alloc(), nftnl_rule_free);
  if (!rule) throw std::bad_alloc();
  if (nftnl_rule_nlmsg_parse(message, rule.get()) < 0) return;
  rules.push_back(read_rule(rule.get()));
}

const char* family_text(std::uint8_t family) {
  if (family == NFPROTO_IPV4) return "ip";
  return family == NFPROTO_IPV6 ? "ip6" : "inet";
}

}  // namespace

std::string text(const Chain& chain) {
  return std::string(family_text(chain.family)) + " " + chain.table + " " + chain.name;
}

bool Rule::mentions(const net::Address& address) const {
  const auto bytes = address.bytes();
  // nft(8) compares adjacent header fields, such as source and destination, at once.
  const auto holds = [&](const std::vector<std::uint8_t>& value) {
    for (std::size_t at = 0; at + bytes.size() <= value.size(); at += 4) {
      if (std::equal(bytes.begin(), bytes.end(), value.begin() + static_cast<std::ptrdiff_t>(at))) return true;
    }
    return false;
  };
  return std::any_of(compared.begin(), compared.end(), holds) || std::any_of(loaded.begin(), loaded.end(), holds);
}

bool Rule::mentions(std::uint16_t port) const {
  const std::vector<std::uint8_t> bytes{static_cast<std::uint8_t>(port >> 8U), static_cast<std::uint8_t>(port)};
  return std::find(compared.begin(), compared.end(), bytes) != compared.end() ||
         std::find(loaded.begin(), loaded.end(), bytes) != loaded.end();
}

std::vector<Chain> present_chains(netlink::Socket& socket, std::span<const Chain> chains) {
  std::vector<Chain> present;
  std::vector<netlink::Request> requests;
  for (const Chain& chain : chains) {
    // The kernel has no chain with such a long name: the reference cannot create one for so long a container ID.
    if (chain.name.size() >= NFT_CHAIN_MAXNAMELEN) continue;
    netlink::Message message = nft::make_message(NFT_MSG_GETCHAIN, chain.family);
    message.put_text(NFTA_CHAIN_TABLE, chain.table);
    message.put_text(NFTA_CHAIN_NAME, chain.name);
    requests.push_back({std::move(message),
                        "look up chain " + text(chain),
                        {kAbsent.begin(), kAbsent.end()},
                        [&present, &chain](const nlmsghdr*) { present.push_back(chain); }});
  }
  socket.exchange(requests);
  return present;
}

std::vector<Rule> list_rules(netlink::Socket& socket, const Chain& chain) {
  std::vector<Rule> rules;
  netlink::Message message = nft::make_message(NFT_MSG_GETRULE, chain.family);
  message.put_text(NFTA_RULE_TABLE, chain.table);
  if (!chain.name.empty()) message.put_text(NFTA_RULE_CHAIN, chain.name);
  try {
    socket.dump(
        std::move(message), "list the rules of " + text(chain), [&](const nlmsghdr* reply) { read_into(reply, rules); },
        [&] { rules.clear(); });
  } catch (const std::system_error& error) {
    if (std::find(kAbsent.begin(), kAbsent.end(), error.code().value()) == kAbsent.end()) throw;
  }
  std::erase_if(rules, [&](const Rule& rule) {
    return rule.chain.table != chain.table || (!chain.name.empty() && rule.chain.name != chain.name);
  });
  return rules;
}

std::string text(const RemoveRule& change) {
  return "delete rule " + text(change.rule.chain) + " handle " + std::to_string(change.rule.handle);
}

std::string text(const RemoveChain& change) {
  return "flush chain " + text(change.chain) + "; delete chain " + text(change.chain);
}

std::vector<std::string> lines(std::span<const Rule> removed) {
  std::vector<std::string> result;
  result.reserve(removed.size());
  for (const Rule& rule : removed) result.push_back(rule.comment + ": " + text(RemoveRule{rule}));
  return result;
}

}  // namespace foreign
