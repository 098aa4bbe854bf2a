#include "storage/rocksdb/backup_meta.h"

#include <rocksdb/file_system.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "storage/codec/big_endian.h"
#include "storage/codec/checksum.h"
#include "storage/files/durable_directory.h"
#include "storage/rocksdb/status.h"

namespace stockfold {
namespace {

std::filesystem::path meta_of(const std::filesystem::path& dir, BackupNumber number) {
  return dir / "meta" / std::to_string(number);
}

std::filesystem::path seal_of(const std::filesystem::path& dir, BackupNumber number) {
  return dir / "seals" / std::to_string(number);
}

std::optional<BackupNumber> number_of(std::string_view name) {
  BackupNumber number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc{} && end == name.data() + name.size() ? std::optional(number) : std::nullopt;
}

Result<std::string> read_whole(const std::filesystem::path& path) {
  std::string bytes;
  const rocksdb::Status read = rocksdb::ReadFileToString(rocksdb::Env::Default(), path.string(), &bytes);
  if (!read.ok()) return std::unexpected(fault_of(read, "reading " + path.string()));
  return bytes;
}

/// The files in `dir` whose names are numbers. None if there is no such directory.
Result<std::set<BackupNumber>> numbers_in(const std::filesystem::path& dir) {
  std::set<BackupNumber> numbers;
  std::error_code error;
  if (!std::filesystem::exists(dir, error) && !error) return numbers;
  for (std::filesystem::directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    if (const auto number = number_of(entry->path().filename().string())) numbers.insert(*number);
  }
  if (error) return std::unexpected(io_fault("looking into", dir, error));
  return numbers;
}

/// The machine's files, without some of those in `meta` whose names are numbers.
class HidingFiles final : public rocksdb::FileSystemWrapper {
 public:
  HidingFiles(std::filesystem::path meta, std::set<BackupNumber> hidden)
      : FileSystemWrapper(rocksdb::FileSystem::Default()),
        meta_(std::move(meta)),
        hidden_(std::move(hidden)) {}

  [[nodiscard]] const char* Name() const override { return "stockfold.backups"; }

  rocksdb::IOStatus GetChildren(const std::string& dir, const rocksdb::IOOptions& options,
                                std::vector<std::string>* names, rocksdb::IODebugContext* context) override {
    const rocksdb::IOStatus listed = FileSystemWrapper::GetChildren(dir, options, names, context);
    if (listed.ok() && std::filesystem::path(dir).lexically_normal() == meta_) {
      std::erase_if(*names, [this](const std::string& name) {
        const auto number = number_of(name);
        return number && hidden_.contains(*number);
      });
    }
    return listed;
  }

 private:
  const std::filesystem::path meta_;
  const std::set<BackupNumber> hidden_;
};

/// Whether the metadata of a backup matches its seal.
Result<bool> is_sealed(const std::filesystem::path& dir, BackupNumber number) {
  auto meta = read_whole(meta_of(dir, number));
  if (!meta) return std::unexpected(std::move(meta.error()));
  const auto seal = read_whole(seal_of(dir, number));
  return seal && parse_big_endian<std::uint64_t>(*seal) == checksum_of(*meta);
}

}  // namespace

Result<void> seal_backup(const std::filesystem::path& dir, BackupNumber number) {
  auto meta = read_whole(meta_of(dir, number));
  if (!meta) return std::unexpected(std::move(meta.error()));
  if (auto made = make_directory(dir / "seals"); !made) return made;
  std::string seal;
  append_big_endian(seal, checksum_of(*meta));
  const rocksdb::Status written =
      rocksdb::WriteStringToFile(rocksdb::Env::Default(), seal, seal_of(dir, number).string(), /*sync=*/true);
  if (!written.ok()) return std::unexpected(fault_of(written, "writing " + seal_of(dir, number).string()));
  return sync_directory(dir / "seals");
}

Result<void> unseal_backup(const std::filesystem::path& dir, BackupNumber number) {
  std::error_code error;
  std::filesystem::remove(seal_of(dir, number), error);
  if (error) return std::unexpected(io_fault("removing", seal_of(dir, number), error));
  return {};
}

Result<void> unseal_backups_after(const std::filesystem::path& dir, BackupNumber last) {
  auto seals = numbers_in(dir / "seals");
  if (!seals) return std::unexpected(std::move(seals.error()));
  const auto first = seals->upper_bound(last);
  for (auto seal = first; seal != seals->end(); ++seal) {
    if (auto gone = unseal_backup(dir, *seal); !gone) return gone;
  }
  return first == seals->end() ? Result<void>() : sync_directory(dir / "seals");
}

Result<std::map<BackupNumber, Fault>> unsealed_backups(const std::filesystem::path& dir, BackupNumber last) {
  auto metas = numbers_in(dir / "meta");
  if (!metas) return std::unexpected(std::move(metas.error()));
  auto seals = numbers_in(dir / "seals");
  if (!seals) return std::unexpected(std::move(seals.error()));
  std::map<BackupNumber, Fault> unsealed;
  for (const BackupNumber number : *metas) {
    if (number > last) continue;
    auto sealed = is_sealed(dir, number);
    if (!sealed) return std::unexpected(std::move(sealed.error()));
    if (*sealed) continue;
    unsealed.emplace(number, corruption({}, meta_of(dir, number).string() + " is damaged, or " +
                                                seal_of(dir, number).string() + ", which has its checksum"));
  }
  for (const BackupNumber number : *seals) {
    // Backups before all others were removed; a process that was killed left their seals.
    if (number > last || metas->contains(number) || metas->empty() || number < *metas->begin()) continue;
    unsealed.emplace(number, corruption({}, meta_of(dir, number).string() + " is missing"));
  }
  return unsealed;
}

std::unique_ptr<rocksdb::Env> environment_without(const std::filesystem::path& dir,
                                                  std::set<BackupNumber> backups) {
  return rocksdb::NewCompositeEnv(
      std::make_shared<HidingFiles>((dir / "meta").lexically_normal(), std::move(backups)));
}

}  // namespace stockfold
