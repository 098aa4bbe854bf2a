// stockfold head and audit: what they prove, and what they find.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "end_to_end/program.h"
#include "storage/engine/store.h"
#include "storage/rocksdb/engine.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

void flip_a_bit(const fs::path& path, std::streamoff at) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(at);
  const int byte = file.get();
  file.seekp(at);
  file.put(static_cast<char>(byte ^ 1));
}

class Audit : public testing::Test {
 protected:
  /// Serves the store and sends some commands.
  void given_a_ledger() {
    ServedLedger server(data_);
    const auto run = [&server](std::vector<std::string> arguments) {
      arguments.insert(arguments.end(), {"--server", server.address()});
      return run_program(arguments);
    };
    run({"product", "register", "A", "--stock", "5"});
    run({"order", "place", "1", "--line", "A=2"});
    keep("early.json", run({"head"}).out);
    run({"order", "abort", "1"});
    EXPECT_EQ(run({"order", "abort", "1"}).exit_code, 3);
    run({"order", "draft", "2", "--line", "A=1"});
    EXPECT_EQ(server.terminate(), 0);
  }

  ProgramResult audit(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(),
                     {"audit", "--data", data_.string(), "--scratch", directory_.path().string()});
    return run_program(arguments, errors());
  }

  std::string keep(const std::string& name, const std::string& text) const {
    std::ofstream(directory_.path() / name) << text;
    return (directory_.path() / name).string();
  }
  [[nodiscard]] std::string kept(const std::string& name) const {
    std::ifstream in(directory_.path() / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] fs::path errors() const { return directory_.path() / "errors"; }

  TemporaryDirectory directory_;
  fs::path data_ = directory_.path() / "data";
};

TEST_F(Audit, ProvesSoundLedgerAndReportsWhatItChecked) {
  given_a_ledger();
  const auto proved = audit({"--json"});
  EXPECT_EQ(proved.exit_code, 0);
  EXPECT_THAT(proved.out, HasSubstr("\"ok\":true"));
  EXPECT_THAT(proved.out,
              HasSubstr("\"commits\":5,\"events\":5,\"products\":1,\"orders\":2,\"open_orders\":1,"
                        "\"command_ids\":5,\"refusals\":1"));
  EXPECT_THAT(proved.out, HasSubstr("\"torn_tail\":null,\"violations\":[]"));
  const auto told = audit();
  EXPECT_EQ(told.exit_code, 0);
  EXPECT_THAT(
      told.out,
      HasSubstr("5 commits, 5 events, 1 product, 2 orders (1 open), 5 command ids, 1 recorded refusal\n"));
  EXPECT_THAT(told.out, MatchesRegex("(.|\n)*sound, after [0-9.]+ s\n"));
}

TEST_F(Audit, LeavesNoFilesBehind) {
  given_a_ledger();
  const auto listing = [this] {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(directory_.path()))
      files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
  };
  (void)audit();  // makes the file of errors
  const auto before = listing();
  EXPECT_EQ(audit().exit_code, 0);
  EXPECT_EQ(listing(), before);
}

TEST_F(Audit, ProvesThatLogContinuesKeptHead) {
  given_a_ledger();
  const auto proved = audit({"--against", (directory_.path() / "early.json").string(), "--json"});
  EXPECT_EQ(proved.exit_code, 0);
  EXPECT_THAT(proved.out, HasSubstr("\"continues\":[2]"));
  const std::string latest = run_program({"head", "--data", data_.string()}).out;
  EXPECT_EQ(audit({"--against", keep("latest.json", latest)}).exit_code, 0);
}

TEST_F(Audit, DetectsHeadOfAnotherLedger) {
  given_a_ledger();
  const std::string early = kept("early.json");
  // the same commands again, on another ledger: the same positions, other commits
  fs::rename(data_, directory_.path() / "first");
  given_a_ledger();
  const auto other = audit({"--against", keep("other.json", early), "--json"});
  EXPECT_EQ(other.exit_code, 5);
  EXPECT_THAT(other.out, HasSubstr("\"ok\":false"));
  EXPECT_THAT(other.out, HasSubstr("it belongs to another ledger"));
}

TEST_F(Audit, DetectsForgedHead) {
  given_a_ledger();
  std::string forged = kept("early.json");
  forged.replace(forged.find("\"position\":2"), 12, "\"position\":3");
  const auto found = audit({"--against", keep("forged.json", forged)});
  EXPECT_EQ(found.exit_code, 5);
  EXPECT_THAT(found.out, HasSubstr("its signature does not match its key"));
  EXPECT_THAT(found.out, HasSubstr("NOT SOUND"));
  const auto other_key =
      audit({"--against", (directory_.path() / "early.json").string(), "--key", std::string(64, '0')});
  EXPECT_EQ(other_key.exit_code, 5);
  EXPECT_THAT(other_key.out, HasSubstr("it is not signed by the key"));
}

TEST_F(Audit, ReportsInvalidArgumentsAndStoreInUse) {
  given_a_ledger();
  EXPECT_EQ(audit({"--against", "/nowhere"}).exit_code, 2);
  EXPECT_THAT(kept("errors"), HasSubstr("--against: cannot read /nowhere"));
  EXPECT_EQ(audit({"--against", keep("note", "hello")}).exit_code, 2);
  EXPECT_THAT(kept("errors"), HasSubstr("holds no signed head: it is no JSON object"));
  ServedLedger server(data_);
  EXPECT_EQ(audit().exit_code, 1);
  EXPECT_THAT(kept("errors"), HasSubstr("another process holds"));
}

TEST_F(Audit, DetectsChangedByte) {
  given_a_ledger();
  for (const auto& entry : fs::directory_iterator(data_ / "log")) {
    if (entry.path().extension() != ".log" || fs::file_size(entry.path()) == 0) continue;
    flip_a_bit(entry.path(), 100);
  }
  const auto found = audit({"--json"});
  EXPECT_EQ(found.exit_code, 5);
  EXPECT_THAT(found.out, HasSubstr("\"ok\":false"));
  EXPECT_THAT(found.out, HasSubstr("\"violations\":[{\"position\":1,"));
}

TEST_F(Audit, DetectsDamagedKey) {
  given_a_ledger();
  flip_a_bit(data_ / "head.key", 30);
  const auto found = audit();
  EXPECT_EQ(found.exit_code, 5);
  EXPECT_THAT(found.out, HasSubstr("head.key does not hold the ledger's key"));
  const auto repaired = run_program({"repair", "--data", data_.string()}, errors());
  EXPECT_EQ(repaired.exit_code, 5);
  EXPECT_THAT(kept("errors"), HasSubstr("the ledger's key is damaged"));
}

// ---- of a running ledger ----------------------------------------------------------------------------------

TEST_F(Audit, ProvesRunningLedgerFromTemporaryCheckpoint) {
  given_a_ledger();
  ServedLedger server(data_);
  const auto proved =
      run_program({"audit", "--server", server.address(), "--scratch", directory_.path().string(),
                   "--against", (directory_.path() / "early.json").string(), "--json"},
                  errors());
  EXPECT_EQ(proved.exit_code, 0) << kept("errors");
  EXPECT_THAT(proved.out, HasSubstr("\"ok\":true"));
  EXPECT_THAT(proved.out, HasSubstr("\"commits\":5,\"events\":5"));
  EXPECT_THAT(proved.out, HasSubstr("\"continues\":[2]"));
  EXPECT_EQ(server.terminate(), 0);
  EXPECT_TRUE(!fs::exists(data_ / "checkpoints") || fs::is_empty(data_ / "checkpoints"));
}

// ---- repair -----------------------------------------------------------------------------------------------

class RepairCommand : public Audit {
 protected:
  ProgramResult repair(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(),
                     {"repair", "--data", data_.string(), "--scratch", directory_.path().string()});
    return run_program(arguments, errors());
  }

  /// Changes the row of a view without an event in the log.
  void given_a_view_that_differs() const {
    const auto store = rocksdb_engine().open(data_, {.views = {"stock"}, .create = false}).value();
    View& stock = store->views().view("stock");
    std::string key;
    std::string row;
    const auto scanned = stock.snapshot()->scan("", [&](std::string_view found, std::string_view value) {
      key = found;
      row = value;
      return false;
    });
    ASSERT_TRUE(scanned);
    RowChanges rows;
    rows.put(key, row + "?");
    ASSERT_TRUE(stock.write(rows, stock.checkpoint()));
  }

  /// The contents of the log's directory.
  [[nodiscard]] std::map<std::string, std::string> log_files() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(data_ / "log")) {
      std::ifstream in(entry.path(), std::ios::binary);
      files[entry.path()] = {std::istreambuf_iterator<char>(in), {}};
    }
    return files;
  }
};

TEST_F(RepairCommand, ChangesNothingInSoundStore) {
  given_a_ledger();
  const auto before = log_files();
  const auto done = repair();
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_THAT(done.out, HasSubstr("sound"));
  EXPECT_THAT(done.out, Not(HasSubstr("repaired")));
  EXPECT_TRUE(log_files() == before);
}

TEST_F(RepairCommand, RebuildsOnlyViewThatDiffers) {
  given_a_ledger();
  given_a_view_that_differs();
  EXPECT_EQ(audit().exit_code, 5);
  const std::string head = run_program({"head", "--data", data_.string()}).out;

  const auto repaired = repair({"--json"});
  EXPECT_EQ(repaired.exit_code, 0) << kept("errors");
  EXPECT_THAT(repaired.out, HasSubstr("\"view\":\"stock\""));
  EXPECT_EQ(std::ranges::count(repaired.out, '\n'), 2) << "the audit, and one view";
  const auto proved = audit({"--json", "--against", keep("head.json", head)});
  EXPECT_EQ(proved.exit_code, 0) << proved.out;
  EXPECT_THAT(repair().out, Not(HasSubstr("repaired")));
}

TEST_F(RepairCommand, RebuildsUnreadableViewsAndKeepsOldFiles) {
  given_a_ledger();
  std::ofstream(data_ / "views" / "CURRENT") << "nonsense";
  EXPECT_NE(audit().exit_code, 0);
  const auto repaired = repair();
  EXPECT_EQ(repaired.exit_code, 0) << kept("errors");
  EXPECT_THAT(kept("errors"), HasSubstr("views.damaged"));
  EXPECT_THAT(repaired.out, HasSubstr("repaired: "));
  EXPECT_TRUE(fs::exists(data_ / "views.damaged"));
  EXPECT_EQ(audit().exit_code, 0);
  ServedLedger server(data_);
  EXPECT_THAT(run_program({"product", "show", "A", "--server", server.address()}).out, HasSubstr("A"));
}

TEST_F(RepairCommand, LeavesDamagedLogUnchanged) {
  given_a_ledger();
  for (const auto& entry : fs::directory_iterator(data_ / "log")) {
    if (entry.path().extension() != ".log" || fs::file_size(entry.path()) == 0) continue;
    flip_a_bit(entry.path(), 100);
  }
  const auto before = log_files();
  const auto refused = repair();
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_THAT(kept("errors"), HasSubstr("the log itself is damaged"));
  EXPECT_TRUE(log_files() == before);
}

}  // namespace
}  // namespace stockfold
