#include "storage/rocksdb/views.h"

#include <rocksdb/db.h>
#include <rocksdb/perf_level.h>

#include <algorithm>
#include <cassert>
#include <mutex>
#include <system_error>
#include <utility>

#include "storage/rocksdb/checkpoint.h"
#include "storage/rocksdb/figures.h"
#include "storage/rocksdb/status.h"
#include "storage/rocksdb/view_families.h"
#include "storage/rocksdb/view_options.h"
#include "storage/views/checkpoint_codec.h"

namespace stockfold {
namespace {

// A column family holds rows under kRowPrefix + key and the checkpoint under "c", so no row can overwrite it.
constexpr std::string_view kRowsEnd = "s";
constexpr std::string_view kCheckpointKey = "c";

std::string row_key(std::string_view key) {
  std::string bytes;
  bytes.reserve(key.size() + 1);
  bytes.push_back(kRowPrefix);
  bytes.append(key);
  return bytes;
}

std::unexpected<Fault> failed(const rocksdb::Status& status, std::string_view doing, std::string_view view) {
  return std::unexpected(fault_of(status, std::string(doing) + " view " + std::string(view)));
}

Result<std::optional<std::string>> read(const ViewFamily& family, std::string_view key,
                                        const rocksdb::Snapshot* snapshot) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = family.db().Get(options, family.handle(), key, &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return failed(status, "reading", family.name());
  return value.ToString();
}

Result<ViewCheckpoint> read_checkpoint(const ViewFamily& family, const rocksdb::Snapshot* snapshot) {
  auto bytes = read(family, kCheckpointKey, snapshot);
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  if (!*bytes) return ViewCheckpoint{};
  const std::optional<ViewCheckpoint> checkpoint = decode_checkpoint(**bytes);
  if (checkpoint) return *checkpoint;
  return std::unexpected(corruption({}, "the checkpoint of view " + family.name() + " is damaged"));
}

class RocksDbRowCursor final : public RowCursor {
 public:
  RocksDbRowCursor(const ViewFamily& family, const rocksdb::Snapshot* snapshot) : family_(family) {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    options.iterate_lower_bound = &begin_;
    options.iterate_upper_bound = &end_;
    row_.reset(family.db().NewIterator(options, family.handle()));
  }

  [[nodiscard]] Result<bool> seek(std::string_view key) override {
    row_->Seek(row_key(key));
    return here();
  }
  [[nodiscard]] Result<bool> seek_back(std::string_view key) override {
    row_->SeekForPrev(row_key(key));
    return here();
  }
  [[nodiscard]] Result<bool> next() override {
    row_->Next();
    return here();
  }
  [[nodiscard]] Result<bool> previous() override {
    row_->Prev();
    return here();
  }
  [[nodiscard]] std::string_view key() const override { return row_->key().ToStringView().substr(1); }
  [[nodiscard]] std::string_view value() const override { return row_->value().ToStringView(); }

 private:
  [[nodiscard]] Result<bool> here() const {
    if (row_->Valid()) return true;
    if (!row_->status().ok()) return failed(row_->status(), "scanning", family_.name());
    return false;
  }

  const ViewFamily& family_;
  const rocksdb::Slice begin_{&kRowPrefix, 1};
  const rocksdb::Slice end_ = kRowsEnd;
  std::unique_ptr<rocksdb::Iterator> row_;
};

/// Where the checkpoint cannot be read: every move returns the fault.
class FaultyRowCursor final : public RowCursor {
 public:
  explicit FaultyRowCursor(Fault fault) : fault_(std::move(fault)) {}
  [[nodiscard]] Result<bool> seek(std::string_view /*key*/) override { return std::unexpected(fault_); }
  [[nodiscard]] Result<bool> seek_back(std::string_view /*key*/) override { return std::unexpected(fault_); }
  [[nodiscard]] Result<bool> next() override { return std::unexpected(fault_); }
  [[nodiscard]] Result<bool> previous() override { return std::unexpected(fault_); }
  [[nodiscard]] std::string_view key() const override { return {}; }
  [[nodiscard]] std::string_view value() const override { return {}; }

 private:
  const Fault fault_;
};

/// Keeps the family that it reads, even after another one has replaced it.
class RocksDbSnapshot final : public ViewSnapshot {
 public:
  explicit RocksDbSnapshot(std::shared_ptr<const ViewFamily> family)
      : family_(std::move(family)),
        snapshot_(&family_->db()),
        checkpoint_(read_checkpoint(*family_, snapshot_.snapshot())) {}

  /// A default one if it cannot be read; every read of a row then returns the fault.
  [[nodiscard]] const ViewCheckpoint& checkpoint() const override {
    static constexpr ViewCheckpoint kNone;
    return checkpoint_ ? *checkpoint_ : kNone;
  }

  [[nodiscard]] Result<std::optional<std::string>> get(std::string_view key) const override {
    if (!checkpoint_) return std::unexpected(checkpoint_.error());
    return read(*family_, row_key(key), snapshot_.snapshot());
  }

  [[nodiscard]] Result<void> scan(std::string_view from, const RowVisitor& visit) const override {
    if (!checkpoint_) return std::unexpected(checkpoint_.error());
    const rocksdb::Slice end = kRowsEnd;
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_.snapshot();
    options.iterate_upper_bound = &end;
    const std::unique_ptr<rocksdb::Iterator> row(family_->db().NewIterator(options, family_->handle()));
    for (row->Seek(row_key(from)); row->Valid(); row->Next()) {
      if (!visit(row->key().ToStringView().substr(1), row->value().ToStringView())) break;
    }
    if (!row->status().ok()) return failed(row->status(), "scanning", family_->name());
    return {};
  }

  [[nodiscard]] std::unique_ptr<RowCursor> rows() const override {
    if (!checkpoint_) return std::make_unique<FaultyRowCursor>(checkpoint_.error());
    return std::make_unique<RocksDbRowCursor>(*family_, snapshot_.snapshot());
  }

 private:
  const std::shared_ptr<const ViewFamily> family_;
  mutable rocksdb::ManagedSnapshot snapshot_;  // its getter is not const
  const Result<ViewCheckpoint> checkpoint_;
};

/// A snapshot and its database, which only it has open.
class SnapshotOfItsOwn final : public ViewSnapshot {
 public:
  SnapshotOfItsOwn(ViewDatabase database, std::shared_ptr<const ViewFamily> family)
      : database_(std::move(database)), snapshot_(std::make_unique<RocksDbSnapshot>(std::move(family))) {}

  [[nodiscard]] const ViewCheckpoint& checkpoint() const override { return snapshot_->checkpoint(); }
  [[nodiscard]] Result<std::optional<std::string>> get(std::string_view key) const override {
    return snapshot_->get(key);
  }
  [[nodiscard]] Result<void> scan(std::string_view from, const RowVisitor& visit) const override {
    return snapshot_->scan(from, visit);
  }
  [[nodiscard]] std::unique_ptr<RowCursor> rows() const override { return snapshot_->rows(); }

 private:
  ViewDatabase database_;  // closed last
  std::unique_ptr<RocksDbSnapshot> snapshot_;
};

class RocksDbView final : public View {
 public:
  static Result<std::unique_ptr<RocksDbView>> over(std::shared_ptr<ViewFamily> family) {
    auto checkpoint = read_checkpoint(*family, nullptr);
    if (!checkpoint) return std::unexpected(std::move(checkpoint.error()));
    return std::unique_ptr<RocksDbView>(new RocksDbView(std::move(family), *checkpoint));
  }

  [[nodiscard]] std::string_view name() const override { return name_; }

  [[nodiscard]] ViewCheckpoint checkpoint() const override {
    const std::lock_guard lock(mutex_);
    return checkpoint_;
  }

  [[nodiscard]] std::unique_ptr<ViewSnapshot> snapshot() const override {
    return std::make_unique<RocksDbSnapshot>(family());
  }

  [[nodiscard]] Result<std::optional<std::string>> get(std::string_view key) const override {
    return read(*family(), row_key(key), nullptr);
  }

  [[nodiscard]] Result<std::vector<std::optional<std::string>>> get(
      std::span<const std::string_view> keys) const override;

  Result<void> write(const RowChanges& changes, const ViewCheckpoint& checkpoint) override {
    rocksdb::SetPerfLevel(rocksdb::kDisable);  // counting every comparison is a twelfth of a write's time
    rocksdb::ColumnFamilyHandle* const handle = family()->handle();
    changes_.Clear();
    for (const auto& [key, value] : changes.all()) {
      assert(!key.empty() && key.size() <= kMaxRowKeyBytes);
      row_.assign(1, kRowPrefix).append(key);
      const rocksdb::Status added =
          value ? changes_.Put(handle, row_, *value) : changes_.Delete(handle, row_);
      if (!added.ok()) return failed(added, "writing", name());
    }
    const rocksdb::Status added = changes_.Put(handle, kCheckpointKey, encode(checkpoint));
    if (!added.ok()) return failed(added, "writing", name());
    return commit(changes_, checkpoint);
  }

  Result<void> clear() override {
    static_assert(kCheckpointKey.front() < kRowPrefix, "one range holds the checkpoint and every row");
    rocksdb::WriteBatch batch;
    const rocksdb::Status added = batch.DeleteRange(family()->handle(), kCheckpointKey, kRowsEnd);
    if (!added.ok()) return failed(added, "clearing", name());
    return commit(batch, {});
  }

  /// The column family of the view now. Readers share it.
  [[nodiscard]] std::shared_ptr<ViewFamily> family() const {
    const std::lock_guard lock(mutex_);
    return family_;
  }

  /// Takes the family of `other`. Returns the family that it had.
  std::shared_ptr<ViewFamily> become(const RocksDbView& other) {
    const std::lock_guard lock(mutex_);
    checkpoint_ = other.checkpoint();
    return std::exchange(family_, other.family());
  }

 private:
  RocksDbView(std::shared_ptr<ViewFamily> family, const ViewCheckpoint& checkpoint)
      : name_(FamilyName::parse(family->name()).view), family_(std::move(family)), checkpoint_(checkpoint) {}

  Result<void> commit(rocksdb::WriteBatch& batch, const ViewCheckpoint& checkpoint) {
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    const rocksdb::Status written = family()->db().Write(options, &batch);
    if (!written.ok()) return failed(written, "writing", name());
    const std::lock_guard lock(mutex_);
    checkpoint_ = checkpoint;
    return {};
  }

  const std::string name_;
  mutable std::mutex mutex_;
  std::shared_ptr<ViewFamily> family_;
  ViewCheckpoint checkpoint_;
  rocksdb::WriteBatch changes_;  ///< Of the last write; the next one reuses its memory.
  std::string row_;
};

Result<std::vector<std::optional<std::string>>> RocksDbView::get(
    std::span<const std::string_view> keys) const {
  std::size_t bytes = 0;
  for (const std::string_view key : keys) bytes += 1 + key.size();
  std::string row_keys;  // one after the other, in memory that does not move
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
  const std::shared_ptr<ViewFamily> family = this->family();
  family->db().MultiGet(rocksdb::ReadOptions(), family->handle(), slices.size(), slices.data(), values.data(),
                        statuses.data(), sorted);

  std::vector<std::optional<std::string>> rows(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    if (!statuses[i].ok()) return failed(statuses[i], "reading", name());
    rows[i] = values[i].ToString();
  }
  return rows;
}

class RocksDbViewStore final : public RocksDbViews {
 public:
  RocksDbViewStore(ViewDatabase database, RocksDbViewOptions options)
      : database_(std::move(database)), options_(std::move(options)) {}

  /// Opens a view, or makes it, and drops what an interrupted rebuild of it left.
  Result<void> add(const std::string& name, const std::map<std::string, std::string>& places) {
    const auto place = places.find(name);
    const std::string standing = place == places.end() ? name : place->second;
    std::vector<std::string> left_over;
    for (const auto& [family, handle] : database_.families) {
      if (family != standing && FamilyName::parse(family).view == name) left_over.push_back(family);
    }
    for (const std::string& family : left_over) {
      if (auto dropped = drop(*database_.families.at(family)); !dropped) return dropped;
      database_.families.erase(family);
    }
    if (!database_.families.contains(standing)) {
      auto made = make_family(standing);
      if (!made) return std::unexpected(std::move(made.error()));
      database_.families.emplace(standing, std::move(*made));
    }
    auto view = RocksDbView::over(std::move(database_.families.extract(standing).mapped()));
    if (!view) return std::unexpected(std::move(view.error()));
    views_.emplace(name, std::move(*view));
    return {};
  }

  [[nodiscard]] View& view(std::string_view name) override { return view_of(name); }

  Result<View*> make_shadow(std::string_view name) override {
    if (auto dropped = drop_shadow(name); !dropped) return std::unexpected(std::move(dropped.error()));
    auto family = make_family(FamilyName::parse(view_of(name).family()->name()).next().str());
    if (!family) return std::unexpected(std::move(family.error()));
    auto shadow = RocksDbView::over(std::move(*family));
    if (!shadow) return std::unexpected(std::move(shadow.error()));
    const std::lock_guard lock(mutex_);
    return shadows_.insert_or_assign(std::string(name), std::move(*shadow)).first->second.get();
  }

  Result<void> replace_by_shadow(std::string_view name) override {
    const std::unique_ptr<RocksDbView> shadow = take_shadow(name);
    assert(shadow != nullptr);
    const std::shared_ptr<ViewFamily> family = shadow->family();
    if (auto flushed = flush(*family, /*wait=*/true); !flushed) return flushed;
    if (auto placed = write_place(database_, name, family->name()); !placed) return placed;
    return drop(*view_of(name).become(*shadow));
  }

  Result<void> drop_shadow(std::string_view name) override {
    const std::unique_ptr<RocksDbView> shadow = take_shadow(name);
    return shadow == nullptr ? Result<void>() : drop(*shadow->family());
  }

  Result<void> flush() override { return flush_all(/*wait=*/true); }
  Result<void> begin_flush() override { return flush_all(/*wait=*/false); }

  [[nodiscard]] DatabaseFigures figures() const override {
    const auto families = open_families();
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    handles.reserve(families.size());
    for (const auto& family : families) handles.push_back(family->handle());
    return figures_of(*database_.db, handles);
  }

  [[nodiscard]] Result<void> checkpoint(const std::filesystem::path& dir) const override {
    return checkpoint_database(*database_.db, dir);
  }

 private:
  [[nodiscard]] RocksDbView& view_of(std::string_view name) const {
    const auto found = views_.find(name);
    assert(found != views_.end());
    return *found->second;
  }

  std::unique_ptr<RocksDbView> take_shadow(std::string_view name) {
    const std::lock_guard lock(mutex_);
    const auto found = shadows_.find(name);
    if (found == shadows_.end()) return nullptr;
    return std::move(shadows_.extract(found).mapped());
  }

  Result<std::shared_ptr<ViewFamily>> make_family(const std::string& name) {
    const std::string view = FamilyName::parse(name).view;
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    const rocksdb::Status made = database_.db->CreateColumnFamily(
        view_options(view, options_.buffer_bytes, options_.block_cache), name, &handle);
    if (!made.ok()) return failed(made, "making", name);
    return std::make_shared<ViewFamily>(*database_.db, handle);
  }

  /// Its files are removed when its last reader has released it.
  [[nodiscard]] Result<void> drop(const ViewFamily& family) const {
    const rocksdb::Status dropped = database_.db->DropColumnFamily(family.handle());
    if (!dropped.ok()) return failed(dropped, "dropping", family.name());
    return {};
  }

  [[nodiscard]] Result<void> flush(const ViewFamily& family, bool wait) const {
    rocksdb::FlushOptions options;
    options.wait = wait;
    options.allow_write_stall = true;  // otherwise it waits until a flush cannot stall a write
    const rocksdb::Status status = database_.db->Flush(options, family.handle());
    if (!status.ok() && !status.IsColumnFamilyDropped()) return failed(status, "flushing", family.name());
    return {};
  }

  /// Of views and shadows.
  [[nodiscard]] std::vector<std::shared_ptr<ViewFamily>> open_families() const {
    std::vector<std::shared_ptr<ViewFamily>> families;
    const std::lock_guard lock(mutex_);
    families.reserve(views_.size() + shadows_.size());
    for (const auto& [name, view] : views_) families.push_back(view->family());
    for (const auto& [name, shadow] : shadows_) families.push_back(shadow->family());
    return families;
  }

  [[nodiscard]] Result<void> flush_all(bool wait) const {
    for (const auto& family : open_families()) {
      if (auto flushed = flush(*family, wait); !flushed) return flushed;
    }
    return {};
  }

  ViewDatabase database_;  ///< Its families are those that belong to no view.
  const RocksDbViewOptions options_;
  std::map<std::string, std::unique_ptr<RocksDbView>, std::less<>> views_;
  mutable std::mutex mutex_;  ///< Of shadows_: they are made and dropped while other threads flush.
  std::map<std::string, std::unique_ptr<RocksDbView>, std::less<>> shadows_;
};

}  // namespace

Result<std::unique_ptr<RocksDbViews>> open_rocksdb_views(const RocksDbViewOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(options.dir, error);
  if (error)
    return std::unexpected(
        Fault{FaultKind::io, "making " + options.dir.string() + ": " + error.message(), {}});

  auto database = open_view_database(options.dir, ViewAccess::read_write, options.buffer_bytes,
                                     options.block_cache, options.env);
  if (!database) return std::unexpected(std::move(database.error()));
  auto places = read_places(**database);
  if (!places) return std::unexpected(std::move(places.error()));
  auto store = std::make_unique<RocksDbViewStore>(std::move(**database), options);
  for (const std::string& name : options.names) {
    if (auto added = store->add(name, *places); !added) return std::unexpected(std::move(added.error()));
  }
  return store;
}

// A read-only open writes nothing.
constexpr std::size_t kLookBufferBytes = 1U << 20;

Result<std::unique_ptr<ViewSnapshot>> read_rocksdb_view(const std::filesystem::path& dir,
                                                        std::string_view name) {
  auto database =
      open_view_database(dir, ViewAccess::read_only, kLookBufferBytes, nullptr, rocksdb::Env::Default());
  if (!database) return std::unexpected(std::move(database.error()));
  if (!*database) return nullptr;
  auto places = read_places(**database);
  if (!places) return std::unexpected(std::move(places.error()));
  const auto place = places->find(std::string(name));
  const auto family = (*database)->families.find(place == places->end() ? name : place->second);
  if (family == (*database)->families.end()) return nullptr;
  std::shared_ptr<ViewFamily> opened = family->second;
  return std::make_unique<SnapshotOfItsOwn>(std::move(**database), std::move(opened));
}

Result<std::map<std::string, ViewCheckpoint>> read_durable_checkpoints(const std::filesystem::path& dir,
                                                                       rocksdb::Env* env) {
  auto database = open_view_database(dir, ViewAccess::read_only, kLookBufferBytes, nullptr, env);
  if (!database) return std::unexpected(std::move(database.error()));
  if (!*database) return std::map<std::string, ViewCheckpoint>{};
  auto places = read_places(**database);
  if (!places) return std::unexpected(std::move(places.error()));

  std::map<std::string, ViewCheckpoint> checkpoints;
  for (const auto& [name, family] : (*database)->families) {
    const std::string view = FamilyName::parse(name).view;
    const auto place = places->find(view);
    if (name != (place == places->end() ? view : place->second)) continue;  // an unfinished shadow
    auto checkpoint = read_checkpoint(*family, nullptr);
    if (!checkpoint) return std::unexpected(std::move(checkpoint.error()));
    if (*checkpoint != ViewCheckpoint{}) checkpoints.emplace(view, *checkpoint);
  }
  return checkpoints;
}

}  // namespace stockfold
