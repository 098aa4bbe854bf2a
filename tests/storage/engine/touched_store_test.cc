// Stores that something other than the ledger has touched: RocksDB's tools, later versions, users that delete
// files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "storage/engine/small_store.h"
#include "storage/engine/store.h"
#include "storage/golden.h"
#include "storage/rocksdb/engine.h"
#include "storage/samples.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& dir, std::string_view extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(dir)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

class TouchedStoreTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Store> open() const {
    auto store = rocksdb_engine().open(path_, small());
    EXPECT_TRUE(store) << store.error().what;
    return store ? std::move(*store) : nullptr;
  }
  [[nodiscard]] Fault refusal() const {
    const auto store = rocksdb_engine().open(path_, small());
    EXPECT_FALSE(store);
    return store ? Fault{} : store.error();
  }

  static void append(Store& store, std::size_t count) {
    const GlobalPosition end = store.log().head().position;
    EXPECT_TRUE(std::holds_alternative<Appended>(store.log().append(end, commit_after(end, count))));
  }
  /// Adds a commit of `count` events to a closed store.
  void write(std::size_t count) const {
    const auto store = open();
    append(*store, count);
  }
  /// The file of the last commit: closing leaves it there.
  [[nodiscard]] fs::path write_ahead_file() const { return files_of(path_ / "log", ".log").back(); }

  TemporaryDirectory dir_;
  const fs::path path_ = dir_.path() / "store";
};

// If RocksDB changes its default, only our explicit choice keeps this format.
TEST_F(TouchedStoreTest, WritesEveryTableInCurrentFormat) {
  {
    const auto store = open();
    append(*store, 3);
    RowChanges rows;
    rows.put("A", "1");
    ASSERT_TRUE(store->views().view("stock").write(rows, {}));
    ASSERT_TRUE(store->views().flush());
    ASSERT_TRUE(store->files().checkpoint(dir_.path() / "checkpoint"));
  }
  ASSERT_NE(open(), nullptr);  // what was in the write-ahead file is in a table now
  std::size_t tables = 0;
  std::size_t options = 0;
  for (const auto& entry : fs::recursive_directory_iterator(dir_.path())) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = read_bytes(entry.path());
    if (entry.path().extension() == ".sst") {
      ++tables;
      EXPECT_EQ(bytes.at(bytes.size() - 12), '\5') << entry.path();
    }
    if (!entry.path().filename().string().starts_with("OPTIONS-")) continue;
    ++options;
    for (std::size_t at = bytes.find("format_version="); at != std::string::npos;
         at = bytes.find("format_version=", at + 1)) {
      EXPECT_EQ(bytes.substr(at, 17), "format_version=5\n") << entry.path();
    }
  }
  EXPECT_GE(tables, 4U) << "of the ledger record, the log, a view, and the checkpoint";
  EXPECT_GE(options, 2U);
}

TEST_F(TouchedStoreTest, ReportsNewerFormatForNewerTable) {
  write(3);
  ASSERT_NE(open(), nullptr);
  const fs::path table = files_of(path_ / "log", ".sst").back();
  std::string bytes = read_bytes(table);
  const std::size_t footer = bytes.size() - 53;
  bytes.replace(footer + 1, 4, std::string("\x3e\x00\x7a\x00", 4));
  bytes.replace(footer + 17, 24, std::string(24, '\0'));
  bytes[bytes.size() - 12] = '\6';
  write_bytes(table, bytes);
  const Fault fault = refusal();
  EXPECT_EQ(fault.kind, FaultKind::newer_format) << fault.what;
  EXPECT_EQ(rocksdb_engine().open_read_only(path_).error().kind, FaultKind::newer_format);
}

/// The log's column families, opened as RocksDB's tools do.
class LogFamilies {
 public:
  explicit LogFamilies(const fs::path& store) {
    const std::string dir = store / "log";
    std::vector<std::string> names;
    EXPECT_TRUE(rocksdb::DB::ListColumnFamilies({}, dir, &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> all;
    for (const std::string& name : names) all.emplace_back(name, rocksdb::ColumnFamilyOptions());
    rocksdb::DB* db = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open({}, dir, all, &handles_, &db).ok());
    db_.reset(db);
  }
  ~LogFamilies() {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  }
  LogFamilies(const LogFamilies&) = delete;
  LogFamilies& operator=(const LogFamilies&) = delete;

  void drop(std::string_view name) {
    const auto found = std::ranges::find(handles_, name, &rocksdb::ColumnFamilyHandle::GetName);
    ASSERT_NE(found, handles_.end());
    EXPECT_TRUE(db_->DropColumnFamily(*found).ok());
  }
  void add(const std::string& name) {
    rocksdb::ColumnFamilyHandle* made = nullptr;
    EXPECT_TRUE(db_->CreateColumnFamily({}, name, &made).ok());
    handles_.push_back(made);
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

TEST_F(TouchedStoreTest, IsCorruptWhenLogFamilyIsMissing) {
  write(1);
  LogFamilies(path_).drop("log");
  const Fault fault = refusal();
  EXPECT_EQ(fault.kind, FaultKind::corruption);
  EXPECT_THAT(fault.what, testing::HasSubstr(R"(has lost its column family "log")"));
}

TEST_F(TouchedStoreTest, IsRefusedWithUnknownLogFamily) {
  write(1);
  LogFamilies(path_).add("mine");
  const Fault fault = refusal();
  EXPECT_EQ(fault.kind, FaultKind::newer_format);
  EXPECT_THAT(fault.what,
              testing::HasSubstr(R"(has a column family "mine" that this version does not know)"));
  EXPECT_EQ(rocksdb_engine().open_read_only(path_).error().what, fault.what);
}

TEST_F(TouchedStoreTest, OpensWithUnknownViewFamily) {
  write(1);
  EXPECT_TRUE(rocksdb_engine().open_views(path_ / "views", {"stock", "mine"}).value()->flush());
  EXPECT_NE(open(), nullptr);
  EXPECT_TRUE(rocksdb_engine().open_read_only(path_));
}

TEST_F(TouchedStoreTest, IsCorruptWithoutNewestLogFile) {
  write(2);
  write(3);
  const auto logs = files_of(path_ / "log", ".log");
  ASSERT_EQ(logs.size(), 1U);
  fs::remove(logs.back());
  const Fault fault = refusal();
  EXPECT_EQ(fault.kind, FaultKind::corruption);
  EXPECT_THAT(fault.what, testing::HasSubstr("the newest log file"));
  EXPECT_FALSE(rocksdb_engine().open_read_only(path_));
}

TEST_F(TouchedStoreTest, IsCorruptWithOlderFileInPlaceOfNewest) {
  write(2);
  const fs::path older = write_ahead_file();
  const std::string bytes = read_bytes(older);
  write(3);
  fs::remove(write_ahead_file());
  write_bytes(older, bytes);
  EXPECT_EQ(refusal().kind, FaultKind::corruption);
}

// A MANIFEST that has grown large is replaced while the ledger runs, and then has a higher number than the
// log file.
TEST_F(TouchedStoreTest, IsSoundAfterManifestIsReplaced) {
  write(2);
  for (const auto& entry : fs::directory_iterator(path_ / "log")) {
    if (!entry.path().filename().string().starts_with("MANIFEST-")) continue;
    fs::rename(entry.path(), path_ / "log" / "MANIFEST-000999");
    break;
  }
  write_bytes(path_ / "log" / "CURRENT", "MANIFEST-000999\n");
  EXPECT_TRUE(rocksdb_engine().open_read_only(path_));
}

TEST_F(TouchedStoreTest, ContainsNoRocksDbMessageFile) {
  write(2);
  ASSERT_NE(open(), nullptr);
  for (const auto& entry : fs::recursive_directory_iterator(path_)) {
    const std::string name = entry.path().filename();
    EXPECT_FALSE(name == "LOG" || name.starts_with("LOG.old")) << entry.path();
  }
}

}  // namespace
}  // namespace stockfold
