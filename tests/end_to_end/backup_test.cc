// stockfold backup and restore: a restore returns what was backed up, and a killed backup harms no other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <regex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "end_to_end/crash_load.h"
#include "end_to_end/program.h"
#include "projections/views.h"
#include "storage/golden.h"
#include "support/memory_directory.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

#if defined(STOCKFOLD_ADDRESS_SANITIZER) || defined(STOCKFOLD_THREAD_SANITIZER)
constexpr int kBackupKills = 3;  // sanitized processes are slow
#else
constexpr int kBackupKills = 6;
#endif

std::string text_in(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The value of a field in the first object that has it, as it is written.
std::string field(const std::string& text, const std::string& name) {
  std::smatch found;
  const std::regex pattern('"' + name + R"(":("[^"]*"|[^,}\]]*))");
  return std::regex_search(text, found, pattern) ? found[1].str() : "";
}

/// All values of a field, one after the other.
std::vector<std::string> fields(const std::string& text, const std::string& name) {
  const std::regex pattern('"' + name + R"(":("[^"]*"|[^,}\]]*))");
  std::vector<std::string> all;
  for (std::sregex_iterator found(text.begin(), text.end(), pattern), end; found != end; ++found)
    all.push_back((*found)[1].str());
  return all;
}

class BackupCommand : public testing::Test {
 protected:
  ProgramResult run(std::vector<std::string> arguments) { return run_program(arguments, errors_); }
  ProgramResult back_up(const ServedLedger& server) {
    return run({"backup", "--to", to_.string(), "--server", server.address(), "--json"});
  }
  ProgramResult back_up(const fs::path& data) {
    return run({"backup", "--to", to_.string(), "--data", data.string(), "--json"});
  }
  ProgramResult verify() { return run({"backup", "verify", to_.string(), "--json"}); }
  ProgramResult restore(const fs::path& data, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"restore", "--from", to_.string(), "--data", data.string(), "--json"});
    return run(more);
  }
  /// Places and aborts orders until this many commands are answered.
  static void trade(const ServedLedger& server, CrashLoad& load, std::uint64_t answers) {
    load.begin(server);
    while (load.answers() < answers) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    load.stop();
    load.end();
  }
  std::string audit(const fs::path& data, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"audit", "--data", data.string(), "--json"});
    const auto proved = run(more);
    EXPECT_EQ(proved.exit_code, 0) << proved.out << text_in(errors_);
    return proved.out;
  }
  [[nodiscard]] std::string said() const { return text_in(errors_); }

  MemoryDirectory directory_;  // not on a disk, which would be slow; kill -9 loses nothing from memory
  fs::path data_ = directory_.path() / "data";
  fs::path copy_ = directory_.path() / "copy";
  fs::path to_ = directory_.path() / "backups";
  fs::path errors_ = directory_.path() / "errors";
};

TEST_F(BackupCommand, RestoresLedgerBackedUpUnderLoad) {
  CrashLoad load(1);
  {
    ServedLedger server(data_);
    load.register_products(server);
    trade(server, load, 500);
    EXPECT_EQ(server.terminate(), 0);
  }
  ServedLedger server(data_);  // the log is in a table now
  const auto full = back_up(server);
  ASSERT_EQ(full.exit_code, 0) << said();
  load.begin(server);
  const auto second = back_up(server);
  load.stop();
  load.end();
  ASSERT_EQ(second.exit_code, 0) << said();
  EXPECT_LT(std::stoull(field(second.out, "new_bytes")), std::stoull(field(second.out, "bytes")));
  EXPECT_EQ(field(second.out, "backup"), "2");
  const std::string kept_head = run({"head", "--server", server.address()}).out;
  EXPECT_EQ(server.terminate(), 0);
  EXPECT_EQ(verify().exit_code, 0) << said();

  const auto restored = restore(copy_);
  ASSERT_EQ(restored.exit_code, 0) << said();
  EXPECT_GT(std::stoull(field(restored.out, "epoch")), 1U);
  EXPECT_EQ(field(restored.out, "ledger"), field(second.out, "ledger"));
  for (const char* same : {"position", "head", "events", "commits"})
    EXPECT_EQ(field(restored.out, same), field(second.out, same)) << same;

  // An export of the original shows the state at that position.
  const fs::path exported = directory_.path() / "log.jsonl";
  const fs::path imported = directory_.path() / "imported";
  ASSERT_EQ(
      run({"export", exported.string(), "--data", data_.string(), "--to", field(second.out, "position")})
          .exit_code,
      0);
  ASSERT_EQ(run({"import", exported.string(), "--data", imported.string()}).exit_code, 0) << said();
  const auto rebuilt = [this](const fs::path& data) {
    return fields(run({"rebuild", "all", "--data", data.string(), "--json"}).out, "digest");
  };
  const auto digests = rebuilt(copy_);
  EXPECT_EQ(digests.size(), view_names().size());
  EXPECT_EQ(digests, rebuilt(imported));
}

TEST_F(BackupCommand, BeginsNewLifeWhenRestored) {
  std::string kept;
  std::string epoch;
  {
    ServedLedger server(data_);
    EXPECT_EQ(run({"product", "register", "A", "--stock", "5", "--server", server.address()}).exit_code, 0);
    kept = run({"head", "--server", server.address()}).out;
    EXPECT_EQ(server.terminate(), 0);
  }
  std::ofstream(directory_.path() / "head.json") << kept;
  ASSERT_EQ(back_up(data_).exit_code, 0) << said();
  ASSERT_EQ(restore(copy_).exit_code, 0) << said();
  ASSERT_FALSE(fs::exists(copy_ / "head.key")) << "the key is not in a backup";
  {
    ServedLedger server(copy_);
    EXPECT_THAT(server.ready_line(), HasSubstr("position=1"));
    EXPECT_EQ(run({"order", "place", "1", "--line", "A=2", "--server", server.address()}).exit_code, 0);
    epoch = field(run({"head", "--server", server.address()}).out, "epoch");
    EXPECT_GT(std::stoull(epoch), 1U);
    EXPECT_EQ(server.terminate(), 0);
  }
  const std::string proved = audit(copy_, {"--against", (directory_.path() / "head.json").string()});
  EXPECT_THAT(proved, HasSubstr("\"continues\":[1]"));
  EXPECT_EQ(field(proved, "position"), "2");
  EXPECT_EQ(fields(run({"export", "--data", copy_.string()}).out, "epoch"),
            (std::vector<std::string>{epoch, "1", epoch}))
      << "of the ledger, and of its two commits";
}

TEST_F(BackupCommand, GivesEachRestoreItsOwnLifeAndOrderIds) {
  {
    ServedLedger server(data_);
    EXPECT_EQ(run({"product", "register", "A", "--stock", "9", "--server", server.address()}).exit_code, 0);
    EXPECT_EQ(server.terminate(), 0);
  }
  ASSERT_EQ(back_up(data_).exit_code, 0) << said();
  std::set<std::string> orders;
  for (const char* name : {"one", "two"}) {
    const fs::path copy = directory_.path() / name;
    ASSERT_EQ(restore(copy).exit_code, 0) << said();
    for (int starts = 0; starts < 2; ++starts) {
      ServedLedger server(copy);
      for (int i = 0; i < 2; ++i) {
        const auto placed = run({"order", "place", "--line", "A", "--json", "--server", server.address()});
        EXPECT_EQ(placed.exit_code, 0) << said();
        orders.insert(field(placed.out, "order"));
      }
      EXPECT_EQ(server.terminate(), 0);
    }
  }
  EXPECT_EQ(orders.size(), 8U);
  EXPECT_FALSE(orders.contains("1")) << "the life that was backed up gives that one";
}

TEST_F(BackupCommand, DetectsDamagedBackupAndRefusesToRestoreIt) {
  {
    ServedLedger server(data_);
    EXPECT_EQ(run({"product", "register", "A", "--server", server.address()}).exit_code, 0);
    EXPECT_EQ(server.terminate(), 0);
  }
  ASSERT_EQ(back_up(data_).exit_code, 0) << said();
  const auto hold = [&](const fs::path& file, std::size_t at) {
    const std::string whole = text_in(file);
    std::string damaged = whole;
    damaged.at(at) = static_cast<char>(damaged.at(at) ^ 1);
    std::ofstream(file, std::ios::binary) << damaged;
    const auto found = verify();
    EXPECT_EQ(found.exit_code, 5) << file;
    EXPECT_THAT(found.out, HasSubstr("{\"ok\":false,\"backup\":1,\"fault\":")) << file;
    EXPECT_EQ(restore(copy_).exit_code, 5) << file;
    EXPECT_FALSE(fs::exists(copy_));
    EXPECT_FALSE(fs::exists(copy_.string() + ".new"));
    std::ofstream(file, std::ios::binary) << whole;
  };
  for (const auto& table : fs::directory_iterator(to_ / "shared_checksum")) hold(table, 100);
  const std::string meta = text_in(to_ / "meta" / "1");
  hold(to_ / "meta" / "1", meta.find("metadata ") + 30);  // in the hash of the head
  hold(to_ / "meta" / "1", meta.rfind("crc32 ") + 7);     // in the checksum of a file
  std::ofstream(to_ / "meta" / "1", std::ios::app) << "?";
  const auto listed = run({"backup", "list", to_.string()});
  EXPECT_EQ(listed.exit_code, 5);
  EXPECT_THAT(listed.out, HasSubstr("DAMAGED: "));
  EXPECT_EQ(back_up(data_).exit_code, 5);
  EXPECT_THAT(said(), HasSubstr("start another one"));
  std::ofstream(to_ / "meta" / "1", std::ios::binary) << meta;
  EXPECT_EQ(verify().exit_code, 0) << said();
}

TEST_F(BackupCommand, ReportsInvalidUse) {
  {
    ServedLedger server(data_);
    EXPECT_EQ(back_up(data_).exit_code, 1) << "a ledger serves it";
    EXPECT_EQ(server.terminate(), 0);
  }
  EXPECT_EQ(run({"backup", "--data", data_.string()}).exit_code, 2);
  EXPECT_THAT(said(), HasSubstr("--to"));
  EXPECT_EQ(run({"backup", "list", to_.string()}).exit_code, 1);
  EXPECT_THAT(said(), HasSubstr("holds no backups"));
  ASSERT_EQ(back_up(data_).exit_code, 0) << said();
  ASSERT_EQ(run({"backup", "--to", to_.string(), "--data", data_.string(), "--keep", "1"}).exit_code, 0);
  EXPECT_EQ(fields(run({"backup", "list", to_.string(), "--json"}).out, "backup"),
            std::vector<std::string>{"2"});
  EXPECT_EQ(restore(copy_, {"--backup", "1"}).exit_code, 1);
  EXPECT_THAT(said(), HasSubstr("has no backup 1"));
  EXPECT_EQ(restore(data_).exit_code, 1);
  EXPECT_THAT(said(), HasSubstr("is not empty"));
  {
    ServedLedger other(directory_.path() / "other");
    EXPECT_EQ(back_up(other).exit_code, 1);
    EXPECT_THAT(said(), HasSubstr("has the backups of another log"));
    EXPECT_EQ(other.terminate(), 0);
  }
  EXPECT_EQ(fs::status(to_).permissions(), fs::perms::owner_all);
}

TEST_F(BackupCommand, KeepsNoBackupOfAnInconsistentLog) {
  fs::copy(golden_path("store-1"), data_,
           fs::copy_options::recursive);  // a whole log whose events cannot follow each other
  EXPECT_EQ(back_up(data_).exit_code, 5);
  EXPECT_THAT(said(), HasSubstr("failed its proof and was removed"));
  EXPECT_THAT(said(), HasSubstr("at position 3"));
  EXPECT_EQ(run({"backup", "list", to_.string(), "--json"}).out, "");
  EXPECT_TRUE(fs::is_empty(to_ / "shared_checksum"));
}

TEST_F(BackupCommand, LeavesWholeStoreOrNoneWhenRestoreIsKilled) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  fs::copy(golden_path("ledger-1"), data_, fs::copy_options::recursive);
  ASSERT_EQ(back_up(data_).exit_code, 0) << said();
  const auto begin = std::chrono::steady_clock::now();
  const auto restored = restore(directory_.path() / "first");
  ASSERT_EQ(restored.exit_code, 0) << said();
  const auto whole =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
  for (int kill = 0; kill < 2 * kBackupKills; ++kill) {
    RunningProgram restoring({"restore", "--from", to_.string(), "--data", copy_.string()});
    std::this_thread::sleep_for(whole * (random() % 1'000) / 1'000);  // at a random moment of the backup
    restoring.kill();
    if (fs::exists(copy_)) {
      EXPECT_EQ(field(audit(copy_), "head"), field(restored.out, "head"));
    }
    fs::remove_all(copy_);
  }
  EXPECT_EQ(restore(copy_).exit_code, 0) << said();
  EXPECT_FALSE(fs::exists(copy_.string() + ".new"));
}

// The drill: kill -9 in the middle of a backup, and then the store is lost.
TEST_F(BackupCommand, KeepsOtherBackupsWhenKilledAndThenSucceeds) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  CrashLoad load(random());
  ServedLedger server(data_);
  load.register_products(server);
  trade(server, load, 500);
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_EQ(back_up(server).exit_code, 0) << said();
  const auto whole =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
  for (int kill = 0; kill < kBackupKills; ++kill) {
    trade(server, load, 500);
    RunningProgram backing_up({"backup", "--to", to_.string(), "--server", server.address()});
    std::this_thread::sleep_for(whole * (random() % 1'000) / 1'000);  // at a random moment of the backup
    backing_up.kill();
  }
  ASSERT_EQ(verify().exit_code, 0) << said();
  const auto before = run({"backup", "list", to_.string(), "--json"}).out;
  ASSERT_EQ(restore(directory_.path() / "before").exit_code, 0) << said();
  EXPECT_EQ(field(audit(directory_.path() / "before"), "head"), fields(before, "head").back());

  const auto last = back_up(server);
  ASSERT_EQ(last.exit_code, 0) << said();
  EXPECT_EQ(verify().exit_code, 0) << said();
  for (const auto& entry : fs::directory_iterator(to_))
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr("making"))) << "something is left behind";
  server.kill();
  fs::remove_all(data_);
  ASSERT_EQ(restore(copy_).exit_code, 0) << said();
  EXPECT_EQ(field(audit(copy_), "head"), field(last.out, "head"));
}

}  // namespace
}  // namespace stockfold
