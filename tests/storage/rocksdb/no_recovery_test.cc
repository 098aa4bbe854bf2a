// A database that has failed stays failed until it is opened again.
#include "storage/rocksdb/no_recovery.h"

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <memory>
#include <utility>
#include <variant>

#include "storage/engine/failing_syncs.h"
#include "storage/rocksdb/log.h"
#include "storage/rocksdb/view_options.h"
#include "storage/samples.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

class LogOnFullDiskTest : public testing::Test {
 protected:
  [[nodiscard]] LogDatabase open() const {
    return open_log_database(path_, {.block_cache = nullptr, .env = env_.get()}).value();
  }

  TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "log";
  const std::shared_ptr<FailingSyncs> files_ = std::make_shared<FailingSyncs>();
  const std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(files_);
};

// The store of a ledger that was just opened: its memtables are empty.
TEST_F(LogOnFullDiskTest, StopsAppendsWithoutAutomaticRecovery) {
  ASSERT_TRUE(create_log_database(path_, {LedgerId{{7}}, Epoch(1), UnixMillis(1)}, env_.get()));
  LogDatabase database = open();
  rocksdb::DB& db = *database.db;
  const auto log = RocksDbLog::open(std::move(database), 0).value();
  files_->fill();
  const AppendResult failed = log->append(GlobalPosition(0), commit_after(GlobalPosition(0), 1));
  ASSERT_TRUE(std::holds_alternative<Unknown>(failed));
  EXPECT_EQ(std::get<Unknown>(failed).fault.position, GlobalPosition(1));
  files_->make_room();
  EXPECT_TRUE(
      std::holds_alternative<Stopped>(log->append(GlobalPosition(0), commit_after(GlobalPosition(0), 1))));
  // RocksDB is Busy while it waits to recover by itself.
  EXPECT_FALSE(db.Resume().IsBusy());
}

TEST_F(LogOnFullDiskTest, AcceptsAppendsAfterReopening) {
  ASSERT_TRUE(create_log_database(path_, {LedgerId{{7}}, Epoch(1), UnixMillis(1)}, env_.get()));
  for (const bool quota : {false, true}) {
    {
      const auto log = RocksDbLog::open(open(), 0).value();
      const GlobalPosition end = log->head().position;
      files_->fill(quota);
      const AppendResult failed = log->append(end, commit_after(end, 1));
      ASSERT_TRUE(std::holds_alternative<Unknown>(failed));
      EXPECT_EQ(std::get<Unknown>(failed).fault.kind, FaultKind::io);
    }
    files_->make_room();
    const auto log = RocksDbLog::open(open(), 0).value();
    const GlobalPosition end = log->head().position;
    EXPECT_TRUE(std::holds_alternative<Appended>(log->append(end, commit_after(end, 1))));
  }
}

TEST(ViewsOnFullDisk, DoNotRecoverAutomatically) {
  const auto listeners = view_database_options(rocksdb::Env::Default()).listeners;
  ASSERT_EQ(listeners.size(), 1U);
  bool recovers = true;
  listeners.front()->OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason::kFlush,
                                          rocksdb::Status::NoSpace("no room"), &recovers);
  EXPECT_FALSE(recovers);
}

}  // namespace
}  // namespace stockfold
