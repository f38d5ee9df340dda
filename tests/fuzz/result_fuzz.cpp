// SPDX-License-Identifier: Apache-2.0
// A result of another plugin: prevResult, or the output of an IPAM plugin. The first byte is the configuration's
// version, the second the plugin's exit code, the rest its output. A result that can be printed in that version parses
// back to the same value.
#include "lib/cni/delegate.h"
#include "lib/cni/result_json.h"
#include "plugins/portmap/config.h"
#include "tests/fuzz/input.h"

namespace {

// Printing replaces invalid UTF-8, so a result is printed and parsed once before the comparison.
cni::Result printed_and_parsed(const cni::Result& result, cni::Version version) {
  return cni::parse_result(cni::parse_json(cni::print_result(result, version)), version, "printed result");
}

void check_same(const cni::Result& result, cni::Version version) {
  std::string text;
  try {
    text = cni::print_result(result, version);
  } catch (const cni::Error&) {
    return;  // 0.1.0 and 0.2.0 cannot print a result without addresses
  }
  const cni::Result first = printed_and_parsed(result, version);
  fuzz::require(printed_and_parsed(first, version) == first, "a printed result parses back to the same value");
  fuzz::require(first.ips.size() <= result.ips.size(), "printing adds no address");
  if (!cni::is_kept_by_text(result, version)) return;
  fuzz::require(first == result, "printing keeps all addresses and routes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const cni::Version version = cni::kAllVersions.at(input.choice(cni::kAllVersions.size()));
  const int exit_code = input.byte();
  try {
    const std::string output = cni::parse_output("fuzz", {exit_code, input.rest_as_text(), {}});
    const cni::Result result = cni::parse_result(cni::parse_json(output), version, "result");
    portmap::container_addresses(result, "eth0");
    check_same(result, version);
  } catch (const cni::Error&) {             // rejected
  } catch (const std::invalid_argument&) {  // not JSON
  }
  return 0;
}
