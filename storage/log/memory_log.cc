#include "storage/log/memory_log.h"

#include <algorithm>
#include <expected>
#include <utility>

#include "storage/log/commit_chain.h"
#include "storage/log/commit_record.h"
#include "storage/log/seal.h"

namespace stockfold {

class MemoryLog::Cursor final : public LogCursor {
 public:
  Cursor(const MemoryLog& log, GlobalPosition from)
      : log_(log), from_(std::max(from, GlobalPosition(1))), chain_(log.head()) {}

  Result<std::shared_ptr<const Commit>> next() override {
    const std::optional<Record> record = log_.record_with(from_);
    if (!record) return nullptr;
    auto commit = decode_commit(record->bytes, record->first);
    if (!commit) return std::unexpected(std::move(commit.error()));
    if (auto follows = chain_.follow(*commit); !follows) return std::unexpected(std::move(follows.error()));
    from_ = commit->last().next();
    return std::make_shared<const Commit>(std::move(*commit));
  }

 private:
  const MemoryLog& log_;
  GlobalPosition from_;
  CommitChain chain_;
};

MemoryLog::MemoryLog(LedgerId ledger, Epoch epoch, UnixMillis created)
    : created_(created),
      head_{.ledger = ledger, .epoch = epoch, .position = {}, .hash = genesis_hash(ledger), .time = {}} {}

Head MemoryLog::head() const {
  const std::lock_guard lock(mutex_);
  return head_;
}

AppendResult MemoryLog::append(GlobalPosition expected, Commit commit) {
  const std::lock_guard lock(mutex_);
  if (head_.position != expected) return Moved{head_};
  SealedCommit sealed = seal(head_, std::move(commit));
  const AppendFigures figures{.bytes = sealed.record.size()};
  records_.push_back({sealed.commit.first(), std::move(sealed.record)});
  head_ = sealed.head;
  return Appended{head_, figures};
}

std::unique_ptr<LogCursor> MemoryLog::read(GlobalPosition from) const {
  return std::make_unique<Cursor>(*this, from);
}

std::optional<MemoryLog::Record> MemoryLog::record_with(GlobalPosition position) const {
  const std::lock_guard lock(mutex_);
  if (position > head_.position) return std::nullopt;
  return *std::prev(std::ranges::upper_bound(records_, position, {}, &Record::first));
}

}  // namespace stockfold
