// A backup whose record differs from its log, although every checksum is right.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "end_to_end/program.h"
#include "storage/engine/backup_record.h"
#include "storage/golden.h"
#include "storage/rocksdb/backup_meta.h"
#include "support/memory_directory.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ForgedBackup : public testing::Test {
 protected:
  ProgramResult run(const std::vector<std::string>& arguments) { return run_program(arguments, errors_); }

  /// A backup of a ledger in its second epoch.
  void given_a_backup() {
    const fs::path first = directory_.path() / "first";
    const fs::path second = directory_.path() / "second";
    fs::copy(golden_path("ledger-1"), first, fs::copy_options::recursive);
    const fs::path of_first = directory_.path() / "backups-of-first";
    ASSERT_EQ(run({"backup", "--to", of_first, "--data", first}).exit_code, 0);
    ASSERT_EQ(run({"restore", "--from", of_first, "--data", second, "--epoch", "2"}).exit_code, 0);
    ASSERT_EQ(run({"backup", "--to", to_, "--data", second}).exit_code, 0);
  }

  /// The backup's record after `change` has been applied to it.
  template <class Change>
  void given_that_it_says(const Change& change) {
    const fs::path meta = to_ / "meta" / "1";
    std::string text = read_bytes(meta);
    const auto begin = text.find("metadata ") + 9;
    const auto size = text.find('\n', begin) - begin;
    auto record = decode_backup_record(from_hex(text.substr(begin, size)));
    ASSERT_TRUE(record) << record.error().what;
    change(*record);
    std::string digits = as_hex(encode(*record));
    std::erase(digits, '\n');
    write_bytes(meta, text.replace(begin, size, digits));
    ASSERT_TRUE(seal_backup(to_, 1));
  }

  MemoryDirectory directory_;
  fs::path to_ = directory_.path() / "backups";
  fs::path copy_ = directory_.path() / "copy";
  fs::path errors_ = directory_.path() / "errors";
};

TEST_F(ForgedBackup, IsRestoredInLaterLifeWhenRecordIsUnchanged) {
  given_a_backup();
  given_that_it_says([](BackupRecord&) {});
  const auto restored = run({"restore", "--from", to_, "--data", copy_, "--json"});
  EXPECT_EQ(restored.exit_code, 0) << read_bytes(errors_);
  EXPECT_THAT(restored.out, testing::ContainsRegex("\"epoch\":[0-9]+,"));
  EXPECT_THAT(restored.out, testing::Not(HasSubstr("\"epoch\":2,")));
}

/// The restored store would reuse an epoch: positions of two lives would look like positions of one.
TEST_F(ForgedBackup, IsNotRestoredWhenItNamesEarlierLife) {
  given_a_backup();
  given_that_it_says([](BackupRecord& record) { record.head.epoch = Epoch(1); });
  EXPECT_NE(run({"restore", "--from", to_, "--data", copy_, "--json"}).exit_code, 0);
  EXPECT_THAT(read_bytes(errors_), HasSubstr("in epoch "));
  EXPECT_FALSE(fs::exists(copy_));
  EXPECT_FALSE(fs::exists(copy_.string() + ".new"));
}

}  // namespace
}  // namespace stockfold
