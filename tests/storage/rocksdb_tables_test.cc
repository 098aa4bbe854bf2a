// A table of which one bit is wrong that RocksDB does not survive.
#include "storage/rocksdb_tables.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "storage/rocksdb_views.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

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

TEST(Tables, ThatAreWholeAreLetThrough) {
  const TemporaryDirectory directory;
  EXPECT_TRUE(check_tables(directory.path() / "nowhere").has_value());
  ASSERT_NE(make_table(directory.path()), fs::path());
  EXPECT_TRUE(check_tables(directory.path()).has_value());
}

// Of all bytes one holds the flag.
TEST(Tables, WhosePropertiesHaveTheFlagAreNamed) {
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

}  // namespace
}  // namespace stockfold
