// Stores of other versions of the program: an old one opens with all its contents, a newer one is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "end_to_end/program.h"
#include "projections/views.h"
#include "storage/golden.h"
#include "support/memory_directory.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kHeadOfTheOldLog = "21a816b082288083d6d9b1dc12b27508cfb3b8e66bb31fc6de3dfe891f8c2332";

/// The contents of a store's files, except the empty lock file.
std::map<std::string, std::string> bytes_by_file(const fs::path& store) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::recursive_directory_iterator(store)) {
    if (entry.is_regular_file() && entry.path().filename() != "LOCK")
      contents[entry.path().lexically_relative(store)] = read_bytes(entry.path());
  }
  return contents;
}

std::vector<std::string> digests_in(const std::string& text) {
  const std::regex digest(R"re("digest":"([0-9a-f]{64})")re");
  std::vector<std::string> all;
  for (std::sregex_iterator found(text.begin(), text.end(), digest), end; found != end; ++found)
    all.push_back((*found)[1].str());
  return all;
}

class Upgrade : public testing::Test {
 protected:
  ProgramResult run(const std::vector<std::string>& arguments) { return run_program(arguments, errors_); }
  [[nodiscard]] std::string said() const { return read_bytes(errors_); }
  void given(const std::string& golden) {
    fs::copy(golden_path(golden), data_, fs::copy_options::recursive);
    fs::permissions(data_, fs::perms::owner_all);
  }

  /// The log of the golden export, as the program of its time stored it.
  void write_golden_if_wanted(const fs::path& golden) {
    if (fs::exists(golden) || !writes_golden()) return;
    const fs::path made = directory_.path() / "made";
    ASSERT_EQ(run({"import", golden_path("exports/log-1.jsonl"), "--data", made, "--same-life"}).exit_code,
              0);
    fs::create_directory(golden);
    fs::copy(made / "log", golden / "log", fs::copy_options::recursive);
    for (const auto& [name, bytes] : bytes_by_file(golden)) {
      if (name.find("OPTIONS") != std::string::npos) fs::remove(golden / name);
    }
    fs::remove(golden / "log" / "LOCK");
  }

  MemoryDirectory directory_;
  fs::path data_ = directory_.path() / "data";
  fs::path errors_ = directory_.path() / "errors";
};

TEST_F(Upgrade, OpensOldStoreAndRebuildsItsViews) {
  write_golden_if_wanted(golden_path("ledger-1"));
  given("ledger-1");
  {
    ServedLedger server(data_);
    EXPECT_THAT(server.ready_line(), HasSubstr("position=27"));
    EXPECT_EQ(server.terminate(), 0);
  }
  const auto audit = run({"audit", "--data", data_, "--json"});
  EXPECT_EQ(audit.exit_code, 0) << audit.out;
  EXPECT_THAT(audit.out, HasSubstr(kHeadOfTheOldLog));
  EXPECT_THAT(audit.out, testing::Not(HasSubstr("\"same\":null"))) << "every view is built";
  EXPECT_EQ(run({"export", "--data", data_}).out,
            with_sentences_of_today(read_bytes(golden_path("exports/log-1.jsonl"))));

  const fs::path imported = directory_.path() / "imported";
  ASSERT_EQ(run({"import", golden_path("exports/log-1.jsonl"), "--data", imported}).exit_code, 0) << said();
  const auto views = digests_in(run({"rebuild", "all", "--data", data_, "--json"}).out);
  EXPECT_EQ(views.size(), view_names().size());
  EXPECT_EQ(views, digests_in(run({"rebuild", "all", "--data", imported, "--json"}).out));
}

TEST_F(Upgrade, BacksUpOldStoreWithoutChangingIt) {
  given("ledger-1");
  const fs::path to = directory_.path() / "backups";
  const fs::path back = directory_.path() / "back";
  ASSERT_EQ(run({"backup", "--to", to, "--data", data_}).exit_code, 0) << said();
  EXPECT_EQ(bytes_by_file(data_), bytes_by_file(golden_path("ledger-1")));
  const auto restored = run({"restore", "--from", to, "--data", back});
  EXPECT_EQ(restored.exit_code, 0) << said();
  EXPECT_THAT(restored.out, HasSubstr(kHeadOfTheOldLog));
}

TEST_F(Upgrade, RefusesNewerStoreAndWritesNothing) {
  given("store-of-a-later-format");
  const auto before = bytes_by_file(data_);
  const std::string to = directory_.path() / "backups";
  for (const std::vector<std::string>& command : {std::vector<std::string>{"serve"},
                                                  {"audit"},
                                                  {"repair"},
                                                  {"rebuild", "all"},
                                                  {"export"},
                                                  {"backup", "--to", to}}) {
    auto arguments = command;
    arguments.insert(arguments.end(), {"--data", data_});
    fs::remove(errors_);
    EXPECT_EQ(run(arguments).exit_code, 1) << command.front();
    EXPECT_THAT(said(), HasSubstr("the store has format version 2, this program knows version 1"))
        << command.front();
    EXPECT_EQ(bytes_by_file(data_), before) << command.front();
  }
}

}  // namespace
}  // namespace stockfold
