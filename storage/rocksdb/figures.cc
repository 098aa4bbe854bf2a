#include "storage/rocksdb/figures.h"

#include <rocksdb/metadata.h>

#include <charconv>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>

namespace stockfold {
namespace {

using Properties = rocksdb::DB::Properties;

/// Of the whole database.
std::uint64_t number_of(rocksdb::DB& db, const std::string& property) {
  std::uint64_t number = 0;
  return db.GetIntProperty(property, &number) ? number : 0;
}

/// The sum over its column families.
std::uint64_t sum_of(rocksdb::DB& db, const std::string& property) {
  std::uint64_t sum = 0;
  return db.GetAggregatedIntProperty(property, &sum) ? sum : 0;
}

std::uint64_t number_in(const std::map<std::string, std::string>& properties, const std::string& name) {
  const auto found = properties.find(name);
  std::uint64_t number = 0;
  if (found == properties.end()) return number;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
  return number;
}

std::uint64_t bytes_below(const std::filesystem::path& dir) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;  // files come and go meanwhile
    const auto size = entry->file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

std::vector<std::uint64_t> tables_by_level(rocksdb::DB& db) {
  std::vector<rocksdb::LiveFileMetaData> files;
  db.GetLiveFilesMetaData(&files);
  std::vector<std::uint64_t> tables(static_cast<std::size_t>(db.NumberLevels()));
  for (const auto& file : files) {
    const auto level = static_cast<std::size_t>(file.level);
    if (level >= tables.size()) tables.resize(level + 1);  // other families may have more of them
    ++tables[level];
  }
  return tables;
}

}  // namespace

DatabaseFigures figures_of(rocksdb::DB& db, std::span<rocksdb::ColumnFamilyHandle* const> families) {
  DatabaseFigures figures{.disk_bytes = bytes_below(db.GetName()),
                          .memtable_bytes = sum_of(db, Properties::kSizeAllMemTables),
                          .pending_compaction_bytes = sum_of(db, Properties::kEstimatePendingCompactionBytes),
                          .running_compactions = number_of(db, Properties::kNumRunningCompactions),
                          .running_flushes = number_of(db, Properties::kNumRunningFlushes),
                          .background_errors = number_of(db, Properties::kBackgroundErrors),
                          .writes_stopped = number_of(db, Properties::kIsWriteStopped) != 0,
                          .tables = tables_by_level(db)};
  for (rocksdb::ColumnFamilyHandle* family : families) {
    std::map<std::string, std::string> statistics;
    if (!db.GetMapProperty(family, Properties::kCFStats, &statistics)) continue;
    figures.write_slowdowns += number_in(statistics, "io_stalls.total_slowdown");
    figures.write_stops += number_in(statistics, "io_stalls.total_stop");
  }
  return figures;
}

}  // namespace stockfold
