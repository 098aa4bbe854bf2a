#include "tools/transfer/backup_room.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <utility>

namespace stockfold {
namespace {

bool on_one_disk(const std::filesystem::path& a, const std::filesystem::path& b) {
  struct stat first{};
  struct stat second{};
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev;
}

std::string megabytes(std::uint64_t bytes) { return fmt::format("{} MB", bytes >> 20); }

}  // namespace

BackupRoom::BackupRoom(const std::filesystem::path& data, std::filesystem::path backups,
                       std::optional<std::uint64_t> reserve)
    : backups_(std::move(backups)), reserve_(reserve) {
  if (on_one_disk(data, backups_)) look_ = look_at(backups_);
}

Result<void> BackupRoom::check(std::uint64_t bytes) const {
  const auto space = look_ ? look_() : std::nullopt;
  if (!space) return {};
  const std::uint64_t reserve = reserve_.value_or(default_reserve(space->all_bytes));
  if (reserve == 0 || (space->free_bytes >= reserve && space->free_bytes - reserve >= bytes)) return {};
  return std::unexpected(Fault{
      FaultKind::io,
      fmt::format("not enough space for a backup in {}, on the ledger's own disk: it needs up to {}, {} are "
                  "free, and {} must stay free; make room, or keep backups on another disk",
                  backups_.string(), megabytes(bytes), megabytes(space->free_bytes), megabytes(reserve)),
      {}});
}

}  // namespace stockfold
