// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/trial.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "lib/net/owner.h"
#include "tests/faults/store_files.h"

namespace faults {
namespace {

// One line: the exit code, then the error.
std::string output_text(const RunResult& ran) {
  constexpr std::size_t kMaxSize = 300;
  const Json json = Json::parse(ran.out, nullptr, false);
  const std::string out = json.is_discarded() ? ran.out : json.contains("ips") ? "" : json.dump();
  std::string text = std::to_string(ran.exit_code) + " " + out + ran.err;
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (ran.injected && !ran.injected->path.empty()) text = ran.injected->path + ": " + text;
  return text.substr(0, kMaxSize);
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
    ran_ = stage_.runner().inject(program, {point_.place, point_.error});
    verdict_.is_reached = ran_.injected.has_value();
    verdict_.is_before_main = ran_.injected && ran_.injected->is_before_main;
    verdict_.output = output_text(ran_);
    verdict_.ms = ran_.ms;
    verdict_.has_failed = ran_.exit_code != 0;
    if (point_.is_kill()) stage_.runner().wait_for_programs();
    const bool is_added = point_.verb == "ADD" && ran_.exit_code == 0;
    verdict_.after = is_added ? stage_.observe_settled(stage_.usual().added.at(point_.plugin + 1)) : stage_.observe();
    judge_process();
    if (ran_.was_killed()) {
      judge_after_kill();
    } else {
      judge_output();
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

  // The calls before the injection are judged too: they follow the previous point.
  void set_up() {
    if (stage_.take_kept()) {
      verdict_.before = usual_before();
      return;
    }
    Stage::clear_results(c1());
    stage_.make_ready();
    const bool is_add = point_.verb == "ADD";
    must("after " + stage_.last_point(), stage_.add(c1(), 0, is_add ? point_.plugin : count()));
    if (point_.verb == "DEL") must("after " + stage_.last_point(), stage_.remove(c1(), point_.plugin + 1, count()));
    verdict_.before = stage_.observe_settled(usual_before());
    expect("wrong state of ADD after " + stage_.last_point(), difference(usual_before(), verdict_.before));
  }

  [[nodiscard]] const Facts& usual_before() const {
    if (point_.verb == "ADD") return stage_.usual().added.at(point_.plugin);
    if (point_.verb == "DEL") return stage_.usual().deleted.at(point_.plugin + 1);
    return stage_.usual().added.back();
  }

  void judge_process() {
    if (ran_.has_hung) add("hangs");
    if (ran_.keeps_stdout) add("a process that outlives it has its stdout or stderr open");
  }

  void judge_output() {
    if (ran_.exit_code != 0) judge_error();
    if (point_.verb == "ADD") judge_add();
    if (point_.verb == "DEL") judge_del();
    if (point_.verb == "CHECK") expect("CHECK changed", difference(verdict_.before, verdict_.after));
    if (point_.verb == "GC") judge_gc();
  }

  // The plugin cannot report an error if writing to stdout fails, or before main().
  void judge_error() {
    if (ran_.injected && (ran_.injected->is_result_write || ran_.injected->is_before_main)) return;
    const Json error = Json::parse(ran_.out, nullptr, false);
    const bool is_valid = error.is_object() && has_code(error) && !error.value("msg", "").empty();
    if (!is_valid) return add("failed without a valid CNI error: " + verdict_.output);
    if (!stage_.side().is_reference() && error.value("cniVersion", "").empty()) add("error without cniVersion");
  }

  // For an IPAM plugin that died silently, the error is the reference's, with code 0 (docs/errors.md).
  static bool has_code(const Json& error) {
    const int lowest = error.value("msg", "").starts_with("netplugin failed") ? 0 : 1;
    return error.contains("code") && error["code"].is_number_integer() && error["code"] >= lowest;
  }

  void judge_add() {
    if (ran_.exit_code == 0) return judge_success(ran_.out, verdict_.after, point_.plugin);
    const bool is_first = stage_.scene().is_first;
    expect("failed, but changed something",
           is_first ? first_difference() : difference(verdict_.before, verdict_.after));
  }

  // The difference without permanent objects. If the result could not be written, ADD was reverted as by DEL, which
  // keeps the bridge. Link settings are ignored because of the bridge's route_localnet.
  [[nodiscard]] std::string first_difference() const {
    Facts before = without_link_settings(verdict_.before);
    Facts after = without_link_settings(verdict_.after);
    for (Facts* facts : {&before, &after}) {
      std::erase_if(*facts, may_stay);
      if (ran_.injected && ran_.injected->is_result_write) std::erase_if(*facts, is_of_bridge);
    }
    return difference(before, after);
  }

  // /proc/sys may be read-only. ADD then skips optional sysctls (accept_ra, arp_notify, accept_dad ...) on purpose.
  [[nodiscard]] bool is_optional_setting() const {
    constexpr std::array kPermissionErrors{EACCES, EPERM, EROFS, ENOENT};
    return ran_.injected && ran_.injected->path.starts_with("/proc/sys/net/") &&
           std::find(kPermissionErrors.begin(), kPermissionErrors.end(), point_.error) != kPermissionErrors.end();
  }

  [[nodiscard]] std::string setting_difference(const Facts& usual, const Facts& facts) const {
    if (!is_optional_setting()) return difference(usual, facts);
    return difference(without_link_settings(usual), without_link_settings(facts));
  }

  void judge_success(const std::string& out, const Facts& facts, std::size_t plugin) {
    const Facts& usual = stage_.usual().added.at(plugin + 1);
    expect("succeeded with a wrong state", setting_difference(usual, facts));
    Attachment added = c1();
    if (!Stage::keep(added, out, count())) return add("succeeded without a result: " + out);
    const Json result = stage_.normalised(added.results.back());
    if (result != stage_.usual().results.at(plugin)) add("succeeded with a wrong result: " + result.dump());
    c1() = added;
  }

  void judge_del() {
    if (ran_.exit_code != 0) return;
    expect("succeeded with leftovers", difference(stage_.usual().deleted.at(point_.plugin), verdict_.after));
  }

  // The facts that c1's ADD does not change: host-device moves c1's device, which is on the host before.
  [[nodiscard]] Facts facts_of_others() const {
    Facts others = stage_.usual().added.front();
    std::erase_if(others, [&](const std::string& fact) { return !stage_.usual().added.back().contains(fact); });
    return others;
  }

  void judge_gc() {
    if (ran_.exit_code == 0) {
      expect("succeeded with a wrong state", difference(stage_.usual().collected.at(point_.plugin), verdict_.after));
    }
    const Facts others = facts_of_others();
    if (!is_part(others, verdict_.after)) {
      add("deleted objects of a valid attachment: " + difference(others, verdict_.after));
    }
  }

  void judge_after_kill() {
    for (const std::string& defect : store_defects(kStore)) add("killed: " + defect);
    if (point_.verb == "CHECK") expect("CHECK changed", difference(verdict_.before, verdict_.after));
    if (point_.verb == "GC") repeat_gc();
    if (point_.verb == "ADD" && point_.after == After::add) repeat_add();
    attach_another();
  }

  void repeat_gc() {
    judge_gc();
    must("killed, then", stage_.call("GC", point_.plugin, c1()));
    expect("killed, repeated, with a wrong state",
           difference(stage_.usual().collected.at(point_.plugin), stage_.observe()));
  }

  // The final alias of the host end, or of the only interface, means that the killed ADD was complete
  // (lib/attachment/veth/pair.h, single/single.h). A moved device has its former name there (moved/former.h).
  bool is_finished() const {
    const std::string alias = net::Owner{kNetwork, "c1", "eth0"}.alias();
    return std::any_of(verdict_.after.begin(), verdict_.after.end(), [&](const std::string& fact) {
      return fact.starts_with("link ") && (fact.find("alias=\"" + alias + '"') != std::string::npos ||
                                           fact.find("alias=\"dev-c1\"") != std::string::npos);
    });
  }

  void repeat_add() {
    const std::size_t i = point_.plugin;
    stage_.set_hint();
    const RunResult again = stage_.runner().run(stage_.program("ADD", i, c1()));
    if (again.exit_code != 0 && i == 0 && is_finished()) {
      verdict_.was_rejected = true;
      return;
    }
    if (again.exit_code != 0) return add("killed, then ADD failed: " + output_text(again));
    judge_success(again.out, stage_.observe_settled(stage_.usual().added.at(i + 1)), i);
  }

  // Another container can be attached, and does not get an address that is already allocated.
  void attach_another() {
    const std::set<std::string> leased = leased_addresses(kStore);
    Attachment& c2 = stage_.c2();
    const std::string failure = stage_.add(c2, 0, 1);
    if (!failure.empty()) {
      add("killed, then " + failure);
    } else {
      for (const Json& ip : c2.results.back().value("ips", Json::array())) {
        const std::string address = ip.value("address", "");
        if (leased.contains(address.substr(0, address.find('/'))))
          add("killed, then " + address + " was allocated twice");
      }
    }
    must("killed, then", stage_.remove(c2, 0, 1));
    Stage::clear_results(c2);
  }

  // Calls DEL of the whole chain, then ADD and DEL without an injection. After verbs other than ADD, the next point
  // begins with that ADD. After CHECK, which changes nothing, the attachment usually stays for the next point.
  void clean_up() {
    const bool is_check = point_.verb == "CHECK" && verdict_.violations.empty();
    if (is_check && stage_.keep_for_next()) return;
    const std::string failure = stage_.remove(c1());
    const std::string left = stage_.compare_baseline(stage_.observe());
    // The reference's second DEL always fails on objects that the first one deleted.
    if (!stage_.side().is_reference() || !left.empty()) must("afterwards", failure);
    expect("DEL left", left);
    const bool comes_again = point_.verb != "ADD" || point_.after != After::none || stage_.scene().is_first;
    if (left.empty() && !comes_again) run_undisturbed();
  }

  void run_undisturbed() {
    stage_.make_ready();
    must("afterwards", stage_.add(c1(), 0, count()));
    expect("wrong state after the next ADD",
           difference(stage_.usual().added.back(), stage_.observe_settled(stage_.usual().added.back())));
    must("afterwards", stage_.remove(c1()));
    expect("the next DEL left", stage_.compare_baseline(stage_.observe()));
  }

  Stage& stage_;
  const Point& point_;
  RunResult ran_;
  Verdict verdict_;
};

}  // namespace

std::string end_section(Stage& stage) {
  const std::size_t count = stage.scene().plugins.size();
  std::string defect;
  const auto add = [&](const std::string& more) { defect += (defect.empty() || more.empty() ? "" : "; ") + more; };
  if (stage.take_kept()) add(stage.remove(stage.c1()));
  stage.make_ready();
  add(stage.add(stage.c1(), 0, count));
  add(difference(stage.usual().added.back(), stage.observe_settled(stage.usual().added.back())));
  add(stage.remove(stage.c1()));
  add(stage.compare_baseline(stage.observe()));
  return defect;
}

Verdict try_point(Stage& stage, const Point& point) { return Trial(stage, point).run(); }

std::vector<TracedCall> record_calls(Stage& stage, const std::string& verb, std::size_t plugin, bool is_alone) {
  Attachment& c1 = stage.c1();
  const std::size_t count = stage.scene().plugins.size();
  stage.make_ready();
  std::string failure = stage.add(c1, 0, verb == "ADD" ? plugin : count);
  if (verb == "DEL" && failure.empty()) failure = stage.remove(c1, plugin + 1, count);
  if (is_alone) stage.runner().wait_until_alone();
  const RunResult ran = stage.runner().record(stage.program(verb, plugin, c1));
  if (failure.empty() && ran.exit_code != 0) failure = "it failed while traced: " + ran.out + ran.err;
  if (failure.empty()) failure = stage.remove(c1);
  if (!failure.empty()) throw std::runtime_error("cannot record " + verb + ": " + failure);
  return ran.calls;
}

}  // namespace faults
