// What a ledger answers when a number is in doubt: explain, events.
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

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// The positions at the beginning of lines of text.
std::vector<int> positions_in(const std::string& text) {
  std::vector<int> positions;
  for (const std::string& line : lines_of(text)) positions.push_back(std::stoi(line));
  return positions;
}

/// The time of an event's line.
std::string time_in(const std::string& line) { return line.substr(10, 24); }

class Queries : public testing::Test {
 protected:
  Queries() {
    run({"product", "register", "A", "--stock", "10", "--name", "Anvil, \"big\"", "--actor", "Jürgen"});
    run({"order", "draft", "1", "--line", "A=2"});
    run({"order", "place", "1"});
    run({"order", "abort", "1", "--reason", "he said \"no\"", "--actor", "bob"});
    run({"order", "abort", "1"});
    run({"product", "write-off", "A", "3"});
  }
  ProgramResult run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--server", server_.address()});
    return run_program(arguments);
  }

  TemporaryDirectory directory_;
  std::filesystem::path data_ = directory_.path() / "data";
  ServedLedger server_{data_};
};

TEST_F(Queries, ExplainStockOfAProduct) {
  const ProgramResult explained = run({"explain", "product", "A"});
  EXPECT_EQ(explained.exit_code, 0);
  EXPECT_THAT(explained.out, HasSubstr("closing      7 at position 6\n"));
  EXPECT_THAT(explained.out, HasSubstr("adds up      yes: 0 + 10 - 3 - 0 - 0 = 7\n"));
  EXPECT_EQ(run({"explain", "product", "A", "--json", "--at", "2"}).out.find("\"taken\""), std::string::npos);
  EXPECT_THAT(run({"explain", "order", "1"}).out, HasSubstr("closing  aborted, version 3 at position 6\n"));
  EXPECT_EQ(run({"explain", "product", "B"}).exit_code, 3);
  EXPECT_EQ(run({"explain", "product", "A", "--at", "noon"}).exit_code, 2);
}

TEST_F(Queries, FindEventsByTypeAndTime) {
  const auto all = lines_of(run({"events"}).out);
  ASSERT_EQ(all.size(), 6U);
  EXPECT_THAT(positions_in(run({"events", "--type", "OrderAborted,CommandRefused"}).out), ElementsAre(4, 5));
  EXPECT_THAT(positions_in(run({"events", "--since", time_in(all[2]), "--limit", "2", "--type",
                                "OrderPlaced,StockWrittenOff"})
                               .out),
              ElementsAre(3, 6));
  EXPECT_EQ(positions_in(run({"events", "--until", time_in(all[2])}).out).back(), 3);
  EXPECT_THAT(positions_in(run({"events", "--at", "2"}).out), ElementsAre(1, 2));
  EXPECT_THAT(positions_in(run({"events", "--at", "3", "--to", "2"}).out), ElementsAre(1, 2));
  EXPECT_EQ(run({"events", "--at", time_in(all[2])}).out, run({"events", "--until", time_in(all[2])}).out);
  EXPECT_THAT(positions_in(run({"events", "--follow", "--since", time_in(all[1]), "--to", "4"}).out),
              ElementsAre(2, 3, 4));
  EXPECT_EQ(run({"events", "--follow", "--from", "999999"}).exit_code, 2) << "that is beyond the end";
  EXPECT_EQ(run({"events", "--type", "Nonsense"}).exit_code, 2);
  EXPECT_EQ(run({"events", "--csv", "--json"}).exit_code, 2);
}

TEST_F(Queries, PrintEventsAsCsv) {
  const auto lines = lines_of(run({"events", "--csv", "--type", "ProductRegistered,OrderAborted"}).out);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[0], HasSubstr("position,time,type,"));
  EXPECT_THAT(lines[1], HasSubstr(",\"Anvil, \"\"big\"\"\",10,10,"));
  EXPECT_THAT(lines[2], HasSubstr(",\"he said \"\"no\"\"\","));
}

TEST_F(Queries, ReadEventsFromStoreWithoutServer) {
  const std::string all = run({"events", "--json"}).out;
  const std::string product = run({"events", "--stream", "product/A", "--json"}).out;
  const std::vector<std::string> offline{"events", "--json", "--data", data_.string()};
  const auto errors = directory_.path() / "errors";
  EXPECT_EQ(run_program(offline, errors).exit_code, 1) << "it is in use";
  std::ostringstream said;
  said << std::ifstream(errors).rdbuf();
  EXPECT_THAT(said.str(), HasSubstr("another process holds " + data_.string()));

  ASSERT_EQ(server_.terminate(), 0);
  EXPECT_EQ(run_program(offline).out, all);
  auto of_product = offline;
  of_product.insert(of_product.end(), {"--stream", "product/A"});
  EXPECT_EQ(run_program(of_product).out, product);
  EXPECT_EQ(run_program({"events", "--data", (directory_.path() / "nowhere").string()}).exit_code, 1);
}

}  // namespace
}  // namespace stockfold
