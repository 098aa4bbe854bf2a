#include "storage/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "storage/durable_directory.h"

namespace stockfold {

std::expected<DirectoryLock, Fault> DirectoryLock::take(const std::filesystem::path& dir) {
  const std::filesystem::path path = dir / "LOCK";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);  // NOLINT(*-vararg)
  if (file < 0) return std::unexpected(io_fault("opening", path, {errno, std::generic_category()}));
  DirectoryLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno == EWOULDBLOCK)
    return std::unexpected(Fault{FaultKind::busy, "another process holds " + dir.string(), {}});
  return std::unexpected(io_fault("locking", path, {errno, std::generic_category()}));
}

DirectoryLock::~DirectoryLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace stockfold
