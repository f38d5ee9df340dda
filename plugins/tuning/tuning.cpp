#include "plugins/tuning/tuning.h"

#include <cerrno>

#include "lib/attachment/check.h"
#include "lib/cni/rollback.h"
#include "lib/cni/steps.h"
#include "lib/log/log.h"
#include "lib/plan/attachment_lock.h"
#include "lib/plan/kernel.h"
#include "plugins/tuning/allow_list.h"
#include "plugins/tuning/backup_file.h"
#include "plugins/tuning/plan.h"

namespace tuning {
namespace {

cni::Result previous_of(const cni::Request& request) {
  auto previous = request.previous_result();
  if (!previous) throw cni::Error(cni::kBadConfiguration, "Required prevResult missing");
  return std::move(*previous);
}

void require_allowed(const Config& config) {
  if (config.sysctls.empty()) return;
  if (const auto list = AllowList::read()) list->require(config.sysctls);
}

// Does the link refuse that value, and will it tomorrow?
bool is_refused_for_good(const std::system_error& error) {
  switch (error.code().value()) {
    case EINVAL:
    case ERANGE:
    case EBUSY:
    case EOPNOTSUPP:
    case EADDRNOTAVAIL: return true;
    default: return false;
  }
}

void apply(plan::Kernel& kernel, const netlink::SetLink& change) {
  plan::Plan plan;
  plan.container(change);
  try {
    kernel.apply(plan);
  } catch (const std::system_error& error) {
    if (error.code().value() != ENODEV) throw;  // gone meanwhile, with all its attributes
  }
}

// All at once, and where that fails each on its own: what one of them is refused must not keep the others. has_hope: another try
// may do what failed.
void bring_back(plan::Kernel& kernel, const net::IfName& name, const Attributes& previous, bool& has_hope) {
  if (previous.empty()) return;
  try {
    return apply(kernel, change_of(name, previous));
  } catch (const std::system_error& error) {
    logging::debug(error.what());
  }
  cni::Steps steps;
  for (const netlink::SetLink& change : changes_of(name, previous)) {
    steps.run("bring " + name.text() + " back", [&] {
      try {
        apply(kernel, change);
      } catch (const std::system_error& error) {
        has_hope = has_hope || !is_refused_for_good(error);
        throw;
      }
    });
  }
  steps.finish();
}

// Writes down what the link is like, before anything is done to it.
void keep(cni::Rollback& rollback, const BackupFile& file, const Config& config, const Seen& seen) {
  const auto there = file.read();
  rollback.add("put the backup back", [&file, there] { there ? file.write(*there) : file.remove(); });
  logging::did("keep " + file.path());
  file.write(text(plan_backup(config, seen, there ? parse_backup(*there) : std::nullopt)));
}

void undo_sysctls(plan::Kernel& kernel, const Config& config, const Seen& seen) {
  cni::Steps steps;
  for (const plan::Plan& plan : plan_untune(config, seen)) steps.run("set a sysctl back", [&] { kernel.apply(plan); });
  steps.finish();
}

void tune(plan::Kernel& kernel, const Config& config) {
  const Seen seen = observe(kernel, config);
  const BackupFile file(config.data_dir, config.owner);
  cni::Rollback rollback;
  if (!config.wanted.empty()) {
    if (!seen.link) {
      throw cni::Error(cni::kInternal, "failed to find interface \"" + config.owner.ifname + "\" in " +
                                           kernel.container_netns().path());
    }
    keep(rollback, file, config, seen);
  }
  rollback.add("set the sysctls back", [&] { undo_sysctls(kernel, config, seen); });
  rollback.add("bring the interface back", [&] {
    bool has_hope = false;
    if (seen.link) bring_back(kernel, net::IfName(config.owner.ifname), values_of(*seen.link, config.wanted), has_hope);
  });
  kernel.apply(plan_tune(config));
  rollback.dismiss();
}

cni::Result add(const cni::Request& request) {
  const Config config = parse_config(request);
  cni::Result previous = previous_of(request);
  if (config.empty()) return previous;
  require_allowed(config);
  refuse_mtu_without_ipv6(config, previous);
  plan::Kernel kernel(request.netns);
  const plan::AttachmentLock lock(config.owner);
  tune(kernel, config);
  return describe(std::move(previous), config);
}

// nullopt for a namespace that is gone, or a path that names something else since. Whoever takes what he may not enter, or
// cannot just now, for gone would leave its interface as it is for ever.
std::optional<plan::Kernel> container_of(const std::string& netns) {
  if (netns.empty()) return std::nullopt;
  try {
    return std::optional<plan::Kernel>(std::in_place, netns);
  } catch (const std::system_error& error) {
    const int code = error.code().value();
    if (code == ENOENT || code == ENOTDIR || code == ESRCH || code == EINVAL) return std::nullopt;
    throw;
  }
}

// Is the link that the backup is of still there? Another one that has its name since is left alone.
bool has_link_of(plan::Kernel& kernel, const net::IfName& name, const Backup& backup) {
  const auto link = netlink::observe_link(kernel.container(), name);
  return link && backup.may_be_of({kernel.container().netns_cookie(), link->index});
}

void restore(const cni::Request& request, const Backup& backup, bool& has_hope) {
  has_hope = true;
  auto kernel = container_of(request.netns);
  const net::IfName name(request.ifname);
  const bool is_there = kernel && has_link_of(*kernel, name, backup);
  has_hope = false;
  if (is_there) bring_back(*kernel, name, backup.previous, has_hope);
}

// DEL: the backup goes when there is nothing that it could still do, also when that is because the link refuses a value: then
// this DEL says so, and the next one does not.
void del(const cni::Request& request) {
  const net::Owner owner = request.owner();
  const BackupFile file(parse_data_dir_leniently(request), owner);
  const plan::AttachmentLock lock(owner);
  const auto content = file.read();
  if (!content) return;
  const auto backup = parse_backup(*content);
  if (!backup) logging::warn(file.path() + " is no backup of a link: nothing is brought back");
  cni::Steps steps;
  bool has_hope = false;
  if (backup) steps.run("bring the interface back", [&] { restore(request, *backup, has_hope); });
  if (!has_hope) {
    steps.run("remove the backup", [&] {
      file.remove();
      logging::did("remove " + file.path());
    });
  }
  steps.finish();
}

void check(const cni::Request& request) {
  const Config config = parse_config(request);
  previous_of(request);
  if (config.empty()) return;
  plan::Kernel kernel(request.netns);
  plan::Differences differences;
  compare(differences, config, observe(kernel, config));
  attachment::refuse_differences(differences, "the container is not tuned as ADD left it");
}

// STATUS: the list allows what is configured, and a backup could be written.
void status(const cni::Request& request) {
  const Config config = parse_config(request);
  require_allowed(config);
  if (config.wanted.empty()) return;
  try {
    require_writable(config.data_dir);
  } catch (const std::system_error& error) {
    throw cni::Error(cni::kNotAvailable,
                     "the folder of backups " + config.data_dir + " cannot be used: " + error.what(),
                     "dataDir must be a directory that can be written to");
  }
}

void gc(const cni::Request& request) {
  collect(parse_data_dir_leniently(request), request.alive().value(),
          [](const std::string& path) { logging::did("collect " + path); });
}

}  // namespace

const cni::Plugin& plugin() {
  static const cni::Plugin instance{"tuning", cni::kAllVersions, add, del, check, status, gc};
  return instance;
}

}  // namespace tuning
