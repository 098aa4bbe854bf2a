// Directories that are still there after a power cut, and who may access them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "core/fault.h"

namespace stockfold {

/// Such as "making /data: Permission denied".
[[nodiscard]] Fault io_fault(std::string_view doing, const std::filesystem::path& path,
                             const std::error_code& error);
/// The same for errno.
[[nodiscard]] Fault io_fault(std::string_view doing, const std::filesystem::path& path);

/// Returns when the names in `dir` are on disk.
Result<void> sync_directory(const std::filesystem::path& dir);

/// Makes `dir`, readable by its owner alone, and its missing parents. Returns when it is on disk. If `dir`
/// exists, its maker may have died before it was on disk, so its name is synced again. It is not synced if
/// `dir` is a mount point, or if this user may not read the parent and so cannot have made `dir`.
Result<void> make_directory(const std::filesystem::path& dir);

/// Checks a directory whose contents no other user may read or write. A directory that belongs to another
/// user, or that others can access, is a fault that says what to type. A missing directory is no fault. A
/// directory that is shared on purpose is accepted: it has the set-group-ID bit and a group that this process
/// is in, and root may own it. Volumes to which Kubernetes gives a group (fsGroup) are such directories.
Result<void> check_private(const std::filesystem::path& dir);

/// make_directory(), or check_private() if it exists. An empty one that is not shared on purpose is
/// restricted to its owner.
Result<void> make_private_directory(const std::filesystem::path& dir);

/// In which case a group may access a file that is otherwise secret.
enum class SharedBy : std::uint8_t {
  directory,  ///< The directory is shared with that group on purpose: see check_private().
  reading     ///< That, or the group may only read and this process is in it.
};
/// Whether only its owner and, as `shared` allows, a group can access the open `file` at `path`.
[[nodiscard]] bool keeps_secret(int file, const std::filesystem::path& path, SharedBy shared);

}  // namespace stockfold
