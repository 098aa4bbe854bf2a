// Opening a store to read its log: nothing is written, and no other process may write meanwhile.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/engine/store.h"
#include "storage/golden.h"
#include "storage/rocksdb/engine.h"
#include "storage/samples.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

class ReadOnlyStoreTest : public testing::Test {
 protected:
  /// A closed store whose commits have `counts` events.
  void given_store(const std::vector<std::size_t>& counts) const {
    const auto store = rocksdb_engine().open(path_, {.views = {"stock"}}).value();
    for (const std::size_t count : counts) {
      const GlobalPosition end = store->log().head().position;
      ASSERT_TRUE(std::holds_alternative<Appended>(store->log().append(end, commit_after(end, count))));
    }
  }

  [[nodiscard]] std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(path_)) {
      files[entry.path()] = entry.is_regular_file() ? read_bytes(entry.path()) : "a directory";
    }
    return files;
  }
  [[nodiscard]] fs::path write_ahead_file() const {
    fs::path latest;
    for (const auto& entry : fs::directory_iterator(path_ / "log")) {
      if (entry.path().extension() == ".log" && entry.path() > latest) latest = entry.path();
    }
    return latest;
  }

  TemporaryDirectory dir_;
  fs::path path_ = dir_.path() / "store";
};

TEST_F(ReadOnlyStoreTest, ReadsEveryEventAndChangesNoByte) {
  given_store({1, 3, 2});
  const auto before = contents();
  {
    const auto store = rocksdb_engine().open_read_only(path_).value();
    EXPECT_EQ(store->log().head().position, GlobalPosition(6));
    EXPECT_GT(store->log().created(), UnixMillis(0));
    EXPECT_FALSE(store->torn_tail());
    const auto cursor = store->log().read(GlobalPosition(1));
    for (const std::size_t count : std::vector<std::size_t>{1, 3, 2})
      EXPECT_EQ(cursor->next().value()->events.size(), count);
    EXPECT_EQ(cursor->next().value(), nullptr);
    EXPECT_TRUE(contents() == before);
  }
  EXPECT_TRUE(contents() == before);
}

TEST_F(ReadOnlyStoreTest, IsBusyWhileOpenForWriting) {
  given_store({1});
  auto writing = rocksdb_engine().open(path_, {.views = {"stock"}}).value();
  EXPECT_EQ(rocksdb_engine().open_read_only(path_).error().kind, FaultKind::busy);
  writing.reset();
  EXPECT_TRUE(rocksdb_engine().open_read_only(path_));
}

TEST_F(ReadOnlyStoreTest, AllowsManyReadersAndNoWriter) {
  given_store({1});
  const auto first = rocksdb_engine().open_read_only(path_).value();
  EXPECT_TRUE(rocksdb_engine().open_read_only(path_));
  EXPECT_EQ(rocksdb_engine().open(path_, {.views = {"stock"}}).error().kind, FaultKind::busy);
}

TEST_F(ReadOnlyStoreTest, CreatesNoLockWhenItsLockIsMissing) {
  given_store({2});
  fs::remove(path_ / "LOCK");
  EXPECT_EQ(rocksdb_engine().open_read_only(path_).value()->log().head().position, GlobalPosition(2));
  EXPECT_FALSE(fs::exists(path_ / "LOCK"));
}

TEST_F(ReadOnlyStoreTest, IsNotCreatedWhenMissing) {
  EXPECT_EQ(rocksdb_engine().open_read_only(path_).error().kind, FaultKind::io);
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(ReadOnlyStoreTest, EndsBeforeTornTailAndKeepsIt) {
  given_store({1, 1});
  fs::resize_file(write_ahead_file(), fs::file_size(write_ahead_file()) - 1);
  const auto before = contents();
  const auto store = rocksdb_engine().open_read_only(path_).value();
  EXPECT_EQ(store->log().head().position, GlobalPosition(1));
  ASSERT_TRUE(store->torn_tail());
  EXPECT_EQ(store->torn_tail()->after, GlobalPosition(1));
  EXPECT_TRUE(contents() == before);
}

TEST_F(ReadOnlyStoreTest, IsCorruptWhenAcknowledgedEventsAreLost) {
  given_store({1, 1, 1});
  std::string bytes = read_bytes(write_ahead_file());
  const std::size_t second = bytes.find("SFc1", bytes.find("SFc1") + 1);
  bytes[second + 90] ^= 0x10;
  write_bytes(write_ahead_file(), bytes);
  const auto store = rocksdb_engine().open_read_only(path_);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, FaultKind::corruption);
  EXPECT_EQ(store.error().position, GlobalPosition(2));
}

}  // namespace
}  // namespace stockfold
