// SPDX-License-Identifier: Apache-2.0
#include "lib/nft/object.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <cstring>
#include <new>

namespace nft {
netlink::Message make_message(std::uint16_t type, std::uint8_t family) {
  netlink::Message message(static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8U | type), 0);
  auto& header = message.header<nfgenmsg>();
  header.nfgen_family = family;
  header.version = NFNETLINK_V0;
  return message;
}

UserData make_user_data() {
  constexpr std::uint32_t kMost = 256;  // NFT_USERDATA_MAXLEN
  UserData data(nftnl_udata_buf_alloc(kMost), nftnl_udata_buf_free);
  if (!data) throw std::bad_alloc();
  return data;
}

std::string string_of(const char* text) { return text == nullptr ? std::string() : std::string(text); }

std::string text_in(const void* user_data, std::uint32_t size, std::uint8_t type) {
  const auto* at = static_cast<const std::uint8_t*>(user_data);
  const auto* const end = at + size;
  constexpr std::ptrdiff_t kHeader = 2;  // type and length, a byte each
  while (end - at >= kHeader && end - at >= kHeader + at[1]) {
    const auto* const content = reinterpret_cast<const char*>(at + kHeader);
    if (at[0] == type) return {content, ::strnlen(content, at[1])};
    at += kHeader + at[1];
  }
  return {};
}

}  // namespace nft
