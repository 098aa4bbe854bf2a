#include "storage/files/scratch_directory.h"

#include <stdlib.h>

#include <string>
#include <system_error>

#include "storage/files/durable_directory.h"

namespace stockfold {

Result<ScratchDirectory> ScratchDirectory::make(const std::filesystem::path& parent) {
  std::string path = (parent / "stockfold-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) {
    return std::unexpected(io_fault("making a directory in", parent));
  }
  return ScratchDirectory(path);
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;  // the files are of no use to anyone
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace stockfold
