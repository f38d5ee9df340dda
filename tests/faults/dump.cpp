// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/dump.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>

#include "lib/os/error.h"

namespace faults {
namespace {

struct Reading {
  const std::function<void(const nlmsghdr*)>* each;
  bool is_disturbed = false;
};

int on_message(const nlmsghdr* message, void* data) {
  auto* reading = static_cast<Reading*>(data);
  if ((message->nlmsg_flags & NLM_F_DUMP_INTR) != 0) reading->is_disturbed = true;
  (*reading->each)(message);
  return MNL_CB_OK;
}

int keep(const nlattr* attribute, void* data) {
  static_cast<std::vector<const nlattr*>*>(data)->push_back(attribute);
  return MNL_CB_OK;
}

}  // namespace

std::vector<const nlattr*> attributes(const nlmsghdr* message, unsigned offset) {
  std::vector<const nlattr*> result;
  mnl_attr_parse(message, offset, keep, &result);
  return result;
}

std::vector<const nlattr*> nested(const nlattr* nest) {
  std::vector<const nlattr*> result;
  mnl_attr_parse_nested(nest, keep, &result);
  return result;
}

Dump::Dump(int protocol) : socket_(mnl_socket_open2(protocol, SOCK_CLOEXEC)) {
  if (!socket_ || mnl_socket_bind(socket_.get(), 0, MNL_SOCKET_AUTOPID) < 0) throw os::last_error("netlink socket");
}

bool Dump::read(std::uint16_t type, std::string_view header, const std::function<void(nlmsghdr*)>& fill,
                const std::function<void(const nlmsghdr*)>& each) {
  std::array<char, 32768> buffer{};
  nlmsghdr* message = mnl_nlmsg_put_header(buffer.data());
  message->nlmsg_type = type;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  message->nlmsg_seq = ++sequence_;
  std::memcpy(mnl_nlmsg_put_extra_header(message, header.size()), header.data(), header.size());
  if (fill) fill(message);
  if (mnl_socket_sendto(socket_.get(), message, message->nlmsg_len) < 0) throw os::last_error("netlink dump");
  Reading reading{&each};
  const unsigned port = mnl_socket_get_portid(socket_.get());
  int more = MNL_CB_OK;
  while (more > MNL_CB_STOP) {
    const ssize_t count = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw os::last_error("netlink dump");
    more = mnl_cb_run(buffer.data(), static_cast<std::size_t>(count), sequence_, port, on_message, &reading);
  }
  if (more == MNL_CB_ERROR && errno == ENOENT) return false;
  if (more == MNL_CB_ERROR && errno != EINTR) throw os::last_error("netlink dump");
  if (reading.is_disturbed || more == MNL_CB_ERROR) throw os::error(EINTR, "netlink dump");
  return true;
}

std::string hexadecimal(const void* bytes, std::size_t size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr unsigned kBase = 16;
  const auto* begin = static_cast<const unsigned char*>(bytes);
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += kDigits[begin[i] / kBase];
    text += kDigits[begin[i] % kBase];
  }
  return text;
}

std::string printable(const void* bytes, std::size_t size) {
  constexpr std::size_t kShortest = 3;
  const char* begin = static_cast<const char*>(bytes);
  std::size_t length = size;
  while (length > 0 && begin[length - 1] == '\0') --length;
  const bool is_text = length >= kShortest && std::all_of(begin, begin + length, [](unsigned char one) {
                         return std::isprint(one) != 0 && one != '"';
                       });
  return is_text ? '"' + std::string(begin, length) + '"' : hexadecimal(bytes, size);
}

std::string printable(const nlattr* attribute) {
  return printable(mnl_attr_get_payload(attribute), mnl_attr_get_payload_len(attribute));
}

}  // namespace faults
