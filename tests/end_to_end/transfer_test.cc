// A served ledger is exported and imported elsewhere; the result is the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stockfold/client.h>

#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "end_to_end/program.h"

namespace stockfold {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kCommandId = "018f0000-0000-7000-8000-00000000000";  // and a digit

std::string contents_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void keep(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

std::string last_line_of(const std::string& text) {
  return text.substr(text.rfind('\n', text.size() - 2) + 1);
}

class ExportImport : public testing::Test {
 protected:
  /// A store, and what was exported while it was served.
  void given_a_ledger() {
    ServedLedger server(data_);
    const auto run = [&](std::vector<std::string> arguments) {
      return asked(server, std::move(arguments)).exit_code;
    };
    std::vector<std::string> many{"order", "place", "many"};
    for (int i = 0; i < 10; ++i) {
      const std::string product = "p" + std::to_string(i);
      ASSERT_EQ(run({"product", "register", product, "--stock", "3", "--name", "größe \"L\", 箱"}), 0);
      many.insert(many.end(), {"--line", product + "=2"});
    }
    ASSERT_EQ(run(many), 0);
    ASSERT_EQ(run({"order", "draft", "--line", "p1", "--line", "p2"}), 0);
    ASSERT_EQ(run({"order", "place", "1", "--actor", "Jürgen \"J\""}), 0);
    ASSERT_EQ(run({"order", "draft", "2", "--line", "p3"}), 0);
    ASSERT_EQ(run({"order", "abort", "2", "--reason", "never \"meant\""}), 0);
    ASSERT_EQ(run(abort_many_), 0);
    ASSERT_EQ(run(abort_again_), 3);
    ASSERT_EQ(run({"order", "place", "--line", "p5=4"}), 3);
    ASSERT_EQ(run({"product", "receive", "p5", "1", "--expect-version", "9"}), 4);
    ASSERT_EQ(run({"product", "write-off", "p5", "2", "--reason", "back\\slash"}), 0);
    ASSERT_EQ(run({"order", "fulfil", "1"}), 0);
    ASSERT_EQ(run({"product", "retire", "p1"}), 0);
    ASSERT_EQ(run({"export", served_.string()}), 0);
    answers_ = answers_of(server);
    ASSERT_EQ(server.terminate(), 0);
  }

  ProgramResult asked(const ServedLedger& server, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--server", server.address()});
    return run(arguments);
  }

  /// The ledger's answers about its products and orders, and to commands that are sent again.
  std::string answers_of(const ServedLedger& server) {
    std::string answers;
    for (const std::vector<std::string>& question : {std::vector<std::string>{"product", "list"},
                                                     {"order", "list"},
                                                     {"product", "show", "p5", "--at", "12"},
                                                     {"order", "show", "1"},
                                                     {"explain", "product", "p1"},
                                                     {"events"},
                                                     abort_many_,
                                                     abort_again_}) {
      auto arguments = question;
      arguments.emplace_back("--json");
      answers += asked(server, arguments).out;
    }
    return answers;
  }

  ProgramResult run(const std::vector<std::string>& arguments) { return run_program(arguments, errors_); }
  ProgramResult exported(const fs::path& data) { return run({"export", "--data", data.string()}); }
  ProgramResult imported(const fs::path& file) {
    return run({"import", file.string(), "--data", copy_.string(), "--same-life", "--json"});
  }
  void expect_nothing_left() const {
    EXPECT_FALSE(fs::exists(copy_));
    EXPECT_FALSE(fs::exists(copy_.string() + ".new"));
  }

  const std::vector<std::string> abort_many_{
      "order", "abort", "many", "--expect-version", "1", "--command-id", std::string(kCommandId) + "1"};
  const std::vector<std::string> abort_again_{"order", "abort", "many", "--command-id",
                                              std::string(kCommandId) + "2"};
  TemporaryDirectory directory_;
  fs::path data_ = directory_.path() / "data";
  fs::path copy_ = directory_.path() / "copy";
  fs::path file_ = directory_.path() / "log.jsonl";
  fs::path served_ = directory_.path() / "served.jsonl";
  fs::path errors_ = directory_.path() / "errors";
  std::string answers_;
};

TEST_F(ExportImport, ReproducesExportByteForByte) {
  given_a_ledger();
  const std::string text = exported(data_).out;
  EXPECT_EQ(contents_of(served_), text);
  const ProgramResult import = imported(served_);
  ASSERT_EQ(import.exit_code, 0) << contents_of(errors_);
  EXPECT_THAT(import.out, HasSubstr(R"("events":22,"products":10,"orders":3,)"));
  EXPECT_EQ(exported(copy_).out, text);
  const ProgramResult audit = run({"audit", "--data", copy_.string(), "--json"});
  EXPECT_EQ(audit.exit_code, 0) << audit.out;
}

TEST_F(ExportImport, GivesSameAnswersFromImportedStore) {
  given_a_ledger();
  ASSERT_EQ(imported(served_).exit_code, 0) << contents_of(errors_);
  EXPECT_FALSE(fs::exists(copy_ / "head.key")) << "it gets its own when it is first served";
  ServedLedger server(copy_);
  EXPECT_THAT(server.ready_line(), EndsWith("position=22"));
  EXPECT_EQ(answers_of(server), answers_);
  EXPECT_THAT(asked(server, {"order", "place", "--line", "p5", "--json"}).out, HasSubstr(R"("order":"3")"));
}

TEST_F(ExportImport, BeginsNewLifeForEveryCopy) {
  given_a_ledger();
  std::set<std::string> epochs{"1"};
  for (const char* name : {"one", "two"}) {
    const fs::path copy = directory_.path() / name;
    const ProgramResult import = run({"import", served_.string(), "--data", copy.string(), "--json"});
    ASSERT_EQ(import.exit_code, 0) << contents_of(errors_);
    const boost::json::value report = boost::json::parse(import.out);
    epochs.insert(boost::json::serialize(report.at("epoch")));
    const std::uint64_t epoch = report.at("epoch").to_number<std::uint64_t>();
    ServedLedger server(copy);
    EXPECT_THAT(asked(server, {"order", "place", "--line", "p5", "--json"}).out,
                HasSubstr("\"order\":\"" + std::to_string((epoch - 1) * 1'000'000'000 + 1) + "\""));
  }
  EXPECT_EQ(epochs.size(), 3U);
}

TEST_F(ExportImport, ReadsStandardInputAndReportsResult) {
  given_a_ledger();
  const std::string import = std::string(STOCKFOLD_PROGRAM) + " import - --data " + copy_.string() + " < " +
                             served_.string() + " > " + file_.string();
  ASSERT_EQ(std::system(import.c_str()), 0);  // NOLINT(concurrency-mt-unsafe): no other thread runs here
  EXPECT_THAT(contents_of(file_), StartsWith("imported 22 events in 22 commits; head "));
}

TEST_F(ExportImport, StopsAtRequestedPositionOfServingLedger) {
  std::string until;
  {
    ServedLedger server(data_);
    RunningProgram load({"bench", "--server", server.address(), "--seconds", "60", "--connections", "8",
                         "--depth", "8", "--mix", "place=40,abort=30,fulfil=10,receive=3"});
    const auto client = Client::connect({.port = server.port()}).value();
    while (client->head().value().position < GlobalPosition(2'000)) std::this_thread::yield();
    until = std::to_string(client->head().value().position.value());
    ASSERT_EQ(asked(server, {"export", file_.string(), "--to", until}).exit_code, 0) << contents_of(errors_);
    const ProgramResult all = asked(server, {"export"});  // as far as the log went when the export began
    ASSERT_EQ(all.exit_code, 0) << contents_of(errors_);
    EXPECT_THAT(all.out, StartsWith(contents_of(file_).substr(0, contents_of(file_).rfind("{\"end\""))));
    load.kill();
    ASSERT_EQ(server.terminate(), 0);
  }
  EXPECT_EQ(run({"export", "--data", data_.string(), "--to", until}).out, contents_of(file_));
  const ProgramResult import = imported(file_);
  ASSERT_EQ(import.exit_code, 0) << contents_of(errors_);
  EXPECT_THAT(import.out, HasSubstr("\"position\":" + until));
  EXPECT_EQ(exported(copy_).out, contents_of(file_));
}

TEST_F(ExportImport, StopsAtRequestedTimeOrPosition) {
  given_a_ledger();
  const auto at = [&](const std::string& time) {
    return run({"export", "--data", data_.string(), "--to", time}).out;
  };
  EXPECT_THAT(last_line_of(at("2020-01-01T00:00:00Z")), StartsWith(R"({"end":0,)"));
  EXPECT_THAT(last_line_of(at("2999-01-01T00:00:00Z")), StartsWith(R"({"end":22,)"));
  EXPECT_THAT(last_line_of(at("17")), StartsWith(R"({"end":17,)"));
  EXPECT_EQ(run({"export", "--data", data_.string(), "--to", "23"}).exit_code, 2);
  EXPECT_THAT(contents_of(errors_), HasSubstr("--to: position 23 is beyond the end of the log, 22"));
}

TEST_F(ExportImport, NamesFirstInvalidLineAndLeavesNoStore) {
  given_a_ledger();
  std::string text = contents_of(served_);
  const auto at = text.find("\"stock_after\":1}");
  ASSERT_NE(at, std::string::npos);
  text[at + 14] = '2';
  keep(file_, text);
  EXPECT_EQ(run({"import", file_.string(), "--data", copy_.string()}).exit_code, 5);
  EXPECT_THAT(contents_of(errors_), EndsWith("stockfold: " + file_.string() +
                                             ": line 12: product/p0: expected stock 1 after it, found 2\n"));
  expect_nothing_left();
  const ProgramResult import = imported(file_);
  EXPECT_EQ(import.exit_code, 5);
  EXPECT_EQ(import.out, R"({"ok":false,"line":12,"message":"product/p0: expected stock 1 after it, found 2"})"
                        "\n");
}

TEST_F(ExportImport, RefusesTruncatedFile) {
  given_a_ledger();
  const std::string text = contents_of(served_);
  keep(file_, text.substr(0, text.rfind("{\"end\"")));
  EXPECT_EQ(imported(file_).exit_code, 5);
  expect_nothing_left();
  fs::create_directory(copy_);
  keep(file_, text);
  EXPECT_EQ(imported(file_).exit_code, 0) << "an empty directory will do";
}

TEST_F(ExportImport, ReplacesNothingWithoutForce) {
  given_a_ledger();
  EXPECT_EQ(run({"import", served_.string(), "--data", data_.string()}).exit_code, 1);
  EXPECT_THAT(contents_of(errors_), HasSubstr("is not empty"));
  EXPECT_EQ(run({"import", (directory_.path() / "none").string(), "--data", copy_.string()}).exit_code, 1);
  EXPECT_EQ(run({"import", served_.string()}).exit_code, 2);

  keep(file_, "kept");
  EXPECT_EQ(run({"export", file_.string(), "--data", data_.string()}).exit_code, 1);
  EXPECT_THAT(contents_of(errors_), HasSubstr("exists already"));
  EXPECT_EQ(contents_of(file_), "kept");
  const ProgramResult forced = run({"export", file_.string(), "--data", data_.string(), "--force", "--json"});
  EXPECT_EQ(forced.exit_code, 0) << contents_of(errors_);
  EXPECT_THAT(forced.out, HasSubstr(R"("position":22,"head":")"));
  EXPECT_EQ(contents_of(file_), contents_of(served_));
  EXPECT_EQ(run({"export", "/nonexistent/file", "--data", data_.string()}).exit_code, 1);
}

}  // namespace
}  // namespace stockfold
