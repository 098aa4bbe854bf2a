#include "storage/rocksdb/wal.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "storage/files/durable_directory.h"

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

Result<std::string> read_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return std::unexpected(io_fault("reading", path, error));
  std::string bytes(size, '\0');
  errno = 0;  // a file that has become shorter sets no errno
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(io_fault("opening", path));
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  if (file.gcount() != static_cast<std::streamsize>(size)) {
    if (errno == 0) errno = EIO;
    return std::unexpected(io_fault("reading", path));
  }
  return bytes;
}

using FileNumber = std::uint64_t;
constexpr std::size_t kDigits = 6;  // at least, in the name of a file

std::optional<FileNumber> file_number(std::string_view digits) {
  FileNumber number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

/// The number after `prefix`.
std::optional<FileNumber> number_behind(std::string_view prefix, std::string_view name) {
  return name.starts_with(prefix) ? file_number(name.substr(prefix.size())) : std::nullopt;
}

/// The highest file numbers in the directory of a database, by kind.
struct FileNumbers {
  std::optional<FileNumber> log;
  std::optional<FileNumber> options;
};

Result<FileNumbers> file_numbers(const std::filesystem::path& dir) {
  FileNumbers highest;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::filesystem::path& file = entry->path();
    if (file.extension() == ".log") highest.log = std::max(highest.log, file_number(file.stem().native()));
    highest.options = std::max(highest.options, number_behind("OPTIONS-", file.filename().native()));
  }
  if (error) return std::unexpected(io_fault("looking into", dir, error));
  return highest;
}

/// The number of the MANIFEST that the database uses; empty if that cannot be told.
std::optional<FileNumber> manifest_number(const std::filesystem::path& dir) {
  std::string name;
  std::ifstream current(dir / "CURRENT", std::ios::binary);
  std::getline(current, name);
  return number_behind("MANIFEST-", name);
}

}  // namespace

Result<std::vector<std::filesystem::path>> write_ahead_files(const std::filesystem::path& dir) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".log") files.push_back(entry->path());
  }
  if (error) return std::unexpected(io_fault("looking into", dir, error));
  // Numbers have at least six digits.
  std::ranges::sort(files, {}, [](const std::filesystem::path& file) {
    return std::pair(file.native().size(), file.native());
  });
  return files;
}

Result<void> check_newest_write_ahead_file(const std::filesystem::path& dir) {
  const auto manifest = manifest_number(dir);
  if (!manifest) return {};
  auto numbers = file_numbers(dir);
  if (!numbers) return std::unexpected(std::move(numbers.error()));
  const bool is_of_an_open = numbers->options > manifest;
  const bool is_lost = !numbers->log || (is_of_an_open && *numbers->log + 1 < *manifest);
  if (!is_lost) return {};
  return std::unexpected(corruption(
      {}, "the newest log file in " + dir.string() + " is missing: MANIFEST " + std::to_string(*manifest) +
              " was made after log file " + std::to_string(*manifest - 1) + ", but there is " +
              (numbers->log ? "none after " + std::to_string(*numbers->log) : "none at all")));
}

Result<void> make_write_ahead_file(const std::filesystem::path& dir) {
  const auto manifest = manifest_number(dir);
  if (!manifest || *manifest == 0) return {};
  auto numbers = file_numbers(dir);
  if (!numbers) return std::unexpected(std::move(numbers.error()));
  if (numbers->log) return {};
  std::string number = std::to_string(*manifest - 1);
  number.insert(0, std::max(kDigits, number.size()) - number.size(), '0');
  const std::filesystem::path path = dir / (number + ".log");
  errno = 0;
  if (!std::ofstream(path)) return std::unexpected(io_fault("making", path));
  return {};
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
    // The contents of a commit are skipped: a text in it may look like a commit, even on purpose.
    rest.remove_prefix(std::min(sighted ? sighted->record_size : kCommitMagic.size(), rest.size()));
  }
}

Result<std::optional<CommitSighting>> last_sighting(const std::filesystem::path& dir, Epoch epoch) {
  auto files = write_ahead_files(dir);
  if (!files) return std::unexpected(std::move(files.error()));
  std::optional<CommitSighting> last;
  for (const std::filesystem::path& path : *files) {
    auto bytes = read_file(path);
    if (!bytes) return std::unexpected(std::move(bytes.error()));
    last = later(last, last_sighting_in(std::move(*bytes), epoch));
  }
  return last;
}

}  // namespace stockfold
