// A file system that is as small as one likes, and fills up.
#pragma once

#include <cstdint>
#include <filesystem>

#include "support/temporary_directory.h"

namespace stockfold {

/// In memory, of 64 MiB, in a namespace of its own, which needs root or the right to make namespaces; where
/// neither is given, what is left of the disk beyond a reserve stands for it. To be made before there is a
/// second thread.
class SmallFileSystem {
 public:
  SmallFileSystem();
  ~SmallFileSystem();
  SmallFileSystem(const SmallFileSystem&) = delete;
  SmallFileSystem& operator=(const SmallFileSystem&) = delete;

  /// Where it is, for this program and those that it starts.
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// What a ledger is to keep of it; there are some 24 MiB more.
  [[nodiscard]] std::uint64_t reserve() const { return reserve_; }
  [[nodiscard]] std::uint64_t free_bytes() const;

  /// What is not the ledger's is deleted, or comes again: more than it takes to be beyond the reserve, or
  /// not.
  void remove_ballast();
  void put_ballast_back();
  /// By as much, for good.
  void grow();

 private:
  bool mount();
  void take_room(int number) const;
  [[nodiscard]] std::filesystem::path ballast(int number) const;

  TemporaryDirectory directory_;
  std::filesystem::path path_;
  std::uint64_t reserve_ = 0;
  std::uint64_t ballast_ = 0;  ///< Bytes of it.
  int keeper_ = -1;  ///< A process in the namespace; the file system goes with it. -1: there is none.
  int orders_ = -1;  ///< To it and from it: a byte has the file system grown, the same byte says that it has.
};

}  // namespace stockfold
