#include "tools/transfer/new_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "storage/files/durable_directory.h"

namespace stockfold {
namespace {

std::unexpected<Fault> failed(std::string_view doing, const std::filesystem::path& path) {
  return std::unexpected(io_fault(doing, path));
}

/// The process that held the lock before may have renamed the file: then the open file is not ours.
bool is_still(const std::filesystem::path& path, const struct stat& open) {
  struct stat there{};
  return ::lstat(path.c_str(), &there) == 0 && open.st_ino == there.st_ino && open.st_dev == there.st_dev;
}

/// The file has no other owner and no other name. Otherwise a user that can write to the directory would
/// choose what is overwritten.
bool is_ours(const struct stat& open) {
  return S_ISREG(open.st_mode) && open.st_nlink == 1 && open.st_uid == ::geteuid();
}

}  // namespace

Result<std::unique_ptr<NewFile>> NewFile::begin(const std::filesystem::path& place) {
  std::filesystem::path part = place;
  part += ".part";
  constexpr int kFlags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;  // nor waits for a reader
  const int number = ::open(part.c_str(), kFlags, 0600);                            // NOLINT(*-vararg)
  if (number < 0) return failed("making", part);
  struct stat open{};
  if (::flock(number, LOCK_EX | LOCK_NB) != 0 || ::fstat(number, &open) != 0 || !is_still(part, open)) {
    ::close(number);
    return std::unexpected(Fault{FaultKind::busy, part.string() + ": another process is writing it", {}});
  }
  if (!is_ours(open)) {
    ::close(number);
    return std::unexpected(Fault{
        FaultKind::io, part.string() + " exists and is not the remains of an earlier try: remove it", {}});
  }
  const bool emptied = ::fchmod(number, 0600) == 0 && ::ftruncate(number, 0) == 0;
  std::FILE* file = emptied ? ::fdopen(number, "wb") : nullptr;
  if (file == nullptr) {
    auto fault = failed("making", part);
    ::close(number);
    return fault;
  }
  return std::unique_ptr<NewFile>(new NewFile(place, std::move(part), file));
}

NewFile::~NewFile() {
  if (!finished_) ::unlink(part_.c_str());  // still locked, so still ours
  std::fclose(file_);
}

Result<void> NewFile::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size()) return {};
  return failed("writing", part_);
}

Result<void> NewFile::give_to(std::uint32_t user, std::uint32_t group) {
  if (::fchown(::fileno(file_), user, group) == 0) return {};
  return failed("giving away", part_);
}

Result<void> NewFile::finish() {
  if (std::fflush(file_) != 0 || ::fsync(::fileno(file_)) != 0) return failed("writing", part_);
  if (std::rename(part_.c_str(), place_.c_str()) != 0) return failed("making", place_);
  finished_ = true;
  return sync_directory(place_.parent_path());
}

}  // namespace stockfold
