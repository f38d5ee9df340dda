// SPDX-License-Identifier: Apache-2.0
#include "lib/sysctl/sysctl.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "lib/os/capability.h"
#include "lib/os/error.h"
#include "lib/os/file.h"

namespace sysctl {
namespace {

std::string path_of(const std::string& key) { return "/proc/sys/" + key; }

std::string ipv6(const net::IfName& name, const char* key) { return "net/ipv6/conf/" + name.text() + "/" + key; }

std::string ipv4(const net::IfName& name, const char* key) { return "net/ipv4/conf/" + name.text() + "/" + key; }

// Some keys have no value: even root cannot read them.
bool is_not_readable(int error) { return error == EACCES || error == EPERM; }

// For reading and writing, or only for writing if the key cannot be read.
os::Fd open_for_writing(const std::string& path) {
  try {
    return os::open_file(path, O_RDWR);
  } catch (const std::system_error& error) {
    if (!is_not_readable(error.code().value())) throw;
    return os::open_file(path, O_WRONLY);
  }
}

void write(const Setting& setting) {
  const std::string path = path_of(setting.key);
  const os::Fd file = open_for_writing(path);
  std::array<char, 64> value{};
  const ssize_t size = ::pread(file.get(), value.data(), value.size(), 0);
  if (size > 0 && std::string_view(value.data(), static_cast<std::size_t>(size)) == setting.value + "\n") return;
  // write(2) of no bytes would change nothing.
  const std::string_view content = setting.value.empty() ? "\n" : std::string_view(setting.value);
  os::write_all(file.get(), content, "write " + setting.value + " to " + path);
}

// The key does not exist, rejects the value or is read-only: normal on some machines.
bool is_unsupported(int error) {
  return error == ENOENT || error == ENOTDIR || error == EINVAL || error == EROFS || error == EACCES || error == EPERM;
}

}  // namespace

std::string text(const Setting& setting) { return "sysctl -w " + setting.key + "=" + setting.value; }

std::optional<std::string> read(const std::string& key) {
  constexpr std::size_t kLongest = 65536;  // a list of ports has more than a page
  auto value = os::read_file(path_of(key), kLongest);
  if (value && !value->empty() && value->back() == '\n') value->pop_back();
  return value;
}

Seen observe(const std::string& key) {
  try {
    return {read(key)};
  } catch (const std::system_error& error) {
    const int code = error.code().value();
    if (code == EIO) return {};  // stable_secret, until it is set
    if (!is_not_readable(code)) throw;
    return {std::nullopt, true};
  }
}

std::string name_of(std::string key) {
  for (char& byte : key) byte = byte == '/' ? '.' : byte == '.' ? '/' : byte;
  return key;
}

namespace {

std::system_error write_error(const Setting& setting, const Seen& seen, int error) {
  const bool is_ipv6 = setting.key.starts_with("net/ipv6/");
  const bool is_absent = !seen.value && !seen.is_write_only;
  std::string what = "sysctl " + name_of(setting.key) + (is_absent ? " does not exist" : "") + ": cannot write \"" +
                     setting.value + "\"" + (seen.value ? ", it is \"" + *seen.value + "\"" : "");
  if (is_ipv6 && !read(sysctl::ipv6_forwarding().key)) what += ": this kernel has no IPv6";
  return os::error(error, what + os::missing(os::Capability::net_admin, error));
}

}  // namespace

void apply(const Setting& setting) {
  try {
    write(setting);
  } catch (const std::system_error& error) {
    const int code = error.code().value();
    if (!setting.required && is_unsupported(code)) return;
    if (setting.may_be_gone && code == ENOENT) return;
    const Seen seen = observe(setting.key);
    if (seen.value != setting.value)
      throw write_error(setting, seen, code);  // a read-only key may already have the value
  }
}

Setting ip_forward() { return {"net/ipv4/ip_forward", "1"}; }
Setting ipv6_forwarding() { return {"net/ipv6/conf/all/forwarding", "1"}; }
Setting refuse_router_advertisements(const net::IfName& name) { return {ipv6(name, "accept_ra"), "0", false}; }
Setting enable_ipv6(const net::IfName& name) { return {ipv6(name, "disable_ipv6"), "0"}; }
Setting keep_addresses_when_down(const net::IfName& name) { return {ipv6(name, "keep_addr_on_down"), "1"}; }
Setting announce_by_arp(const net::IfName& name) { return {ipv4(name, "arp_notify"), "1", false}; }
Setting announce_by_ndisc(const net::IfName& name) { return {ipv6(name, "ndisc_notify"), "1", false}; }
Setting link_local_from_mac(const net::IfName& name) { return {ipv6(name, "addr_gen_mode"), "0", false}; }
Setting no_link_local(const net::IfName& name) { return {ipv6(name, "addr_gen_mode"), "1", false}; }
Setting answer_no_arp(const net::IfName& name) { return {ipv4(name, "arp_ignore"), "8"}; }
Setting route_localnet(const net::IfName& name) { return {ipv4(name, "route_localnet"), "1"}; }
Setting no_route_localnet(const net::IfName& name) { return {ipv4(name, "route_localnet"), "0", true, true}; }

Setting duplicate_detection(const net::IfName& name, bool enabled) {
  return {ipv6(name, "accept_dad"), enabled ? "1" : "0", false};
}

Setting enhanced_duplicate_detection(const net::IfName& name) { return {ipv6(name, "enhanced_dad"), "1", false}; }

}  // namespace sysctl
