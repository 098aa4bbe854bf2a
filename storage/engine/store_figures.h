// What a store says of itself, for whoever watches over it.
#pragma once

#include <cstdint>
#include <vector>

namespace stockfold {

/// Of one of the store's databases.
struct DatabaseFigures {
  std::uint64_t disk_bytes = 0;      ///< Of all its files.
  std::uint64_t memtable_bytes = 0;  ///< What is not yet in tables, or still read by somebody.
  std::uint64_t pending_compaction_bytes = 0;
  std::uint64_t running_compactions = 0;
  std::uint64_t running_flushes = 0;
  std::uint64_t background_errors = 0;  ///< Since it was opened; so are the next two.
  std::uint64_t write_slowdowns = 0;    ///< How often writes were made slower, to let compaction keep up.
  std::uint64_t write_stops = 0;        ///< How often they had to wait for it.
  bool writes_stopped = false;          ///< They wait now.
  std::vector<std::uint64_t> tables;    ///< How many there are, by level, the newest first.
};

struct StoreFigures {
  DatabaseFigures log;
  DatabaseFigures views;
  std::uint64_t block_cache_bytes = 0;
  std::uint64_t block_cache_capacity_bytes = 0;
  std::uint64_t free_bytes = 0;  ///< That the file system has left for it.
};

}  // namespace stockfold
