// SPDX-License-Identifier: Apache-2.0
#include "lib/foreign/hook.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <optional>
#include <system_error>

#include "lib/nft/object.h"
#include "lib/nft/table_family.h"

namespace foreign {
namespace {

std::optional<ForwardChain> read_chain(const nlmsghdr* message) {
  if (NFNL_MSG_TYPE(message->nlmsg_type) != NFT_MSG_NEWCHAIN) return std::nullopt;
  const nft::ChainObject chain(nftnl_chain_alloc(), nftnl_chain_free);
  if (!chain) throw std::bad_alloc();
  if (nftnl_chain_nlmsg_parse(message, chain.get()) < 0) return std::nullopt;
  if (!nftnl_chain_is_set(chain.get(), NFTNL_CHAIN_HOOKNUM)) return std::nullopt;
  if (nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_HOOKNUM) != NF_INET_FORWARD) return std::nullopt;
  return ForwardChain{{static_cast<std::uint8_t>(nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_FAMILY)),
                       nft::string_of(nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_TABLE)),
                       nft::string_of(nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_NAME))},
                      nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_POLICY) == NF_DROP};
}

// A kernel without nf_tables has no chains.
bool means_no_chains(int error) { return error == ENOENT || error == EINVAL || error == EOPNOTSUPP; }

}  // namespace

std::vector<ForwardChain> list_forward_chains(netlink::Socket& socket) {
  constexpr std::array<std::uint8_t, 3> kFamilies{NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_INET};
  std::vector<ForwardChain> chains;
  for (const std::uint8_t family : kFamilies) {  // hook numbers are reused in other families
    std::vector<ForwardChain> found;
    try {
      socket.dump(
          nft::make_message(NFT_MSG_GETCHAIN, family), "list the chains",
          [&](const nlmsghdr* reply) {
            if (auto chain = read_chain(reply)) found.push_back(std::move(*chain));
          },
          [&] { found.clear(); });
    } catch (const std::system_error& error) {
      if (!means_no_chains(error.code().value())) throw;
    }
    std::erase_if(found, [](const ForwardChain& one) { return one.chain.table == nft::kTable; });
    chains.insert(chains.end(), found.begin(), found.end());
  }
  return chains;
}

}  // namespace foreign
