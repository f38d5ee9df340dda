// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/facts.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

namespace faults {
namespace {

namespace fs = std::filesystem;

struct Excluded {
  const char* part;  // of a path
  const char* why;
};

constexpr std::array kExcludedFiles{
    Excluded{"/lock", "the store's lock file stays"},
    Excluded{"/last_reserved_ip.", "the start of the next search: a hint, which stays"},
    Excluded{"/run/footbridge", "the store's index: a cache, rebuilt if it differs from the files"},
    Excluded{"/run/netns", "the namespaces of the containers"},
    Excluded{"/run/layer", "the overlay for an empty /var/lib/cni (tests/netns/host.cpp)"},
    Excluded{"/run/xtables.lock", "the lock of iptables, which the reference runs"},
};

bool is_excluded(const std::string& path) {
  return std::any_of(kExcludedFiles.begin(), kExcludedFiles.end(),
                     [&](const Excluded& one) { return path.find(one.part) != std::string::npos; });
}

// The link in a backup of tuning: it differs for each ADD.
constexpr std::string_view kLinkOfBackup = ", \"netns\": ";

std::string content_of(const fs::path& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  std::string text = content.str();
  std::replace(text.begin(), text.end(), '\r', '|');
  std::replace(text.begin(), text.end(), '\n', '|');
  return text.substr(0, text.find(kLinkOfBackup));
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream words(line);
  return {std::istream_iterator<std::string>(words), {}};
}

std::vector<std::string> values_of(const std::string& word) {
  std::istringstream values(word);
  std::vector<std::string> result;
  for (std::string value; std::getline(values, value, ',');) result.push_back(value);
  return result;
}

// The indices and values that differ between two lists.
std::string word_change(const std::string& before, const std::string& after) {
  const std::vector<std::string> old_values = values_of(before);
  const std::vector<std::string> new_values = values_of(after);
  if (old_values.size() != new_values.size() || old_values.size() == 1) return before + "->" + after;
  std::string text = after.substr(0, after.find('='));
  for (std::size_t i = 0; i < old_values.size(); ++i) {
    if (old_values[i] != new_values[i])
      text += "[" + std::to_string(i + 1) + "]:" + old_values[i] + "->" + new_values[i];
  }
  return text;
}

// The words that differ between two lines about one object.
std::string change_of(const std::string& before, const std::string& after) {
  const std::vector<std::string> old_words = words_of(before);
  const std::vector<std::string> new_words = words_of(after);
  constexpr std::size_t kName = 3;
  std::string text = "~";
  for (std::size_t i = 0; i < kName && i < new_words.size(); ++i) text += " " + new_words[i];
  for (std::size_t i = 0; i < std::max(old_words.size(), new_words.size()); ++i) {
    const std::string old_word = i < old_words.size() ? old_words[i] : "";
    const std::string new_word = i < new_words.size() ? new_words[i] : "";
    if (old_word != new_word) text += " " + word_change(old_word, new_word);
  }
  return text;
}

bool are_about_one_link(const std::string& one, const std::string& other) {
  const std::vector<std::string> words = words_of(one);
  return one.starts_with("link ") && words.size() > 2 && other.starts_with("link " + words[1] + " " + words[2] + " ");
}

Facts without(const Facts& some, const Facts& others) {
  Facts result;
  std::set_difference(some.begin(), some.end(), others.begin(), others.end(), std::inserter(result, result.end()));
  return result;
}

}  // namespace

void observe_files(const std::string& folder, Facts& facts) {
  std::error_code absent;
  auto entry = fs::recursive_directory_iterator(folder, absent);
  for (; entry != fs::recursive_directory_iterator(); entry.increment(absent)) {
    const std::string path = entry->path().string();
    if (is_excluded(path)) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file(absent)) {
      facts.insert("file " + path + " " + content_of(path));
    } else {
      facts.insert((entry->is_directory(absent) ? "folder " : "special ") + path);
    }
  }
}

void observe_forwarding(Facts& facts) {
  for (const char* setting : {"ipv4/ip_forward", "ipv6/conf/all/forwarding"}) {
    facts.insert(std::string("sysctl ") + setting + " " + content_of(std::string("/proc/sys/net/") + setting));
  }
}

Facts without_link_settings(const Facts& facts) {
  Facts result;
  for (const std::string& fact : facts) {
    result.insert(fact.starts_with("link ") ? fact.substr(0, fact.find(" inet=")) : fact);
  }
  return result;
}

std::string difference(const Facts& before, const Facts& after) {
  Facts gone = without(before, after);
  Facts come = without(after, before);
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
  for (auto old = gone.begin(); old != gone.end();) {
    const auto same =
        std::find_if(come.begin(), come.end(), [&](const std::string& fact) { return are_about_one_link(*old, fact); });
    add(same == come.end() ? "- " + *old : change_of(*old, *same));
    if (same != come.end()) come.erase(same);
    old = gone.erase(old);
  }
  for (const std::string& fact : come) add("+ " + fact);
  return text;
}

bool is_part(const Facts& part, const Facts& all) {
  return std::includes(all.begin(), all.end(), part.begin(), part.end());
}

}  // namespace faults
