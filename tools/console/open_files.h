// How many files and sockets this program may have open.
#pragma once

#include <cstdint>

namespace stockfold {

/// Raises the limit to `wanted`, or as far as the system lets us, where it is lower. Returns what it is then.
std::uint64_t raise_open_files(std::uint64_t wanted);

}  // namespace stockfold
