#include "tests/bench/fill.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "lib/net/owner.h"
#include "tests/bench/chain.h"

namespace bench {
namespace {

// All occurrences.
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

const Scene kOnePort;

std::string host_end(const std::string& id) { return net::Owner{"n", id, "eth0"}.host_end().text(); }

// A host's attachment 0, which the others are made after.
struct Template {
  std::string address;  // without its length
  int first = 0;        // the number of the first other
  int count = 0;
};

std::string made_up_address(int place) { return fmt::format("10.1.{}.{}", 100 + place / 200, place % 200); }

// What is said of attachment 0, of another. Footbridge's comments and links, both backends of the reference.
std::string of_another(std::string text, const Template& first, int place) {
  const std::string old_id = container_id(0);
  const std::string id = container_id(first.first + place);
  text = replaced(text, first.address, made_up_address(place));
  text =
      replaced(text, std::to_string(host_port(kOnePort, 0)), std::to_string(host_port(kOnePort, first.first + place)));
  for (const char* around : {"n/{}/eth0", "id: {}\"", "id: \\\"{}\\\"", "comment \"{}\""}) {
    text = replaced(text, fmt::format(fmt::runtime(around), old_id), fmt::format(fmt::runtime(around), id));
  }
  return replaced(text, host_end(old_id), host_end(id));
}

void feed(const test::Host& host, const std::vector<std::string>& command, const std::string& input) {
  const auto output = host.try_run({}, command, input);
  if (output.exit_code != 0) throw std::runtime_error(command.front() + ": " + output.err.substr(0, 500));
}

// "add rule FAMILY TABLE CHAIN RULE" for every rule that knows the address.
std::vector<std::string> nft_rules(const std::string& listing, const std::string& address) {
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
    if (line.find(address) != std::string::npos) rules.push_back("add rule " + table + " " + chain + " " + line);
  }
  return rules;
}

// "add element inet footbridge SET { KEY }" for every element of attachment 0's.
std::vector<std::string> nft_elements(const std::string& listing) {
  std::istringstream lines(listing);
  std::string set;
  std::vector<std::string> elements;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    if (first == "set" || first == "map") words >> set;
    if (line.find("n/c0/eth0") == std::string::npos) continue;
    std::string element = replaced(replaced(line, "elements = {", ""), "}", "");
    while (element.ends_with(" ") || element.ends_with(",")) element.pop_back();
    elements.push_back("add element inet footbridge " + set + " { " + element + " }");
  }
  return elements;
}

void fill_nft(const test::Host& host, const std::vector<std::string>& of_first, const Template& first) {
  std::string batch;
  for (int i = 0; i < first.count; ++i) {
    for (const std::string& line : of_first) batch += of_another(line, first, i) + "\n";
  }
  feed(host, {"nft", "-f", "-"}, batch);
}

// Every line of attachment 0's chains, which are called after a hash.
void fill_iptables(const test::Host& host, const Template& first) {
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
    for (int i = 0; i < first.count; ++i) {
      batch += replaced(of_another(part, first, i), hash, hash.substr(0, kDigits - kNumber) + fmt::format("{:04x}", i));
    }
  }
  feed(host, {"iptables-restore", "--noflush"}, "*nat\n" + batch + "COMMIT\n");
}

void fill_store(const Template& first) {
  for (int i = 0; i < first.count; ++i) {
    std::ofstream file(std::string(kStore) + "/" + made_up_address(i));
    file << container_id(first.first + i) << "\r\neth0";
    if (!file.flush()) throw std::runtime_error("cannot fill the store");
  }
}

}  // namespace

void fill(const test::Host& host, const Side& side, const std::string& address, int first, int count) {
  if (count <= 0) return;
  const Template made{address.substr(0, address.find('/')), first, count};
  fill_store(made);
  if (side.backend == "iptables") return fill_iptables(host, made);
  const std::string listing = host.run({"nft", "list", "ruleset"});
  fill_nft(host, side.backend.empty() ? nft_elements(listing) : nft_rules(listing, made.address), made);
}

}  // namespace bench
