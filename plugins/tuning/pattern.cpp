// SPDX-License-Identifier: Apache-2.0
#include "plugins/tuning/pattern.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace tuning {
namespace {

// A supported token: "|", an anchor, the beginning of a group, or an item with at most one repetition. An item is a
// character, the end of a group, an escape, or a bracket expression of ranges, class names, escapes and characters.
constexpr const char* kToken =
    R"(^([|^$]|\((\?:)?|([ -#%-',->@-Z_-z~]|\)|\\[]dDsSwW!-&(-/:;=?@[\^_{-~])"
    R"(|\[\^?-?([[:alnum:]]-[[:alnum:]]|\[:[a-z]+:\]|\\[dDsSwW!-&(-,./:;=?@\_{-~]|[ -,.-Z_-~])+(\\?-)?\])"
    R"()([*+?]|\{[0-9]{1,3}(,[0-9]{0,3})?\})?))";

Pattern compile(const std::string& posix) {
  Pattern pattern(new regex_t(), [](regex_t* compiled) {
    ::regfree(compiled);
    delete compiled;  // NOLINT(cppcoreguidelines-owning-memory): the deleter of a std::unique_ptr
  });
  const int failure = ::regcomp(pattern.get(), posix.c_str(), REG_EXTENDED);
  if (failure == 0) return pattern;
  std::string words(100, '\0');
  ::regerror(failure, pattern.get(), words.data(), words.size());
  throw std::invalid_argument(words.c_str());
}

// The characters of an escape, for use inside brackets.
std::string members(char letter) {
  switch (letter) {
    case 'd': return "[:digit:]";
    case 'D': return " -/:-~";
    case 's': return "[:space:]";
    case 'S': return "!-~";
    case 'w': return "[:alnum:]_";
    case 'W': return " -/:-@[-^`{-~";
    default: return {letter};
  }
}

// regex(7) has no escapes inside brackets and no classes outside of them.
std::string translated(const std::string& token) {
  if (token[0] == '\\' && std::isalpha(token[1]) != 0) return "[" + members(token[1]) + "]" + token.substr(2);
  if (token[0] != '[') return token == "(?:" ? "(" : token;
  std::string posix;
  for (std::size_t i = 0; i < token.size(); ++i)
    posix += token[i] == '\\' ? members(token[++i]) : std::string{token[i]};
  return posix;
}

// The unsupported token, with the preceding character if that is part of it: "(?", "*?".
std::string excerpt(const std::string& text, std::size_t at) {
  if (text[at] == '\\') return text.substr(at, 2);
  if (text[at] == '[') return text.substr(at, std::min(text.find(']', at), text.size()) + 1 - at);
  return text.substr(at - (at > 0 ? 1 : 0), at > 0 ? 2 : 1);
}

}  // namespace

Pattern parse_pattern(const std::string& text) {
  const Pattern tokens = compile(kToken);
  std::string posix;
  regmatch_t token{};
  int groups = 0;  // open
  for (std::size_t at = 0; at < text.size(); at += token.rm_eo) {
    groups += text[at] == '(' ? 1 : text[at] == ')' ? -1 : 0;
    if (groups < 0 || ::regexec(tokens.get(), &text[at], 1, &token, 0) != 0) {
      throw std::invalid_argument("\"" + excerpt(text, at) + "\" is not supported");
    }
    posix += translated(text.substr(at, token.rm_eo));
  }
  return compile(posix);
}

bool is_match(const Pattern& pattern, const std::string& key) {
  const bool is_ascii = std::all_of(key.begin(), key.end(), [](char byte) { return byte >= ' ' && byte <= '~'; });
  return is_ascii && ::regexec(pattern.get(), key.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace tuning
