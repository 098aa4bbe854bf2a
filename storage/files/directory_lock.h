// Keeps other processes out of a data directory.
#pragma once

#include <filesystem>
#include <utility>

#include "core/fault.h"

namespace stockfold {

/// Held from its making to its end. The system releases it when the process dies.
class DirectoryLock {
 public:
  /// Takes the lock for this process alone. busy if another process holds it, or this one.
  static Result<DirectoryLock> take(const std::filesystem::path& dir);

  /// Takes the lock together with others that share it. Writes nothing: if no process has ever taken the lock
  /// of this directory, there is nothing to hold. busy if another process has it for itself.
  static Result<DirectoryLock> share(const std::filesystem::path& dir);

  DirectoryLock(DirectoryLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int file) : file_(file) {}
  Result<void> lock(int operation, const std::filesystem::path& dir) const;

  int file_;
};

}  // namespace stockfold
