// A regular expression as the reference's allow list has them (RE2), matched by the C library (regex(7), extended).
//
// Understood, with one meaning in both: literals, . [...] [^...] [[:alpha:]] ( ) (?: ) | ^ $ * + ? {n,m}, lazy repetitions (which
// find the same), \d \D \w \W \s \S \b \B \A \z, and a backslash before a punctuation character. What else RE2 knows (flags,
// named groups, classes of Unicode, \Q ... \E, escapes of control characters) is refused.
#pragma once

#include <regex.h>

#include <memory>
#include <string>
#include <string_view>

namespace tuning {

class Pattern {
 public:
  // Throws std::invalid_argument with what is wrong.
  explicit Pattern(std::string_view text);

  // Somewhere in the text: who means the whole of it writes ^ and $.
  [[nodiscard]] bool matches(const std::string& text) const;

 private:
  std::unique_ptr<regex_t, void (*)(regex_t*)> compiled_;
};

// The same in the words of the C library.
std::string translated(std::string_view text);

}  // namespace tuning
