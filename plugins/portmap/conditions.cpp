// SPDX-License-Identifier: Apache-2.0
#include "plugins/portmap/conditions.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "lib/cni/error.h"
#include "lib/cni/fields.h"
#include "lib/net/ifname.h"
#include "lib/net/words.h"

namespace portmap {
namespace {

struct Protocol {
  std::string_view name;
  std::uint8_t number;
};
constexpr std::array kProtocols{Protocol{"tcp", IPPROTO_TCP}, Protocol{"udp", IPPROTO_UDP},
                                Protocol{"sctp", IPPROTO_SCTP}};

std::optional<nft::Protocol> protocol_named(std::string_view word) {
  for (const Protocol& known : kProtocols) {
    if (known.name == word || std::to_string(known.number) == word) return nft::Protocol{known.number};
  }
  return std::nullopt;
}

// Reads the words of the list in order. Its errors name the key and the word.
class Words {
 public:
  Words(std::string key, net::Family family, const std::vector<std::string>& tokens)
      : key_(std::move(key)), family_(family) {
    for (const std::string& token : tokens) {  // may contain several words: the reference joins tokens with spaces
      for (const std::string_view word : net::words(token)) words_.emplace_back(word);
      ends_.push_back(words_.size());
    }
  }

  [[nodiscard]] net::Family family() const { return family_; }
  [[nodiscard]] std::string text() const {
    std::string all;
    for (const std::string& word : words_) all += (all.empty() ? "" : " ") + word;
    return all;
  }
  [[nodiscard]] bool is_at_end() const { return at_ == words_.size(); }
  [[nodiscard]] bool is_iptables() const {
    return !words_.empty() && (words_[0].starts_with('-') || words_[0].starts_with('!'));
  }
  [[nodiscard]] std::string next() {
    if (is_at_end()) throw unsupported(words_.empty() ? "" : words_.back(), "is incomplete");
    return words_[at_++];
  }
  bool skip(std::string_view word) {
    const bool is_next = !is_at_end() && words_[at_] == word;
    if (is_next) ++at_;
    return is_next;
  }

  // Skips the rest of the token that contains the next word.
  void skip_token() {
    if (std::count(ends_.begin(), ends_.end(), at_) > 1) return;  // an empty token
    static_cast<void>(next());
    at_ = *std::lower_bound(ends_.begin(), ends_.end(), at_);
  }

  [[nodiscard]] cni::Error unsupported(const std::string& word, const char* what = "is not supported") const {
    return {cni::kUnsupportedField, key_ + ": \"" + word + "\" " + what,
            "allowed: iptables: [!] -s, -d, -i, -o, -p, --dport, --dports, --src-range, --dst-range, --mark, "
            "--dst-type LOCAL, --ctstate NEW, --comment; nft: ip saddr, ip daddr, iifname, oifname, meta l4proto, "
            "tcp dport, with or without !="};
  }
  [[nodiscard]] cni::Error bad(const std::string& word, const std::string& allowed) const {
    return {cni::kBadConfiguration,
            "failed to load netconf: " + key_ + ": bad value \"" + word + "\"; allowed: " + allowed};
  }

 private:
  std::string key_;
  net::Family family_;
  std::vector<std::string> words_;
  std::vector<std::size_t> ends_;  // the number of words up to the end of each token
  std::size_t at_ = 0;
};

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    parts.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// "10.0.0.1", "10.0.0.0/8", and with `accepts_mask` "10.0.0.0/255.0.0.0".
std::optional<net::Prefix> read_prefix(const std::string& text, bool accepts_mask) {
  if (const auto address = net::Address::parse(text)) return net::Prefix::host(*address);
  const std::size_t slash = text.find('/');
  const auto mask = slash == std::string::npos ? std::nullopt : net::Address::parse(text.substr(slash + 1));
  if (!mask || !accepts_mask) return net::Prefix::parse(text);
  const auto address = net::Address::parse(text.substr(0, slash));
  if (!address || address->family() != mask->family()) return std::nullopt;
  const auto longest = static_cast<std::uint8_t>(net::bits(mask->family()));
  for (std::uint8_t length = 0; length <= longest; ++length) {
    const net::Prefix all_ones{net::Prefix::any(mask->family()).last(), length};
    if (all_ones.first() == *mask) return net::Prefix{*address, length};
  }
  return std::nullopt;
}

net::Prefix parse_prefix(const Words& words, const std::string& word, bool accepts_mask) {
  const auto prefix = read_prefix(word, accepts_mask);
  if (!prefix || prefix->family() != words.family()) {
    throw words.bad(word, words.family() == net::Family::v4 ? "one IPv4 address or network like 10.0.0.0/8"
                                                            : "one IPv6 address or network like fd00::/8");
  }
  return prefix->network();
}

net::Prefix parse_one_prefix(Words& words) {
  const std::string word = words.next();
  if (word.find_first_of(",{") != std::string::npos) throw words.unsupported(word);  // lists and sets
  return parse_prefix(words, word, false);
}

// iptables adds a rule for each address; it rejects a list with "!".
std::vector<ruleset::Condition> parse_prefixes(Words& words, const ruleset::Condition& condition) {
  const std::string word = words.next();
  std::vector<ruleset::Condition> one_of;
  for (const std::string& part : split(word)) {
    one_of.push_back(condition);
    one_of.back().value = parse_prefix(words, part, true);
  }
  if (condition.is_negated && one_of.size() > 1) throw words.unsupported(word);
  return one_of;
}

ruleset::AddressRange parse_range(Words& words) {
  const std::string word = words.next();
  const std::size_t dash = word.find('-');
  const auto first = net::Address::parse(word.substr(0, dash));
  const auto last = dash == std::string::npos ? first : net::Address::parse(word.substr(dash + 1));
  if (!first || !last || first->family() != words.family() || last->family() != words.family() || *last < *first) {
    throw words.bad(word, "two addresses in ascending order, like 10.0.0.1-10.0.0.9");
  }
  return {*first, *last};
}

// Decimal, or hexadecimal with 0x.
std::uint32_t parse_number(const Words& words, const std::string& word, std::string_view text) {
  constexpr int kHexadecimal = 16;
  constexpr int kDecimal = 10;
  const bool is_hexadecimal = text.starts_with("0x");
  if (is_hexadecimal) text.remove_prefix(2);
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number, is_hexadecimal ? kHexadecimal : kDecimal);
  if (parsed.ec != std::errc{} || parsed.ptr != end) throw words.bad(word, "VALUE or VALUE/MASK, 32-bit numbers");
  return number;
}

ruleset::MaskedMark parse_mark(Words& words) {
  const std::string word = words.next();
  const std::size_t slash = std::min(word.find('/'), word.size());
  ruleset::MaskedMark mark{parse_number(words, word, std::string_view(word).substr(0, slash))};
  if (slash < word.size()) mark.mask = parse_number(words, word, std::string_view(word).substr(slash + 1));
  return mark;
}

// `any_end`: the syntax's character for any suffix.
std::string parse_link(Words& words, char any_end) {
  std::string word = words.next();
  std::string name = word;
  if (name.size() > 1 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
  const bool is_beginning = name.ends_with(any_end);
  if (is_beginning) name.pop_back();
  const bool has_quote = name.find_first_of("\"\\*") != std::string::npos;
  if (has_quote || !net::IfName::flaw(name).empty()) {
    throw words.bad(word, std::string("an interface name of 1 to 15 bytes, or its beginning followed by ") + any_end);
  }
  return is_beginning ? name + "*" : name;
}

std::uint16_t parse_port(const Words& words, const std::string& text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) throw words.bad(text, "a port from 0 to 65535");
  return port;
}

// `is_list`: several ranges, separated by commas.
void parse_ports(Words& words, char separator, PortTest& test, bool is_list = false) {
  const std::string word = words.next();
  test.ranges.clear();
  for (const std::string& part : is_list ? split(word) : std::vector{word}) {
    const std::size_t middle = part.find(separator);
    const std::uint16_t first = parse_port(words, part.substr(0, middle));
    const std::uint16_t last = middle == std::string::npos ? first : parse_port(words, part.substr(middle + 1));
    if (first > last) throw words.bad(word, "a range of ports in ascending order");
    test.ranges.emplace_back(first, last);
  }
}

void parse_protocol(Words& words, PortTest& test) {
  const std::string word = words.next();
  test.protocol = protocol_named(word);
  if (!test.protocol) throw words.bad(word, "tcp, udp, sctp");
}

std::optional<ruleset::Subject> subject_of_option(std::string_view option) {
  const auto is = [option](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), option) != names.end();
  };
  if (is({"-s", "--source", "--src"})) return ruleset::Subject::source;
  if (is({"-d", "--destination", "--dst"})) return ruleset::Subject::destination;
  if (is({"-i", "--in-interface"})) return ruleset::Subject::input;
  if (is({"-o", "--out-interface"})) return ruleset::Subject::output;
  return std::nullopt;
}

bool is_link(ruleset::Subject subject) {
  return subject == ruleset::Subject::input || subject == ruleset::Subject::output;
}

// Accepts a condition that is always true; rejects all others.
void parse_always_true(Words& words, const std::string& option, bool is_negated) {
  const std::string word = words.next();
  const std::vector<std::string> states = split(word);
  const bool has_new = std::find(states.begin(), states.end(), "NEW") != states.end();
  const bool is_state = option == "--ctstate" || option == "--state";
  const bool is_true = is_state ? has_new != is_negated : option == "--dst-type" && word == "LOCAL" && !is_negated;
  if (!is_true) throw words.unsupported(option + " " + word);
}

void parse_module(Words& words) {
  constexpr std::array<std::string_view, 10> kModules{"tcp",      "udp",  "sctp",      "multiport", "comment",
                                                      "addrtype", "mark", "conntrack", "state",     "iprange"};
  const std::string module = words.next();
  if (std::find(kModules.begin(), kModules.end(), module) == kModules.end()) throw words.unsupported("-m " + module);
}

// The options of modules, and conditions on ports and protocols.
void parse_other_option(Words& words, const std::string& option, bool is_negated, ParsedConditions& to) {
  PortTest test;
  test.is_negated = is_negated;
  if (!is_negated && (option == "-m" || option == "--match")) return parse_module(words);
  if (!is_negated && option == "--comment") return words.skip_token();
  if (option == "--mark") return to.require({{ruleset::Subject::mark, is_negated, parse_mark(words)}});
  if (option == "--src-range") return to.require({{ruleset::Subject::source, is_negated, parse_range(words)}});
  if (option == "--dst-range") return to.require({{ruleset::Subject::destination, is_negated, parse_range(words)}});
  if (option == "-p" || option == "--protocol" || option == "--proto") {
    parse_protocol(words, test);
  } else if (option == "--dport" || option == "--destination-port") {
    parse_ports(words, ':', test);
  } else if (option == "--dports" || option == "--destination-ports") {
    parse_ports(words, ':', test, true);
  } else if (option == "--dst-type" || option == "--ctstate" || option == "--state") {
    return parse_always_true(words, option, is_negated);
  } else {
    throw words.unsupported(option);
  }
  to.ports.push_back(test);
}

void parse_option(Words& words, ParsedConditions& to) {
  const bool is_negated = words.skip("!");
  const std::string option = words.next();
  const auto subject = subject_of_option(option);
  if (!subject) return parse_other_option(words, option, is_negated, to);
  ruleset::Condition condition{*subject, is_negated, {}};
  if (!is_link(*subject)) return to.require(parse_prefixes(words, condition));
  condition.value = parse_link(words, '+');
  to.require({condition});
}

bool parse_operator(Words& words) {
  if (words.skip("==") || words.skip("eq")) return false;
  return words.skip("!=") || words.skip("ne");
}

// "ip saddr", "ip6 daddr", "ip protocol". `word` is the first word.
void parse_network_header(Words& words, const std::string& word, ParsedConditions& to) {
  const std::string field = words.next();
  if (word != (words.family() == net::Family::v4 ? "ip" : "ip6")) throw words.unsupported(word + " " + field);
  if (field == "protocol" || field == "nexthdr") {
    PortTest test;
    test.is_negated = parse_operator(words);
    parse_protocol(words, test);
    to.ports.push_back(test);
    return;
  }
  if (field != "saddr" && field != "daddr") throw words.unsupported(word + " " + field);
  const bool is_negated = parse_operator(words);
  to.require({{field == "saddr" ? ruleset::Subject::source : ruleset::Subject::destination, is_negated,
               parse_one_prefix(words)}});
}

// "tcp dport", "th dport". `word` is the protocol.
void parse_transport_header(Words& words, const std::string& word, ParsedConditions& to) {
  const std::string field = words.next();
  if (field != "dport") throw words.unsupported(word + " " + field);
  PortTest test;
  test.is_negated = parse_operator(words);
  parse_ports(words, '-', test);
  to.ports.push_back(test);
  if (word != "th") to.ports.push_back({protocol_named(word)});
}

void parse_expression(Words& words, ParsedConditions& to) {
  std::string word = words.next();
  if (word == "ip" || word == "ip6") return parse_network_header(words, word, to);
  if (word == "th" || word == "tcp" || word == "udp" || word == "sctp") return parse_transport_header(words, word, to);
  if (word == "meta") word = words.next();
  const bool is_negated = parse_operator(words);
  if (word == "iifname" || word == "oifname") {
    to.require(
        {{word == "iifname" ? ruleset::Subject::input : ruleset::Subject::output, is_negated, parse_link(words, '*')}});
  } else if (word == "l4proto") {
    PortTest test;
    test.is_negated = is_negated;
    parse_protocol(words, test);
    to.ports.push_back(test);
  } else {
    throw words.unsupported(word);
  }
}

}  // namespace

bool PortTest::matches(nft::Protocol of, std::uint16_t port) const {
  const bool has_port = std::any_of(ranges.begin(), ranges.end(),
                                    [port](const auto& range) { return range.first <= port && port <= range.second; });
  return ((!protocol || *protocol == of) && has_port) != is_negated;
}

void ParsedConditions::require(const List& one_of) {
  std::vector<List> longer;
  for (const List& list : packet) {
    for (const ruleset::Condition& condition : one_of) {
      longer.push_back(list);
      longer.back().push_back(condition);
    }
  }
  packet = std::move(longer);
}

bool ParsedConditions::admits(nft::Protocol protocol, std::uint16_t host_port) const {
  return std::all_of(ports.begin(), ports.end(),
                     [&](const PortTest& test) { return test.matches(protocol, host_port); });
}

ParsedConditions parse_conditions(const std::string& key, net::Family family, const std::vector<std::string>& tokens) {
  Words words(key, family, tokens);
  ParsedConditions result;
  while (!words.is_at_end()) {
    if (words.is_iptables())
      parse_option(words, result);
    else
      parse_expression(words, result);
    constexpr std::size_t kMostLists = 64;  // each list needs a map and a rule
    if (result.packet.size() > kMostLists) {
      throw words.bad(cni::shortened(words.text(), 100), "at most 64 combinations of addresses");
    }
  }
  for (const ParsedConditions::List& list : result.packet) {
    const std::string text = ruleset::Conditions{family, list}.text();
    if (text.size() > ruleset::Conditions::kLongestText) {
      throw words.bad(text, "at most 127 bytes in this form");
    }
  }
  return result;
}

}  // namespace portmap
