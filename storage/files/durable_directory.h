// Directories that are there after a power cut.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "core/fault.h"

namespace stockfold {

/// "making /data: Permission denied".
[[nodiscard]] Fault io_fault(std::string_view doing, const std::filesystem::path& path,
                             const std::error_code& error);
/// The same of what errno says.
[[nodiscard]] Fault io_fault(std::string_view doing, const std::filesystem::path& path);

/// Returns when the names in `dir` are on disk.
Result<void> sync_directory(const std::filesystem::path& dir);

/// Makes `dir`, readable by its owner alone, and what is missing above it. Returns when it is on disk: where
/// it is there already, whoever made it may have ended before that, and its name is synced once more, unless
/// it is a file system of its own, or this user may not read what is above it, and so has not made it.
Result<void> make_directory(const std::filesystem::path& dir);

/// Of a directory that holds what nobody else may read or write: one that is another user's, or that others
/// can get at, is a fault that says what to type. Nothing where it is not there. A directory that is shared
/// on purpose is taken: one with the set-group-ID bit and a group that this process is in, which root may
/// own. So are volumes that Kubernetes gives a group (fsGroup).
Result<void> check_private(const std::filesystem::path& dir);

/// make_directory(), and check_private() where it is there; but one that is empty, and not shared on purpose,
/// is made its owner's alone.
Result<void> make_private_directory(const std::filesystem::path& dir);

/// Where a group may get at a file that nobody else may know.
enum class SharedBy : std::uint8_t {
  directory,  ///< In a directory that is shared with that group on purpose: see check_private().
  reading     ///< There, and where it may only read and is a group that this process is in.
};
/// Whether the open `file`, which lies at `path`, can be got at only by its owner and, as `shared` says, a
/// group.
[[nodiscard]] bool keeps_secret(int file, const std::filesystem::path& path, SharedBy shared);

}  // namespace stockfold
