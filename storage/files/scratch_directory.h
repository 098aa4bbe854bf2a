// A directory for files that nobody needs afterwards.
#pragma once

#include <filesystem>
#include <utility>

#include "core/fault.h"

namespace stockfold {

/// Gone, with all that is in it, when this is.
class ScratchDirectory {
 public:
  /// Makes one below `parent`, which must be there.
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
