// A store in the making, filled with the commits of another copy of its log.
#pragma once

#include <filesystem>
#include <memory>

#include "core/fault.h"
#include "storage/engine/store.h"
#include "storage/log/event_log.h"
#include "storage/log/ledger_record.h"
#include "storage/views/view_store.h"

namespace stockfold {

/// The directory in which a store is made whose place is there already.
inline constexpr const char* kUnfinishedStore = "unfinished-store";

/// Lies beside its place until it is whole, or, where that is there already, in it, as kUnfinishedStore: a
/// place may be a file system of its own, or its owner's where what is above is not, and then nothing can be
/// put in its place. At its end nothing is left of it unless finish() was called. Members may be used as
/// their ports say; add() by one thread.
class NewStore {
 public:
  virtual ~NewStore() = default;
  /// What was added so far.
  [[nodiscard]] virtual const EventLog& log() const = 0;
  [[nodiscard]] virtual ViewStore& views() = 0;

  /// Adds the commit that follows, with the time and the epoch that it has; the hashes are filled in.
  virtual Result<void> add(Commit commit) = 0;
  /// Makes all of it durable and puts it in its place. Nothing else may be called afterwards.
  virtual Result<void> finish() = 0;
};

/// Begins a store for `dir`, which must not exist or be empty, but for lost+found. What an earlier one that
/// was not finished left behind is removed; where another process is making one for the same place: busy.
Result<std::unique_ptr<NewStore>> make_store(const std::filesystem::path& dir, const LedgerRecord& ledger,
                                             const StoreOptions& options);

}  // namespace stockfold
