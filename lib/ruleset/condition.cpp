// SPDX-License-Identifier: Apache-2.0
#include "lib/ruleset/condition.h"

#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "lib/net/words.h"
#include "lib/nft/builder.h"
#include "lib/ruleset/skeleton.h"

namespace ruleset {
namespace {

constexpr std::size_t kNameSize = 16;  // IFNAMSIZ

bool is_address(Subject subject) { return subject == Subject::source || subject == Subject::destination; }

std::string_view ip_of(net::Family family) { return family == net::Family::v4 ? "ip" : "ip6"; }

// FNV-1a, 64 bits: enough to distinguish lists. An operator's own map with such a name would count as one more list.
std::string hash_of(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::uint64_t value = 0xcbf29ce484222325U;
  for (const char byte : text) value = (value ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3U;
  std::string digits;
  for (unsigned shift = 64; shift > 0; shift -= 4) digits += kDigits[(value >> (shift - 4)) & 15U];
  return digits;
}

std::vector<std::uint8_t> mask_of(const net::Prefix& prefix) {
  std::vector<std::uint8_t> mask(prefix.address.bytes().size());
  for (unsigned bit = 0; bit < prefix.length; ++bit) {
    mask[bit / 8] = static_cast<std::uint8_t>(mask[bit / 8] | (0x80U >> (bit % 8)));
  }
  return mask;
}

void add_address(nft::Builder& builder, const Condition& condition, net::Family family) {
  const nft::Layout& layout = nft::layout_of(family);
  const bool is_source = condition.subject == Subject::source;
  builder.family(layout).add(
      nft::load_network(is_source ? layout.source : layout.destination, layout.size, nft::kFirst));
  if (const auto* range = std::get_if<AddressRange>(&condition.value)) {
    builder.add(nft::is_between(range->first.bytes(), range->last.bytes(), condition.is_negated));
    return;
  }
  const auto& prefix = std::get<net::Prefix>(condition.value);
  if (prefix.length < net::bits(family)) builder.add(nft::keep_bits(mask_of(prefix)));
  builder.add(nft::is_equal(prefix.first().bytes(), condition.is_negated));
}

void add_mark(nft::Builder& builder, const Condition& condition) {
  const auto& mark = std::get<MaskedMark>(condition.value);
  std::array<std::uint8_t, sizeof mark.value> value{};
  std::memcpy(value.data(), &mark.value, value.size());
  builder.add(nft::load_meta(NFT_META_MARK, nft::kFirst));
  if (mark.mask != MaskedMark().mask) builder.add(nft::keep_bits(mark.mask, sizeof mark.mask));
  builder.add(nft::is_equal(value, condition.is_negated));
}

// Complete names are compared with their padding, prefixes without it.
void add_name(nft::Builder& builder, const Condition& condition) {
  std::string name = std::get<std::string>(condition.value);
  const bool is_beginning = name.ends_with('*');
  if (is_beginning) name.pop_back();
  if (!is_beginning) name.resize(kNameSize);
  const std::vector<std::uint8_t> bytes(name.begin(), name.end());
  builder.add(nft::load_meta(condition.subject == Subject::input ? NFT_META_IIFNAME : NFT_META_OIFNAME, nft::kFirst));
  builder.add(nft::is_equal(bytes, condition.is_negated));
}

std::optional<Subject> subject_of(const std::string& word, const std::string& field) {
  if (word == "iifname") return Subject::input;
  if (word == "oifname") return Subject::output;
  if (field == "saddr") return Subject::source;
  if (field == "daddr") return Subject::destination;
  return std::nullopt;
}

// A name without its quotes; nullopt if it is not quoted or cannot be a name.
std::optional<std::string> unquoted(const std::string& word) {
  if (word.size() < 3 || word.size() > kNameSize + 1 || word.front() != '\'' || word.back() != '\'')
    return std::nullopt;
  return word.substr(1, word.size() - 2);
}

// The remaining words of a list; "" after its end.
class Words {
 public:
  explicit Words(std::string_view text) : words_(net::words(text)) {}
  [[nodiscard]] bool is_at_end() const { return at_ == words_.size(); }
  std::string next() { return is_at_end() ? std::string() : std::string(words_[at_++]); }

 private:
  std::vector<std::string_view> words_;
  std::size_t at_ = 0;
};

std::optional<Condition> read_address(Condition condition, const std::string& word, net::Family family) {
  const std::size_t dash = word.find('-');
  if (dash != std::string::npos) {
    const auto first = net::Address::parse(word.substr(0, dash));
    const auto last = net::Address::parse(word.substr(dash + 1));
    if (!first || !last || first->family() != family || last->family() != family) return std::nullopt;
    condition.value = AddressRange{*first, *last};
    return condition;
  }
  const auto prefix =
      net::Prefix::parse(word.find('/') == std::string::npos ? word + "/" + std::to_string(net::bits(family)) : word);
  if (!prefix || prefix->family() != family) return std::nullopt;
  condition.value = *prefix;
  return condition;
}

// "0x000000ff"
std::optional<std::uint32_t> read_number(const std::string& word) {
  constexpr int kHexadecimal = 16;
  std::uint32_t number = 0;
  if (!word.starts_with("0x")) return std::nullopt;
  const auto [end, error] = std::from_chars(word.data() + 2, word.data() + word.size(), number, kHexadecimal);
  return error == std::errc{} && end == word.data() + word.size() ? std::optional(number) : std::nullopt;
}

// The words after "meta": "mark 0x00000001", "mark & 0x000000ff != 0x00000001".
std::optional<Condition> read_mark(Words& words) {
  if (words.next() != "mark") return std::nullopt;
  MaskedMark mark;
  std::string word = words.next();
  if (word == "&") {
    const auto mask = read_number(words.next());
    if (!mask) return std::nullopt;
    mark.mask = *mask;
    word = words.next();
    if (word != "==" && word != "!=") return std::nullopt;
  }
  const bool is_negated = word == "!=";
  const auto value = read_number(word == "==" || is_negated ? words.next() : word);
  if (!value) return std::nullopt;
  mark.value = *value;
  return Condition{Subject::mark, is_negated, mark};
}

std::optional<Condition> read_condition(Words& words, net::Family family) {
  std::string word = words.next();
  if (word == "meta") return read_mark(words);
  const std::string field = word == ip_of(family) ? words.next() : std::string();
  const auto subject = subject_of(word, field);
  if (!subject) return std::nullopt;
  Condition condition{*subject, false, {}};
  word = words.next();
  condition.is_negated = word == "!=";
  if (condition.is_negated) word = words.next();
  if (is_address(*subject)) return read_address(std::move(condition), word, family);
  const auto name = unquoted(word);
  if (!name) return std::nullopt;
  condition.value = *name;
  return condition;
}

std::string hexadecimal(std::uint32_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "0x";
  for (unsigned shift = 32; shift > 0; shift -= 4) text += kDigits[(number >> (shift - 4)) & 15U];
  return text;
}

std::string mark_text(const MaskedMark& mark, bool is_negated) {
  if (mark.mask == MaskedMark().mask)
    return std::string("meta mark ") + (is_negated ? "!= " : "") + hexadecimal(mark.value);
  return "meta mark & " + hexadecimal(mark.mask) + (is_negated ? " != " : " == ") + hexadecimal(mark.value);
}

std::string address_text(const Condition& condition) {
  if (const auto* range = std::get_if<AddressRange>(&condition.value))
    return range->first.text() + "-" + range->last.text();
  const auto& prefix = std::get<net::Prefix>(condition.value);
  return prefix.length == net::bits(prefix.family()) ? prefix.address.text() : prefix.network().text();
}

net::Family family_of(const Condition& address) {
  const auto* range = std::get_if<AddressRange>(&address.value);
  return range != nullptr ? range->first.family() : std::get<net::Prefix>(address.value).family();
}

}  // namespace

std::string text(const Condition& condition) {
  const std::string operation = condition.is_negated ? "!= " : "";
  if (const auto* mark = std::get_if<MaskedMark>(&condition.value)) return mark_text(*mark, condition.is_negated);
  if (!is_address(condition.subject)) {
    return std::string(condition.subject == Subject::input ? "iifname " : "oifname ") + operation + "\"" +
           std::get<std::string>(condition.value) + "\"";
  }
  return std::string(ip_of(family_of(condition))) + (condition.subject == Subject::source ? " saddr " : " daddr ") +
         operation + address_text(condition);
}

std::string Conditions::text() const {
  std::string joined;
  for (const Condition& condition : all) joined += (joined.empty() ? "" : " ") + ruleset::text(condition);
  return joined;
}

std::string Conditions::comment() const {
  std::string quoted = text();
  std::replace(quoted.begin(), quoted.end(), '"', '\'');
  return quoted;
}

std::string Conditions::map_name() const { return (family == net::Family::v4 ? "when4-" : "when6-") + hash_of(text()); }

nft::Rule Conditions::rule() const {
  nft::Builder builder;
  for (const Condition& condition : all) {
    if (is_address(condition.subject))
      add_address(builder, condition, family);
    else if (condition.subject == Subject::mark)
      add_mark(builder, condition);
    else
      add_name(builder, condition);
  }
  const nft::Layout& layout = nft::layout_of(family);
  builder.service_at(0).add(nft::map_by(map_name()));
  builder.add(nft::destination_nat(family, nft::kFirst, nft::register_at(layout.size)));
  return builder.rule(
      kConditions, text() + " dnat " + std::string(ip_of(family)) + " to meta l4proto . th dport map @" + map_name());
}

std::optional<Conditions> Conditions::parse(std::string_view map_name, std::string_view text) {
  Conditions conditions;
  conditions.family = map_name.starts_with("when6-") ? net::Family::v6 : net::Family::v4;
  Words words(text);
  while (!words.is_at_end()) {
    auto condition = read_condition(words, conditions.family);
    if (!condition) return std::nullopt;
    conditions.all.push_back(std::move(*condition));
  }
  if (conditions.all.empty() || conditions.map_name() != map_name) return std::nullopt;
  return conditions;
}

std::string text(const AddConditions& change) {
  const std::string type = change.conditions.family == net::Family::v4 ? "ipv4_addr" : "ipv6_addr";
  std::string rule =
      "add rule " + nft::text(nft::TableFamily::inet) + " " + kConditions + " " + change.conditions.rule().text;
  if (change.has_map) return rule;
  return "add map " + nft::text(nft::TableFamily::inet) + " " + change.conditions.map_name() +
         " { type inet_proto . inet_service : " + type + " . inet_service; comment \"" + change.conditions.comment() +
         "\"; }; " + rule;
}

std::string text(const RemoveConditions& change) {
  std::string map = "delete map " + nft::text(nft::TableFamily::inet) + " " + change.map;
  if (!change.rule) return map;
  return "delete rule " + nft::text(nft::TableFamily::inet) + " " + kConditions + " handle " +
         std::to_string(*change.rule) + "; " + map;
}

}  // namespace ruleset
