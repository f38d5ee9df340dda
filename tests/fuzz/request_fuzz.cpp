// SPDX-License-Identifier: Apache-2.0
// A call's environment and stdin. Input: lines NAME=value up to an empty line, then stdin. The plugin only reads all
// parts of an accepted request.
#include <array>

#include "lib/cni/args.h"
#include "lib/cni/serve.h"
#include "tests/fuzz/input.h"

namespace {

void look_at_everything(const cni::Request& request) {
  fuzz::require(cni::is_identifier(request.network), "an accepted network name is an identifier");
  const bool is_of_attachment =
      request.verb == cni::Verb::add || request.verb == cni::Verb::del || request.verb == cni::Verb::check;
  fuzz::require(!is_of_attachment || cni::is_identifier(request.container_id),
                "an accepted container id is an identifier");
  fuzz::require(!is_of_attachment || net::IfName::flaw(request.ifname).empty(), "an accepted interface name is valid");
  constexpr std::array<std::string_view, 3> kKnown{"IP", "MAC", "GATEWAY"};
  cni::value_of(cni::parse_args(request.args, kKnown), "IP");
  request.ipam_type();
  request.alive();
  request.previous_result();
}

cni::Result added(const cni::Request& request) {
  look_at_everything(request);
  return request.previous_result().value_or(cni::Result{});
}

// The output must be a single JSON object with a code and a message.
void check_error(const std::string& out) {
  const cni::Json error = cni::Json::parse(out, nullptr, false);
  fuzz::require(error.is_object() && error.contains("code") && error["code"].is_number_unsigned(),
                "an error has a code");
  fuzz::require(error.contains("msg") && !error["msg"].get<std::string>().empty(), "an error has a message");
}

cni::Environment parse_environment(fuzz::Input& input) {
  cni::Environment environment;
  for (std::string line = input.line(); !line.empty(); line = input.line()) {
    line = line.substr(0, line.find('\0'));  // execve(2) passes no NUL
    const std::size_t equals = line.find('=');
    if (equals != std::string::npos) environment.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return environment;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const cni::Plugin plugin{
      "fuzz", cni::kAllVersions, added, {}, look_at_everything, look_at_everything, look_at_everything};
  fuzz::Input input(data, size);
  const cni::Environment environment = parse_environment(input);
  const cni::Answer answer = cni::answer(plugin, environment, [&] { return input.rest_as_text(); });
  if (answer.exit_code != 0) check_error(answer.out);
  if (answer.exit_code == 0 && !answer.out.empty()) {
    fuzz::require(cni::Json::parse(answer.out, nullptr, false).is_object(), "the output is JSON");
  }
  return 0;
}
