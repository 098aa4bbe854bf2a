#include "storage/rocksdb/view_options.h"

#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/rate_limiter.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "storage/rocksdb/no_recovery.h"
#include "storage/rocksdb/silence.h"
#include "storage/rocksdb/tables.h"

namespace stockfold {
namespace {

/// How the rows of a view are written and read.
enum class RowLife : std::uint8_t {
  few,   ///< Written over and over: products, the last blocks of their streams, what moved today, the sets
         ///< of the latest orders.
  many,  ///< Written once or twice, about in the order of their keys: orders.
  scattered  ///< Written once, in no order; most look-ups find nothing: receipts.
};

RowLife life_of_rows(std::string_view view) {
  static constexpr std::array kFew{"stock", "streams", "movements", "quarters", "order_index"};
  if (std::ranges::find(kFew, view) != kFew.end()) return RowLife::few;
  return view == "receipts" ? RowLife::scattered : RowLife::many;
}

/// The rows of a batch are sorted, so the search for each starts at the place of the row before: that halves
/// the time of an insertion. This is for rows only. RocksDB 7.8 confuses a place in the table of rows with
/// one in the table of deleted ranges, and a view is cleared by a range that starts below its rows.
class RowsOnly final : public rocksdb::SliceTransform {
 public:
  [[nodiscard]] const char* Name() const override { return "stockfold.rows"; }
  [[nodiscard]] rocksdb::Slice Transform(const rocksdb::Slice& key) const override { return {key.data(), 1}; }
  [[nodiscard]] bool InDomain(const rocksdb::Slice& key) const override {
    return !key.empty() && key[0] == kRowPrefix;
  }
};

rocksdb::CompressionType compression() {
  const auto supported = rocksdb::GetSupportedCompressions();
  return std::ranges::find(supported, rocksdb::kLZ4Compression) != supported.end() ? rocksdb::kLZ4Compression
                                                                                   : rocksdb::kNoCompression;
}

rocksdb::BlockBasedTableOptions table_options(const std::shared_ptr<rocksdb::Cache>& block_cache) {
  rocksdb::BlockBasedTableOptions table = table_options_of_format();
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // Partitioned, so that a look-up in a view larger than the cache reads a part of its filter, not all of it.
  // Parts have 16 KB: finding the part dominates a look-up in a cached filter, and 4 KB took a fifth longer.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.metadata_block_size = 16'384;
  table.block_cache = block_cache;
  table.cache_index_and_filter_blocks = true;
  // The parts of the newest tables, which every look-up reads, stay pinned: reading them takes no cache lock.
  table.metadata_cache_options.top_level_index_pinning = rocksdb::PinningTier::kAll;
  table.metadata_cache_options.partition_pinning = rocksdb::PinningTier::kFlushedAndSimilar;
  table.metadata_cache_options.unpartitioned_pinning = rocksdb::PinningTier::kFlushedAndSimilar;
  return table;
}

}  // namespace

rocksdb::DBOptions view_database_options(rocksdb::Env* env) {
  rocksdb::DBOptions options;
  options.env = env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.paranoid_checks = true;
  options.max_open_files = 256;          // descriptors and the time to open must not grow with the store
  options.max_file_opening_threads = 1;  // of each column family at an open, for at most 64 tables
  // One flush and three compactions: a long one of receipts must not keep the small ones of stock waiting.
  // They have the lowest priority, so they use what the writer and the network leave.
  options.max_background_jobs = 4;
  options.env->LowerThreadPoolCPUPriority(rocksdb::Env::LOW);
  options.env->LowerThreadPoolIOPriority(rocksdb::Env::LOW);
  // Several times what full load needs (some 60 MB/s), but low enough that the log's sync does not wait
  // behind a burst of a compaction.
  options.rate_limiter.reset(rocksdb::NewGenericRateLimiter(200 << 20));
  options.bytes_per_sync = 1U << 20;
  options.compaction_readahead_size = 1U << 20;
  options.allow_concurrent_memtable_write = false;  // there is one writer
  options.max_bgerror_resume_count = 0;             // a failed sync is never retried
  options.max_manifest_file_size = 64U << 20;  // which every open reads whole; RocksDB's own bound is 1 GB
  options.listeners.push_back(std::make_shared<NoRecovery>());
  options.info_log = std::make_shared<DiscardingLogger>();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.skip_stats_update_on_db_open = true;
  return options;
}

rocksdb::ColumnFamilyOptions view_options(std::string_view view, std::size_t buffer_bytes,
                                          const std::shared_ptr<rocksdb::Cache>& block_cache) {
  static const auto rows_only = std::make_shared<const RowsOnly>();
  const RowLife rows = life_of_rows(view);
  rocksdb::ColumnFamilyOptions options;
  rocksdb::BlockBasedTableOptions table = table_options(block_cache);
  options.memtable_insert_with_hint_prefix_extractor = rows_only;
  options.write_buffer_size = buffer_bytes;
  options.max_write_buffer_number = 4;  // while one is written to disk, the follower fills the next
  // Full load makes some tables a second, and a compaction of a large view takes half a minute. Only after
  // minutes in which compactions do not keep up is the follower slowed, and commands are overloaded.
  options.level0_slowdown_writes_trigger = 64;
  options.level0_stop_writes_trigger = 128;
  options.compression = compression();

  switch (rows) {
    case RowLife::few: {
      // Most rows of a memtable are overwritten versions; a flush keeps the last of each. A row is found
      // faster in a small memtable: 8 MB instead of 32 MB takes a quarter of the time of a batch of 4,096
      // events.
      constexpr std::size_t kFewRowsBuffer = 8U << 20;
      options.write_buffer_size = std::min(buffer_bytes, kFewRowsBuffer);
      options.level_compaction_dynamic_level_bytes = true;
      break;
    }
    case RowLife::scattered: {
      // Keys without order are found the faster the less there is: a memtable of 12 MB took a quarter less
      // than one of 32 MB in batches of 4,096 events, but makes three times the tables.
      constexpr std::size_t kScatteredRowsBuffer = 16U << 20;
      options.write_buffer_size = std::min(buffer_bytes, kScatteredRowsBuffer);
      options.compression = rocksdb::kNoCompression;  // ids and hashes do not compress
      [[fallthrough]];
    }
    case RowLife::many:
      // Levels would write each row 10 to 25 times over, keys being spread over the whole of the level below;
      // this way it is 3 to 4 times, for a few more filters to ask.
      options.compaction_style = rocksdb::kCompactionStyleUniversal;
      options.level0_file_num_compaction_trigger = 8;
      options.compaction_options_universal.max_size_amplification_percent = 100;
      options.compaction_options_universal.allow_trivial_move = false;
      // The writer looks up new ids, which are not there; 16 bits a row save that search.
      options.memtable_whole_key_filtering = true;
      options.memtable_prefix_bloom_size_ratio = 0.02;
      break;
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace stockfold
