#include "server/logging/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "storage/files/durable_directory.h"

namespace stockfold {
namespace {

/// How many bytes may wait for a flush.
constexpr std::size_t kMostWaiting = 64U << 10;

int open_file(const std::filesystem::path& path) {
  return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);  // NOLINT(*-vararg)
}

/// Whether a file of this size ends within a line.
bool ends_in_a_line(const std::filesystem::path& path, off_t size) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);  // NOLINT(*-vararg)
  if (file < 0) return false;
  char last = '\n';
  const bool read = ::pread(file, &last, 1, size - 1) == 1;
  ::close(file);
  return read && last != '\n';
}

}  // namespace

LogFile::LogFile(int file, std::filesystem::path path, std::size_t rotate_bytes, std::size_t keep)
    : path_(std::move(path)), rotate_bytes_(rotate_bytes), keep_(keep) {
  adopt(file);
}

Result<std::shared_ptr<LogFile>> LogFile::open(const std::filesystem::path& path, std::size_t rotate_bytes,
                                               std::size_t keep) {
  std::error_code ignored;  // a failure shows, and is reported, when the file is opened
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
  const int file = open_file(path);
  if (file < 0) return std::unexpected(io_fault("opening the log file", path));
  return std::shared_ptr<LogFile>(new LogFile(file, path, rotate_bytes, keep));
}

std::shared_ptr<LogFile> LogFile::of_stderr() {
  return std::shared_ptr<LogFile>(new LogFile(STDERR_FILENO, {}, 0, 0));
}

LogFile::~LogFile() {
  LogFile::flush_();
  if (!path_.empty()) ::close(file_);
}

void LogFile::adopt(int file) {
  if (file_ >= 0) ::close(file_);
  file_ = file;
  struct stat found{};
  const bool is_file = !path_.empty() && ::fstat(file_, &found) == 0 && S_ISREG(found.st_mode);
  size_ = is_file ? static_cast<std::size_t>(found.st_size) : 0;
  is_cut_ = size_ > 0 && ends_in_a_line(path_, found.st_size);
}

Result<void> LogFile::reopen() {
  if (path_.empty()) return {};
  const std::lock_guard lock(mutex_);
  flush_();
  const int file = open_file(path_);
  if (file < 0) return std::unexpected(io_fault("opening the log file", path_));
  adopt(file);
  return {};
}

void LogFile::sink_it_(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  formatter_->format(message, line);
  const bool is_full = rotate_bytes_ > 0 && size_ + lines_.size() + line.size() > rotate_bytes_;
  if (is_full && size_ + lines_.size() > 0) {
    flush_();
    rotate();
  }
  lines_.append(line.data(), line.size());
  if (lines_.size() >= kMostWaiting) flush_();
}

void LogFile::flush_() {
  if (lines_.empty()) return;
  if (is_cut_ && write("\n")) is_cut_ = false;
  if (!is_cut_) write(lines_);
  lines_.clear();
}

bool LogFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    size_ += static_cast<std::size_t>(count);
    is_cut_ = bytes[static_cast<std::size_t>(count) - 1] != '\n';
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::filesystem::path LogFile::rotated(std::size_t number) const {
  if (number == 0) return path_;
  std::filesystem::path name = path_.stem();
  name += "." + std::to_string(number);
  name += path_.extension();
  return path_.parent_path() / name;
}

/// A file that cannot be renamed is kept in use. If the last attempt renamed the file and could not open a
/// new one, there is nothing to rename now, and the older files stay.
void LogFile::rotate() {
  std::error_code error;
  const bool is_there = std::filesystem::exists(path_, error);
  for (std::size_t number = is_there ? keep_ : 0; number > 0; --number) {
    if (std::filesystem::exists(rotated(number - 1), error)) {
      std::filesystem::rename(rotated(number - 1), rotated(number), error);
    }
  }
  if (keep_ == 0) std::filesystem::remove(path_, error);
  const int file = open_file(path_);
  if (file >= 0) adopt(file);
}

}  // namespace stockfold
