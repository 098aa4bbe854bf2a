#include "hostile/program/small_disk.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

namespace stockfold {
namespace {

constexpr std::uint64_t kStep = 8U << 20;

std::unexpected<std::string> failure(std::string_view doing) {
  return std::unexpected(fmt::format("{}: {}", doing, std::generic_category().message(errno)));
}

class MemoryDisk final : public SmallDisk {
 public:
  explicit MemoryDisk(std::filesystem::path place) : place_(std::move(place)) {}
  ~MemoryDisk() override { ::umount2(place_.c_str(), MNT_DETACH); }
  MemoryDisk(const MemoryDisk&) = delete;
  MemoryDisk& operator=(const MemoryDisk&) = delete;

  [[nodiscard]] std::filesystem::path path() const override { return place_; }
  [[nodiscard]] bool stays_full() const override { return true; }
  void grow() override {
    bytes_ += kStep;
    const std::string options = fmt::format("size={}", bytes_);
    if (::mount("stockfold", place_.c_str(), "tmpfs", MS_REMOUNT, options.c_str()) != 0) {
      throw std::system_error(errno, std::generic_category(), "growing the small disk");
    }
  }
  [[nodiscard]] bool mount() const {
    const std::string options = fmt::format("size={}", bytes_);
    return ::mount("stockfold", place_.c_str(), "tmpfs", 0, options.c_str()) == 0;
  }

 private:
  std::filesystem::path place_;
  std::uint64_t bytes_ = kStep;
};

/// A user other than root becomes root in a namespace of its own.
bool map_to_root(uid_t user, gid_t group) {
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream users("/proc/self/uid_map");
  users << fmt::format("0 {} 1", user) << std::flush;
  std::ofstream groups("/proc/self/gid_map");
  groups << fmt::format("0 {} 1", group) << std::flush;
  return users.good() && groups.good();
}

}  // namespace

std::expected<std::unique_ptr<SmallDisk>, std::string> mount_small_disk(const std::filesystem::path& place) {
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  if (::unshare(user == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0) {
    return failure("making a namespace");
  }
  if (user != 0 && !map_to_root(user, group)) return failure("becoming root in a namespace");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return failure("keeping mounts to ourselves");
  }
  std::error_code error;
  std::filesystem::create_directories(place, error);
  auto disk = std::make_unique<MemoryDisk>(place);
  if (!disk->mount()) return failure("mounting a small disk");
  return disk;
}

}  // namespace stockfold
