// SPDX-License-Identifier: Apache-2.0
#include "lib/nft/form.h"

#include <linux/netfilter/nf_tables.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <new>

#include <libnftnl/expr.h>

#include "lib/nft/object.h"

namespace nft {
namespace {

std::string numbers(const nftnl_expr* expression, std::initializer_list<std::uint16_t> attributes) {
  std::string result;
  for (const std::uint16_t attribute : attributes) {
    result += " " + std::to_string(nftnl_expr_get_u32(expression, attribute));
  }
  return result;
}

std::string bytes(const nftnl_expr* expression, std::uint16_t attribute) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::uint32_t size = 0;
  const auto* data = static_cast<const std::uint8_t*>(nftnl_expr_get(expression, attribute, &size));
  std::string result(" ");
  for (std::uint32_t i = 0; data != nullptr && i < size; ++i) {
    result += {kDigits[data[i] >> 4U], kDigits[data[i] & 15U]};
  }
  return result;
}

std::string parameters(const std::string& name, const nftnl_expr* expression) {
  if (name == "payload") {
    return numbers(expression, {NFTNL_EXPR_PAYLOAD_BASE, NFTNL_EXPR_PAYLOAD_OFFSET, NFTNL_EXPR_PAYLOAD_LEN});
  }
  if (name == "cmp") return numbers(expression, {NFTNL_EXPR_CMP_OP}) + bytes(expression, NFTNL_EXPR_CMP_DATA);
  if (name == "match") {
    return " " + string_of(nftnl_expr_get_str(expression, NFTNL_EXPR_MT_NAME)) +
           numbers(expression, {NFTNL_EXPR_MT_REV}) + bytes(expression, NFTNL_EXPR_MT_INFO);
  }
  if (name == "immediate") return numbers(expression, {NFTNL_EXPR_IMM_DREG, NFTNL_EXPR_IMM_VERDICT});
  return {};
}

}  // namespace

std::string form_of(const nftnl_rule* rule) {
  const std::unique_ptr<nftnl_expr_iter, void (*)(nftnl_expr_iter*)> iterator(
      nftnl_expr_iter_create(const_cast<nftnl_rule*>(rule)), nftnl_expr_iter_destroy);  // reads only
  if (!iterator) throw std::bad_alloc();
  std::string form;
  while (const nftnl_expr* expression = nftnl_expr_iter_next(iterator.get())) {
    const std::string name = string_of(nftnl_expr_get_str(expression, NFTNL_EXPR_NAME));
    form += name + parameters(name, expression) + "; ";
  }
  return form;
}

}  // namespace nft
