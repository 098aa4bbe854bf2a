// What every log promises, whatever engine is behind it.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/codec/body_hash.h"
#include "storage/engine/failing_syncs.h"
#include "storage/log/commit_record.h"
#include "storage/log/event_log.h"
#include "storage/log/seal.h"
#include "storage/rocksdb/log.h"
#include "storage/rocksdb/log_database.h"
#include "storage/samples.h"
#include "support/failing_log.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

constexpr GlobalPosition kStart(0);

class OpenLog {
 public:
  virtual ~OpenLog() = default;
  virtual EventLog& log() = 0;
  virtual void fail_next_sync() = 0;
  /// Number of writes to files so far; 0 if there are no files.
  [[nodiscard]] virtual std::uint64_t writes() const = 0;
};

class OpenMemoryLog final : public OpenLog {
 public:
  EventLog& log() override { return log_; }
  void fail_next_sync() override { log_.fail_next_sync(); }
  [[nodiscard]] std::uint64_t writes() const override { return 0; }

 private:
  FailingLog log_{draw_ledger_id()};
};

class OpenRocksDbLog final : public OpenLog {
 public:
  explicit OpenRocksDbLog(std::size_t recent_bytes) {
    const auto path = dir_.path() / "log";
    EXPECT_TRUE(create_log_database(path, {draw_ledger_id(), Epoch(1), UnixMillis(1)}));
    auto database = open_log_database(path, {.env = env_.get()});
    EXPECT_TRUE(database) << database.error().what;
    log_ = std::move(*RocksDbLog::open(std::move(*database), recent_bytes));
  }
  EventLog& log() override { return *log_; }
  void fail_next_sync() override { files_->fail_next(); }
  [[nodiscard]] std::uint64_t writes() const override { return files_->writes(); }

 private:
  TemporaryDirectory dir_;
  std::shared_ptr<FailingSyncs> files_ = std::make_shared<FailingSyncs>();
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(files_);
  std::unique_ptr<RocksDbLog> log_;
};

struct LogEngine {
  std::string name;
  std::function<std::unique_ptr<OpenLog>()> open;
};

class EventLogContract : public testing::TestWithParam<LogEngine> {
 protected:
  /// Appends at the end; the append must succeed.
  Head append(std::size_t count, UnixMillis time = UnixMillis(1'000)) {
    const GlobalPosition end = log_.head().position;
    const AppendResult result = log_.append(end, commit_after(end, count, time));
    EXPECT_TRUE(std::holds_alternative<Appended>(result));
    return std::get<Appended>(result).head;
  }

  std::shared_ptr<const Commit> next(LogCursor& cursor) {
    auto commit = cursor.next();
    EXPECT_TRUE(commit) << commit.error().what;
    return commit ? *commit : nullptr;
  }

  std::unique_ptr<OpenLog> open_ = GetParam().open();
  EventLog& log_ = open_->log();
};

TEST_P(EventLogContract, NewLogEndsAtGenesis) {
  const Head head = log_.head();
  EXPECT_EQ(head.position, kStart);
  EXPECT_EQ(head.epoch, Epoch(1));
  EXPECT_EQ(head.hash, genesis_hash(head.ledger));
  EXPECT_EQ(head.time, UnixMillis(0));
  EXPECT_EQ(next(*log_.read(GlobalPosition(1))), nullptr);
}

TEST_P(EventLogContract, AppendMovesTheHead) {
  const Head before = log_.head();
  const Head head = append(3, UnixMillis(5));
  EXPECT_EQ(head.position, GlobalPosition(3));
  EXPECT_EQ(head.ledger, before.ledger);
  EXPECT_EQ(head.time, UnixMillis(5));
  EXPECT_NE(head.hash, before.hash);
  EXPECT_EQ(log_.head().position, head.position);
  EXPECT_EQ(log_.head().hash, head.hash);
}

TEST_P(EventLogContract, AppendReturnsItsFigures) {
  const auto append_of = [this](std::size_t events) {
    const GlobalPosition end = log_.head().position;
    return std::get<Appended>(log_.append(end, commit_after(end, events))).figures;
  };
  const AppendFigures small = append_of(1);
  const AppendFigures large = append_of(100);
  EXPECT_GT(small.bytes, 0U);
  EXPECT_GT(large.bytes, 10 * small.bytes);
  EXPECT_GE(large.write.count(), 0);
  EXPECT_GE(large.sync.count(), 0);
}

TEST_P(EventLogContract, AppendSealsItsCommit) {
  const Head before = append(2, UnixMillis(7));
  const SealedCommit expected = seal(before, commit_after(before.position, 3, UnixMillis(8)));
  EXPECT_EQ(append(3, UnixMillis(8)), expected.head);
  const auto read = next(*log_.read(before.position.next()));
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(read->epoch, before.epoch);
  EXPECT_EQ(read->previous, before.hash);
  EXPECT_EQ(read->hash, expected.commit.hash);
}

TEST_P(EventLogContract, AppendAtWrongPositionWritesNothing) {
  const Head head = append(2);
  for (const GlobalPosition wrong : {GlobalPosition(0), GlobalPosition(1), GlobalPosition(3)}) {
    const AppendResult result = log_.append(wrong, commit_after(wrong, 1));
    ASSERT_TRUE(std::holds_alternative<Moved>(result));
    EXPECT_EQ(std::get<Moved>(result).head.hash, head.hash);
  }
  EXPECT_EQ(log_.head().hash, head.hash);
  const auto cursor = log_.read(GlobalPosition(1));
  EXPECT_NE(next(*cursor), nullptr);
  EXPECT_EQ(next(*cursor), nullptr);
}

TEST_P(EventLogContract, CommitsAreReadAsWrittenAndChained) {
  Commit first;
  for (const Sample& sample : samples()) first.events.push_back(sample.recorded);
  first.time = first.events.front().time;
  ASSERT_TRUE(std::holds_alternative<Appended>(log_.append(kStart, first)));
  append(1, first.time);
  append(2, first.time);

  const auto cursor = log_.read(GlobalPosition(1));
  CommitHash before = genesis_hash(log_.head().ledger);
  GlobalPosition expected = GlobalPosition(1);
  std::vector<RecordedEvent> events;
  while (const auto commit = next(*cursor)) {
    EXPECT_EQ(commit->previous, before);
    EXPECT_EQ(commit->first(), expected);
    EXPECT_EQ(commit->epoch, Epoch(1));
    before = commit->hash;
    expected = commit->last().next();
    events.insert(events.end(), commit->events.begin(), commit->events.end());
  }
  EXPECT_EQ(before, log_.head().hash);
  ASSERT_EQ(events.size(), first.events.size() + 3);
  events.resize(first.events.size());
  EXPECT_EQ(events, first.events);
}

TEST_P(EventLogContract, CursorStartsAtCommitContainingPosition) {
  append(3);
  append(3);
  append(3);
  for (std::uint64_t from = 0; from <= 9; ++from) {
    const auto commit = next(*log_.read(GlobalPosition(from)));
    ASSERT_NE(commit, nullptr) << from;
    EXPECT_EQ(commit->first().value(), from == 0 ? 1 : (from - 1) / 3 * 3 + 1);
  }
  EXPECT_EQ(next(*log_.read(GlobalPosition(10))), nullptr);
}

TEST_P(EventLogContract, CursorAtEndReadsLaterAppends) {
  const auto cursor = log_.read(GlobalPosition(1));
  EXPECT_EQ(next(*cursor), nullptr);
  for (std::uint64_t i = 0; i < 3; ++i) {
    append(2);
    const auto commit = next(*cursor);
    ASSERT_NE(commit, nullptr);
    EXPECT_EQ(commit->first().value(), 2 * i + 1);
    EXPECT_EQ(next(*cursor), nullptr);
  }
}

TEST_P(EventLogContract, CursorBeforeEndReadsLaterAppends) {
  append(1);
  append(1);
  const auto cursor = log_.read(GlobalPosition(1));
  EXPECT_EQ(next(*cursor)->first(), GlobalPosition(1));
  append(1);
  EXPECT_EQ(next(*cursor)->first(), GlobalPosition(2));
  EXPECT_EQ(next(*cursor)->first(), GlobalPosition(3));
  EXPECT_EQ(next(*cursor), nullptr);
}

TEST_P(EventLogContract, CursorBeyondEndWaitsForItsPosition) {
  const auto cursor = log_.read(GlobalPosition(4));
  append(3);
  EXPECT_EQ(next(*cursor), nullptr);
  append(3);
  EXPECT_EQ(next(*cursor)->first(), GlobalPosition(4));
}

TEST_P(EventLogContract, CommitMayHoldManyEvents) {
  append(1);
  append(5'000);
  const auto commit = next(*log_.read(GlobalPosition(4'000)));
  ASSERT_NE(commit, nullptr);
  EXPECT_EQ(commit->first(), GlobalPosition(2));
  EXPECT_EQ(commit->last(), GlobalPosition(5'001));
}

TEST_P(EventLogContract, EveryEventHasTheTimeOfItsCommit) {
  append(2, UnixMillis(10));
  append(2, UnixMillis(20));
  const auto cursor = log_.read(GlobalPosition(1));
  for (const UnixMillis time : {UnixMillis(10), UnixMillis(20)}) {
    const auto commit = next(*cursor);
    ASSERT_NE(commit, nullptr);
    EXPECT_EQ(commit->time, time);
    for (const RecordedEvent& event : commit->events) EXPECT_EQ(event.time, time);
  }
}

TEST_P(EventLogContract, FailedSyncIsUnknownAndStopsAppends) {
  append(3);
  const Head acknowledged = append(2);
  const GlobalPosition end = acknowledged.position;
  open_->fail_next_sync();
  ASSERT_TRUE(std::holds_alternative<Unknown>(log_.append(end, commit_after(end, 4))));

  const std::uint64_t writes = open_->writes();
  for (const GlobalPosition expected : {end, end, GlobalPosition(end.value() + 4), kStart}) {
    const AppendResult result = log_.append(expected, commit_after(expected, 1));
    ASSERT_TRUE(std::holds_alternative<Stopped>(result)) << "expecting " << expected.value();
    EXPECT_NE(std::get<Stopped>(result).fault.what, "");
  }
  EXPECT_EQ(open_->writes(), writes);
  EXPECT_EQ(log_.head(), acknowledged);
  const auto cursor = log_.read(GlobalPosition(1));
  EXPECT_EQ(next(*cursor)->last(), GlobalPosition(3));
  EXPECT_EQ(next(*cursor)->hash, acknowledged.hash);
  EXPECT_EQ(next(*cursor), nullptr) << "readers do not see what may not be there";
}

INSTANTIATE_TEST_SUITE_P(
    Engines, EventLogContract,
    testing::Values(
        LogEngine{"memory", [] { return std::make_unique<OpenMemoryLog>(); }},
        LogEngine{"rocksdb", [] { return std::make_unique<OpenRocksDbLog>(1U << 20); }},
        LogEngine{"rocksdb_that_reads_all_from_disk", [] { return std::make_unique<OpenRocksDbLog>(0); }},
        LogEngine{"rocksdb_that_remembers_little", [] { return std::make_unique<OpenRocksDbLog>(4'000); }}),
    [](const auto& with) { return with.param.name; });

}  // namespace
}  // namespace stockfold
