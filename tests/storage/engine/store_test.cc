// Opening a store: what is made, what is refused, what is cut.
#include "storage/engine/store.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "storage/engine/small_store.h"
#include "storage/golden.h"
#include "storage/log/commit_record.h"
#include "storage/rocksdb/engine.h"
#include "storage/rocksdb/log_database.h"
#include "storage/samples.h"
#include "support/file_size_limit.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

/// Name -> bytes of every file below `dir`.
std::map<std::string, std::string> contents(const fs::path& dir) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(dir)) {
    files[fs::relative(entry.path(), dir)] =
        entry.is_regular_file() ? read_bytes(entry.path()) : "a directory";
  }
  return files;
}

std::vector<fs::path> files_in(const fs::path& dir, std::string_view extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(dir)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

void flip_bit(const fs::path& file, std::size_t at) {
  std::string bytes = read_bytes(file);
  ASSERT_LT(at, bytes.size());
  bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
  write_bytes(file, bytes);
}

/// The sum of a figure's values, all of them or those of one database.
std::uint64_t sum_of(const StoreFigures& store, std::string_view name, std::string_view database = "") {
  const auto figure = std::ranges::find(store.of_engine, name, &NamedFigure::name);
  EXPECT_NE(figure, store.of_engine.end()) << name;
  if (figure == store.of_engine.end()) return 0;
  std::uint64_t sum = 0;
  for (const FigureValue& value : figure->values) {
    const bool counts = database.empty() || value.labels.at(0).second == database;
    if (counts) sum += value.value;
  }
  return sum;
}

class StoreTest : public testing::Test {
 protected:
  StoreTest() : path_(dir_.path() / "store") {}

  [[nodiscard]] std::unique_ptr<Store> open() const {
    auto store = rocksdb_engine().open(path_, small());
    EXPECT_TRUE(store) << store.error().what;
    return store ? std::move(*store) : nullptr;
  }

  /// Opens what must not open and must be left unchanged.
  [[nodiscard]] Fault refusal() const {
    const auto before = contents(path_);
    const auto store = rocksdb_engine().open(path_, small());
    EXPECT_TRUE(contents(path_) == before) << "a store that was refused was written";
    EXPECT_FALSE(store);
    return store ? Fault{} : store.error();
  }

  /// A closed store whose commits have `counts` events.
  void write(const std::vector<std::size_t>& counts) const {
    const auto store = open();
    for (const std::size_t count : counts) append(*store, count);
  }

  static Head append(Store& store, std::size_t count) {
    const GlobalPosition end = store.log().head().position;
    const AppendResult result = store.log().append(end, commit_after(end, count));
    EXPECT_TRUE(std::holds_alternative<Appended>(result));
    return store.log().head();
  }

  /// The file of the commits that were written since the store was opened: closing leaves them there.
  [[nodiscard]] fs::path write_ahead_file() const { return files_in(path_ / "log", ".log").back(); }

  static std::size_t count_commits(const EventLog& log) {
    const auto cursor = log.read(GlobalPosition(1));
    for (std::size_t commits = 0;; ++commits) {
      const auto commit = cursor->next();
      EXPECT_TRUE(commit) << commit.error().what;
      if (!commit || *commit == nullptr) return commits;
    }
  }

  TemporaryDirectory dir_;
  fs::path path_;
};

TEST_F(StoreTest, IsCreatedWhenMissing) {
  const auto store = open();
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(store->log().head().position, GlobalPosition(0));
  EXPECT_EQ(store->log().head().epoch, Epoch(1));
  EXPECT_NE(store->log().head().ledger, LedgerId{});
  EXPECT_FALSE(store->torn_tail());
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_all);
}

TEST_F(StoreTest, ReportsAppendFiguresAndDiskUsage) {
  const auto store = open();
  const StoreFigures before = store->files().figures();
  const auto append_to_it = [&store](std::size_t count) {
    const GlobalPosition end = store->log().head().position;
    return std::get<Appended>(store->log().append(end, commit_after(end, count))).figures;
  };
  const AppendFigures small_one = append_to_it(1);
  const AppendFigures large_one = append_to_it(1'000);
  EXPECT_GT(small_one.bytes, 0U);
  EXPECT_GT(large_one.bytes, 100 * small_one.bytes);
  EXPECT_GT(large_one.sync.count(), 0);
  EXPECT_GT(large_one.write.count(), 0);

  const StoreFigures after = store->files().figures();
  EXPECT_GE(after.log_bytes, before.log_bytes + large_one.bytes);
  EXPECT_GT(sum_of(after, "stockfold_rocksdb_memtable_bytes", "log"),
            sum_of(before, "stockfold_rocksdb_memtable_bytes", "log"));
  EXPECT_EQ(sum_of(after, "stockfold_rocksdb_block_cache_limit_bytes"), 1U << 20);
  EXPECT_GT(after.free_bytes, 0U);
  EXPECT_EQ(sum_of(after, "stockfold_rocksdb_writes_stopped", "log"), 0U);
  EXPECT_EQ(sum_of(after, "stockfold_rocksdb_tables", "log"), files_in(path_ / "log", ".sst").size());
  View& view = store->views().view("stock");
  ASSERT_TRUE(view.write({{"row", std::string(1'000, 'x')}}, {.version = 1}));
  ASSERT_TRUE(store->views().flush());
  const StoreFigures flushed = store->files().figures();
  EXPECT_EQ(sum_of(flushed, "stockfold_rocksdb_tables", "views"), files_in(path_ / "views", ".sst").size());
  EXPECT_GT(flushed.view_bytes, after.view_bytes);
}

TEST_F(StoreTest, KeepsWriteAheadFilesForUnflushedDataOnly) {
  const auto store = open();
  const fs::path log = path_ / "log";
  while (files_in(log, ".sst").size() < 4) append(*store, 1'000);  // each a memtable that was flushed
  const auto in_memory = [&store] {
    return sum_of(store->files().figures(), "stockfold_rocksdb_memtable_bytes", "log");
  };
  const auto ahead = [&log] {
    std::uintmax_t bytes = 0;
    for (const fs::path& file : files_in(log, ".log")) bytes += fs::file_size(file);
    return bytes;
  };
  while (files_in(log, ".log").size() > 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_LE(ahead(), in_memory() + (2U << 20));
  for (const char* database : {"log", "views"}) {
    for (const auto& entry : fs::directory_iterator(path_ / database)) {
      EXPECT_FALSE(entry.path().filename().string().starts_with("LOG")) << "RocksDB's own log grows";
    }
  }
}

TEST_F(StoreTest, IsNotCreatedWhenOnlyOpeningIsAllowed) {
  StoreOptions options = small();
  options.create = false;
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto store = rocksdb_engine().open(path_, options);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().kind, FaultKind::io);
    fs::create_directory(path_);
  }
  EXPECT_FALSE(fs::exists(path_ / "log"));
}

TEST_F(StoreTest, KeepsEverythingAcrossReopening) {
  Head head;
  {
    const auto store = open();
    append(*store, 1);
    head = append(*store, 3);
  }
  for (int again = 0; again < 2; ++again) {
    const auto store = open();
    EXPECT_EQ(store->log().head().ledger, head.ledger);
    EXPECT_EQ(store->log().head().position, GlobalPosition(4));
    EXPECT_EQ(store->log().head().hash, head.hash);
    EXPECT_EQ(store->log().head().time, head.time);
    EXPECT_EQ(count_commits(store->log()), 2U);
    EXPECT_FALSE(store->torn_tail());
  }
}

TEST_F(StoreTest, IsCreatedAgainAfterInterruptedCreation) {
  fs::create_directories(path_ / "log.new");
  write_bytes(path_ / "log.new" / "CURRENT", "half");
  EXPECT_EQ(open()->log().head().position, GlobalPosition(0));
}

TEST_F(StoreTest, IsBusyForAnotherProcess) {
  const auto store = open();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto second = rocksdb_engine().open(path_, small());
    ::_exit(!second && second.error().kind == FaultKind::busy ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_F(StoreTest, IsBusyForThisProcessUntilClosed) {
  auto store = open();
  EXPECT_EQ(rocksdb_engine().open(path_, small()).error().kind, FaultKind::busy);
  store.reset();
  EXPECT_NE(open(), nullptr);
}

TEST_F(StoreTest, IsLeftUntouchedWhenFormatIsNewer) {
  write({1});
  {
    auto database = open_log_database(path_ / "log", {});
    ASSERT_TRUE(database->db->Put({}, database->ledger.get(), "ledger", ledger_record_of_version(2)).ok());
  }
  const Fault fault = refusal();
  EXPECT_EQ(fault.kind, FaultKind::newer_format);
  EXPECT_NE(fault.what.find("version 2"), std::string::npos) << fault.what;
}

TEST_F(StoreTest, IsCorruptWithoutLedgerRecord) {
  write({1});
  {
    auto database = open_log_database(path_ / "log", {});
    ASSERT_TRUE(database->db->Delete({}, database->ledger.get(), "ledger").ok());
  }
  EXPECT_EQ(refusal().kind, FaultKind::corruption);
}

TEST_F(StoreTest, IsCorruptWhenViewsExistWithoutLog) {
  write({1});
  fs::remove_all(path_ / "log");
  EXPECT_EQ(refusal().kind, FaultKind::corruption);
}

TEST_F(StoreTest, IsRefusedWithoutItsCurrentFile) {
  write({1});
  fs::remove(path_ / "log" / "CURRENT");
  EXPECT_NE(refusal().what, "");
}

TEST_F(StoreTest, NamesFirstPositionLostToDamagedRecord) {
  write({2, 2, 2});
  const std::string bytes = read_bytes(write_ahead_file());
  const std::size_t second = bytes.find(kCommitMagic, bytes.find(kCommitMagic) + 1);
  flip_bit(write_ahead_file(), second + 90);
  const Fault fault = refusal();
  EXPECT_EQ(fault.kind, FaultKind::corruption);
  EXPECT_EQ(fault.position, GlobalPosition(3));
}

// Wherever the damage is between the first commit and the last: in RocksDB's headers (then it may skip
// everything that follows), in ours, or in the events.
TEST_F(StoreTest, IsCorruptWhenAnyEarlierByteIsDamaged) {
  write({1, 1, 1});
  const std::string good = read_bytes(write_ahead_file());
  const std::size_t start = good.find(kCommitMagic);
  const std::size_t last = good.rfind(kCommitMagic);
  const std::size_t record = (last - start) / 2;
  for (std::size_t at = 0; at < last + 72 - record; at += 3) {
    flip_bit(write_ahead_file(), at);
    const auto store = rocksdb_engine().open(path_, small());
    ASSERT_FALSE(store) << at;
    EXPECT_EQ(store.error().kind, FaultKind::corruption) << at << store.error().what;
    write_bytes(write_ahead_file(), good);
  }
  EXPECT_EQ(open()->log().head().position, GlobalPosition(3));
}

TEST_F(StoreTest, IsCorruptWithZerosBeforeLastRecord) {
  write({1, 1, 1});
  std::string bytes = read_bytes(write_ahead_file());
  const std::size_t first = bytes.find(kCommitMagic);
  std::fill_n(bytes.begin(), first, '\0');  // RocksDB takes the block for one that was never written
  write_bytes(write_ahead_file(), bytes);
  const Fault fault = refusal();
  EXPECT_EQ(fault.kind, FaultKind::corruption);
  EXPECT_EQ(fault.position, GlobalPosition(1));
}

TEST_F(StoreTest, OpensWithoutLastRecordCutAnywhere) {
  std::size_t whole = 0;
  {
    const auto store = open();
    append(*store, 1);
    append(*store, 2);
    whole = fs::file_size(write_ahead_file());
    append(*store, 1);
  }
  const fs::path file = fs::relative(write_ahead_file(), path_);
  const std::size_t end = fs::file_size(path_ / file);
  ASSERT_GT(end, whole);
  const fs::path copy = dir_.path() / "copy";
  for (std::size_t size = whole; size < end; ++size) {
    SCOPED_TRACE(size - whole);
    fs::remove_all(copy);
    fs::copy(path_, copy, fs::copy_options::recursive);
    fs::resize_file(copy / file, size);
    const auto store = rocksdb_engine().open(copy, small());
    ASSERT_TRUE(store) << store.error().what;
    EXPECT_EQ((*store)->log().head().position, GlobalPosition(3));
    EXPECT_EQ(count_commits((*store)->log()), 2U);
    ASSERT_EQ((*store)->torn_tail().has_value(), size > whole);
    if (size == whole) continue;
    EXPECT_EQ((*store)->torn_tail()->after, GlobalPosition(3));
  }
}

TEST_F(StoreTest, ContinuesAfterTornTailAndReportsItOnce) {
  write({1, 1});
  fs::resize_file(write_ahead_file(), fs::file_size(write_ahead_file()) - 1);
  {
    const auto store = open();
    ASSERT_TRUE(store->torn_tail());
    EXPECT_NE(store->torn_tail()->what.find("event 2"), std::string::npos) << store->torn_tail()->what;
    EXPECT_EQ(append(*store, 5).position, GlobalPosition(6));
  }
  const auto store = open();
  EXPECT_FALSE(store->torn_tail());
  EXPECT_EQ(store->log().head().position, GlobalPosition(6));
  EXPECT_EQ(count_commits(store->log()), 2U);
}

TEST_F(StoreTest, DropsTornCommitThatSpansManyBlocks) {
  write({1, 5'000});
  ASSERT_GT(fs::file_size(write_ahead_file()), 2U * 32'768);
  fs::resize_file(write_ahead_file(), 40'000);
  const auto store = open();
  EXPECT_EQ(store->log().head().position, GlobalPosition(1));
  EXPECT_TRUE(store->torn_tail());
}

TEST_F(StoreTest, IsCorruptWhenViewsHoldLostCommit) {
  {
    const auto store = open();
    append(*store, 1);
    const Head head = append(*store, 1);
    View& view = store->views().view("stock");
    ASSERT_TRUE(view.write({{"row", "value"}}, {.version = 1,
                                                .ledger = head.ledger,
                                                .epoch = head.epoch,
                                                .position = head.position,
                                                .hash = head.hash}));
    ASSERT_TRUE(store->views().flush());
  }
  fs::resize_file(write_ahead_file(), fs::file_size(write_ahead_file()) - 1);
  const Fault fault = refusal();
  EXPECT_EQ(fault.kind, FaultKind::corruption);
  EXPECT_EQ(fault.position, GlobalPosition(2));
}

// The views saw the head, and whole blocks of the write-ahead file lie between the damage and the head.
// Nothing may be written before the damage is recognized, because the commits after it are still there.
TEST_F(StoreTest, IsCorruptWhenDamageLiesFarBelowViews) {
  {
    const auto store = open();
    for (const std::size_t count : {1U, 1U, 5'000U}) append(*store, count);
    const Head head = append(*store, 1);
    View& view = store->views().view("stock");
    ASSERT_TRUE(view.write({}, {.version = 1,
                                .ledger = head.ledger,
                                .epoch = head.epoch,
                                .position = head.position,
                                .hash = head.hash}));
    ASSERT_TRUE(store->views().flush());
  }
  const std::string good = read_bytes(write_ahead_file());
  const std::size_t second = good.find(kCommitMagic, good.find(kCommitMagic) + 1);
  flip_bit(write_ahead_file(), second + 90);
  const Fault fault = refusal();
  EXPECT_EQ(fault.kind, FaultKind::corruption);
  write_bytes(write_ahead_file(), good);
  EXPECT_EQ(open()->log().head().position, GlobalPosition(5'003)) << "nothing was lost by looking";
}

TEST_F(StoreTest, IsCorruptWithDamagedTable) {
  write({2'000, 2'000, 2'000});  // a block of the table each
  ASSERT_NE(open(), nullptr);    // what was in the write-ahead file is in a table now
  const auto tables = files_in(path_ / "log", ".sst");
  const auto with_commits = std::ranges::find_if(tables, [](const fs::path& table) {
    return read_bytes(table).find(kCommitMagic) != std::string::npos;
  });
  ASSERT_NE(with_commits, tables.end());
  flip_bit(*with_commits, read_bytes(*with_commits).find(kCommitMagic) + 90);
  const Fault fault = refusal();
  EXPECT_EQ(fault.kind, FaultKind::corruption);
  EXPECT_EQ(fault.position, GlobalPosition(1));
}

TEST_F(StoreTest, IsCorruptWithDamagedManifest) {
  write({1});
  for (const auto& entry : fs::directory_iterator(path_ / "log")) {
    if (entry.path().filename().string().starts_with("MANIFEST")) flip_bit(entry.path(), 20);
  }
  EXPECT_EQ(refusal().kind, FaultKind::corruption);
}

TEST_F(StoreTest, RefusesAppendsButReadsAfterFailedWrite) {
  {
    const auto store = open();
    const GlobalPosition end = append(*store, 1).position;
    {
      const FileSizeLimit limit(fs::file_size(write_ahead_file()) + 50);
      EXPECT_TRUE(std::holds_alternative<Unknown>(store->log().append(end, commit_after(end, 1))));
    }
    EXPECT_TRUE(std::holds_alternative<Stopped>(store->log().append(end, commit_after(end, 1))));
    EXPECT_EQ(store->log().head().position, end);
    EXPECT_EQ(count_commits(store->log()), 1U);
  }
  const auto store = open();
  EXPECT_EQ(store->log().head().position, GlobalPosition(1));
  EXPECT_EQ(append(*store, 1).position, GlobalPosition(2));
}

}  // namespace
}  // namespace stockfold
