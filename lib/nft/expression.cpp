// SPDX-License-Identifier: Apache-2.0
#include "lib/nft/expression.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>

#include <array>
#include <new>
#include <string>

namespace nft {
namespace {

Expression make(const char* name) {
  Expression expression(nftnl_expr_alloc(name), nftnl_expr_free);
  if (!expression) throw std::bad_alloc();
  return expression;
}

Expression load_payload(std::uint32_t base, std::uint32_t offset, std::uint32_t size, std::uint32_t to) {
  Expression expression = make("payload");
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_PAYLOAD_BASE, base);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_PAYLOAD_OFFSET, offset);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_PAYLOAD_LEN, size);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_PAYLOAD_DREG, to);
  return expression;
}

Expression compare(std::uint32_t operation, std::span<const std::uint8_t> bytes) {
  Expression expression = make("cmp");
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_CMP_SREG, kFirst);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_CMP_OP, operation);
  nftnl_expr_set(expression.get(), NFTNL_EXPR_CMP_DATA, bytes.data(), static_cast<std::uint32_t>(bytes.size()));
  return expression;
}

}  // namespace

Expression load_meta(std::uint32_t key, std::uint32_t to) {
  Expression expression = make("meta");
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_META_KEY, key);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_META_DREG, to);
  return expression;
}

Expression load_ct(std::uint32_t key, std::uint32_t to) {
  Expression expression = make("ct");
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_CT_KEY, key);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_CT_DREG, to);
  return expression;
}

Expression load_fib_daddr_type(std::uint32_t to) {
  Expression expression = make("fib");
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_DADDR);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_FIB_DREG, to);
  return expression;
}

Expression load_network(std::uint32_t offset, std::uint32_t size, std::uint32_t to) {
  return load_payload(NFT_PAYLOAD_NETWORK_HEADER, offset, size, to);
}

Expression load_link(std::uint32_t offset, std::uint32_t size, std::uint32_t to) {
  return load_payload(NFT_PAYLOAD_LL_HEADER, offset, size, to);
}

Expression load_transport(std::uint32_t offset, std::uint32_t size, std::uint32_t to) {
  return load_payload(NFT_PAYLOAD_TRANSPORT_HEADER, offset, size, to);
}

Expression keep_bits(std::uint32_t mask, std::uint32_t size) {
  return keep_bits({reinterpret_cast<const std::uint8_t*>(&mask), size});
}

Expression keep_bits(std::span<const std::uint8_t> mask) {
  const std::vector<std::uint8_t> none(mask.size());
  const auto size = static_cast<std::uint32_t>(mask.size());
  Expression expression = make("bitwise");
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_BITWISE_SREG, kFirst);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_BITWISE_DREG, kFirst);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_BITWISE_LEN, size);
  nftnl_expr_set(expression.get(), NFTNL_EXPR_BITWISE_MASK, mask.data(), size);
  nftnl_expr_set(expression.get(), NFTNL_EXPR_BITWISE_XOR, none.data(), size);
  return expression;
}

Expression is_equal(std::uint32_t value, std::uint32_t size) {
  return is_equal({reinterpret_cast<const std::uint8_t*>(&value), size});
}

Expression is_equal(std::span<const std::uint8_t> bytes, bool negated) {
  return compare(negated ? NFT_CMP_NEQ : NFT_CMP_EQ, bytes);
}

Expression is_between(std::span<const std::uint8_t> first, std::span<const std::uint8_t> last, bool negated) {
  const auto size = static_cast<std::uint32_t>(first.size());
  Expression expression = make("range");
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_RANGE_SREG, kFirst);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_RANGE_OP, negated ? NFT_RANGE_NEQ : NFT_RANGE_EQ);
  nftnl_expr_set(expression.get(), NFTNL_EXPR_RANGE_FROM_DATA, first.data(), size);
  nftnl_expr_set(expression.get(), NFTNL_EXPR_RANGE_TO_DATA, last.data(), size);
  return expression;
}

Expression is_not_zero() {
  constexpr std::array<std::uint8_t, 4> kZero{};
  return compare(NFT_CMP_NEQ, kZero);
}

Expression is_in(std::string_view set, std::uint32_t from) {
  Expression expression = make("lookup");
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_LOOKUP_SREG, from);
  nftnl_expr_set_str(expression.get(), NFTNL_EXPR_LOOKUP_SET, std::string(set).c_str());
  return expression;
}

Expression is_not_in(std::string_view set, std::uint32_t from) {
  Expression expression = is_in(set, from);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
  return expression;
}

Expression map_by(std::string_view map, std::uint32_t from) {
  Expression expression = is_in(map, from);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_LOOKUP_DREG, kFirst);
  return expression;
}

Expression destination_nat(net::Family family, std::uint32_t address, std::uint32_t port) {
  Expression expression = make("nat");
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_NAT_TYPE, NFT_NAT_DNAT);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_NAT_FAMILY, family == net::Family::v4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_NAT_REG_ADDR_MIN, address);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_NAT_REG_PROTO_MIN, port);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_NAT_FLAGS, NF_NAT_RANGE_PROTO_SPECIFIED);
  return expression;
}

Expression source_nat(net::Family family, std::uint32_t address, bool fully_random) {
  Expression expression = make("nat");
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_NAT_TYPE, NFT_NAT_SNAT);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_NAT_FAMILY, family == net::Family::v4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_NAT_REG_ADDR_MIN, address);
  if (fully_random) {
    nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_NAT_FLAGS, NF_NAT_RANGE_PROTO_RANDOM_FULLY);
  }
  return expression;
}

Expression masquerade(bool fully_random) {
  Expression expression = make("masq");
  if (fully_random) {
    nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_MASQ_FLAGS, NF_NAT_RANGE_PROTO_RANDOM_FULLY);
  }
  return expression;
}

Expression verdict(std::int32_t code, std::string_view chain) {
  Expression expression = make("immediate");
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
  nftnl_expr_set_u32(expression.get(), NFTNL_EXPR_IMM_VERDICT, static_cast<std::uint32_t>(code));
  if (!chain.empty()) nftnl_expr_set_str(expression.get(), NFTNL_EXPR_IMM_CHAIN, std::string(chain).c_str());
  return expression;
}

}  // namespace nft
