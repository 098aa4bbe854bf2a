// Reads the log of a running ledger, commit by commit.
#pragma once

#include <stockfold/client.h>

#include <cstddef>
#include <memory>

#include "core/fault.h"
#include "storage/log/event_log.h"
#include "storage/log/ledger_record.h"

namespace stockfold {

/// Reads every commit from the first on, up to the end of the log at the time of construction. It computes
/// the hashes itself, and the last must be the one that the ledger names. Errors of the connection are io
/// faults. One thread; the client must outlive it.
class ServedLog final : public LogCursor {
 public:
  static Result<std::unique_ptr<ServedLog>> open(Client& client);

  [[nodiscard]] const LedgerRecord& ledger() const { return ledger_; }
  /// The end of the log.
  [[nodiscard]] GlobalPosition end() const { return end_.position; }
  Result<std::shared_ptr<const Commit>> next() override;

 private:
  ServedLog(Client& client, const HeadReply& end, CommitsReply first);
  /// Requests more events if none is left.
  Result<void> fill();

  Client& client_;
  HeadReply end_;
  LedgerRecord ledger_;
  CommitsReply page_;
  std::size_t taken_ = 0;  ///< Of the page's events.
  Head read_;              ///< The end of what was read.
};

}  // namespace stockfold
