// SPDX-License-Identifier: Apache-2.0
#include "lib/nft/target.h"

#include <linux/netfilter/nf_tables.h>

#include <array>

namespace nft {
namespace {

// nft's enum expr_types, and the user data of each.
constexpr std::uint32_t kPayload = 7;
constexpr std::uint32_t kMeta = 9;
constexpr std::uint32_t kConcatenation = 13;
constexpr std::uint8_t kExpression = NFTNL_UDATA_SET_TYPEOF_EXPR;
constexpr std::uint8_t kContent = NFTNL_UDATA_SET_TYPEOF_DATA;
constexpr std::uint8_t kMetaKey = 0;

// A nested attribute that ends with its scope.
class Nest {
 public:
  Nest(nftnl_udata_buf* data, std::uint8_t type) : data_(data), nest_(nftnl_udata_nest_start(data, type)) {}
  Nest(const Nest&) = delete;
  Nest& operator=(const Nest&) = delete;
  Nest(Nest&&) = delete;
  Nest& operator=(Nest&&) = delete;
  ~Nest() { nftnl_udata_nest_end(data_, nest_); }

 private:
  nftnl_udata_buf* data_;
  nftnl_udata* nest_;
};

void put_port(nftnl_udata_buf* data) {
  nftnl_udata_put_u32(data, kExpression, kMeta);
  const Nest content(data, kContent);
  nftnl_udata_put_u32(data, kMetaKey, NFT_META_IIFNAME);
}

void put_bytes(nftnl_udata_buf* data) {
  constexpr std::array<std::uint32_t, 5> kBytes{0, 0, 2, 384, 128};  // no protocol, no field; network header, bits
  nftnl_udata_put_u32(data, kExpression, kPayload);
  const Nest content(data, kContent);
  std::uint8_t type = 0;
  for (const std::uint32_t value : kBytes) nftnl_udata_put_u32(data, type++, value);
}

}  // namespace

std::string text(const Target& target) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string result = "0x";
  for (const std::uint8_t byte : target.address.bytes()) {
    result += kDigits[byte >> 4U];
    result += kDigits[byte & 0xfU];
  }
  return result;
}

void put_typeof_target(nftnl_udata_buf* data) {
  const Nest all(data, NFTNL_UDATA_SET_KEY_TYPEOF);
  nftnl_udata_put_u32(data, kExpression, kConcatenation);
  const Nest parts(data, kContent);
  {
    const Nest first(data, 0);
    put_port(data);
  }
  const Nest second(data, 1);
  put_bytes(data);
}

}  // namespace nft
