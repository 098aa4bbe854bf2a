// Keeps room on the disk that commands may not use.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "protocol/answer.h"

namespace stockfold {

struct DiskSpace {
  std::uint64_t free_bytes = 0;  ///< What is available to this process.
  std::uint64_t all_bytes = 0;   ///< The size of the file system.
};

/// The reserve for a file system of this size: a twentieth, but at least 512 MB (the most that all memtables
/// hold), at most 1 GB, and never more than a quarter.
[[nodiscard]] std::uint64_t default_reserve(std::uint64_t all_bytes);

/// Commands are refused while the disk has less free space than the reserve, so that what was already
/// answered can still be flushed and compacted: a full disk ends the ledger. Commands are accepted again once
/// the free space exceeds the reserve by an eighth of it or 64 MB. One thread.
class DiskReserve {
 public:
  /// Empty if the space cannot be determined; then nothing changes.
  using Look = std::function<std::optional<DiskSpace>()>;

  /// Without a number of bytes the reserve is default_reserve(). 0 means no reserve.
  DiskReserve(std::optional<std::uint64_t> bytes, Look look);

  /// Checks the disk, and logs when commands begin to be refused or are accepted again.
  void look();

  /// As of the last look.
  [[nodiscard]] std::uint64_t bytes() const { return reserve_; }
  /// Why nothing that needs room may begin; empty if it may.
  [[nodiscard]] const std::string& obstacle() const { return obstacle_; }
  /// The failure of a command that needs room and was not done before; nothing if there is room.
  [[nodiscard]] std::optional<Failure> failure() const;

 private:
  std::optional<std::uint64_t> wanted_;
  Look look_;
  std::uint64_t reserve_ = 0;
  std::string obstacle_;
};

/// The file system that holds a directory.
[[nodiscard]] DiskReserve::Look look_at(std::filesystem::path dir);

}  // namespace stockfold
