// SPDX-License-Identifier: Apache-2.0
// A plugin of any name that does nothing and succeeds: it measures a pod's time without the plugins' work. Static, like
// our plugins.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

// containerd calls loopback with this version, and the others with that of its conflist.
constexpr const char* kLoopback = R"({"cniVersion":"0.3.1","interfaces":[{"name":"lo","sandbox":"x"}],)"
                                  R"("ips":[{"version":"4","interface":0,"address":"127.0.0.1/8"}]})";
constexpr const char* kOthers = R"({"cniVersion":"1.0.0","interfaces":[{"name":"eth0","sandbox":"x"}],)"
                                R"("ips":[{"interface":0,"address":"10.90.0.2/24"}]})";

bool ends_with(const char* text, const char* end) {
  const size_t length = strlen(text);
  return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

}  // namespace

int main(int /*count*/, char** words) {
  static char request[1 << 16];
  while (read(0, request, sizeof request) > 0) {
  }
  const char* verb = getenv("CNI_COMMAND");
  if (verb != nullptr && strcmp(verb, "ADD") == 0) puts(ends_with(words[0], "loopback") ? kLoopback : kOthers);
  return 0;
}
