// A copy of a store, made while the store is in use.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <variant>

#include "storage/engine/store.h"
#include "storage/rocksdb/engine.h"
#include "storage/samples.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

class CheckpointTest : public testing::Test {
 protected:
  void append(std::size_t events) {
    const GlobalPosition end = store_->log().head().position;
    ASSERT_TRUE(std::holds_alternative<Appended>(store_->log().append(end, commit_after(end, events))));
  }

  /// Brings the view to the log's head, with one row that says so.
  void write_view() {
    const Head head = store_->log().head();
    RowChanges rows;
    rows.put("at", std::to_string(head.position.value()));
    ASSERT_TRUE(store_->views().view("stock").write(rows, {.version = 1,
                                                           .ledger = head.ledger,
                                                           .epoch = head.epoch,
                                                           .position = head.position,
                                                           .hash = head.hash}));
  }

  static std::string row_of(const ReadOnlyStore& store) {
    return store.view("stock").value()->get("at").value().value();
  }

  TemporaryDirectory dir_;
  std::unique_ptr<Store> store_ = rocksdb_engine().open(dir_.path() / "store", {.views = {"stock"}}).value();
  std::filesystem::path copy_ = dir_.path() / "copy";
};

TEST_F(CheckpointTest, HoldsItsStateDespiteLaterWrites) {
  append(3);
  write_view();
  ASSERT_TRUE(store_->files().checkpoint(copy_));
  const Head then = store_->log().head();
  append(2);
  write_view();

  const auto copy = rocksdb_engine().open_read_only(copy_).value();
  EXPECT_EQ(copy->log().head(), then);
  EXPECT_FALSE(copy->torn_tail());
  EXPECT_EQ(copy->log().created(), store_->log().created());
  EXPECT_EQ(row_of(*copy), "3") << "although it was not flushed";
  const auto cursor = copy->log().read(GlobalPosition(1));
  EXPECT_EQ(cursor->next().value()->events.size(), 3U);
}

TEST_F(CheckpointTest, OpensAsAnOrdinaryStore) {
  append(3);
  ASSERT_TRUE(store_->files().checkpoint(copy_));
  const auto copy = rocksdb_engine().open(copy_, {.views = {"stock"}, .create = false}).value();
  const GlobalPosition end = copy->log().head().position;
  EXPECT_TRUE(std::holds_alternative<Appended>(copy->log().append(end, commit_after(end, 1))));
  EXPECT_EQ(store_->log().head().position, end);
}

TEST_F(CheckpointTest, IsConsistentDuringConcurrentAppends) {
  std::atomic<bool> stopping = false;
  append(1);
  std::thread appending([&] {
    while (!stopping) {
      append(5);
      write_view();
    }
  });
  for (int i = 0; i < 10; ++i) {
    const GlobalPosition before = store_->log().head().position;
    const auto place = dir_.path() / std::to_string(i);
    const auto made = store_->files().checkpoint(place);
    ASSERT_TRUE(made) << made.error().what;
    const auto copy = rocksdb_engine().open_read_only(place).value();
    EXPECT_GE(copy->log().head().position, before);
    EXPECT_LE(copy->view("stock").value()->checkpoint().position, copy->log().head().position);
    const auto cursor = copy->log().read(GlobalPosition(1));
    GlobalPosition last;
    for (;;) {
      const auto commit = cursor->next();
      ASSERT_TRUE(commit) << commit.error().what;
      if (*commit == nullptr) break;
      last = (*commit)->last();
    }
    EXPECT_EQ(last, copy->log().head().position);
  }
  stopping = true;
  appending.join();
}

TEST_F(CheckpointTest, RefusesExistingTarget) {
  append(1);
  ASSERT_TRUE(store_->files().checkpoint(copy_));
  const auto again = store_->files().checkpoint(copy_);
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().what.find(copy_.string()), std::string::npos);
}

}  // namespace
}  // namespace stockfold
