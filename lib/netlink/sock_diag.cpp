// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/sock_diag.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "lib/netlink/attributes.h"
#include "lib/os/file.h"

namespace netlink {
namespace {

net::Address address_of(const inet_diag_msg& found) {
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), found.id.idiag_src, bytes.size());
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (found.idiag_family == AF_INET) return net::Address::from_bytes(std::span(bytes).first(4));
  const bool is_mapped = std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
  return net::Address::from_bytes(is_mapped ? std::span(bytes).last(4) : std::span(bytes));
}

// The inode in "socket:[1234]".
std::optional<std::uint32_t> parse_inode(std::string_view link) {
  constexpr std::string_view kBegin = "socket:[";
  std::uint32_t inode = 0;
  if (!link.starts_with(kBegin)) return std::nullopt;
  const auto [end, error] = std::from_chars(link.data() + kBegin.size(), link.data() + link.size(), inode);
  return error == std::errc{} ? std::optional(inode) : std::nullopt;
}

std::vector<std::uint32_t> sockets_of(int proc, const std::string& process) {
  std::vector<std::uint32_t> inodes;
  const os::Fd open = os::open_file_at(proc, process + "/fd", O_RDONLY | O_DIRECTORY);
  os::for_each_entry(open.get(), [&](const std::string& descriptor) {
    std::array<char, 32> link{};
    const ssize_t size = ::readlinkat(open.get(), descriptor.c_str(), link.data(), link.size());
    const auto inode = size > 0 ? parse_inode({link.data(), static_cast<std::size_t>(size)}) : std::nullopt;
    if (inode) inodes.push_back(*inode);
  });
  return inodes;
}

}  // namespace

std::vector<Listener> observe_listeners(Socket& socket, std::uint8_t protocol, net::Family family, std::uint16_t port) {
  Message message(SOCK_DIAG_BY_FAMILY, 0);
  auto& wanted = message.header<inet_diag_req_v2>();
  wanted.sdiag_family = static_cast<std::uint8_t>(family);
  wanted.sdiag_protocol = protocol;
  wanted.idiag_states = 1U << (protocol == IPPROTO_TCP ? TCP_LISTEN : TCP_CLOSE);  // UDP: not connected
  wanted.id.idiag_sport = htons(port);
  std::vector<Listener> listeners;
  const auto keep = [&](const nlmsghdr* reply) {
    if (mnl_nlmsg_get_payload_len(reply) < sizeof(inet_diag_msg)) return;
    const auto& found = *static_cast<const inet_diag_msg*>(mnl_nlmsg_get_payload(reply));
    const net::Address address = address_of(found);
    const bool is_ipv6_only = Attributes(reply, sizeof found).u8(INET_DIAG_SKV6ONLY).value_or(0) != 0;
    const bool takes_ipv4 = address.is_v4() || (address.is_unspecified() && !is_ipv6_only);
    listeners.push_back({address, ntohs(found.id.idiag_sport), takes_ipv4, found.idiag_inode});
  };
  try {
    socket.dump(std::move(message), "list listening sockets", keep, [&] { listeners.clear(); });
  } catch (const std::system_error& error) {
    if (error.code().value() != ENOENT) throw;
  }
  return listeners;
}

std::map<std::uint32_t, pid_t> observe_processes(const std::set<std::uint32_t>& inodes) {
  std::map<std::uint32_t, pid_t> processes;
  const os::Fd proc = os::open_file("/proc", O_RDONLY | O_DIRECTORY);
  os::for_each_entry(proc.get(), [&](const std::string& process) {
    if (process.find_first_not_of("0123456789") != std::string::npos) return;
    try {
      for (const std::uint32_t inode : sockets_of(proc.get(), process)) {
        if (inodes.contains(inode)) processes.emplace(inode, static_cast<pid_t>(std::stol(process)));
      }
    } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch): it has ended, or we may not read it
    }
  });
  return processes;
}

}  // namespace netlink
