// The characters that a bracket expression means: read as RE2 writes it, with escapes, and told as regex(7) wants it, without.
// Bytes, as all keys of sysctls are.
#pragma once

#include <bitset>
#include <string>
#include <string_view>

namespace tuning {

class CharacterSet {
 public:
  // The expression at text[at], a "["; `at` is behind it afterwards. Throws std::invalid_argument.
  static CharacterSet parse(std::string_view text, std::size_t& at);

  void add(unsigned char byte) { bytes_.set(byte); }

  // The class of \d, \w, \s, or what is not in it for \D, \W, \S; false for any other letter.
  bool add_class(char letter);

  [[nodiscard]] bool holds(unsigned char byte) const { return bytes_.test(byte); }

  // "[a-z]", or for a set of one character that and nothing else.
  [[nodiscard]] std::string text() const;

 private:
  static constexpr unsigned kBytes = 256;
  void add_range(unsigned char first, unsigned char last);
  void add_named(std::string_view name);
  std::bitset<kBytes> bytes_;
};

}  // namespace tuning
