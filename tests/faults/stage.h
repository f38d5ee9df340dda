// SPDX-License-Identifier: Apache-2.0
// The host for the points of one scene, and its expected states.
//
// c0 is attached all the time, except in the scene "first"; no point may change it. Faults are injected into the calls
// of c1. c2 is attached for a moment after a kill, to test that others still work. The store's hint is reset before
// each ADD of c1, so its address is always the same.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/faults/facts.h"
#include "tests/faults/runner.h"
#include "tests/faults/scene.h"

namespace faults {

// A container's attachment.
struct Attachment {
  std::string id;
  int host_port = 0;
  std::vector<Json> results;  // of the plugins whose ADD succeeded, in order
  bool is_known = false;      // the runtime has a result: ADD of the whole chain succeeded
};

// The states and results without an injection.
struct Usual {
  std::vector<Facts> added;      // [i]: after ADD of the first i plugins for c1
  std::vector<Facts> deleted;    // [i]: after DEL of all plugins except the first i
  std::vector<Facts> collected;  // [i]: after GC of plugin i alone, with c1 not valid
  std::vector<Json> results;     // of each plugin's ADD, without random values
  Facts left;                    // after ADD and DEL
};

class Stage {
 public:
  Stage(const Side& side, const Scene& scene, Runner& runner);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  Stage(Stage&&) = delete;
  Stage& operator=(Stage&&) = delete;

  [[nodiscard]] Facts observe();
  // Waits for missing local routes before it returns the state. The kernel adds them some time after an IPv6 address;
  // on a busy machine ADD stops waiting for them, with a warning.
  [[nodiscard]] Facts observe_settled(const Facts& expected);
  [[nodiscard]] const Usual& usual() const { return usual_; }
  [[nodiscard]] const Scene& scene() const { return scene_; }
  [[nodiscard]] const Side& side() const { return side_; }
  Runner& runner() { return *runner_; }

  Attachment& c1() { return c1_; }
  Attachment& c2() { return c2_; }

  // A runtime's next call of the plugin.
  [[nodiscard]] Program program(const std::string& verb, std::size_t plugin, const Attachment& attachment) const;

  // Calls plugins `first` to `end` - 1 without an injection. Returns the first failure, or "". As with a runtime, ADD
  // stops at the first failure, and DEL continues.
  std::string add(Attachment& attachment, std::size_t first, std::size_t end);
  std::string remove(Attachment& attachment);
  std::string remove(Attachment& attachment, std::size_t first, std::size_t end);  // in reverse order
  std::string call(const std::string& verb, std::size_t plugin, Attachment& attachment);

  // Discards the results, as a runtime does after DEL.
  static void clear_results(Attachment& attachment);

  // Adds the output of a plugin's ADD to the results; false if it is not a result.
  static bool keep(Attachment& attachment, const std::string& out, std::size_t plugins);

  // Prepares c1's ADD: sets the hint. In the scene "first", empties the host.
  void make_ready();

  // Sets the store's hint, so that c1's usual address is allocated next, if it is free.
  void set_hint();

  // The difference from the state before c1's ADD; "" if there is none.
  [[nodiscard]] std::string compare_baseline(const Facts& facts) const;

  // Keeps c1 attached for the next point, to save time. Returns false every eighth time.
  bool keep_for_next();
  bool take_kept() { return std::exchange(is_kept_, false); }

  // The previous point; "the beginning" before the first.
  [[nodiscard]] const std::string& last_point() const { return last_point_; }
  void set_last_point(const std::string& text) { last_point_ = text; }

  [[nodiscard]] Json normalised(const Json& result) const;

 private:
  Facts observe_in_use();
  void prepare();
  void learn();
  void wipe();
  std::string must(const std::string& failure) const;

  Side side_;
  Scene scene_;
  Runner* runner_;
  std::unique_ptr<test::Host> host_;
  std::map<std::string, Dump> routes_;
  std::optional<Dump> netfilter_;
  std::string path_;  // CNI_PATH
  Attachment c0_{"c0", 8080, {}};
  Attachment c1_{"c1", 8081, {}};
  Attachment c2_{"c2", 8082, {}};
  Usual usual_;
  std::string last_point_ = "the beginning";
  bool is_kept_ = false;
  int times_kept_ = 0;
};

// May the fact remain after a failed ADD on an empty host? kPermanent lists the reasons.
bool may_stay(const std::string& fact);

}  // namespace faults
