// A ledger as after a start: views folded from the log, and decisions on them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/command.h"
#include "interleavings/judge.h"
#include "interleavings/stepped_log.h"
#include "projections/views.h"
#include "protocol/answer.h"
#include "server/ledger/ledger.h"
#include "support/memory_views.h"

namespace stockfold {

/// Views that hold the events of a log.
class FoldedViews {
 public:
  FoldedViews(const EventLog& log, Without without);

  /// Why the log could not be folded; empty: it could.
  [[nodiscard]] const std::string& fault() const { return fault_; }
  [[nodiscard]] const Views& views() const { return views_; }
  [[nodiscard]] State state() const;

 private:
  MemoryViewStore store_{view_names()};
  Views views_{store_};
  std::string fault_;
};

/// The views of every requested log, each folded once: a log's hash names all its contents. One thread at a
/// time.
class FoldedLogs {
 public:
  explicit FoldedLogs(Without without) : without_(without) {}
  const FoldedViews& of(const EventLog& log);
  [[nodiscard]] Without without() const { return without_; }

 private:
  const Without without_;
  std::map<CommitHash, std::unique_ptr<const FoldedViews>> folded_;
};

/// One thread at a time; the log and its views must outlive it.
class OwnLedger {
 public:
  /// Reads the log at once, without barriers. If that fails, fault() returns the reason, and nothing is
  /// executed.
  OwnLedger(SteppedLog& log, FoldedLogs& folded);

  [[nodiscard]] const std::string& fault() const { return fault_; }
  [[nodiscard]] Ledger& ledger() { return *ledger_; }
  /// Executes commands as one commit.
  std::vector<Answer> execute(std::span<const Command> commands);
  Answer execute(const Command& command) { return execute(std::span(&command, 1)).front(); }
  /// As it was when the log was read.
  [[nodiscard]] State state() const { return folded_.state(); }

 private:
  [[nodiscard]] std::optional<Answer> conflict(const Command& command) const;

  const Without without_;
  const FoldedViews& folded_;
  std::unique_ptr<Ledger> ledger_;
  std::string fault_;
};

/// The state before the requests, as one commit.
Commits commit_of(const std::vector<std::string>& given);

}  // namespace stockfold
