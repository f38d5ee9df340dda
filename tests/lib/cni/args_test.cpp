// SPDX-License-Identifier: Apache-2.0
#include "lib/cni/args.h"

#include <array>

#include <doctest/doctest.h>

#include "tests/lib/cni/call.h"

namespace {

constexpr std::array<std::string_view, 2> kKnown{"IP", "MAC"};

std::string ip_in(const std::string& args) { return cni::value_of(cni::parse_args(args, kKnown), "IP"); }

std::string refusal(const std::string& args) {
  return error_of([&] { cni::parse_args(args, kKnown); });
}

}  // namespace

TEST_CASE("pairs are parsed in order, and the last pair of a key counts") {
  CHECK(cni::parse_args("", kKnown).empty());
  CHECK(ip_in("IP=10.1.0.2") == "10.1.0.2");
  CHECK(ip_in("MAC=x;IP=") == "");
  CHECK(ip_in("IP=a;IP=b") == "b");
  CHECK(ip_in("MAC=x") == "");
}

TEST_CASE("an entry without \"=\" is an error") {
  CHECK(refusal("IP") == "4: ARGS: invalid pair \"IP\"");
  CHECK(refusal("IP=a=b") == "4: ARGS: invalid pair \"IP=a=b\"");
  CHECK(refusal("IP=a;") == "4: ARGS: invalid pair \"\"");
  CHECK(refusal("IgnoreUnknown=1;nothing") == "4: ARGS: invalid pair \"nothing\"");
}

TEST_CASE("unknown keys are reported together, unless IgnoreUnknown is set") {
  CHECK(refusal("IP=a;K=v;ip=b").starts_with("4: ARGS: unknown args [\"K=v\" \"ip=b\"]"));
  CHECK(refusal("IgnoreUnknown=0;K=v").starts_with("4: ARGS: unknown args [\"K=v\"]"));
  CHECK(refusal("IgnoreUnknown=FALSE;K=v").starts_with("4: ARGS: unknown args [\"K=v\"]"));
  for (const char* yes : {"1", "true", "True", "TRUE"}) {
    CHECK(ip_in("K=v;IP=a;IgnoreUnknown=" + std::string(yes) + ";L=w") == "a");
  }
  CHECK(refusal("ignoreunknown=1;K=v").starts_with("4: ARGS: unknown args [\"ignoreunknown=1\" \"K=v\"]"));
}

TEST_CASE("IgnoreUnknown is a boolean") {
  CHECK(refusal("IgnoreUnknown=yes") ==
        "4: ARGS: error parsing value of pair \"IgnoreUnknown=yes\": boolean unmarshal error: invalid input yes");
}

TEST_CASE("the arguments of Kubernetes are accepted") {
  CHECK(ip_in("IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=p;K8S_POD_INFRA_CONTAINER_ID=c;K8S_POD_UID=u")
            .empty());
}
