// A batch of nf_tables changes: all of it happens, or nothing (nfnetlink batches, linux/netfilter/nfnetlink.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/netlink/socket.h"
#include "lib/nft/element.h"
#include "lib/nft/foreign.h"
#include "lib/nft/foreign_accept.h"
#include "lib/nft/raced.h"
#include "lib/nft/skeleton.h"

namespace nft {

class Transaction {
 public:
  void add_table(bool exclusive);
  void remove_table();
  void add_chain(const Chain& chain);
  void add_set(const Set& set, std::uint32_t id);
  void add_rule(Rule rule);
  void add(const Element& element);
  void remove(const Element& element);
  void add(const AddAccept& change);
  void remove(const ForeignRule& rule);
  void remove(const ForeignChain& chain);

  [[nodiscard]] bool empty() const { return steps_.empty(); }

  // generation: refused with Raced when the ruleset has another one by now. Throws Raced also when an element to be added
  // is there, or one to be removed is not; std::system_error "<step>: <kernel's message>: <strerror>" for all else.
  void commit(netlink::Socket& socket, std::optional<std::uint32_t> generation) const;

  // The same as far as the kernel's checks go, and nothing happens: a batch that is not ended is forgotten, which is how
  // `nft --check` works.
  void rehearse(netlink::Socket& socket) const;

 private:
  struct Step {
    std::vector<char> message;
    std::string what;
  };
  template <class Build>
  void step(std::uint8_t family, std::uint16_t type, std::uint16_t flags, std::string what, const Build& build);
  void send(netlink::Socket& socket, std::optional<std::uint32_t> generation, bool is_rehearsal) const;

  std::vector<Step> steps_;
};

}  // namespace nft
