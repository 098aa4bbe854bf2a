// The commands, exit codes and lines that scripts rely on.
#include "end_to_end/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace stockfold {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

class Program : public testing::Test {
 protected:
  ProgramResult run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--server", server_.address()});
    return run_program(arguments);
  }

  TemporaryDirectory directory_;
  ServedLedger server_{directory_.path() / "data"};
};

TEST_F(Program, SaysWhereItListensInExactlyOneLine) {
  EXPECT_THAT(server_.ready_line(),
              MatchesRegex("ready tcp=127\\.0\\.0\\.1:[0-9]+ http=127\\.0\\.0\\.1:[0-9]+ position=0"));
}

TEST_F(Program, EndsCleanlyOnSigterm) { EXPECT_EQ(server_.terminate(), 0); }

TEST_F(Program, RefusesASecondServeOnTheSameDirectory) {
  const auto errors = directory_.path() / "errors";
  const auto second = run_program({"serve", "--data", (directory_.path() / "data").string(), "--listen",
                                   "127.0.0.1:0", "--http", "127.0.0.1:0"},
                                  errors);
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_EQ(second.out, "");
  EXPECT_GT(std::filesystem::file_size(errors), 0U);
}

TEST_F(Program, WalksThroughTheLifeOfAnOrder) {
  EXPECT_EQ(run({"product", "register", "A", "--name", "Anvil", "--stock", "2"}).exit_code, 0);
  EXPECT_EQ(run({"order", "place", "--line", "A=2"}).exit_code, 0);
  EXPECT_EQ(run({"order", "place", "--line", "A"}).exit_code, 3);
  EXPECT_EQ(run({"order", "abort", "1", "--actor", "alice"}).exit_code, 0);
  EXPECT_EQ(run({"order", "abort", "1"}).exit_code, 3);
  EXPECT_EQ(run({"order", "abort", "1", "--expect-version", "1"}).exit_code, 4);
  EXPECT_THAT(run({"product", "show", "A", "--json"}).out, HasSubstr("\"stock\":2"));
  EXPECT_THAT(run({"order", "show", "1", "--json"}).out, HasSubstr("\"status\":\"aborted\""));
}

TEST_F(Program, PrintsTheContractsShapesUnderJson) {
  run({"product", "register", "A", "--stock", "1"});
  EXPECT_THAT(run({"order", "place", "--line", "A", "--json"}).out,
              HasSubstr("{\"ok\":true,\"order\":\"1\",\"status\":\"in_progress\",\"version\":1,\"position\":"
                        "2,\"replayed\":false,"
                        "\"stock\":{\"A\":0}"));
  EXPECT_THAT(run({"order", "place", "--line", "A", "--json"}).out,
              HasSubstr("{\"ok\":false,\"error\":\"insufficient_stock\""));
}

TEST_F(Program, SaysWhatMovedOnWhichDay) {
  run({"product", "register", "A", "--stock", "5"});
  run({"order", "place", "1", "--line", "A=2"});
  run({"order", "abort", "1"});
  const auto movements = run({"product", "movements", "A", "--json"});
  EXPECT_EQ(movements.exit_code, 0);
  EXPECT_THAT(movements.out, HasSubstr("\"placed\":2,\"aborted\":2,\"fulfilled\":0,\"received\":5,"));
  const std::string csv = run({"product", "movements", "A", "--csv"}).out;
  EXPECT_THAT(csv, StartsWith("day,placed,aborted,fulfilled,received,written_off,events\n"));
  EXPECT_THAT(csv, EndsWith(",2,2,0,5,0,3\n"));
  const std::string table = run({"product", "movements", "A", "--since", "2020-01-01T00:00:00Z"}).out;
  EXPECT_THAT(table, HasSubstr("\ntotal            2        2          0         5            0       3\n"));
  EXPECT_EQ(run({"product", "movements", "A", "--until", "1999-12-31", "--json"}).out, "");
  EXPECT_EQ(run({"product", "movements", "B"}).exit_code, 3);
  EXPECT_EQ(run({"product", "movements", "A", "--since", "yesterday"}).exit_code, 2);
}

TEST_F(Program, GivesTheSameAnswerToTheSameCommandId) {
  const std::vector<std::string> command{
      "product", "register", "A", "--command-id", "6f1f2a34-0000-4000-8000-000000000001", "--json"};
  EXPECT_THAT(run(command).out, HasSubstr("\"replayed\":false"));
  const auto again = run(command);
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.out, HasSubstr("\"replayed\":true"));
}

TEST_F(Program, NamesTheArgumentThatIsWrong) {
  const auto errors = directory_.path() / "errors";
  const auto wrong = run_program({"product", "receive", "A", "0", "--server", server_.address()}, errors);
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_EQ(run({"order", "place", "--line", "A=x"}).exit_code, 2);
  EXPECT_EQ(run({"order", "nonsense"}).exit_code, 2);
}

TEST(ProgramAlone, SaysWhenThereIsNoServer) {
  EXPECT_EQ(run_program({"product", "list", "--server", "127.0.0.1:1"}).exit_code, 1);
}

TEST_F(Program, LetsOnlyOneOfManyProcessesAbortAnOrder) {
  run({"product", "register", "A", "--stock", "1"});
  for (int round = 0; round < 10; ++round) {
    const std::string order = "round-" + std::to_string(round);
    ASSERT_EQ(run({"order", "place", order, "--line", "A"}).exit_code, 0);
    std::atomic<int> aborted = 0;
    std::atomic<int> refused = 0;
    std::vector<std::thread> racers;
    for (int i = 0; i < 8; ++i) {
      racers.emplace_back([&] {
        const int exit_code = run({"order", "abort", order}).exit_code;
        if (exit_code == 0) ++aborted;
        if (exit_code == 3) ++refused;
      });
    }
    for (std::thread& racer : racers) racer.join();
    EXPECT_EQ(aborted, 1);
    EXPECT_EQ(refused, 7);
  }
  EXPECT_THAT(run({"product", "show", "A", "--json"}).out, HasSubstr("\"stock\":1"));
}

}  // namespace
}  // namespace stockfold
