#include "storage/rocksdb_views.h"

#include <rocksdb/db.h>
#include <rocksdb/perf_level.h>

#include <algorithm>
#include <cassert>
#include <mutex>
#include <system_error>

#include "storage/checkpoint_codec.h"
#include "storage/rocksdb_status.h"
#include "storage/rocksdb_view_options.h"

namespace stockfold {
namespace {

// A column family holds rows under kRowPrefix + key and the checkpoint under "c", so that no row can take its
// place.
constexpr std::string_view kRowsEnd = "s";
constexpr std::string_view kCheckpointKey = "c";

std::string row_key(std::string_view key) {
  std::string bytes;
  bytes.reserve(key.size() + 1);
  bytes.push_back(kRowPrefix);
  bytes.append(key);
  return bytes;
}

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

std::unexpected<Fault> failed(const rocksdb::Status& status, std::string_view doing, std::string_view view) {
  return std::unexpected(fault_of(status, std::string(doing) + " view " + std::string(view)));
}

/// A column family that has a name, for messages.
struct Family {
  rocksdb::DB* db;
  rocksdb::ColumnFamilyHandle* handle;
  std::string_view name;
};

std::expected<std::optional<std::string>, Fault> read(const Family& family, std::string_view key,
                                                      const rocksdb::Snapshot* snapshot) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = family.db->Get(options, family.handle, slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return failed(status, "reading", family.name);
  return value.ToString();
}

std::expected<ViewCheckpoint, Fault> read_checkpoint(const Family& family,
                                                     const rocksdb::Snapshot* snapshot) {
  const auto bytes = read(family, kCheckpointKey, snapshot);
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return ViewCheckpoint{};
  const std::optional<ViewCheckpoint> checkpoint = decode_checkpoint(**bytes);
  if (checkpoint) return *checkpoint;
  return std::unexpected(
      corruption({}, "the checkpoint of view " + std::string(family.name) + " is damaged"));
}

class RocksDbSnapshot final : public ViewSnapshot {
 public:
  explicit RocksDbSnapshot(const Family& family)
      : family_(family), snapshot_(family.db), checkpoint_(read_checkpoint(family, snapshot_.snapshot())) {}

  /// Default-made where it cannot be read; every read of a row then says so.
  [[nodiscard]] const ViewCheckpoint& checkpoint() const override {
    static constexpr ViewCheckpoint kNone;
    return checkpoint_ ? *checkpoint_ : kNone;
  }

  [[nodiscard]] std::expected<std::optional<std::string>, Fault> get(std::string_view key) const override {
    if (!checkpoint_) return std::unexpected(checkpoint_.error());
    return read(family_, row_key(key), snapshot_.snapshot());
  }

  [[nodiscard]] std::expected<void, Fault> scan(std::string_view from,
                                                const RowVisitor& visit) const override {
    if (!checkpoint_) return std::unexpected(checkpoint_.error());
    const rocksdb::Slice end = slice(kRowsEnd);
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_.snapshot();
    options.iterate_upper_bound = &end;
    const std::unique_ptr<rocksdb::Iterator> row(family_.db->NewIterator(options, family_.handle));
    for (row->Seek(row_key(from)); row->Valid(); row->Next()) {
      if (!visit(row->key().ToStringView().substr(1), row->value().ToStringView())) break;
    }
    if (!row->status().ok()) return failed(row->status(), "scanning", family_.name);
    return {};
  }

 private:
  const Family family_;
  mutable rocksdb::ManagedSnapshot snapshot_;  // its getter is not const
  const std::expected<ViewCheckpoint, Fault> checkpoint_;
};

class RocksDbView final : public View {
 public:
  RocksDbView(const Family& family, const ViewCheckpoint& checkpoint)
      : family_(family), checkpoint_(checkpoint) {}

  [[nodiscard]] std::string_view name() const override { return family_.name; }

  [[nodiscard]] ViewCheckpoint checkpoint() const override {
    const std::lock_guard lock(mutex_);
    return checkpoint_;
  }

  [[nodiscard]] std::unique_ptr<ViewSnapshot> snapshot() const override {
    return std::make_unique<RocksDbSnapshot>(family_);
  }

  [[nodiscard]] std::expected<std::optional<std::string>, Fault> get(std::string_view key) const override {
    return read(family_, row_key(key), nullptr);
  }

  [[nodiscard]] std::expected<std::vector<std::optional<std::string>>, Fault> get(
      std::span<const std::string_view> keys) const override;

  std::expected<void, Fault> write(const RowChanges& changes, const ViewCheckpoint& checkpoint) override {
    rocksdb::SetPerfLevel(rocksdb::kDisable);  // counting every comparison is a twelfth of a write's time
    changes_.Clear();
    for (const auto& [key, value] : changes.all()) {
      assert(!key.empty() && key.size() <= 256);
      row_.assign(1, kRowPrefix).append(key);
      const rocksdb::Status added =
          value ? changes_.Put(family_.handle, row_, slice(*value)) : changes_.Delete(family_.handle, row_);
      if (!added.ok()) return failed(added, "writing", name());
    }
    const rocksdb::Status added = changes_.Put(family_.handle, slice(kCheckpointKey), encode(checkpoint));
    if (!added.ok()) return failed(added, "writing", name());
    return commit(changes_, checkpoint);
  }

  std::expected<void, Fault> clear() override {
    static_assert(kCheckpointKey.front() < kRowPrefix, "one range holds the checkpoint and every row");
    rocksdb::WriteBatch batch;
    const rocksdb::Status added = batch.DeleteRange(family_.handle, slice(kCheckpointKey), slice(kRowsEnd));
    if (!added.ok()) return failed(added, "clearing", name());
    return commit(batch, {});
  }

 private:
  std::expected<void, Fault> commit(rocksdb::WriteBatch& batch, const ViewCheckpoint& checkpoint) {
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    const rocksdb::Status written = family_.db->Write(options, &batch);
    if (!written.ok()) return failed(written, "writing", name());
    const std::lock_guard lock(mutex_);
    checkpoint_ = checkpoint;
    return {};
  }

  const Family family_;
  mutable std::mutex mutex_;
  ViewCheckpoint checkpoint_;
  rocksdb::WriteBatch changes_;  ///< Of the last write; its memory serves the next.
  std::string row_;
};

std::expected<std::vector<std::optional<std::string>>, Fault> RocksDbView::get(
    std::span<const std::string_view> keys) const {
  std::size_t bytes = 0;
  for (const std::string_view key : keys) bytes += 1 + key.size();
  std::string row_keys;  // side by side, in memory that does not move
  row_keys.reserve(bytes);
  std::vector<rocksdb::Slice> slices;
  slices.reserve(keys.size());
  for (const std::string_view key : keys) {
    slices.emplace_back(row_keys.data() + row_keys.size(), 1 + key.size());
    row_keys.push_back(kRowPrefix);
    row_keys.append(key);
  }
  const bool sorted = std::ranges::is_sorted(keys);  // then RocksDB need not sort them
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  family_.db->MultiGet(rocksdb::ReadOptions(), family_.handle, slices.size(), slices.data(), values.data(),
                       statuses.data(), sorted);

  std::vector<std::optional<std::string>> rows(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    if (!statuses[i].ok()) return failed(statuses[i], "reading", name());
    rows[i] = values[i].ToString();
  }
  return rows;
}

/// A database and its column families; closed with them.
struct Database {
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;

  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
  }
};

class RocksDbViewStore final : public ViewStore {
 public:
  explicit RocksDbViewStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  std::expected<void, Fault> add(rocksdb::ColumnFamilyHandle* handle) {
    const auto [place, added] = views_.try_emplace(handle->GetName());
    assert(added);
    const Family family{database_->db.get(), handle, place->first};
    const auto checkpoint = read_checkpoint(family, nullptr);
    if (!checkpoint) return std::unexpected(checkpoint.error());
    place->second = std::make_unique<RocksDbView>(family, *checkpoint);
    handles_.push_back(handle);
    return {};
  }

  [[nodiscard]] View& view(std::string_view name) override {
    const auto found = views_.find(name);
    assert(found != views_.end());
    return *found->second;
  }

  std::expected<void, Fault> flush() override { return flush(/*wait=*/true); }
  std::expected<void, Fault> begin_flush() override { return flush(/*wait=*/false); }

 private:
  std::expected<void, Fault> flush(bool wait) {
    rocksdb::FlushOptions options;
    options.wait = wait;
    options.allow_write_stall = true;  // else it waits until a flush could not stall anybody
    const rocksdb::Status status = database_->db->Flush(options, handles_);
    if (!status.ok()) return std::unexpected(fault_of(status, "flushing views"));
    return {};
  }

  std::unique_ptr<Database> database_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::map<std::string, std::unique_ptr<RocksDbView>, std::less<>> views_;
};

/// Rows without the file that leads to them are damage, not a database that is yet to be made.
std::expected<bool, Fault> database_exists(const std::filesystem::path& dir) {
  std::error_code error;
  if (std::filesystem::exists(dir / "CURRENT", error)) return true;
  if (std::filesystem::exists(dir, error)) {
    for (std::filesystem::directory_iterator file(dir, error), end; !error && file != end;
         file.increment(error)) {
      if (file->path().extension() != ".sst") continue;
      return std::unexpected(corruption({}, "views in " + dir.string() + " have lost their file CURRENT"));
    }
  }
  if (error)
    return std::unexpected(Fault{FaultKind::io, "looking into " + dir.string() + ": " + error.message(), {}});
  return false;
}

std::expected<std::vector<std::string>, Fault> families_on_disk(const std::filesystem::path& dir) {
  std::vector<std::string> names;
  const rocksdb::Status status = rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), dir.string(), &names);
  if (!status.ok()) return std::unexpected(fault_of(status, "listing the views in " + dir.string()));
  return names;
}

std::vector<rocksdb::ColumnFamilyDescriptor> descriptors(std::vector<std::string> names,
                                                         std::size_t buffer_bytes,
                                                         const std::shared_ptr<rocksdb::Cache>& block_cache) {
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.reserve(names.size());
  for (const std::string& name : names) {
    families.emplace_back(name, view_options(name, buffer_bytes, block_cache));
  }
  return families;
}

}  // namespace

std::expected<std::unique_ptr<ViewStore>, Fault> open_rocksdb_views(const RocksDbViewOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(options.dir, error);
  if (error)
    return std::unexpected(
        Fault{FaultKind::io, "making " + options.dir.string() + ": " + error.message(), {}});

  std::vector<std::string> names = options.names;
  names.push_back(rocksdb::kDefaultColumnFamilyName);
  const auto exists = database_exists(options.dir);
  if (!exists) return std::unexpected(exists.error());
  if (*exists) {  // RocksDB demands that every column family is opened
    const auto on_disk = families_on_disk(options.dir);
    if (!on_disk) return std::unexpected(on_disk.error());
    names.insert(names.end(), on_disk->begin(), on_disk->end());
  }

  auto database = std::make_unique<Database>();
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(
      view_database_options(), options.dir.string(),
      descriptors(std::move(names), options.buffer_bytes, options.block_cache), &database->handles, &db);
  if (!status.ok()) return std::unexpected(fault_of(status, "opening the views in " + options.dir.string()));
  database->db.reset(db);

  const std::vector<rocksdb::ColumnFamilyHandle*> handles = database->handles;
  auto store = std::make_unique<RocksDbViewStore>(std::move(database));
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    if (std::ranges::find(options.names, handle->GetName()) == options.names.end()) continue;
    if (const auto added = store->add(handle); !added) return std::unexpected(added.error());
  }
  return store;
}

// Whoever only looks writes nothing.
constexpr std::size_t kLookBufferBytes = 1U << 20;

std::expected<std::map<std::string, ViewCheckpoint>, Fault> read_durable_checkpoints(
    const std::filesystem::path& dir) {
  const auto exists = database_exists(dir);
  if (!exists) return std::unexpected(exists.error());
  if (!*exists) return std::map<std::string, ViewCheckpoint>{};
  const auto names = families_on_disk(dir);
  if (!names) return std::unexpected(names.error());

  const rocksdb::DBOptions options = view_database_options();
  Database database;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(
      options, dir.string(), descriptors(*names, kLookBufferBytes, nullptr), &database.handles, &db);
  if (!status.ok()) return std::unexpected(fault_of(status, "reading the views in " + dir.string()));
  database.db.reset(db);

  std::map<std::string, ViewCheckpoint> checkpoints;
  for (rocksdb::ColumnFamilyHandle* handle : database.handles) {
    const std::string name = handle->GetName();
    const auto checkpoint = read_checkpoint({db, handle, name}, nullptr);
    if (!checkpoint) return std::unexpected(checkpoint.error());
    if (*checkpoint != ViewCheckpoint{}) checkpoints.emplace(name, *checkpoint);
  }
  return checkpoints;
}

}  // namespace stockfold
