// A small file system in memory.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <string>

#include "hostile/faults.h"

namespace stockfold {

/// Mounts one at `place`, visible only to this program and the processes it starts. This needs root or the
/// right to make namespaces; the error says why it failed. Must be called before a second thread exists.
[[nodiscard]] std::expected<std::unique_ptr<SmallDisk>, std::string> mount_small_disk(
    const std::filesystem::path& place);

}  // namespace stockfold
