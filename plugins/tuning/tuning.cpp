// SPDX-License-Identifier: Apache-2.0
// The tuning plugin: sets sysctls of the container's network namespace and attributes of its interface. It is chained
// after the plugin that creates the interface.
//
// Keys: config.h. ADD saves the interface's attributes (backup.h), and DEL restores them. Sysctls are not restored.

#include <cerrno>
#include <stdexcept>

#include "lib/attachment/chained/previous.h"
#include "lib/attachment/check.h"
#include "lib/attachment/lock.h"
#include "lib/attachment/uplink.h"
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

// mtu "auto"; nullopt: the link keeps its MTU. CHECK does not compare it: the uplink's may have changed since ADD.
std::optional<std::uint32_t> auto_mtu(plan::Kernel& kernel) {
  const attachment::Mtu mtu = attachment::resolved({0, true}, kernel.host());
  return mtu.bytes == 0 ? std::nullopt : std::optional(mtu.bytes);
}

void require_allowed(const Config& config) {
  if (config.sysctls.empty()) return;
  if (const auto list = AllowList::read()) list->require(config.sysctls);
}

// Will the link reject the value on every attempt?
bool is_permanent(const std::system_error& error) {
  switch (error.code().value()) {
    case EINVAL:
    case ERANGE:
    case EBUSY:
    case EADDRINUSE:  // a macvlan's former MAC address, which another macvlan has now
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
    if (error.code().value() != ENODEV) throw;  // deleted meanwhile
  }
}

// Sets all attributes at once. If that fails, sets each one separately, so that one rejected value does not affect the
// others. may_retry: a further attempt may succeed.
void restore_link(plan::Kernel& kernel, const netlink::Link& found, const Attributes& previous, bool& may_retry) {
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
    steps.run("restore " + found.name, [&] {
      try {
        apply(kernel, change);
      } catch (const std::system_error& error) {
        may_retry = may_retry || !is_permanent(error);
        throw;
      }
    });
  }
  steps.finish();
}

// "a_b_c.json" is the name for interface c of container a_b and for interface b_c of container a.
std::runtime_error name_collision(const BackupFile& file, const net::Owner& other) {
  return std::runtime_error(file.path() + " is the backup of interface " + other.ifname + " of container " +
                            other.container_id);
}

// Saves the link's attributes before anything is changed. is_needed: DEL still needs the backup after a failed ADD.
void save_backup(cni::Rollback& rollback, const BackupFile& file, const Config& config, const Seen& seen,
                 const bool& is_needed) {
  const auto content = file.read();
  const auto earlier = content ? parse_backup(*content) : std::nullopt;
  if (earlier && !earlier->may_be_of(config.owner)) throw name_collision(file, *earlier->owner);
  rollback.add("restore the previous backup", [&file, &is_needed, content] {
    if (!is_needed) content ? file.write(*content) : file.remove();
  });
  logging::record_action("save " + file.path());
  file.write(text(plan_backup(config, seen, earlier)));
}

// Retries rejected values after the others as long as that makes progress: the kernel accepts a range of ports only if
// it does not overlap the current range of privileged ports.
void set_sysctls(plan::Kernel& kernel, std::vector<plan::Plan> plans) {
  for (std::vector<plan::Plan> rejected;; rejected.clear()) {
    cni::Steps steps;
    for (plan::Plan& plan : plans) {
      steps.run("set a sysctl", [&] {
        try {
          kernel.apply(plan);
        } catch (const std::exception&) {
          rejected.push_back(std::move(plan));
          throw;
        }
      });
    }
    if (rejected.size() == plans.size() || rejected.empty()) return steps.finish();
    plans = std::move(rejected);
  }
}

void tune(plan::Kernel& kernel, const Config& config) {
  const Seen seen = observe(kernel, config);
  const BackupFile file(config.data_dir, config.owner);
  bool may_retry = false;  // DEL can restore what the rollback could not
  cni::Rollback rollback;
  if (!config.wanted.empty()) {
    if (!seen.link) {
      throw cni::Error(cni::kInternal,
                       "failed to find interface \"" + config.owner.ifname + "\" in " + kernel.container_netns().path(),
                       "put tuning after the plugin that creates the interface, for example bridge");
    }
    save_backup(rollback, file, config, seen, may_retry);
  }
  rollback.add("restore the sysctls", [&] { set_sysctls(kernel, plan_restore_sysctls(config, seen)); });
  rollback.add("restore the interface", [&] {
    if (seen.link) restore_link(kernel, *seen.link, values_of(*seen.link, config.wanted), may_retry);
  });
  set_sysctls(kernel, plan_sysctls(config));
  kernel.apply(plan_interface(config));
  rollback.dismiss();
}

cni::Result add(const cni::Request& request) {
  Config config = parse_config(request);
  cni::Result previous = attachment::require_previous(request);
  if (config.empty()) return previous;
  require_allowed(config);
  plan::Kernel kernel(request.netns);
  if (config.has_auto_mtu) config.wanted.mtu = auto_mtu(kernel);
  require_ipv6_mtu(config, previous);
  const attachment::Lock lock(config.owner);
  tune(kernel, config);
  return describe(std::move(previous), config);
}

// The link that the backup describes, even if it was renamed. Another link with its name is ignored. A backup of the
// reference contains only the name.
std::optional<netlink::Link> link_of(plan::Kernel& kernel, const net::IfName& name, const Backup& backup) {
  netlink::Socket& container = kernel.container();
  if (!backup.link) return netlink::observe_link(container, name);
  if (container.netns_cookie() != backup.link->netns) return std::nullopt;
  return netlink::observe_link(container, backup.link->index);
}

void restore(const cni::Request& request, const Backup& backup, bool& may_retry) {
  may_retry = true;
  auto kernel = plan::Kernel::unless_gone(request.netns);
  const auto link = kernel ? link_of(*kernel, net::IfName(request.ifname), backup) : std::nullopt;
  may_retry = false;
  if (link) restore_link(*kernel, *link, backup.previous, may_retry);
}

// DEL deletes the backup unless a further attempt may succeed. If the link rejects a value for good, this DEL fails and
// the next one succeeds.
void del(const cni::Request& request) {
  const net::Owner owner = request.owner();
  const BackupFile file(parse_data_dir_leniently(request), owner);
  const attachment::Lock lock(owner);
  const auto content = file.read();
  if (!content) return;
  const auto backup = parse_backup(*content);
  if (backup && !backup->may_be_of(owner)) return;  // another attachment with the same file name
  if (!backup) logging::warn(file.path() + " is not a backup; the interface is not restored");
  cni::Steps steps;
  bool may_retry = false;
  if (backup) steps.run("restore the interface", [&] { restore(request, *backup, may_retry); });
  if (!may_retry) {
    steps.run("delete the backup", [&] {
      file.remove();
      logging::record_action("delete " + file.path());
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
  attachment::reject_differences(differences, "the sysctls or attributes differ from what ADD configured");
}

// STATUS: the list allows the configured sysctls, and a backup can be written.
void status(const cni::Request& request) {
  const Config config = parse_config(request);
  require_allowed(config);
  if (!config.changes_link()) return;
  try {
    require_writable(config.data_dir);
  } catch (const std::system_error& error) {
    throw cni::Error(cni::kNotAvailable, "cannot use the backup folder " + config.data_dir + ": " + error.what(),
                     "dataDir: allowed: a directory that only root can write to");
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
