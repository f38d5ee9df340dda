// SPDX-License-Identifier: Apache-2.0
// A rule, put together from the phrases that our rules are made of. Each phrase says in its name what nft(8) prints for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/net/address.h"
#include "lib/nft/expression.h"
#include "lib/nft/rule.h"

namespace nft {

// Where the addresses are: RFC 791, RFC 8200.
struct Layout {
  std::uint8_t protocol;  // NFPROTO_*
  std::uint32_t source;   // bytes into the network header
  std::uint32_t destination;
  std::uint32_t size;  // bytes of an address
  net::Family family;
};
const Layout& layout_of(net::Family family);

class Builder {
 public:
  Builder& add(Expression expression);
  Builder& family(const Layout& layout);                                // meta nfproto ipv4; what "ip ..." implies
  Builder& destination_was_translated();                                // ct status dnat
  Builder& is_of_known_flow();                                          // ct state established,related
  Builder& destination_is_local();                                      // fib daddr type local
  Builder& source_in(const Layout& layout, std::string_view set);       // ip saddr @set
  Builder& destination_in(const Layout& layout, std::string_view set);  // ip daddr @set
  Builder& pair_in(const Layout& layout, std::string_view set);         // ip saddr . ip daddr @set
  Builder& first_byte_is(std::uint32_t offset, std::uint8_t byte);      // ip saddr 127.0.0.0/8
  Builder& name_in(std::uint32_t key, std::string_view set);            // NFT_META_IIFNAME: iifname @set
  Builder& links_in(std::string_view set);                              // iifname . oifname @set

  // Protocol and destination port into the registers behind `offset` bytes of register 1: meta l4proto . th dport
  Builder& service_at(std::uint32_t offset);

  // What this builder has, as a rule of that chain. `text`: as `nft list` prints it, a test compares.
  Rule rule(std::string_view chain, std::string text);

 private:
  Expressions expressions_;
};

// The register `bytes` behind the beginning of register 1; whole registers are named by their own numbers, as nft(8) does,
// where a part begins at a multiple of 16 bytes.
std::uint32_t register_at(std::uint32_t bytes);

}  // namespace nft
