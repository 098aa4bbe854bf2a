// What the system reports about this process.
#pragma once

#include <cstdint>

namespace stockfold {

struct ProgramFigures {
  double cpu_seconds = 0;    ///< Of all threads, since the start.
  double start_seconds = 0;  ///< When the process began, in seconds since 1970.
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t most_open_files = 0;
};

/// A figure that cannot be found out is 0. The call takes longer with many open files. Any thread.
[[nodiscard]] ProgramFigures program_figures();

}  // namespace stockfold
