// Ids as shops have them, from the command line to an exported and imported log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <vector>

#include "end_to_end/program.h"

namespace stockfold {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

class ShopIds : public testing::TestWithParam<std::string> {
 protected:
  static ProgramResult asked(const ServedLedger& server, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--server", server.address()});
    return run_program(arguments);
  }
  [[nodiscard]] std::string path(const char* name) const { return (directory_.path() / name).string(); }

  TemporaryDirectory directory_;
};

TEST_P(ShopIds, WorkInEverySubcommand) {
  const std::string& id = GetParam();
  const std::string as_json = json::serialize(json::value(id));
  ServedLedger server(path("data"));
  const auto run = [&](const std::vector<std::string>& arguments) { return asked(server, arguments); };
  const auto done = [&](const std::vector<std::string>& arguments) {
    EXPECT_EQ(run(arguments).exit_code, 0) << testing::PrintToString(arguments);
  };
  done({"product", "register", id, "--stock", "9"});
  done({"product", "receive", id, "2"});
  done({"product", "write-off", id, "1"});
  done({"order", "draft", id, "--line", id + "=3"});
  done({"order", "place", id});
  done({"order", "abort", id});
  done({"order", "place", "--line", id + "=4"});
  done({"order", "fulfil", "1"});
  EXPECT_THAT(run({"product", "show", id, "--json"}).out, HasSubstr("\"stock\":6,"));
  EXPECT_THAT(run({"product", "show", id}).out, HasSubstr(id));
  EXPECT_THAT(run({"order", "show", id, "--json"}).out, HasSubstr(as_json));
  EXPECT_THAT(run({"product", "list", "--json"}).out, HasSubstr(as_json));
  EXPECT_THAT(run({"product", "list", "--from", id}).out, HasSubstr(id));
  EXPECT_THAT(run({"order", "list", "--product", id, "--json"}).out, HasSubstr(as_json));
  EXPECT_THAT(run({"product", "movements", id, "--json"}).out, HasSubstr("\"placed\":7,"));
  EXPECT_THAT(run({"explain", "product", id}).out, HasSubstr(id));
  EXPECT_THAT(run({"explain", "order", id, "--json"}).out, HasSubstr(as_json));
  const std::string events = run({"events", "--stream", "product/" + id}).out;
  EXPECT_EQ(std::ranges::count(events, '\n'), 7);
  EXPECT_EQ(run({"events", "--stream", "order/" + id, "--csv"}).exit_code, 0);
  done({"product", "retire", id});
}

TEST_P(ShopIds, AreTheSameAfterExportAndImport) {
  const std::string& id = GetParam();
  std::string head;
  std::string products;
  {
    ServedLedger server(path("data"));
    asked(server, {"product", "register", id, "--stock", "9"});
    asked(server, {"order", "place", id, "--line", id + "=2"});
    asked(server, {"order", "place", id, "--line", id + "=2"});
    head = asked(server, {"head"}).out;
    products = asked(server, {"product", "list", "--json"}).out;
    ASSERT_EQ(asked(server, {"export", path("log.jsonl")}).exit_code, 0);
  }
  ASSERT_EQ(run_program({"import", path("log.jsonl"), "--data", path("imported")}).exit_code, 0);
  ServedLedger again(path("imported"));
  EXPECT_EQ(json::parse(asked(again, {"head"}).out).at("hash"), json::parse(head).at("hash"));
  EXPECT_EQ(asked(again, {"product", "list", "--json"}).out, products);
  EXPECT_THAT(asked(again, {"order", "show", id, "--json"}).out, HasSubstr(json::serialize(json::value(id))));
}

INSTANTIATE_TEST_SUITE_P(Catalogs, ShopIds,
                         testing::Values("Schraube M8/40", "T-Shirt rot #3", "M\xC3\xBCtze", "A&B+C=D",
                                         "100 % Wolle", "5\" Rohr, \\", "[A,B]", "/", "=", "order/1",
                                         std::string(128, '#')),
                         [](const auto& of) { return std::to_string(of.index); });

}  // namespace
}  // namespace stockfold
