// SPDX-License-Identifier: Apache-2.0
// The tuning plugin: sysctls of a container's network namespace, and attributes of its interface. Comes after the plugin that
// made the interface.
//
// Keys: config.h. ADD writes down what the interface was like (backup.h), and DEL brings it back; sysctls stay as they are.

#include <cerrno>
#include <stdexcept>

#include "lib/attachment/chained/previous.h"
#include "lib/attachment/check.h"
#include "lib/attachment/lock.h"
#include "lib/cni/rollback.h"
#include "lib/cni/serve.h"
#include "lib/cni/steps.h"
#include "lib/log/log.h"
#include "lib/plan/kernel.h"
#include "plugins/tuning/allow_list.h"
#include "plugins/tuning/backup_file.h"
#include "plugins/tuning/plan.h"

namespace tuning {
namespace {

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
    case EADDRINUSE:  // a macvlan's old MAC, which a neighbour has now
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
void bring_back(plan::Kernel& kernel, const netlink::Link& found, const Attributes& previous, bool& has_hope) {
  if (previous.empty()) return;
  netlink::SetLink link{net::IfName(found.name)};
  link.index = found.index;
  try {
    return apply(kernel, change_of(link, previous));
  } catch (const std::system_error& error) {
    logging::debug(error.what());
  }
  cni::Steps steps;
  for (const netlink::SetLink& change : changes_of(link, previous)) {
    steps.run("bring " + found.name + " back", [&] {
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

// "a_b_c.json" is of interface c of container a_b, and also of interface b_c of container a.
std::runtime_error taken(const BackupFile& file, const net::Owner& other) {
  return std::runtime_error(file.path() + " is the backup of interface " + other.ifname + " of container " +
                            other.container_id);
}

// Writes down what the link is like, before anything is done to it. is_needed: by DEL, also after an ADD that fails.
void keep(cni::Rollback& rollback, const BackupFile& file, const Config& config, const Seen& seen,
          const bool& is_needed) {
  const auto there = file.read();
  const auto kept = there ? parse_backup(*there) : std::nullopt;
  if (kept && !kept->may_be_of(config.owner)) throw taken(file, *kept->owner);
  rollback.add("put the backup back", [&file, &is_needed, there] {
    if (!is_needed) there ? file.write(*there) : file.remove();
  });
  logging::record_action("keep " + file.path());
  file.write(text(plan_backup(config, seen, kept)));
}

// Those that are refused once more after the others, as long as that helps: the kernel takes a range of ports only where
// it does not meet the privileged ones as they are at that moment.
void set_sysctls(plan::Kernel& kernel, std::vector<plan::Plan> plans) {
  for (std::vector<plan::Plan> refused;; refused.clear()) {
    cni::Steps steps;
    for (plan::Plan& plan : plans) {
      steps.run("set a sysctl", [&] {
        try {
          kernel.apply(plan);
        } catch (const std::exception&) {
          refused.push_back(std::move(plan));
          throw;
        }
      });
    }
    if (refused.size() == plans.size() || refused.empty()) return steps.finish();
    plans = std::move(refused);
  }
}

void tune(plan::Kernel& kernel, const Config& config) {
  const Seen seen = observe(kernel, config);
  const BackupFile file(config.data_dir, config.owner);
  bool has_hope = false;  // of DEL, to bring back what the rollback could not
  cni::Rollback rollback;
  if (!config.wanted.empty()) {
    if (!seen.link) {
      throw cni::Error(cni::kInternal, "failed to find interface \"" + config.owner.ifname + "\" in " +
                                           kernel.container_netns().path());
    }
    keep(rollback, file, config, seen, has_hope);
  }
  rollback.add("set the sysctls back", [&] { set_sysctls(kernel, plan_untune(config, seen)); });
  rollback.add("bring the interface back", [&] {
    if (seen.link) bring_back(kernel, *seen.link, values_of(*seen.link, config.wanted), has_hope);
  });
  set_sysctls(kernel, plan_sysctls(config));
  kernel.apply(plan_interface(config));
  rollback.dismiss();
}

cni::Result add(const cni::Request& request) {
  const Config config = parse_config(request);
  cni::Result previous = attachment::require_previous(request);
  if (config.empty()) return previous;
  require_allowed(config);
  refuse_mtu_without_ipv6(config, previous);
  plan::Kernel kernel(request.netns);
  const attachment::Lock lock(config.owner);
  tune(kernel, config);
  return describe(std::move(previous), config);
}

// The link that the backup is of, whatever the container calls it by now; another one that has its name is left alone. The
// reference's backup knows only the name.
std::optional<netlink::Link> link_of(plan::Kernel& kernel, const net::IfName& name, const Backup& backup) {
  netlink::Socket& container = kernel.container();
  if (!backup.link) return netlink::observe_link(container, name);
  if (container.netns_cookie() != backup.link->netns) return std::nullopt;
  return netlink::observe_link(container, backup.link->index);
}

void restore(const cni::Request& request, const Backup& backup, bool& has_hope) {
  has_hope = true;
  auto kernel = plan::Kernel::unless_gone(request.netns);
  const auto link = kernel ? link_of(*kernel, net::IfName(request.ifname), backup) : std::nullopt;
  has_hope = false;
  if (link) bring_back(*kernel, *link, backup.previous, has_hope);
}

// DEL: the backup goes when there is nothing that it could still do, also when that is because the link refuses a value: then
// this DEL says so, and the next one does not.
void del(const cni::Request& request) {
  const net::Owner owner = request.owner();
  const BackupFile file(parse_data_dir_leniently(request), owner);
  const attachment::Lock lock(owner);
  const auto content = file.read();
  if (!content) return;
  const auto backup = parse_backup(*content);
  if (backup && !backup->may_be_of(owner)) return;  // its file's name can be ours, too
  if (!backup) logging::warn(file.path() + " is no backup of a link: nothing is brought back");
  cni::Steps steps;
  bool has_hope = false;
  if (backup) steps.run("bring the interface back", [&] { restore(request, *backup, has_hope); });
  if (!has_hope) {
    steps.run("remove the backup", [&] {
      file.remove();
      logging::record_action("remove " + file.path());
    });
  }
  steps.finish();
}

void check(const cni::Request& request) {
  const Config config = parse_config(request);
  attachment::require_previous(request);
  if (config.empty()) return;
  plan::Kernel kernel(request.netns);
  plan::Differences differences;
  compare(differences, config, observe(kernel, config));
  attachment::reject_differences(differences, "the container is not tuned as ADD left it");
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
          [](const std::string& path) { logging::record_action("collect " + path); });
}

}  // namespace

const cni::Plugin& plugin() {
  static const cni::Plugin instance{"tuning", cni::kAllVersions, add, del, check, status, gc, nullptr, parse_config};
  return instance;
}

}  // namespace tuning
