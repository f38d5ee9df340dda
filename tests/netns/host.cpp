// SPDX-License-Identifier: Apache-2.0
#include "tests/netns/host.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "lib/netns/netns.h"
#include "lib/os/error.h"

namespace test {
namespace {

namespace fs = std::filesystem;

const std::string kRun = "/run/netns";
const std::string kState = "/var/lib/cni";

void require(int result, const std::string& what) {
  if (result != 0) throw os::last_error(what);
}

void mount_tmpfs(const std::string& folder) {
  require(::mount("tmpfs", folder.c_str(), "tmpfs", 0, nullptr), "mount tmpfs on " + folder);
}

// Creates kState if the machine has none, in an overlay over its parent that only this process sees.
void add_state_folder() {
  if (fs::exists(kState)) return;
  const std::string parent = fs::path(kState).parent_path();
  fs::create_directories("/run/layer/upper");
  fs::create_directories("/run/layer/work");
  const std::string layers = "lowerdir=" + parent + ",upperdir=/run/layer/upper,workdir=/run/layer/work";
  require(::mount("overlay", parent.c_str(), "overlay", 0, layers.c_str()), "mount overlay on " + parent);
  fs::create_directory(kState);
}

void mount_private_folders() {
  static bool is_done = false;
  if (is_done) return;
  is_done = true;
  require(::unshare(CLONE_NEWNS), "unshare mount namespace");
  require(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make mounts private");
  mount_tmpfs("/run");
  fs::create_directory(kRun);
  add_state_folder();
  mount_tmpfs(kState);
}

std::vector<std::string> environment(const std::map<std::string, std::string>& more) {
  const char* path = std::getenv("PATH");
  std::vector<std::string> result{std::string("PATH=") + (path == nullptr ? "/usr/sbin:/usr/bin:/sbin:/bin" : path),
                                  "LC_ALL=C"};
  for (const char* kept : {"ASAN_OPTIONS", "FOOTBRIDGE_LOG"}) {
    if (const char* value = std::getenv(kept)) result.push_back(std::string(kept) + "=" + value);
  }
  for (const auto& [name, value] : more) result.push_back(name + "=" + value);
  return result;
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  for (const char* folder : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"}) {
    if (fs::exists(folder + name)) return folder + name;
  }
  throw std::runtime_error("program not found: " + name);
}

std::string joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

std::vector<std::string> words(const std::string& line) {
  std::istringstream stream(line);
  return {std::istream_iterator<std::string>(stream), {}};
}

// Removes the flags that depend on carrier, of links and of routes. They change with the link's other end.
void erase_carrier(Json& json) {
  if (json.is_object() && json.contains("flags")) {
    Json kept = Json::array();
    for (const Json& flag : json["flags"]) {
      if (flag != "NO-CARRIER" && flag != "LOWER_UP" && flag != "linkdown") kept.push_back(flag);
    }
    json["flags"] = kept;
  }
  if (!json.is_structured()) return;
  for (Json& element : json) erase_carrier(element);
}

// The kernel adds and deletes IPv6 link-local addresses and multicast routes some time after a change of carrier.
bool depends_on_carrier(const Json& entry) {
  if (!entry.is_object()) return false;
  const std::string dst = entry.value("dst", "");
  return (entry.contains("local") && entry.value("scope", "") == "link") || dst.starts_with("fe80:") ||
         dst.starts_with("ff00:");
}

void erase_link_local(Json& json) {
  if (!json.is_structured()) return;
  if (json.is_array()) {
    Json kept = Json::array();
    for (const Json& element : json) {
      if (!depends_on_carrier(element)) kept.push_back(element);
    }
    json = kept;
  }
  for (Json& element : json) erase_link_local(element);
}

void erase_keys(Json& json, const std::vector<std::string>& keys) {
  if (json.is_object()) {
    for (const std::string& key : keys) json.erase(key);
  }
  if (!json.is_structured()) return;
  for (Json& element : json) erase_keys(element, keys);
}

// host-local's lock file and last_reserved_ip are hints, which a failed ADD may change. The second one keeps host-local
// from allocating the address that was released last.
bool is_hint(const fs::path& path) {
  const std::string name = path.filename().string();
  return name == "lock" || name.starts_with("last_reserved_ip.");
}

std::string files_below(const std::string& folder) {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    std::ostringstream content;
    if (entry.is_directory() || is_hint(entry.path())) continue;
    if (entry.is_regular_file()) content << std::ifstream(entry.path()).rdbuf();
    found[entry.path().string()] = content.str();
  }
  return Json(found).dump(1);
}

}  // namespace

std::string bin() {
  const char* folder = std::getenv("FOOTBRIDGE_BIN");
  if (folder == nullptr) throw std::runtime_error("FOOTBRIDGE_BIN is not set: no folder with the executables");
  return folder;
}

Background::Background(const std::string& netns, const std::vector<std::string>& command) {
  const std::string program = find_program(command.front());
  pid_ = ::fork();
  if (pid_ < 0) throw os::last_error("fork");
  if (pid_ > 0) return;
  ::setsid();  // the destructor kills the process group
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int fd = netns.empty() ? -1 : ::open((kRun + "/" + netns).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0 && ::setns(fd, CLONE_NEWNET) != 0) ::_exit(126);
  ::execv(program.c_str(), arguments.data());
  ::_exit(127);
}

Background::~Background() {
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);  // if setsid has not run yet
  ::waitpid(pid_, nullptr, 0);
}

Host::Host() {
  mount_private_folders();
  require(::unshare(CLONE_NEWNET), "unshare network namespace");
  run({"ip", "link", "set", "lo", "up"});
}

Host::~Host() {
  for (const auto& entry : fs::directory_iterator(kRun)) {
    ::umount2(entry.path().c_str(), MNT_DETACH);
    fs::remove(entry.path());
  }
  for (const auto& entry : fs::directory_iterator(kState)) fs::remove_all(entry.path());
  ::unshare(CLONE_NEWNET);  // the kernel destroys the old one, which has no process left
}

std::string Host::add_netns(const std::string& name) {
  std::string path = kRun + "/" + name;
  std::ofstream(path).close();
  std::exception_ptr failed;
  std::thread([&] {
    try {
      require(::unshare(CLONE_NEWNET), "unshare network namespace");
      require(::mount("/proc/thread-self/ns/net", path.c_str(), nullptr, MS_BIND, nullptr), "bind " + path);
    } catch (...) {
      failed = std::current_exception();
    }
  }).join();
  if (failed) std::rethrow_exception(failed);
  run({"ip", "link", "set", "lo", "up"}, name);
  return path;
}

void Host::remove_netns(const std::string& name) {
  const std::string path = kRun + "/" + name;
  require(::umount2(path.c_str(), MNT_DETACH), "unmount " + path);
  fs::remove(path);
}

void Host::add_outside(const std::string& name) {
  add_netns(name);
  // Routers send neighbour solicitations from their link-local address: the LAN is ready when lan0 has one.
  run({"ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan0", "netns", kRun + "/" + name});
  const auto set_up = [&](const std::string& netns, const char* address, const char* address6) {
    run({"ip", "address", "add", std::string(address) + "/24", "dev", "lan0"}, netns);
    run({"ip", "address", "add", std::string(address6) + "/64", "dev", "lan0", "nodad"}, netns);
    run({"sysctl", "-q", "net.ipv6.conf.lan0.accept_dad=0"}, netns);
    run({"ip", "link", "set", "lan0", "up"}, netns);
  };
  set_up({}, kHostAddress, kHostAddress6);
  set_up(name, kOutsideAddress, kOutsideAddress6);
  // The kernel uses a new link after a delay. A neighbour solicitation lost before that is repeated a second later.
  run({"ping", "-6", "-c", "1", "-W", "5", kOutsideAddress6});
}

os::ProcessOutput Host::try_run(const std::string& netns, const std::vector<std::string>& command,
                                const std::string& input) const {
  const std::string program = find_program(command.front());
  std::unique_ptr<netns::Entered> entered;
  if (!netns.empty()) entered = std::make_unique<netns::Entered>(netns::Netns::open(kRun + "/" + netns).value());
  os::Process process(program, command, environment({}), input);
  entered.reset();
  return process.wait(64U << 20U);
}

std::string Host::run(const std::vector<std::string>& command, const std::string& netns) const {
  const os::ProcessOutput output = try_run(netns, command);
  if (output.exit_code != 0) throw std::runtime_error(joined(command) + ": " + output.err + output.out);
  return output.out;
}

Json Host::ip(const std::string& arguments, const std::string& netns) const {
  const std::string out = run(words("ip -j " + arguments), netns);
  return out.empty() ? Json::array() : Json::parse(out);
}

std::string Host::snapshot(const std::vector<std::string>& netns) const {
  std::vector<std::string> all{""};
  all.insert(all.end(), netns.begin(), netns.end());
  std::string result;
  for (const std::string& name : all) {
    for (const char* what : {"-d link", "address", "route show table all", "-6 route show table all"}) {
      Json json = ip(what, name);
      erase_carrier(json);
      erase_link_local(json);
      erase_keys(json, {"link_netnsid", "link_index", "gc_timer", "hello_timer", "tcn_timer", "topology_change_timer",
                        "forward_delay_timer", "hold_timer", "message_age_timer", "expires", "tso_max_size", "qdisc",
                        "bridge_id", "root_id", "operstate", "topology_change"});
      result += name + " " + what + " " + json.dump(1) + "\n";
    }
  }
  const std::string listing = run({"nft", "-j", "list", "ruleset"});
  // nft 1.0.6 prints no JSON if a table has an owner process.
  Json ruleset = Json::accept(listing) ? Json::parse(listing) : Json(run({"nft", "list", "ruleset"}));
  erase_keys(ruleset, {"handle", "metainfo", "packets", "bytes"});
  return result + ruleset.dump(1) + "\n" + files_below(kState);
}

Json Host::elements(const std::string& set) const {
  for (const char* kind : {"set", "map"}) {
    const os::ProcessOutput output = try_run({}, {"nft", "-j", "list", kind, "inet", "footbridge", set});
    if (output.exit_code != 0) continue;
    const Json listing = Json::parse(output.out);
    for (const Json& object : listing["nftables"]) {
      if (object.contains(kind)) return object[kind].value("elem", Json::array());
    }
  }
  return Json::array();
}

Outcome call(const Call& call) {
  std::map<std::string, std::string> variables{
      {"CNI_COMMAND", call.verb},  {"CNI_CONTAINERID", call.id}, {"CNI_NETNS", call.netns},
      {"CNI_IFNAME", call.ifname}, {"CNI_ARGS", call.args},      {"CNI_PATH", call.path.empty() ? bin() : call.path}};
  const std::string program = (call.folder.empty() ? bin() : call.folder) + "/" + call.plugin;
  os::Process process(program, {program}, environment(variables), call.config);
  const os::ProcessOutput output = process.wait(64U << 20U);
  return {output.exit_code, output.out, output.err};
}

std::vector<Outcome> call_together(const std::vector<Call>& calls) {
  std::vector<Outcome> outcomes(calls.size());
  std::vector<std::thread> threads;
  threads.reserve(calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    threads.emplace_back([&, i] { outcomes[i] = call(calls[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  return outcomes;
}

std::string difference(const std::string& before, const std::string& after) {
  if (before == after) return {};
  const auto lines = [](const std::string& text) {
    std::istringstream stream(text);
    std::multiset<std::string> result;
    for (std::string line; std::getline(stream, line);) result.insert(line);
    return result;
  };
  const auto old_lines = lines(before);
  const auto new_lines = lines(after);
  std::string result = "the snapshots differ:\n";
  for (const std::string& line : old_lines) {
    if (!new_lines.contains(line)) result += "- " + line + "\n";
  }
  for (const std::string& line : new_lines) {
    if (!old_lines.contains(line)) result += "+ " + line + "\n";
  }
  return result;
}

bool has_link_kind(const std::string& kind) {
  const std::string script = "ip link add lan0 type veth peer name lan1 && ip link add link lan0 name new0 type " +
                             kind + (kind == "vlan" ? " id 5" : "");
  os::Process process(find_program("unshare"), {"unshare", "--net", "sh", "-c", script}, environment({}), {});
  return process.wait(64U << 20U).exit_code == 0;
}

std::string with_previous(const std::string& config, const Json& previous) {
  Json json = Json::parse(config);
  json["prevResult"] = previous;
  return json.dump();
}

}  // namespace test
