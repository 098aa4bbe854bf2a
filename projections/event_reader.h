// Reads single events by the positions that views store.
#pragma once

#include <memory>

#include "core/fault.h"
#include "core/numbers.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// Keeps the commit that it read last, so ascending or neighboring positions cost least. One thread; the log
/// must outlive it.
class EventReader {
 public:
  explicit EventReader(const EventLog& log) : log_(log) {}

  /// The event at a position that a view stores. The pointer is valid until the next call. Returns corruption
  /// if the log has no such event.
  Result<const RecordedEvent*> read(GlobalPosition position);

 private:
  const EventLog& log_;
  std::shared_ptr<const Commit> commit_;
};

}  // namespace stockfold
