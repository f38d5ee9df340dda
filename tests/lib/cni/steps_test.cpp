// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/steps.h"

#include <stdexcept>

#include <doctest/doctest.h>

#include "lib/cni/rollback.h"
#include "tests/lib/cni/call.h"

TEST_CASE("all steps run, even after failures") {
  std::string tried;
  cni::Steps steps;
  steps.run("do one", [&] { tried += "1"; });
  steps.run("do two", [&]() {
    tried += "2";
    throw std::runtime_error("no");
  });
  steps.run("do three", [&] { tried += "3"; });
  CHECK(tried == "123");
}

TEST_CASE("no failure throws nothing, one is thrown unchanged, several are combined") {
  cni::Steps none;
  none.run("do", [] {});
  CHECK_NOTHROW(none.finish());

  cni::Steps one;
  one.run("release", [] { throw cni::Error(11, "busy", "details"); });
  one.run("do", [] {});
  CHECK(error_of([&] { one.finish(); }) == "11: busy [details]");

  cni::Steps several;
  several.run("release the address", [] { throw cni::Error(11, "busy"); });
  several.run("remove the link", [] { throw std::runtime_error("gone"); });
  CHECK(error_of([&] { several.finish(); }) == "11: release the address: busy; remove the link: gone");

  cni::Steps plain;
  plain.run("remove the link", [] { throw std::runtime_error("gone"); });
  CHECK(error_of([&] { plain.finish(); }) == "999: gone");
}

TEST_CASE("steps are undone in reverse order, even after failures, unless dismissed") {
  std::string undone;
  {
    cni::Rollback rollback;
    rollback.add("undo one", [&] { undone += "1"; });
    rollback.add("undo two", [&]() {
      undone += "2";
      throw std::runtime_error("a failure that the test expects");
    });
    rollback.add("undo three", [&] { undone += "3"; });
  }
  CHECK(undone == "321");
  {
    cni::Rollback rollback;
    rollback.add("undo", [&] { undone += "x"; });
    rollback.dismiss();
  }
  CHECK(undone == "321");
}
