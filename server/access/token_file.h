// The file of tokens: the program changes it, and a ledger that runs reads it again.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "server/access/token.h"

namespace stockfold {

/// Which file it was, and of when: another one where any of it differs.
struct FileStamp {
  std::uint64_t inode = 0;      ///< 0: there is none.
  std::int64_t changed_ns = 0;  ///< Itself, or who may use it.
  std::int64_t size = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
[[nodiscard]] FileStamp stamp_of(const std::filesystem::path& path);

/// Empty where there is no such file: then nobody needs a token. One that others than its owner may read or
/// write, or that holds something else, is an error that names it. A group that this process is in may read
/// it, as in a Secret of Kubernetes, and write it where the directory is shared with that group on purpose.
[[nodiscard]] std::expected<std::optional<std::vector<Token>>, std::string> read_token_file(
    const std::filesystem::path& path);

}  // namespace stockfold
