// SPDX-License-Identifier: Apache-2.0
// A plugin of any name that does nothing and succeeds: what a pod takes that is on a network of its own and has plugins to
// call, but no work of theirs in it. Static, as our plugins are.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

// containerd asks loopback in this version, and the others in that of its conflist.
constexpr const char* kLoopback =
    R"({"cniVersion":"0.3.1","interfaces":[{"name":"lo","sandbox":"x"}],"ips":[{"version":"4","interface":0,"address":"127.0.0.1/8"}]})";
constexpr const char* kOthers =
    R"({"cniVersion":"1.0.0","interfaces":[{"name":"eth0","sandbox":"x"}],"ips":[{"interface":0,"address":"10.90.0.2/24"}]})";

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
