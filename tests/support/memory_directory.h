// A directory for files that are written thousands of times: in memory, if the system has such a place.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <expected>
#include <filesystem>

#include "storage/files/scratch_directory.h"

namespace stockfold {

/// Made empty, and removed by the destructor. Ends the program if it cannot be made.
class MemoryDirectory {
 public:
  MemoryDirectory() : directory_(make()) {}
  [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }

 private:
  static ScratchDirectory make() {
    const std::filesystem::path in_memory = "/dev/shm";
    auto made = ScratchDirectory::make(
        std::filesystem::is_directory(in_memory) ? in_memory : std::filesystem::temp_directory_path());
    if (made) return std::move(*made);
    std::fprintf(stderr, "%s\n", made.error().what.c_str());
    std::abort();
  }

  ScratchDirectory directory_;
};

}  // namespace stockfold
