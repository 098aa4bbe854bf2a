// A file system in memory that is as small as one likes.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <string>

#include "hostile/faults.h"

namespace stockfold {

/// Mounts one at `place`, seen by this program and those that it starts alone. Root may do that, and whoever
/// may make namespaces of their own; the error says why not. To be called before there is a second thread.
[[nodiscard]] std::expected<std::unique_ptr<SmallDisk>, std::string> mount_small_disk(
    const std::filesystem::path& place);

}  // namespace stockfold
