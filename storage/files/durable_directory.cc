#include "storage/files/durable_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

namespace stockfold {
namespace {

std::error_code last_error() { return {errno, std::generic_category()}; }

constexpr mode_t kOfOthers = S_IRWXG | S_IRWXO;

bool is_own_group(gid_t group) {
  if (group == ::getegid()) return true;
  const int count = ::getgroups(0, nullptr);
  if (count <= 0) return false;
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  const int filled = ::getgroups(count, groups.data());
  return filled > 0 && std::ranges::find(groups, group) != groups.end();
}

/// Whether it is shared on purpose: new files in it get its group, and this process is in that group.
bool is_shared(const struct stat& dir) {
  return S_ISDIR(dir.st_mode) && (dir.st_mode & S_ISGID) != 0 && (dir.st_mode & S_IRWXO) == 0 &&
         is_own_group(dir.st_gid);
}

/// A new file system has this entry.
bool is_empty_but_for_lost_and_found(const std::filesystem::path& dir) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename() != "lost+found") return false;
  }
  return !error;
}

/// Whether the parent must be synced. Not if the directory is a mount point, whose parent may be of a kind
/// that cannot be synced, and not if this user may not read the parent.
bool may_have_made(const std::filesystem::path& dir) {
  const std::filesystem::path above = dir / "..";
  struct stat own{};
  struct stat of_above{};
  return ::stat(dir.c_str(), &own) == 0 && ::stat(above.c_str(), &of_above) == 0 &&
         own.st_dev == of_above.st_dev && ::faccessat(AT_FDCWD, above.c_str(), R_OK, AT_EACCESS) == 0;
}

}  // namespace

Fault io_fault(std::string_view doing, const std::filesystem::path& path, const std::error_code& error) {
  return {FaultKind::io, std::string(doing) + " " + path.string() + ": " + error.message(), {}};
}

Fault io_fault(std::string_view doing, const std::filesystem::path& path) {
  return io_fault(doing, path, last_error());
}

Result<void> sync_directory(const std::filesystem::path& dir) {
  const std::filesystem::path path = dir.empty() ? "." : dir;
  const int file = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);  // NOLINT(*-vararg)
  if (file < 0) return std::unexpected(io_fault("opening", path));
  const bool synced = ::fsync(file) == 0;
  const std::error_code error = last_error();
  ::close(file);
  if (!synced) return std::unexpected(io_fault("syncing", path, error));
  return {};
}

Result<void> make_directory(const std::filesystem::path& dir) {
  std::error_code error;
  if (std::filesystem::is_directory(dir, error)) {
    if (may_have_made(dir)) return sync_directory(dir / "..");
    return {};
  }
  if (!dir.has_filename()) return make_directory(dir.parent_path());  // "data/"
  const std::filesystem::path parent = dir.parent_path();
  if (!parent.empty()) {
    if (auto made = make_directory(parent); !made) return made;
  }
  if (::mkdir(dir.c_str(), 0700) != 0) return std::unexpected(io_fault("making", dir));
  return sync_directory(parent);
}

Result<void> check_private(const std::filesystem::path& dir) {
  const auto refuse = [&dir](const std::string& what) {
    return std::unexpected(Fault{FaultKind::io, dir.string() + what, {}});
  };
  struct stat found{};
  if (::stat(dir.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return std::unexpected(io_fault("looking at", dir));
  }
  const bool shared = is_shared(found);
  if (found.st_uid != ::geteuid() && !(shared && found.st_uid == 0)) {
    return refuse(" belongs to another user: run this as that user, or change its owner with chown");
  }
  if ((found.st_mode & kOfOthers) != 0 && !shared) {
    return refuse(": others than its owner can get at it; chmod 700 " + dir.string());
  }
  return {};
}

Result<void> make_private_directory(const std::filesystem::path& dir) {
  struct stat found{};
  const bool there = ::stat(dir.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
  if (!there) return make_directory(dir);
  const bool is_open = found.st_uid == ::geteuid() && (found.st_mode & kOfOthers) != 0 && !is_shared(found);
  if (is_open && is_empty_but_for_lost_and_found(dir) && ::chmod(dir.c_str(), 0700) != 0) {
    return std::unexpected(io_fault("restricting access to", dir));
  }
  return check_private(dir);
}

bool keeps_secret(int file, const std::filesystem::path& path, SharedBy shared) {
  struct stat found{};
  if (::fstat(file, &found) != 0 || (found.st_mode & S_IRWXO) != 0) return false;
  const mode_t of_group = found.st_mode & S_IRWXG;
  if (of_group == 0) return true;
  if (shared == SharedBy::reading && of_group == S_IRGRP) return is_own_group(found.st_gid);
  const std::filesystem::path parent = path.parent_path();
  struct stat dir{};
  return ::stat(parent.empty() ? "." : parent.c_str(), &dir) == 0 && is_shared(dir) &&
         dir.st_gid == found.st_gid;
}

}  // namespace stockfold
