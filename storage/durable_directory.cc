#include "storage/durable_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace stockfold {
namespace {

std::error_code last_error() { return {errno, std::generic_category()}; }

constexpr mode_t kOfOthers = S_IRWXG | S_IRWXO;

/// A file system of its own has this from the beginning.
bool is_empty_but_for_lost_and_found(const std::filesystem::path& dir) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename() != "lost+found") return false;
  }
  return !error;
}

/// Not a file system of its own, nor one above which this user may not look. What is above the former may be
/// of a kind that cannot be synced.
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

std::expected<void, Fault> sync_directory(const std::filesystem::path& dir) {
  const std::filesystem::path path = dir.empty() ? "." : dir;
  const int file = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);  // NOLINT(*-vararg)
  if (file < 0) return std::unexpected(io_fault("opening", path));
  const bool synced = ::fsync(file) == 0;
  const std::error_code error = last_error();
  ::close(file);
  if (!synced) return std::unexpected(io_fault("syncing", path, error));
  return {};
}

std::expected<void, Fault> make_directory(const std::filesystem::path& dir) {
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

std::expected<void, Fault> check_private(const std::filesystem::path& dir) {
  const auto refuse = [&dir](const std::string& what) {
    return std::unexpected(Fault{FaultKind::io, dir.string() + what, {}});
  };
  struct stat found{};
  if (::stat(dir.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return std::unexpected(io_fault("looking at", dir));
  }
  if (found.st_uid != ::geteuid()) {
    return refuse(" belongs to another user: do this as that user, or give it to this one by chown");
  }
  if ((found.st_mode & kOfOthers) != 0) {
    return refuse(": others than its owner can get at it; chmod 700 " + dir.string());
  }
  return {};
}

std::expected<void, Fault> make_private_directory(const std::filesystem::path& dir) {
  struct stat found{};
  const bool there = ::stat(dir.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
  if (!there) return make_directory(dir);
  const bool is_open = found.st_uid == ::geteuid() && (found.st_mode & kOfOthers) != 0;
  if (is_open && is_empty_but_for_lost_and_found(dir) && ::chmod(dir.c_str(), 0700) != 0) {
    return std::unexpected(io_fault("closing to others", dir));
  }
  return check_private(dir);
}

}  // namespace stockfold
