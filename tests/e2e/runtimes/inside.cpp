// SPDX-License-Identifier: Apache-2.0
// A static program in the images of tests/e2e/runtimes, for tasks without a busybox applet.
//   pause                 waits until it is killed, and so keeps a pod's namespaces
//   shm-write KEY TEXT    creates a System V shared memory segment with that text, for the life of the IPC namespace
//   shm-read KEY          prints the text; exit code 1 if this IPC namespace has no such segment
//   udp-echo PORT         returns each datagram
#include <netinet/in.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr size_t kSize = 4096;

char* attach(const char* key, int flags) {
  const int segment = shmget(static_cast<key_t>(atoi(key)), kSize, flags);
  if (segment < 0) {
    perror("shmget");
    exit(1);
  }
  void* memory = shmat(segment, nullptr, 0);
  if (memory == reinterpret_cast<void*>(-1)) {
    perror("shmat");
    exit(1);
  }
  return static_cast<char*>(memory);
}

[[noreturn]] void echo_datagrams(const char* port) {
  const int server = socket(AF_INET6, SOCK_DGRAM, 0);
  sockaddr_in6 own{};
  own.sin6_family = AF_INET6;  // also IPv4, with mapped addresses
  own.sin6_port = htons(static_cast<uint16_t>(atoi(port)));
  if (server < 0 || bind(server, reinterpret_cast<sockaddr*>(&own), sizeof own) != 0) {
    perror("serve datagrams");
    exit(1);
  }
  while (true) {
    char datagram[2048];
    sockaddr_in6 from{};
    socklen_t size = sizeof from;
    const ssize_t length = recvfrom(server, datagram, sizeof datagram, 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (length > 0) sendto(server, datagram, static_cast<size_t>(length), 0, reinterpret_cast<sockaddr*>(&from), size);
  }
}

}  // namespace

int main(int count, char** words) {
  if (count == 2 && strcmp(words[1], "pause") == 0) {
    while (true) {
      pause();
    }
  }
  if (count == 4 && strcmp(words[1], "shm-write") == 0) {
    strncpy(attach(words[2], IPC_CREAT | IPC_EXCL | 0600), words[3], kSize - 1);
    return 0;
  }
  if (count == 3 && strcmp(words[1], "shm-read") == 0) {
    puts(attach(words[2], 0));
    return 0;
  }
  if (count == 3 && strcmp(words[1], "udp-echo") == 0) echo_datagrams(words[2]);
  return 2;
}
