// A data directory: one log, the views folded from it, and the lock that keeps others out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/fault.h"
#include "storage/engine/store_figures.h"
#include "storage/log/event_log.h"
#include "storage/views/view_store.h"

namespace stockfold {

struct StoreEnvironment;

struct StoreOptions {
  std::vector<std::string> views;  ///< Names of the views to keep.
  /// The same of views that may be far behind: what only they have still to read of the log is not verified
  /// by the open, but when it is read.
  std::vector<std::string> late_views;
  bool create = true;  ///< Make a store where there is none.
  /// What the databases lie on; null: the machine's files. See storage/rocksdb/environment.h.
  const StoreEnvironment* environment = nullptr;
  std::size_t log_buffer_bytes =
      64U << 20;  ///< Of the log's memtable; bounds what an open has to read again.
  std::size_t view_buffer_bytes = 32U << 20;   ///< Of each view's memtable.
  std::size_t block_cache_bytes = 128U << 20;  ///< Shared by log and views.
  std::size_t recent_commits_bytes =
      64U << 20;  ///< Of the latest commits, kept decoded for those who follow the log.
};

/// A record at the very end of the log that was never acknowledged and was cut.
struct TornTail {
  GlobalPosition after;  ///< The log now ends here.
  std::string what;
};

/// An open store. Members may be used from any thread as their ports say.
class Store {
 public:
  virtual ~Store() = default;
  [[nodiscard]] virtual EventLog& log() = 0;
  [[nodiscard]] virtual ViewStore& views() = 0;
  [[nodiscard]] virtual const std::optional<TornTail>& torn_tail() const = 0;

  /// As things are now. Looks at files, so it takes its time. Any thread.
  [[nodiscard]] virtual StoreFigures figures() const = 0;

  /// Makes a store of its own of what is there now in `dir`, which must not be there or be empty: what was
  /// acknowledged before the call, the views as far as they are. What is large and does not change any more
  /// is linked where `dir` is on the same file system, and so takes neither time nor room. Any thread, while
  /// others append and read. After a fault `dir` is of no use.
  [[nodiscard]] virtual Result<void> checkpoint(const std::filesystem::path& dir) const = 0;
};

/// Opens the store in `dir`, having first looked at it without writing a byte:
///  - another process holds it: busy;
///  - it was written by a later version: newer_format;
///  - a record is damaged or missing at or below a witness (a later commit, a durable view's checkpoint):
///  corruption,
///    with the position;
///  - only the last record is damaged and nothing witnesses it: it is cut, and torn_tail() says so.
/// Verified are the records from the lowest durable checkpoint of a view that is not late on, and the chain
/// between them.
Result<std::unique_ptr<Store>> open_store(const std::filesystem::path& dir, const StoreOptions& options);

/// The log of a store that nobody writes to meanwhile. Members may be used from any thread as their port
/// says.
class StoreToRead {
 public:
  virtual ~StoreToRead() = default;
  [[nodiscard]] virtual const EventLog& log() const = 0;
  /// What open_store() would cut; the log ends before it.
  [[nodiscard]] virtual const std::optional<TornTail>& torn_tail() const = 0;
  /// A view as it is on disk; null where there is none of that name.
  [[nodiscard]] virtual Result<std::unique_ptr<ViewSnapshot>> view(std::string_view name) const = 0;
};

/// Opens the store in `dir` to read its log from its first event: no byte of it changes. Others may do so at
/// the same time; while another process has it open to write: busy, and the other way round. Faults are those
/// of open_store(), but that of the records only the last is verified here: the others are as they are read.
Result<std::unique_ptr<StoreToRead>> open_store_to_read(const std::filesystem::path& dir);

/// Where the views of the store in `dir` cannot be opened, whatever keeps them from it, renames their
/// directory to views.damaged, in place of one of that name: the next start folds them anew. Says whether it
/// did so. The log is not looked at; busy where another process has the store.
Result<bool> set_damaged_views_aside(const std::filesystem::path& dir);

/// Views of no store, in a database of their own, such as for a fold that others are held against. Made where
/// there are none.
Result<std::unique_ptr<ViewStore>> open_views_apart(const std::filesystem::path& dir,
                                                    const std::vector<std::string>& names);

}  // namespace stockfold
