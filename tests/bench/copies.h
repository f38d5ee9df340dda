// SPDX-License-Identifier: Apache-2.0
// Simulates the rules of many attachments: copies those of one attachment with other ids, addresses and ports, in one
// batch.
#pragma once

#include <string>
#include <vector>

#include "tests/netns/host.h"

namespace bench {

// An attachment of network "n", on eth0.
struct Attachment {
  std::string id;
  std::string address;
  std::vector<int> host_ports;
};

// Adds to the host's tables, for each copy, what they contain for the model: our elements if `backend` is "", otherwise
// the rules of the reference's backend "nftables" or "iptables". Each copy has as many ports as the model. Throws
// std::runtime_error if nft or iptables-restore fails.
void copy_rules(const test::Host& host, const std::string& backend, const Attachment& model,
                const std::vector<Attachment>& copies);

}  // namespace bench
