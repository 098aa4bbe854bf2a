// Room on the disk that commands may not take.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "protocol/answer.h"

namespace stockfold {

struct DiskSpace {
  std::uint64_t free_bytes = 0;  ///< What is left for us.
  std::uint64_t all_bytes = 0;   ///< The size of the file system.
};

/// Of a file system of so many bytes: a twentieth, but not less than all memtables may hold, 512 MB, nor more
/// than 1 GB; and never more than a quarter.
[[nodiscard]] std::uint64_t default_reserve(std::uint64_t all_bytes);

/// Commands are refused while the disk has less room than the reserve, so that what they were already
/// answered can still be flushed and compacted: a disk that is full ends the ledger. Once there is more than
/// the reserve again, by an eighth of it or 64 MB, they are taken. One thread.
class DiskReserve {
 public:
  /// Nothing where it cannot be told just now: then all stays as it was.
  using Look = std::function<std::optional<DiskSpace>()>;

  /// Without a number of bytes the reserve is default_reserve(). 0 is none at all.
  DiskReserve(std::optional<std::uint64_t> bytes, Look look);

  /// Looks at the disk, and logs where commands are refused from here on, or are taken again.
  void look();

  /// As of the last look.
  [[nodiscard]] std::uint64_t bytes() const { return reserve_; }
  /// Why nothing that needs room may begin; empty where it may.
  [[nodiscard]] const std::string& obstacle() const { return obstacle_; }
  /// Of whatever needs room and was not done before: nothing where there is room for it.
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
