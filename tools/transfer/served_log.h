// The log of a ledger that serves, read commit by commit.
#pragma once

#include <stockfold/client.h>

#include <cstddef>
#include <memory>

#include "core/fault.h"
#include "storage/log/event_log.h"
#include "storage/log/ledger_record.h"

namespace stockfold {

/// Reads every commit from the first on, up to the end that the log had when it was made. Hashes are
/// computed, not asked for, and the last must be the one that the ledger names. What goes wrong with the
/// connection is an io fault. One thread; the client must outlive it.
class ServedLog final : public LogCursor {
 public:
  static Result<std::unique_ptr<ServedLog>> open(Client& client);

  [[nodiscard]] const LedgerRecord& ledger() const { return ledger_; }
  /// Where it ends.
  [[nodiscard]] GlobalPosition end() const { return end_.position; }
  Result<std::shared_ptr<const Commit>> next() override;

 private:
  ServedLog(Client& client, const HeadReply& end, CommitsReply first);
  /// Asks for more events where none is left.
  Result<void> fill();

  Client& client_;
  HeadReply end_;
  LedgerRecord ledger_;
  CommitsReply page_;
  std::size_t taken_ = 0;  ///< Of the page's events.
  Head read_;              ///< The end of what was read.
};

}  // namespace stockfold
