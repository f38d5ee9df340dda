// SPDX-License-Identifier: Apache-2.0
// The nf_tables expressions in our rules, one function each, named as in nft(8)'s --debug=netlink.
#pragma once

#include <cstdint>
#include <cstdio>  // libnftnl's headers use FILE without it
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <libnftnl/expr.h>

#include "lib/net/address.h"

namespace nft {

using Expression = std::unique_ptr<nftnl_expr, void (*)(const nftnl_expr*)>;
using Expressions = std::vector<Expression>;

// Registers: 1 is the first of 16 bytes; concatenations continue in 4-byte registers, the first of which (8) overlaps
// 1.
inline constexpr std::uint32_t kFirst = 1;
inline constexpr std::uint32_t kFirst32 = 8;

Expression load_meta(std::uint32_t key, std::uint32_t to);  // NFT_META_*
Expression load_ct(std::uint32_t key, std::uint32_t to);    // NFT_CT_*
Expression load_fib_daddr_type(std::uint32_t to);
Expression load_network(std::uint32_t offset, std::uint32_t size, std::uint32_t to);    // payload, network header
Expression load_link(std::uint32_t offset, std::uint32_t size, std::uint32_t to);       // payload, link layer
Expression load_transport(std::uint32_t offset, std::uint32_t size, std::uint32_t to);  // payload, transport header
Expression keep_bits(std::uint32_t mask, std::uint32_t size);  // register 1 &= mask (memory order)
Expression is_equal(std::uint32_t value, std::uint32_t size);  // register 1 == value (memory order)
Expression keep_bits(std::span<const std::uint8_t> mask);
Expression is_equal(std::span<const std::uint8_t> bytes, bool negated = false);  // register 1 == bytes, or !=
Expression is_between(std::span<const std::uint8_t> first, std::span<const std::uint8_t> last,
                      bool negated);                                  // register 1 == first-last, or !=
Expression is_not_zero();                                             // register 1 != 0, 4 bytes
Expression is_in(std::string_view set, std::uint32_t from = kFirst);  // lookup
Expression is_not_in(std::string_view set, std::uint32_t from = kFirst);
Expression map_by(std::string_view map, std::uint32_t from = kFirst);  // lookup into register 1
Expression destination_nat(net::Family family, std::uint32_t address, std::uint32_t port);
Expression source_nat(net::Family family, std::uint32_t address, bool fully_random);
Expression masquerade(bool fully_random = false);
Expression verdict(std::int32_t code, std::string_view chain = {});  // NF_DROP, NFT_RETURN, NFT_JUMP

}  // namespace nft
