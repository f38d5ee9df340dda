// SPDX-License-Identifier: Apache-2.0
#include "lib/ruleset/object.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <exception>
#include <new>

namespace ruleset {
namespace {

template <class Object>
Object checked(Object object) {
  if (!object) throw std::bad_alloc();
  return object;
}

std::span<const std::uint8_t> bytes_of(const nftnl_set_elem* element, std::uint16_t attribute) {
  if (!nftnl_set_elem_is_set(element, attribute)) return {};
  std::uint32_t size = 0;
  const void* data = nftnl_set_elem_get(const_cast<nftnl_set_elem*>(element), attribute, &size);  // reads only
  return {static_cast<const std::uint8_t*>(data), size};
}

Element read_element(const nftnl_set_elem* raw, const nft::Set& set, std::string_view name) {
  const auto key = bytes_of(raw, NFTNL_SET_ELEM_KEY);
  const auto comment = bytes_of(raw, NFTNL_SET_ELEM_USERDATA);
  Element element{std::string(name), nft::decode(set.key, key, bytes_of(raw, NFTNL_SET_ELEM_KEY_END)), {}, {}};
  if (!set.data.empty()) element.data = nft::decode(set.data, bytes_of(raw, NFTNL_SET_ELEM_DATA), {});
  element.comment =
      nft::text_in(comment.data(), static_cast<std::uint32_t>(comment.size()), NFTNL_UDATA_SET_ELEM_COMMENT);
  return element;
}

void put_comment(nftnl_set_elem* element, const std::string& comment) {
  if (comment.empty()) return;
  const nft::UserData data = nft::make_user_data();
  nftnl_udata_put_strz(data.get(), NFTNL_UDATA_SET_ELEM_COMMENT, comment.c_str());
  nftnl_set_elem_set(element, NFTNL_SET_ELEM_USERDATA, nftnl_udata_buf_data(data.get()),
                     nftnl_udata_buf_len(data.get()));
}

}  // namespace

nft::TableObject make_table(nft::TableFamily family) {
  auto table = checked(nft::TableObject(nftnl_table_alloc(), nftnl_table_free));
  nftnl_table_set_u32(table.get(), NFTNL_TABLE_FAMILY, nft::protocol_of(family));
  nftnl_table_set_str(table.get(), NFTNL_TABLE_NAME, nft::kTable);
  return table;
}

nft::ChainObject make_chain() {
  auto chain = checked(nft::ChainObject(nftnl_chain_alloc(), nftnl_chain_free));
  nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TABLE, nft::kTable);
  return chain;
}

nft::RuleObject make_rule() {
  auto rule = checked(nft::RuleObject(nftnl_rule_alloc(), nftnl_rule_free));
  nftnl_rule_set_str(rule.get(), NFTNL_RULE_TABLE, nft::kTable);
  return rule;
}

nft::SetObject make_set(const nft::Set& set, std::string_view name) {
  auto object = checked(nft::SetObject(nftnl_set_alloc(), nftnl_set_free));
  nftnl_set_set_u32(object.get(), NFTNL_SET_FAMILY, nft::protocol_of(set.family));
  nftnl_set_set_str(object.get(), NFTNL_SET_TABLE, nft::kTable);
  nftnl_set_set_str(object.get(), NFTNL_SET_NAME, std::string(name).c_str());
  return object;
}

nft::SetObject set_with(const nft::Set& set, const Element& element, bool with_data) {
  nft::SetObject object = make_set(set, element.set);
  nftnl_set_elem* raw = nftnl_set_elem_alloc();
  if (raw == nullptr) throw std::bad_alloc();
  nftnl_set_elem_add(object.get(), raw);  // the set frees it
  const auto key = nft::encode(set.key, element.key);
  nftnl_set_elem_set(raw, NFTNL_SET_ELEM_KEY, key.data(), static_cast<std::uint32_t>(key.size()));
  if (set.is_interval) {
    const auto end = nft::encode(set.key, element.key, true);
    nftnl_set_elem_set(raw, NFTNL_SET_ELEM_KEY_END, end.data(), static_cast<std::uint32_t>(end.size()));
  }
  if (!with_data) return object;
  if (!set.data.empty()) {
    const auto data = nft::encode(set.data, element.data);
    nftnl_set_elem_set(raw, NFTNL_SET_ELEM_DATA, data.data(), static_cast<std::uint32_t>(data.size()));
  }
  put_comment(raw, element.comment);
  return object;
}

void read_elements(const nlmsghdr* message, const nft::Set& set, std::string_view name, std::vector<Element>& into) {
  struct Context {
    const nft::Set& set;
    std::string_view name;
    std::vector<Element>& into;
  } context{set, name, into};
  if (NFNL_MSG_TYPE(message->nlmsg_type) != NFT_MSG_NEWSETELEM) return;
  const nft::SetObject object = checked(nft::SetObject(nftnl_set_alloc(), nftnl_set_free));
  if (nftnl_set_elems_nlmsg_parse(message, object.get()) < 0) return;
  nftnl_set_elem_foreach(
      object.get(),
      [](nftnl_set_elem* raw, void* data) noexcept {  // libnftnl is C: no exception may pass through it
        auto* const to = static_cast<Context*>(data);
        try {
          to->into.push_back(read_element(raw, to->set, to->name));
        } catch (const std::exception&) {
          return 0;  // an element of another form is not ours
        }
        return 0;
      },
      &context);
}

}  // namespace ruleset
