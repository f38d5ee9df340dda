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

fuzz::Input* answers = nullptr;
bool is_behind_poisoned = false;
std::vector<std::uint32_t> asked;  // the sequence numbers of the last send

// libnftnl relies on the kernel for what a rule and an element consist of: an expression without a name, a jump without a
// chain are read at address 0. The parts that we read of them are tried by themselves (nft_fuzz.cpp).
bool is_digestible(const nlmsghdr& header) {
  const unsigned message = NFNL_MSG_TYPE(header.nlmsg_type);
  return message != NFT_MSG_NEWRULE && message != NFT_MSG_NEWSETELEM;
}

void append_answer(std::vector<char>& datagram) {
  const unsigned control = answers->byte();
  const std::size_t index = answers->byte();
  nlmsghdr header{};
  header.nlmsg_type = answers->u16();
  header.nlmsg_flags = answers->u16();
  const auto payload = answers->take(answers->u16());
  header.nlmsg_len = static_cast<std::uint32_t>(MNL_NLMSG_HDRLEN + payload.size());
  if ((control & fuzz::kLies) != 0) header.nlmsg_len += answers->byte() - 128U;
  if ((control & fuzz::kForeign) == 0 && !asked.empty()) header.nlmsg_seq = asked[index % asked.size()];
  if (is_digestible(header)) {
    const auto* const bytes = reinterpret_cast<const char*>(&header);
    datagram.insert(datagram.end(), bytes, bytes + sizeof header);
    datagram.insert(datagram.end(), payload.begin(), payload.end());
    datagram.resize(MNL_ALIGN(datagram.size()));
  }
  if ((control & fuzz::kMore) != 0 && !answers->empty()) append_answer(datagram);
}

}  // namespace

fuzz::Kernel::Kernel(Input& input, bool poisons) {
  answers = &input;
  is_behind_poisoned = poisons;
}
fuzz::Kernel::~Kernel() { answers = nullptr; }

extern "C" {

// libnftnl ends the process when an attribute has another size than it knows ("nf_tables kernel ABI is broken"). A kernel
// that sends such a thing is not to be helped; here the search goes on.
[[gnu::visibility("default")]] void give_up(int code) __asm__("exit");  // under this name it may throw
void give_up(int code) {
  if (answers != nullptr) throw std::system_error(EPROTO, std::generic_category(), "libnftnl gives up");
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
  asked.clear();
  int left = static_cast<int>(size);
  const auto* message = static_cast<const nlmsghdr*>(bytes);
  for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) asked.push_back(message->nlmsg_seq);
  fuzz::require(left == 0, "what is sent consists of whole messages");
  return static_cast<ssize_t>(size);
}

// The next answer is there at once: what recvmsg(2) has passed over keeps nobody waiting.
int __wrap_poll(pollfd* waiting, nfds_t count, int) {
  for (nfds_t i = 0; i < count; ++i) waiting[i].revents = waiting[i].events;
  return static_cast<int>(count);
}

ssize_t __wrap_recvmsg(int, msghdr* message, int) {
  void* const buffer = message->msg_iov[0].iov_base;
  const std::size_t room = message->msg_iov[0].iov_len;
  ASAN_UNPOISON_MEMORY_REGION(buffer, room);
  if (answers == nullptr || answers->empty()) {
    errno = ENOBUFS;
    return -1;
  }
  std::vector<char> datagram;
  append_answer(datagram);
  const std::size_t size = std::min(datagram.size(), room);
  std::copy_n(datagram.begin(), size, static_cast<char*>(buffer));
  std::fill_n(static_cast<char*>(buffer) + size, room - size, '\0');
  if (is_behind_poisoned) ASAN_POISON_MEMORY_REGION(static_cast<char*>(buffer) + size, room - size);
  return static_cast<ssize_t>(size);
}
}
// NOLINTEND
