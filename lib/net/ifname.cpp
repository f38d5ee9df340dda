// SPDX-License-Identifier: Apache-2.0
#include "lib/net/ifname.h"

#include <array>
#include <stdexcept>

namespace net {
namespace {

constexpr std::size_t kLongest = 15;  // IFNAMSIZ less the terminating NUL

// White space outside ASCII, as UTF-8: Go's unicode.IsSpace rejects it, and a terminal would hide it.
constexpr std::array<std::string_view, 19> kWideSpaces{
    "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
    "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

bool has_wide_space(std::string_view text) {
  for (const std::string_view space : kWideSpaces) {
    if (text.find(space) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

std::string_view IfName::flaw(std::string_view text) {
  constexpr std::string_view kForbidden("/: \t\n\v\f\r\0", 9);
  if (text.empty()) return "interface name is empty";
  if (text.size() > kLongest) return "interface name is too long";
  if (text == "." || text == "..") return "interface name is . or ..";
  if (text.find_first_of(kForbidden) != std::string_view::npos || has_wide_space(text)) {
    return "interface name contains / or : or whitespace characters";
  }
  return {};
}

std::string_view IfName::flaw_of_new(std::string_view text) {
  if (const std::string_view wrong = flaw(text); !wrong.empty()) return wrong;
  if (text.find('%') != std::string_view::npos) return "interface name contains %";
  if (text == "all" || text == "default") return "interface name is all or default";
  return {};
}

IfName::IfName(std::string_view text) : text_(text) {
  const std::string_view wrong = flaw(text);
  if (!wrong.empty()) throw std::invalid_argument(std::string(wrong));
}

}  // namespace net
