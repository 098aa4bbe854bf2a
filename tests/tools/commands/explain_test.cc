// Statements over a connection, read in small pages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "server/queries/reads.h"
#include "server/world.h"
#include "tools/commands/answering_ledger.h"
#include "tools/commands/commands.h"
#include "tools/console/exit_code.h"

namespace stockfold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

struct Said {
  int exit_code = -1;
  std::string out;
  std::string errors;

  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    std::istringstream text(out);
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }
};

template <class T>
Reply reply_of(Result<T> answer) {
  return std::move(answer).value();
}

/// Commits at 1,000, 2,000 … ms, one command each.
class Explain : public testing::Test {
 protected:
  Explain() {
    happens(register_product("A", 10));                                             // 1
    happens(register_product("B", 5));                                              // 2
    happens(place("1", {{sku("A"), 3}, {sku("B"), 2}}));                            // 3
    happens({.body = DraftOrder{order_id("7"), {{sku("A"), 1}}}, .actor = "bob"});  // 4
    happens(place("7", {}));                                                        // 5
    happens({.body = AbortOrder{order_id("7"), "said \"no\", über"}});              // 6
    happens({.body = WriteOffStock{sku("A"), 2, "broken"}});                        // 7
    happens(fulfil_order("1"));                                                     // 8
    happens(receive("B", 4));                                                       // 9
    happens({.body = RetireProduct{sku("A")}});                                     // 10
    world_.catch_up();
  }

  Said explain(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--server", "127.0.0.1:" + std::to_string(server_.port())});
    Said said;
    CLI::App app;
    add_explain(app, said.exit_code);
    arguments.insert(arguments.begin(), "explain");
    std::ranges::reverse(arguments);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    app.parse(arguments);
    std::fflush(stdout);
    said.out = testing::internal::GetCapturedStdout();
    said.errors = testing::internal::GetCapturedStderr();
    return said;
  }

  /// Changes what is read of the log.
  std::function<void(RecordedEvent&)> damage_ = [](RecordedEvent&) {};

 private:
  void happens(Command command) {
    EXPECT_FALSE(admit(command));
    auto ledger = Ledger::open(world_.log, world_.views, {}).value();
    now_ += 1'000;
    EXPECT_TRUE(accepted(ledger->execute({&command, 1}, UnixMillis(now_)).answers.front()));
    world_.catch_up();
  }

  Reply answer(const Request& request) {
    if (const auto* events = std::get_if<ReadEvents>(&request)) {
      ReadEvents page = *events;
      page.limit = std::min(page.limit, 2U);
      Reply reply = reply_of(read(world_.views, world_.log, page));
      std::ranges::for_each(std::get<EventsReply>(reply).events, damage_);
      return reply;
    }
    if (const auto* find = std::get_if<FindPosition>(&request)) return reply_of(read(world_.log, *find));
    if (const auto* show = std::get_if<ShowProduct>(&request)) {
      return reply_of(read(world_.views, *show, world_.log.head().position));
    }
    return ErrorReply{ErrorCode::invalid_argument, "not expected here", false};
  }

  World world_;
  std::int64_t now_ = 0;
  AnsweringLedger server_{[this](const Request& request) { return answer(request); }};
};

TEST_F(Explain, PrintsProductLikeBankStatement) {
  const Said said = explain({"product", "A"});
  EXPECT_EQ(said.exit_code, kDone);
  const auto lines = said.lines();
  ASSERT_EQ(lines.size(), 16U);
  EXPECT_EQ(lines[0], "product      A");
  EXPECT_EQ(lines[1], "opening      0 before position 1");
  EXPECT_THAT(lines[2], StartsWith("POSITION  TIME"));
  EXPECT_EQ(lines[3], "       1  1970-01-01T00:00:01.000Z  registered  -         10     +10       10  -");
  EXPECT_EQ(lines[6],
            "       6  1970-01-01T00:00:06.000Z  given_back  7          1      +1        7  -"
            "           \"said \"no\", über\"");
  EXPECT_EQ(lines[10], "closing      5 at position 10");
  EXPECT_EQ(lines[15], "adds up      yes: 0 + 10 - 2 - 0 - 3 = 5");
}

TEST_F(Explain, PrintsPeriodWithItsOpeningBalance) {
  for (const auto& period : std::vector<std::vector<std::string>>{
           {"--from", "5", "--at", "7"},
           {"--from", "1970-01-01T00:00:05Z", "--at", "1970-01-01T00:00:07.999Z"}}) {
    std::vector<std::string> arguments{"product", "A", "--csv"};
    arguments.insert(arguments.end(), period.begin(), period.end());
    EXPECT_THAT(
        explain(arguments).lines(),
        ElementsAre("position,time,what,order,units,change,balance,version,command_id,actor,reason",
                    "5,,opening,,,,7,,,,", "5,1970-01-01T00:00:05.000Z,taken,7,1,-1,6,3,,,",
                    "6,1970-01-01T00:00:06.000Z,given_back,7,1,1,7,4,,,\"said \"\"no\"\", über\"",
                    "7,1970-01-01T00:00:07.000Z,written_off,,2,-2,5,5,,,broken", "7,,closing,,,,5,,,,"));
  }
}

TEST_F(Explain, PrintsStockWhenNothingMoved) {
  const auto stock = [&](const std::string& from, const std::string& at) {
    return explain({"product", "A", "--from", from, "--at", at, "--json"}).lines();
  };
  EXPECT_THAT(stock("2", "2").front(), HasSubstr(R"("balance":10)")) << "what is before the next movement";
  EXPECT_THAT(stock("4", "4").back(), HasSubstr(R"("balance":7,"movements":0)"));
  EXPECT_THAT(stock("11", "20").back(), HasSubstr(R"("balance":5,"movements":0)")) << "what is there now";
  EXPECT_THAT(explain({"product", "B", "--at", "1", "--json"}).lines().back(), HasSubstr(R"("balance":0)"));
}

TEST_F(Explain, ContinuesAfterTheLimit) {
  const Said said = explain({"product", "A", "--limit", "3"});
  EXPECT_THAT(said.out, HasSubstr("closing      6 at position 5\n"));
  EXPECT_EQ(said.errors, "more with --from 6\n");
  EXPECT_THAT(explain({"product", "A", "--from", "6"}).out, HasSubstr("opening      6 before position 6\n"));
}

TEST_F(Explain, PrintsOneJsonObjectPerLine) {
  const auto lines = explain({"product", "A", "--json", "--from", "8"}).lines();
  EXPECT_THAT(
      lines,
      ElementsAre(
          R"({"entry":"opening","product":"A","from":8,"balance":5})",
          R"({"entry":"movement","position":8,"time":"1970-01-01T00:00:08.000Z","what":"made_final","order":"1",)"
          R"("units":3,"change":0,"balance":5,"version":6,"command_id":null,"actor":null,"reason":null})",
          R"({"entry":"movement","position":10,"time":"1970-01-01T00:00:10.000Z","what":"retired","order":null,)"
          R"("units":0,"change":0,"balance":5,"version":7,"command_id":null,"actor":null,"reason":null})",
          R"({"entry":"closing","product":"A","to":10,"balance":5,"movements":2,"received":0,"written_off":0,)"
          R"("in_progress":-3,"fulfilled":3,"adds_up":true})"));
}

TEST_F(Explain, NamesEventThatDoesNotAddUp) {
  damage_ = [](RecordedEvent& event) {
    if (auto* written_off = std::get_if<StockWrittenOff>(&event.event)) ++written_off->stock_after;
  };
  const Said said = explain({"product", "A"});
  EXPECT_EQ(said.exit_code, kUntrusted);
  EXPECT_EQ(said.errors, "stockfold: product/A: expected stock after it 5, found 6 at position 7\n");
  EXPECT_THAT(said.out, HasSubstr("given_back")) << "what came before is told";
}

TEST_F(Explain, PrintsOrderHistory) {
  const auto lines = explain({"order", "7"}).lines();
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_EQ(lines[1], "opening  none before position 1");
  EXPECT_EQ(lines[3],
            "       4  1970-01-01T00:00:04.000Z  drafted        1  A        1       0      -  -"
            "           bob");
  EXPECT_EQ(lines[4], "       5  1970-01-01T00:00:05.000Z  placed         2  A        1      -1      6  -");
  EXPECT_EQ(lines[6], "closing  aborted, version 3 at position 10");
  const auto csv = explain({"order", "1", "--csv", "--from", "4"}).lines();
  EXPECT_THAT(
      csv,
      ElementsAre(
          "position,time,what,status,version,sku,units,change,stock_after,command_id,actor,reason",
          "4,,opening,in_progress,1,,,,,,,", "8,1970-01-01T00:00:08.000Z,fulfilled,fulfilled,2,A,3,0,5,,,",
          "8,1970-01-01T00:00:08.000Z,fulfilled,fulfilled,2,B,2,0,3,,,", "10,,closing,fulfilled,2,,,,,,,"));
  EXPECT_THAT(explain({"order", "7", "--at", "3", "--json"}).lines().back(), HasSubstr(R"("status":null)"));
}

TEST_F(Explain, RejectsImpossibleOrderEvent) {
  damage_ = [](RecordedEvent& event) {
    if (event.position == GlobalPosition(6)) event.version = StreamVersion(4);
  };
  const Said said = explain({"order", "7"});
  EXPECT_EQ(said.exit_code, kUntrusted);
  EXPECT_EQ(said.errors, "stockfold: order/7: expected version 3, found 4 at position 6\n");
}

TEST_F(Explain, RefusesUnknownProductAndOrder) {
  EXPECT_EQ(explain({"product", "NONE"}).exit_code, kRefused);
  EXPECT_EQ(explain({"order", "NONE"}).exit_code, kRefused);
}

}  // namespace
}  // namespace stockfold
