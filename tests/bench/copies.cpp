// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/copies.h"

#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "lib/net/owner.h"

namespace bench {
namespace {

// Replaces all occurrences.
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string host_end(const std::string& id) { return net::Owner{"n", id, "eth0"}.host_end().text(); }

// Rewrites the text for another attachment: Footbridge's comments and links, and both backends of the reference.
std::string rewritten(std::string text, const Attachment& model, const Attachment& copy) {
  text = replaced(text, model.address, copy.address);
  for (std::size_t i = 0; i < model.host_ports.size(); ++i) {
    text = replaced(text, std::to_string(model.host_ports[i]), std::to_string(copy.host_ports.at(i)));
  }
  for (const char* around : {"n/{}/eth0", "id: {}\"", "id: \\\"{}\\\"", "comment \"{}\""}) {
    text = replaced(text, fmt::format(fmt::runtime(around), model.id), fmt::format(fmt::runtime(around), copy.id));
  }
  return replaced(text, host_end(model.id), host_end(copy.id));
}

void feed(const test::Host& host, const std::vector<std::string>& command, const std::string& input) {
  const auto output = host.try_run({}, command, input);
  if (output.exit_code != 0) throw std::runtime_error(command.front() + ": " + output.err.substr(0, 500));
}

// "add rule FAMILY TABLE CHAIN RULE" for each rule that contains the address.
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

// "add element inet footbridge SET { KEY }" for each element of the attachment.
std::vector<std::string> nft_elements(const std::string& listing, const std::string& id) {
  std::istringstream lines(listing);
  std::string set;
  std::vector<std::string> elements;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    if (first == "set" || first == "map") words >> set;
    if (line.find("n/" + id + "/eth0") == std::string::npos) continue;
    std::string element = replaced(replaced(line, "elements = {", ""), "}", "");
    while (element.ends_with(" ") || element.ends_with(",")) element.pop_back();
    elements.push_back("add element inet footbridge " + set + " { " + element + " }");
  }
  return elements;
}

void copy_nft(const test::Host& host, const std::vector<std::string>& of_model, const Attachment& model,
              const std::vector<Attachment>& copies) {
  std::string batch;
  for (const Attachment& copy : copies) {
    for (const std::string& line : of_model) batch += rewritten(line, model, copy) + "\n";
  }
  feed(host, {"nft", "-f", "-"}, batch);
}

// Copies all lines of the model's chains, whose names contain a hash.
void copy_iptables(const test::Host& host, const Attachment& model, const std::vector<Attachment>& copies) {
  const std::string saved = host.run({"iptables-save", "-t", "nat"});
  const std::string mark = ":CNI-DN-";
  constexpr std::size_t kDigits = 21;
  constexpr std::size_t kNumber = 4;  // the hash's last digits are replaced with the copy's number
  const std::string hash = saved.substr(saved.find(mark) + mark.size(), kDigits);
  std::string chains;
  std::string rules;
  std::istringstream lines(saved);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(hash) != std::string::npos) (line.starts_with(":") ? chains : rules) += line + "\n";
  }
  std::string batch;
  for (const std::string& part : {chains, rules}) {
    for (std::size_t i = 0; i < copies.size(); ++i) {
      const std::string other = hash.substr(0, kDigits - kNumber) + fmt::format("{:04x}", i);
      batch += replaced(rewritten(part, model, copies[i]), hash, other);
    }
  }
  feed(host, {"iptables-restore", "--noflush"}, "*nat\n" + batch + "COMMIT\n");
}

}  // namespace

void copy_rules(const test::Host& host, const std::string& backend, const Attachment& model,
                const std::vector<Attachment>& copies) {
  if (copies.empty()) return;
  if (backend == "iptables") return copy_iptables(host, model, copies);
  const std::string listing = host.run({"nft", "list", "ruleset"});
  copy_nft(host, backend.empty() ? nft_elements(listing, model.id) : nft_rules(listing, model.address), model, copies);
}

}  // namespace bench
