// The commands, exit codes and lines that scripts rely on.
#include "end_to_end/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "storage/golden.h"

namespace stockfold {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

class Program : public testing::Test {
 protected:
  ProgramResult run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--server", server_.address()});
    std::filesystem::remove(errors_);
    return run_program(arguments, errors_);
  }
  /// The stderr of the latest run.
  [[nodiscard]] std::string said() const { return read_bytes(errors_); }

  TemporaryDirectory directory_;
  std::filesystem::path errors_ = directory_.path() / "errors";
  ServedLedger server_{directory_.path() / "data"};
};

TEST_F(Program, PrintsItsAddressesInOneLine) {
  EXPECT_THAT(server_.ready_line(),
              MatchesRegex("ready tcp=127\\.0\\.0\\.1:[0-9]+ http=127\\.0\\.0\\.1:[0-9]+ position=0"));
}

TEST_F(Program, ExitsCleanlyOnSigterm) { EXPECT_EQ(server_.terminate(), 0); }

TEST_F(Program, ExitsCleanlyOnSigintAndKeepsAnsweredCommands) {
  ASSERT_EQ(run({"product", "register", "A"}).exit_code, 0);
  EXPECT_EQ(server_.interrupt(), 0);
  ServedLedger again(directory_.path() / "data");
  EXPECT_THAT(again.ready_line(), HasSubstr("position=1"));
  EXPECT_THAT(read_bytes(directory_.path() / "serve.log"), Not(HasSubstr("torn")));
}

TEST_F(Program, RefusesSecondServerOnSameDirectory) {
  const auto errors = directory_.path() / "errors";
  const auto second = run_program({"serve", "--data", (directory_.path() / "data").string(), "--listen",
                                   "127.0.0.1:0", "--http", "127.0.0.1:0"},
                                  errors);
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_EQ(second.out, "");
  EXPECT_GT(std::filesystem::file_size(errors), 0U);
}

TEST_F(Program, RunsOrderFromPlacementToAbort) {
  EXPECT_EQ(run({"product", "register", "A", "--name", "Anvil", "--stock", "2"}).exit_code, 0);
  EXPECT_EQ(run({"order", "place", "--line", "A=2"}).exit_code, 0);
  EXPECT_EQ(run({"order", "place", "--line", "A"}).exit_code, 3);
  EXPECT_EQ(run({"order", "abort", "1", "--actor", "alice"}).exit_code, 0);
  EXPECT_EQ(run({"order", "abort", "1"}).exit_code, 3);
  EXPECT_EQ(run({"order", "abort", "1", "--expect-version", "1"}).exit_code, 4);
  EXPECT_THAT(run({"product", "show", "A", "--json"}).out, HasSubstr("\"stock\":2"));
  EXPECT_THAT(run({"order", "show", "1", "--json"}).out, HasSubstr("\"status\":\"aborted\""));
}

TEST_F(Program, RefusesCommandForAnotherLife) {
  ASSERT_EQ(run({"product", "register", "A", "--stock", "1"}).exit_code, 0);
  const std::string head = run({"head"}).out;
  const std::string life = head.substr(head.find("\"ledger\":\"") + 10, 8) + ".1";
  EXPECT_EQ(run({"order", "place", "--line", "A", "--life", "00000000.1"}).exit_code, 3);
  EXPECT_THAT(
      said(),
      HasSubstr("refused: the request is for ledger life 00000000.1, but the ledger is at life " + life));
  EXPECT_THAT(run({"product", "show", "A", "--json", "--life", "00000000.1"}).out,
              testing::StartsWith(R"({"ok":false,"error":"another_life",)"));
  EXPECT_EQ(run({"order", "place", "--line", "A", "--life", "x"}).exit_code, 2);
  EXPECT_EQ(run({"order", "place", "--line", "A", "--life", life}).exit_code, 0);
}

TEST_F(Program, PrintsDocumentedJson) {
  run({"product", "register", "A", "--stock", "1"});
  EXPECT_THAT(run({"order", "place", "--line", "A", "--json"}).out,
              HasSubstr("{\"ok\":true,\"order\":\"1\",\"status\":\"in_progress\",\"version\":1,\"position\":"
                        "2,\"replayed\":false,"
                        "\"stock\":{\"A\":0}"));
  EXPECT_THAT(run({"order", "place", "--line", "A", "--json"}).out,
              HasSubstr("{\"ok\":false,\"error\":\"insufficient_stock\""));
}

TEST_F(Program, ListsProductMovementsByDay) {
  run({"product", "register", "A", "--stock", "5"});
  run({"order", "place", "1", "--line", "A=2"});
  run({"order", "abort", "1"});
  const auto movements = run({"product", "movements", "A", "--json"});
  EXPECT_EQ(movements.exit_code, 0);
  EXPECT_THAT(movements.out, HasSubstr("\"placed\":2,\"aborted\":2,\"fulfilled\":0,\"received\":5,"));
  const std::string csv = run({"product", "movements", "A", "--csv"}).out;
  EXPECT_THAT(csv, StartsWith("day,placed,aborted,fulfilled,received,written_off,events,"));
  EXPECT_THAT(csv, EndsWith(",2,2,0,5,0,3,0,0,0,0,0\n"));
  const std::string table = run({"product", "movements", "A", "--since", "2020-01-01T00:00:00Z"}).out;
  EXPECT_THAT(table, HasSubstr("\ntotal            2        2          0         5            0         0    "
                               "    0            0       3\n"));
  EXPECT_EQ(run({"product", "movements", "A", "--until", "1999-12-31", "--json"}).out, "");
  EXPECT_EQ(run({"product", "movements", "B"}).exit_code, 3);
  EXPECT_EQ(run({"product", "movements", "A", "--since", "yesterday"}).exit_code, 2);
}

TEST_F(Program, ListsProductMovementsByDayOfZone) {
  run({"product", "register", "A", "--stock", "5"});
  run({"order", "place", "1", "--line", "A=2"});
  const auto in = [this](const std::string& zone, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"product", "movements", "A", "--zone", zone});
    return run(more);
  };
  const std::string line = in("Asia/Kathmandu", {"--json"}).out;
  EXPECT_THAT(line, StartsWith(R"({"sku":"A","zone":"Asia/Kathmandu","day":")"));
  EXPECT_THAT(line, HasSubstr(R"(T18:15:00.000Z","placed":2,"aborted":0,"fulfilled":0,"received":5,)"));
  EXPECT_THAT(in("Asia/Kathmandu", {"--csv"}).out, EndsWith(",2,0,0,5,0,2,0,0,0,0,0\n"));
  EXPECT_THAT(in("Asia/Kathmandu").out, HasSubstr("\ntotal            2        0          0         5"));
  EXPECT_EQ(in("Asia/Kathmandu", {"--to", "1999-12-31", "--json"}).out, "");
  EXPECT_THAT(in("Asia/Kathmandu", {"--from", "2020-01-01", "--json"}).out, line);

  const auto unknown = in("Europe/Atlantis", {"--json"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.out, HasSubstr("there is no time zone \\\"Europe/Atlantis\\\""));
  EXPECT_EQ(in("").exit_code, 2);
  EXPECT_EQ(in("UTC", {"--from", "2020-01-01T00:00:00Z"}).exit_code, 2);
  EXPECT_EQ(in("UTC", {"--since", "2020-01-01"}).exit_code, 2);
  EXPECT_EQ(run({"product", "movements", "B", "--zone", "UTC"}).exit_code, 3);
}

TEST_F(Program, ReadsNumbersInDecimalDigits) {
  EXPECT_EQ(run({"product", "register", "A", "--stock", "010"}).exit_code, 0);
  EXPECT_THAT(run({"product", "show", "A", "--json"}).out, HasSubstr("\"stock\":10,"));
}

TEST_F(Program, RefusesIdMadeOfDotsAlone) {
  for (const std::string dots : {".", ".."}) {
    EXPECT_EQ(run({"product", "register", dots}).exit_code, 2);
    EXPECT_THAT(said(), HasSubstr("sku must not be made of dots alone"));
    EXPECT_EQ(run({"order", "place", dots, "--line", "A"}).exit_code, 2);
    EXPECT_EQ(run({"order", "abort", dots}).exit_code, 3) << "there may be an old one";
  }
}

TEST_F(Program, AcceptsOrderIdThatLooksLikeAnOption) {
  run({"product", "register", "A", "--stock", "5"});
  const auto ask = [this](std::vector<std::string> arguments, const std::vector<std::string>& rest) {
    arguments.insert(arguments.end(), {"--server", server_.address()});
    arguments.insert(arguments.end(), rest.begin(), rest.end());
    return run_program(arguments);
  };
  EXPECT_EQ(ask({"order", "place", "--line", "A"}, {"--", "-h"}).exit_code, 0);
  EXPECT_THAT(ask({"order", "show", "--json"}, {"--", "-h"}).out, HasSubstr("\"order\":\"-h\""));
  EXPECT_EQ(ask({"order", "abort"}, {"--", "-h"}).exit_code, 0);
  EXPECT_THAT(ask({"explain", "order", "--json"}, {"--", "-h"}).out, HasSubstr("\"aborted\""));
}

TEST_F(Program, ExportsToStdoutForDash) {
  run({"product", "register", "A"});
  EXPECT_EQ(run({"export", "-"}).out, run({"export"}).out);
  EXPECT_THAT(run({"export", "-"}).out, HasSubstr("ProductRegistered"));
  EXPECT_FALSE(std::filesystem::exists("-"));
}

TEST_F(Program, ReturnsSameAnswerForSameCommandId) {
  const std::vector<std::string> command{
      "product", "register", "A", "--command-id", "6f1f2a34-0000-4000-8000-000000000001", "--json"};
  EXPECT_THAT(run(command).out, HasSubstr("\"replayed\":false"));
  const auto again = run(command);
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.out, HasSubstr("\"replayed\":true"));
}

TEST_F(Program, NamesInvalidArgument) {
  const auto expect_wrong = [this](const std::vector<std::string>& arguments, const char* named) {
    const auto wrong = run(arguments);
    EXPECT_EQ(wrong.exit_code, 2) << testing::PrintToString(arguments);
    EXPECT_EQ(wrong.out, "") << testing::PrintToString(arguments);
    EXPECT_THAT(said(), AllOf(StartsWith("stockfold: "), HasSubstr(named)));
  };
  expect_wrong({"product", "receive", "A", "0"}, "N: ");
  expect_wrong({"product", "receive", "A", "many"}, "N: ");
  expect_wrong({"product", "register", "A", "--stock", "-1"}, "--stock");
  expect_wrong({"product", "register", "not\ta sku"}, "SKU: ");
  expect_wrong({"product", "register", "Mu\xCC\x88tze"}, "sku must be in Unicode's normal form NFC");
  expect_wrong({"order", "place", "--line", "A=x"}, "--line");
  expect_wrong({"order", "place", "--line", "A=B"}, "--line: \"B\" is not a whole number");
  expect_wrong({"order", "place", "--line", "A", "B"}, "ORDER: \"B\" follows a line");
  expect_wrong({"order", "draft", "--line", "A", "--line", "B", "C"}, "ORDER: \"C\" follows a line");
  expect_wrong({"product", "register", "A", "--stock", ""}, "--stock");
  expect_wrong({"product", "receive", "A", ""}, "N: ");
  expect_wrong({"product", "receive", "A", "1.5"}, "N: ");
  expect_wrong({"order", "place"}, "order");
  expect_wrong({"order", "abort", "1", "--expect-version", "x"}, "--expect-version: ");
  expect_wrong({"order", "abort", "1", "--command-id", "x"}, "--command-id");
  expect_wrong({"order", "list", "--status", "lost"}, "--status");
  expect_wrong({"order", "list", "--limit", "x"}, "--limit");
  expect_wrong({"order", "show", "1", "--at", "tomorrow"}, "--at");
  expect_wrong({"order", "show"}, "ORDER");
  expect_wrong({"order", "nonsense"}, "\"nonsense\" is not known");
  expect_wrong({"nonsense"}, "\"nonsense\" is not known");
  expect_wrong({"product", "list", "--nonsense"}, "--nonsense");
}

TEST_F(Program, ListsOrdersOfAProduct) {
  for (const char* product : {"A", "B"}) run({"product", "register", product, "--stock", "9"});
  run({"order", "place", "1", "--line", "A"});
  run({"order", "place", "2", "--line", "B"});
  run({"order", "place", "3", "--line", "A", "--line", "B"});
  run({"order", "draft", "4", "--line", "B=2"});
  const auto listed = [this](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"order", "list", "--json"});
    const auto result = run(arguments);
    EXPECT_EQ(result.exit_code, 0) << said();
    std::string orders;
    for (std::size_t at = 0; (at = result.out.find("\"order\":\"", at)) != std::string::npos; ++at)
      orders += result.out[at + 9];
    return orders;
  };
  EXPECT_EQ(listed({}), "1234");
  EXPECT_EQ(listed({"--product", "A"}), "13");
  EXPECT_EQ(listed({"--product", "B"}), "234");
  EXPECT_EQ(listed({"--product", "B", "--status", "draft"}), "4");
  EXPECT_EQ(listed({"--product", "B", "--from", "3"}), "34");
  EXPECT_EQ(listed({"--product", "B", "--limit", "1"}), "2");
  EXPECT_EQ(listed({"--product", "C"}), "");
}

TEST_F(Program, WaitsForMinPositionOfARead) {
  run({"product", "register", "A", "--stock", "9"});
  for (const std::vector<std::string>& read :
       {std::vector<std::string>{"product", "show", "A"}, {"product", "list"}, {"order", "list"}}) {
    auto words = read;
    words.insert(words.end(), {"--min-position", "1", "--json"});
    EXPECT_EQ(run(words).exit_code, 0) << said();
  }
  EXPECT_EQ(run({"order", "list", "--min-position", "2", "--timeout", "0.2"}).exit_code, 1);
  EXPECT_NE(said(), "");

  // The position does not exist yet when the read arrives, so the read waits.
  std::string waited;
  std::thread waiting([&] {
    waited =
        run_program({"product", "show", "A", "--min-position", "2", "--json", "--server", server_.address()})
            .out;
  });
  EXPECT_EQ(run({"product", "receive", "A", "1"}).exit_code, 0);
  waiting.join();
  EXPECT_THAT(waited, HasSubstr("\"stock\":10"));
}

TEST(ProgramWithoutServer, ListsEverySubcommandAndExitCodeInHelp) {
  const auto help = run_program({"help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* name :
       {"serve", "config", "product", "order", "events", "replay", "explain", "rebuild", "audit", "repair",
        "head", "export", "import", "token", "backup", "restore", "bench", "help"})
    EXPECT_THAT(help.out, HasSubstr("\n  " + std::string(name) + " "));
  for (const char* code : {"0  done", "1  could not", "2  wrong usage", "3  refused by a rule",
                           "4  version conflict", "5  integrity violated"})
    EXPECT_THAT(help.out, HasSubstr("\n  " + std::string(code)));
  EXPECT_EQ(run_program({"--help"}).out, help.out);
  const auto of_one = run_program({"help", "order", "list"});
  EXPECT_EQ(of_one.exit_code, 0);
  EXPECT_THAT(of_one.out, AllOf(HasSubstr("Usage: stockfold order list"), HasSubstr("--product SKU")));
  EXPECT_THAT(of_one.out, Not(HasSubstr("Exit codes")));
  EXPECT_EQ(run_program({"help", "nonsense"}).exit_code, 2);
}

TEST(ProgramWithoutServer, FailsWhenServerIsUnreachable) {
  EXPECT_EQ(run_program({"product", "list", "--server", "127.0.0.1:1"}).exit_code, 1);
}

TEST_F(Program, LetsOneOfManyProcessesAbortAnOrder) {
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
