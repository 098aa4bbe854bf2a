#include "storage/rocksdb/log.h"

#include <rocksdb/iostats_context.h>
#include <rocksdb/iterator.h>
#include <rocksdb/perf_level.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "storage/codec/big_endian.h"
#include "storage/log/commit_chain.h"
#include "storage/log/commit_record.h"
#include "storage/rocksdb/checkpoint.h"
#include "storage/rocksdb/figures.h"
#include "storage/rocksdb/status.h"
#include "storage/rocksdb/wal.h"

namespace stockfold {
namespace {

using ReadCommit = Result<std::shared_ptr<const Commit>>;

std::string key_of(GlobalPosition first) {
  std::string key;
  append_big_endian(key, first.value());
  return key;
}

std::unique_ptr<rocksdb::Iterator> iterate(const LogDatabase& database) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;  // the log is read once; the views need the cache more
  return std::unique_ptr<rocksdb::Iterator>(database.db->NewIterator(options, database.commits.get()));
}

/// Decodes the row at the iterator; null if it is at none. Faults name `wanted`.
ReadCommit commit_at(const rocksdb::Iterator& row, GlobalPosition wanted) {
  if (!row.status().ok()) {
    Fault fault = fault_of(row.status(), "reading the commit with event " + std::to_string(wanted.value()));
    fault.position = wanted;
    return std::unexpected(std::move(fault));
  }
  if (!row.Valid()) return nullptr;
  const auto first = parse_big_endian<std::uint64_t>(row.key().ToStringView());
  if (!first) return std::unexpected(corruption(wanted, "the log has a key that is not a position"));
  auto commit = decode_commit(row.value().ToStringView(), GlobalPosition(*first));
  if (!commit) return std::unexpected(std::move(commit.error()));
  return std::make_shared<const Commit>(std::move(*commit));
}

Result<Head> read_head(const LogDatabase& database, const LedgerRecord& ledger) {
  const auto row = iterate(database);
  row->SeekToLast();
  auto last = commit_at(*row, GlobalPosition());
  if (!last) return std::unexpected(std::move(last.error()));
  Head head{.ledger = ledger.ledger, .epoch = ledger.epoch, .position = {}, .hash = {}, .time = {}};
  if (*last == nullptr) {
    head.hash = genesis_hash(ledger.ledger);
    return head;
  }
  head.position = (*last)->last();
  head.hash = (*last)->hash;
  head.time = (*last)->time;
  return head;
}

/// While it lives RocksDB measures how long this thread waits for syncs. A write and its sync are one call,
/// so only RocksDB can.
class SyncTimer {
 public:
  SyncTimer() { rocksdb::SetPerfLevel(rocksdb::kEnableTimeExceptForMutex); }
  ~SyncTimer() { rocksdb::SetPerfLevel(level_); }
  SyncTimer(const SyncTimer&) = delete;
  SyncTimer& operator=(const SyncTimer&) = delete;

  [[nodiscard]] std::chrono::nanoseconds elapsed() const { return std::chrono::nanoseconds(now() - before_); }

 private:
  static std::uint64_t now() { return rocksdb::get_iostats_context()->fsync_nanos; }

  const rocksdb::PerfLevel level_ = rocksdb::GetPerfLevel();
  const std::uint64_t before_ = now();
};

}  // namespace

class RocksDbLog::Cursor final : public LogCursor {
 public:
  Cursor(const RocksDbLog& log, GlobalPosition from)
      : log_(log), from_(std::max(from, GlobalPosition(1))), chain_(log.head()) {}

  ReadCommit next() override {
    if (from_ > log_.head().position) {
      row_.reset();  // the iterator would keep tables and memtables alive while there is nothing to read
      return nullptr;
    }
    auto commit = find();
    if (!commit) return commit;
    if (auto follows = chain_.follow(**commit); !follows) return std::unexpected(std::move(follows.error()));
    from_ = (*commit)->last().next();
    return commit;
  }

 private:
  ReadCommit find() {
    if (auto recent = log_.recent_.find(from_)) {
      row_.reset();  // the iterator would keep tables and memtables alive that are no longer needed
      return recent;
    }
    auto commit = find_on_disk();
    if (!commit) return commit;
    if (*commit == nullptr || (*commit)->last() < from_) {
      return std::unexpected(
          corruption(from_, "the commit with event " + std::to_string(from_.value()) + " is missing"));
    }
    return commit;
  }

  ReadCommit find_on_disk() {
    if (row_) row_->Next();
    // An iterator sees the log as it was when it was made; later commits need a new one.
    if (!row_ || (!row_->Valid() && row_->status().ok())) {
      row_ = iterate(log_.database_);
      row_->SeekForPrev(key_of(from_));
    }
    return commit_at(*row_, from_);
  }

  const RocksDbLog& log_;
  GlobalPosition from_;
  CommitChain chain_;
  std::unique_ptr<rocksdb::Iterator> row_;
};

Result<std::unique_ptr<RocksDbLog>> RocksDbLog::open(LogDatabase database, std::size_t recent_bytes) {
  auto ledger = read_ledger_record(database);
  if (!ledger) return std::unexpected(std::move(ledger.error()));
  auto head = read_head(database, *ledger);
  if (!head) return std::unexpected(std::move(head.error()));
  return std::unique_ptr<RocksDbLog>(
      new RocksDbLog(std::move(database), recent_bytes, *head, ledger->created));
}

RocksDbLog::RocksDbLog(LogDatabase database, std::size_t recent_bytes, const Head& head, UnixMillis created)
    : database_(std::move(database)), created_(created), recent_(recent_bytes), head_(head) {}

Head RocksDbLog::head() const {
  const std::lock_guard lock(mutex_);
  return head_;
}

AppendResult RocksDbLog::append(GlobalPosition expected, Commit commit) {
  if (stopped_) return Stopped{*stopped_};
  const Head head = this->head();
  if (head.position != expected) return Moved{head};
  const auto begun = std::chrono::steady_clock::now();
  AppendResult result = put(seal(head, std::move(commit)), Durable::now);
  if (auto* appended = std::get_if<Appended>(&result)) {
    appended->figures.write = std::chrono::steady_clock::now() - begun - appended->figures.sync;
  }
  return result;
}

AppendResult RocksDbLog::restore(Commit commit) {
  if (stopped_) return Stopped{*stopped_};
  return put(seal_copy(head(), std::move(commit)), Durable::later);
}

Result<void> RocksDbLog::sync() const {
  const rocksdb::Status synced = database_.db->SyncWAL();
  if (!synced.ok()) return std::unexpected(fault_of(synced, "syncing the log"));
  return {};
}

DatabaseFigures RocksDbLog::figures() const {
  const std::array families{database_.commits.get()};
  return figures_of(*database_.db, families);
}

Result<void> RocksDbLog::checkpoint(const std::filesystem::path& dir) const {
  if (auto made = checkpoint_database(*database_.db, dir); !made) return made;
  return make_write_ahead_file(dir);
}

AppendResult RocksDbLog::put(SealedCommit sealed, Durable durable) {
  const GlobalPosition first = sealed.commit.first();
  rocksdb::WriteOptions options;
  options.sync = durable == Durable::now;
  const SyncTimer sync;
  const rocksdb::Status written =
      database_.db->Put(options, database_.commits.get(), key_of(first), sealed.record);
  const AppendFigures figures{.bytes = sealed.record.size(), .sync = sync.elapsed()};
  if (!written.ok()) {
    // Not retried: after a failed sync the system may mark pages as clean that never reached the disk.
    stopped_ = fault_of(written, "writing the commit at " + std::to_string(first.value()));
    stopped_->position = first;
    return Unknown{*stopped_};
  }

  recent_.add(std::make_shared<const Commit>(std::move(sealed.commit)));
  const std::lock_guard lock(mutex_);
  head_ = sealed.head;
  return Appended{sealed.head, figures};
}

std::unique_ptr<LogCursor> RocksDbLog::read(GlobalPosition from) const {
  return std::make_unique<Cursor>(*this, from);
}

}  // namespace stockfold
