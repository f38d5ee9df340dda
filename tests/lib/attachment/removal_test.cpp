// SPDX-License-Identifier: Apache-2.0
#include "lib/attachment/removal.h"

#include <stdexcept>

#include <doctest/doctest.h>

#include "tests/lib/cni/call.h"

using attachment::DelStep;

namespace {

// Its IPAM plugin does not exist: an error that names it shows that DEL tried to release the address.
cni::Request del_request() {
  return request_of(R"({"cniVersion": "1.0.0", "name": "n", "type": "bridge", "ipam": {"type": "no-such-ipam"}})",
                    environment_of("DEL"));
}

[[noreturn]] void fail(plan::Kernel&) { throw std::runtime_error("it failed"); }

}  // namespace

TEST_CASE("every step of DEL runs in order even if others fail, and the address is released last") {
  const cni::Request request = del_request();
  std::string order;
  const std::string error = error_of([&] {
    attachment::remove(request, {{"first", [&](plan::Kernel&) { order += "first "; }},
                                 {"fail", fail},
                                 {"third", [&](plan::Kernel&) { order += "third"; }}});
  });
  CHECK(order == "first third");
  CHECK(error.find("fail: it failed") != std::string::npos);
  CHECK(error.find("no-such-ipam") != std::string::npos);
}

TEST_CASE("a container that could not be detached keeps its address") {
  const cni::Request request = del_request();
  const std::string error = error_of([&] { attachment::remove(request, {{"detach", fail, false, true}}); });
  CHECK(error == "999: it failed");
}
