// A small file system that a test can fill up.
#pragma once

#include <cstdint>
#include <filesystem>

#include "support/temporary_directory.h"

namespace stockfold {

/// In memory, 64 MiB, in a namespace of its own. This needs root or the right to make namespaces. Without
/// either, the space of the disk beyond a reserve stands for it. Must be made before a second thread exists.
class SmallFileSystem {
 public:
  SmallFileSystem();
  ~SmallFileSystem();
  SmallFileSystem(const SmallFileSystem&) = delete;
  SmallFileSystem& operator=(const SmallFileSystem&) = delete;

  /// Its path, for this program and the processes it starts.
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// The reserve that a ledger should keep; some 24 MiB more are free.
  [[nodiscard]] std::uint64_t reserve() const { return reserve_; }
  [[nodiscard]] std::uint64_t free_bytes() const;

  /// Removes or restores the files that are not the ledger's: enough to move the free space above or below
  /// the reserve.
  void remove_ballast();
  void put_ballast_back();
  /// Grows it by as much, for good.
  void grow();

 private:
  bool mount();
  void take_room(int number) const;
  [[nodiscard]] std::filesystem::path ballast(int number) const;

  TemporaryDirectory directory_;
  std::filesystem::path path_;
  std::uint64_t reserve_ = 0;
  std::uint64_t ballast_ = 0;  ///< Size of the ballast.
  int keeper_ = -1;  ///< A process in the namespace, with which the file system ends. -1: there is none.
  int orders_ = -1;  ///< A pipe to it and back: a byte makes it grow the file system, and it answers with the
                     ///< same byte.
};

}  // namespace stockfold
