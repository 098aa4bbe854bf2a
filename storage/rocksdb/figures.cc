#include "storage/rocksdb/figures.h"

#include <rocksdb/metadata.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <utility>

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
    std::error_code gone;  // files are made and removed meanwhile
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

NamedFigure gauge(std::string name, std::string help) {
  return {.name = std::move(name), .help = std::move(help), .type = FigureType::gauge, .values = {}};
}

NamedFigure counter(std::string name, std::string help) {
  return {.name = std::move(name), .help = std::move(help), .type = FigureType::counter, .values = {}};
}

/// Collects named figures, each with a value of the log's database and one of the views'.
class ByDatabase {
 public:
  explicit ByDatabase(const RocksDbFigures& figures)
      : databases_{{{"log", &figures.log}, {"views", &figures.views}}} {}

  template <class Number>
  void add(NamedFigure figure, Number DatabaseFigures::* member) {
    for (const auto& [name, database] : databases_) {
      figure.values.push_back({{{"database", name}}, std::uint64_t{database->*member}});
    }
    all_.push_back(std::move(figure));
  }

  void add_tables(NamedFigure figure) {
    for (const auto& [name, database] : databases_) {
      for (std::size_t level = 0; level < database->tables.size(); ++level) {
        figure.values.push_back(
            {{{"database", name}, {"level", std::to_string(level)}}, database->tables[level]});
      }
    }
    all_.push_back(std::move(figure));
  }

  [[nodiscard]] std::vector<NamedFigure> take() && { return std::move(all_); }

 private:
  std::array<std::pair<std::string, const DatabaseFigures*>, 2> databases_;
  std::vector<NamedFigure> all_;
};

}  // namespace

StoreFigures store_figures_of(const RocksDbFigures& figures) {
  ByDatabase named(figures);
  named.add(gauge("stockfold_rocksdb_memtable_bytes", "Memory of what is not yet in tables."),
            &DatabaseFigures::memtable_bytes);
  named.add(
      gauge("stockfold_rocksdb_pending_compaction_bytes", "Bytes that compaction still has to rewrite."),
      &DatabaseFigures::pending_compaction_bytes);
  named.add(gauge("stockfold_rocksdb_running_compactions", "Compactions under way."),
            &DatabaseFigures::running_compactions);
  named.add(gauge("stockfold_rocksdb_running_flushes", "Flushes under way."),
            &DatabaseFigures::running_flushes);
  named.add(counter("stockfold_rocksdb_background_errors_total", "Errors of flushes and compactions."),
            &DatabaseFigures::background_errors);
  named.add(
      counter("stockfold_rocksdb_write_slowdowns_total", "How often writes were slowed for compaction."),
      &DatabaseFigures::write_slowdowns);
  named.add(counter("stockfold_rocksdb_write_stops_total", "How often writes had to wait for compaction."),
            &DatabaseFigures::write_stops);
  named.add(gauge("stockfold_rocksdb_writes_stopped", "1 while writes wait for compaction."),
            &DatabaseFigures::writes_stopped);
  named.add_tables(gauge("stockfold_rocksdb_tables", "Tables, by level."));

  StoreFigures all{.log_bytes = figures.log.disk_bytes,
                   .view_bytes = figures.views.disk_bytes,
                   .free_bytes = figures.free_bytes,
                   .of_engine = std::move(named).take()};
  const auto add = [&all](NamedFigure figure, std::uint64_t value) {
    figure.values.push_back({{}, value});
    all.of_engine.push_back(std::move(figure));
  };
  add(gauge("stockfold_rocksdb_block_cache_bytes",
            "Memory in use by the block cache that log and views share."),
      figures.block_cache_bytes);
  add(gauge("stockfold_rocksdb_block_cache_limit_bytes", "Capacity of that cache."),
      figures.block_cache_capacity_bytes);
  return all;
}

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
