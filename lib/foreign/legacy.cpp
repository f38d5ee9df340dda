// SPDX-License-Identifier: Apache-2.0
#include "lib/foreign/legacy.h"

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

#include "lib/os/error.h"
#include "lib/os/fd.h"
#include "lib/os/file.h"

namespace foreign {
namespace {

constexpr const char* kFilter = "filter";

struct V4 {
  using Entry = ipt_entry;
  using Info = ipt_getinfo;
  using Entries = ipt_get_entries;
  static constexpr int kFamily = AF_INET;
  static constexpr int kLevel = IPPROTO_IP;
  static constexpr int kGetInfo = IPT_SO_GET_INFO;
  static constexpr int kGetEntries = IPT_SO_GET_ENTRIES;
  static bool matches_all(const Entry& entry) {
    ipt_ip match = entry.ip;
    match.flags &= static_cast<__u8>(~IPT_F_GOTO);
    return is_zero(&match, sizeof match);
  }
  static bool is_goto(const Entry& entry) { return (entry.ip.flags & IPT_F_GOTO) != 0; }
  static bool is_zero(const void* bytes, std::size_t size) {
    const auto* const first = static_cast<const std::uint8_t*>(bytes);
    return std::all_of(first, first + size, [](std::uint8_t byte) { return byte == 0; });
  }
};
struct V6 {
  using Entry = ip6t_entry;
  using Info = ip6t_getinfo;
  using Entries = ip6t_get_entries;
  static constexpr int kFamily = AF_INET6;
  static constexpr int kLevel = IPPROTO_IPV6;
  static constexpr int kGetInfo = IP6T_SO_GET_INFO;
  static constexpr int kGetEntries = IP6T_SO_GET_ENTRIES;
  static bool matches_all(const Entry& entry) {
    ip6t_ip6 match = entry.ipv6;
    match.flags &= static_cast<__u8>(~IP6T_F_GOTO);
    return V4::is_zero(&match, sizeof match);
  }
  static bool is_goto(const Entry& entry) { return (entry.ipv6.flags & IP6T_F_GOTO) != 0; }
};

// Only root can read the list (0440). Other users with CAP_NET_ADMIN get nullopt.
std::optional<std::string> table_names(net::Family family) {
  constexpr std::size_t kLongest = 4096;  // bytes: a few names, one per line
  try {
    return os::read_file(
        family == net::Family::v4 ? "/proc/thread-self/net/ip_tables_names" : "/proc/thread-self/net/ip6_tables_names",
        kLongest);
  } catch (const std::system_error& error) {
    if (error.code().value() != EACCES) throw;
    return std::nullopt;
  }
}

bool has_filter(net::Family family) {
  const auto names = table_names(family);
  return names && ("\n" + *names).find("\nfilter\n") != std::string::npos;
}

// Reads the structure at that offset; false if it extends beyond the table.
template <class Structure>
bool read_at(std::span<const std::uint8_t> entries, std::size_t offset, Structure& into) {
  if (offset > entries.size() || entries.size() - offset < sizeof(Structure)) return false;
  std::memcpy(&into, entries.data() + offset, sizeof into);
  return true;
}

// The common part of struct xt_entry_match and xt_entry_target: size, name, revision, data.
struct Part {
  std::string name;
  std::size_t size = 0;
  std::span<const std::uint8_t> info;
};
std::optional<Part> part_at(std::span<const std::uint8_t> entries, std::size_t offset) {
  xt_entry_match head{};
  if (!read_at(entries, offset, head)) return std::nullopt;
  const std::size_t size = head.u.user.match_size;
  if (size < sizeof head || size > entries.size() - offset) return std::nullopt;
  const char* name = static_cast<const char*>(head.u.user.name);
  return Part{{name, ::strnlen(name, sizeof head.u.user.name)},
              size,
              entries.subspan(offset + sizeof head, size - sizeof head)};
}

// A standard target's verdict: an offset to jump to, or a negative number (linux/netfilter/x_tables.h).
Effect standard(std::int32_t verdict, std::size_t next) {
  if (verdict == XT_RETURN) return {Verdict::leave, {}, false, false};
  if (verdict < 0) return {-verdict - 1 == NF_DROP ? Verdict::drop : Verdict::accept, {}, false, false};
  if (static_cast<std::size_t>(verdict) == next) return {};  // a rule without -j
  return {Verdict::jump, std::to_string(verdict), false, false};
}

struct LegacyRule {
  Effect effect;
  std::size_t next = 0;  // offset of the following rule
};

// From its matches, sets whether the rule applies to every packet and whether it admits packets that begin a
// connection.
bool read_matches(std::span<const std::uint8_t> matches, Effect& effect) {
  bool is_for_new = true;
  for (std::size_t offset = 0; offset < matches.size();) {
    const auto match = part_at(matches, offset);
    if (!match) return false;
    if (!is_comment(match->name)) effect.is_unconditional = false;
    if (is_only_for_known_flows(match->name, match->info)) is_for_new = false;
    offset += match->size;
  }
  effect.admits_new = is_for_new && (effect.verdict == Verdict::accept || effect.verdict == Verdict::jump ||
                                     effect.verdict == Verdict::go_to);
  return true;
}

template <class Family>
std::optional<LegacyRule> rule_at(std::span<const std::uint8_t> entries, std::size_t offset) {
  using Entry = typename Family::Entry;
  Entry entry{};
  if (!read_at(entries, offset, entry) || entry.next_offset < sizeof(Entry) || entry.target_offset < sizeof(Entry))
    return std::nullopt;
  const auto target = part_at(entries, offset + entry.target_offset);
  if (!target || target->name == XT_ERROR_TARGET) return std::nullopt;  // where the next chain begins
  LegacyRule rule{{}, offset + entry.next_offset};
  if (target->name == XT_STANDARD_TARGET) {
    std::int32_t verdict = 0;
    if (!read_at(target->info, 0, verdict)) return std::nullopt;
    rule.effect = standard(verdict, rule.next);
  } else {
    rule.effect.verdict = verdict_of_target(target->name);
  }
  if (rule.effect.verdict == Verdict::jump && Family::is_goto(entry)) rule.effect.verdict = Verdict::go_to;
  rule.effect.is_unconditional = Family::matches_all(entry);
  const auto matches = entries.subspan(offset + sizeof(Entry), entry.target_offset - sizeof(Entry));
  return read_matches(matches, rule.effect) ? std::optional(rule) : std::nullopt;
}

std::optional<LegacyRule> rule_of(net::Family family, std::span<const std::uint8_t> entries, std::size_t offset) {
  return family == net::Family::v4 ? rule_at<V4>(entries, offset) : rule_at<V6>(entries, offset);
}

template <class Family>
LegacyFilter read(net::Family family) {
  constexpr int kTries = 10;  // the table may grow between the two calls
  const std::string what = "read the filter table of iptables-legacy";
  const os::Fd socket(::socket(Family::kFamily, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
  if (!socket) throw os::last_error(what);
  for (int left = kTries;; --left) {
    typename Family::Info info{};
    std::strcpy(static_cast<char*>(info.name), kFilter);  // NOLINT(clang-analyzer-security.insecureAPI.strcpy): 7 of 32
    socklen_t size = sizeof info;
    if (::getsockopt(socket.get(), Family::kLevel, Family::kGetInfo, &info, &size) != 0) throw os::last_error(what);
    typename Family::Entries head{};
    std::memcpy(static_cast<char*>(head.name), static_cast<const char*>(info.name), sizeof head.name);
    head.size = info.size;
    std::vector<std::uint8_t> buffer(sizeof head + info.size);
    std::memcpy(buffer.data(), &head, sizeof head);
    size = static_cast<socklen_t>(buffer.size());
    if (::getsockopt(socket.get(), Family::kLevel, Family::kGetEntries, buffer.data(), &size) == 0) {
      buffer.erase(buffer.begin(), buffer.begin() + sizeof head);
      return {family, std::move(buffer), info.hook_entry[NF_INET_FORWARD], info.underflow[NF_INET_FORWARD]};
    }
    if (errno != EAGAIN || left == 1) throw os::last_error(what);
  }
}

}  // namespace

std::optional<LegacyFilter> LegacyFilter::observe(net::Family family) {
  if (!has_filter(family)) return std::nullopt;
  return family == net::Family::v4 ? read<V4>(family) : read<V6>(family);
}

LegacyFilter::LegacyFilter(net::Family family, std::vector<std::uint8_t> entries, std::size_t forward,
                           std::size_t policy)
    : family_(family), entries_(std::move(entries)), forward_(std::to_string(forward)), policy_(policy) {}

bool LegacyFilter::drops_the_rest() const {
  const auto rule = rule_of(family_, entries_, policy_);
  return rule && rule->effect.verdict == Verdict::drop;
}

Effects LegacyFilter::chain(const std::string& name) const {
  Effects effects;
  std::size_t offset = std::stoul(name);
  while (offset != policy_) {
    const auto rule = rule_of(family_, entries_, offset);
    if (!rule) break;
    effects.push_back(rule->effect);
    offset = rule->next;
  }
  return effects;
}

}  // namespace foreign
