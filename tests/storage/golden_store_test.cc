// A whole store that an old program wrote: every later one must open it.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "storage/engine/store.h"
#include "storage/golden.h"
#include "storage/rocksdb/engine.h"
#include "storage/rocksdb/log_database.h"
#include "storage/samples.h"
#include "support/temporary_directory.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kInTables =
    6;  // events that are in a table; those after them are in the write-ahead file

void append(EventLog& log, const Sample& sample) {
  Commit commit;
  commit.time = sample.recorded.time;
  commit.events = {sample.recorded};
  ASSERT_TRUE(std::holds_alternative<Appended>(log.append(log.head().position, commit)));
}

std::string name_of(const Head& head) { return to_uuid(head.ledger.bytes) + '\n' + to_hex(head.hash) + '\n'; }

void remove_what_no_open_reads(const fs::path& dir) {
  fs::remove(dir / "LOCK");
  fs::remove_all(dir / "views");
  for (const auto& entry :
       std::vector<fs::directory_entry>(fs::directory_iterator(dir / "log"), fs::directory_iterator())) {
    const std::string file = entry.path().filename();
    if (file.starts_with("LOG") || file.starts_with("OPTIONS") || file == "LOCK") fs::remove(entry.path());
  }
}

/// One event in each commit; half of them before a second opening, which moves them into a table.
void write_store(const fs::path& dir) {
  const auto all = samples();
  std::string name;
  for (const bool first : {true, false}) {
    const auto store = rocksdb_engine().open(dir, {});
    ASSERT_TRUE(store) << store.error().what;
    for (std::size_t i = first ? 0 : kInTables; i < (first ? kInTables : all.size()); ++i)
      append((*store)->log(), all[i]);
    name = name_of((*store)->log().head());
  }
  write_bytes(dir / "HEAD.txt", name);
  remove_what_no_open_reads(dir);
}

/// The first golden store, marked as a program of the next format would mark it.
void write_later_store(const fs::path& dir) {
  fs::copy(golden_path("store-1") / "log", dir / "log", fs::copy_options::recursive);
  {
    const auto database = open_log_database(dir / "log", {});
    ASSERT_TRUE(database) << database.error().what;
    const auto put = database->db->Put({}, database->ledger.get(), "ledger", ledger_record_of_version(2));
    ASSERT_TRUE(put.ok()) << put.ToString();
  }
  remove_what_no_open_reads(dir);
}

TEST(GoldenStore, IsRefusedUnchangedWhenFormatIsNewer) {
  const fs::path golden = golden_path("store-of-a-later-format");
  if (!fs::exists(golden) && writes_golden()) {
    fs::create_directory(golden);
    write_later_store(golden);
  }
  const TemporaryDirectory dir;
  fs::copy(golden, dir.path(), fs::copy_options::recursive);
  const auto store = rocksdb_engine().open(dir.path(), {});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, FaultKind::newer_format);
  for (const auto& entry : fs::directory_iterator(golden / "log")) {
    EXPECT_EQ(read_bytes(dir.path() / "log" / entry.path().filename()), read_bytes(entry.path()));
  }
  EXPECT_FALSE(fs::exists(dir.path() / "views"));
}

TEST(GoldenStore, OpensWithAllItsEvents) {
  const fs::path golden = golden_path("store-1");
  if (!fs::exists(golden) && writes_golden()) write_store(golden);
  ASSERT_TRUE(fs::exists(golden)) << golden << " is missing; STOCKFOLD_WRITE_GOLDEN=1 writes it";
  const TemporaryDirectory dir;
  fs::copy(golden, dir.path(), fs::copy_options::recursive);

  StoreOptions only_an_old_one;
  only_an_old_one.create = false;
  const auto store = rocksdb_engine().open(dir.path(), only_an_old_one);
  ASSERT_TRUE(store) << store.error().what;
  EXPECT_FALSE((*store)->torn_tail());
  EXPECT_EQ(name_of((*store)->log().head()), read_bytes(golden / "HEAD.txt"));

  const auto cursor = (*store)->log().read(GlobalPosition(1));
  for (const Sample& sample : samples()) {
    const auto commit = cursor->next();
    ASSERT_TRUE(commit) << commit.error().what;
    ASSERT_NE(*commit, nullptr) << sample.name;
    ASSERT_EQ((*commit)->events.size(), 1U);
    EXPECT_EQ((*commit)->events.front(), sample.recorded) << sample.name;
  }
  EXPECT_EQ(*cursor->next(), nullptr);
}

}  // namespace
}  // namespace stockfold
