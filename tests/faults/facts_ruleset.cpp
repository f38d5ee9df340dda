// SPDX-License-Identifier: Apache-2.0
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <vector>

#include "tests/faults/facts.h"

namespace faults {
namespace {

constexpr int type_of(int message) { return NFNL_SUBSYS_NFTABLES << 8 | message; }

std::string header_of(int family) {
  const nfgenmsg header{static_cast<std::uint8_t>(family), NFNETLINK_V0, 0};
  return {reinterpret_cast<const char*>(&header), sizeof header};
}

int family_of(const nlmsghdr* message) {
  return static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(message))->nfgen_family;
}

// All expressions, without the values of counters.
std::string expressions_text(const nlattr* list) {
  std::string text;
  for (const nlattr* one : nested(list)) {
    std::string name;
    for (const nlattr* part : nested(one)) {
      const int type = mnl_attr_get_type(part);
      if (type == NFTA_EXPR_NAME) name = mnl_attr_get_str(part);
      if (type == NFTA_EXPR_NAME) text += " " + name;
      if (type == NFTA_EXPR_DATA && name != "counter") text += "(" + printable(part) + ")";
    }
  }
  return text;
}

std::string text_but(const nlmsghdr* message, const std::vector<int>& excluded, int expressions = -1) {
  std::string text;
  for (const nlattr* one : attributes(message, sizeof(nfgenmsg))) {
    const int type = mnl_attr_get_type(one);
    if (std::find(excluded.begin(), excluded.end(), type) != excluded.end()) continue;
    text += type == expressions ? expressions_text(one) : " " + std::to_string(type) + ":" + printable(one);
  }
  return text;
}

constexpr int kSetCount = 20;  // NFTA_SET_COUNT, since Linux 6.16: the elements have their own lines

struct Set {
  int family = 0;
  std::string table;
  std::string name;
};

std::string element_text(const nlattr* element) {
  std::string text;
  for (const nlattr* one : nested(element)) {
    const int type = mnl_attr_get_type(one);
    const bool changes = type == NFTA_SET_ELEM_EXPIRATION || type == NFTA_SET_ELEM_EXPR ||
                         type == NFTA_SET_ELEM_EXPRESSIONS || type == NFTA_SET_ELEM_PAD;
    if (!changes) text += " " + std::to_string(type) + ":" + printable(one);
  }
  return text;
}

void observe_elements(Dump& netfilter, const Set& set, Facts& facts) {
  const auto fill = [&](nlmsghdr* message) {
    mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_TABLE, set.table.c_str());
    mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_SET, set.name.c_str());
  };
  netfilter.read(type_of(NFT_MSG_GETSETELEM), header_of(set.family), fill, [&](const nlmsghdr* message) {
    for (const nlattr* one : attributes(message, sizeof(nfgenmsg))) {
      if (mnl_attr_get_type(one) != NFTA_SET_ELEM_LIST_ELEMENTS) continue;
      for (const nlattr* element : nested(one)) {
        facts.insert("element " + set.table + " " + set.name + element_text(element));
      }
    }
  });
}

Set read_set(const nlmsghdr* message) {
  Set set;
  set.family = family_of(message);
  for (const nlattr* one : attributes(message, sizeof(nfgenmsg))) {
    if (mnl_attr_get_type(one) == NFTA_SET_TABLE) set.table = mnl_attr_get_str(one);
    if (mnl_attr_get_type(one) == NFTA_SET_NAME) set.name = mnl_attr_get_str(one);
  }
  return set;
}

}  // namespace

void observe_ruleset(Dump& netfilter, Facts& facts) {
  const auto list = [&](const char* what, int message, const std::vector<int>& excluded, int expressions) {
    netfilter.read(type_of(message), header_of(NFPROTO_UNSPEC), {}, [&](const nlmsghdr* one) {
      facts.insert(std::string(what) + " " + std::to_string(family_of(one)) + text_but(one, excluded, expressions));
    });
  };
  list("table", NFT_MSG_GETTABLE, {NFTA_TABLE_HANDLE, NFTA_TABLE_USE, NFTA_TABLE_PAD}, -1);
  list("chain", NFT_MSG_GETCHAIN, {NFTA_CHAIN_HANDLE, NFTA_CHAIN_USE, NFTA_CHAIN_COUNTERS, NFTA_CHAIN_PAD}, -1);
  list("rule", NFT_MSG_GETRULE, {NFTA_RULE_HANDLE, NFTA_RULE_POSITION, NFTA_RULE_PAD}, NFTA_RULE_EXPRESSIONS);
  std::vector<Set> sets;
  netfilter.read(type_of(NFT_MSG_GETSET), header_of(NFPROTO_UNSPEC), {}, [&](const nlmsghdr* message) {
    const std::vector<int> excluded{NFTA_SET_HANDLE, NFTA_SET_ID, NFTA_SET_PAD, kSetCount};
    facts.insert("set " + std::to_string(family_of(message)) + text_but(message, excluded));
    sets.push_back(read_set(message));
  });
  for (const Set& set : sets) observe_elements(netfilter, set, facts);
}

}  // namespace faults
