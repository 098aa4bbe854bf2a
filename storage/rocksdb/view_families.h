// The column families behind the views: which one holds which view, and how they are opened.
#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/fault.h"

namespace stockfold {

/// The first column family of a view has the view's name. The next one, built as its shadow, is `view~2`, and
/// so on: docs/DATA_FORMAT.md, "Views".
struct FamilyName {
  std::string view;
  std::uint64_t number = 1;

  /// A name without such a number is the view's own name.
  static FamilyName parse(std::string_view name);
  [[nodiscard]] std::string str() const;
  [[nodiscard]] FamilyName next() const { return {view, number + 1}; }
};

/// One open column family. Owns the handle.
class ViewFamily {
 public:
  ViewFamily(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* handle) : db_(db), handle_(handle) {}
  ~ViewFamily() { db_.DestroyColumnFamilyHandle(handle_); }
  ViewFamily(const ViewFamily&) = delete;
  ViewFamily& operator=(const ViewFamily&) = delete;

  [[nodiscard]] rocksdb::DB& db() const { return db_; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle() const { return handle_; }
  [[nodiscard]] const std::string& name() const { return handle_->GetName(); }

 private:
  rocksdb::DB& db_;
  rocksdb::ColumnFamilyHandle* const handle_;
};

/// A database and all its column families by name. The families close before the database.
struct ViewDatabase {
  std::unique_ptr<rocksdb::DB> db;
  std::map<std::string, std::shared_ptr<ViewFamily>, std::less<>> families;

  [[nodiscard]] ViewFamily& default_family() const;
};

enum class ViewAccess : std::uint8_t { read_only, read_write };

/// Opens the database in `dir` with all its column families. If there is no database: empty when opened
/// read-only, otherwise one is made. A read-only open calls check_tables() first; a caller that opens to
/// write has opened read-only before.
Result<std::optional<ViewDatabase>> open_view_database(const std::filesystem::path& dir, ViewAccess access,
                                                       std::size_t buffer_bytes,
                                                       const std::shared_ptr<rocksdb::Cache>& block_cache,
                                                       rocksdb::Env* env);

/// The column family of each view that a shadow ever replaced. The other views are in their first family.
Result<std::map<std::string, std::string>> read_places(const ViewDatabase& database);
/// Makes `family` the one of `view`. Returns when that is durable.
Result<void> write_place(const ViewDatabase& database, std::string_view view, std::string_view family);

}  // namespace stockfold
