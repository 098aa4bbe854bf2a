// A file that is there whole, or not at all.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>

#include "core/fault.h"

namespace stockfold {

/// Written beside its place, under the same name and ".part", until finish() puts it there. At its end
/// nothing is left of it unless that was done. One thread.
class NewFile {
 public:
  /// Readable by its owner alone. What an earlier one that was cut off left beside the place is overwritten;
  /// where another process is writing it: busy. A link, or a file of somebody else's, is not followed or
  /// overwritten, whoever asks.
  static Result<std::unique_ptr<NewFile>> begin(const std::filesystem::path& place);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  Result<void> write(std::string_view bytes);
  /// The file, not its name: nobody can put another in its stead. Only root can give to somebody else. By
  /// their numbers, as the system has them.
  Result<void> give_to(std::uint32_t user, std::uint32_t group);
  /// Returns when it is on disk and in its place, where it replaces what is there. Once.
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
