// stockfold serve on a store with damage among acknowledged events: it reports where, and changes nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "end_to_end/program.h"
#include "storage/golden.h"
#include "support/memory_directory.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// Every file of a store with its bytes.
std::map<std::string, std::string> files_with_bytes(const fs::path& store) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(store))
    files[entry.path().lexically_relative(store)] = entry.is_regular_file() ? read_bytes(entry.path()) : "";
  return files;
}

class DamagedStore : public testing::Test {
 protected:
  /// Three events, in a write-ahead file; the views hold them.
  void given_a_ledger() {
    ServedLedger server(data_);
    for (std::vector<std::string> words :
         {std::vector<std::string>{"product", "register", "first-one", "--stock", "5"},
          {"product", "register", "second-one"},
          {"product", "register", "third-one"}}) {
      words.insert(words.end(), {"--server", server.address()});
      ASSERT_EQ(run_program(words).exit_code, 0);
    }
    ASSERT_EQ(server.terminate(), 0);
  }

  /// Changes a letter in the only file of the log that contains these words.
  void given_damage_in(const std::string& words) {
    int damaged = 0;
    for (const auto& entry : fs::directory_iterator(data_ / "log")) {
      std::string bytes = read_bytes(entry.path());
      const auto at = bytes.find(words);
      if (at == std::string::npos) continue;
      bytes[at] ^= 1;
      write_bytes(entry.path(), bytes);
      ++damaged;
    }
    ASSERT_EQ(damaged, 1);
  }

  /// Changes a byte of the commits in a table.
  void given_damage_in_the_newest_table() {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(data_ / "log"))
      if (entry.path().extension() == ".sst") newest = std::max(newest, entry.path());
    std::string bytes = read_bytes(newest);
    ASSERT_GT(bytes.size(), 100U);
    bytes[20] ^= 1;
    write_bytes(newest, bytes);
  }

  void expect_refused_with(const std::string& what) {
    fs::remove(log_);
    const auto before = files_with_bytes(data_);
    std::string ended;
    try {
      ServedLedger server(data_);
      ended = "it is served: " + server.ready_line();
    } catch (const std::runtime_error& end) {
      ended = end.what();
    }
    EXPECT_THAT(ended, HasSubstr("exit code 5"));
    EXPECT_THAT(read_bytes(log_), HasSubstr(what));
    EXPECT_TRUE(files_with_bytes(data_) == before) << "something was written";
  }

  MemoryDirectory directory_;
  fs::path data_ = directory_.path() / "data";
  fs::path log_ = directory_.path() / "serve.log";  ///< Its stderr.
};

TEST_F(DamagedStore, IsNotServedWhenLaterCommitFollowsDamage) {
  given_a_ledger();
  fs::remove_all(data_ / "views");
  given_damage_in("second-one");
  expect_refused_with("at position 2");
}

TEST_F(DamagedStore, IsNotServedWhenViewIncludesDamagedLastRecord) {
  given_a_ledger();
  given_damage_in("third-one");
  expect_refused_with("at position 3");
}

/// RocksDB names the block, which holds several commits; we name the position from which it was read.
TEST_F(DamagedStore, IsNotServedWhenTableIsDamaged) {
  given_a_ledger();
  {
    ServedLedger server(data_);  // moves them into a table
    ASSERT_EQ(server.terminate(), 0);
  }
  fs::remove_all(data_ / "views");
  given_damage_in_the_newest_table();
  expect_refused_with("reading the commit with event ");
}

/// Shows that the failures above have no other cause.
TEST_F(DamagedStore, IsServedWithoutTheDamage) {
  given_a_ledger();
  fs::remove_all(data_ / "views");
  ServedLedger server(data_);
  EXPECT_THAT(server.ready_line(), HasSubstr("position=3"));
  EXPECT_EQ(server.terminate(), 0);
}

}  // namespace
}  // namespace stockfold
