#include "storage/rocksdb_new_store.h"

#include <rocksdb/cache.h>

#include <optional>
#include <system_error>
#include <utility>
#include <variant>

#include "storage/directory_lock.h"
#include "storage/durable_directory.h"
#include "storage/rocksdb_environment.h"
#include "storage/rocksdb_log.h"
#include "storage/rocksdb_log_database.h"
#include "storage/rocksdb_views.h"

namespace stockfold {
namespace {

/// Where it is to lie, and where it lies until then.
struct Places {
  std::filesystem::path place;
  std::filesystem::path making;
};

class RocksDbNewStore final : public NewStore {
 public:
  RocksDbNewStore(Places places, DirectoryLock lock, std::unique_ptr<RocksDbLog> log,
                  std::unique_ptr<ViewStore> views)
      : places_(std::move(places)), lock_(std::move(lock)), log_(std::move(log)), views_(std::move(views)) {}
  ~RocksDbNewStore() override {
    if (finished_) return;
    close();
    std::error_code ignored;  // the next one removes what is left
    std::filesystem::remove_all(places_.making, ignored);
  }
  RocksDbNewStore(const RocksDbNewStore&) = delete;
  RocksDbNewStore& operator=(const RocksDbNewStore&) = delete;

  [[nodiscard]] const EventLog& log() const override { return *log_; }
  [[nodiscard]] ViewStore& views() override { return *views_; }

  std::expected<void, Fault> add(Commit commit) override {
    auto result = log_->restore(std::move(commit));
    if (auto* unknown = std::get_if<Unknown>(&result)) return std::unexpected(std::move(unknown->fault));
    if (auto* stopped = std::get_if<Stopped>(&result)) return std::unexpected(std::move(stopped->fault));
    return {};
  }

  std::expected<void, Fault> finish() override {
    if (auto synced = log_->sync(); !synced) return synced;
    if (auto flushed = views_->flush(); !flushed) return flushed;
    close();
    if (auto synced = sync_directory(places_.making); !synced) return synced;
    std::error_code error;
    std::filesystem::rename(places_.making, places_.place, error);
    if (error) return std::unexpected(io_fault("making", places_.place, error));
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
  if (!place.has_filename()) place = place.parent_path();  // it was written with a slash at its end
  std::filesystem::path making = place;
  making += ".new";
  return {std::move(place), std::move(making)};
}

std::expected<void, Fault> check_free(const std::filesystem::path& place) {
  std::error_code error;
  if (!std::filesystem::exists(place, error) && !error) return {};
  const bool is_empty = !error && std::filesystem::is_empty(place, error);
  if (error) return std::unexpected(io_fault("looking into", place, error));
  if (is_empty) return {};
  return std::unexpected(Fault{FaultKind::io, place.string() + " is not empty", {}});
}

/// What an earlier one left behind; the lock stays.
std::expected<void, Fault> clear(const std::filesystem::path& making) {
  for (const char* part : {"log", "log.new", "views"}) {
    std::error_code error;
    std::filesystem::remove_all(making / part, error);
    if (error) return std::unexpected(io_fault("removing", making / part, error));
  }
  return {};
}

/// Removes the directory at its end, unless it is kept.
class Making {
 public:
  explicit Making(std::filesystem::path dir) : dir_(std::move(dir)) {}
  ~Making() {
    std::error_code ignored;  // the next one removes what is left
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

std::expected<std::unique_ptr<NewStore>, Fault> make_store(const std::filesystem::path& dir,
                                                           const LedgerRecord& ledger,
                                                           const StoreOptions& options) {
  rocksdb::Env* const env = env_of(options.environment);
  return make_store_of(
      dir, [&](const std::filesystem::path& log) { return create_log_database(log, ledger, env); }, options);
}

std::expected<std::unique_ptr<NewStore>, Fault> make_store_of(const std::filesystem::path& dir,
                                                              const MakeLog& make_log,
                                                              const StoreOptions& options) {
  Places places = places_of(dir);
  if (auto free = check_free(places.place); !free) return std::unexpected(std::move(free.error()));
  if (auto made = make_private_directory(places.making); !made)
    return std::unexpected(std::move(made.error()));
  auto lock = DirectoryLock::take(places.making);
  if (!lock) return std::unexpected(std::move(lock.error()));
  if (auto cleared = clear(places.making); !cleared) return std::unexpected(std::move(cleared.error()));
  Making making(places.making);

  rocksdb::Env* const env = env_of(options.environment);
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  const std::filesystem::path log_dir = places.making / "log";
  if (auto made = make_log(log_dir); !made) return std::unexpected(std::move(made.error()));
  auto database = open_log_database(
      log_dir, {.buffer_bytes = options.log_buffer_bytes, .block_cache = cache, .env = env});
  if (!database) return std::unexpected(std::move(database.error()));
  auto log = RocksDbLog::over(std::move(*database), options.recent_commits_bytes);
  if (!log) return std::unexpected(std::move(log.error()));
  auto views = open_rocksdb_views({.dir = places.making / "views",
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
