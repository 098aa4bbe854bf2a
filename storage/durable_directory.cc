#include "storage/durable_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace stockfold {
namespace {

std::error_code last_error() { return {errno, std::generic_category()}; }

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
  if (std::filesystem::is_directory(dir, error)) return {};
  if (!dir.has_filename()) return make_directory(dir.parent_path());  // "data/"
  const std::filesystem::path parent = dir.parent_path();
  if (!parent.empty()) {
    if (auto made = make_directory(parent); !made) return made;
  }
  if (::mkdir(dir.c_str(), 0700) != 0) return std::unexpected(io_fault("making", dir));
  return sync_directory(parent);
}

}  // namespace stockfold
