#include "storage/rocksdb/new_store.h"

#include <rocksdb/cache.h>

#include <optional>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "storage/files/directory_lock.h"
#include "storage/files/durable_directory.h"
#include "storage/rocksdb/log.h"
#include "storage/rocksdb/log_database.h"
#include "storage/rocksdb/views.h"

namespace stockfold {
namespace {

constexpr const char* kLog = "log";
constexpr const char* kViews = "views";

/// The final place of the store, and the directory in which it is made.
struct Places {
  std::filesystem::path place;
  std::filesystem::path making;

  [[nodiscard]] bool is_inside() const { return making.parent_path() == place; }
};

Result<void> put_in_place(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  if (error) return std::unexpected(io_fault("making", to, error));
  return {};
}

/// The log is moved last: with it the place is a store. Before that, an open finds it unfinished.
Result<void> move_up(const Places& places) {
  for (const char* part : {kViews, kLog}) {
    if (auto moved = put_in_place(places.making / part, places.place / part); !moved) return moved;
    if (auto synced = sync_directory(places.place); !synced) return synced;
  }
  std::error_code ignored;  // only a lock is left
  std::filesystem::remove_all(places.making, ignored);
  return {};
}

class RocksDbNewStore final : public NewStore {
 public:
  RocksDbNewStore(Places places, DirectoryLock lock, std::unique_ptr<RocksDbLog> log,
                  std::unique_ptr<ViewStore> views)
      : places_(std::move(places)), lock_(std::move(lock)), log_(std::move(log)), views_(std::move(views)) {}
  ~RocksDbNewStore() override {
    if (finished_) return;
    close();
    std::error_code ignored;  // the next attempt removes what is left
    std::filesystem::remove_all(places_.making, ignored);
  }
  RocksDbNewStore(const RocksDbNewStore&) = delete;
  RocksDbNewStore& operator=(const RocksDbNewStore&) = delete;

  [[nodiscard]] const EventLog& log() const override { return *log_; }
  [[nodiscard]] ViewStore& views() override { return *views_; }

  Result<void> add(Commit commit) override {
    auto result = log_->restore(std::move(commit));
    if (auto* unknown = std::get_if<Unknown>(&result)) return std::unexpected(std::move(unknown->fault));
    if (auto* stopped = std::get_if<Stopped>(&result)) return std::unexpected(std::move(stopped->fault));
    return {};
  }

  Result<void> finish() override {
    if (auto synced = log_->sync(); !synced) return synced;
    if (auto flushed = views_->flush(); !flushed) return flushed;
    close();
    if (auto synced = sync_directory(places_.making); !synced) return synced;
    if (places_.is_inside()) {
      finished_ = true;  // from here on the rest stays and marks the store as unfinished, as after a kill
      return move_up(places_);
    }
    if (auto moved = put_in_place(places_.making, places_.place); !moved) return moved;
    finished_ = true;
    return sync_directory(places_.place.parent_path());
  }

 private:
  void close() {
    views_.reset();
    log_.reset();
  }

  Places places_;
  DirectoryLock lock_;
  std::unique_ptr<RocksDbLog> log_;
  std::unique_ptr<ViewStore> views_;
  bool finished_ = false;
};

Places places_of(const std::filesystem::path& dir) {
  std::filesystem::path place = std::filesystem::absolute(dir).lexically_normal();
  if (!place.has_filename()) place = place.parent_path();  // the path ended with a slash
  std::error_code error;
  if (std::filesystem::exists(place, error)) {
    std::filesystem::path making = place / kUnfinishedStore;
    return {std::move(place), std::move(making)};
  }
  std::filesystem::path making = place;
  making += ".new";
  return {std::move(place), std::move(making)};
}

/// The place may hold only what an earlier attempt left before it had a log, the lock of a ledger that was
/// rejected meanwhile, and lost+found.
Result<void> check_free(const Places& places) {
  if (!places.is_inside()) return {};
  std::error_code error;
  const bool is_unfinished = std::filesystem::exists(places.making, error);
  for (std::filesystem::directory_iterator entry(places.place, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::filesystem::path name = entry->path().filename();
    const bool is_left = name == kUnfinishedStore || name == "LOCK" || (is_unfinished && name == kViews);
    if (is_left || name == "lost+found") continue;
    return std::unexpected(Fault{FaultKind::io, places.place.string() + " is not empty", {}});
  }
  if (error) return std::unexpected(io_fault("looking into", places.place, error));
  return {};
}

Result<void> make_directories(const Places& places) {
  if (places.is_inside()) {
    if (auto made = make_private_directory(places.place); !made) return made;
  }
  return make_private_directory(places.making);
}

/// Removes what an earlier attempt left, except the lock.
Result<void> clear(const Places& places) {
  std::vector<std::filesystem::path> left{places.making / kLog, places.making / "log.new",
                                          places.making / kViews};
  if (places.is_inside()) left.push_back(places.place / kViews);
  for (const std::filesystem::path& part : left) {
    std::error_code error;
    std::filesystem::remove_all(part, error);
    if (error) return std::unexpected(io_fault("removing", part, error));
  }
  return {};
}

/// Removes the directory in its destructor, unless keep() was called.
class Making {
 public:
  explicit Making(std::filesystem::path dir) : dir_(std::move(dir)) {}
  ~Making() {
    std::error_code ignored;  // the next attempt removes what is left
    if (!kept_) std::filesystem::remove_all(dir_, ignored);
  }
  Making(const Making&) = delete;
  Making& operator=(const Making&) = delete;

  void keep() { kept_ = true; }

 private:
  const std::filesystem::path dir_;
  bool kept_ = false;
};

}  // namespace

Result<std::unique_ptr<NewStore>> make_rocksdb_store(const std::filesystem::path& dir,
                                                     const LedgerRecord& ledger, const StoreOptions& options,
                                                     rocksdb::Env* env) {
  const auto make_log = [&](const std::filesystem::path& log) {
    return create_log_database(log, ledger, env);
  };
  return make_rocksdb_store_of(dir, make_log, options, env);
}

Result<std::unique_ptr<NewStore>> make_rocksdb_store_of(const std::filesystem::path& dir,
                                                        const MakeLog& make_log, const StoreOptions& options,
                                                        rocksdb::Env* env) {
  Places places = places_of(dir);
  if (auto free = check_free(places); !free) return std::unexpected(std::move(free.error()));
  if (auto made = make_directories(places); !made) return std::unexpected(std::move(made.error()));
  auto lock = DirectoryLock::take(places.making);
  if (!lock) return std::unexpected(std::move(lock.error()));
  if (auto cleared = clear(places); !cleared) return std::unexpected(std::move(cleared.error()));
  Making making(places.making);

  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  const std::filesystem::path log_dir = places.making / kLog;
  if (auto made = make_log(log_dir); !made) return std::unexpected(std::move(made.error()));
  auto database = open_log_database(
      log_dir, {.buffer_bytes = options.log_buffer_bytes, .block_cache = cache, .env = env});
  if (!database) return std::unexpected(std::move(database.error()));
  auto log = RocksDbLog::open(std::move(*database), options.recent_commits_bytes);
  if (!log) return std::unexpected(std::move(log.error()));
  auto views = open_rocksdb_views({.dir = places.making / kViews,
                                   .names = options.views,
                                   .buffer_bytes = options.view_buffer_bytes,
                                   .block_cache = cache,
                                   .env = env});
  if (!views) return std::unexpected(std::move(views.error()));
  making.keep();
  return std::make_unique<RocksDbNewStore>(std::move(places), std::move(*lock), std::move(*log),
                                           std::move(*views));
}

}  // namespace stockfold
