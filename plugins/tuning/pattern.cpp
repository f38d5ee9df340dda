#include "plugins/tuning/pattern.h"

#include <array>
#include <cctype>
#include <stdexcept>

#include "plugins/tuning/character_set.h"

namespace tuning {
namespace {

void free_compiled(regex_t* compiled) {
  ::regfree(compiled);
  delete compiled;  // NOLINT(cppcoreguidelines-owning-memory): the deleter of a std::unique_ptr
}

bool is_repetition(char byte) { return byte == '*' || byte == '+' || byte == '?'; }

class Translation {
 public:
  explicit Translation(std::string_view text) : text_(text) {}

  std::string run() {
    while (at_ < text_.size()) next();
    return out_;
  }

 private:
  void next() {
    const char byte = text_[at_];
    if (byte == '\\') return escape();
    if (byte == '[') return bracket();
    if (byte == '(') return group();
    ++at_;
    out_ += byte;
    if (is_repetition(byte) || byte == '}') after_repetition();
  }

  // "*?" finds the shortest where "*" finds the longest: whether something is found is the same.
  void after_repetition() {
    if (at_ < text_.size() && text_[at_] == '?') ++at_;
    if (at_ < text_.size() && is_repetition(text_[at_])) throw std::invalid_argument("a repetition of a repetition");
  }

  void group() {
    ++at_;
    out_ += '(';
    if (at_ == text_.size() || text_[at_] != '?') return;
    if (text_.substr(at_, 2) != "?:") throw std::invalid_argument("\"(?\" is only understood as \"(?:\"");
    at_ += 2;
  }

  void bracket() { out_ += CharacterSet::parse(text_, at_).text(); }

  void escape() {
    if (at_ + 1 == text_.size()) throw std::invalid_argument("a backslash at the end");
    const char byte = text_[at_ + 1];
    at_ += 2;
    switch (byte) {
      case 'A': out_ += '^'; return;
      case 'z': out_ += '$'; return;
      case 'b':
      case 'B': out_ += std::string("\\") + byte; return;  // the C library's own, too
      default: break;
    }
    CharacterSet set;
    if (set.add_class(byte)) {
      out_ += set.text();
    } else if (std::ispunct(static_cast<unsigned char>(byte)) != 0) {
      set.add(static_cast<unsigned char>(byte));
      out_ += set.text();
    } else {
      throw std::invalid_argument(std::string("\"\\") + byte + "\" is not understood");
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string translated(std::string_view text) { return Translation(text).run(); }

Pattern::Pattern(std::string_view text) : compiled_(nullptr, free_compiled) {
  auto compiled = std::make_unique<regex_t>();
  const int failed = ::regcomp(compiled.get(), translated(text).c_str(), REG_EXTENDED | REG_NOSUB);
  if (failed != 0) {
    std::array<char, 100> words{};
    ::regerror(failed, compiled.get(), words.data(), words.size());
    throw std::invalid_argument(words.data());
  }
  compiled_.reset(compiled.release());
}

bool Pattern::matches(const std::string& text) const {
  return ::regexec(compiled_.get(), text.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace tuning
