// A store that is made from another store's commits.
#include "storage/engine/new_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "storage/engine/small_store.h"
#include "storage/engine/store.h"
#include "storage/golden.h"
#include "storage/log/ledger_record.h"
#include "storage/rocksdb/engine.h"
#include "storage/samples.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

class NewStoreTest : public testing::Test {
 protected:
  [[nodiscard]] static LedgerRecord record() {
    return {LedgerId{{7, 7, 7}}, Epoch(3), UnixMillis(1'600'000'000'000)};
  }

  TemporaryDirectory dir_;
  fs::path path_ = dir_.path() / "store";
};

TEST_F(NewStoreTest, KeepsTimesAndEpochs) {
  Head head;
  {
    auto made = rocksdb_engine().make(path_, record(), small()).value();
    GlobalPosition last;
    for (const std::uint32_t epoch : {1U, 1U, 3U}) {
      Commit commit = commit_after(last, 2, UnixMillis(1'700'000'000'000 + epoch));
      commit.epoch = Epoch(epoch);
      last = commit.last();
      ASSERT_TRUE(made->add(std::move(commit)));
    }
    head = made->log().head();
    ASSERT_TRUE(made->finish());
  }
  const auto store = rocksdb_engine().open(path_, small()).value();
  EXPECT_EQ(store->log().head().hash, head.hash);
  EXPECT_EQ(store->log().head().ledger, record().ledger);
  EXPECT_EQ(store->log().head().epoch, Epoch(3));
  EXPECT_EQ(store->log().created(), record().created);
  const auto cursor = store->log().read(GlobalPosition(1));
  for (const std::uint32_t epoch : {1U, 1U, 3U}) {
    const auto commit = cursor->next().value();
    EXPECT_EQ(commit->epoch, Epoch(epoch));
    EXPECT_EQ(commit->time, UnixMillis(1'700'000'000'000 + epoch));
  }
}

TEST_F(NewStoreTest, LeavesNothingUnlessFinished) {
  {
    auto made = rocksdb_engine().make(path_, record(), small()).value();
    ASSERT_TRUE(made->add(commit_after(GlobalPosition(0), 2)));
    EXPECT_FALSE(fs::exists(path_));
    EXPECT_EQ(rocksdb_engine().make(path_, record(), small()).error().kind, FaultKind::busy);
  }
  EXPECT_TRUE(fs::is_empty(dir_.path()));
}

TEST_F(NewStoreTest, ReplacesLeftoversOfEarlierAttempt) {
  fs::create_directories(dir_.path() / "store.new" / "log");
  fs::permissions(dir_.path() / "store.new", fs::perms::owner_all);
  write_bytes(dir_.path() / "store.new" / "log" / "CURRENT", "MANIFEST-000001\n");
  {
    auto made = rocksdb_engine().make(path_ / "", record(), small());
    ASSERT_TRUE(made) << made.error().what;
    ASSERT_TRUE((*made)->finish());
  }
  EXPECT_TRUE(rocksdb_engine().open(path_, small()));
}

TEST_F(NewStoreTest, RequiresEmptyDirectory) {
  fs::create_directory(path_);
  EXPECT_TRUE(rocksdb_engine().make(path_, record(), small()).value()->finish());
  const auto again = rocksdb_engine().make(path_, record(), small());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().what, path_.string() + " is not empty");
}

/// A directory that is a file system of its own, which cannot be replaced by a rename.
class NewStoreInDirectoryTest : public NewStoreTest {
 protected:
  NewStoreInDirectoryTest() { fs::create_directories(path_ / "lost+found"); }

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path_)) names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
  }
};

TEST_F(NewStoreInDirectoryTest, IsMovedIntoPlaceWhenFinished) {
  const auto before = fs::status(dir_.path()).permissions();
  fs::permissions(dir_.path(), fs::perms::owner_read | fs::perms::owner_exec);
  {
    const auto made = rocksdb_engine().make(path_, record(), small()).value();
    ASSERT_TRUE(made->add(commit_after(GlobalPosition(0), 2)));
    EXPECT_EQ(rocksdb_engine().make(path_, record(), small()).error().kind, FaultKind::busy);
    EXPECT_FALSE(fs::exists(path_ / "log"));
    ASSERT_TRUE(made->finish());
  }
  fs::permissions(dir_.path(), before);
  EXPECT_EQ(names(), (std::vector<std::string>{"log", "lost+found", "views"}));
  EXPECT_EQ(rocksdb_engine().open(path_, small()).value()->log().head().position, GlobalPosition(2));
  EXPECT_EQ(rocksdb_engine().make(path_, record(), small()).error().what, path_.string() + " is not empty");
}

TEST_F(NewStoreInDirectoryTest, LeavesOnlyItsLockUnlessFinished) {
  {
    const auto made = rocksdb_engine().make(path_, record(), small()).value();
    const auto meanwhile = rocksdb_engine().open(path_, small());
    ASSERT_FALSE(meanwhile) << "an empty store in its place";
    EXPECT_EQ(meanwhile.error().what,
              "a restore or an import into " + path_.string() + " was not finished: run it again");
  }
  EXPECT_EQ(names(), (std::vector<std::string>{"LOCK", "lost+found"})) << "but the lock of that ledger";
  EXPECT_TRUE(rocksdb_engine().make(path_, record(), small()));
}

// The power was cut after the views were in their place.
TEST_F(NewStoreInDirectoryTest, ReplacesEarlierStoreThatWasHalfMoved) {
  {
    const auto made = rocksdb_engine().make(path_, record(), small()).value();
    ASSERT_TRUE(made->add(commit_after(GlobalPosition(0), 2)));
    ASSERT_TRUE(made->finish());
  }
  fs::create_directory(path_ / kUnfinishedStore);
  fs::permissions(path_ / kUnfinishedStore, fs::perms::owner_all);
  fs::rename(path_ / "log", path_ / kUnfinishedStore / "log");
  const auto half = rocksdb_engine().open(path_, small());
  ASSERT_FALSE(half);
  EXPECT_EQ(half.error().kind, FaultKind::io) << half.error().what;
  {
    const auto made = rocksdb_engine().make(path_, record(), small());
    ASSERT_TRUE(made) << made.error().what;
    ASSERT_TRUE((*made)->add(commit_after(GlobalPosition(0), 1)));
    ASSERT_TRUE((*made)->finish());
  }
  EXPECT_EQ(rocksdb_engine().open(path_, small()).value()->log().head().position, GlobalPosition(1));
}

}  // namespace
}  // namespace stockfold
