// A file that appears whole, or not at all.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>

#include "core/fault.h"

namespace stockfold {

/// Written next to its destination, under its name and ".part", until finish() renames it. The
/// destructor removes it if finish() did not succeed. One thread.
class NewFile {
 public:
  /// Readable by its owner alone. The remains of an earlier try are overwritten;
  /// where another process is writing it: busy. A link is not followed, and a file of another
  /// owner is not overwritten, even for root.
  static Result<std::unique_ptr<NewFile>> begin(const std::filesystem::path& place);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  Result<void> write(std::string_view bytes);
  /// Acts on the open file, not on its name, which another user could point elsewhere. Only root can give it
  /// away. By their numbers, as the system has them.
  Result<void> give_to(std::uint32_t user, std::uint32_t group);
  /// Replaces the destination. Returns when the file is on disk under its name. Call it once.
  Result<void> finish();

 private:
  NewFile(std::filesystem::path place, std::filesystem::path part, std::FILE* file)
      : place_(std::move(place)), part_(std::move(part)), file_(file) {}

  const std::filesystem::path place_;
  const std::filesystem::path part_;
  std::FILE* file_;
  bool finished_ = false;
};

}  // namespace stockfold
