// footbridge exec: run a command in a network namespace of its own, attached to a network for as long as it runs.

#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <optional>

#include "cli/chain.h"
#include "cli/commands.h"
#include "cli/held_signals.h"
#include "cli/setting.h"
#include "cli/temporary_netns.h"
#include "lib/netns/netns.h"
#include "lib/os/error.h"

namespace cli {
namespace {

constexpr int kSignalBase = 128;  // exit codes as a shell tells them
constexpr int kNotFound = 127;
constexpr int kNotExecutable = 126;

[[noreturn]] void become(const std::vector<std::string>& command, const sigset_t& mask) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& word : command)
    arguments.push_back(const_cast<char*>(word.c_str()));  // execvp(3) takes char*
  arguments.push_back(nullptr);
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
  ::signal(SIGCHLD, SIG_DFL);
  ::execvp(arguments.front(), arguments.data());
  const int failed = errno;
  ::dprintf(STDERR_FILENO, "footbridge: run %s: %s\n", command.front().c_str(), os::error_text(failed).c_str());
  ::_exit(failed == ENOENT ? kNotFound : kNotExecutable);
}

std::optional<int> ended(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, WNOHANG) != child) return std::nullopt;
  return WIFSIGNALED(status) ? kSignalBase + WTERMSIG(status) : WEXITSTATUS(status);
}

// The child shares our terminal and our process group: what the terminal sends has reached it already, and only what
// somebody sent to us alone is passed on.
int wait_and_pass_signals_on(pid_t child, const sigset_t& awaited) {
  for (;;) {
    siginfo_t info{};
    const int signal = ::sigwaitinfo(&awaited, &info);
    if (signal == SIGCHLD) {
      if (const auto code = ended(child)) return *code;
    } else if (signal > 0 && info.si_code <= 0) {
      ::kill(child, signal);
    }
  }
}

int run_in(const std::string& netns_path, const std::vector<std::string>& command, const HeldSignals& signals) {
  const auto netns = netns::Netns::open(netns_path);
  if (!netns) throw cni::Error(cni::kBadNetns, "the network namespace " + netns_path + " has gone away");
  sigset_t awaited = signals.held();
  sigaddset(&awaited, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &awaited, nullptr);
  pid_t child = -1;
  {
    const netns::Entered inside(*netns);
    child = ::fork();
    if (child == 0) become(command, signals.before());
  }
  if (child < 0) throw os::last_error("fork");
  const int code = wait_and_pass_signals_on(child, awaited);
  ::sigprocmask(SIG_SETMASK, &signals.before(), nullptr);
  ::sigprocmask(SIG_BLOCK, &signals.held(), nullptr);
  return code;
}

// DEL at the end of the scope, told and not thrown: the exit code is the command's.
class Attached {
 public:
  explicit Attached(Chain& chain) : chain_(chain) { chain_.add(); }
  Attached(const Attached&) = delete;
  Attached& operator=(const Attached&) = delete;
  Attached(Attached&&) = delete;
  Attached& operator=(Attached&&) = delete;
  ~Attached() {
    try {
      chain_.del();
    } catch (const cni::Error& error) {
      std::fprintf(stderr, "footbridge: %s\n", describe(error).c_str());
    } catch (const std::exception& error) {
      std::fprintf(stderr, "footbridge: %s\n", error.what());
    }
  }

 private:
  Chain& chain_;
};

// Random: a namespace that a killed exec left behind may have our pid's number.
std::string unused_name() {
  std::uint32_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) throw os::last_error("getrandom");
  return "footbridge-" + std::to_string(::getpid()) + "-" + std::to_string(number);
}

}  // namespace

int exec(AttachOptions options, const std::vector<std::string>& command) {
  const Conflist network = load_conflist(conf_folder(options), options.network);
  const std::vector<std::string> path = plugin_folders(options);
  const Cache cache(cache_folder(options));
  options.netns = unused_name();
  Attachment attachment = attachment_of(options);
  require_declared(network, attachment);

  const HeldSignals signals;
  const TemporaryNetns netns(options.netns);
  attachment.netns = netns.path();
  Chain chain(network, attachment, path, cache);
  const Attached attached(chain);
  if (const int signal = signals.take()) return kSignalBase + signal;
  return run_in(netns.path(), command, signals);
}

}  // namespace cli
