#include "storage/files/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "storage/files/durable_directory.h"

namespace stockfold {

Result<DirectoryLock> DirectoryLock::take(const std::filesystem::path& dir) {
  const std::filesystem::path path = dir / "LOCK";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);  // NOLINT(*-vararg)
  if (file < 0) return std::unexpected(io_fault("opening", path));
  DirectoryLock held(file);
  if (auto locked = held.lock(LOCK_EX, dir); !locked) return std::unexpected(std::move(locked.error()));
  return held;
}

Result<DirectoryLock> DirectoryLock::share(const std::filesystem::path& dir) {
  const std::filesystem::path path = dir / "LOCK";
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);  // NOLINT(*-vararg)
  if (file < 0 && errno == ENOENT) return DirectoryLock(-1);
  if (file < 0) return std::unexpected(io_fault("opening", path));
  DirectoryLock held(file);
  if (auto locked = held.lock(LOCK_SH, dir); !locked) return std::unexpected(std::move(locked.error()));
  return held;
}

Result<void> DirectoryLock::lock(int operation, const std::filesystem::path& dir) const {
  if (::flock(file_, operation | LOCK_NB) == 0) return {};
  if (errno == EWOULDBLOCK)
    return std::unexpected(Fault{FaultKind::busy, "another process holds " + dir.string(), {}});
  return std::unexpected(io_fault("locking", dir / "LOCK"));
}

DirectoryLock::~DirectoryLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace stockfold
