// A store in the making, filled with the commits of another copy of its log.
#pragma once

#include "core/commit.h"
#include "core/fault.h"
#include "storage/log/event_log.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// The directory in which a store is made if its place exists already.
inline constexpr const char* kUnfinishedStore = "unfinished-store";

/// Lies next to its place until it is complete. If the place exists, it lies in it, as kUnfinishedStore: the
/// place may be a mount point, or its parent may belong to another user, and then nothing can be moved onto
/// it. Unless finish() was called, nothing is left of it at its end. Each member may be used as its port
/// says; add() by one thread.
class NewStore {
 public:
  virtual ~NewStore() = default;
  /// What was added so far.
  [[nodiscard]] virtual const EventLog& log() const = 0;
  [[nodiscard]] virtual ViewStore& views() = 0;

  /// Adds the commit that follows, with its time and its epoch. The hashes are filled in.
  virtual Result<void> add(Commit commit) = 0;
  /// Makes everything durable and puts the store in its place. Nothing else may be called afterwards.
  virtual Result<void> finish() = 0;
};

}  // namespace stockfold
