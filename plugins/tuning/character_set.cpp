#include "plugins/tuning/character_set.h"

#include <array>
#include <cctype>
#include <optional>
#include <stdexcept>
#include <utility>

namespace tuning {
namespace {

using Predicate = int (*)(int);

constexpr std::array<std::pair<std::string_view, Predicate>, 12> kNamed{{{"alnum", std::isalnum},
                                                                         {"alpha", std::isalpha},
                                                                         {"blank", std::isblank},
                                                                         {"cntrl", std::iscntrl},
                                                                         {"digit", std::isdigit},
                                                                         {"graph", std::isgraph},
                                                                         {"lower", std::islower},
                                                                         {"print", std::isprint},
                                                                         {"punct", std::ispunct},
                                                                         {"space", std::isspace},
                                                                         {"upper", std::isupper},
                                                                         {"xdigit", std::isxdigit}}};

bool is_in_class(char letter, unsigned char byte) {
  switch (letter) {
    case 'd': return std::isdigit(byte) != 0;
    case 'w': return std::isalnum(byte) != 0 || byte == '_';
    default: return std::isspace(byte) != 0 && byte != '\v';  // RE2's \s has no vertical tab
  }
}

// What stands between the brackets, one item at a time.
class Reader {
 public:
  Reader(std::string_view text, std::size_t& at) : text_(text), at_(at) {}

  [[nodiscard]] bool is_at(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  unsigned char take() {
    if (at_ >= text_.size()) throw std::invalid_argument("a [ without its ]");
    return static_cast<unsigned char>(text_[at_++]);
  }

  // A character, an escaped one among them.
  unsigned char take_character() {
    const unsigned char byte = take();
    if (byte != '\\') return byte;
    const unsigned char escaped = take();
    if (std::ispunct(escaped) != 0) return escaped;
    throw std::invalid_argument(std::string("\"\\") + static_cast<char>(escaped) + "\" in brackets is not understood");
  }

  // "alpha" of "[:alpha:]"; nullopt where there is no such thing.
  std::optional<std::string_view> take_name() {
    if (!is_at("[:")) return std::nullopt;
    const std::size_t end = text_.find(":]", at_ + 2);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view name = text_.substr(at_ + 2, end - at_ - 2);
    at_ = end + 2;
    return name;
  }

  // Is a range meant by what comes next, "-z"?
  [[nodiscard]] bool is_at_range() const { return is_at("-") && at_ + 1 < text_.size() && text_[at_ + 1] != ']'; }

  void skip(std::size_t count) { at_ += count; }
  [[nodiscard]] char peek(std::size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

 private:
  std::string_view text_;
  std::size_t& at_;
};

}  // namespace

void CharacterSet::add_range(unsigned char first, unsigned char last) {
  if (first > last) throw std::invalid_argument("a range that ends before it begins");
  for (unsigned byte = first; byte <= last; ++byte) bytes_.set(byte);
}

void CharacterSet::add_named(std::string_view name) {
  for (const auto& [known, is_in] : kNamed) {
    if (known != name) continue;
    for (unsigned byte = 0; byte < 128; ++byte) {
      if (is_in(static_cast<int>(byte)) != 0) bytes_.set(byte);
    }
    return;
  }
  throw std::invalid_argument("the class [:" + std::string(name) + ":] is not known");
}

bool CharacterSet::add_class(char letter) {
  const char lower = static_cast<char>(std::tolower(letter));
  if (lower != 'd' && lower != 'w' && lower != 's') return false;
  for (unsigned byte = 1; byte < kBytes; ++byte) {
    if (is_in_class(lower, static_cast<unsigned char>(byte)) == (letter == lower)) bytes_.set(byte);
  }
  return true;
}

CharacterSet CharacterSet::parse(std::string_view text, std::size_t& at) {
  CharacterSet set;
  Reader reader(text, at);
  reader.skip(1);
  const bool is_negated = reader.is_at("^");
  if (is_negated) reader.skip(1);
  for (bool is_first = true; is_first || !reader.is_at("]"); is_first = false) {
    if (const auto name = reader.take_name()) {
      set.add_named(*name);
    } else if (reader.is_at("\\") && set.add_class(reader.peek(1))) {
      reader.skip(2);
    } else {
      const unsigned char first = reader.take_character();
      if (!reader.is_at_range()) {
        set.add(first);
        continue;
      }
      reader.skip(1);
      set.add_range(first, reader.take_character());
    }
  }
  reader.skip(1);
  if (is_negated) set.bytes_.flip();
  set.bytes_.reset(0);  // no text has one
  return set;
}

// In a bracket expression of regex(7) a "]" must come first, a "^" not first and a "-" first or last; and "[" before ":", "." or
// "=" would begin something.
std::string CharacterSet::text() const {
  constexpr std::string_view kSpecial = ".[]\\()*+?{}|^$";
  constexpr std::string_view kWithAPlace = "][^-";
  std::string others;
  for (unsigned byte = 1; byte < kBytes; ++byte) {
    const char character = static_cast<char>(byte);
    if (bytes_.test(byte) && kWithAPlace.find(character) == std::string_view::npos) others += character;
  }
  const auto if_held = [&](char byte) { return holds(static_cast<unsigned char>(byte)) ? std::string(1, byte) : ""; };
  const std::string all = if_held(']') + others + if_held('[') + if_held('^') + if_held('-');
  if (all.empty()) throw std::invalid_argument("brackets that no character is in");
  if (all.size() == 1) return kSpecial.find(all[0]) == std::string_view::npos ? all : "\\" + all;
  return all == "^-" ? "[-^]" : "[" + all + "]";
}

}  // namespace tuning
