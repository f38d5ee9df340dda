// SPDX-License-Identifier: Apache-2.0
// The matrix's host and the machine outside. Each topic creates and deletes its own containers.
#pragma once

#include <map>
#include <string>

#include "tests/netns/host.h"
#include "tests/netns/matrix/exchange.h"
#include "tests/netns/matrix/flow.h"
#include "tests/netns/matrix/topic.h"

namespace test {

class Scene {
 public:
  Scene();

  // Attaches the containers, tests all cells at once, and deletes the containers and our tables.
  Verdict run(const Topic& topic);

  // Does this kernel have br_netfilter, which passes bridged frames through the IP hooks?
  [[nodiscard]] bool has_br_netfilter() const;

  // The parts of `run`, for tests that do not use rows.
  void set_up(const Topic& topic);
  void take_down();
  [[nodiscard]] std::string address(const std::string& name, bool is_v4) const;
  [[nodiscard]] const Host& host() const { return host_; }

 private:
  struct Attachment {
    std::string place;
    Json config;
    Json result;
  };
  void attach(const std::string& place, const Json& config);
  void publish(const Topic& topic);
  void listen(Exchange& exchange, const Topic& topic) const;
  [[nodiscard]] Probe probe(const Topic& topic, const Cell& cell) const;
  // The defect in a cell's outcome; "" if there is none.
  [[nodiscard]] std::string defect(const Cell& cell, const Probe& probe, const Reply& reply) const;

  // The defect in the connection tracking entry of a translated connection; "" if there is none.
  [[nodiscard]] std::string untracked(const Cell& cell, const Probe& probe, const Reply& reply,
                                      const std::vector<Flow>& tracked) const;

  Host host_;
  std::map<std::string, std::string> v4_;
  std::map<std::string, std::string> v6_;
  std::vector<Attachment> attachments_;
  std::string portmap_;  // the configuration of the call
};

}  // namespace test
