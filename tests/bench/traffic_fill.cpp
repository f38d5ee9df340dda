#include "tests/bench/traffic_fill.h"

#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "lib/net/owner.h"

namespace traffic {
namespace {

// All occurrences.
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string host_end(const std::string& id) { return net::Owner{"n", id, "eth0"}.host_end().text(); }

// What is said of c0, of c<i>. Footbridge's comments and links, both backends of the reference.
std::string of_another(std::string text, int i) {
  const std::string id = "c" + std::to_string(i);
  text = replaced(text, kFirstAddress, filled_address(i));
  for (int which = 0; which < kPorts; ++which) {
    text = replaced(text, std::to_string(host_port(0, which)), std::to_string(host_port(i, which)));
  }
  for (const char* around : {"n/{}/eth0", "id: {}\"", "id: \\\"{}\\\"", "comment \"{}\""}) {
    text = replaced(text, fmt::format(fmt::runtime(around), kFirstId), fmt::format(fmt::runtime(around), id));
  }
  return replaced(text, host_end(kFirstId), host_end(id));
}

void feed(const test::Host& host, const std::vector<std::string>& command, const std::string& input) {
  const auto output = host.try_run({}, command, input);
  if (output.exit_code != 0) throw std::runtime_error(command.front() + ": " + output.err.substr(0, 500));
}

// "add rule FAMILY TABLE CHAIN RULE" for every rule that knows c0's address.
std::vector<std::string> nft_rules(const std::string& listing) {
  std::istringstream lines(listing);
  std::string table;
  std::string chain;
  std::vector<std::string> rules;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first;
    std::string second;
    std::string third;
    words >> first >> second >> third;
    if (first == "table") table = second + " " + third;
    if (first == "chain") chain = second;
    if (line.find(kFirstAddress) != std::string::npos) rules.push_back("add rule " + table + " " + chain + " " + line);
  }
  return rules;
}

// "add element inet footbridge SET { KEY }" for every element of c0's.
std::vector<std::string> nft_elements(const std::string& listing) {
  std::istringstream lines(listing);
  std::string set;
  std::vector<std::string> elements;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    if (first == "set" || first == "map") words >> set;
    if (line.find(std::string("n/") + kFirstId + "/eth0") == std::string::npos) continue;
    std::string element = replaced(replaced(line, "elements = {", ""), "}", "");
    while (element.ends_with(" ") || element.ends_with(",")) element.pop_back();
    elements.push_back("add element inet footbridge " + set + " { " + element + " }");
  }
  return elements;
}

void fill_nft(const test::Host& host, const std::vector<std::string>& of_first, int count) {
  std::string batch;
  for (int i = 1; i <= count; ++i) {
    for (const std::string& line : of_first) batch += of_another(line, i) + "\n";
  }
  feed(host, {"nft", "-f", "-"}, batch);
}

// Every line of c0's chains, which are called after a hash.
void fill_iptables(const test::Host& host, int count) {
  const std::string saved = host.run({"iptables-save", "-t", "nat"});
  const std::string mark = ":CNI-DN-";
  constexpr std::size_t kDigits = 21;
  constexpr std::size_t kNumber = 4;  // its last digits become the number
  const std::string hash = saved.substr(saved.find(mark) + mark.size(), kDigits);
  std::string chains;
  std::string rules;
  std::istringstream lines(saved);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(hash) != std::string::npos) (line.starts_with(":") ? chains : rules) += line + "\n";
  }
  std::string batch;
  for (const std::string& part : {chains, rules}) {
    for (int i = 1; i <= count; ++i) {
      batch += replaced(of_another(part, i), hash, hash.substr(0, kDigits - kNumber) + fmt::format("{:04x}", i));
    }
  }
  feed(host, {"iptables-restore", "--noflush"}, "*nat\n" + batch + "COMMIT\n");
}

}  // namespace

std::string filled_address(int container) { return fmt::format("10.1.{}.{}", 100 + container / 200, container % 200); }

void fill(const test::Host& host, const Side& side, int count) {
  if (count <= 0) return;
  if (side.backend == "iptables") return fill_iptables(host, count);
  const std::string listing = host.run({"nft", "list", "ruleset"});
  fill_nft(host, side.backend.empty() ? nft_elements(listing) : nft_rules(listing), count);
}

}  // namespace traffic
