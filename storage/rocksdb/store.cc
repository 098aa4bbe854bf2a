#include "storage/rocksdb/store.h"

#include <rocksdb/cache.h>

#include <algorithm>
#include <limits>
#include <map>
#include <system_error>
#include <utility>
#include <variant>

#include "storage/codec/body_hash.h"
#include "storage/codec/wall_clock.h"
#include "storage/engine/new_store.h"
#include "storage/files/directory_lock.h"
#include "storage/files/durable_directory.h"
#include "storage/log/verify_log.h"
#include "storage/rocksdb/figures.h"
#include "storage/rocksdb/log.h"
#include "storage/rocksdb/log_database.h"
#include "storage/rocksdb/views.h"
#include "storage/rocksdb/wal.h"

namespace stockfold {
namespace {

using Checkpoints = std::map<std::string, ViewCheckpoint>;

class RocksDbFiles final : public StoreFiles {
 public:
  RocksDbFiles(const RocksDbLog& log, const RocksDbViews& views, const rocksdb::Cache& block_cache,
               std::filesystem::path dir)
      : log_(log), views_(views), block_cache_(block_cache), dir_(std::move(dir)) {}

  [[nodiscard]] StoreFigures figures() const override {
    std::error_code error;
    const auto space = std::filesystem::space(dir_, error);
    return store_figures_of({.log = log_.figures(),
                             .views = views_.figures(),
                             .block_cache_bytes = block_cache_.GetUsage(),
                             .block_cache_capacity_bytes = block_cache_.GetCapacity(),
                             .free_bytes = error ? 0 : space.available});
  }

  /// The views first: if a commit is appended in between, they are behind the log, and not beyond it.
  [[nodiscard]] Result<void> checkpoint(const std::filesystem::path& dir) const override {
    if (auto made = make_directory(dir); !made) return made;
    if (auto made = views_.checkpoint(dir / "views"); !made) return made;
    return log_.checkpoint(dir / "log");
  }

 private:
  const RocksDbLog& log_;
  const RocksDbViews& views_;
  const rocksdb::Cache& block_cache_;
  const std::filesystem::path dir_;
};

/// Members are closed from the last to the first: the lock is held until everything else is closed.
class RocksDbStore final : public Store {
 public:
  RocksDbStore(DirectoryLock lock, std::unique_ptr<RocksDbLog> log, std::unique_ptr<RocksDbViews> views,
               std::shared_ptr<rocksdb::Cache> block_cache, const std::filesystem::path& dir,
               std::optional<TornTail> torn_tail)
      : lock_(std::move(lock)),
        log_(std::move(log)),
        views_(std::move(views)),
        block_cache_(std::move(block_cache)),
        files_(*log_, *views_, *block_cache_, dir),
        torn_tail_(std::move(torn_tail)) {}

  [[nodiscard]] EventLog& log() override { return *log_; }
  [[nodiscard]] ViewStore& views() override { return *views_; }
  [[nodiscard]] const StoreFiles& files() const override { return files_; }
  [[nodiscard]] const std::optional<TornTail>& torn_tail() const override { return torn_tail_; }

 private:
  DirectoryLock lock_;
  std::unique_ptr<RocksDbLog> log_;
  std::unique_ptr<RocksDbViews> views_;
  const std::shared_ptr<rocksdb::Cache> block_cache_;
  const RocksDbFiles files_;
  std::optional<TornTail> torn_tail_;
};

class RocksDbReadOnlyStore final : public ReadOnlyStore {
 public:
  RocksDbReadOnlyStore(DirectoryLock lock, std::filesystem::path views, std::unique_ptr<RocksDbLog> log,
                       std::optional<TornTail> torn_tail)
      : lock_(std::move(lock)),
        views_(std::move(views)),
        log_(std::move(log)),
        torn_tail_(std::move(torn_tail)) {}

  [[nodiscard]] const EventLog& log() const override { return *log_; }
  [[nodiscard]] const std::optional<TornTail>& torn_tail() const override { return torn_tail_; }
  [[nodiscard]] Result<std::unique_ptr<ViewSnapshot>> view(std::string_view name) const override {
    return read_rocksdb_view(views_, name);
  }

 private:
  DirectoryLock lock_;
  std::filesystem::path views_;
  std::unique_ptr<RocksDbLog> log_;
  std::optional<TornTail> torn_tail_;
};

struct Directories {
  std::filesystem::path log;
  std::filesystem::path views;
};

/// Makes the log if the directory holds no store. A directory that has lost its log is not taken for a new
/// one.
Result<void> make_if_new(const Directories& dirs, bool create, rocksdb::Env* env) {
  std::error_code error;
  if (std::filesystem::exists(dirs.log, error)) return {};
  if (error) return std::unexpected(io_fault("looking for", dirs.log, error));
  const std::filesystem::path dir = dirs.log.parent_path();
  if (std::filesystem::exists(dir / kUnfinishedStore, error)) {
    return std::unexpected(
        Fault{FaultKind::io,
              "a restore or an import into " + dir.string() + " was not finished: run it again",
              {}});
  }
  if (error) return std::unexpected(io_fault("looking for", dir / kUnfinishedStore, error));
  if (std::filesystem::exists(dirs.views, error)) {
    return std::unexpected(
        corruption(GlobalPosition(1), "there are views, but no log in " + dirs.log.string()));
  }
  if (error) return std::unexpected(io_fault("looking for", dirs.views, error));
  if (!create) {
    return std::unexpected(
        io_fault("looking for", dirs.log, std::make_error_code(std::errc::no_such_file_or_directory)));
  }
  return create_log_database(dirs.log,
                             {.ledger = draw_ledger_id(), .epoch = Epoch(1), .created = wall_clock()}, env);
}

/// The log as it would open, and whether it would end before a damaged record.
struct InspectedLog {
  std::unique_ptr<RocksDbLog> log;
  bool damaged = false;
};

Result<InspectedLog> inspect_log(const std::filesystem::path& dir, rocksdb::Env* env) {
  if (auto checked = check_newest_write_ahead_file(dir); !checked)
    return std::unexpected(std::move(checked.error()));
  auto database = open_log_database_read_only(dir, DamagedRecords::refuse, env);
  const bool damaged = !database && database.error().kind == FaultKind::corruption;
  if (damaged) database = open_log_database_read_only(dir, DamagedRecords::stop, env);
  if (!database) return std::unexpected(std::move(database.error()));
  auto log = RocksDbLog::open(std::move(*database), 0);
  if (!log) return std::unexpected(std::move(log.error()));
  return InspectedLog{std::move(*log), damaged};
}

bool is_of(const ViewCheckpoint& checkpoint, const Head& head) {
  return checkpoint.ledger == head.ledger && checkpoint.epoch == head.epoch;
}

/// The lowest position from which a view will read the log: 0 if a view has to start from the beginning.
GlobalPosition lowest(const Checkpoints& durable, const std::vector<std::string>& views, const Head& head) {
  GlobalPosition lowest(std::numeric_limits<GlobalPosition::rep>::max());
  for (const std::string& view : views) {
    const auto found = durable.find(view);
    const bool usable = found != durable.end() && is_of(found->second, head);
    lowest = std::min(lowest, usable ? found->second.position : GlobalPosition(0));
  }
  return views.empty() ? GlobalPosition(0) : lowest;
}

std::string event(GlobalPosition position) { return "event " + std::to_string(position.value()); }

/// Finds a record after the head that was never acknowledged. A fault if a later commit proves that it was.
Result<std::optional<TornTail>> find_torn_tail(const Head& head, const std::filesystem::path& dir,
                                               bool damaged) {
  auto sighted = last_sighting(dir, head.epoch);
  if (!sighted) return std::unexpected(std::move(sighted.error()));
  const GlobalPosition next = head.position.next();
  const bool torn_commit = *sighted && (*sighted)->first == next;
  // A commit is written only when the one before it is on disk, so a later one proves that this one was.
  if (*sighted && (*sighted)->first > next) {
    return std::unexpected(corruption(next, "the commit at " + event(next) + " is damaged, but that at " +
                                                event((*sighted)->first) + " was written after it"));
  }
  if (!damaged && !torn_commit) return std::nullopt;
  return TornTail{head.position, torn_commit ? "an incomplete commit at " + event(next)
                                             : "an incomplete record after " + event(head.position)};
}

struct Verified {
  std::unique_ptr<RocksDbLog> log;  ///< Open to read.
  DamagedRecords damaged;
  std::optional<TornTail> torn_tail;
};

/// Verifies the log without writing a byte, from the position that `from` chooses by the durable checkpoints
/// and the head.
template <class From>
Result<Verified> verify(const Directories& dirs, rocksdb::Env* env, const From& from) {
  auto inspected = inspect_log(dirs.log, env);
  if (!inspected) return std::unexpected(std::move(inspected.error()));
  auto durable = read_durable_checkpoints(dirs.views, env);
  if (!durable) return std::unexpected(std::move(durable.error()));
  const Head head = inspected->log->head();
  if (auto sound = verify_log(*inspected->log, from(*durable, head), *durable); !sound) {
    return std::unexpected(std::move(sound.error()));
  }
  auto torn_tail = find_torn_tail(head, dirs.log, inspected->damaged);
  if (!torn_tail) return std::unexpected(std::move(torn_tail.error()));
  return Verified{std::move(inspected->log),
                  inspected->damaged ? DamagedRecords::stop : DamagedRecords::refuse, std::move(*torn_tail)};
}

/// Adds the commits of the verified log that `log` lacks.
Result<void> add_missing(RocksDbLog& log, const RocksDbLog& verified) {
  const auto cursor = verified.read(log.head().position.next());
  for (;;) {
    auto commit = cursor->next();
    if (!commit) return std::unexpected(std::move(commit.error()));
    if (*commit == nullptr) return log.sync();
    auto added = log.restore(**commit);
    if (auto* unknown = std::get_if<Unknown>(&added)) return std::unexpected(std::move(unknown->fault));
  }
}

/// A read that fails once must not cut off commits that are undamaged on disk. So RocksDB stops at damaged
/// records only if the verification found some. Commits that it then leaves out although they were verified
/// are added again.
Result<std::unique_ptr<RocksDbLog>> open_log(const std::filesystem::path& dir, const Verified& verified,
                                             const StoreOptions& options, rocksdb::Env* env,
                                             const std::shared_ptr<rocksdb::Cache>& cache) {
  auto database = open_log_database(
      dir, {.buffer_bytes = options.log_buffer_bytes, .block_cache = cache, .env = env}, verified.damaged);
  if (!database) return std::unexpected(std::move(database.error()));
  auto log = RocksDbLog::open(std::move(*database), options.recent_commits_bytes);
  if (!log) return log;
  const Head wanted = verified.log->head();
  if ((*log)->head().position < wanted.position) {
    if (auto added = add_missing(**log, *verified.log); !added)
      return std::unexpected(std::move(added.error()));
  }
  const Head head = (*log)->head();
  if (head.position != wanted.position || head.hash != wanted.hash) {
    return std::unexpected(corruption(head.position, "the log was verified up to " + event(wanted.position) +
                                                         ", but opens with " + event(head.position) +
                                                         " at its end"));
  }
  return log;
}

}  // namespace

Result<std::unique_ptr<Store>> open_rocksdb_store(const std::filesystem::path& dir,
                                                  const StoreOptions& options, rocksdb::Env* env) {
  if (options.create) {
    if (auto made = make_directory(dir); !made) return std::unexpected(std::move(made.error()));
  }
  auto lock = DirectoryLock::take(dir);
  if (!lock) return std::unexpected(std::move(lock.error()));

  const Directories dirs{.log = dir / "log", .views = dir / "views"};
  if (auto made = make_if_new(dirs, options.create, env); !made)
    return std::unexpected(std::move(made.error()));
  // The process that made the log may have ended before that was durable.
  if (auto synced = sync_entries(dir, env); !synced) return std::unexpected(std::move(synced.error()));
  auto verified = verify(dirs, env, [&options](const Checkpoints& durable, const Head& head) {
    return lowest(durable, options.views, head);
  });
  if (!verified) return std::unexpected(std::move(verified.error()));

  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  auto log = open_log(dirs.log, *verified, options, env, cache);
  if (!log) return std::unexpected(std::move(log.error()));
  verified->log.reset();
  std::vector<std::string> names = options.views;
  names.insert(names.end(), options.late_views.begin(), options.late_views.end());
  auto views = open_rocksdb_views({.dir = dirs.views,
                                   .names = std::move(names),
                                   .buffer_bytes = options.view_buffer_bytes,
                                   .block_cache = cache,
                                   .env = env});
  if (!views) return std::unexpected(std::move(views.error()));
  return std::make_unique<RocksDbStore>(std::move(*lock), std::move(*log), std::move(*views), cache, dir,
                                        std::move(verified->torn_tail));
}

Result<std::unique_ptr<ReadOnlyStore>> open_rocksdb_store_read_only(const std::filesystem::path& dir,
                                                                    rocksdb::Env* env) {
  auto lock = DirectoryLock::share(dir);
  if (!lock) return std::unexpected(std::move(lock.error()));
  const Directories dirs{.log = dir / "log", .views = dir / "views"};
  if (auto there = make_if_new(dirs, false, env); !there) return std::unexpected(std::move(there.error()));
  auto verified = verify(dirs, env, [](const Checkpoints&, const Head& head) { return head.position; });
  if (!verified) return std::unexpected(std::move(verified.error()));
  return std::make_unique<RocksDbReadOnlyStore>(std::move(*lock), dirs.views, std::move(verified->log),
                                                std::move(verified->torn_tail));
}

Result<bool> set_damaged_rocksdb_views_aside(const std::filesystem::path& dir, rocksdb::Env* env) {
  auto lock = DirectoryLock::take(dir);
  if (!lock) return std::unexpected(std::move(lock.error()));
  auto readable = read_durable_checkpoints(dir / "views", env);
  if (readable) return false;
  if (readable.error().kind != FaultKind::corruption) return std::unexpected(std::move(readable.error()));
  const std::filesystem::path aside = dir / "views.damaged";
  std::error_code error;
  std::filesystem::remove_all(aside, error);
  if (!error) std::filesystem::rename(dir / "views", aside, error);
  if (error) return std::unexpected(io_fault("setting aside", dir / "views", error));
  if (auto synced = sync_directory(dir); !synced) return std::unexpected(std::move(synced.error()));
  return true;
}

}  // namespace stockfold
