// The column families behind the views: which of them stands for which view, and how they are opened.
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

/// A view's first column family has the view's name; the next, which is built as its shadow, is `view~2`, and
/// so on. docs/DATA_FORMAT.md, "Views".
struct FamilyName {
  std::string view;
  std::uint64_t number = 1;

  /// The view's own name where the name has no number of this form.
  static FamilyName parse(std::string_view name);
  [[nodiscard]] std::string str() const;
  [[nodiscard]] FamilyName next() const { return {view, number + 1}; }
};

/// One column family, open. The handle goes with it.
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

/// A database and all its column families by name. Families close before the database.
struct ViewDatabase {
  std::unique_ptr<rocksdb::DB> db;
  std::map<std::string, std::shared_ptr<ViewFamily>, std::less<>> families;

  [[nodiscard]] ViewFamily& default_family() const;
};

enum class ViewAccess : std::uint8_t { read_only, read_write };

/// Opens the database in `dir` with every column family that it has. Nothing where there is no database and
/// it is only to be read; otherwise one is made. Where it is only to be read, check_tables() comes first: who
/// writes there has read before.
Result<std::optional<ViewDatabase>> open_view_database(const std::filesystem::path& dir, ViewAccess access,
                                                       std::size_t buffer_bytes,
                                                       const std::shared_ptr<rocksdb::Cache>& block_cache,
                                                       rocksdb::Env* env);

/// The column family that stands for each view that ever had a shadow in its place; the others are their own.
Result<std::map<std::string, std::string>> read_places(const ViewDatabase& database);
/// Makes `family` stand for `view`; durable when it returns.
Result<void> write_place(const ViewDatabase& database, std::string_view view, std::string_view family);

}  // namespace stockfold
