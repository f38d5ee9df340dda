// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/kernel.h"

#include <dlfcn.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <sanitizer/asan_interface.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include <libmnl/libmnl.h>

// NOLINTBEGIN: the names and signatures are libmnl's
struct mnl_socket {};

namespace {

fuzz::Input* replies = nullptr;
bool is_behind_poisoned = false;
std::vector<std::uint32_t> requests;  // the sequence numbers of the last send

// libnftnl trusts the kernel about the parts of a rule and an element: it dereferences a null pointer for an expression
// without a name or a jump without a chain. nft_fuzz.cpp tests the parts that we read separately.
bool is_safe_for_libnftnl(const nlmsghdr& header) {
  const unsigned message = NFNL_MSG_TYPE(header.nlmsg_type);
  return message != NFT_MSG_NEWRULE && message != NFT_MSG_NEWSETELEM;
}

void append_reply(std::vector<char>& datagram) {
  const unsigned control = replies->byte();
  const std::size_t index = replies->byte();
  nlmsghdr header{};
  header.nlmsg_type = replies->u16();
  header.nlmsg_flags = replies->u16();
  const auto payload = replies->take(replies->u16());
  header.nlmsg_len = static_cast<std::uint32_t>(MNL_NLMSG_HDRLEN + payload.size());
  if ((control & fuzz::kWrongLength) != 0) header.nlmsg_len += replies->byte() - 128U;
  if ((control & fuzz::kForeign) == 0 && !requests.empty()) header.nlmsg_seq = requests[index % requests.size()];
  if (is_safe_for_libnftnl(header)) {
    const auto* const bytes = reinterpret_cast<const char*>(&header);
    datagram.insert(datagram.end(), bytes, bytes + sizeof header);
    datagram.insert(datagram.end(), payload.begin(), payload.end());
    datagram.resize(MNL_ALIGN(datagram.size()));
  }
  if ((control & fuzz::kMore) != 0 && !replies->empty()) append_reply(datagram);
}

}  // namespace

fuzz::Kernel::Kernel(Input& input, bool poisons) {
  replies = &input;
  is_behind_poisoned = poisons;
}
fuzz::Kernel::~Kernel() { replies = nullptr; }

extern "C" {

// libnftnl exits if an attribute has an unexpected size ("nf_tables kernel ABI is broken"). No real kernel sends that;
// here the fuzzer continues.
[[gnu::visibility("default")]] void replaced_exit(int code) __asm__("exit");  // under this name it may throw
void replaced_exit(int code) {
  if (replies != nullptr) throw std::system_error(EPROTO, std::generic_category(), "libnftnl exits");
  using Exit = void (*)(int);
  reinterpret_cast<Exit>(dlsym(RTLD_NEXT, "exit"))(code);
  __builtin_unreachable();
}

mnl_socket* mnl_socket_open2(int, int) { return new mnl_socket; }
int mnl_socket_bind(mnl_socket*, unsigned, pid_t) { return 0; }
int mnl_socket_setsockopt(const mnl_socket*, int, void*, socklen_t) { return 0; }
int mnl_socket_get_fd(const mnl_socket*) { return -1; }
unsigned mnl_socket_get_portid(const mnl_socket*) { return 1; }

int mnl_socket_close(mnl_socket* socket) {
  delete socket;
  return 0;
}

ssize_t mnl_socket_sendto(const mnl_socket*, const void* bytes, std::size_t size) {
  requests.clear();
  int left = static_cast<int>(size);
  const auto* message = static_cast<const nlmsghdr*>(bytes);
  for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) requests.push_back(message->nlmsg_seq);
  fuzz::require(left == 0, "only complete messages are sent");
  return static_cast<ssize_t>(size);
}

// The next reply is always ready, so a caller that skips a message does not wait.
int __wrap_poll(pollfd* waiting, nfds_t count, int) {
  for (nfds_t i = 0; i < count; ++i) waiting[i].revents = waiting[i].events;
  return static_cast<int>(count);
}

ssize_t __wrap_recvmsg(int, msghdr* message, int) {
  void* const buffer = message->msg_iov[0].iov_base;
  const std::size_t room = message->msg_iov[0].iov_len;
  ASAN_UNPOISON_MEMORY_REGION(buffer, room);
  if (replies == nullptr || replies->empty()) {
    errno = ENOBUFS;
    return -1;
  }
  std::vector<char> datagram;
  append_reply(datagram);
  const std::size_t size = std::min(datagram.size(), room);
  std::copy_n(datagram.begin(), size, static_cast<char*>(buffer));
  std::fill_n(static_cast<char*>(buffer) + size, room - size, '\0');
  if (is_behind_poisoned) ASAN_POISON_MEMORY_REGION(static_cast<char*>(buffer) + size, room - size);
  return static_cast<ssize_t>(size);
}
}
// NOLINTEND
