#include "interleavings/stepped_log.h"

#include <utility>

#include "storage/log/seal.h"

namespace stockfold {
namespace {

LedgerId ledger_id() { return LedgerId{.bytes = {1}}; }

std::string span_of(const Commit& commit) {
  std::string text = std::to_string(commit.first().value());
  if (commit.first() != commit.last()) text += " to " + std::to_string(commit.last().value());
  return text;
}

void begin_behind(GlobalPosition end, Commit& commit) {
  for (RecordedEvent& event : commit.events) event.position = end = end.next();
}

}  // namespace

SteppedLog::SteppedLog(const Commits& commits, Without without, Barrier barrier)
    : without_(without), barrier_(std::move(barrier)), log_(ledger_id()) {
  for (const auto& commit : commits) log_.append(log_.head().position, *commit);
  disk_.synced = commits;
}

AppendResult SteppedLog::append(GlobalPosition expected, Commit commit) {
  barrier_(Step::append);
  const Head head = log_.head();
  if (without_ == Without::condition) {
    begin_behind(head.position, commit);
  } else if (head.position != expected) {
    deed_ = "finds that the log has moved to " + std::to_string(head.position.value());
    return Moved{head};
  }

  // The record is sealed like a log's, so that its hash names what a crash finds.
  auto written = std::make_shared<const Commit>(seal(head, commit).commit);
  deed_ = "writes " + span_of(commit);
  if (without_ == Without::sync) {
    settle();
    disk_.unsynced = std::move(written);
    return log_.append(head.position, std::move(commit));
  }
  disk_.unsynced = std::move(written);
  barrier_(Step::sync);
  settle();
  deed_ = "syncs";
  return log_.append(head.position, std::move(commit));
}

void SteppedLog::settle() {
  if (disk_.unsynced != nullptr) disk_.synced.push_back(std::exchange(disk_.unsynced, nullptr));
}

std::unique_ptr<LogCursor> SteppedLog::read(GlobalPosition from) const {
  barrier_(Step::read);
  return log_.read(from);
}

}  // namespace stockfold
