// SPDX-License-Identifier: Apache-2.0
// bench_floor: the least kernel work for the state that `bridge` with host-local and masquerading, and then `portmap`,
// leave behind; a test compares the two states. It does nothing else that a plugin must do (read a configuration,
// observe, choose an address, lock, reject, revert, report). The plugins are compared with it.
//
//   bench_floor ADD|DEL|DEL-WAIT NETNS CONTAINER HOST-END PLUGIN LINK-INDEX STORE FIRST-PORT PORTS
//               ADDRESS/LENGTH GATEWAY [ADDRESS6/LENGTH GATEWAY6]
//
// PLUGIN macvlan or ipvlan: the state that this plugin with host-local leaves; LINK-INDEX is its parent's. There are no
// ports, no rules and no host end.
//
// The bridge, the gateway's address and the tables' chains exist. ADD sends one batch for the veth pair and for what
// can only be set on an existing link, one batch in the container, and one nf_tables transaction; it writes one file
// per address. DEL sends one transaction, and leaves the wait for the kernel's teardown to a child process; DEL-WAIT
// waits for it.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/bench/floor/attachment.h"
#include "tests/bench/floor/batch.h"
#include "tests/bench/floor/elements.h"
#include "tests/bench/floor/links.h"

namespace bench {

void fail(const char* what) {
  std::fprintf(stderr, "bench_floor: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

namespace {

constexpr int kFixedArguments = 10;  // before the first address

FloorAddress parse_address(char* prefix, const char* gateway) {
  FloorAddress address;
  char* slash = std::strchr(prefix, '/');
  address.family = std::strchr(prefix, ':') == nullptr ? AF_INET : AF_INET6;
  if (slash != nullptr) *slash = '\0';
  errno = EINVAL;
  if (slash == nullptr || ::inet_pton(address.family, prefix, address.bytes) != 1 ||
      ::inet_pton(address.family, gateway, address.gateway) != 1) {
    fail(prefix);
  }
  address.text = prefix;
  address.length = static_cast<std::uint8_t>(std::atoi(slash + 1));
  return address;
}

FloorAttachment parse(int argc, char** argv) {
  FloorAttachment attachment;
  attachment.netns = argv[2];
  attachment.container = argv[3];
  attachment.host_end = argv[4];
  attachment.plugin = argv[5];
  attachment.link = static_cast<std::uint32_t>(std::atoi(argv[6]));
  attachment.store = argv[7];
  attachment.first_port = static_cast<std::uint16_t>(std::atoi(argv[8]));
  attachment.ports = static_cast<std::uint16_t>(std::atoi(argv[9]));
  for (int i = 0; i < 2 && kFixedArguments + 2 * i + 1 < argc; ++i) {
    attachment.addresses[i] = parse_address(argv[kFixedArguments + 2 * i], argv[kFixedArguments + 2 * i + 1]);
  }
  std::snprintf(attachment.owner, sizeof attachment.owner, "%s/%s/%s", kFloorNetwork, attachment.container,
                kFloorIfname);
  return attachment;
}

void set_sysctl(const char* ifname, const char* key, const char* value) {
  char path[128];
  std::snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/%s", ifname, key);
  const int file = ::open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || ::write(file, value, 1) != 1) fail(path);
  ::close(file);
}

void file_path(char (&path)[512], const FloorAttachment& attachment, const FloorAddress& address) {
  std::snprintf(path, sizeof path, "%s/%s", attachment.store, address.text);
}

void reserve(const FloorAttachment& attachment, const FloorAddress& address) {
  char path[512];
  char content[256];
  file_path(path, attachment, address);
  const int length = std::snprintf(content, sizeof content, "%s\r\n%s", attachment.container, kFloorIfname);
  const int file = ::open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 || ::write(file, content, static_cast<std::size_t>(length)) != length) fail(path);
  ::close(file);
}

void set_sysctls(const FloorAttachment& attachment) {
  set_sysctl(kFloorIfname, "accept_ra", "0");
  if (attachment.addresses[1].family == 0) return;
  set_sysctl(kFloorIfname, "accept_dad", "0");
  set_sysctl(kFloorIfname, "ndisc_notify", "1");
  set_sysctl(kFloorIfname, "keep_addr_on_down", "1");
}

int open_netns(const FloorAttachment& attachment) {
  const int netns = ::open(attachment.netns, O_RDONLY | O_CLOEXEC);
  if (netns < 0) fail(attachment.netns);
  return netns;
}

// A netlink socket in the namespace; from here on the process is in it.
int enter(int netns) {
  if (::setns(netns, CLONE_NEWNET) != 0) fail("setns");
  return netlink_socket(NETLINK_ROUTE);
}

void add(const FloorAttachment& attachment) {
  for (const FloorAddress& address : attachment.addresses) {
    if (address.family != 0) reserve(attachment, address);
  }
  const int host = netlink_socket(NETLINK_ROUTE);
  const int rules = attachment.has_bridge() ? netlink_socket(NETLINK_NETFILTER) : -1;
  const int netns = open_netns(attachment);
  if (attachment.has_bridge()) {
    create_pair(host, attachment, netns);
    set_sysctl(attachment.host_end, "accept_ra", "0");
  } else {
    create_on_parent(host, attachment, netns);
  }
  const int container = enter(netns);
  set_sysctls(attachment);
  configure_container(container, attachment);
  if (attachment.has_bridge()) change_elements(rules, attachment, ElementVerb::add);
  std::printf("{\"ips\":[{\"address\":\"%s/%d\"}]}\n", attachment.addresses[0].text, attachment.addresses[0].length);
}

// The link disappears immediately. Only after its grace periods, the kernel replies to the request, and closes the
// socket of a transaction that deleted something. The child waits for both and holds none of the caller's descriptors.
void delete_detached(int socket, const FloorAttachment& attachment) {
  const int listener = listen_to_links();
  const pid_t child = ::fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    ::close(STDIN_FILENO);
    ::close(STDOUT_FILENO);
    ::close(STDERR_FILENO);
    delete_link(socket, attachment);
    ::_exit(0);
  }
  if (!wait_for_deletion(listener, attachment)) ::waitpid(child, nullptr, 0);
}

void remove(const FloorAttachment& attachment, bool waits) {
  if (attachment.has_bridge()) {
    change_elements(netlink_socket(NETLINK_NETFILTER), attachment, ElementVerb::remove);
  }
  const int socket = attachment.has_bridge() ? netlink_socket(NETLINK_ROUTE) : enter(open_netns(attachment));
  waits ? delete_link(socket, attachment) : delete_detached(socket, attachment);
  for (const FloorAddress& address : attachment.addresses) {
    char path[512];
    if (address.family == 0) continue;
    file_path(path, attachment, address);
    if (::unlink(path) != 0) fail(path);
  }
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  if (argc < bench::kFixedArguments + 2) {
    std::fprintf(
        stderr,
        "usage: bench_floor ADD|DEL|DEL-WAIT NETNS CONTAINER HOST-END PLUGIN LINK-INDEX STORE FIRST-PORT PORTS "
        "ADDRESS/LENGTH GATEWAY [ADDRESS6/LENGTH GATEWAY6]\n");
    return 2;
  }
  const bench::FloorAttachment attachment = bench::parse(argc, argv);
  if (std::strcmp(argv[1], "ADD") == 0) {
    bench::add(attachment);
  } else {
    const bool waits = std::strcmp(argv[1], "DEL-WAIT") == 0;
    errno = EINVAL;
    if (!waits && std::strcmp(argv[1], "DEL") != 0) bench::fail(argv[1]);
    bench::remove(attachment, waits);
  }
}
