// SPDX-License-Identifier: Apache-2.0
#include "lib/log/log.h"

#include "lib/log/call.h"
#include "tests/lib/log/own_process.h"

namespace {

void say_everything() {
  logging::debug("three links");
  logging::info("nftables is used");
  logging::warn("cannot {undo}");
}

void say_everything_in_a_call() {
  const logging::Call call("bridge");
  say_everything();
}

}  // namespace

TEST_CASE("without FOOTBRIDGE_LOG warnings go to stderr, with the name of the plugin or program") {
  CHECK(output_of(nullptr, say_everything_in_a_call) == "bridge: warning: cannot {undo}\n");
  CHECK(output_of("", say_everything_in_a_call) == "bridge: warning: cannot {undo}\n");
  CHECK(output_of(nullptr, say_everything) == "footbridge: warning: cannot {undo}\n");
}

TEST_CASE("outside of a call the level selects the messages on stderr") {
  CHECK(output_of("debug", say_everything) ==
        "footbridge: debug: three links\nfootbridge: info: nftables is used\nfootbridge: warning: cannot {undo}\n");
  CHECK(output_of("info", say_everything) ==
        "footbridge: info: nftables is used\nfootbridge: warning: cannot {undo}\n");
  CHECK(output_of("warn", say_everything) == "footbridge: warning: cannot {undo}\n");
  CHECK(output_of("error", say_everything) == "");
  CHECK(output_of("off", say_everything) == "");
}

TEST_CASE("a call without a requested line prints only warnings") {
  CHECK(output_of(nullptr, say_everything_in_a_call) == "bridge: warning: cannot {undo}\n");
  CHECK(output_of("error", say_everything_in_a_call) == "");
  CHECK(output_of("off", say_everything_in_a_call) == "");
}

TEST_CASE("a message is one line, whatever it quotes") {
  CHECK(output_of(nullptr, [] { logging::warn("bad key \"a\nb\x1b[2J\""); }) ==
        "footbridge: warning: bad key \"a b [2J\"\n");
}

TEST_CASE("an unknown level is reported and does not suppress warnings") {
  CHECK(output_of("warnings", say_everything_in_a_call) ==
        "bridge: warning: FOOTBRIDGE_LOG: unknown log level \"warnings\"; allowed: trace, debug, info, warn, error, "
        "off\nbridge: warning: cannot {undo}\n");
}

TEST_CASE("outside of a call no stage and no action is recorded") {
  CHECK(output_of("debug", [] {
          const logging::Stage stage("links");
          logging::record_action("ip link set lo up");
          logging::info(logging::is_recording() ? "recorded" : "not recorded");
        }) == "footbridge: info: not recorded\n");
}
