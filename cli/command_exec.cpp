// SPDX-License-Identifier: Apache-2.0
// footbridge exec: run a command in a new network namespace, which is attached to a network while the command runs.

#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <optional>

#include "cli/cni/chain.h"
#include "cli/cni/setting.h"
#include "cli/commands.h"
#include "cli/exec/held_signals.h"
#include "cli/exec/temporary_netns.h"
#include "lib/netns/netns.h"
#include "lib/os/error.h"

namespace cli {
namespace {

constexpr int kSignalBase = 128;  // exit codes as in a shell
constexpr int kNotFound = 127;
constexpr int kNotExecutable = 126;

[[noreturn]] void become(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& word : command)
    arguments.push_back(const_cast<char*>(word.c_str()));  // execvp(3) takes char*
  arguments.push_back(nullptr);
  // As in os::Process: the command does not inherit the signals that we or our caller ignore or block.
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::signal(SIGCHLD, SIG_DFL);
  ::execvp(arguments.front(), arguments.data());
  const int failed = errno;
  ::dprintf(STDERR_FILENO, "footbridge: run %s: %s\n", command.front().c_str(), os::error_text(failed).c_str());
  ::_exit(failed == ENOENT ? kNotFound : kNotExecutable);
}

std::optional<int> exit_code(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, WNOHANG) != child) return std::nullopt;
  return WIFSIGNALED(status) ? kSignalBase + WTERMSIG(status) : WEXITSTATUS(status);
}

// The child shares our terminal and process group, so it has the terminal's signals already. Signals for this process
// alone are forwarded: of kill(2), or of a timer that our caller had set before execve(2).
bool is_of_terminal(const siginfo_t& info) {
  return info.si_code > 0 && (info.si_signo == SIGINT || info.si_signo == SIGQUIT || info.si_signo == SIGHUP);
}

int wait_and_forward_signals(pid_t child, const sigset_t& awaited) {
  for (;;) {
    siginfo_t info{};
    const int signal = ::sigwaitinfo(&awaited, &info);
    if (signal == SIGCHLD) {
      if (const auto code = exit_code(child)) return *code;
    } else if (signal > 0 && !is_of_terminal(info)) {
      ::kill(child, signal);
    }
  }
}

int run_in(const std::string& netns_path, const std::vector<std::string>& command, const HeldSignals& signals) {
  const auto netns = netns::Netns::open(netns_path);
  if (!netns) throw cni::Error(cni::kBadNetns, "the network namespace " + netns_path + " is gone");
  sigset_t awaited = signals.held();
  sigaddset(&awaited, SIGCHLD);
  sigset_t before;
  ::sigprocmask(SIG_BLOCK, &awaited, &before);
  pid_t child = -1;
  {
    const netns::Entered inside(*netns);
    child = ::fork();
    if (child == 0) become(command);
  }
  if (child < 0) throw os::last_error("fork");
  const int code = wait_and_forward_signals(child, awaited);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  return code;
}

// DEL at the end of the scope. Its failure is printed and not thrown: the exit code is the command's.
class Attached {
 public:
  Attached(Chain& chain, const HeldSignals& signals) : chain_(chain), signals_(signals) { chain_.add(); }
  Attached(const Attached&) = delete;
  Attached& operator=(const Attached&) = delete;
  Attached(Attached&&) = delete;
  Attached& operator=(Attached&&) = delete;
  // A second Ctrl-C reaches the plugin that runs DEL and ends it, so DEL is repeated.
  ~Attached() {
    constexpr int kMostTries = 10;
    for (int tries = 1; !has_deleted(tries == kMostTries); ++tries) {
    }
  }

 private:
  bool has_deleted(bool is_last_try) {
    try {
      chain_.del();
    } catch (const std::exception& error) {
      if (!is_last_try && signals_.take() != 0) return false;
      std::fprintf(stderr, "footbridge: %s\n", describe(as_error(error)).c_str());
    }
    return true;
  }

  Chain& chain_;
  const HeldSignals& signals_;
};

// Random, because a killed exec with the same pid may have left its namespace.
std::string unused_name() {
  std::uint32_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) throw os::last_error("getrandom");
  return "footbridge-" + std::to_string(::getpid()) + "-" + std::to_string(number);
}

}  // namespace

int exec(AttachOptions options, const std::vector<std::string>& command) {
  const Conflist network = load_conflist(conf_path(options), options.network);
  const std::vector<std::string> path = plugin_folders(options);
  const Cache cache(cache_folder(options));
  options.netns = unused_name();
  Attachment attachment = attachment_of(options);
  require_declared(network, attachment);
  Cache::require_name(attachment.owner(network.name));

  if (!options.force) Chain(network, attachment, path, cache).require_available();
  const HeldSignals signals;
  const TemporaryNetns netns(options.netns);
  attachment.netns = netns.path();
  Chain chain(network, attachment, path, cache);
  const Attached attached(chain, signals);
  if (const int signal = signals.take()) return kSignalBase + signal;
  return run_in(netns.path(), command, signals);
}

}  // namespace cli
