// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/floor/elements.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <cstring>

#include "tests/bench/floor/batch.h"

namespace bench {
namespace {

constexpr std::uint16_t kPublishedPort = 80;
constexpr std::uint32_t kOursFlag = 0x80000000;  // in "publishers": the host end is Footbridge's

// Bytes of a key or of data: the parts of a concatenation, each padded to four bytes.
struct Bytes {
  std::uint8_t bytes[40] = {};
  std::uint16_t size = 0;
  Bytes& add(const void* part, std::uint16_t length) {
    std::memcpy(bytes + size, part, length);
    size = static_cast<std::uint16_t>(size + (length + 3) / 4 * 4);
    return *this;
  }
  Bytes& add_name(const char* name) {
    std::memcpy(bytes + size, name, std::strlen(name));
    size = static_cast<std::uint16_t>(size + 16);
    return *this;
  }
  Bytes& add_port(std::uint16_t port) {
    const std::uint16_t network = htons(port);
    return add(&network, sizeof network);
  }
};

// One request per set, with all its elements.
class Elements {
 public:
  Elements(Batch& batch, const FloorAttachment& attachment, ElementVerb verb)
      : batch_(batch), attachment_(attachment), verb_(verb) {}

  void open(const char* set, bool is_last = false) {
    const bool adds = verb_ == ElementVerb::add;
    const int flags = (adds ? NLM_F_CREATE | NLM_F_EXCL : 0) | (is_last ? NLM_F_ACK : 0);
    const int type = NFNL_SUBSYS_NFTABLES << 8 | (adds ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM);
    message_ = batch_.message(static_cast<std::uint16_t>(type), static_cast<std::uint16_t>(flags));
    batch_.header<nfgenmsg>().nfgen_family = NFPROTO_INET;
    mnl_attr_put_strz(message_, NFTA_SET_ELEM_LIST_TABLE, "footbridge");
    mnl_attr_put_strz(message_, NFTA_SET_ELEM_LIST_SET, set);
    list_ = mnl_attr_nest_start(message_, NFTA_SET_ELEM_LIST_ELEMENTS);
  }

  void put(const Bytes& key, const Bytes& data = {}) {
    nlattr* element = mnl_attr_nest_start(message_, NFTA_LIST_ELEM);
    put_value(NFTA_SET_ELEM_KEY, key);
    if (verb_ == ElementVerb::add) {
      if (data.size > 0) put_value(NFTA_SET_ELEM_DATA, data);
      put_comment();
    }
    mnl_attr_nest_end(message_, element);
  }

  void close() {
    mnl_attr_nest_end(message_, list_);
    batch_.finish();
  }

 private:
  void put_value(std::uint16_t type, const Bytes& value) {
    nlattr* nest = mnl_attr_nest_start(message_, type);
    mnl_attr_put(message_, NFTA_DATA_VALUE, value.size, value.bytes);
    mnl_attr_nest_end(message_, nest);
  }

  // nft's user data: type 0 (the comment), then its length with the NUL.
  void put_comment() {
    std::uint8_t data[2 + sizeof attachment_.owner] = {};
    const auto length = static_cast<std::uint8_t>(std::strlen(attachment_.owner) + 1);
    data[1] = length;
    std::memcpy(data + 2, attachment_.owner, length);
    mnl_attr_put(message_, NFTA_SET_ELEM_USERDATA, 2U + length, data);
  }

  Batch& batch_;
  const FloorAttachment& attachment_;
  ElementVerb verb_;
  nlmsghdr* message_ = nullptr;
  nlattr* list_ = nullptr;
};

void put_frame(Batch& batch, std::uint16_t type) {
  batch.message(type, 0);
  batch.header<nfgenmsg>().res_id = htons(NFNL_SUBSYS_NFTABLES);
  batch.finish();
}

void put_family(Elements& elements, const FloorAttachment& attachment, const FloorAddress& address) {
  const bool is_v4 = address.family == AF_INET;
  const Bytes key = Bytes{}.add(address.bytes, address.size());
  elements.open(is_v4 ? "masq4" : "masq6");
  elements.put(key);
  elements.close();
  elements.open(is_v4 ? "owners4" : "owners6");
  const std::uint32_t ordinal = 0;
  elements.put(Bytes{}.add_name(attachment.host_end).add(&ordinal, sizeof ordinal), key);
  elements.close();
  elements.open(is_v4 ? "snat4" : "snat6");
  elements.put(key);
  elements.close();
  elements.open(is_v4 ? "hostport4" : "hostport6");
  for (std::uint16_t i = 0; i < attachment.ports; ++i) {
    const std::uint8_t tcp = IPPROTO_TCP;
    Bytes target = key;
    elements.put(Bytes{}.add(&tcp, sizeof tcp).add_port(static_cast<std::uint16_t>(attachment.first_port + i)),
                 target.add_port(static_cast<std::uint16_t>(kPublishedPort + i)));
  }
  elements.close();
}

}  // namespace

void change_elements(int socket, const FloorAttachment& attachment, ElementVerb verb) {
  Batch batch;
  Elements elements(batch, attachment, verb);
  put_frame(batch, NFNL_MSG_BATCH_BEGIN);
  std::uint32_t published = kOursFlag;
  for (const FloorAddress& address : attachment.addresses) {
    if (address.family == 0) continue;
    put_family(elements, attachment, address);
    published += attachment.ports;
  }
  elements.open("publishers", true);
  elements.put(Bytes{}.add_name(attachment.host_end), Bytes{}.add(&published, sizeof published));
  elements.close();
  put_frame(batch, NFNL_MSG_BATCH_END);
  batch.send(socket, "change the elements");
}

}  // namespace bench
