// An open store: a log, the views folded from it, and the files that both lie in.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/fault.h"
#include "storage/engine/figures.h"
#include "storage/log/event_log.h"
#include "storage/views/view_store.h"

namespace stockfold {

struct StoreOptions {
  std::vector<std::string> views;  ///< Names of the views to keep.
  /// Names of views that may be far behind. What only they have still to read of the log is verified when it
  /// is read, not when the store is opened.
  std::vector<std::string> late_views;
  bool create = true;  ///< Make a store where there is none.
  /// Of the log, in memory before it is moved to its place on disk. Bounds what an open has to read again.
  std::size_t log_buffer_bytes = 64U << 20;
  std::size_t view_buffer_bytes = 32U << 20;     ///< The same of each view.
  std::size_t block_cache_bytes = 128U << 20;    ///< For reads, shared by log and views.
  std::size_t recent_commits_bytes = 64U << 20;  ///< The latest commits, kept decoded for those that follow.
};

/// A record at the very end of the log that was never acknowledged and was cut.
struct TornTail {
  GlobalPosition after;  ///< The log now ends here.
  std::string what;
};

/// The care of a store's files: what an operator asks for, and no command needs.
class StoreFiles {
 public:
  virtual ~StoreFiles() = default;

  /// The figures as they are now. Reads directories, so it takes its time. Any thread.
  [[nodiscard]] virtual StoreFigures figures() const = 0;

  /// Makes a copy of the store in `dir`, which must be missing or empty: every commit that was acknowledged
  /// before the call, the views as far as they are. Large files that no longer change are linked if `dir` is
  /// on the same file system, and then take neither time nor space. Any thread, while others append and read.
  /// After a fault `dir` is useless.
  [[nodiscard]] virtual Result<void> checkpoint(const std::filesystem::path& dir) const = 0;
};

/// Keeps other processes out of the store until its end. Each member may be used by the threads that its port
/// names.
class Store {
 public:
  virtual ~Store() = default;
  [[nodiscard]] virtual EventLog& log() = 0;
  [[nodiscard]] virtual ViewStore& views() = 0;
  [[nodiscard]] virtual const StoreFiles& files() const = 0;
  /// What the open cut; empty where it cut nothing.
  [[nodiscard]] virtual const std::optional<TornTail>& torn_tail() const = 0;
};

/// A store that no process writes meanwhile. Each member may be used by any thread.
class ReadOnlyStore {
 public:
  virtual ~ReadOnlyStore() = default;
  [[nodiscard]] virtual const EventLog& log() const = 0;
  /// What an open to write would cut; the log ends before it.
  [[nodiscard]] virtual const std::optional<TornTail>& torn_tail() const = 0;
  /// A view as it is on disk; null if there is none of that name.
  [[nodiscard]] virtual Result<std::unique_ptr<ViewSnapshot>> view(std::string_view name) const = 0;
};

}  // namespace stockfold
