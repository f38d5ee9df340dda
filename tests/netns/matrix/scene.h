// SPDX-License-Identifier: Apache-2.0
// The host on which the matrix is tried, with its outside; the containers come and go with each topic.
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

  // Connects the containers as the topic says, tries all cells at once, and takes the containers and the tables away again.
  Verdict run(const Topic& topic);

  // Can frames that are bridged be passed through the IP hooks here?
  [[nodiscard]] bool has_br_netfilter() const;

  // The parts of `run`, for what is not a matter of rows.
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
  [[nodiscard]] Question question(const Topic& topic, const Cell& cell) const;
  // What is wrong about a cell's outcome; "" when nothing is.
  [[nodiscard]] std::string defect(const Cell& cell, const Question& question, const Reply& reply) const;

  // Likewise of what connection tracking says about a cell that came through and was translated.
  [[nodiscard]] std::string untracked(const Cell& cell, const Question& question, const Reply& reply,
                                      const std::vector<Flow>& tracked) const;

  Host host_;
  std::map<std::string, std::string> v4_;
  std::map<std::string, std::string> v6_;
  std::vector<Attachment> attachments_;
  std::string portmap_;  // the configuration of the call
};

}  // namespace test
