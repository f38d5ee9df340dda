// SPDX-License-Identifier: Apache-2.0
// Builds a rule from the phrases that our rules consist of. The comment of each is what nft(8) prints for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/net/address.h"
#include "lib/nft/expression.h"
#include "lib/nft/rule.h"

namespace nft {

// Offsets of the addresses: RFC 791, RFC 8200.
struct Layout {
  std::uint8_t protocol;  // NFPROTO_*
  std::uint32_t source;   // byte offset in the network header
  std::uint32_t destination;
  std::uint32_t size;  // of an address, in bytes
  net::Family family;
};
const Layout& layout_of(net::Family family);

class Builder {
 public:
  Builder& add(Expression expression);
  Builder& family(const Layout& layout);                                // meta nfproto ipv4; implied by "ip ..."
  Builder& destination_was_translated();                                // ct status dnat
  Builder& is_established();                                            // ct state established,related
  Builder& destination_is_local();                                      // fib daddr type local
  Builder& source_in(const Layout& layout, std::string_view set);       // ip saddr @set
  Builder& destination_in(const Layout& layout, std::string_view set);  // ip daddr @set
  Builder& pair_in(const Layout& layout, std::string_view set);         // ip saddr . ip daddr @set
  Builder& first_byte_is(std::uint32_t offset, std::uint8_t byte);      // ip saddr 127.0.0.0/8
  Builder& name_in(std::uint32_t key, std::string_view set);            // NFT_META_IIFNAME: iifname @set
  Builder& links_in(std::string_view set);                              // iifname . oifname @set

  // Loads protocol and destination port into the registers `offset` bytes after register 1: meta l4proto . th dport
  Builder& service_at(std::uint32_t offset);

  // The phrases so far as a rule of that chain. `text`: as printed by `nft list`; a test compares.
  Rule rule(std::string_view chain, std::string text);

 private:
  Expressions expressions_;
};

// The register `bytes` after the start of register 1. At multiples of 16 bytes it is a 16-byte register, as in nft(8).
std::uint32_t register_at(std::uint32_t bytes);

}  // namespace nft
