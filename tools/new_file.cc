#include "tools/new_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "storage/durable_directory.h"

namespace stockfold {
namespace {

std::unexpected<Fault> failed(std::string_view doing, const std::filesystem::path& path) {
  return std::unexpected(io_fault(doing, path));
}

/// Whoever had it locked before may have put it in its place meanwhile: what is open is then no longer ours.
bool is_still(const std::filesystem::path& path, int number) {
  struct stat open{};
  struct stat there{};
  return ::fstat(number, &open) == 0 && ::stat(path.c_str(), &there) == 0 && open.st_ino == there.st_ino;
}

}  // namespace

std::expected<std::unique_ptr<NewFile>, Fault> NewFile::begin(const std::filesystem::path& place) {
  std::filesystem::path part = place;
  part += ".part";
  const int number = ::open(part.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);  // NOLINT(*-vararg)
  if (number < 0) return failed("making", part);
  if (::flock(number, LOCK_EX | LOCK_NB) != 0 || !is_still(part, number)) {
    ::close(number);
    return std::unexpected(Fault{FaultKind::busy, part.string() + ": another process is writing it", {}});
  }
  std::FILE* file = ::ftruncate(number, 0) == 0 ? ::fdopen(number, "wb") : nullptr;
  if (file == nullptr) {
    auto fault = failed("making", part);
    ::close(number);
    return fault;
  }
  return std::unique_ptr<NewFile>(new NewFile(place, std::move(part), file));
}

NewFile::~NewFile() {
  if (!finished_) ::unlink(part_.c_str());  // while it is still locked: it is ours
  std::fclose(file_);
}

std::expected<void, Fault> NewFile::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size()) return {};
  return failed("writing", part_);
}

std::expected<void, Fault> NewFile::finish() {
  if (std::fflush(file_) != 0 || ::fsync(::fileno(file_)) != 0) return failed("writing", part_);
  if (std::rename(part_.c_str(), place_.c_str()) != 0) return failed("making", place_);
  finished_ = true;
  return sync_directory(place_.parent_path());
}

}  // namespace stockfold
