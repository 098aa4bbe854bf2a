#include "storage/rocksdb_wal.h"

#include <algorithm>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "storage/durable_directory.h"

namespace stockfold {
namespace {

void strip_block_headers(std::string& file) {
  std::size_t kept = 0;
  for (std::size_t block = 0; block < file.size(); block += kWriteAheadBlockSize) {
    const std::size_t end = std::min(block + kWriteAheadBlockSize, file.size());
    const std::size_t start = std::min(block + kFragmentHeaderSize, end);
    std::copy(file.begin() + static_cast<std::ptrdiff_t>(start),
              file.begin() + static_cast<std::ptrdiff_t>(end),
              file.begin() + static_cast<std::ptrdiff_t>(kept));
    kept += end - start;
  }
  file.resize(kept);
}

std::optional<CommitSighting> later(const std::optional<CommitSighting>& a,
                                    const std::optional<CommitSighting>& b) {
  if (!a || !b) return a ? a : b;
  return a->first < b->first ? b : a;
}

std::expected<std::string, Fault> read_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return std::unexpected(io_fault("reading", path, error));
  std::string bytes(size, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  if (file.gcount() != static_cast<std::streamsize>(size)) {
    return std::unexpected(io_fault("reading", path, std::make_error_code(std::errc::io_error)));
  }
  return bytes;
}

}  // namespace

std::expected<std::vector<std::filesystem::path>, Fault> write_ahead_files(const std::filesystem::path& dir) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".log") files.push_back(entry->path());
  }
  if (error) return std::unexpected(io_fault("looking into", dir, error));
  // Numbers have six digits at least, and more where they need more.
  std::ranges::sort(files, {}, [](const std::filesystem::path& file) {
    return std::pair(file.native().size(), file.native());
  });
  return files;
}

std::optional<CommitSighting> last_sighting_in(std::string file, Epoch epoch) {
  strip_block_headers(file);
  std::optional<CommitSighting> last;
  std::string_view rest = file;
  for (;;) {
    const std::size_t at = rest.find(kCommitMagic);
    if (at == std::string_view::npos) return last;
    rest.remove_prefix(at);
    const auto sighted = sight_commit(rest);
    if (sighted && sighted->epoch == epoch) last = later(last, sighted);
    // What a commit holds is passed over: a text in it may look like a commit, even on purpose.
    rest.remove_prefix(std::min(sighted ? sighted->record_size : kCommitMagic.size(), rest.size()));
  }
}

std::expected<std::optional<CommitSighting>, Fault> last_sighting(const std::filesystem::path& dir,
                                                                  Epoch epoch) {
  const auto files = write_ahead_files(dir);
  if (!files) return std::unexpected(files.error());
  std::optional<CommitSighting> last;
  for (const std::filesystem::path& path : *files) {
    auto bytes = read_file(path);
    if (!bytes) return std::unexpected(std::move(bytes.error()));
    last = later(last, last_sighting_in(std::move(*bytes), epoch));
  }
  return last;
}

}  // namespace stockfold
