#include "storage/rocksdb/engine.h"

#include <rocksdb/env.h>

#include "storage/rocksdb/backups.h"
#include "storage/rocksdb/new_store.h"
#include "storage/rocksdb/store.h"
#include "storage/rocksdb/views.h"

namespace stockfold {
namespace {

class RocksDbEngine final : public StorageEngine {
 public:
  explicit RocksDbEngine(rocksdb::Env& env) : env_(env) {}

  [[nodiscard]] Result<std::unique_ptr<Store>> open(const std::filesystem::path& dir,
                                                    const StoreOptions& options) const override {
    return open_rocksdb_store(dir, options, &env_);
  }

  [[nodiscard]] Result<std::unique_ptr<ReadOnlyStore>> open_read_only(
      const std::filesystem::path& dir) const override {
    return open_rocksdb_store_read_only(dir, &env_);
  }

  [[nodiscard]] Result<std::unique_ptr<NewStore>> make(const std::filesystem::path& dir,
                                                       const LedgerRecord& ledger,
                                                       const StoreOptions& options) const override {
    return make_rocksdb_store(dir, ledger, options, &env_);
  }

  [[nodiscard]] Result<std::unique_ptr<WritableBackups>> open_backups(
      const std::filesystem::path& dir) const override {
    return open_rocksdb_backups(dir);
  }

  [[nodiscard]] Result<std::unique_ptr<Backups>> open_backups_read_only(
      const std::filesystem::path& dir) const override {
    return open_rocksdb_backups_read_only(dir);
  }

  [[nodiscard]] Result<std::unique_ptr<ViewStore>> open_views(
      const std::filesystem::path& dir, const std::vector<std::string>& names) const override {
    return open_rocksdb_views({.dir = dir, .names = names, .block_cache = nullptr, .env = &env_});
  }

  [[nodiscard]] Result<bool> set_damaged_views_aside(const std::filesystem::path& dir) const override {
    return set_damaged_rocksdb_views_aside(dir, &env_);
  }

 private:
  rocksdb::Env& env_;
};

}  // namespace

const StorageEngine& rocksdb_engine() {
  static const RocksDbEngine engine(*rocksdb::Env::Default());
  return engine;
}

std::unique_ptr<const StorageEngine> rocksdb_engine_on(rocksdb::Env& environment) {
  return std::make_unique<RocksDbEngine>(environment);
}

}  // namespace stockfold
