#include "lib/ruleset/condition.h"

#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <array>

#include "lib/net/words.h"
#include "lib/nft/builder.h"
#include "lib/ruleset/skeleton.h"

namespace ruleset {
namespace {

constexpr std::size_t kNameSize = 16;  // IFNAMSIZ

bool is_address(Subject subject) { return subject == Subject::source || subject == Subject::destination; }

std::string_view ip_of(net::Family family) { return family == net::Family::v4 ? "ip" : "ip6"; }

// FNV-1a, 64 bits: it tells lists apart, and an operator's own map of the same name would only be one more list.
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

void add_prefix(nft::Builder& builder, const Condition& condition) {
  const auto& prefix = std::get<net::Prefix>(condition.value);
  const nft::Layout& layout = nft::layout_of(prefix.family());
  const bool is_source = condition.subject == Subject::source;
  builder.family(layout).add(
      nft::load_network(is_source ? layout.source : layout.destination, layout.size, nft::kFirst));
  if (prefix.length < net::bits(prefix.family())) builder.add(nft::keep_bits(mask_of(prefix)));
  builder.add(nft::is_equal(prefix.first().bytes(), condition.is_negated));
}

// Whole names are compared with the bytes behind them, beginnings without.
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

// A name without its quotes; nullopt when it has none, or could not be a name.
std::optional<std::string> unquoted(const std::string& word) {
  if (word.size() < 3 || word.size() > kNameSize + 1 || word.front() != '\'' || word.back() != '\'')
    return std::nullopt;
  return word.substr(1, word.size() - 2);
}

// The words that are left of a list; past its end they are empty.
class Words {
 public:
  explicit Words(std::string_view text) : words_(net::words(text)) {}
  [[nodiscard]] bool is_at_end() const { return at_ == words_.size(); }
  std::string next() { return is_at_end() ? std::string() : std::string(words_[at_++]); }

 private:
  std::vector<std::string_view> words_;
  std::size_t at_ = 0;
};

std::optional<Condition> read_condition(Words& words, net::Family family) {
  std::string word = words.next();
  const std::string field = word == ip_of(family) ? words.next() : std::string();
  const auto subject = subject_of(word, field);
  if (!subject) return std::nullopt;
  Condition condition{*subject, false, {}};
  word = words.next();
  condition.is_negated = word == "!=";
  if (condition.is_negated) word = words.next();
  if (is_address(*subject)) {
    const auto prefix =
        net::Prefix::parse(word.find('/') == std::string::npos ? word + "/" + std::to_string(net::bits(family)) : word);
    if (!prefix || prefix->family() != family) return std::nullopt;
    condition.value = *prefix;
  } else {
    const auto name = unquoted(word);
    if (!name) return std::nullopt;
    condition.value = *name;
  }
  return condition;
}

}  // namespace

std::string text(const Condition& condition) {
  const std::string operation = condition.is_negated ? "!= " : "";
  if (!is_address(condition.subject)) {
    return std::string(condition.subject == Subject::input ? "iifname " : "oifname ") + operation + "\"" +
           std::get<std::string>(condition.value) + "\"";
  }
  const auto& prefix = std::get<net::Prefix>(condition.value);
  const bool is_single = prefix.length == net::bits(prefix.family());
  return std::string(ip_of(prefix.family())) + (condition.subject == Subject::source ? " saddr " : " daddr ") +
         operation + (is_single ? prefix.address.text() : prefix.network().text());
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
    if (is_address(condition.subject)) add_prefix(builder, condition);
    if (!is_address(condition.subject)) add_name(builder, condition);
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
  std::string rule = "add rule " + nft::text(nft::Home::inet) + " " + kConditions + " " + change.conditions.rule().text;
  if (change.has_map) return rule;
  return "add map " + nft::text(nft::Home::inet) + " " + change.conditions.map_name() +
         " { type inet_proto . inet_service : " + type + " . inet_service; comment \"" + change.conditions.comment() +
         "\"; }; " + rule;
}

std::string text(const RemoveConditions& change) {
  std::string map = "delete map " + nft::text(nft::Home::inet) + " " + change.map;
  if (!change.rule) return map;
  return "delete rule " + nft::text(nft::Home::inet) + " " + kConditions + " handle " + std::to_string(*change.rule) +
         "; " + map;
}

}  // namespace ruleset
