// What there is to tell of one call, and the line that tells it. Whatever bytes the strings hold, a line is valid JSON in
// UTF-8 without a line break in it. Of the environment it holds TRACEPARENT alone, and nothing of stdin but names: CNI_ARGS
// and configurations may hold secrets.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/log/level.h"

namespace logging {

struct Failure {
  std::uint32_t code = 0;  // of the error object
  std::string msg;
  std::string details;
};

// The first 200 of what came, and how many came after them: a line must not grow without bound.
template <class Entry>
class Bounded {
 public:
  void add(Entry entry) {
    constexpr std::size_t kMost = 200;
    if (entries_.size() < kMost) {
      entries_.push_back(std::move(entry));
    } else {
      ++left_out_;
    }
  }
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] std::size_t left_out() const { return left_out_; }

 private:
  std::vector<Entry> entries_;
  std::size_t left_out_ = 0;
};

struct Record {
  struct Note {
    Level level = Level::info;
    std::string text;
  };
  using Duration = std::chrono::steady_clock::duration;

  std::chrono::system_clock::time_point time;  // of the line, which is the call's end
  std::string plugin;
  std::string verb;
  std::string owner;  // "network/containerID/ifname"; of STATUS and GC the network; "" when nothing is known
  std::string netns;  // CNI_NETNS
  pid_t pid = 0;
  Bounded<std::string> done;                             // what did() was told
  std::vector<std::pair<std::string, Duration>> stages;  // in the order of their first appearance
  Duration total{};
  Bounded<Note> notes;
  std::string traceparent;  // TRACEPARENT as it is (W3C, "Trace Context": traceparent header)
  std::optional<Failure> failure;
  Level usual = Level::info;  // the line's level when there is nothing to complain of

  void add_time(std::string_view stage, Duration duration);

  // error after a failure, warn after a warning, otherwise the usual one.
  [[nodiscard]] Level level() const;
};

// {"time": ..., "level": ..., "plugin": ..., "verb": ..., ...}, for a file.
std::string json(const Record& record);

// The same for people, for stderr: the first five bare, the others as key=JSON.
std::string text(const Record& record);

}  // namespace logging
