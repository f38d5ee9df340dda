// SPDX-License-Identifier: Apache-2.0
// Calls host-local as a runtime does: with an environment and a JSON configuration.
#pragma once

#include <map>
#include <string>

#include "footbridge_plugins.h"
#include "tests/lib/os/temporary_directory.h"

// A host: its data directory, and host-local. "DIR" in configurations is replaced by that directory.
class Host {
 public:
  struct Call {
    std::string verb;
    std::string container;
    std::string args{};
    std::string ifname = "eth0";
  };

  [[nodiscard]] cni::Answer call(const Call& call, std::string config) const {
    for (std::size_t at = config.find("DIR"); at != std::string::npos; at = config.find("DIR")) {
      config.replace(at, 3, directory_.path());
    }
    const cni::Environment environment{{"CNI_COMMAND", call.verb}, {"CNI_CONTAINERID", call.container},
                                       {"CNI_NETNS", "/no/netns"}, {"CNI_IFNAME", call.ifname},
                                       {"CNI_ARGS", call.args},    {"CNI_PATH", "/opt/cni/bin"}};
    return cni::answer(host_local::plugin(), environment, [&config] { return config; });
  }

  // ADD that must succeed: the result as text.
  std::string add(const std::string& container, const std::string& config, const std::string& args = {}) const {
    const cni::Answer answer = call({"ADD", container, args}, config);
    CHECK_MESSAGE(answer.exit_code == 0, answer.out);
    return answer.out;
  }

  // The addresses of an ADD that must succeed, "10.1.0.2/24 fd00::2/64".
  [[nodiscard]] std::string addresses(const std::string& container, const std::string& config,
                                      const std::string& args = {}) const {
    const cni::Json result = cni::Json::parse(add(container, config, args));
    std::string text;
    for (const cni::Json& ip : result.value("ips", cni::Json::array())) {
      text += (text.empty() ? "" : " ") + ip.at("address").get<std::string>();
    }
    return text;
  }

  // A call that must fail: "<code>: <msg>", and " [<details>]" if there are any.
  [[nodiscard]] std::string refusal_of(const Call& call, const std::string& config) const {
    const cni::Answer answer = this->call(call, config);
    CHECK(answer.exit_code == 1);
    const cni::Json error = cni::Json::parse(answer.out, nullptr, false);
    if (!error.is_object() || !error.contains("msg")) return answer.out;
    const std::string details = error.value("details", "");
    return std::to_string(error.at("code").get<unsigned>()) + ": " + error.at("msg").get<std::string>() +
           (details.empty() ? "" : " [" + details + "]");
  }

  [[nodiscard]] std::string refusal(const std::string& config, const std::string& args = {}) const {
    return refusal_of({"ADD", "c1", args}, config);
  }

  [[nodiscard]] const TemporaryDirectory& directory() const { return directory_; }

 private:
  TemporaryDirectory directory_;
};

// A configuration of network "n" with this content of the ipam object and these other keys.
inline std::string config(const std::string& ipam, const std::string& others = "",
                          const std::string& version = "1.0.0") {
  return R"({"cniVersion": ")" + version + R"(", "name": "n", "type": "bridge", )" + others +
         (others.empty() ? "" : ", ") + R"("ipam": {"type": "host-local", "dataDir": "DIR", )" + ipam + "}}";
}
