// SPDX-License-Identifier: Apache-2.0
// Arbitrary files in a store, and its index. Input: for each file a control byte (its kind), an address byte, a size
// and that many bytes; or a change of the index with valid checksums, so that it is used.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "lib/ipam/allocator.h"
#include "lib/ipam/layout.h"
#include "lib/ipam/store.h"
#include "lib/os/file.h"
#include "tests/fuzz/input.h"

namespace fs = std::filesystem;

namespace {

constexpr const char* kFolder = "/dev/shm/footbridge-fuzz";

// A folder for this process, with two empty folders: "n" for the store and "run" for the indices.
std::string fresh_folder() {
  const std::string folder = std::string(kFolder) + "-" + std::to_string(::getpid());
  fs::remove_all(folder);
  fs::create_directories(folder + "/n");
  fs::create_directories(folder + "/run");
  return folder;
}

std::string address_text(std::uint8_t last) { return "10.1.0." + std::to_string(last % 16); }

void write(const std::string& path, std::span<const std::uint8_t> bytes) {
  const os::Fd file = os::open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  os::write_all(file.get(), {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "write");
}

using Raw = std::array<std::uint8_t, ipam::IndexFile::kBodySize>;

// Input: block, offset and the new byte.
void change_index(const std::string& run, fuzz::Input& input) {
  const std::size_t number = input.byte();
  const std::size_t offset = input.u16();
  const std::uint8_t value = input.byte();
  for (const auto& entry : fs::directory_iterator(run)) {
    auto file = ipam::IndexFile::open(run, entry.path().filename());
    if (!file) continue;
    try {
      Raw block = file->read<Raw>(number);
      block.at(offset % block.size()) = value;
      file->write(number, block);
    } catch (const ipam::IndexDamaged&) {  // no such block
    }
  }
}

void make_file(const std::string& folder, fuzz::Input& input) {
  constexpr std::size_t kKinds = 6;
  const std::string store = folder + "/n/";
  const std::size_t kind = input.choice(kKinds);
  if (kind == 5) return change_index(folder + "/run", input);
  const std::string name = store + (kind == 4 ? ipam::hint_name(0) : address_text(input.byte()));
  const auto bytes = input.take(input.byte());
  if (kind == 1) {
    ::mkdir(name.c_str(), 0700);
  } else if (kind == 2) {
    ::mkfifo(name.c_str(), 0600);
  } else if (kind == 3) {
    ::symlink("/nowhere", name.c_str());
  } else if (!fs::exists(fs::symlink_status(name)) || fs::is_regular_file(fs::symlink_status(name))) {
    write(name, bytes);
  }
}

ipam::RangeSet small_set() {
  return ipam::RangeSet({ipam::complete({*net::Prefix::parse("10.1.0.0/28"), {}, {}, {}})});
}

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename());
  return names;
}

// An allocation deletes no file and allocates no address twice.
void allocate(ipam::Store& store, const std::string& folder, const std::string& container) {
  const std::set<std::string> before = names_in(folder);
  try {
    const auto leases = ipam::allocate(store, std::vector{small_set()}, {}, {container, "eth0"});
    const std::string address = leases.front().address.address.text();
    fuzz::require(names_in(folder).contains(address), "an allocated address has a file");
  } catch (const std::runtime_error&) {  // no address is left
    return;
  }
  for (const std::string& name : before) fuzz::require(names_in(folder).contains(name), "all files stay");
}

void use(const std::string& folder, const std::string& container) {
  ipam::Store store = ipam::Store::create(folder, "n", folder + "/run");
  store.reclaim([] { return std::string("this-boot"); }, [](const ipam::Entry&) {});
  allocate(store, folder + "/n", container);
  for (const ipam::Entry& entry : store.entries()) entry.owner.text();
  store.addresses_of({container, "eth0"});
  store.last_reserved(0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kFiles = 6;
  fuzz::Input input(data, size);
  const std::string folder = fresh_folder();
  for (std::size_t round = 0; round < 3 && !input.empty(); ++round) {
    for (std::size_t i = 0; i < kFiles && !input.empty(); ++i) make_file(folder, input);
    use(folder, "c" + std::to_string(round));
  }
  ipam::Store::create(folder, "n", folder + "/run").release_all({"c0", "eth0"});
  return 0;
}
