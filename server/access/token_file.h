// The token file: the program changes it, and a running ledger reads it again.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "server/access/token.h"

namespace stockfold {

/// Which file it was, at which time; if any field differs, it is another file.
struct FileStamp {
  std::uint64_t inode = 0;      ///< 0: there is no file.
  std::int64_t changed_ns = 0;  ///< When its contents or its permissions changed.
  std::int64_t size = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
[[nodiscard]] FileStamp stamp_of(const std::filesystem::path& path);

/// Empty if there is no such file: then no token is required. A file that users other than its owner may read
/// or write, or that holds something else, is an error that names it. A group of this process may read the
/// file, as in a Kubernetes Secret, and may write it if the directory is deliberately shared with that group.
[[nodiscard]] std::expected<std::optional<std::vector<Token>>, std::string> read_token_file(
    const std::filesystem::path& path);

}  // namespace stockfold
