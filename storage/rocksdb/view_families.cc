#include "storage/rocksdb/view_families.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <system_error>
#include <utility>

#include "storage/rocksdb/status.h"
#include "storage/rocksdb/tables.h"
#include "storage/rocksdb/view_options.h"
#include "storage/rocksdb/wal_records.h"

namespace stockfold {
namespace {

constexpr char kNumberMark = '~';

/// Tables without the file CURRENT are damage, not a database that has yet to be made.
Result<bool> database_exists(const std::filesystem::path& dir) {
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

Result<std::vector<std::string>> families_on_disk(const std::filesystem::path& dir, rocksdb::Env* env) {
  rocksdb::DBOptions options;
  options.env = env;
  std::vector<std::string> names;
  const rocksdb::Status status = rocksdb::DB::ListColumnFamilies(options, dir.string(), &names);
  if (!status.ok()) return std::unexpected(fault_of(status, "listing the views in " + dir.string()));
  return names;
}

}  // namespace

FamilyName FamilyName::parse(std::string_view name) {
  const std::size_t mark = name.rfind(kNumberMark);
  if (mark != std::string_view::npos) {
    const std::string_view digits = name.substr(mark + 1);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error == std::errc{} && end == digits.data() + digits.size() && number > 1 && digits.front() != '0')
      return {std::string(name.substr(0, mark)), number};
  }
  return {std::string(name), 1};
}

std::string FamilyName::str() const {
  return number == 1 ? view : view + kNumberMark + std::to_string(number);
}

ViewFamily& ViewDatabase::default_family() const {
  const auto found = families.find(rocksdb::kDefaultColumnFamilyName);
  assert(found != families.end());
  return *found->second;
}

Result<std::optional<ViewDatabase>> open_view_database(const std::filesystem::path& dir, ViewAccess access,
                                                       std::size_t buffer_bytes,
                                                       const std::shared_ptr<rocksdb::Cache>& block_cache,
                                                       rocksdb::Env* env) {
  auto exists = database_exists(dir);
  if (!exists) return std::unexpected(std::move(exists.error()));
  const bool reads_only = access == ViewAccess::read_only;
  if (!*exists && reads_only) return std::nullopt;
  if (reads_only) {
    if (auto checked = check_tables(dir); !checked) return std::unexpected(std::move(checked.error()));
    if (auto checked = check_write_ahead_files(dir); !checked)
      return std::unexpected(std::move(checked.error()));
  }

  std::vector<std::string> names{rocksdb::kDefaultColumnFamilyName};
  if (*exists) {  // RocksDB requires that every column family is opened
    auto on_disk = families_on_disk(dir, env);
    if (!on_disk) return std::unexpected(std::move(on_disk.error()));
    names = std::move(*on_disk);
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.reserve(names.size());
  for (const std::string& name : names)
    descriptors.emplace_back(name, view_options(FamilyName::parse(name).view, buffer_bytes, block_cache));

  const rocksdb::DBOptions options = view_database_options(env);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      reads_only ? rocksdb::DB::OpenForReadOnly(options, dir.string(), descriptors, &handles, &db)
                 : rocksdb::DB::Open(options, dir.string(), descriptors, &handles, &db);
  if (!status.ok()) return std::unexpected(fault_of(status, "opening the views in " + dir.string()));

  ViewDatabase database;
  database.db.reset(db);
  for (rocksdb::ColumnFamilyHandle* handle : handles)
    database.families.emplace(handle->GetName(), std::make_shared<ViewFamily>(*db, handle));
  return database;
}

Result<std::map<std::string, std::string>> read_places(const ViewDatabase& database) {
  std::map<std::string, std::string> places;
  const std::unique_ptr<rocksdb::Iterator> row(
      database.db->NewIterator(rocksdb::ReadOptions(), database.default_family().handle()));
  for (row->SeekToFirst(); row->Valid(); row->Next()) {
    const std::string view = row->key().ToString();
    const std::string family = row->value().ToString();
    if (FamilyName::parse(family).view != view || !database.families.contains(family)) {
      std::string what = "view ";
      what.append(view).append(" should be in column family ").append(family).append(", which is missing");
      return std::unexpected(corruption({}, std::move(what)));
    }
    places.emplace(view, family);
  }
  if (!row->status().ok()) return std::unexpected(fault_of(row->status(), "reading the places of the views"));
  return places;
}

Result<void> write_place(const ViewDatabase& database, std::string_view view, std::string_view family) {
  rocksdb::ColumnFamilyHandle* const handle = database.default_family().handle();
  rocksdb::WriteOptions without_log;
  without_log.disableWAL = true;
  rocksdb::Status status = database.db->Put(without_log, handle, view, family);
  if (status.ok()) status = database.db->Flush(rocksdb::FlushOptions(), handle);
  if (!status.ok())
    return std::unexpected(fault_of(status, "writing the place of view " + std::string(view)));
  return {};
}

}  // namespace stockfold
