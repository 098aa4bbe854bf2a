#include "end_to_end/small_file_system.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <string>

namespace stockfold {
namespace {

constexpr std::uint64_t kMebibyte = 1U << 20;
constexpr std::uint64_t kBytes = 64 * kMebibyte;
constexpr std::uint64_t kReserve = 16 * kMebibyte;
constexpr std::uint64_t kBeyond = 24 * kMebibyte;
/// With a large reserve, 64 MB must be free beyond it before commands are accepted again.
constexpr std::uint64_t kBallastOfDisk = 128 * kMebibyte;

bool mount_at(const std::filesystem::path& place, std::uint64_t bytes, unsigned long flags) {
  const std::string options = "size=" + std::to_string(bytes);
  return ::mount("stockfold", place.c_str(), "tmpfs", flags, options.c_str()) == 0;
}

/// A user other than root becomes root in a namespace of its own.
bool enter_namespace() {
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  if (::unshare(user == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0) return false;
  if (user != 0) {
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
    std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
  }
  // In a chroot "/" is no mount: then the mount may be visible outside, until it is unmounted.
  return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 || errno == EINVAL;
}

/// The keeper's work, until its parent closes the pipe.
[[noreturn]] void keep_mounted(const std::filesystem::path& place, int orders) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::uint64_t bytes = kBytes;
  if (!enter_namespace() || !mount_at(place, bytes, 0)) _exit(1);
  for (char order = 1; ::write(orders, &order, 1) == 1 && ::read(orders, &order, 1) == 1;) {
    if (!mount_at(place, bytes += kBeyond, MS_REMOUNT)) break;
  }
  ::umount2(place.c_str(), MNT_DETACH);
  _exit(0);
}

}  // namespace

SmallFileSystem::SmallFileSystem() : path_(directory_.path()) {
  if (mount()) {
    reserve_ = kReserve;
    ballast_ = kBeyond;
    take_room(1);
    return;
  }
  ballast_ = kBallastOfDisk;
  take_room(1);
  take_room(2);
  reserve_ = free_bytes() - kBeyond;
}

SmallFileSystem::~SmallFileSystem() {
  if (keeper_ < 0) return;
  close(orders_);
  ::waitpid(keeper_, nullptr, 0);
}

bool SmallFileSystem::mount() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return false;
  keeper_ = ::fork();
  if (keeper_ < 0) throw std::runtime_error("fork failed");
  if (keeper_ == 0) {
    close(ends[0]);
    keep_mounted(directory_.path(), ends[1]);
  }
  close(ends[1]);
  orders_ = ends[0];
  char is_there = 0;
  if (::read(orders_, &is_there, 1) == 1) {
    path_ = "/proc/" + std::to_string(keeper_) + "/root" + directory_.path().string();
    return true;
  }
  close(orders_);
  ::waitpid(keeper_, nullptr, 0);
  keeper_ = -1;
  return false;
}

std::filesystem::path SmallFileSystem::ballast(int number) const {
  return path_ / ("ballast-" + std::to_string(number));
}

void SmallFileSystem::take_room(int number) const {
  const int file = open(ballast(number).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const int error = file < 0 ? -1 : posix_fallocate(file, 0, static_cast<off_t>(ballast_));
  close(file);
  if (error != 0) throw std::runtime_error("no room can be taken");
}

std::uint64_t SmallFileSystem::free_bytes() const { return std::filesystem::space(path_).available; }

void SmallFileSystem::remove_ballast() { std::filesystem::remove(ballast(1)); }

void SmallFileSystem::put_ballast_back() { take_room(1); }

void SmallFileSystem::grow() {
  if (keeper_ < 0) {
    std::filesystem::remove(ballast(2));
    return;
  }
  char order = 1;
  if (::write(orders_, &order, 1) != 1 || ::read(orders_, &order, 1) != 1) {
    throw std::runtime_error("the file system does not grow");
  }
}

}  // namespace stockfold
