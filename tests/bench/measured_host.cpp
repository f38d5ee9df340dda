// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/measured_host.h"

#include <sys/mount.h>

#include <atomic>
#include <chrono>
#include <map>
#include <regex>
#include <stdexcept>
#include <thread>

#include "lib/os/error.h"
#include "lib/os/file.h"
#include "tests/bench/fill.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

const std::string kState = "/var/lib/cni";

// Failures of the reference are counted in the measurement.
void require(const Side& side, const std::string& verb, const Operation& operation) {
  const bool is_expected = side.kind == Side::Kind::reference && verb != "ADD";
  if (operation.is_failed() && !is_expected) throw std::runtime_error("cannot prepare the host: " + operation.failure);
}

// Replaces Host's tmpfs: the measurement needs a file system like that of a node's store.
void mount_store(const std::string& store) {
  os::make_directories(store, 0755);
  if (::mount(store.c_str(), kState.c_str(), nullptr, MS_BIND, nullptr) != 0) throw os::last_error("bind " + kState);
}

}  // namespace

MeasuredHost::MeasuredHost(const Side& side, const Scene& scene, const std::string& store)
    : scene_(scene), calls_(scene.calls_of(side)) {
  mount_store(store);
  for (int i = 0; i < scene.at_once; ++i) launchers_.push_back(std::make_unique<Launcher>());
  if (scene.is_on_lan()) host_.add_outside("outside");
  for (int i = 0; i <= calls_; ++i) host_.add_netns(container_id(i));
  prepare(side);
}

MeasuredHost::~MeasuredHost() = default;

// Attachment 0 is added and deleted, to create the tables and the bridge and to warm up. If the scene has existing
// attachments, it is added again, and the others are copies of it.
void MeasuredHost::prepare(const Side& side) {
  Launcher& launcher = *launchers_.front();
  const auto plugins = plugin_chain(side, scene_, calls_ + 1);
  for (const char* verb : {"ADD", "DEL"}) require(side, verb, plugins->run(launcher, verb, 0));
  if (scene_.attachments > 0) {
    require(side, "ADD", plugins->run(launcher, "ADD", 0));
    fill(host_, side, plugins->addresses(0).at(0), calls_ + 1, scene_.attachments - 1);
  }
  const bool is_floor = side.kind == Side::Kind::floor;
  chain_ = is_floor ? floor_chain(host_, scene_, calls_ + 1) : plugin_chain(side, scene_, calls_ + 1);
  launcher.drain();
  before_ = observe_holdings(host_);
  for (const char* verb : {"ADD", "DEL"}) require(side, verb, chain_->run(launcher, verb, 1));
  launcher.drain();
}

double MeasuredHost::drain() {
  double left = 0;
  for (const auto& launcher : launchers_) left += launcher->drain();
  return left;
}

Turn MeasuredHost::run(const std::string& verb, int from, int to) {
  Turn turn;
  turn.operations.resize(static_cast<std::size_t>(to - from));
  std::atomic<int> next = from;
  const auto work = [&](Launcher& launcher) {
    for (int i = next++; i < to; i = next++) {
      Operation& operation = turn.operations[static_cast<std::size_t>(i - from)];
      try {
        operation = chain_->run(launcher, verb, i + 1);
      } catch (const std::exception& error) {
        operation.failure = error.what();
      }
    }
  };
  const auto begin = Clock::now();
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < launchers_.size(); ++i) threads.emplace_back(work, std::ref(*launchers_[i]));
  work(*launchers_.front());
  for (std::thread& thread : threads) thread.join();
  turn.wall_ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  turn.left_ms = drain();
  return turn;
}

std::string MeasuredHost::duplicates() const {
  std::map<std::string, int> holders;
  std::string line;
  for (int i = 1; i <= calls_; ++i) {
    for (const std::string& address : chain_->addresses(i)) {
      if (++holders[address] == 2) line += (line.empty() ? "" : ", ") + address;
    }
  }
  return line;
}

std::string MeasuredHost::snapshot() const {
  const std::string netns = container_id(1);
  std::string text = host_.snapshot({netns});
  for (const std::string& where : {std::string(), netns}) {
    text += host_.run({"sysctl", "-a", "-r", "^net[.]ipv[46][.](conf|ip_forward)"}, where);
  }
  text = std::regex_replace(text, std::regex("([0-9a-f]{2}:){5}[0-9a-f]{2}"), "MAC");
  for (const std::string& address : chain_->addresses(1)) {
    const std::string bare = address.substr(0, address.find('/'));
    const std::string name = bare.find(':') == std::string::npos ? "ADDRESS4" : "ADDRESS6";
    text = std::regex_replace(text, std::regex(bare + "(?![0-9a-f])"), name);
  }
  return text;
}

std::string MeasuredHost::leftovers() {
  drain();
  return left_over(before_, observe_holdings(host_));
}

}  // namespace bench
