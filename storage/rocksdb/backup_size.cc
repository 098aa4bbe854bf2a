#include "storage/rocksdb/backup_size.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "storage/files/durable_directory.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

/// Sorted. None if there is no such directory.
Result<std::vector<std::string>> names_in(const fs::path& dir) {
  std::vector<std::string> names;
  std::error_code error;
  if (!fs::exists(dir, error) && !error) return names;
  for (fs::directory_iterator entry(dir, error), end; !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return std::unexpected(io_fault("looking into", dir, error));
  std::ranges::sort(names);
  return names;
}

/// Whether the backups already share a table. Its name there is NUMBER_SESSION_SIZE.sst, or has a checksum in
/// place of the session.
bool is_backed_up(const std::vector<std::string>& shared, const std::string& number, std::uint64_t size) {
  const std::string beginning = number + "_";
  const std::string end = std::to_string(size) + ".sst";
  auto name = std::ranges::lower_bound(shared, beginning);
  for (; name != shared.end() && name->starts_with(beginning); ++name) {
    if (name->ends_with("_" + end) || name->ends_with("-" + end)) return true;
  }
  return false;
}

}  // namespace

Result<std::uint64_t> most_bytes_to_copy(const fs::path& log, const fs::path& backups) {
  auto shared = names_in(backups / "shared_checksum");
  if (!shared) return std::unexpected(std::move(shared.error()));
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::directory_iterator entry(log, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code gone;
    const std::uint64_t size = entry->file_size(gone);
    if (gone) continue;
    const bool is_table = entry->path().extension() == ".sst";
    if (is_table && is_backed_up(*shared, entry->path().stem(), size)) continue;
    bytes += is_table ? size : 3 * size;
  }
  if (error) return std::unexpected(io_fault("looking into", log, error));
  return bytes;
}

}  // namespace stockfold
