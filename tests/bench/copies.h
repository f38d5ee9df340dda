// SPDX-License-Identifier: Apache-2.0
// Rules as they are with many attachments, made of those that a side's plugins have made for one: they are written again for
// others, under other ids, addresses and ports, in one batch.
#pragma once

#include <string>
#include <vector>

#include "tests/netns/host.h"

namespace bench {

// Of network "n", on eth0.
struct Attachment {
  std::string id;
  std::string address;
  std::vector<int> host_ports;
};

// Gives the host's tables of all `copies` what they hold of the model: elements of ours where `backend` is "", rules of the
// reference's backend "nftables" or "iptables". Each copy has as many ports as the model. Throws std::runtime_error when nft
// or iptables-restore refuses them.
void copy_rules(const test::Host& host, const std::string& backend, const Attachment& model,
                const std::vector<Attachment>& copies);

}  // namespace bench
