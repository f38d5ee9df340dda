// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/trial.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "lib/net/owner.h"
#include "tests/faults/store_files.h"

namespace faults {
namespace {

// In one line: the exit code, then the error if there is one.
std::string answer_text(const Ran& ran) {
  constexpr std::size_t kLongest = 300;
  const Json json = Json::parse(ran.out, nullptr, false);
  const std::string out = json.is_discarded() ? ran.out : json.contains("ips") ? "" : json.dump();
  std::string text = std::to_string(ran.exit_code) + " " + out + ran.err;
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (ran.struck && !ran.struck->path.empty()) text = ran.struck->path + ": " + text;
  return text.substr(0, kLongest);
}

bool is_of_bridge(const std::string& fact) {
  return fact.find(" cni0 ") != std::string::npos || fact.find("dev=cni0") != std::string::npos;
}

class Trial {
 public:
  Trial(Stage& stage, const Point& point) : stage_(stage), point_(point) {}

  Verdict run() {
    set_up();
    stage_.set_last_point(text(point_));
    if (point_.is_alone) stage_.runner().wait_until_alone();
    const Program program = stage_.program(point_.verb, point_.plugin, c1());
    ran_ = stage_.runner().strike(program, {point_.place, point_.error});
    verdict_.is_reached = ran_.struck.has_value();
    verdict_.is_of_start = ran_.struck && ran_.struck->is_of_start;
    verdict_.answer = answer_text(ran_);
    verdict_.ms = ran_.ms;
    verdict_.has_failed = ran_.exit_code != 0;
    if (point_.is_kill()) stage_.runner().wait_for_programs();
    const bool is_added = point_.verb == "ADD" && ran_.exit_code == 0;
    verdict_.after = is_added ? stage_.observe_settled(stage_.usual().added.at(point_.plugin + 1)) : stage_.observe();
    judge_process();
    if (ran_.was_killed()) {
      judge_after_kill();
    } else {
      judge_answer();
    }
    clean_up();
    return std::move(verdict_);
  }

 private:
  [[nodiscard]] std::size_t count() const { return stage_.scene().plugins.size(); }
  Attachment& c1() { return stage_.c1(); }
  void add(const std::string& sentence) { verdict_.violations.push_back(sentence); }
  void expect(const std::string& what, const std::string& difference) {
    if (!difference.empty()) add(what + ": " + difference);
  }
  // A call that must succeed.
  void must(const std::string& when, const std::string& failure) {
    if (!failure.empty()) add(when + " " + failure);
  }

  // What undisturbed calls bring about here is judged, too: it is the life after the point before this one.
  void set_up() {
    if (stage_.take_kept()) {
      verdict_.before = usual_before();
      return;
    }
    Stage::forget(c1());
    stage_.make_ready();
    const bool is_add = point_.verb == "ADD";
    must("after " + stage_.last_point(), stage_.add(c1(), 0, is_add ? point_.plugin : count()));
    if (point_.verb == "DEL") must("after " + stage_.last_point(), stage_.remove(c1(), point_.plugin + 1, count()));
    verdict_.before = stage_.observe_settled(usual_before());
    expect("ADD is not right after " + stage_.last_point(), difference(usual_before(), verdict_.before));
  }

  [[nodiscard]] const Facts& usual_before() const {
    if (point_.verb == "ADD") return stage_.usual().added.at(point_.plugin);
    if (point_.verb == "DEL") return stage_.usual().deleted.at(point_.plugin + 1);
    return stage_.usual().added.back();
  }

  void judge_process() {
    if (ran_.has_hung) add("hangs");
    if (ran_.keeps_stdout) add("what it leaves behind keeps its stdout or stderr open");
  }

  void judge_answer() {
    if (ran_.exit_code != 0) judge_error();
    if (point_.verb == "ADD") judge_add();
    if (point_.verb == "DEL") judge_del();
    if (point_.verb == "CHECK") expect("CHECK changes", difference(verdict_.before, verdict_.after));
    if (point_.verb == "GC") judge_gc();
  }

  // Nobody can be told of a failure when stdout is what fails, or when there is no program yet.
  void judge_error() {
    if (ran_.struck && (ran_.struck->is_of_answer || ran_.struck->is_of_start)) return;
    const Json error = Json::parse(ran_.out, nullptr, false);
    const bool is_told = error.is_object() && has_code(error) && !error.value("msg", "").empty();
    if (!is_told) return add("fails without a proper error: " + verdict_.answer);
    if (!stage_.side().is_reference() && error.value("cniVersion", "").empty()) add("an error without cniVersion");
  }

  // An IPAM plugin that died without a word is told with the reference's own words and code, which is 0 (docs/errors.md).
  static bool has_code(const Json& error) {
    const int lowest = error.value("msg", "").starts_with("netplugin failed") ? 0 : 1;
    return error.contains("code") && error["code"].is_number_integer() && error["code"] >= lowest;
  }

  void judge_add() {
    if (ran_.exit_code == 0) return judge_success(ran_.out, verdict_.after, point_.plugin);
    const bool is_first = stage_.scene().is_first;
    expect("failed, and yet there is a difference",
           is_first ? first_difference() : difference(verdict_.before, verdict_.after));
  }

  // ... but for what the first ADD of all makes for good; and when the answer of one that was done cannot be written, it is taken
  // back by DEL, which leaves the bridge. route_localnet of the bridge is a setting of a link.
  [[nodiscard]] std::string first_difference() const {
    Facts before = without_link_settings(verdict_.before);
    Facts after = without_link_settings(verdict_.after);
    for (Facts* facts : {&before, &after}) {
      std::erase_if(*facts, may_stay);
      if (ran_.struck && ran_.struck->is_of_answer) std::erase_if(*facts, is_of_bridge);
    }
    return difference(before, after);
  }

  // A container may be started where /proc/sys cannot be written to. What ADD sets for good measure (accept_ra, arp_notify,
  // accept_dad ...) is then passed over on purpose.
  [[nodiscard]] bool is_optional_setting() const {
    constexpr std::array kRefusals{EACCES, EPERM, EROFS, ENOENT};
    return ran_.struck && ran_.struck->path.starts_with("/proc/sys/net/") &&
           std::find(kRefusals.begin(), kRefusals.end(), point_.error) != kRefusals.end();
  }

  [[nodiscard]] std::string setting_difference(const Facts& usual, const Facts& facts) const {
    if (!is_optional_setting()) return difference(usual, facts);
    return difference(without_link_settings(usual), without_link_settings(facts));
  }

  void judge_success(const std::string& out, const Facts& facts, std::size_t plugin) {
    const Facts& usual = stage_.usual().added.at(plugin + 1);
    expect("succeeded, and yet not all is right", setting_difference(usual, facts));
    Attachment told = c1();
    if (!Stage::keep(told, out, count())) return add("succeeded without a result: " + out);
    const Json result = stage_.normalised(told.results.back());
    if (result != stage_.usual().results.at(plugin)) add("succeeded with another result: " + result.dump());
    c1() = told;
  }

  void judge_del() {
    if (ran_.exit_code != 0) return;
    expect("succeeded, and yet not all is gone", difference(stage_.usual().deleted.at(point_.plugin), verdict_.after));
  }

  void judge_gc() {
    if (ran_.exit_code == 0) {
      expect("succeeded, and yet not all is right",
             difference(stage_.usual().collected.at(point_.plugin), verdict_.after));
    }
    if (!is_part(stage_.usual().added.front(), verdict_.after)) {
      add("takes from the living: " + difference(stage_.usual().added.front(), verdict_.after));
    }
  }

  void judge_after_kill() {
    for (const std::string& flaw : flaws_of_store(kStore)) add("killed: " + flaw);
    if (point_.verb == "CHECK") expect("CHECK changes", difference(verdict_.before, verdict_.after));
    if (point_.verb == "GC") repeat_gc();
    if (point_.verb == "ADD" && point_.after == After::add) repeat_add();
    look_after_another();
  }

  void repeat_gc() {
    judge_gc();
    must("killed, then", stage_.call("GC", point_.plugin, c1()));
    expect("killed, repeated, and yet not all is right",
           difference(stage_.usual().collected.at(point_.plugin), stage_.observe()));
  }

  // The alias of the host end says that the killed ADD had come to its end (lib/attachment/veth/pair.h).
  bool is_finished() const {
    const net::Owner owner{kNetwork, "c1", "eth0"};
    return std::any_of(verdict_.after.begin(), verdict_.after.end(), [&](const std::string& fact) {
      return fact.starts_with("link host " + owner.host_end().text() + " ") &&
             fact.find("alias=\"" + owner.alias() + '"') != std::string::npos;
    });
  }

  void repeat_add() {
    const std::size_t i = point_.plugin;
    stage_.set_hint();
    const Ran again = stage_.runner().run(stage_.program("ADD", i, c1()));
    if (again.exit_code != 0 && i == 0 && is_finished()) {
      verdict_.was_refused = true;
      return;
    }
    if (again.exit_code != 0) return add("killed, and the next ADD fails: " + answer_text(again));
    judge_success(again.out, stage_.observe_settled(stage_.usual().added.at(i + 1)), i);
  }

  // Nobody else is given an address that is held.
  void look_after_another() {
    const std::set<std::string> held = held_addresses(kStore);
    Attachment& c2 = stage_.c2();
    const std::string failure = stage_.add(c2, 0, 1);
    if (!failure.empty()) {
      add("killed, then " + failure);
    } else {
      for (const Json& ip : c2.results.back().value("ips", Json::array())) {
        const std::string address = ip.value("address", "");
        if (held.contains(address.substr(0, address.find('/')))) add("killed, and " + address + " is given twice");
      }
    }
    must("killed, then", stage_.remove(c2, 0, 1));
    Stage::forget(c2);
  }

  // DEL of the whole chain, then a life that nothing disturbs: after ADD at once, after other verbs the next point begins with
  // one. After CHECK, which changes nothing, the attachment mostly stays for the next.
  void clean_up() {
    const bool is_check = point_.verb == "CHECK" && verdict_.violations.empty();
    if (is_check && stage_.keep_for_next()) return;
    const std::string failure = stage_.remove(c1());
    const std::string left = stage_.compare_baseline(stage_.observe());
    // The reference's second DEL fails on what the first has removed, whether anything happened before or not.
    if (!stage_.side().is_reference() || !left.empty()) must("afterwards", failure);
    expect("DEL leaves", left);
    const bool comes_again = point_.verb != "ADD" || point_.after != After::none || stage_.scene().is_first;
    if (left.empty() && !comes_again) live_undisturbed();
  }

  void live_undisturbed() {
    stage_.make_ready();
    must("afterwards", stage_.add(c1(), 0, count()));
    expect("the next ADD is not right",
           difference(stage_.usual().added.back(), stage_.observe_settled(stage_.usual().added.back())));
    must("afterwards", stage_.remove(c1()));
    expect("the next DEL leaves", stage_.compare_baseline(stage_.observe()));
  }

  Stage& stage_;
  const Point& point_;
  Ran ran_;
  Verdict verdict_;
};

}  // namespace

std::string end_section(Stage& stage) {
  const std::size_t count = stage.scene().plugins.size();
  std::string flaw;
  const auto add = [&](const std::string& more) { flaw += (flaw.empty() || more.empty() ? "" : "; ") + more; };
  if (stage.take_kept()) add(stage.remove(stage.c1()));
  stage.make_ready();
  add(stage.add(stage.c1(), 0, count));
  add(difference(stage.usual().added.back(), stage.observe_settled(stage.usual().added.back())));
  add(stage.remove(stage.c1()));
  add(stage.compare_baseline(stage.observe()));
  return flaw;
}

Verdict try_point(Stage& stage, const Point& point) { return Trial(stage, point).run(); }

std::vector<Made> record_calls(Stage& stage, const std::string& verb, std::size_t plugin, bool is_alone) {
  Attachment& c1 = stage.c1();
  const std::size_t count = stage.scene().plugins.size();
  stage.make_ready();
  std::string failure = stage.add(c1, 0, verb == "ADD" ? plugin : count);
  if (verb == "DEL" && failure.empty()) failure = stage.remove(c1, plugin + 1, count);
  if (is_alone) stage.runner().wait_until_alone();
  const Ran ran = stage.runner().record(stage.program(verb, plugin, c1));
  if (failure.empty() && ran.exit_code != 0) failure = "watched, it fails: " + ran.out + ran.err;
  if (failure.empty()) failure = stage.remove(c1);
  if (!failure.empty()) throw std::runtime_error("to record " + verb + ": " + failure);
  return ran.calls;
}

}  // namespace faults
