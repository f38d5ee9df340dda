#include "plugins/portmap/conditions.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "lib/cni/error.h"
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

// The words of a list, one after the other; every complaint names the key and the word.
class Words {
 public:
  Words(std::string key, net::Family family, const std::vector<std::string>& tokens)
      : key_(std::move(key)), family_(family) {
    for (const std::string& token : tokens) {  // one may hold several, as the reference joins them with spaces
      for (const std::string_view word : net::words(token)) words_.emplace_back(word);
    }
  }

  [[nodiscard]] net::Family family() const { return family_; }
  [[nodiscard]] bool is_at_end() const { return at_ == words_.size(); }
  [[nodiscard]] bool is_iptables() const {
    return !words_.empty() && (words_[0].starts_with('-') || words_[0].starts_with('!'));
  }
  [[nodiscard]] std::string next() {
    if (is_at_end()) throw unknown("the end of the list");
    return words_[at_++];
  }
  bool skip(std::string_view word) {
    const bool is_next = !is_at_end() && words_[at_] == word;
    if (is_next) ++at_;
    return is_next;
  }

  [[nodiscard]] cni::Error unknown(const std::string& word) const {
    return {cni::kUnsupportedField, key_ + ": \"" + word + "\" cannot be translated",
            "understood: [!] -s, -d, -i, -o, -p, --dport of iptables, and ip saddr, ip daddr, iifname, oifname, meta "
            "l4proto, "
            "tcp dport of nft, with != or without"};
  }
  [[nodiscard]] cni::Error bad(const std::string& word, const std::string& allowed) const {
    return {cni::kBadConfiguration,
            "failed to load netconf: " + key_ + ": bad value \"" + word + "\"; allowed: " + allowed};
  }

 private:
  std::string key_;
  net::Family family_;
  std::vector<std::string> words_;
  std::size_t at_ = 0;
};

net::Prefix parse_prefix(Words& words) {
  const std::string word = words.next();
  if (word.find_first_of(",{") != std::string::npos) throw words.unknown(word);  // lists and sets
  auto prefix = net::Prefix::parse(word);
  if (!prefix) {
    if (const auto address = net::Address::parse(word)) prefix = net::Prefix::host(*address);
  }
  if (!prefix || prefix->family() != words.family()) {
    throw words.bad(word, words.family() == net::Family::v4 ? "one IPv4 address or network like 10.0.0.0/8"
                                                            : "one IPv6 address or network like fd00::/8");
  }
  return prefix->network();
}

// `any_end`: how the spelling writes it.
std::string parse_link(Words& words, char any_end) {
  std::string word = words.next();
  std::string name = word;
  if (name.size() > 1 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
  const bool is_beginning = name.ends_with(any_end);
  if (is_beginning) name.pop_back();
  const bool has_quote = name.find_first_of("\"\\*") != std::string::npos;
  if (has_quote || !net::IfName::flaw(name).empty()) {
    throw words.bad(word, std::string("the name of a link, 1 to 15 bytes, or its beginning and ") + any_end);
  }
  return is_beginning ? name + "*" : name;
}

std::uint16_t parse_port(const Words& words, const std::string& text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) throw words.bad(text, "a port from 0 to 65535");
  return port;
}

void parse_ports(Words& words, char separator, PortTest& test) {
  const std::string word = words.next();
  const std::size_t middle = word.find(separator);
  test.first = parse_port(words, word.substr(0, middle));
  test.last = middle == std::string::npos ? test.first : parse_port(words, word.substr(middle + 1));
  if (test.first > test.last) throw words.bad(word, "a range of ports, the lower one first");
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

void parse_option(Words& words, ParsedConditions& to) {
  const bool is_negated = words.skip("!");
  const std::string option = words.next();
  if (const auto subject = subject_of_option(option)) {
    ruleset::Condition condition{*subject, is_negated, {}};
    if (is_link(*subject)) condition.value = parse_link(words, '+');
    if (!is_link(*subject)) condition.value = parse_prefix(words);
    to.packet.push_back(std::move(condition));
    return;
  }
  PortTest test;
  test.is_negated = is_negated;
  if (option == "-p" || option == "--protocol" || option == "--proto") {
    parse_protocol(words, test);
  } else if (option == "--dport" || option == "--destination-port") {
    parse_ports(words, ':', test);
  } else {
    throw words.unknown(option);
  }
  to.ports.push_back(test);
}

bool parse_operator(Words& words) {
  if (words.skip("==") || words.skip("eq")) return false;
  return words.skip("!=") || words.skip("ne");
}

// "ip saddr", "ip6 daddr", "ip protocol": `word` is the first.
void parse_network_header(Words& words, const std::string& word, ParsedConditions& to) {
  const std::string field = words.next();
  if (word != (words.family() == net::Family::v4 ? "ip" : "ip6")) throw words.unknown(word + " " + field);
  if (field == "protocol" || field == "nexthdr") {
    PortTest test;
    test.is_negated = parse_operator(words);
    parse_protocol(words, test);
    to.ports.push_back(test);
    return;
  }
  if (field != "saddr" && field != "daddr") throw words.unknown(word + " " + field);
  const bool is_negated = parse_operator(words);
  to.packet.push_back(
      {field == "saddr" ? ruleset::Subject::source : ruleset::Subject::destination, is_negated, parse_prefix(words)});
}

// "tcp dport", "th dport": of the protocol that it names.
void parse_transport_header(Words& words, const std::string& word, ParsedConditions& to) {
  const std::string field = words.next();
  if (field != "dport") throw words.unknown(word + " " + field);
  PortTest test;
  test.is_negated = parse_operator(words);
  parse_ports(words, '-', test);
  to.ports.push_back(test);
  if (word != "th") to.ports.push_back({protocol_named(word), 0, 65535, false});
}

void parse_expression(Words& words, ParsedConditions& to) {
  std::string word = words.next();
  if (word == "ip" || word == "ip6") return parse_network_header(words, word, to);
  if (word == "th" || word == "tcp" || word == "udp" || word == "sctp") return parse_transport_header(words, word, to);
  if (word == "meta") word = words.next();
  const bool is_negated = parse_operator(words);
  if (word == "iifname" || word == "oifname") {
    to.packet.push_back(
        {word == "iifname" ? ruleset::Subject::input : ruleset::Subject::output, is_negated, parse_link(words, '*')});
  } else if (word == "l4proto") {
    PortTest test;
    test.is_negated = is_negated;
    parse_protocol(words, test);
    to.ports.push_back(test);
  } else {
    throw words.unknown(word);
  }
}

}  // namespace

bool PortTest::passes(nft::Protocol of, std::uint16_t port) const {
  const bool matches = (!protocol || *protocol == of) && first <= port && port <= last;
  return matches != is_negated;
}

bool ParsedConditions::admits(nft::Protocol protocol, std::uint16_t host_port) const {
  return std::all_of(ports.begin(), ports.end(),
                     [&](const PortTest& test) { return test.passes(protocol, host_port); });
}

ParsedConditions parse_conditions(const std::string& key, net::Family family, const std::vector<std::string>& tokens) {
  Words words(key, family, tokens);
  ParsedConditions result;
  while (!words.is_at_end()) {
    if (words.is_iptables())
      parse_option(words, result);
    else
      parse_expression(words, result);
  }
  const std::string text = ruleset::Conditions{family, result.packet}.text();
  if (text.size() > ruleset::Conditions::kLongestText) {
    throw words.bad(text, "conditions of 127 bytes at most, written this way");
  }
  return result;
}

}  // namespace portmap
