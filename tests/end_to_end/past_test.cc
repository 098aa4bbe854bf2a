// The state at earlier positions and times, as users ask for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "end_to_end/program.h"

namespace stockfold {
namespace {

using testing::HasSubstr;
using testing::Not;

/// The text after `"name":`, up to the next comma or brace.
std::string member(const std::string& json, const std::string& name) {
  const std::string key = "\"" + name + "\":";
  const std::size_t at = json.find(key);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + key.size();
  return json.substr(begin, json.find_first_of(",}", begin) - begin);
}

class PastState : public testing::Test {
 protected:
  PastState() {
    run({"product", "register", "A", "--stock", "5"});  // 1
    run({"order", "place", "--line", "A=2"});           // 2
    run({"order", "place", "--line", "A"});             // 3
    run({"order", "abort", "1"});                       // 4
    run({"product", "register", "B"});                  // 5
  }

  ProgramResult run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--server", server_.address(), "--json"});
    return run_program(arguments, errors_);
  }
  [[nodiscard]] std::string errors() const {
    std::ostringstream text;
    text << std::ifstream(errors_).rdbuf();
    return text.str();
  }

  TemporaryDirectory directory_;
  std::filesystem::path errors_ = directory_.path() / "errors";
  ServedLedger server_{directory_.path() / "data"};
};

TEST_F(PastState, IsShownAtEveryPosition) {
  EXPECT_EQ(run({"product", "show", "A", "--at", "0"}).exit_code, 3);
  const std::vector<std::string> stock{"5", "3", "2", "4", "4"};
  for (std::size_t i = 0; i < stock.size(); ++i) {
    const std::string at = std::to_string(i + 1);
    const auto shown = run({"product", "show", "A", "--at", at});
    EXPECT_EQ(shown.exit_code, 0);
    EXPECT_EQ(member(shown.out, "stock"), stock[i]) << "at " << at;
    EXPECT_EQ(member(shown.out, "as_of"), at);
  }
  EXPECT_EQ(run({"order", "show", "1", "--at", "1"}).exit_code, 3);
  EXPECT_EQ(member(run({"order", "show", "1", "--at", "3"}).out, "status"), "\"in_progress\"");
  EXPECT_EQ(member(run({"order", "show", "1", "--at", "4"}).out, "status"), "\"aborted\"");
}

TEST_F(PastState, IsListedAtPosition) {
  EXPECT_EQ(run({"product", "list", "--at", "0"}).out, "");
  EXPECT_THAT(run({"product", "list", "--at", "4"}).out, Not(HasSubstr("\"sku\":\"B\"")));
  EXPECT_THAT(run({"product", "list", "--at", "5"}).out, HasSubstr("\"sku\":\"B\""));
  EXPECT_EQ(run({"order", "list", "--status", "aborted", "--at", "3"}).out, "");
  EXPECT_EQ(member(run({"order", "list", "--status", "aborted", "--at", "4"}).out, "order"), "\"1\"");
  const auto table = run_program({"product", "list", "--at", "2", "--server", server_.address()});
  EXPECT_THAT(table.out, HasSubstr("A        3         5"));
}

TEST_F(PastState, IsReadByTime) {
  const auto placed = run({"events", "--from", "2", "--to", "2"});
  const std::string quoted = member(placed.out, "time");
  const std::string time = quoted.substr(1, quoted.size() - 2);
  const std::string as_of = member(run({"product", "show", "A", "--at", time}).out, "as_of");
  EXPECT_GE(std::stoi(as_of), 2) << "later ones may be of the same millisecond";
  EXPECT_EQ(run({"product", "show", "A", "--at", "2001-01-01T00:00:00Z"}).exit_code, 3);
  EXPECT_EQ(member(run({"product", "show", "A", "--at", "2999-12-31T23:59:59+01:00"}).out, "as_of"), "5");
}

TEST_F(PastState, ReportsInvalidMoment) {
  const auto beyond = run({"product", "list", "--at", "6"});
  EXPECT_EQ(beyond.exit_code, 2);
  EXPECT_THAT(beyond.out, HasSubstr("--at: position 6 is beyond the end of the log, 5"));
  EXPECT_EQ(run({"order", "show", "1", "--at", "yesterday"}).exit_code, 2);
  EXPECT_THAT(errors(), HasSubstr("--at: \"yesterday\" is neither a position nor a time"));
  EXPECT_EQ(run({"order", "list", "--at", "3", "--stale"}).exit_code, 2);
}

// ---- replay -----------------------------------------------------------------------------------------------

class ReplayCommand : public PastState {
 protected:
  ProgramResult replay(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"replay", "--data", data_.string(), "--json"});
    return run_program(arguments, errors_);
  }

  std::filesystem::path data_ = directory_.path() / "data";
};

TEST_F(ReplayCommand, AgreesWithServerAtEveryPosition) {
  std::vector<std::string> listed;
  for (int at = 0; at <= 5; ++at) {
    listed.push_back(run({"product", "list", "--at", std::to_string(at)}).out);
  }
  const std::string time = member(run({"events", "--from", "2", "--to", "2"}).out, "time");
  ASSERT_EQ(server_.terminate(), 0);
  for (std::size_t at = 0; at <= 5; ++at) {
    const auto replayed = replay({"--to", std::to_string(at)});
    EXPECT_EQ(replayed.exit_code, 0);
    EXPECT_TRUE(replayed.out.starts_with(listed[at] + "{\"position\":" + std::to_string(at) + ","))
        << replayed.out;
  }
  const std::string all = replay().out;
  EXPECT_THAT(all, HasSubstr(R"("events":5,"orders":{"draft":0,"in_progress":1,"aborted":1,"fulfilled":0})"));
  EXPECT_EQ(member(replay({"--to", "2001-01-01T00:00:00Z"}).out, "position"), "0");
  EXPECT_THAT(replay({"--to", time.substr(1, time.size() - 2)}).out, HasSubstr("\"sku\":\"A\""));
}

TEST_F(ReplayCommand, PrintsTableAndSummary) {
  ASSERT_EQ(server_.terminate(), 0);
  const auto replayed = run_program({"replay", "--data", data_.string()}, errors_);
  EXPECT_THAT(replayed.out, HasSubstr("SKU  STOCK  RECEIVED"));
  EXPECT_THAT(replayed.out, HasSubstr("\n\nposition  5\nhash      "));
  EXPECT_THAT(replayed.out, HasSubstr("orders    0 draft, 1 in progress, 1 aborted, 0 fulfilled\ntook "));
  EXPECT_EQ(errors(), "") << "progress is for terminals";
}

TEST_F(ReplayCommand, RefusesStoreThatIsInUseOrMissing) {
  const auto in_use = replay();
  EXPECT_EQ(in_use.exit_code, 1);
  EXPECT_THAT(errors(), HasSubstr("another process holds " + data_.string()));
  EXPECT_EQ(run({"product", "show", "A"}).exit_code, 0) << "and the server is none the wiser";
  ASSERT_EQ(server_.terminate(), 0);
  EXPECT_EQ(replay({"--to", "6"}).exit_code, 2);
  EXPECT_THAT(errors(), HasSubstr("--to: position 6 is beyond the end of the log, 5"));
  EXPECT_EQ(run_program({"replay", "--data", (directory_.path() / "none").string()}).exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "none"));
}

}  // namespace
}  // namespace stockfold
