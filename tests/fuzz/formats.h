// Constants of the formats that targets generate. They repeat docs/DATA_FORMAT.md, because the readers of
// these formats are under test.
#pragma once

#include <cstddef>

#include "core/numbers.h"

namespace stockfold {

// The header of a commit.
inline constexpr std::size_t kCommitFirstAt = 8;
inline constexpr std::size_t kCommitBodySizeAt = 28;
inline constexpr std::size_t kCommitChecksumAt = 64;
inline constexpr std::size_t kCommitHeaderSize = 72;

// The years 0000 to 9999, which RFC 3339 can write.
inline constexpr UnixMillis kEarliest(-62'167'219'200'000);
inline constexpr UnixMillis kLatest(253'402'300'799'999);

}  // namespace stockfold
