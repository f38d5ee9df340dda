// SPDX-License-Identifier: Apache-2.0
// The host on which one scene is tried again and again, and what is there when nothing goes wrong.
//
// Two containers are attached for good, and for a moment: c0, which must not notice anything (not in the scene "first"), and
// c1, whose calls are struck; c2 comes and goes when it is looked whether others are still served. The hint of the store is set
// back before each ADD of c1, so that it has the same address each time.
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

// A container's part in the chain.
struct Attachment {
  std::string id;
  int host_port = 0;
  std::vector<Json> results;  // of the plugins that have been added, in order
  bool is_known = false;      // the runtime keeps the result: the chain's ADD came to its end
};

// What there is after each step of a life that nothing disturbs.
struct Usual {
  std::vector<Facts> added;      // [i]: i plugins of c1 have been added
  std::vector<Facts> deleted;    // [i]: DEL of all plugins but the first i is done
  std::vector<Facts> collected;  // [i]: GC of plugin i is done, where c1 is abandoned; only the last of them all
  std::vector<Json> results;     // of each plugin's ADD, without what is drawn by lot
  Facts left;                    // of the scene "first": after ADD and DEL
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
  // The same where all should be as expected. The kernel takes IPv6 addresses into use some time after it was asked, on a busy
  // machine after ADD has given up waiting (with a warning): their local routes are waited for.
  [[nodiscard]] Facts observe_settled(const Facts& expected);
  [[nodiscard]] const Usual& usual() const { return usual_; }
  [[nodiscard]] const Scene& scene() const { return scene_; }
  [[nodiscard]] const Side& side() const { return side_; }
  Runner& runner() { return *runner_; }

  Attachment& c1() { return c1_; }
  Attachment& c2() { return c2_; }

  // The call of one plugin, as the runtime would make it now.
  [[nodiscard]] Program program(const std::string& verb, std::size_t plugin, const Attachment& attachment) const;

  // Calls of the plugins from `first` to before `end` that nothing happens to; the failure of the first that fails, "" if none.
  // ADD ends there, as a runtime does; DEL goes on.
  std::string add(Attachment& attachment, std::size_t first, std::size_t end);
  std::string remove(Attachment& attachment);
  std::string remove(Attachment& attachment, std::size_t first, std::size_t end);  // backwards
  std::string call(const std::string& verb, std::size_t plugin, Attachment& attachment);

  // The runtime no longer has results of it.
  static void forget(Attachment& attachment);

  // What a plugin's ADD has printed, told to the attachment; false: that is no result.
  static bool keep(Attachment& attachment, const std::string& out, std::size_t plugins);

  // Before c1's ADD: its address will be the usual one. In the scene "first", the host is empty again.
  void make_ready();

  // The next address that the store gives is c1's usual one, if that is free.
  void set_hint();

  // The host is as it was before c1 came. "" or what differs.
  [[nodiscard]] std::string compare_baseline(const Facts& facts) const;

  // c1 stays attached for the next point; not for ever: false every so often.
  bool keep_for_next();
  bool take_kept() { return std::exchange(is_kept_, false); }

  // The point that was tried before, "the beginning" at first.
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

// What may stay after a failed first ADD of all, each with its reason.
bool may_stay(const std::string& fact);

}  // namespace faults
