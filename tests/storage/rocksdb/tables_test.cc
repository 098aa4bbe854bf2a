// A table with one wrong bit that crashes RocksDB.
#include "storage/rocksdb/tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "storage/rocksdb/views.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFooterSize = 53;

fs::path make_table(const fs::path& dir) {
  const auto store = open_rocksdb_views({.dir = dir, .names = {"stock"}}).value();
  RowChanges rows;
  rows.put("A", "1");
  EXPECT_TRUE(store->view("stock").write(rows, {}).has_value());
  EXPECT_TRUE(store->flush().has_value());
  for (const auto& entry : fs::directory_iterator(dir)) {
    if (entry.path().extension() == ".sst") return entry.path();
  }
  return {};
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

TEST(TableCheck, AcceptsWholeTables) {
  const TemporaryDirectory directory;
  EXPECT_TRUE(check_tables(directory.path() / "nowhere").has_value());
  ASSERT_NE(make_table(directory.path()), fs::path());
  EXPECT_TRUE(check_tables(directory.path()).has_value());
}

// One byte of all holds the flag.
TEST(TableCheck, NamesTableWithFlaggedProperties) {
  const TemporaryDirectory directory;
  const fs::path table = make_table(directory.path());
  const std::string whole = read(table);
  int named = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ '\x80');
    write(table, damaged);
    const auto checked = check_tables(directory.path());
    if (checked) continue;
    ++named;
    EXPECT_EQ(checked.error().kind, FaultKind::corruption);
    EXPECT_NE(checked.error().what.find(table.filename().string()), std::string::npos);
    EXPECT_FALSE(read_durable_checkpoints(directory.path()).has_value());
  }
  EXPECT_EQ(named, 1);
}

/// The last bytes of a table of version 6, as RocksDB 9 writes them: after the checksum type a marker, three
/// numbers of four bytes, and zeros; then the version, and the magic number of a table.
std::string later_footer(const std::string& table) {
  std::string footer = table.substr(table.size() - kFooterSize, 1) + std::string("\x3e\x00\x7a\x00", 4) +
                       std::string(12, '\x11') + std::string(24, '\0') + std::string("\6\0\0\0", 4) +
                       table.substr(table.size() - 8);
  EXPECT_EQ(footer.size(), kFooterSize);
  return footer;
}

TEST(TableCheck, ReportsNewerTableFormat) {
  const TemporaryDirectory directory;
  const fs::path table = make_table(directory.path());
  std::string bytes = read(table);
  bytes.replace(bytes.size() - kFooterSize, kFooterSize, later_footer(bytes));
  write(table, bytes);
  const auto checked = check_tables(directory.path());
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, FaultKind::newer_format);
  EXPECT_THAT(checked.error().what, testing::EndsWith(table.filename().string() +
                                                      " was written by a newer RocksDB: table format 6; "
                                                      "this program reads up to 5"));
  const auto read = read_durable_checkpoints(directory.path());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, FaultKind::newer_format);
}

TEST(TableCheck, DoesNotMistakeDamagedVersionForNewerFormat) {
  const TemporaryDirectory directory;
  const fs::path table = make_table(directory.path());
  std::string bytes = read(table);
  bytes[bytes.size() - 12] = '\x7';
  write(table, bytes);
  EXPECT_TRUE(check_tables(directory.path())) << "RocksDB complains of it";
  const auto read = read_durable_checkpoints(directory.path());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, FaultKind::corruption);
}

}  // namespace
}  // namespace stockfold
