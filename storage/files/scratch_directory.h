// A directory for temporary files.
#pragma once

#include <filesystem>
#include <utility>

#include "core/fault.h"

namespace stockfold {

/// Removed with its contents at the end of this object.
class ScratchDirectory {
 public:
  /// Makes one in `parent`, which must exist.
  static Result<ScratchDirectory> make(const std::filesystem::path& parent);

  ScratchDirectory(ScratchDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchDirectory& operator=(ScratchDirectory&&) = delete;
  ~ScratchDirectory();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

}  // namespace stockfold
