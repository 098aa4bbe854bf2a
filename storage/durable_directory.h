// Directories that are there after a power cut.
#pragma once

#include <expected>
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
std::expected<void, Fault> sync_directory(const std::filesystem::path& dir);

/// Makes `dir`, readable by its owner alone, and what is missing above it. Returns when it is on disk: where
/// it is there already, whoever made it may have ended before that, and its name is synced once more, unless
/// it is a file system of its own, or this user may not read what is above it, and so has not made it.
std::expected<void, Fault> make_directory(const std::filesystem::path& dir);

/// Of a directory that holds what nobody else may read or write: one that is another user's, or that others
/// can get at, is a fault that says what to type. Nothing where it is not there.
std::expected<void, Fault> check_private(const std::filesystem::path& dir);

/// make_directory(), and check_private() where it is there; but one that is empty is made its owner's alone.
std::expected<void, Fault> make_private_directory(const std::filesystem::path& dir);

}  // namespace stockfold
