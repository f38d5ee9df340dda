#include "cli/install/installation.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdio>

#include "lib/os/error.h"
#include "lib/os/file.h"
#include "lib/os/lock.h"
#include "lib/os/trusted_directory.h"
#include "lib/os/waited_for.h"

namespace cli {
namespace {

constexpr std::string_view kPrefix = ".footbridge-install-";
constexpr std::size_t kRandomDigits = 16;

// No process id: installers in containers, each with process ids of its own, share a folder of the host.
std::string temporary_name() {
  std::array<unsigned char, kRandomDigits / 2> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    throw os::last_error("get random bytes");
  }
  std::string name(kPrefix);
  for (const unsigned char byte : random) {
    for (const unsigned digit : {byte / 16U, byte % 16U}) name += "0123456789abcdef"[digit];
  }
  return name;
}

bool is_temporary(const std::string& name) {
  return name.size() == kPrefix.size() + kRandomDigits && name.starts_with(kPrefix) &&
         name.find_first_not_of("0123456789abcdef", kPrefix.size()) == std::string::npos;
}

bool is_unsupported(int error) { return error == EINVAL || error == ENOSYS; }

}  // namespace

Installation::Installation(std::string folder)
    : folder_(std::move(folder)), directory_(os::open_trusted_directory(folder_)) {
  lock();
  remove_leftovers();
}

Installation::~Installation() {
  if (!is_kept_) take_back();
  remove_temporaries();
}

// Of the folder itself: a file to lock would be one more file in it. Who may read the folder can keep us waiting so: it is told who.
void Installation::lock() const {
  constexpr std::chrono::minutes kPatience(1);
  bool is_ours = false;
  try {
    is_ours = os::lock_within(directory_.get(), kPatience);
  } catch (const std::system_error& error) {
    throw os::error(error.code().value(), "lock " + folder_);
  }
  if (is_ours) return;
  throw os::error(ETIMEDOUT, "lock " + folder_ + ": waited " + os::duration_text(kPatience) + " for " +
                                 os::process_text(os::flock_holder(directory_.get())));
}

// We have the lock, so they are nobody's. One that stays harms nothing; who cannot remove it is told so by what he writes.
void Installation::remove_leftovers() const {
  std::vector<std::string> leftovers;
  os::for_each_entry(directory_.get(), [&](const std::string& name) {
    if (is_temporary(name)) leftovers.push_back(name);
  });
  for (const std::string& name : leftovers) ::unlinkat(directory_.get(), name.c_str(), 0);
}

bool Installation::is_taken(const std::string& name) const {
  struct stat status {};
  if (::fstatat(directory_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return false;
    throw os::last_error("look at " + path(name));
  }
  if (S_ISDIR(status.st_mode)) throw os::error(EISDIR, "replace " + path(name));
  if (S_ISREG(status.st_mode) || S_ISLNK(status.st_mode)) return true;
  throw os::error(EEXIST, "replace " + path(name) + ", which is neither a file nor a link");
}

bool Installation::has_file(const std::string& name, const std::string& content, mode_t mode) const {
  struct stat status {};
  if (::fstatat(directory_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode) ||
      (status.st_mode & 07777U) != mode || status.st_uid != ::geteuid() ||
      static_cast<std::size_t>(status.st_size) != content.size()) {
    return false;
  }
  return os::read_file_at(directory_.get(), name, content.size()) == content;
}

bool Installation::has_link(const std::string& name, const std::string& target) const {
  std::array<char, PATH_MAX> found{};
  const ssize_t size = ::readlinkat(directory_.get(), name.c_str(), found.data(), found.size());
  return size >= 0 && std::string_view(found.data(), static_cast<std::size_t>(size)) == target;
}

const std::string& Installation::begin(const std::string& name) {
  static_cast<void>(is_taken(name));
  entries_.push_back({name, temporary_name()});
  return entries_.back().temporary;
}

// The descriptor is closed before the file has its name: nobody can execute what somebody may write to (ETXTBSY).
void Installation::stage_file(const std::string& name, const std::string& content, mode_t mode) {
  if (has_file(name, content, mode)) return;
  const std::string& temporary = begin(name);
  const std::string what = "write " + path(name);
  const os::Fd file(::openat(directory_.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                             S_IRUSR | S_IWUSR));
  if (!file) throw os::last_error(what);
  os::write_all(file.get(), content, what);
  if (::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0) throw os::last_error(what);
}

void Installation::stage_link(const std::string& name, const std::string& target) {
  if (has_link(name, target)) return;
  const std::string& temporary = begin(name);
  if (::symlinkat(target.c_str(), directory_.get(), temporary.c_str()) != 0)
    throw os::last_error("write " + path(name));
}

void Installation::place(Entry& entry) const {
  const int at = directory_.get();
  const bool is_taken_now = is_taken(entry.name);
  const unsigned flag = is_taken_now ? RENAME_EXCHANGE : RENAME_NOREPLACE;
  if (::renameat2(at, entry.temporary.c_str(), at, entry.name.c_str(), flag) == 0) {
    entry.state = is_taken_now ? State::exchanged : State::is_new;
    return;
  }
  if (!is_unsupported(errno) || ::renameat(at, entry.temporary.c_str(), at, entry.name.c_str()) != 0) {
    throw os::last_error("replace " + path(entry.name));
  }
  entry.state = is_taken_now ? State::replaced : State::is_new;
}

void Installation::place() {
  for (Entry& entry : entries_) place(entry);
}

void Installation::keep() {
  is_kept_ = true;
  if (!entries_.empty() && ::fsync(directory_.get()) != 0) throw os::last_error("write " + folder_ + " to the disk");
}

// The last one first: no link is left behind by what it leads to.
void Installation::take_back() noexcept {
  const int at = directory_.get();
  std::for_each(entries_.rbegin(), entries_.rend(), [at](const Entry& entry) {
    if (entry.state == State::is_new) ::unlinkat(at, entry.name.c_str(), 0);
    if (entry.state == State::exchanged) {
      ::renameat2(at, entry.temporary.c_str(), at, entry.name.c_str(), RENAME_EXCHANGE);
    }
  });
}

void Installation::remove_temporaries() const noexcept {
  for (const Entry& entry : entries_) ::unlinkat(directory_.get(), entry.temporary.c_str(), 0);
}

std::vector<std::string> Installation::changed() const {
  std::vector<std::string> names;
  std::transform(entries_.begin(), entries_.end(), std::back_inserter(names),
                 [](const Entry& entry) { return entry.name; });
  return names;
}

}  // namespace cli
