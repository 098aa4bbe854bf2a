#include "storage/rocksdb/backups.h"

#include <rocksdb/utilities/backup_engine.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "storage/codec/wall_clock.h"
#include "storage/files/directory_lock.h"
#include "storage/files/durable_directory.h"
#include "storage/rocksdb/backup_meta.h"
#include "storage/rocksdb/backup_size.h"
#include "storage/rocksdb/log.h"
#include "storage/rocksdb/log_database.h"
#include "storage/rocksdb/new_store.h"
#include "storage/rocksdb/status.h"
#include "storage/rocksdb/tables.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

/// The prefix of a directory in which the log to be copied is opened. Behind it stands the number of the last
/// backup before the new one. While the directory exists, all later backups are unfinished.
constexpr std::string_view kMakingPrefix = "making-after-";

constexpr BackupNumber kEveryBackup = std::numeric_limits<BackupNumber>::max();

rocksdb::BackupEngineOptions engine_options(const fs::path& dir) {
  rocksdb::BackupEngineOptions options(dir.string());
  options.share_table_files = true;  // named by the session that wrote them, so one name has one content
  options.sync = true;
  return options;
}

/// A missing file is corruption, like a changed one.
Fault fault_of_files(const rocksdb::Status& status, const std::string& doing) {
  Fault fault = fault_of(status, doing);
  if (status.IsNotFound()) fault.kind = FaultKind::corruption;
  return fault;
}

std::string backup_text(BackupNumber number) { return "backup " + std::to_string(number); }

/// The last finished backup, if one is being made; otherwise empty.
Result<std::optional<BackupNumber>> last_finished(const fs::path& dir) {
  std::optional<BackupNumber> last;
  std::error_code error;
  for (fs::directory_iterator entry(dir, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(kMakingPrefix)) continue;
    const std::string_view digits = std::string_view(name).substr(kMakingPrefix.size());
    BackupNumber number = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (parsed.ec == std::errc{}) last = std::min(last.value_or(number), number);
  }
  if (error) return std::unexpected(io_fault("looking into", dir, error));
  return last;
}

std::uint64_t bytes_in(const fs::path& dir) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    const auto size = entry->is_regular_file(gone) ? entry->file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

/// Makes `to` a database that can be opened to write while no byte of `from` changes. Tables never change, so
/// `to` links to them; the rest is copied. RocksDB removes only the links, and never reuses the number of a
/// table.
Result<void> stand_in_for(const fs::path& from, const fs::path& to) {
  if (auto made = make_directory(to); !made) return made;
  std::error_code error;
  for (fs::directory_iterator entry(from, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path& file = entry->path();
    const std::string name = file.filename().string();
    if (file.extension() == ".sst") {
      fs::create_symlink(fs::absolute(file), to / name, error);
    } else if (file.extension() == ".log" || name == "CURRENT" || name == "IDENTITY" ||
               name.starts_with("MANIFEST-")) {
      fs::copy_file(file, to / name, error);
    }
    if (error) return std::unexpected(io_fault("copying", file, error));
  }
  if (error) return std::unexpected(io_fault("looking into", from, error));
  return {};
}

/// Checks that `log` continues the log of `newest`.
Result<void> check_continues(const EventLog& log, const Backup& newest, const fs::path& dir) {
  const Head head = log.head();
  const Head& before = newest.record.head;
  const auto refuse = [&](const std::string& what) {
    return std::unexpected(
        Fault{FaultKind::io, dir.string() + " has the backups of another log: " + what, {}});
  };
  if (before.ledger != head.ledger) {
    return refuse("they are of the ledger " + to_uuid(before.ledger.bytes) + ", and this is " +
                  to_uuid(head.ledger.bytes));
  }
  const std::string end = backup_text(newest.number) + " ends at position " +
                          std::to_string(before.position.value()) + " in epoch " +
                          std::to_string(before.epoch.value());
  if (before.epoch > head.epoch || before.position > head.position) {
    return refuse(end + ", and this log at " + std::to_string(head.position.value()) + " in epoch " +
                  std::to_string(head.epoch.value()));
  }
  if (before.position == GlobalPosition(0)) return {};
  auto commit = log.read(before.position)->next();
  if (!commit) return std::unexpected(std::move(commit.error()));
  const bool is_there =
      *commit != nullptr && (*commit)->last() == before.position && (*commit)->hash == before.hash;
  return is_there ? Result<void>() : refuse(end + ", with a commit that this log does not have");
}

Result<Backup> backup_of(const rocksdb::BackupInfo& info) {
  auto record = decode_backup_record(info.app_metadata);
  if (!record) {
    record.error().what = backup_text(info.backup_id) + ": " + record.error().what;
    return std::unexpected(std::move(record.error()));
  }
  return Backup{.number = info.backup_id, .record = *record, .bytes = info.size};
}

/// A backup engine, and the backups that are hidden from it.
template <class Engine>
struct OpenEngine {
  std::unique_ptr<rocksdb::Env> environment;  ///< Null: the machine's. Outlives the engine.
  std::unique_ptr<Engine> engine;
  std::map<BackupNumber, Fault> unsealed;
};

/// The verbs that change no backup.
template <class Port, class Engine>
class RocksDbBackups : public Port {
 public:
  RocksDbBackups(DirectoryLock lock, fs::path dir, OpenEngine<Engine> opened)
      : lock_(std::move(lock)), dir_(std::move(dir)), opened_(std::move(opened)) {}

  [[nodiscard]] std::vector<ListedBackup> list() const override {
    std::vector<ListedBackup> all = list_all();
    const auto last = last_finished(dir_);
    if (last && *last) std::erase_if(all, [&](const ListedBackup& listed) { return listed.number > **last; });
    return all;
  }

  [[nodiscard]] Result<std::unique_ptr<const EventLog>> open(BackupNumber number) const override {
    rocksdb::BackupInfo info;
    const rocksdb::Status found = engine().GetBackupInfo(number, &info, true);
    if (!found.ok()) return std::unexpected(fault_of_files(found, backup_text(number)));
    auto backup = backup_of(info);
    if (!backup) return std::unexpected(std::move(backup.error()));
    const rocksdb::Status whole = engine().VerifyBackup(number, true);
    if (!whole.ok()) return std::unexpected(fault_of_files(whole, backup_text(number)));
    for (const rocksdb::BackupFileInfo& file : info.file_details) {
      if (!file.relative_filename.ends_with(".sst")) continue;
      if (auto checked = check_table(dir_ / file.relative_filename); !checked)
        return std::unexpected(std::move(checked.error()));
    }
    auto database =
        open_log_database_read_only(info.name_for_open, DamagedRecords::refuse, info.env_for_open.get());
    if (!database) return std::unexpected(std::move(database.error()));
    auto log = RocksDbLog::open(std::move(*database), 0);
    if (!log) return std::unexpected(std::move(log.error()));
    if ((*log)->head() != backup->record.head) {
      return std::unexpected(
          corruption((*log)->head().position, backup_text(number) + " does not end where its record says"));
    }
    return std::move(*log);
  }

  [[nodiscard]] Result<std::unique_ptr<NewStore>> restore(BackupNumber number, const fs::path& dir,
                                                          const StoreOptions& options,
                                                          Epoch epoch) const override {
    rocksdb::BackupInfo info;
    const rocksdb::Status found = engine().GetBackupInfo(number, &info, false);
    if (!found.ok()) return std::unexpected(fault_of_files(found, backup_text(number)));
    auto backup = backup_of(info);
    if (!backup) return std::unexpected(std::move(backup.error()));
    const auto make_log = [&](const fs::path& log) -> Result<void> {
      const rocksdb::Status restored =
          engine().RestoreDBFromBackup(rocksdb::RestoreOptions(), number, log.string(), log.string());
      if (!restored.ok()) return std::unexpected(fault_of_files(restored, backup_text(number)));
      if (auto look = open_log_database_read_only(log, DamagedRecords::refuse); !look)
        return std::unexpected(std::move(look.error()));
      return raise_epoch(log, backup->record.head.epoch, epoch);
    };
    return make_rocksdb_store_of(dir, make_log, options, rocksdb::Env::Default());
  }

 protected:
  [[nodiscard]] const fs::path& dir() const { return dir_; }
  [[nodiscard]] Engine& engine() const { return *opened_.engine; }

  /// Including unfinished ones.
  [[nodiscard]] std::vector<ListedBackup> list_all() const {
    std::vector<rocksdb::BackupInfo> whole;
    engine().GetBackupInfo(&whole);
    std::vector<ListedBackup> all;
    all.reserve(whole.size());
    for (const rocksdb::BackupInfo& info : whole) all.push_back({info.backup_id, backup_of(info)});
    std::vector<rocksdb::BackupID> damaged;
    engine().GetCorruptedBackups(&damaged);
    for (const rocksdb::BackupID number : damaged) {
      rocksdb::BackupInfo info;
      const rocksdb::Status why = engine().GetBackupInfo(number, &info);
      all.push_back({number, std::unexpected(corruption({}, backup_text(number) + ": " + why.ToString()))});
    }
    for (const auto& [number, fault] : opened_.unsealed) all.push_back({number, std::unexpected(fault)});
    std::ranges::sort(all, {}, &ListedBackup::number);
    return all;
  }

 private:
  DirectoryLock lock_;
  const fs::path dir_;
  OpenEngine<Engine> opened_;
};

class RocksDbWritableBackups final : public RocksDbBackups<WritableBackups, rocksdb::BackupEngine> {
 public:
  using RocksDbBackups::RocksDbBackups;

  Result<std::unique_ptr<NewBackup>> add(const ReadOnlyStore& store, const fs::path& data,
                                         const BytesCopied& copied) override;

  [[nodiscard]] Result<std::uint64_t> most_new_bytes(const fs::path& data) const override {
    return most_bytes_to_copy(data / "log", dir());
  }

  Result<std::size_t> keep_newest(std::size_t count) override {
    const std::vector<ListedBackup> all = list();
    auto oldest = all.end();
    for (std::size_t kept = 0; oldest != all.begin() && kept < count;) {
      --oldest;
      kept += oldest->backup ? 1U : 0U;
    }
    std::size_t removed = 0;
    for (auto listed = all.begin(); listed != oldest;
         ++listed, ++removed) {  // oldest first, so that a kill leaves no gap
      if (auto gone = remove(listed->number); !gone) return std::unexpected(std::move(gone.error()));
    }
    return removed;
  }

  [[nodiscard]] const fs::path& place() const { return dir(); }

  /// Removes unfinished backups.
  Result<void> tidy() {
    for (;;) {
      auto last = last_finished(dir());
      if (!last) return std::unexpected(std::move(last.error()));
      if (!*last) return {};
      // The seals first: a seal without its backup would look like a lost backup.
      if (auto unsealed = unseal_backups_after(dir(), **last); !unsealed) return unsealed;
      for (const ListedBackup& listed : list_all()) {
        if (listed.number <= **last) continue;
        if (auto gone = remove(listed.number); !gone) return gone;
      }
      const rocksdb::Status collected = engine().GarbageCollect();
      if (!collected.ok()) return std::unexpected(fault_of(collected, "tidying up " + dir().string()));
      if (auto finished = finish(**last); !finished) return finished;
    }
  }

  /// From now on all backups in the directory are finished.
  Result<void> finish(BackupNumber last) {
    const fs::path making = making_after(last);
    std::error_code error;
    fs::remove_all(making, error);
    if (error) return std::unexpected(io_fault("removing", making, error));
    return sync_directory(dir());
  }

 private:
  [[nodiscard]] fs::path making_after(BackupNumber last) const {
    return dir() / (std::string(kMakingPrefix) + std::to_string(last));
  }

  Result<void> remove(BackupNumber number) {
    const rocksdb::Status gone = engine().DeleteBackup(number);
    if (!gone.ok()) return std::unexpected(fault_of(gone, "removing " + backup_text(number)));
    return unseal_backup(dir(), number);
  }

  Result<Backup> copy(const fs::path& log, DamagedRecords damaged, const BackupRecord& record,
                      const BytesCopied& copied);
};

class RocksDbNewBackup final : public NewBackup {
 public:
  RocksDbNewBackup(RocksDbWritableBackups& backups, BackupNumber last, const Backup& backup,
                   std::uint64_t new_bytes)
      : backups_(backups), last_(last), backup_(backup), new_bytes_(new_bytes) {}
  ~RocksDbNewBackup() override {
    if (!kept_) static_cast<void>(backups_.tidy());  // the next open removes what is left
  }
  RocksDbNewBackup(const RocksDbNewBackup&) = delete;
  RocksDbNewBackup& operator=(const RocksDbNewBackup&) = delete;

  [[nodiscard]] const Backup& backup() const override { return backup_; }
  [[nodiscard]] std::uint64_t new_bytes() const override { return new_bytes_; }
  Result<void> keep() override {
    if (auto sealed = seal_backup(backups_.place(), backup_.number); !sealed) return sealed;
    auto finished = backups_.finish(last_);
    kept_ = finished.has_value();
    return finished;
  }

 private:
  RocksDbWritableBackups& backups_;
  const BackupNumber last_;
  const Backup backup_;
  const std::uint64_t new_bytes_;
  bool kept_ = false;
};

Result<Backup> RocksDbWritableBackups::copy(const fs::path& log, DamagedRecords damaged,
                                            const BackupRecord& record, const BytesCopied& copied) {
  auto database = open_log_database(log, {.block_cache = nullptr}, damaged);
  if (!database) return std::unexpected(std::move(database.error()));
  rocksdb::CreateBackupOptions options;
  options.decrease_background_thread_cpu_priority = true;  // a ledger may be serving on this machine
  options.background_thread_cpu_priority = rocksdb::CpuPriority::kLow;
  std::uint64_t bytes = 0;
  const std::uint64_t interval = engine_options(dir()).callback_trigger_interval_size;
  bool stopped = false;
  options.progress_callback = [&] {
    if (copied(bytes += interval)) return;
    stopped = true;
    engine().StopBackup();
  };
  rocksdb::BackupID number = 0;
  const rocksdb::Status made =
      engine().CreateNewBackupWithMetadata(options, database->db.get(), encode(record), &number);
  if (stopped) {
    return std::unexpected(
        Fault{FaultKind::io, "making a backup in " + dir().string() + ": it was stopped", {}});
  }
  if (!made.ok()) return std::unexpected(fault_of(made, "making a backup in " + dir().string()));
  rocksdb::BackupInfo info;
  const rocksdb::Status found = engine().GetBackupInfo(number, &info);
  if (!found.ok()) return std::unexpected(fault_of_files(found, backup_text(number)));
  return Backup{.number = number, .record = record, .bytes = info.size};
}

Result<std::unique_ptr<NewBackup>> RocksDbWritableBackups::add(const ReadOnlyStore& store,
                                                               const fs::path& data,
                                                               const BytesCopied& copied) {
  const std::vector<ListedBackup> all = list();
  const auto newest = std::ranges::find_if(
      all.rbegin(), all.rend(), [](const ListedBackup& listed) { return listed.backup.has_value(); });
  if (newest != all.rend()) {
    if (auto continues = check_continues(store.log(), *newest->backup, dir()); !continues)
      return std::unexpected(std::move(continues.error()));
  }

  const std::uint64_t before = bytes_in(dir());
  const BackupNumber last = all.empty() ? 0 : all.back().number;
  const fs::path log = making_after(last) / "log";
  const BackupRecord record{.head = store.log().head(), .made = wall_clock()};
  const DamagedRecords damaged = store.torn_tail() ? DamagedRecords::stop : DamagedRecords::refuse;
  auto backup = [&]() -> Result<Backup> {
    if (auto stands_in = stand_in_for(data / "log", log); !stands_in)
      return std::unexpected(std::move(stands_in.error()));
    auto made = copy(log, damaged, record, copied);
    std::error_code error;
    fs::remove_all(log, error);
    if (made && error) return std::unexpected(io_fault("removing", log, error));
    return made;
  }();
  if (!backup) {
    static_cast<void>(tidy());  // the next open removes what is left
    return std::unexpected(std::move(backup.error()));
  }
  return std::make_unique<RocksDbNewBackup>(*this, last, *backup, bytes_in(dir()) - before);
}

/// RocksDB requires an absolute path.
fs::path whole_path(const fs::path& given) {
  fs::path dir = fs::absolute(given).lexically_normal();
  return dir.has_filename() ? dir : dir.parent_path();
}

/// A directory that holds other files was named by mistake.
Result<void> check_place(const fs::path& dir) {
  std::error_code error;
  if (fs::exists(dir / "meta", error)) return {};
  for (fs::directory_iterator entry(dir, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name == "LOCK" || name == "lost+found" || name == "private" || name.starts_with("shared") ||
        name == "seals")
      continue;
    return std::unexpected(Fault{FaultKind::io, dir.string() + " holds no backups, but " + name, {}});
  }
  if (error) return std::unexpected(io_fault("looking into", dir, error));
  return {};
}

}  // namespace

Result<std::unique_ptr<WritableBackups>> open_rocksdb_backups(const fs::path& given) {
  const fs::path dir = whole_path(given);
  if (auto made = make_private_directory(dir); !made) return std::unexpected(std::move(made.error()));
  if (auto free = check_place(dir); !free) return std::unexpected(std::move(free.error()));
  auto lock = DirectoryLock::take(dir);
  if (!lock) return std::unexpected(std::move(lock.error()));
  auto last = last_finished(dir);
  if (!last) return std::unexpected(std::move(last.error()));
  auto unsealed = unsealed_backups(dir, last->value_or(kEveryBackup));
  if (!unsealed) return std::unexpected(std::move(unsealed.error()));
  if (!unsealed->empty()) {
    Fault fault = unsealed->begin()->second;
    fault.what += "; this directory of backups is not changed any more: start another one";
    return std::unexpected(std::move(fault));
  }
  rocksdb::BackupEngine* engine = nullptr;
  const rocksdb::Status opened =
      rocksdb::BackupEngine::Open(engine_options(dir), rocksdb::Env::Default(), &engine);
  if (!opened.ok()) return std::unexpected(fault_of(opened, "opening the backups in " + dir.string()));
  auto backups = std::make_unique<RocksDbWritableBackups>(
      std::move(*lock), dir,
      OpenEngine<rocksdb::BackupEngine>{nullptr, std::unique_ptr<rocksdb::BackupEngine>(engine), {}});
  if (auto tidied = backups->tidy(); !tidied) return std::unexpected(std::move(tidied.error()));
  return backups;
}

Result<std::unique_ptr<Backups>> open_rocksdb_backups_read_only(const fs::path& given) {
  const fs::path dir = whole_path(given);
  std::error_code error;
  if (!fs::exists(dir / "meta", error)) {
    if (error) return std::unexpected(io_fault("looking into", dir, error));
    return std::unexpected(Fault{FaultKind::io, dir.string() + " holds no backups", {}});
  }
  auto lock = DirectoryLock::share(dir);
  if (!lock) return std::unexpected(std::move(lock.error()));
  auto last = last_finished(dir);
  if (!last) return std::unexpected(std::move(last.error()));
  auto unsealed = unsealed_backups(dir, last->value_or(kEveryBackup));
  if (!unsealed) return std::unexpected(std::move(unsealed.error()));
  std::set<BackupNumber> hidden;
  for (const auto& [number, fault] : *unsealed) hidden.insert(number);
  OpenEngine<rocksdb::BackupEngineReadOnly> open{environment_without(dir, std::move(hidden)), nullptr,
                                                 std::move(*unsealed)};
  rocksdb::BackupEngineOptions options = engine_options(dir);
  options.backup_env = open.environment.get();
  rocksdb::BackupEngineReadOnly* engine = nullptr;
  const rocksdb::Status opened =
      rocksdb::BackupEngineReadOnly::Open(options, rocksdb::Env::Default(), &engine);
  if (!opened.ok()) return std::unexpected(fault_of(opened, "opening the backups in " + dir.string()));
  open.engine.reset(engine);
  return std::make_unique<RocksDbBackups<Backups, rocksdb::BackupEngineReadOnly>>(std::move(*lock), dir,
                                                                                  std::move(open));
}

}  // namespace stockfold
