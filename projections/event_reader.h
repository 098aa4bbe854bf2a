// Events by position, as views name them.
#pragma once

#include <memory>

#include "core/fault.h"
#include "core/numbers.h"
#include "storage/log/event_log.h"

namespace stockfold {

/// Keeps the commit that it read last: positions that ascend, or lie close together, cost least. One thread;
/// the log must outlive it.
class EventReader {
 public:
  explicit EventReader(const EventLog& log) : log_(log) {}

  /// The event at a position that a view names; good until the next call. Corruption where the log has none.
  Result<const RecordedEvent*> read(GlobalPosition position);

 private:
  const EventLog& log_;
  std::shared_ptr<const Commit> commit_;
};

}  // namespace stockfold
