// SPDX-License-Identifier: Apache-2.0
// A result of another plugin: prevResult, or what an IPAM plugin answers. The first byte says the version of the
// configuration, the second how the plugin ended (0 well), the rest is what it printed. What is understood and can be told
// in that version is understood again in the same way.
#include "lib/cni/delegate.h"
#include "lib/cni/result_json.h"
#include "plugins/portmap/config.h"
#include "tests/fuzz/input.h"

namespace {

// A text that is not UTF-8 is replaced when it is printed, so what was read is printed and read before it is compared.
cni::Result kept(const cni::Result& result, cni::Version version) {
  return cni::parse_result(cni::parse_json(cni::print_result(result, version)), version, "printed result");
}

void check_same(const cni::Result& result, cni::Version version) {
  std::string text;
  try {
    text = cni::print_result(result, version);
  } catch (const cni::Error&) {
    return;  // no address of any family, which 0.1.0 and 0.2.0 have no words for
  }
  const cni::Result first = kept(result, version);
  fuzz::require(kept(first, version) == first, "a printed result is read as what was printed");
  fuzz::require(first.ips.size() <= result.ips.size(), "no address is made up");
  if (!cni::is_kept_by_text(result, version)) return;
  fuzz::require(first == result, "a result of addresses and routes is what its text says");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const cni::Version version = cni::kAllVersions.at(input.choice(cni::kAllVersions.size()));
  const int exit_code = input.byte();
  try {
    const std::string answer = cni::parse_output("fuzz", {exit_code, input.rest_as_text(), {}});
    const cni::Result result = cni::parse_result(cni::parse_json(answer), version, "result");
    portmap::container_addresses(result, "eth0");
    check_same(result, version);
  } catch (const cni::Error&) {             // that is refused
  } catch (const std::invalid_argument&) {  // that is no JSON
  }
  return 0;
}
