// SPDX-License-Identifier: Apache-2.0
// The store against a model that reads all files, while all kinds of programs change the store and its index is
// damaged in all ways.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include <doctest/doctest.h>

#include "lib/ipam/allocator.h"
#include "lib/ipam/store.h"
#include "tests/lib/ipam/memory_folder.h"
#include "tests/lib/ipam/naive.h"
#include "tests/lib/ipam/sets.h"
#include "tests/lib/os/temporary_directory.h"

namespace fs = std::filesystem;
using ipam::Holder;
using ipam::Store;

namespace {

// The directory of a network, its index, and all programs that may change them.
class World {
 public:
  World(std::string data_dir, unsigned seed) : data_dir_(std::move(data_dir)), random_(seed) {
    fs::create_directories(directory());
  }

  void step() {
    static const std::vector<void (World::*)()> kSteps{&World::add,
                                                       &World::add,
                                                       &World::add,
                                                       &World::del,
                                                       &World::del,
                                                       &World::del,
                                                       &World::check,
                                                       &World::release,
                                                       &World::ask_for,
                                                       &World::collect,
                                                       &World::reference_add,
                                                       &World::reference_add,
                                                       &World::reference_del,
                                                       &World::reference_del,
                                                       &World::old_format,
                                                       &World::operator_rm,
                                                       &World::operator_edit,
                                                       &World::operator_odd,
                                                       &World::operator_rm_all,
                                                       &World::fill_empty,
                                                       &World::touch,
                                                       &World::flip,
                                                       &World::flip,
                                                       &World::cut,
                                                       &World::blank,
                                                       &World::old_copy,
                                                       &World::remove_index,
                                                       &World::odd_index};
    (this->*kSteps[draw(kSteps.size())])();
  }

 private:
  [[nodiscard]] std::string directory() const { return data_dir_ + "/n"; }
  [[nodiscard]] std::string file(const net::Address& address) const { return directory() + "/" + address.text(); }
  std::size_t draw(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
  std::string container() { return "c" + std::to_string(draw(12)); }
  Store open() { return Store::create(data_dir_, "n", run_.path()); }

  net::Address some_address() {
    net::Address address = draw(4) == 0 ? address_of("fd00::2") : range_.start;
    for (std::size_t steps = draw(24); steps > 0; --steps) address = address.next();
    return address;
  }

  static net::Address address_of(const std::string& text) { return address(text); }

  // ---- Footbridge ----

  void add() {
    const std::string id = container();
    const auto last = last_reserved();
    const std::string expected = Naive(directory()).next(range_, id, last);
    std::string given;
    try {
      Store store = open();
      given = ipam::allocate(store, std::vector{set_}, {}, {id, "eth0"}).front().address.address.text();
    } catch (const std::runtime_error& error) {
      given = std::string(error.what()).find("duplicate") == std::string::npos ? "" : "duplicate";
      if (given.empty()) REQUIRE(std::string(error.what()).find("no IP addresses available") != std::string::npos);
    }
    REQUIRE(given == expected);
    if (!expected.empty() && expected != "duplicate")
      REQUIRE(Naive(directory()).contents.at(address(expected)) == id + "\r\neth0");
  }

  void del() {
    const std::string id = container();
    for (int times = 0; times < 2; ++times) {
      const auto expected = Naive(directory()).to_release(id);
      REQUIRE(open().release_all({id, "eth0"}) == expected);
      for (const net::Address& gone : expected) REQUIRE_FALSE(fs::exists(file(gone)));
    }
  }

  void check() {
    const std::string id = container();
    auto expected = Naive(directory()).with(id + "\r\neth0");
    const auto old = Naive(directory()).with(id);
    expected.insert(expected.end(), old.begin(), old.end());
    std::sort(expected.begin(), expected.end());
    REQUIRE(open().held_by({id, "eth0"}) == expected);
  }

  void release() {
    const net::Address one = some_address();
    if (fs::is_directory(fs::symlink_status(file(one)))) return;
    Store store = open();
    if (draw(2) == 0) static_cast<void>(store.held_by({"c1", "eth0"}));
    store.release(one);
    REQUIRE_FALSE(fs::exists(fs::symlink_status(file(one))));
  }

  void ask_for() {
    const net::Address one = some_address();
    const bool is_free = Naive(directory()).taken.count(one) == 0;
    REQUIRE(open().reserve(one, {container(), "eth0"}) == is_free);
  }

  void collect() { open().forget_index(); }

  std::optional<net::Address> last_reserved() { return open().last_reserved(0); }

  // ---- the reference, which takes the same lock, and an operator, who does not: both create and delete files ----

  void make(const net::Address& one, const std::string& content) {
    const int fd = ::open(file(one).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return;
    REQUIRE(::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
    ::close(fd);
  }

  void reference_add() { make(some_address(), container() + "\r\neth0"); }
  void reference_del() {
    for (const net::Address& one : Naive(directory()).to_release(container())) fs::remove(file(one));
  }
  void old_format() { make(some_address(), container()); }

  void operator_rm() { fs::remove_all(file(some_address())); }
  void operator_rm_all() {
    if (draw(8) != 0) return;
    for (const auto& entry : fs::directory_iterator(directory())) fs::remove_all(entry.path());
  }

  // As editors do: another file in its place.
  void operator_edit() {
    const net::Address one = some_address();
    if (!fs::is_regular_file(fs::symlink_status(file(one)))) return;
    std::ofstream(directory() + "/.new", std::ios::binary) << container() << "\r\neth0";
    fs::rename(directory() + "/.new", file(one));
  }

  void operator_odd() {
    const net::Address one = some_address();
    if (fs::exists(fs::symlink_status(file(one)))) return;
    switch (draw(5)) {
      case 0: fs::create_symlink("nowhere", file(one)); break;
      case 1: fs::create_directory(file(one)); break;
      case 2: REQUIRE(::mkfifo(file(one).c_str(), 0600) == 0); break;
      case 3: make(one, "an operator's note"); break;
      default: make(one, ""); break;
    }
  }

  // In place: the directory does not change.
  void fill_empty() {
    for (const auto& [one, content] : Naive(directory()).contents) {
      if (content.empty()) std::ofstream(file(one), std::ios::binary) << container() << "\r\neth0";
    }
  }

  // Back to earlier times of the directory, as tar and rsync do.
  void touch() {
    struct stat now {};
    REQUIRE(::stat(directory().c_str(), &now) == 0);
    const struct timespec times[2] = {now.st_atim, was_.tv_sec == 0 ? now.st_mtim : was_};
    was_ = now.st_mtim;
    REQUIRE(::utimensat(AT_FDCWD, directory().c_str(), times, 0) == 0);
  }

  // ---- damage to an index ----

  std::string index() {
    if (!fs::exists(run_.path())) return {};
    for (const auto& entry : fs::directory_iterator(run_.path())) return entry.path();
    return {};
  }

  void flip() {
    const std::string path = index();
    if (path.empty() || !fs::is_regular_file(path) || fs::file_size(path) == 0) return;
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    for (std::size_t i = draw(40); i > 0; --i) {
      const auto byte = static_cast<unsigned char>(draw(256));
      REQUIRE(::pwrite(fd, &byte, 1, static_cast<off_t>(draw(fs::file_size(path)))) == 1);
    }
    ::close(fd);
  }

  void cut() {
    const std::string path = index();
    if (path.empty() || !fs::is_regular_file(path)) return;
    fs::resize_file(path, draw(fs::file_size(path) + 1));
  }

  void blank() {
    const std::string path = index();
    if (path.empty() || !fs::is_regular_file(path)) return;
    const auto size = fs::file_size(path);
    fs::resize_file(path, draw(size + 1));
    fs::resize_file(path, size);
  }

  // An earlier state of the index: intact, but out of date.
  void old_copy() {
    const std::string path = index();
    if (path.empty() || !fs::is_regular_file(path)) return;
    if (fs::exists(kept_.path("index"))) fs::copy_file(kept_.path("index"), path, fs::copy_options::overwrite_existing);
    if (draw(2) == 0) fs::copy_file(path, kept_.path("index"), fs::copy_options::overwrite_existing);
  }

  void remove_index() {
    if (draw(2) == 0) return fs::remove_all(run_.path()), void();
    const std::string path = index();
    if (!path.empty()) fs::remove_all(path);
  }

  void odd_index() {
    const std::string path = index();
    if (path.empty() || draw(4) != 0) return;
    fs::remove_all(path);
    switch (draw(3)) {
      case 0: fs::create_symlink(directory() + "/10.1.15.250", path); break;
      case 1: fs::create_directory(path); break;
      default: REQUIRE(::mkfifo(path.c_str(), 0600) == 0); break;
    }
  }

  std::string data_dir_;
  std::mt19937 random_;
  MemoryFolder run_;
  TemporaryDirectory kept_;
  struct timespec was_ {};
  ipam::Range range_ =
      range({"10.1.0.0/16", "10.1.15.244", "10.1.16.10", "10.1.16.1"});  // across a boundary of 4096 bits
  ipam::RangeSet set_{{range_}};
};

constexpr int kSteps = 4000;

}  // namespace

TEST_CASE("whatever changes the store or damages the index, each answer agrees with the files") {
  for (const unsigned seed : {1U, 2U, 3U}) {
    CAPTURE(seed);
    const TemporaryDirectory temporary;
    World world(temporary.path(), seed);
    for (int i = 0; i < kSteps; ++i) world.step();
  }
}

TEST_CASE("a store in memory behaves the same") {
  const MemoryFolder memory;
  World world(memory.path(), 4);
  for (int i = 0; i < kSteps; ++i) world.step();
}
